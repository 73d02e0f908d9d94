//! Our side: a worker as a server has it, and scripts run through it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use seawall::policy::{self, Policy};
use seawall::worker::event::Event;
use seawall::worker::sandbox::{Compiler, Trust};
use seawall::worker::{
    Attempt, Ending, Language, Outcome, Program, Sources, Stdin, Variables, Worker, channel,
};
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

/// The policy that a script gets where none is named.
pub const DEFAULT: &str = "default";

/// The default policy with room for minutes of computing.
pub const COMPUTE: &str = "compute";

/// A module that does nothing: `(module (memory (export "memory") 1) (func (export "_start")))`.
pub const NO_OP: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x04\x01\x60\x00\x00\
    \x03\x02\x01\x00\
    \x05\x03\x01\x00\x01\
    \x07\x13\x02\x06memory\x02\x00\x06_start\x00\x00\
    \x0a\x04\x01\x02\x00\x0b";

/// What is run in a sandbox.
#[derive(Clone)]
pub enum Script {
    Text(Language, Arc<str>),
    Module(Arc<[u8]>),
}

/// A worker, its runtime, and the policies that scripts are run under.
#[derive(Clone)]
pub struct Sandboxes {
    runtime: Arc<Runtime>,
    worker: Worker,
    policies: Arc<HashMap<String, Policy>>,
}

/// A run that is over.
pub struct Ran {
    pub took: Duration,
    pub outcome: Outcome,
    pub output: Vec<u8>,
}

/// How a run is steered from outside.
pub struct Control {
    pub stdin: Stdin,
    pub cancelled: watch::Receiver<bool>,
    /// Told each time that the script has written something.
    pub written: Option<mpsc::UnboundedSender<()>>,
}

/// Where compiled guests and directories of runs are kept.
pub fn home() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("seawall")
}

/// The program under test, as it was built with this benchmark.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_seawall"))
}

impl Sandboxes {
    /// A worker with everything it needs compiled.
    pub fn open() -> Self {
        let home = home();
        let compiler = Compiler::new(program().to_owned());
        let worker = Worker::new(
            &home.join("compiled"),
            &home.join("runs"),
            compiler,
            Trust::new(Vec::new()),
        )
        .expect("a worker can be made");
        let shipped = include_str!("../../policies/default.toml");
        let mut sandboxes = Self {
            runtime: Arc::new(Runtime::new().expect("a runtime can be made")),
            worker,
            policies: Arc::default(),
        };
        sandboxes.add_policy(DEFAULT, shipped);
        let limits = "[limits]\nmemory = \"1GiB\"\ncpu-time = \"10m\"\n";
        sandboxes.add_policy(COMPUTE, &format!("{shipped}\n{limits}"));
        let scripts = Language::ALL.map(|language| Script::Text(language, "".into()));
        for script in scripts.into_iter().chain([Script::Module(NO_OP.into())]) {
            sandboxes.block_on(sandboxes.run(DEFAULT, &script));
        }
        sandboxes
    }

    /// Adds a policy under `name`.
    pub fn add_policy(&mut self, name: &str, text: &str) {
        let (policy, _) = policy::parse(name, text).expect("the benchmark's policies parse");
        let policies = Arc::make_mut(&mut self.policies);
        policies.insert(name.to_owned(), policy);
    }

    /// Waits for `future`.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// The runtime that sandboxes run on.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Runs `script` once, uncontrolled.
    pub async fn run(&self, policy: &str, script: &Script) -> Ran {
        let (_sender, cancelled) = watch::channel(false);
        let control = Control {
            stdin: Stdin::Empty,
            cancelled,
            written: None,
        };
        self.run_with(policy, script, control).await
    }

    /// Runs `script` once.
    ///
    /// What is timed begins with looking up the policy by its name and ends when the run's
    /// directory is gone and its last event was read. Meeting the policy with its ceiling is done
    /// each time: a server does it when it builds a plan.
    ///
    /// # Panics
    /// If the worker fails, which is no measurement.
    pub async fn run_with(&self, policy: &str, script: &Script, control: Control) -> Ran {
        let Control {
            stdin,
            cancelled,
            written,
        } = control;
        let began = Instant::now();
        let policy = &self.policies[policy];
        let grants = policy::grants(policy, None).expect("without a ceiling all is granted");
        let (sender, mut events) = channel();
        let attempt = Attempt {
            program: program_of(script),
            arguments: Vec::new(),
            stdin,
            grants: Arc::new(grants),
            isolation: seawall::plan::Isolation::Sandbox,
            sources: Sources::default(),
            variables: Variables::default(),
        };
        let run = self.worker.run(attempt, sender, cancelled, None, &|_| {});
        let read = async {
            let mut output = Vec::new();
            while let Some(numbered) = events.next().await {
                if let Event::Output { bytes, .. } = numbered.event {
                    output.extend(bytes);
                    if let Some(written) = &written {
                        written.send(()).ok();
                    }
                }
            }
            output
        };
        let (finished, output) = tokio::join!(run, read);
        Ran {
            took: began.elapsed(),
            outcome: finished.expect("the worker works").outcome,
            output,
        }
    }
}

impl Ran {
    /// This run, if its script exited with 0.
    ///
    /// # Panics
    /// Otherwise, with what the script printed.
    pub fn succeeded(self) -> Self {
        assert_eq!(
            self.outcome.ending,
            Ending::Exited { code: 0 },
            "{}",
            String::from_utf8_lossy(&self.output)
        );
        self
    }
}

impl Script {
    /// A script of `language`.
    pub fn text(language: Language, text: &str) -> Self {
        Self::Text(language, text.into())
    }
}

fn program_of(script: &Script) -> Program {
    match script {
        Script::Text(language, text) => Program::Script {
            language: *language,
            name: "script".into(),
            text: text.as_bytes().to_vec(),
        },
        Script::Module(bytes) => Program::Module {
            name: "module".into(),
            bytes: bytes.to_vec(),
        },
    }
}
