//! Carries one attempt out as a native process: what the sandbox's run does, with another way to confine it.

use std::path::Path;

use tokio::sync::watch;

use super::artifact::{self, Destination};
use super::attempt::Attempt;
use super::event::Event;
use super::outcome::{Consumed, Outcome};
use super::process::{Begun, Permitted};
use super::receipt::ProcessUse;
use super::run::{Error, Finished, Worker};
use super::sink::EventSender;
use crate::plan::Landlock;
use crate::policy::MountPath;

impl Worker {
    /// Runs a script as a process of another account.
    ///
    /// # Errors
    /// [`Error::NativeDenied`] unless both the policy and this worker allow it; [`Error::Native`] if it can't be
    /// started.
    pub(super) async fn run_native(
        &self,
        attempt: Attempt,
        events: EventSender,
        cancelled: watch::Receiver<bool>,
        keep_artifacts_in: Option<&Path>,
    ) -> Result<Finished, Error> {
        let attempt = Permitted::of(attempt)?;
        let native = self.native().ok_or(Error::NO_ACCOUNT)?;
        let Begun {
            script,
            grants,
            sources,
            sink,
            witness,
        } = attempt.begin(events);
        let ran = native
            .run(script, &grants, sources, &sink, cancelled)
            .await?;
        if let Some(lack) = ran.landlock.and_then(Landlock::lack) {
            let text = lack.to_owned();
            sink.event(Event::Notice { text });
        }
        sink.finish();
        let host_path_of = |mount: &MountPath| ran.host_path_of(mount);
        let mut keep_in = keep_artifacts_in.map(Destination::new);
        let artifacts = sink
            .artifacts()
            .into_iter()
            .map(|(path, name)| {
                let path = ran.as_mounted(&path);
                artifact::collect(&path, &name, &grants.files, host_path_of, keep_in.as_mut())
            })
            .collect();
        let consumed = Consumed {
            wall_time: ran.wall_time,
            cpu_time: ran.cpu_time,
            output_bytes: sink.used_bytes(),
            ..Consumed::default()
        };
        let mut receipt = witness.receipt(consumed).masked(|text| sink.mask(text));
        receipt.process = Some(ProcessUse {
            account: native.account().to_owned(),
            landlock: ran.landlock.unwrap_or_default(),
        });
        Ok(Finished {
            outcome: Outcome {
                ending: ran.ending.clone(),
                receipt,
            },
            artifacts,
        })
    }
}
