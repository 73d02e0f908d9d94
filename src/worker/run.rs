//! Carries one attempt out: directories, variables, sandbox, artifacts, outcome.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;
use zeroize::Zeroizing;

use super::artifact::{self, Artifact, ArtifactError, Destination};
use super::attempt::{Attempt, Program, Sources, Stdin};
use super::event::Event;
use super::outcome::Outcome;
use super::output::{InBand, OutputPipeline, Secrets};
use super::process::Native;
use super::receipt::Witness;
use super::sandbox::{
    self, Compiler, Credential, Directory, Engine, Guests, Injections, Input, Left, Meter,
    Progress, SEAWALL, Setup, Trust,
};
use super::sink::{EventSender, Sink};
use super::variables::Variables;
use super::workdir::{RunDirectory, Runs};
use crate::plan::Isolation;
use crate::policy::{Access, FileGrant, FileSource, Grants, Injection, MountPath, Traffic};
use crate::template::{Bounds, Template};

/// Everything that runs share in one process: engine, guests, directories, trust.
#[derive(Clone)]
pub struct Worker {
    guests: Arc<Guests>,
    runs: Runs,
    trust: Arc<Trust>,
    native: Option<Arc<Native>>,
}

/// What the host failed to do, or what an attempt lacked before it could run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Sandbox(#[from] sandbox::Error),
    #[error("a fresh directory can't be made for the run")]
    Workspace(#[source] std::io::Error),
    #[error(
        "{origin} mounts {source_name} at {mount}, and nothing says where that is: add `--mount {mount}=DIRECTORY`"
    )]
    SourceMissing {
        origin: String,
        source_name: String,
        mount: String,
    },
    #[error("`{path}`, mounted at {mount}, can't be used")]
    SourceUnusable {
        path: PathBuf,
        mount: String,
        source: std::io::Error,
    },
    #[error(
        "{inner} (mounted read-only at {inner_mount}) lies inside {outer} (mounted read-write at {outer_mount}): the first would be writable through the second"
    )]
    Overlap {
        inner: PathBuf,
        inner_mount: String,
        outer: PathBuf,
        outer_mount: String,
    },
    #[error("{what} ({origin}) needs the variable{} {}, which {} not set", if .missing.len() == 1 { "" } else { "s" }, .missing.join(", "), if .missing.len() == 1 { "is" } else { "are" })]
    VariableMissing {
        what: String,
        origin: String,
        missing: Vec<String>,
    },
    #[error("{what} ({origin}) can't be evaluated")]
    Template {
        what: String,
        origin: String,
        source: crate::template::EvaluateError,
    },
    #[error("the value of {what} ({origin}) can't stand in a header")]
    HeaderValue { what: String, origin: String },
    #[error("the script may not be a native process: {0}")]
    NativeDenied(&'static str),
    #[error("the process can't be started")]
    Native(#[source] std::io::Error),
    #[error("more secrets are set than can be masked in output")]
    TooManySecrets,
}

/// A run that is over.
#[derive(Debug)]
pub struct Finished {
    pub outcome: Outcome,
    /// The files the script asked to keep, in that order.
    pub artifacts: Vec<Result<Artifact, ArtifactError>>,
}

impl Error {
    pub(super) const NO_ACCOUNT: Self = Self::NativeDenied("this worker has no account for them");
}

impl Worker {
    /// A worker that compiles into `cache` and runs below `runs`.
    ///
    /// # Errors
    /// [`sandbox::Error`] if engine or cache can't be set up; [`Error::Workspace`] for `runs`.
    pub fn new(cache: &Path, runs: &Path, compiler: Compiler, trust: Trust) -> Result<Self, Error> {
        let guests = Guests::open(Engine::new()?, cache, compiler)?;
        Ok(Self {
            guests: Arc::new(guests),
            runs: Runs::open(runs).map_err(Error::Workspace)?,
            trust: Arc::new(trust),
            native: None,
        })
    }

    /// The same worker, which may also run native processes where a policy allows them.
    #[must_use]
    pub fn with_native(mut self, native: Native) -> Self {
        self.native = Some(Arc::new(native));
        self
    }

    /// Where its runs have their directories.
    pub(super) fn runs(&self) -> &Runs {
        &self.runs
    }

    /// How it runs native processes; `None` if it doesn't.
    pub(super) fn native(&self) -> Option<&Native> {
        self.native.as_deref()
    }

    /// The account of native processes, if it runs any.
    pub fn native_account(&self) -> Option<&str> {
        self.native().map(Native::account)
    }

    /// The guests that this worker has.
    pub fn guests(&self) -> &Guests {
        &self.guests
    }

    /// Runs one attempt to its end.
    ///
    /// Events go to `events` while it runs; a reader who stops reading makes it wait. It ends early
    /// when `cancelled` becomes true. `keep_artifacts_in` is where files that the script asked to
    /// keep are copied.
    ///
    /// # Errors
    /// [`Error`] if the attempt could not be started. What the script did is in the outcome.
    pub async fn run(
        &self,
        attempt: Attempt,
        events: EventSender,
        cancelled: watch::Receiver<bool>,
        keep_artifacts_in: Option<&Path>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Finished, Error> {
        if attempt.isolation == Isolation::Process {
            return self
                .run_native(attempt, events, cancelled, keep_artifacts_in)
                .await;
        }
        let Attempt {
            program,
            arguments,
            stdin,
            grants,
            isolation: _,
            sources,
            variables,
        } = attempt;
        let guest = match &program {
            Program::Script { language, .. } => {
                self.guests.builtin(language.guest(), progress).await?
            }
            Program::Builtin { guest } => self.guests.builtin(guest, progress).await?,
            Program::Module { bytes, .. } => self.guests.module(bytes, progress).await?,
        };

        let mut directory = self.runs.fresh().map_err(Error::Workspace)?;
        let mounted = mount_all(&grants, &sources, &mut directory)?;
        let left = match &sources.workspace {
            Some(shared) => Left::in_directory(shared).map_err(Error::Workspace)?,
            None => Left::default(),
        };
        let seawall = seawall_directory(&mut directory, &program, &variables, &grants)?;
        let injections = injections(&grants, &variables)?;
        let environment = environment(&grants, &variables)?;
        let secrets = Secrets::of(variables.sensitive_values().chain(injections.values()));
        let secrets = secrets.map_err(|_| Error::TooManySecrets)?;

        let limits = grants.limits.clone();
        let meter = Arc::new(Meter::start(limits.cpu_time.value, limits.wall_time.value));
        let witness = Arc::new(Witness::new(Arc::clone(&grants)));
        let sink = open_sink(&grants, secrets, events, &witness, &meter);
        sink.event(Event::Started {
            guest: program_name(&program).to_owned(),
        });

        let host_paths: HashMap<MountPath, PathBuf> = mounted
            .iter()
            .map(|directory| (directory.grant.mount.clone(), directory.host_path.clone()))
            .collect();
        let setup = Setup {
            arguments: argv(&program, arguments),
            environment,
            input: match stdin {
                Stdin::Empty => Input::Empty,
                Stdin::Inherited => Input::Inherited,
                Stdin::Bytes(bytes) => Input::Bytes(bytes),
                Stdin::Stream(stream) => Input::Stream(stream),
            },
            directories: mounted,
            left,
            seawall,
            messages: self.runs.messages(),
            root: self.runs.root(),
            network: Arc::new(grants.network.clone()),
            injections,
            limits,
            trust: Arc::clone(&self.trust),
            witness: Arc::clone(&witness),
            meter,
            sink: Arc::clone(&sink),
            cancelled,
        };
        let (ending, consumed) = sandbox::run(self.guests.engine(), &guest, setup).await?;

        let mut keep_in = keep_artifacts_in.map(Destination::new);
        let artifacts = sink
            .artifacts()
            .into_iter()
            .map(|(path, name)| {
                let host_path_of = |mount: &MountPath| host_paths.get(mount).cloned();
                artifact::collect(&path, &name, &grants.files, host_path_of, keep_in.as_mut())
            })
            .collect();
        drop(directory);
        Ok(Finished {
            outcome: Outcome {
                ending,
                receipt: witness.receipt(consumed).masked(|text| sink.mask(text)),
            },
            artifacts,
        })
    }
}

fn program_name(program: &Program) -> &str {
    match program {
        Program::Script { name, .. } | Program::Module { name, .. } => name,
        Program::Builtin { guest } => guest,
    }
}

/// The guest's `argv`: a script's path in the sandbox or a module's name, then the arguments.
fn argv(program: &Program, arguments: Vec<String>) -> Vec<String> {
    let first = match program {
        Program::Script { name, .. } => format!("{SEAWALL}/{name}"),
        Program::Module { name, .. } => name.clone(),
        Program::Builtin { guest } => guest.clone(),
    };
    std::iter::once(first).chain(arguments).collect()
}

/// Where the output of a run under `grants` goes.
pub(super) fn open_sink(
    grants: &Grants,
    secrets: Secrets,
    events: EventSender,
    witness: &Arc<Witness>,
    meter: &Arc<Meter>,
) -> Arc<Sink> {
    let in_band = match grants.messages.in_band {
        crate::policy::InBand::Accept => InBand::Accepted,
        crate::policy::InBand::Refuse => InBand::Refused,
    };
    Arc::new(Sink::new(
        OutputPipeline::new(secrets, in_band),
        grants.limits.output.value.0,
        grants.limits.output_rate.value.0,
        events,
        Arc::clone(witness),
        Arc::clone(meter),
    ))
}

/// Finds the host directory of every granted mount, and creates the ones that are fresh per run.
fn mount_all(
    grants: &Grants,
    sources: &Sources,
    directory: &mut RunDirectory,
) -> Result<Vec<Directory>, Error> {
    let mut mounted = Vec::new();
    for grant in &grants.files.rules {
        let host_path = match (&grant.source, sources.mounts.get(&grant.mount)) {
            (_, Some(path)) => path.clone(),
            (FileSource::Workspace, None) => match &sources.workspace {
                Some(shared) => shared.clone(),
                None => directory.create("work").map_err(Error::Workspace)?,
            },
            (FileSource::Artifacts, None) => {
                directory.create("artifacts").map_err(Error::Workspace)?
            }
            (FileSource::Host(path), None) => PathBuf::from(path.as_str()),
            (FileSource::Package(_), None) => {
                return Err(Error::SourceMissing {
                    origin: grant.origin.to_string(),
                    source_name: grant.source.to_string(),
                    mount: grant.mount.to_string(),
                });
            }
        };
        mounted.push(Directory {
            grant: grant.clone(),
            host_path,
        });
    }
    refuse_overlaps(&mounted)?;
    Ok(mounted)
}

/// Refuses a read-only host directory that could be written through another mount.
pub(super) fn refuse_overlaps(mounted: &[Directory]) -> Result<(), Error> {
    let is_ours =
        |grant: &FileGrant| matches!(grant.source, FileSource::Workspace | FileSource::Artifacts);
    let from_host: Vec<&Directory> = mounted
        .iter()
        .filter(|directory| !is_ours(&directory.grant))
        .collect();
    let real = |directory: &Directory| {
        directory
            .host_path
            .canonicalize()
            .map_err(|source| Error::SourceUnusable {
                path: directory.host_path.clone(),
                mount: directory.grant.mount.to_string(),
                source,
            })
    };
    let real_paths = from_host
        .iter()
        .map(|directory| real(directory))
        .collect::<Result<Vec<_>, _>>()?;
    for (outer, outer_path) in from_host.iter().zip(&real_paths) {
        for (inner, inner_path) in from_host.iter().zip(&real_paths) {
            if outer.grant.access == Access::ReadWrite
                && inner.grant.access == Access::Read
                && inner_path.starts_with(outer_path)
            {
                return Err(Error::Overlap {
                    inner: inner_path.clone(),
                    inner_mount: inner.grant.mount.to_string(),
                    outer: outer_path.clone(),
                    outer_mount: outer.grant.mount.to_string(),
                });
            }
        }
    }
    Ok(())
}

/// Writes the script and the variables it may read where the guest finds them.
fn seawall_directory(
    directory: &mut RunDirectory,
    program: &Program,
    variables: &Variables,
    grants: &Grants,
) -> Result<Option<PathBuf>, Error> {
    let readable = variables.readable(&grants.variables);
    let script = match program {
        Program::Script { name, text, .. } => Some((name, text)),
        Program::Module { .. } | Program::Builtin { .. } => None,
    };
    if script.is_none() && readable.is_none() {
        return Ok(None);
    }
    let path = directory.create("seawall").map_err(Error::Workspace)?;
    if let Some((name, text)) = script {
        directory
            .write(path.join(name), text)
            .map_err(Error::Workspace)?;
    }
    if let Some(json) = readable {
        directory
            .write(path.join("variables.json"), json.as_bytes())
            .map_err(Error::Workspace)?;
    }
    Ok(Some(path))
}

pub(super) fn environment(
    grants: &Grants,
    variables: &Variables,
) -> Result<Vec<(String, String)>, Error> {
    grants
        .env
        .iter()
        .map(|grant| {
            let what = format!("[env] {}", grant.name);
            let value = evaluate(&grant.value, variables, &what, &grant.origin)?;
            Ok((grant.name.to_string(), value.to_string()))
        })
        .collect()
}

/// Fills in the credentials of every network rule that injects one.
fn injections(grants: &Grants, variables: &Variables) -> Result<Injections, Error> {
    let mut injections = Injections::default();
    for rule in grants.network.rules() {
        let Traffic::Http {
            inject: Some(inject),
            ..
        } = &rule.traffic
        else {
            continue;
        };
        let value =
            |template: &Template| evaluate(template, variables, "[network.inject]", &rule.origin);
        let unfit = || Error::HeaderValue {
            what: "[network.inject]".into(),
            origin: rule.origin.to_string(),
        };
        let credential = match inject {
            Injection::Header {
                name,
                value: template,
            } => Credential::header(name.as_str(), value(template)?).ok_or_else(unfit)?,
            Injection::Basic { username, password } => Credential::Basic {
                username: value(username)?,
                password: value(password)?,
            },
            Injection::Query {
                name,
                value: template,
            } => Credential::Query {
                name: name.clone(),
                value: value(template)?,
            },
        };
        injections.add(rule.origin.clone(), credential);
    }
    Ok(injections)
}

fn evaluate(
    template: &Template,
    variables: &Variables,
    what: &str,
    origin: &crate::policy::Origin,
) -> Result<Zeroizing<String>, Error> {
    let evaluated = template
        .evaluate(variables, Bounds::default())
        .map_err(|source| Error::Template {
            what: what.to_owned(),
            origin: origin.to_string(),
            source,
        })?;
    if !evaluated.missing.is_empty() {
        return Err(Error::VariableMissing {
            what: what.to_owned(),
            origin: origin.to_string(),
            missing: evaluated.missing,
        });
    }
    Ok(Zeroizing::new(evaluated.text))
}
