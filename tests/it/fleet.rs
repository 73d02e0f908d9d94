//! A server with external workers: real processes with throw-away certificates, connected over loopback.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::api_server::{ApiServer, serve};
use super::cli::{PROGRAM, home};
use super::cutting::Proxy;
use super::deploying::{Deploying, script};

/// A server that external workers connect to, through a [`Proxy`], with a pool `linux`.
pub struct Fleet {
    pub web: Deploying,
    /// Between polling workers and the server.
    pub proxy: Proxy,
    /// What the server is started with, beside its directory.
    arguments: Vec<String>,
}

/// How a worker is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dials {
    Worker,
    Server,
}

/// A worker's process, killed when the test ends.
pub struct WorkerProcess {
    pub id: String,
    pub name: String,
    pub directory: TempDir,
    child: Child,
    /// The program, and what it is started by.
    prefix: Vec<String>,
    arguments: Vec<String>,
    /// Between the server and a worker that it dials.
    pub proxy: Option<Proxy>,
    said: Arc<Mutex<String>>,
}

/// A port that nobody has.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}

/// A script step for the workers of the pool `linux`.
pub fn on_pool(name: &str, body: &str) -> Value {
    let mut step = script(name, "Bash", body);
    step["Actions"][0]["WorkerPoolId"] = "linux".into();
    step
}

/// The program, started by what stands before it.
fn program(prefix: &[impl AsRef<str>], arguments: &[&str]) -> Command {
    let (first, rest) = prefix.split_first().expect("at least the program");
    let mut command = Command::new(first.as_ref());
    command.args(rest.iter().map(AsRef::as_ref));
    command.env_clear().env("SEAWALL_HOME", home());
    command.env("PATH", std::env::var("PATH").unwrap_or_default());
    command.args(arguments);
    command
}

