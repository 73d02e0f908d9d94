//! A server of the bench's own, with a project to deploy.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::Client;

/// A running server.
pub struct Server {
    child: Child,
    directory: TempDir,
    address: String,
    workers: String,
    key: String,
    pub ready_after: Duration,
}

impl Server {
    /// On a new directory.
    pub fn start() -> Self {
        let parent = std::env::var_os("SEAWALL_BENCH_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
        let directory = TempDir::new_in(parent).expect("a directory can be made");
        Self::on(directory, None)
    }

    /// The same directory, once more.
    pub fn restart(mut self) -> Self {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
        let directory =
            std::mem::replace(&mut self.directory, TempDir::new().expect("a directory"));
        Self::on(directory, Some(self.key.clone()))
    }

    fn on(directory: TempDir, known_key: Option<String>) -> Self {
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_seawall"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--workers",
                "127.0.0.1:0",
            ])
            .arg("--data")
            .arg(directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut key = known_key;
        let (mut address, mut workers) = (None, None);
        for line in lines.map_while(Result::ok) {
            if let Some((_, found)) = line.split_once("SEAWALL_API_KEY=") {
                key = Some(found.to_owned());
            }
            if let Some(found) = line.strip_prefix("Waiting for workers on https://") {
                workers = found.split(',').next().map(str::to_owned);
            }
            if let Some(found) = line.strip_prefix("Listening on http://") {
                address = Some(found.to_owned());
                break;
            }
        }
        Self {
            child,
            directory,
            address: address.expect("it listens"),
            workers: workers.expect("it waits for workers"),
            key: key.expect("it has a key"),
            ready_after: started.elapsed(),
        }
    }

    /// Ends it; its directory stays until what is given back is dropped.
    pub fn stop(mut self) -> TempDir {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
        std::mem::replace(&mut self.directory, TempDir::new().expect("a directory"))
    }

    pub fn path(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where it waits for external workers.
    pub fn workers(&self) -> &str {
        &self.workers
    }

    /// What its threads have used of all cores.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        let stat = stat.unwrap_or_default();
        let fields: Vec<&str> = stat
            .rsplit(") ")
            .next()
            .unwrap_or_default()
            .split(' ')
            .collect();
        let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok());
        // utime and stime, in hundredths of a second (proc(5)).
        Duration::from_millis((ticks(11).unwrap_or_default() + ticks(12).unwrap_or_default()) * 10)
    }

    pub fn client(&self) -> Client {
        Client::connect(&self.address, &self.key)
    }

    /// Resident memory, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.unwrap_or_default()
    }

    /// A project with these Python steps, a release of it, and environments.
    pub fn set_up(&self, steps: &[&str], n_environments: usize) {
        let mut client = self.client();
        let mut post = |path: &str, body: Value| client.ask("POST", path, &body.to_string());
        for index in 0..n_environments {
            post("/api/environments", json!({ "Name": format!("E{index}") }));
        }
        let environments = client.get("/api/environments/all");
        let ids: Vec<&Value> = environments
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| &one["Id"])
            .collect();
        let mut lifecycle = client.get("/api/lifecycles/Lifecycles-1");
        lifecycle["Phases"] = json!([{ "Name": "Any", "OptionalDeploymentTargets": ids }]);
        client.ask(
            "PUT",
            "/api/lifecycles/Lifecycles-1",
            &lifecycle.to_string(),
        );
        let mut post = |path: &str, body: Value| client.ask("POST", path, &body.to_string());
        let project = json!({ "Name": "Web", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1" });
        post("/api/projects", project);
        let mut process = client.get("/api/projects/Web/deploymentprocesses");
        process["Steps"] = steps
            .iter()
            .enumerate()
            .map(|(index, body)| {
                json!({ "Name": format!("S{index}"), "Actions": [{ "Name": format!("S{index}"), "ActionType": "Octopus.Script",
                    "Properties": { "Octopus.Action.RunOnServer": "True", "Octopus.Action.Script.Syntax": "Python",
                        "Octopus.Action.Script.ScriptBody": body } }] })
            })
            .collect();
        client.ask(
            "PUT",
            "/api/projects/Web/deploymentprocesses",
            &process.to_string(),
        );
        let release = json!({ "ProjectName": "Web", "ReleaseVersion": "1.0.0" });
        client.ask(
            "POST",
            "/api/Spaces-1/releases/create/v1",
            &release.to_string(),
        );
        // The first run instantiates what later ones share.
        self.deploy_and_wait(&mut client, 0);
    }

    /// The id of a task that deploys to an environment.
    pub fn deploy(&self, client: &mut Client, environment: usize) -> String {
        self.deploy_version(client, "1.0.0", environment)
    }

    /// The id of a task that deploys this version to an environment.
    pub fn deploy_version(&self, client: &mut Client, version: &str, environment: usize) -> String {
        let command = json!({ "ProjectName": "Web", "ReleaseVersion": version, "EnvironmentNames": [format!("E{environment}")] });
        let path = "/api/Spaces-1/deployments/create/untenanted/v1";
        let made = client.ask("POST", path, &command.to_string());
        let id = made["DeploymentServerTasks"][0]["ServerTaskId"].as_str();
        id.expect("a task").to_owned()
    }

    /// Waits until the task is over, by the log's cursor.
    pub fn wait(&self, client: &mut Client, id: &str) {
        let mut cursor = 0;
        loop {
            let answer = client.get(&format!("/api/tasks/{id}/log?after={cursor}&wait=30"));
            if answer["IsCompleted"] == true {
                assert_eq!(answer["Task"]["State"], "Success", "{answer:#}");
                return;
            }
            cursor = answer["Next"].as_i64().expect("a number");
        }
    }

    /// From the request to the task that is over.
    pub fn deploy_and_wait(&self, client: &mut Client, environment: usize) -> Duration {
        let started = Instant::now();
        let id = self.deploy(client, environment);
        self.wait(client, &id);
        started.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
