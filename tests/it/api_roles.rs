//! Who may do what: every operation of the API, asked for by somebody with each of the roles, on real things.
//!
//! The snapshot is the table: an operation, and the roles that it isn't refused to. A new route changes it, so that
//! somebody looks. Each role has a server of its own, because what is allowed is done.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::api_packages::zip;
use super::deploying::{Deploying, manual, script};

/// The mightiest first.
const ROLES: [&str; 7] = [
    "systemadministrator",
    "spacemanager",
    "projectlead",
    "projectdeployer",
    "projectviewer",
    "environmentmanager",
    "buildserver",
];

/// Something of every kind, and a user with a role.
struct World {
    deploying: Deploying,
    key: String,
    /// What stands for `{id}` below a collection.
    ids: BTreeMap<&'static str, String>,
}

fn id(value: &Value) -> String {
    value["Id"].as_str().expect("an id").to_owned()
}

impl World {
    fn new(role: &str) -> Self {
        let artifact = script(
            "A",
            "Bash",
            "echo x > /work/a.txt; new_octopusartifact /work/a.txt",
        );
        let deploying = Deploying::new(&[artifact, manual("Wait", "?")]);
        let server = &deploying.server;
        let named = |path: &str, more: Value| {
            let mut body = json!({ "Name": "Something" });
            for (key, value) in more.as_object().into_iter().flatten() {
                body[key] = value.clone();
            }
            id(&server.post(path, body))
        };
        let environment = id(&server.get("/api/environments/Dev"));
        let project = deploying.project_id().to_owned();
        let user = server.post("/api/users", json!({ "Username": "ada" }));
        let team = server.post(
            "/api/teams",
            json!({ "Name": "T", "MemberUserIds": [user["Id"]] }),
        );
        let space = match role {
            "systemadministrator" => Value::Null,
            _ => json!("Spaces-1"),
        };
        let scoped = json!({ "TeamId": team["Id"], "UserRoleId": format!("userroles-{role}"), "SpaceId": space });
        server.post("/api/scopeduserroles", scoped);
        // Others, to be deleted without taking the role away.
        let team = server.post("/api/teams", json!({ "Name": "U" }));
        let scoped = json!({ "TeamId": team["Id"], "UserRoleId": "userroles-projectviewer", "SpaceId": "Spaces-1" });
        let scoped = server.post("/api/scopeduserroles", scoped);
        let keys = format!("/api/users/{}/apikeys", id(&user));
        let key = server.post(&keys, json!({ "Purpose": "a test" }));
        let certificate =
            rcgen::generate_simple_self_signed(vec!["x".to_owned()]).expect("it is signed");
        let data = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            certificate.cert.pem(),
        );
        deploying.release("1.0.0");
        let task = deploying.deploy("1.0.0", "Dev");
        let abort = format!(
            "/api/interruptions/{}/submit",
            id(&deploying.question(&task))
        );
        server
            .ask(
                "POST",
                &abort,
                Some(json!({ "Result": "Abort", "Notes": "" })),
            )
            .expect(200);
        deploying.wait(&task);
        let question = deploying.question(&deploying.deploy("1.0.0", "Dev"));
        let runbook = named("/api/runbooks", json!({ "ProjectId": project }));
        let snapshots = format!("/api/projects/{project}/runbookSnapshots?publish=true");
        let snapshot = server.post(
            &snapshots,
            json!({ "Name": "One", "ProjectId": project, "RunbookId": runbook }),
        );
        let run = json!({ "projectName": "Web", "runbookName": "Something", "environmentNames": ["Dev"] });
        let run = server.post("/api/Spaces-1/runbook-runs/create/v1", run);
        let pushed = server.upload(
            "/api/packages/raw",
            "file",
            "Acme.1.0.0.zip",
            &zip(&[("a", b"1")]),
        );
        server.put(
            "/api/policies/something",
            json!({ "Text": "schema = 1\nname = \"something\"\n" }),
        );
        let build = json!({ "PackageId": "Acme", "Version": "1.0.0", "OctopusBuildInformation": { "BuildNumber": "1" } });
        let ids = BTreeMap::from([
            (
                "accounts",
                named(
                    "/api/accounts",
                    json!({ "AccountType": "UsernamePassword", "Username": "x", "Password": { "NewValue": "x" } }),
                ),
            ),
            ("artifacts", id(&server.get("/api/artifacts")["Items"][0])),
            (
                "build-information",
                id(&server.post("/api/build-information", build)),
            ),
            (
                "certificates",
                named(
                    "/api/certificates",
                    json!({ "CertificateData": { "NewValue": data } }),
                ),
            ),
            ("channels", id(&server.get("/api/channels")["Items"][0])),
            (
                "deploymentprocesses",
                format!("deploymentprocess-{project}"),
            ),
            (
                "deployments",
                id(&server.get("/api/deployments")["Items"][0]),
            ),
            ("environments", environment.clone()),
            ("events", "1".to_owned()),
            ("feeds", "feeds-builtin".to_owned()),
            ("interruptions", id(&question)),
            (
                "libraryvariablesets",
                named("/api/libraryvariablesets", json!({})),
            ),
            ("lifecycles", "Lifecycles-1".to_owned()),
            ("machinepolicies", named("/api/machinepolicies", json!({}))),
            (
                "machines",
                named(
                    "/api/machines",
                    json!({ "EnvironmentIds": [environment], "Roles": ["web"], "Endpoint": { "CommunicationStyle": "None" } }),
                ),
            ),
            ("packages", id(&pushed.expect(201))),
            ("policies", "something".to_owned()),
            ("projectgroups", named("/api/projectgroups", json!({}))),
            ("projects", project),
            ("releases", id(&server.get("/api/releases")["Items"][0])),
            ("runbookProcesses", format!("RunbookProcess-{runbook}")),
            (
                "runbookRuns",
                run["RunbookRunServerTasks"][0]["RunbookRunId"]
                    .as_str()
                    .expect("an id")
                    .to_owned(),
            ),
            ("runbookSnapshots", id(&snapshot)),
            ("runbooks", runbook),
            ("scopeduserroles", id(&scoped)),
            ("spaces", "Spaces-1".to_owned()),
            ("tagsets", named("/api/tagsets", json!({}))),
            ("tasks", task),
            ("teams", id(&team)),
            ("tenants", named("/api/tenants", json!({}))),
            ("userroles", "userroles-projectviewer".to_owned()),
            ("users", "Users-1".to_owned()),
            (
                "variables",
                format!("variableset-{}", deploying.project_id()),
            ),
            ("workerpools", named("/api/workerpools", json!({}))),
            ("workers", id(&server.get("/api/workers")["Items"][0])),
        ]);
        Self {
            key: key["ApiKey"].as_str().expect("a key").to_owned(),
            deploying,
            ids,
        }
    }

    /// The path with what exists in it.
    fn real(&self, path: &str) -> String {
        let collection = path
            .trim_start_matches("/api/")
            .split('/')
            .next()
            .unwrap_or_default();
        let id = self.ids.get(collection).map_or("nothing", String::as_str);
        let path = path.replace("/packages/bulk", "/packages/bulk?ids=packages-Acme.1.0.0");
        path.replace("{id}", id)
            .replace("{spaceId}", "Spaces-1")
            .replace("{environment}", &self.ids["environments"])
            .replace("{version}", "1.0.0")
            .replace("{name}", "something")
            .replace("{process}", &self.ids["runbookProcesses"])
            .replace("{runbook}", &self.ids["runbooks"])
            .replace("{key}", "nothing")
    }

    /// What an operation takes. Without anything in it, most are only refused after the question who asks; these
    /// would be refused before.
    fn body(&self, path: &str) -> Value {
        let (project, environment) = (&self.ids["projects"], &self.ids["environments"]);
        let deploy =
            json!({ "projectName": "Web", "releaseVersion": "1.0.0", "environmentNames": ["Dev"] });
        match path {
            "/api/deployments" => {
                json!({ "ReleaseId": self.ids["releases"], "EnvironmentId": environment })
            }
            "/api/deployments/create/tenanted/v1"
            | "/api/deployments/create/untenanted/v1"
            | "/api/deployments/plan" => deploy,
            "/api/releases/create/v1" => json!({ "projectName": "Web", "releaseVersion": "9.0.0" }),
            "/api/releases" => json!({ "ProjectId": project, "Version": "9.0.1" }),
            "/api/releases/{id}/deployments/previews" => {
                json!({ "DeploymentPreviews": [{ "EnvironmentId": environment }] })
            }
            "/api/runbook-runs/create/v1" => {
                json!({ "projectName": "Web", "runbookName": "Something", "environmentNames": ["Dev"] })
            }
            "/api/runbookSnapshots" | "/api/projects/{id}/runbookSnapshots" => {
                json!({ "Name": "Two", "ProjectId": project, "RunbookId": self.ids["runbooks"] })
            }
            "/api/tasks" => {
                json!({ "Name": "AdHocScript", "Arguments": { "ScriptBody": "true", "Syntax": "Bash" } })
            }
            "/api/interruptions/{id}/submit" => json!({ "Result": "Proceed" }),
            "/api/environments/sortorder" => json!(["Environments-2", environment]),
            "/api/workerpools/sortorder" => json!([self.ids["workerpools"]]),
            _ => json!({}),
        }
    }
}

