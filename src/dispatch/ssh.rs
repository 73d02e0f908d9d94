//! One attempt on a machine that the server logs in to.
//!
//! There is nothing on the machine that would remember the attempt. So its directory's name is written down before
//! anything is run; a server that finds it at its next start knows that the attempt is lost, and removes it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use super::attempt::{Run, end, receipt};
use super::decide::AttemptEnd;
use super::delegated::Delegated;
use super::package::{Unpacked, unpack_all};
use super::said::{Kept, read};
use super::{Error, artifacts};
use crate::link::protocol::AttemptId;
use crate::link::ssh::{self, Connection, Workspace, directory_name};
use crate::model::worker::{Endpoint, SshEndpoint};
use crate::plan::Work;
use crate::worker::elsewhere::Elsewhere;
use crate::worker::{Attempt, Program, Sensitive, Sources, Stdin, Variables, channel};

/// A machine that the server is logged in to.
pub(super) struct Machine {
    connection: Connection,
    endpoint: SshEndpoint,
    /// The name of the attempt's directory.
    directory: String,
}

impl Machine {
    pub(super) fn directory(&self) -> &str {
        &self.directory
    }
}

/// Whether what an attempt was handed to is a directory, and not a worker's process.
pub(super) fn is_directory(instance: &str) -> bool {
    instance.starts_with("run-")
}

/// Logs in for an attempt.
///
/// # Errors
/// Why it can't, for people.
pub(super) async fn log_in(
    run: &Run,
    endpoint: SshEndpoint,
    id: &AttemptId,
) -> Result<Machine, String> {
    let login = run.inner.app.login(&endpoint.account_id).await?;
    let connection = Connection::open(&endpoint, &login).await;
    Ok(Machine {
        connection: connection.map_err(|error| error.to_string())?,
        endpoint,
        directory: directory_name(id),
    })
}

/// Runs an attempt to its end. Whatever happens, nothing of it is left on the machine, if that can be reached.
pub(super) async fn carry(
    run: &Run,
    delegated: &Delegated<'_>,
    machine: &Machine,
    stop: watch::Receiver<bool>,
    kept: &mut Kept,
) -> Result<AttemptEnd, Error> {
    // It ends with this server.
    run.goes_on.store(false, Ordering::Release);
    let Machine {
        connection,
        endpoint,
        directory,
    } = machine;
    let end = match Workspace::make(connection, endpoint, directory).await {
        Ok(mut workspace) => {
            let end = in_workspace(run, delegated, machine, &mut workspace, stop, kept).await;
            if let Err(error) = workspace.remove(connection).await {
                tracing::debug!("{directory} could not be removed at once: {error}");
                if !connection.is_lost() {
                    let text = format!("Its directory is left on the machine: {error}\n");
                    kept.changes.push(run.line("Warning", text));
                    kept.has_warnings = true;
                }
            }
            end?
        }
        Err(error) => AttemptEnd::Failed {
            message: error.to_string(),
        },
    };
    if connection.is_lost() {
        clean_up_later(run, endpoint.clone(), directory.clone());
    }
    Ok(end)
}

/// Everything between the directory's first and last moment.
async fn in_workspace(
    run: &Run,
    delegated: &Delegated<'_>,
    machine: &Machine,
    workspace: &mut Workspace,
    stop: watch::Receiver<bool>,
    kept: &mut Kept,
) -> Result<AttemptEnd, Error> {
    let mut variables = delegated.variables.clone();
    let sources = match send_packages(run, delegated, machine, workspace, &mut variables).await {
        Ok(sources) => sources,
        Err(message) => return Ok(AttemptEnd::Failed { message }),
    };
    let mut ended = AttemptEnd::Succeeded;
    for (number, program) in (0..).zip(&delegated.prepared.scripts) {
        let attempt = Attempt {
            program: again(program),
            arguments: delegated.prepared.arguments.clone(),
            stdin: Stdin::Empty,
            grants: Arc::clone(&delegated.grants),
            isolation: delegated.isolation,
            sources: sources.clone(),
            variables: variables.clone(),
        };
        ended = one(
            run,
            machine,
            workspace,
            (number, attempt),
            stop.clone(),
            kept,
        )
        .await?;
        if ended != AttemptEnd::Succeeded {
            break;
        }
    }
    Ok(ended)
}

