//! What the server does itself when a step asks for it. No user code runs here, and no secret leaves.
//!
//! A step of this kind ends like a script: it succeeds, fails with a reason, is cancelled, or takes too long.

pub(super) mod certificate;
mod email;
pub(super) mod health;

use tokio::sync::watch;

use super::Error;
use super::attempt::{Run, stop_in_time};
use super::decide::AttemptEnd;
use super::driver::Ended;
use crate::plan::Work;
use crate::store::Change;
use crate::worker::Variables;

/// What was done, and what is to be kept together with its end.
#[derive(Default)]
struct Done {
    changes: Vec<Change>,
    has_warnings: bool,
    /// Why the step fails, if it does.
    failure: Option<String>,
}

impl Done {
    fn failed(message: impl Into<String>) -> Self {
        Self {
            failure: Some(message.into()),
            ..Self::default()
        }
    }

    fn say(&mut self, run: &Run, category: &str, text: &str) {
        self.has_warnings |= matches!(category, "Warning" | "Error");
        self.changes.push(run.line(category, format!("{text}\n")));
    }
}

/// Carries out the entry of `run`, until `stopped` becomes true or its time is up.
///
/// # Errors
/// What kept the server from doing it.
pub(super) async fn run(
    run: &Run,
    variables: Variables,
    stopped: watch::Receiver<bool>,
) -> Result<Ended, Error> {
    let entry = run.entry();
    let work = async {
        match &entry.work {
            Work::Email(email) => email::send(run, email, variables).await,
            Work::HealthCheck(check) => Ok(health::check(run, check).await),
            Work::Certificate(import) => certificate::import(run, import, &variables).await,
            // People are asked by the driver, scripts are run by a worker, and nothing is nothing.
            Work::Manual { .. } | Work::Script { .. } | Work::Package { .. } | Work::Nothing => {
                Ok(Done::default())
            }
        }
    };
    let (stop, _) = watch::channel(false);
    let done = tokio::select! {
        done = work => done?,
        is_late = stop_in_time(run, stopped, stop) => {
            let end = if is_late { AttemptEnd::TimedOut } else { AttemptEnd::Canceled };
            return Ok(run.ended(end));
        }
    };
    let Done {
        changes,
        has_warnings,
        failure,
    } = done;
    let end = match failure {
        Some(message) => AttemptEnd::Failed { message },
        None => AttemptEnd::Succeeded,
    };
    Ok(Ended {
        changes,
        has_warnings,
        ..run.ended(end)
    })
}
