//! A script that is to be a process, here or on another machine: what it is given, and where what it says goes.
//!
//! Refuses modules, which run in the sandbox only, and scripts whose policy doesn't allow a process.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::is_granted;
use crate::policy::Grants;
use crate::worker::attempt::{Attempt, Language, Program, Sources};
use crate::worker::event::Event;
use crate::worker::output::Secrets;
use crate::worker::receipt::Witness;
use crate::worker::run::{Error, environment, open_sink};
use crate::worker::sandbox::Meter;
use crate::worker::sink::{EventSender, Sink};

/// A script to run.
pub(in crate::worker) struct Script {
    pub language: Language,
    pub name: String,
    pub text: Vec<u8>,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// What it may read.
    pub variables: BTreeMap<String, String>,
}

/// An attempt that may be a process, and hasn't begun.
pub(in crate::worker) struct Permitted {
    pub script: Script,
    pub grants: Arc<Grants>,
    pub sources: Sources,
    secrets: Secrets,
}

/// An attempt whose run has begun.
pub(in crate::worker) struct Begun {
    pub script: Script,
    pub grants: Arc<Grants>,
    pub sources: Sources,
    /// Where its output goes.
    pub sink: Arc<Sink>,
    /// Who writes its receipt.
    pub witness: Arc<Witness>,
}

impl Permitted {
    /// # Errors
    /// [`Error::NativeDenied`] unless it may be a process, and those of its variables.
    pub fn of(attempt: Attempt) -> Result<Self, Error> {
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
        } = program
        else {
            return Err(Error::NativeDenied("modules run in the sandbox only"));
        };
        if !is_granted(&grants) {
            return Err(Error::NativeDenied("the policy doesn't allow them"));
        }
        let environment = environment(&grants, &variables)?;
        let secrets = Secrets::of(variables.sensitive_values());
        let secrets = secrets.map_err(|_| Error::TooManySecrets)?;
        let readable = variables.readable(&grants.variables);
        let readable = readable.and_then(|json| serde_json::from_str(&json).ok());
        let script = Script {
            language,
            name,
            text,
            arguments,
            environment,
            variables: readable.unwrap_or_default(),
        };
        Ok(Self {
            script,
            grants,
            sources,
            secrets,
        })
    }

    /// Says that it starts, and opens what its output goes through.
    pub fn begin(self, events: EventSender) -> Begun {
        let Self {
            script,
            grants,
            sources,
            secrets,
        } = self;
        let limits = &grants.limits;
        let meter = Arc::new(Meter::start(limits.cpu_time.value, limits.wall_time.value));
        let witness = Arc::new(Witness::new(Arc::clone(&grants)));
        let sink = open_sink(&grants, secrets, events, &witness, &meter);
        sink.event(Event::Started {
            guest: script.name.clone(),
        });
        Begun {
            script,
            grants,
            sources,
            sink,
            witness,
        }
    }
}
