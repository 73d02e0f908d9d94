//! Looks how machines are: agents are asked, machines with sshd are looked at, others are connected to.
//!
//! No user code is run. The script that a machine policy has for a machine is an entry of its own, and a worker's work.

use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use super::Done;
use crate::app;
use crate::dispatch::attempt::Run;
use crate::model::health::{Finding, Findings, HealthStatus};
use crate::model::target::TargetKind;
use crate::plan::own::{CheckScripts, HealthCheck, OnProblems};
use crate::plan::targets::TargetUse;

/// A machine that takes longer is as good as not there.
const PATIENCE: Duration = Duration::from_secs(10);

/// Checks them all at once, and keeps what was found.
pub(super) async fn check(run: &Run, check: &HealthCheck) -> Done {
    let mut done = Done::default();
    if check.targets.is_empty() {
        done.say(run, "Warning", "There are no machines to check.");
    }
    let checks = check.targets.iter().map(|target| ask_in_time(run, target));
    let found = futures::future::join_all(checks).await;
    let mut failed = Vec::new();
    for (target, (status, summary)) in check.targets.iter().zip(found) {
        let connection = Finding::new(status, summary);
        if let Err(error) = keep(run, target, &connection, &check.scripts).await {
            not_kept(&target.id, &error);
            done.say(run, "Warning", "What was found could not be kept.");
        }
        let Finding { status, summary } = with_script(connection, &check.scripts);
        let category = match (status, check.on_problems) {
            (HealthStatus::Healthy, _) => "Info",
            (HealthStatus::HasWarnings, _) => "Warning",
            (_, OnProblems::Warn) => "Warning",
            (_, OnProblems::Fail) => {
                failed.push(target.name.as_str());
                "Error"
            }
        };
        let text = format!("{} ({}): {summary}", target.name, target.kind.noun());
        done.say(run, category, &text);
    }
    if !failed.is_empty() {
        done.failure = Some(format!("not every machine is well: {}", failed.join(", ")));
    }
    done
}

/// A machine that takes longer than one may is not there.
async fn ask_in_time(run: &Run, target: &TargetUse) -> (HealthStatus, String) {
    let Some(seconds) = run.entry().check_time.machine else {
        return ask(run, target).await;
    };
    let asked = ask(run, target);
    match tokio::time::timeout(Duration::from_secs(u64::from(seconds)), asked).await {
        Ok(found) => found,
        Err(_) => (
            HealthStatus::Unavailable,
            format!("No answer in the time that a machine may take, {seconds} s."),
        ),
    }
}

/// Asks the target itself, if it can be asked; otherwise sees whether somebody answers.
async fn ask(run: &Run, target: &TargetUse) -> (HealthStatus, String) {
    let may_answer = match target.kind {
        TargetKind::ListeningAgent | TargetKind::PollingAgent | TargetKind::Ssh => {
            target.trouble.is_none()
        }
        TargetKind::CloudRegion | TargetKind::OfflineDrop | TargetKind::Service => false,
    };
    match may_answer {
        true => run.inner.hub.check(&target.id).await,
        false => look_at(target).await,
    }
}

async fn look_at(target: &TargetUse) -> (HealthStatus, String) {
    let Some((host, port)) = &target.address else {
        return (
            HealthStatus::Healthy,
            "There is nothing to connect to.".to_owned(),
        );
    };
    let connecting = async {
        let mut stream = TcpStream::connect((host.as_str(), *port)).await?;
        if target.kind != TargetKind::Ssh {
            return Ok(format!("{host}:{port} accepts connections."));
        }
        // RFC 4253, section 4.2: the server says its version first.
        let mut version = [0; 8];
        stream.read_exact(&mut version).await?;
        if version.starts_with(b"SSH-2.0-") {
            return Ok(format!("An SSH server answers at {host}:{port}."));
        }
        Err(std::io::Error::other("what answers is no SSH server"))
    };
    match tokio::time::timeout(PATIENCE, connecting).await {
        Ok(Ok(summary)) => (HealthStatus::Healthy, summary),
        Ok(Err(error)) => (
            HealthStatus::Unavailable,
            format!("No connection to {host}:{port}: {error}."),
        ),
        Err(_) => (
            HealthStatus::Unavailable,
            format!(
                "No answer from {host}:{port} in {} seconds.",
                PATIENCE.as_secs()
            ),
        ),
    }
}

/// What is found together with a script that can't be run.
fn with_script(connection: Finding, scripts: &CheckScripts) -> Finding {
    match scripts {
        CheckScripts::Refused(why) => Findings {
            connection,
            script: Finding::new(HealthStatus::Unhealthy, format!("{why}.")),
        }
        .together(),
        CheckScripts::NotAsked | CheckScripts::None | CheckScripts::Follows => connection,
    }
}

/// Keeps what was found.
///
/// # Errors
/// [`app::Error::Store`].
async fn keep(
    run: &Run,
    target: &TargetUse,
    connection: &Finding,
    scripts: &CheckScripts,
) -> Result<(), app::Error> {
    let app = &run.inner.app;
    let now = app.now().to_string();
    let noted = app.worker_note(&target.id, |seen| {
        seen.health_last_checked = Some(now.clone());
        seen.connection_found(connection.clone());
        // It has another one by now, which says how it is to be checked.
        if seen.machine_policy_id != target.machine_policy_id {
            return true;
        }
        match scripts {
            // A connection is not all that its policy asks for.
            CheckScripts::NotAsked => return true,
            CheckScripts::None if seen.health_findings.is_none() => {}
            CheckScripts::None => {
                seen.script_found(None);
            }
            // What was found before counts until it has ended.
            CheckScripts::Follows => {}
            CheckScripts::Refused(why) => {
                let found = Finding::new(HealthStatus::Unhealthy, format!("{why}."));
                seen.script_found(Some(found));
            }
        }
        seen.policy_last_checked = Some(now.clone());
        true
    });
    noted.await
}

/// Says that the health of a machine is not in its record.
pub(in crate::dispatch) fn not_kept(id: &str, error: &app::Error) {
    tracing::error!(error = ?error, target.id = %id, "the health of {id} can't be kept");
}
