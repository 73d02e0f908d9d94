//! Carries one attempt out as a native process: what the sandbox's run does, with another way to confine it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use super::artifact;
use super::attempt::{Attempt, Program};
use super::event::Event;
use super::outcome::{Consumed, Outcome};
use super::output::Secrets;
use super::process::{self, Script, workspace_mount};
use super::receipt::Witness;
use super::run::{Error, Finished, Worker, environment, open_sink};
use super::sandbox::Meter;
use super::sink::EventSender;
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
            sources: _,
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
        let native = self
            .native()
            .ok_or(Error::NativeDenied("this worker has no account for them"))?;
        if !process::is_granted(&grants) {
            return Err(Error::NativeDenied("the policy doesn't allow them"));
        }
        let environment = environment(&grants, &variables)?;
        let mut secrets = Secrets::default();
        for value in variables.sensitive_values() {
            secrets.add(value).map_err(|_| Error::TooManySecrets)?;
        }
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
        let ran = native.run(script, &limits, &sink, cancelled).await;
        let ran = ran.map_err(Error::Native)?;
        sink.finish();
        let work = ran.work();
        let host_path_of = |mount: &MountPath| {
            let is_work = workspace_mount(&grants).is_some_and(|own| own == mount);
            is_work.then(|| work.clone())
        };
        let artifacts = sink
            .artifacts()
            .into_iter()
            .map(|(path, name)| {
                let path = ran.as_mounted(&path, &grants);
                artifact::collect(&path, &name, &grants.files, host_path_of, keep_artifacts_in)
            })
            .collect();
        let consumed = Consumed {
            wall_time: ran.wall_time,
            output_bytes: sink.used_bytes(),
            ..Consumed::default()
        };
        Ok(Finished {
            outcome: Outcome {
                ending: ran.ending.clone(),
                receipt: witness.receipt(consumed).masked(|text| sink.mask(text)),
            },
            artifacts,
        })
    }
}
