//! `seawall worker enrol`: a key of this machine's own, and a server that knows it from now on.

use clap::Args;
use serde_json::json;

use super::HomeArguments;
use crate::cli::{Exit, Failure};
use crate::link::agent::{Asked, EnrolError, enrol};
use crate::link::token::Token;

pub const EXAMPLES: &str = "\
Examples:
  seawall worker enrol --server https://deploy.example:10943 --token swe1.… --pool linux
  seawall worker enrol --server https://deploy.example:10943 --token swe1.… --address build-7.example:10933
  seawall worker enrol --server https://deploy.example:10943 --token swe1.… --role web

With --role this machine is a deployment target: steps for that role run on it.
With --address the server dials this machine; without it this machine dials the server.
`seawall worker token` makes the token; it is good for one worker.";

#[derive(Debug, Args)]
pub struct Arguments {
    /// The server's port for workers, as `seawall serve --workers` prints it
    #[arg(long, value_name = "URL")]
    server: String,
    /// The token; better in the environment than on the command line
    #[arg(
        long,
        env = "SEAWALL_ENROLMENT_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    token: String,
    /// The pools to join, of those that the token is for; all of them without it
    #[arg(long = "pool", value_name = "NAME")]
    pools: Vec<String>,
    /// Be a deployment target with this role, instead of a worker
    #[arg(long = "role", value_name = "ROLE", conflicts_with = "pools")]
    roles: Vec<String>,
    /// The environments of the target, of those that the token is for; all of them without it
    #[arg(long = "environment", value_name = "NAME", requires = "roles")]
    environments: Vec<String>,
    /// What it is called [default: this machine's name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where the server reaches this machine: HOST:PORT
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
    /// What steps may ask for in Seawall.Worker.Labels
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// Leave the server that this worker is enrolled at
    #[arg(long)]
    force: bool,
    /// Print what was learned as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    home: HomeArguments,
}

fn machine_name() -> String {
    let name = rustix::system::uname();
    let name = name.nodename().to_string_lossy().into_owned();
    match name.is_empty() {
        true => "worker".to_owned(),
        false => name,
    }
}

pub async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    let home = arguments.home.open()?;
    let token = Token::parse(&arguments.token);
    let asked = Asked {
        server: arguments.server,
        token: token.map_err(|error| Failure::new(Exit::Usage, error))?,
        name: arguments.name.unwrap_or_else(machine_name),
        pools: arguments.pools,
        environments: arguments.environments,
        roles: arguments.roles,
        address: arguments.address,
        labels: arguments.labels,
    };
    let enrolment = enrol(&home, &asked, arguments.force)
        .await
        .map_err(|error| {
            let exit = match &error {
                EnrolError::Address(_) | EnrolError::Enrolled(_) => Exit::Usage,
                EnrolError::Home(_) => Exit::Host,
                EnrolError::Connect { .. } | EnrolError::Refused(_) | EnrolError::Nonsense(_) => {
                    Exit::Remote
                }
            };
            Failure::new(exit, error)
        })?;
    let thumbprint = home.identity().map_err(super::failure)?.thumbprint;
    let text = match arguments.json {
        true => format!(
            "{:#}\n",
            json!({
                "Id": enrolment.worker_id, "Name": enrolment.name, "Server": enrolment.server,
                "Thumbprint": thumbprint,
            })
        ),
        false => format!(
            "{} is {} at {}, with the thumbprint {thumbprint}.\nNext: seawall worker run{}\n",
            enrolment.name,
            enrolment.worker_id,
            enrolment.server,
            if enrolment.is_listening {
                " --listen 0.0.0.0:10933"
            } else {
                ""
            }
        ),
    };
    crate::cli::remote::print(&text)?;
    Ok(Exit::Success)
}
