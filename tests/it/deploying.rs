//! A project on a server of the test's own, released and deployed as Octopus's clients do it.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::api_server::{ApiServer, serve};

/// A server with a project `Web` and the environments Dev and Prod.
pub struct Deploying {
    pub directory: TempDir,
    pub server: ApiServer,
    pub project: Value,
}

/// A script step that runs on the built-in worker.
pub fn script(name: &str, syntax: &str, body: &str) -> Value {
    json!({ "Name": name, "Actions": [{ "Name": name, "ActionType": "Octopus.Script", "Properties": {
        "Octopus.Action.RunOnServer": "True",
        "Octopus.Action.Script.ScriptSource": "Inline",
        "Octopus.Action.Script.Syntax": syntax,
        "Octopus.Action.Script.ScriptBody": body,
    }}]})
}

/// A step that waits for a person.
pub fn manual(name: &str, instructions: &str) -> Value {
    json!({ "Name": name, "Actions": [{ "Name": name, "ActionType": "Octopus.Manual", "Properties": {
        "Octopus.Action.Manual.Instructions": instructions,
    }}]})
}

impl Deploying {
    /// Waits until the server has ended, and starts one on its directory, with the same key.
    pub fn start_again(&mut self) {
        self.server.wait();
        let key = self.server.key.take();
        self.server = ApiServer::start(self.directory.path()).with_key(key);
    }

    /// With these steps.
    pub fn new(steps: &[Value]) -> Self {
        Self::with_environment(&[], steps)
    }

    /// With these steps, on a server with these variables in its environment.
    pub fn with_environment(variables: &[(&str, &str)], steps: &[Value]) -> Self {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let mut command = serve(directory.path());
        command.envs(variables.iter().copied());
        Self::on(directory, ApiServer::spawn(command), steps)
    }