/// Sends the packages of the step, and says in its variables where they are. Scripts of a package run in it. Gives the
/// directories of that machine that its policy mounts.
///
/// # Errors
/// Why the step fails, for people.
async fn send_packages(
    run: &Run,
    delegated: &Delegated<'_>,
    machine: &Machine,
    workspace: &mut Workspace,
    variables: &mut Variables,
) -> Result<Sources, String> {
    let Some(unpacked) = unpack_all(run, &delegated.grants).await? else {
        return Ok(workspace.sources(&delegated.grants, &[]));
    };
    let Unpacked {
        scratch,
        folders,
        packages,
    } = unpacked;
    let sent = workspace.send_packages(&machine.connection, folders, scratch.path());
    sent.await.map_err(|error| error.to_string())?;
    for (number, package) in packages.iter().enumerate() {
        let at = workspace.package(number);
        let name = format!(
            "Octopus.Action.Package[{}].ExtractedPath",
            package.reference
        );
        variables.set(&name, at.clone(), Sensitive::No);
        if package.reference.is_empty() {
            variables.set("Octopus.Action.Package.ExtractedPath", at, Sensitive::No);
        }
    }
    let primary = packages
        .iter()
        .position(|package| package.reference.is_empty());
    if let (Work::Package { .. }, Some(number)) = (&run.entry().work, primary) {
        workspace.work_in_package(number);
    }
    let ids: Vec<&str> = packages.iter().map(|one| one.package_id.as_str()).collect();
    Ok(workspace.sources(&delegated.grants, &ids))
}

/// One script of the attempt, and its number.
async fn one(
    run: &Run,
    machine: &Machine,
    workspace: &Workspace,
    (number, attempt): (u32, Attempt),
    stop: watch::Receiver<bool>,
    kept: &mut Kept,
) -> Result<AttemptEnd, Error> {
    let keep_in = run.inner.app.blobs().scratch();
    let keep_in = keep_in.map_err(|source| Error::Disk {
        task_id: run.task.id.clone(),
        source,
    })?;
    let (sender, events) = channel();
    let script = match Elsewhere::new(attempt, sender) {
        Ok(script) => script,
        Err(error) => {
            return Ok(AttemptEnd::Failed {
                message: error.to_string(),
            });
        }
    };
    let running = ssh::run(&machine.connection, workspace, script, stop, keep_in.path());
    let (finished, heard) = tokio::join!(running, read(run, events, std::mem::take(kept)));
    *kept = heard?;
    match finished {
        Ok(finished) => {
            artifacts::keep(run, finished.artifacts, kept).await?;
            let body = serde_json::to_value(&finished.outcome).unwrap_or_default();
            kept.changes.push(receipt(run, number, body));
            Ok(end(finished.outcome.ending, kept.said.take()))
        }
        Err(error @ ssh::RunError::Before(_)) => Ok(AttemptEnd::Failed {
            message: format!("{error}: nothing was run"),
        }),
        Err(error @ ssh::RunError::Lost) => Ok(AttemptEnd::Lost {
            message: format!("{error}."),
        }),
    }
}

/// A program is handed to a run; this is the same for the next one.
fn again(program: &Program) -> Program {
    match program {
        Program::Script {
            language,
            name,
            text,
        } => Program::Script {
            language: *language,
            name: name.clone(),
            text: text.clone(),
        },
        Program::Module { name, bytes } => Program::Module {
            name: name.clone(),
            bytes: bytes.clone(),
        },
        Program::Builtin { guest } => Program::Builtin {
            guest: guest.clone(),
        },
    }
}

/// What a server finds at its start that it had begun before.
///
/// # Errors
/// Those of the store.
pub(super) async fn lost(run: &Run, worker_id: &str, directory: &str) -> Result<AttemptEnd, Error> {
    let machine = run.inner.app.machine_by_id(worker_id).await?;
    if let Some(Ok(Endpoint::Ssh(endpoint))) = machine.map(|machine| machine.reached()) {
        clean_up_later(run, endpoint, directory.to_owned());
    }
    let message = "The server ended while this step ran over SSH; nobody knows how far it came.";
    Ok(AttemptEnd::Lost {
        message: message.to_owned(),
    })
}

/// Tries once more, beside everything else, to end a script and to remove its directory.
fn clean_up_later(run: &Run, endpoint: SshEndpoint, directory: String) {
    let app = run.inner.app.clone();
    tokio::spawn(async move {
        let cleaning = async {
            let login = app.login(&endpoint.account_id).await?;
            let connection = Connection::open(&endpoint, &login).await;
            let connection = connection.map_err(|error| error.to_string())?;
            let cleaned = ssh::clean_up(&connection, &endpoint, &directory).await;
            connection.close().await;
            cleaned.map_err(|error| error.to_string())
        };
        if let Err(why) = cleaning.await {
            let host = &endpoint.host;
            tracing::warn!("{directory} may be left on {host}, and its script may run: {why}");
        }
    });
}
