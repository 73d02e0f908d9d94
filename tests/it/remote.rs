//! Claims about the commands that ask a server.

use super::api_server::ApiServer;
use super::cli::{Seawall, Transcript, seawall};

const PROCESS: &str = r##"
[[step]]
name = "Configure"
script = "echo \"port #{Port} in #{Octopus.Environment.Name}\""

[[step]]
name = "Announce"
file = "announce.py"
condition = "always"

[[variable]]
name = "Port"
value = "80"

[[variable]]
name = "Port"
value = "8080"
environments = ["Production"]
"##;

/// What the command said, after it ended with this exit code.
fn asked(server: &ApiServer, command: Seawall, code: i32) -> Transcript {
    let key = server.key.as_deref().unwrap_or_default();
    let command = command.env("SEAWALL_URL", server.url());
    let ended = command.env("SEAWALL_API_KEY", key).run();
    ended.expect_code(code);
    ended
}

#[test]
fn a_project_is_made_released_planned_and_deployed_from_the_command_line() {
    let (_directory, server) = ApiServer::first();
    let environments = seawall(["environment", "create", "Dev", "Production"]);
    asked(&server, environments, 0).expect_stdout("Created Dev, Production.\n");
    let project = seawall(["project", "create", "Web", "--process", "process.toml"])
        .file("process.toml", PROCESS)
        .file("announce.py", "print('announced')");
    asked(&server, project, 0).expect_in_stdout("with 2 steps and 2 variables");
    let release = seawall(["release", "create", "Web", "--version", "1.4.2"]);
    asked(&server, release, 0);
    let plan = seawall(["deploy", "Web", "1.4.2", "--to", "Dev", "--plan"]);
    asked(&server, plan, 0)
        .expect_in_stdout("confined  sandbox")
        .expect_in_stdout("Dev");
    let early = seawall(["deploy", "Web", "1.4.2", "--to", "Production"]);
    asked(&server, early, 118).expect_in_stderr("in the phase `Dev` first");
    for (environment, line) in [
        ("Dev", "port 80 in Dev"),
        ("Production", "port 8080 in Production"),
    ] {
        let deploy = seawall(["deploy", "Web", "1.4.2", "--to", environment, "--watch"]);
        let deployed = asked(&server, deploy, 0);
        for line in [line, "announced", "Success"] {
            deployed.expect_in_stdout(line);
        }
    }
}

#[test]
fn a_watched_deployment_that_fails_is_exit_code_one_and_a_refusal_is_118() {
    let (_directory, server) = ApiServer::first();
    asked(&server, seawall(["environment", "create", "Dev"]), 0);
    let project = seawall(["project", "create", "Web", "--process", "process.toml"]).file(
        "process.toml",
        "[[step]]\nname = \"Fail\"\nscript = \"printf '\\\\033[2J'; fail_step 'no disk'\"\n",
    );
    asked(&server, project, 0);
    asked(&server, seawall(["release", "create", "Web"]), 0);
    let deploy = seawall(["deploy", "Web", "0.0.1", "--to", "Dev", "--watch"]);
    let failed = asked(&server, deploy, 1);
    failed.expect_in_stdout("The step `Fail` failed: no disk");
    failed.expect_nowhere("\u{1b}");
    let refused = asked(
        &server,
        seawall(["deploy", "Web", "9.9.9", "--to", "Dev"]),
        118,
    );
    refused.expect_in_stderr("there is no release `9.9.9`");
}

#[test]
fn what_is_missing_is_said_with_what_to_type() {
    let nowhere = seawall(["task", "list"]).run();
    nowhere
        .expect_code(2)
        .expect_in_stderr("export SEAWALL_URL=");
    let down = seawall([
        "task",
        "list",
        "--url",
        "http://127.0.0.1:9",
        "--api-key",
        "API-X",
    ])
    .run();
    down.expect_code(118)
        .expect_in_stderr("is `seawall serve` running there?");
    let (_directory, server) = ApiServer::first();
    let wrong = seawall(["project", "create", "Web", "--process", "process.toml"])
        .file("process.toml", "[[step]]\nname = \"A\"\nscrip = \"x\"");
    asked(&server, wrong, 2).expect_in_stderr("line 3");
    asked(&server, seawall(["project", "list"]), 0).expect_stdout("");
}