/// Every operation once, reads before changes and changes before ends.
fn operations(world: &World) -> Vec<(String, String)> {
    let description = world.deploying.server.get("/api/openapi.json");
    let mut operations = Vec::new();
    for (path, methods) in description["paths"].as_object().expect("paths") {
        if path.starts_with("/api/{spaceId}/") {
            continue;
        }
        for (method, operation) in methods.as_object().expect("methods") {
            if operation["security"].is_array() {
                operations.push((method.to_ascii_uppercase(), path.clone()));
            }
        }
    }
    let rank = |method: &str| {
        ["GET", "POST", "PUT", "DELETE"]
            .iter()
            .position(|one| *one == method)
    };
    operations.sort_by_key(|(method, path)| (rank(method), path.clone()));
    operations
}

#[test]
fn every_operation_is_open_to_the_roles_of_the_table_and_to_no_other() {
    let mut statuses: BTreeMap<(String, String), Vec<u16>> = BTreeMap::new();
    for role in ROLES {
        let world = World::new(role);
        for (method, path) in operations(&world) {
            let body = (method != "GET").then(|| world.body(&path));
            let answer =
                world
                    .deploying
                    .server
                    .ask_as(&world.key, &method, &world.real(&path), body);
            assert!(answer.status < 500, "{method} {path} as {role}: {answer:?}");
            statuses
                .entry((method, path))
                .or_default()
                .push(answer.status);
        }
    }
    let mut table = String::new();
    for ((method, path), statuses) in statuses {
        assert_ne!(
            statuses[0], 403,
            "{method} {path} is refused to an administrator"
        );
        let is_open = |status: u16| status != 403 && (status != 404 || statuses[0] == 404);
        let open = ROLES
            .iter()
            .zip(&statuses)
            .filter(|(_, status)| is_open(**status));
        let open: Vec<&str> = open.map(|(role, _)| *role).collect();
        let open = match open.len() {
            7 => "everybody".to_owned(),
            _ => open.join(" "),
        };
        table.push_str(&format!("{method:<6} {path:<62} {open}\n"));
    }
    insta::assert_snapshot!(table);
}