    /// With these steps, on a server that runs.
    pub fn on(directory: TempDir, server: ApiServer, steps: &[Value]) -> Self {
        server.post("/api/environments", json!({ "Name": "Dev" }));
        server.post("/api/environments", json!({ "Name": "Prod" }));
        let project = server.post(
            "/api/projects",
            json!({ "Name": "Web", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1" }),
        );
        let this = Self {
            directory,
            server,
            project,
        };
        this.set_steps(steps);
        this
    }

    /// Lets every environment that exists now come in any order.
    pub fn any_order(&self) {
        let environments = self.server.get("/api/environments/all");
        let ids: Vec<&Value> = environments
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| &one["Id"])
            .collect();
        let mut lifecycle = self.server.get("/api/lifecycles/Lifecycles-1");
        lifecycle["Phases"] = json!([{ "Name": "Any", "OptionalDeploymentTargets": ids }]);
        self.server.put("/api/lifecycles/Lifecycles-1", lifecycle);
    }

    pub fn project_id(&self) -> &str {
        self.project["Id"].as_str().expect("an id")
    }

    /// Replaces the project's steps.
    pub fn set_steps(&self, steps: &[Value]) {
        let path = format!("/api/projects/{}/deploymentprocesses", self.project_id());
        let mut process = self.server.get(&path);
        process["Steps"] = json!(steps);
        self.server.put(&path, process);
    }

    /// Replaces the project's variables: name, value, and further properties.
    pub fn set_variables(&self, variables: &[(&str, &str, Value)]) {
        let path = format!("/api/variables/variableset-{}", self.project_id());
        let mut set = self.server.get(&path);
        set["Variables"] = variables
            .iter()
            .map(|(name, value, more)| {
                let mut variable = json!({ "Name": name, "Value": value });
                for (key, value) in more.as_object().into_iter().flatten() {
                    variable[key] = value.clone();
                }
                variable
            })
            .collect();
        self.server.put(&path, set);
    }

    pub fn release(&self, version: &str) -> Value {
        self.server.post(
            "/api/Spaces-1/releases/create/v1",
            json!({ "projectName": "Web", "releaseVersion": version }),
        )
    }

    /// The id of the task that deploys a version to an environment.
    pub fn deploy(&self, version: &str, environment: &str) -> String {
        self.deploy_with(version, environment, json!({}))
    }

    /// Like [`Self::deploy`], with further properties of the command.
    pub fn deploy_with(&self, version: &str, environment: &str, more: Value) -> String {
        let mut command = json!({
            "projectName": "Web", "releaseVersion": version, "environmentNames": [environment] });
        for (key, value) in more.as_object().into_iter().flatten() {
            command[key] = value.clone();
        }
        let made = self
            .server
            .post("/api/Spaces-1/deployments/create/untenanted/v1", command);
        let task = made["DeploymentServerTasks"][0]["ServerTaskId"].as_str();
        task.expect("a task").to_owned()
    }

    /// Why a deployment of a version to an environment is refused, as the answer says it.
    pub fn refused(&self, version: &str, environment: &str) -> String {
        let command = json!({
            "projectName": "Web", "releaseVersion": version, "environmentNames": [environment] });
        let path = "/api/Spaces-1/deployments/create/untenanted/v1";
        let answer = self.server.ask("POST", path, Some(command)).expect(400);
        answer["Errors"].to_string()
    }

    /// The log of a task as text, once it is over; it must have succeeded.
    pub fn succeeded(&self, task_id: &str) -> String {
        let task = self.wait(task_id);
        let log = self.log(task_id);
        assert_eq!(task["State"], "Success", "{log}");
        log
    }

    /// The task, once it is over.
    pub fn wait(&self, task_id: &str) -> Value {
        self.follow(task_id, |answer| answer["IsCompleted"] == true)["Task"].clone()
    }

    /// The answer of the log's cursor, once `is_enough` or the task is over. Waits in the server, not here.
    pub fn follow(&self, task_id: &str, is_enough: impl Fn(&Value) -> bool) -> Value {
        let mut cursor = 0;
        loop {
            let path = format!("/api/tasks/{task_id}/log?after={cursor}&wait=20");
            let answer = self.server.get(&path);
            let has_more = answer["Items"]
                .as_array()
                .is_some_and(|items| !items.is_empty());
            if is_enough(&answer) || answer["IsCompleted"] == true {
                return answer;
            }
            assert!(
                has_more,
                "nothing happened: {:#}",
                self.server.get(&format!("/api/tasks/{task_id}/details"))
            );
            cursor = answer["Next"].as_i64().expect("a number");
        }
    }

    /// Waits until the log has this text.
    pub fn wait_for_text(&self, task_id: &str, text: &str) {
        let answer = self.follow(task_id, |answer| answer["Items"].to_string().contains(text));
        assert!(
            answer["Items"].to_string().contains(text),
            "`{text}` is not in the log: {:#}",
            self.server.get(&format!("/api/tasks/{task_id}/details"))
        );
    }

    /// Wants a task to end.
    pub fn cancel(&self, task_id: &str) {
        let path = format!("/api/tasks/{task_id}/cancel");
        self.server.ask("POST", &path, None).expect(200);
    }

    /// The only question that waits for an answer, once there is one.
    pub fn question(&self, task_id: &str) -> Value {
        self.follow(task_id, |answer| {
            answer["Task"]["HasPendingInterruptions"] == true
        });
        let path = format!("/api/interruptions?regarding={task_id}&pendingOnly=true");
        let mut found = self.server.get(&path)["Items"].take();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found:#}");
        found[0].take()
    }

    /// Asks again and again until something is so: for what no long poll tells of.
    pub fn until(&self, is_so: impl Fn() -> bool) {
        let start = std::time::Instant::now();
        while !is_so() {
            assert!(
                start.elapsed() < std::time::Duration::from_secs(30),
                "it did not come to be"
            );
            self.server.get("/healthz");
        }
    }

    /// The whole log as text.
    pub fn log(&self, task_id: &str) -> String {
        let raw = self.server.get(&format!("/api/tasks/{task_id}/raw"));
        raw.as_str().expect("text").to_owned()
    }
}