/// The id of the worker that this command enrols.
fn enrolled(mut command: Command) -> String {
    let said = command.output().expect("the program starts");
    assert!(said.status.success(), "{said:?}");
    let enrolled: Value = serde_json::from_slice(&said.stdout).expect("JSON");
    enrolled["Id"].as_str().expect("an id").to_owned()
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Fleet {
    pub fn new(steps: &[Value]) -> Self {
        Self::with(&[], steps)
    }

    /// A server started with further arguments.
    pub fn with(arguments: &[&str], steps: &[Value]) -> Self {
        let waiting = ["--workers", "127.0.0.1:0"];
        Self::started_with(&[&waiting, arguments].concat(), steps)
    }

    /// A server that waits for workers at this address.
    pub fn waiting_at(address: &str, steps: &[Value]) -> Self {
        Self::started_with(&["--workers", address], steps)
    }

    fn started_with(arguments: &[&str], steps: &[Value]) -> Self {
        let arguments = arguments.iter().map(|text| (*text).to_owned()).collect();
        let directory = TempDir::new().expect("a temporary directory can be made");
        let server = Self::serve(directory.path(), &arguments);
        let proxy = Proxy::to(server.workers.expect("it waits for workers"));
        server.post("/api/workerpools", json!({ "Name": "linux" }));
        let web = Deploying::on(directory, server, steps);
        Self {
            web,
            proxy,
            arguments,
        }
    }

    fn serve(directory: &Path, arguments: &Vec<String>) -> ApiServer {
        let mut command = serve(directory);
        command.args(arguments);
        ApiServer::spawn(command)
    }

    /// Kills the server and starts it again. Workers find it behind the same address.
    pub fn restart(&mut self) {
        let key = self.web.server.key.take();
        self.web.server.signal_kill();
        self.web.server.wait();
        self.start(key);
    }

    /// Starts a server that was killed.
    pub fn start(&mut self, key: Option<String>) {
        let server = Self::serve(self.web.directory.path(), &self.arguments).with_key(key);
        let target = server.workers.expect("it waits for workers");
        self.proxy.retarget(target);
        self.web.server = server;
    }

    /// A token for one worker.
    pub fn token(&self, pools: &[&str]) -> String {
        let asked = json!({ "Pools": pools });
        let made = self.web.server.post("/api/workers/enrolments", asked);
        made["Token"].as_str().expect("a token").to_owned()
    }

    /// A worker of the pool `linux`, once it is connected.
    pub fn worker(&self, name: &str, dials: Dials, arguments: &[&str]) -> WorkerProcess {
        let worker = self.enrolled(name, dials, &["linux"], arguments);
        self.wait_for(&worker, "Online");
        worker
    }

    /// A worker of the pool `linux` in a network namespace, once it is connected, without a proxy.
    pub fn worker_in(&self, namespace: &str, name: &str) -> WorkerProcess {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let server = self.web.server.workers.expect("it waits for workers");
        let token = self.token(&["linux"]);
        let prefix = ["ip", "netns", "exec", namespace, PROGRAM];
        let mut enrol = program(&prefix, &["worker", "enrol", "--json", "--name", name]);
        enrol.args(["--server", &format!("https://{server}"), "--token", &token]);
        enrol.arg("--directory").arg(directory.path());
        let id = enrolled(enrol);
        let prefix: Vec<String> = prefix.map(str::to_owned).to_vec();
        let (child, said) = WorkerProcess::spawn(&prefix, directory.path(), &[]);
        let worker = WorkerProcess {
            id,
            name: name.to_owned(),
            directory,
            child,
            prefix,
            arguments: Vec::new(),
            proxy: None,
            said,
        };
        self.wait_for(&worker, "Online");
        worker
    }

    /// A worker that was started.
    pub fn enrolled(
        &self,
        name: &str,
        dials: Dials,
        pools: &[&str],
        arguments: &[&str],
    ) -> WorkerProcess {
        let token = self.token(pools);
        self.joined(name, dials, &token, &[], arguments)
    }

    /// A deployment target in Dev with the role `web`, once it is connected.
    pub fn target(&self, name: &str, dials: Dials) -> WorkerProcess {
        let asked = json!({ "Environments": ["Dev"] });
        let made = self.web.server.post("/api/workers/enrolments", asked);
        let token = made["Token"].as_str().expect("a token");
        let target = self.joined(name, dials, token, &["--role", "web"], &[]);
        let path = format!("/api/machines/{}/connection", target.id);
        self.web
            .until(|| self.web.server.get(&path)["Status"] == "Online");
        target
    }

    /// A machine that was let in with a token, and started.
    fn joined(
        &self,
        name: &str,
        dials: Dials,
        token: &str,
        enrolment: &[&str],
        arguments: &[&str],
    ) -> WorkerProcess {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let server = format!("https://127.0.0.1:{}", self.proxy.port);
        let mut enrol = program(&[PROGRAM], &["worker", "enrol", "--json", "--name", name]);
        enrol.arg("--directory").arg(directory.path());
        enrol.args(["--server", &server, "--token", token]);
        enrol.args(enrolment);
        let mut arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let proxy = (dials == Dials::Server).then(|| {
            let own = address(free_port());
            let proxy = Proxy::to(own);
            enrol.args(["--address", &address(proxy.port).to_string()]);
            arguments.extend(["--listen".to_owned(), own.to_string()]);
            proxy
        });
        let id = enrolled(enrol);
        let prefix = vec![PROGRAM.to_owned()];
        let (child, said) = WorkerProcess::spawn(&prefix, directory.path(), &arguments);
        WorkerProcess {
            id,
            name: name.to_owned(),
            directory,
            child,
            prefix,
            arguments,
            proxy,
            said,
        }
    }

    /// Waits until the server says this of its connection to the worker.
    pub fn wait_for(&self, worker: &WorkerProcess, status: &str) {
        let path = format!("/api/workers/{}/connection", worker.id);
        self.web
            .until(|| self.web.server.get(&path)["Status"] == status);
    }

    /// Deploys the steps that are there now, as a version of its own; the task's id.
    pub fn deploy(&self, version: &str) -> String {
        self.web.release(version);
        self.web.deploy(version, "Dev")
    }

    /// The whole log of a task that ended in this state.
    #[track_caller]
    pub fn ended(&self, task: &str, state: &str) -> String {
        let ended = self.web.wait(task);
        let log = self.web.log(task);
        assert_eq!(ended["State"], state, "{log}");
        log
    }

    /// Cancels a task, and gives its whole log once it has ended so.
    #[track_caller]
    pub fn cancelled(&self, task: &str) -> String {
        self.web.cancel(task);
        self.ended(task, "Canceled")
    }

    /// The texts of the events of a category.
    pub fn events(&self, category: &str) -> Vec<String> {
        let found = self.web.server.get("/api/events?take=1000");
        let items = found["Items"].as_array().expect("a list").iter();
        let of_category = items.filter(|event| event["Category"] == category);
        let texts = of_category.filter_map(|event| event["Message"].as_str());
        texts.map(str::to_owned).collect()
    }

    /// Waits until there is an event with this text.
    #[track_caller]
    pub fn wait_for_event(&self, category: &str, text: &str) {
        let start = std::time::Instant::now();
        while !self
            .events(category)
            .iter()
            .any(|event| event.contains(text))
        {
            let is_late = start.elapsed() > std::time::Duration::from_secs(30);
            assert!(
                !is_late,
                "`{text}` is in none of {:#?}",
                self.events(category)
            );
        }
    }
}

impl WorkerProcess {
    fn spawn(
        prefix: &[String],
        directory: &Path,
        arguments: &[String],
    ) -> (Child, Arc<Mutex<String>>) {
        let mut command = program(prefix, &["worker", "run", "--directory"]);
        command.arg(directory).args(arguments);
        command.env("SEAWALL_LOG", "info");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut first = String::new();
        lines.read_line(&mut first).expect("it says what it does");
        let said = Arc::<Mutex<String>>::default();
        let mut log = BufReader::new(child.stderr.take().expect("it is piped"));
        let kept = Arc::clone(&said);
        thread::spawn(move || {
            let mut line = String::new();
            while log.read_line(&mut line).is_ok_and(|n_read| n_read > 0) {
                kept.lock().expect("nobody panics").push_str(&line);
                line.clear();
            }
        });
        // Nobody waits for a reader of what else it says.
        thread::spawn(move || lines.read_to_string(&mut String::new()).ok());
        (child, said)
    }

    /// The number of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.said.lock().expect("nobody panics").clone()
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Starts one that was killed.
    pub fn start(&mut self) {
        (self.child, self.said) = Self::spawn(&self.prefix, self.directory.path(), &self.arguments);
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
        if thread::panicking() {
            eprintln!("=== the worker {}\n{}", self.name, self.log());
        }
    }
}
