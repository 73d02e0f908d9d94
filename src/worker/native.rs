//! Carries one attempt out as a native process: what the sandbox's run does, with another way to confine it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use super::artifact::{self, Destination};
use super::attempt::{Attempt, Program};
use super::event::Event;
use super::outcome::{Consumed, Outcome};
use super::output::Secrets;
use super::process::{self, Script};
use super::receipt::{ProcessUse, Witness};
use super::run::{Error, Finished, Worker, environment, open_sink};
use super::sandbox::Meter;
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
        let Attempt {
            program,
            arguments,
            stdin: _,
            grants,
            isolation: _,
            sources,
            variables,
        } = attempt;
        let Program::Script {
            language,
            name,
            text,
        } = &program
        else {
            return Err(Error::NativeDenied("modules run in the sandbox only"));
        };
        let native = self.native().ok_or(Error::NO_ACCOUNT)?;
        if !process::is_granted(&grants) {
            return Err(Error::NativeDenied("the policy doesn't allow them"));
        }
        let environment = environment(&grants, &variables)?;
        let secrets = Secrets::of(variables.sensitive_values());
        let secrets = secrets.map_err(|_| Error::TooManySecrets)?;
        let readable: BTreeMap<String, String> = variables
            .readable(&grants.variables)
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default();
        let limits = grants.limits.clone();
        let meter = Arc::new(Meter::start(limits.cpu_time.value, limits.wall_time.value));
        let witness = Arc::new(Witness::new(Arc::clone(&grants)));
        let sink = open_sink(&grants, secrets, events, &witness, &meter);
        sink.event(Event::Started {
            guest: name.clone(),
        });
        let script = Script {
            language: *language,
            name,
            text,
            arguments,
            environment,
            variables: readable,
        };
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
