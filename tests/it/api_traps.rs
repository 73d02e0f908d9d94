//! Claims about what trips servers up that Octopus's clients talk to. The whole list, with the test that shows each, is
//! `tests/clients/README.md`; here are those that no other file claims, and one that the list is true.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::api_access::{operations, user_with_role};
use super::api_server::ApiServer;
use super::deploying::{Deploying, manual, script};
use super::fleet::{Dials, Fleet, free_port};
use super::server::{Response, Server};
use super::sshd::Sshd;

/// `file::test` in backticks names a test of `tests/it`, `src/…/file.rs::test` one beside the code, and
/// `flows.test.js::…` one of the published client.
#[test]
fn every_trap_of_the_list_has_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let list = read(&root.join("tests/clients/README.md"));
    let rows: Vec<&str> = list
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| trap"))
        .collect();
    assert!(rows.len() > 40, "{} rows", rows.len());
    for row in rows {
        let (_, tests) = row
            .trim_end_matches(" |")
            .rsplit_once(" | ")
            .expect("two columns");
        let named: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test: {row}");
        for name in named {
            let (file, test) = name.split_once("::").expect("file::test");
            let path = match file {
                "flows.test.js" => root.join("tests/clients/typescript/flows.test.js"),
                file if file.starts_with("src/") => root.join(file),
                file => root.join(format!("tests/it/{file}.rs")),
            };
            let text = read(&path);
            let is_there =
                text.contains(&format!("fn {test}(")) || text.contains(&format!("test(\"{test}\""));
            assert!(is_there, "{name} doesn't exist: {row}");
        }
    }
}

#[test]
fn versions_and_keys_have_the_form_that_clients_check() {
    let (_directory, server) = ApiServer::first();
    let root = server.get("/api");
    let numbers = |name: &str| -> Vec<u64> {
        let text = root[name].as_str().expect("text");
        let parts = text.split('.');
        parts
            .map(|part| part.parse().expect("a semantic version"))
            .collect()
    };
    // TypeScript refuses what is older, or no semantic version.
    assert!(numbers("Version") >= vec![2022, 3, 5512], "{root}");
    assert_eq!(numbers("Version").len(), 3);
    // .NET accepts 3.0.0 to 3.0.99.
    assert_eq!(numbers("ApiVersion")[..2], [3, 0]);
    assert!(numbers("ApiVersion")[2] <= 99);
    // Go reads it as a UUID.
    let groups: Vec<usize> = root["InstallationId"]
        .as_str()
        .expect("text")
        .split('-')
        .map(|group| {
            assert!(group.bytes().all(|byte| byte.is_ascii_hexdigit()), "{root}");
            group.len()
        })
        .collect();
    assert_eq!(groups, [8, 4, 4, 4, 12]);
    // The Octopus CLI refuses another key before it asks anybody.
    let made = server.post("/api/users/Users-1/apikeys", json!({ "Purpose": "a test" }));
    for key in [server.key.as_deref(), made["ApiKey"].as_str()] {
        let rest = key.and_then(|key| key.strip_prefix("API-")).expect("API-…");
        let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        assert!(!rest.is_empty() && rest.bytes().all(is_plain), "{rest}");
    }
    let capabilities = server.get("/api/capabilities")["Capabilities"].take();
    let has = |name: &str| {
        capabilities
            .as_array()
            .is_some_and(|all| all.contains(&json!(name)))
    };
    assert!(
        has("GetAllSpacesRequest") && !has("SomeMadeUpRequest"),
        "{capabilities}"
    );
}

/// Clients take templates from here; what the root lacks, they can't ask for.
#[test]
fn the_root_has_the_links_that_clients_begin_with() {
    let (_directory, server) = ApiServer::first();
    let wanted = "Accounts Artifacts BuildInformation Channels CurrentUser DeploymentProcesses Deployments DiscoverMachine DiscoverWorker Environments \
        Events FeaturesConfiguration Feeds Interruptions LibraryVariables Lifecycles MachinePolicies MachineRoles \
        Machines Packages PackageUpload PackagesBulk ProjectGroups Projects Proxies Releases ScopedUserRoles Self \
        ServerStatus SpaceHome Spaces TaskTypes Tasks Teams UserRoles Users VariableNames VariablePreview Variables Web \
        WorkerPools WorkerPoolsDynamicWorkerTypes WorkerPoolsSortOrder WorkerPoolsSummary WorkerPoolsSupportedTypes Workers";
    for path in ["/api", "/api/Spaces-1"] {
        let links = server.get(path)["Links"].take();
        for name in wanted.split_whitespace() {
            assert!(links[name].is_string(), "{path}: {name}");
        }
    }
}

/// Go decodes every body that isn't 2xx, and takes `Errors` for an error whatever the status says; an answer without a
/// length may be one without a body.
#[test]
fn what_goes_wrong_is_octopuss_json_and_what_goes_well_has_no_errors() {
    let (_directory, server) = ApiServer::first();
    let administrator = server.key.clone().expect("a key");
    let viewer = user_with_role(&server, "userroles-projectviewer", &[]);
    let mut seen = BTreeSet::new();
    for (method, path, _) in operations(&server) {
        for key in [administrator.as_str(), viewer.as_str(), ""] {
            let answer = server.ask_as(key, &method, &path, Some(json!({})));
            let what = format!("{method} {path}: {answer:?}");
            assert!(answer.has_length(), "{what}");
            seen.insert(answer.status);
            if answer.status < 300 {
                let errors = answer.body.get("Errors");
                assert!(errors.is_none_or(Value::is_null), "{what}");
            } else {
                assert!(answer.body["ErrorMessage"].is_string(), "{what}");
                assert!(answer.body["Errors"].is_array(), "{what}");
            }
        }
    }
    for status in [200, 400, 401, 403, 404] {
        assert!(
            seen.contains(&status),
            "nothing answered {status}: {seen:?}"
        );
    }
}

#[test]
fn a_list_is_a_page_and_all_of_it_a_bare_array() {
    let (_directory, server) = ApiServer::first();
    let mut n_lists = 0;
    for (method, path, _) in operations(&server) {
        let Some(list) = path.strip_suffix("/all").filter(|_| method == "GET") else {
            continue;
        };
        n_lists += 1;
        assert!(server.get(&path).is_array(), "{path}");
        // These two have no other form.
        if list.ends_with("/machineroles") || list.ends_with("/userroles") {
            continue;
        }
        let page = server.get(list);
        assert!(
            page["Items"].is_array() && page["TotalResults"].is_u64(),
            "{list}: {page}"
        );
    }
    assert!(n_lists > 30, "{n_lists} lists");
    let spaces = server.get("/api/spaces/all");
    assert_eq!(spaces[0]["Name"], "Default");
}

#[test]
fn a_page_has_the_links_of_both_generations_of_clients() {
    let (_directory, server) = ApiServer::first();
    for name in ["A", "B", "C"] {
        server.post("/api/environments", json!({ "Name": name }));
    }
    let page = server.get("/api/Spaces-1/environments?take=1&skip=1");
    let facts = [
        "TotalResults",
        "ItemsPerPage",
        "NumberOfPages",
        "LastPageNumber",
    ];
    assert_eq!(
        facts.map(|name| page[name].as_u64()),
        [Some(3), Some(1), Some(3), Some(2)]
    );
    assert_eq!(
        (&page["ItemType"], &page["IsStale"]),
        (&json!("Environment"), &json!(false))
    );
    let on = |link: &str| {
        let path = page["Links"][link]
            .as_str()
            .unwrap_or_else(|| panic!("{link}: {page:#}"));
        let items = server.get(path)["Items"].take();
        let names = items.as_array().into_iter().flatten();
        names
            .filter_map(|one| one["Name"].as_str().map(str::to_owned))
            .collect::<String>()
    };
    for (link, names) in [
        ("Self", "B"),
        ("Page.Current", "B"),
        ("Page.Next", "C"),
        ("Page.Previous", "A"),
        ("Page.Last", "C"),
        ("Page.All", "ABC"),
        ("Page.0", "A"),
        ("Page.1", "B"),
        ("Page.2", "C"),
    ] {
        assert_eq!(on(link), names, "{link}");
    }
    assert!(
        page["Links"]["Template"]
            .as_str()
            .is_some_and(|text| text.ends_with("{?skip,take,ids,partialName}"))
    );
}

/// What clients ask for when they want everything; `u64::MAX` is for those who want more.
#[test]
fn a_page_of_everything_reserves_no_room_for_it() {
    let (_directory, server) = ApiServer::first();
    server.post("/api/environments", json!({ "Name": "A" }));
    server.get("/api/environments");
    let before = server.peak_memory_kib();
    for list in [
        "environments",
        "environments/v2",
        "projects",
        "releases",
        "deployments",
        "runbookRuns",
        "runbookSnapshots",
        "tasks",
        "packages",
        "build-information",
        "interruptions",
        "artifacts",
        "events",
        "spaces",
        "users",
        "workers",
        "feeds/feeds-builtin/packages/versions",
    ] {
        for take in ["2147483647", "18446744073709551615"] {
            let page = server.get(&format!("/api/Spaces-1/{list}?skip=0&take={take}"));
            assert!(page["Items"].is_array(), "{list}: {page}");
        }
    }
    let grown = server.peak_memory_kib() - before;
    assert!(grown < 16 * 1024, "it took {grown} KiB more");
    assert_eq!(
        server.get("/api/environments?take=2147483647")["Items"][0]["Name"],
        "A"
    );
}

#[test]
fn a_path_without_a_space_is_about_the_default_one_and_no_other() {
    let (_directory, server) = ApiServer::first();
    let space = server.post(
        "/api/spaces",
        json!({ "Name": "Other", "SpaceManagersTeamMembers": ["Users-1"] }),
    );
    let space = space["Id"].as_str().expect("an id");
    let made = server.post(
        &format!("/api/{space}/environments"),
        json!({ "Name": "Elsewhere" }),
    );
    let id = made["Id"].as_str().expect("an id");
    let n_seen = |path: &str| server.get(path).as_array().map(Vec::len);
    for prefix in ["/api", "/api/Spaces-1", "/api/spaces/Spaces-1"] {
        assert_eq!(
            n_seen(&format!("{prefix}/environments/all")),
            Some(0),
            "{prefix}"
        );
        assert_eq!(
            server.get(&format!("{prefix}/environments?ids={id}"))["Items"],
            json!([])
        );
        for name in [id, "elsewhere", "Elsewhere"] {
            let path = format!("{prefix}/environments/{name}");
            for method in ["GET", "DELETE"] {
                server.ask(method, &path, None).expect(404);
            }
            server.ask("PUT", &path, Some(made.clone())).expect(404);
        }
    }
    for prefix in [format!("/api/{space}"), format!("/api/spaces/{space}")] {
        assert_eq!(
            n_seen(&format!("{prefix}/environments/all")),
            Some(1),
            "{prefix}"
        );
        server.get(&format!("{prefix}/environments/{id}"));
    }
    // Which space has a name is found by a part of it, before anything else is asked.
    let found = |part: &str| {
        server.get(&format!(
            "/api/spaces?partialName={part}&skip=0&take=2147483647"
        ))["Items"]
            .take()
    };
    assert_eq!(found("Default")[0]["Id"], "Spaces-1");
    assert_eq!(found("the")[0]["Id"], space);
    assert_eq!(found("nowhere"), json!([]));
}

/// Go asks for `/{id or name}` first, and goes on only after a 404.
#[test]
fn a_name_in_a_path_or_a_query_is_read_as_it_was_written() {
    let (_directory, server) = ApiServer::first();
    let body = json!({ "Name": "Fire/Water 100% a+b", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1" });
    let made = server.post("/api/projects", body);
    let slug = made["Slug"].as_str().expect("a slug");
    for path in [
        "Fire%2FWater%20100%25%20a%2Bb",
        "fire%2fwater%20100%25%20a+b",
        "Projects-1",
        slug,
    ] {
        assert_eq!(
            server.get(&format!("/api/Spaces-1/projects/{path}"))["Id"],
            made["Id"],
            "{path}"
        );
    }
    for path in ["Fire/Water%20100%25%20a+b", "Fire", "Projects-2"] {
        server
            .ask("GET", &format!("/api/Spaces-1/projects/{path}"), None)
            .expect(404);
    }
    for (query, n_found) in [
        ("partialName=Water+100%25+a%2Bb", 1),
        ("partialName=Water%20100%25", 1),
        ("partialName=a+b", 0),
        ("name=Fire%2FWater+100%25+a%2Bb", 1),
        ("name=Fire", 0),
    ] {
        assert_eq!(
            server.get(&format!("/api/projects?{query}"))["TotalResults"],
            n_found,
            "{query}"
        );
    }
}

#[test]
fn a_process_keeps_what_is_unknown_and_is_changed_from_its_current_version() {
    let (_directory, server) = ApiServer::first();
    let body = json!({ "Name": "Web", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1" });
    server.post("/api/projects", body);
    let path = "/api/Spaces-1/projects/Projects-1/deploymentprocesses";
    let mut step = script("A", "Bash", "echo a");
    step["Id"] = "".into();
    step["FromTheFuture"] = json!({ "a": [1] });
    step["Actions"][0]["Id"] = "".into();
    step["Actions"][0]["AlsoNew"] = json!("kept");
    step["Actions"][0]["Properties"]["Some.Plugin.Setting"] = "kept".into();
    let mut process = server.get(path);
    process["Odd"] = 1.into();
    process["Steps"] = json!([step]);
    let written = server.put(path, process.clone());
    assert_eq!(
        (&written["Version"], &written["Odd"]),
        (&json!(1), &json!(1))
    );
    let own = &written["Steps"][0];
    assert_eq!(own["FromTheFuture"], json!({ "a": [1] }));
    assert_eq!(own["Actions"][0]["AlsoNew"], "kept");
    assert_eq!(
        own["Actions"][0]["Properties"]["Some.Plugin.Setting"],
        "kept"
    );
    for id in [&own["Id"], &own["Actions"][0]["Id"]] {
        assert!(
            id.as_str().is_some_and(|id| id.len() == 36),
            "the server gives ids: {own:#}"
        );
    }
    // The first client's second attempt comes too late, by either path.
    server.ask("PUT", path, Some(process.clone())).expect(409);
    let by_id = written["Links"]["Self"]
        .as_str()
        .expect("a link")
        .to_owned();
    server.ask("PUT", &by_id, Some(process)).expect(409);
    assert_eq!(server.get(path), written);
    assert_eq!(server.put(&by_id, written)["Version"], 2);
}

/// octopus-deploy (npm) asks for `deploymentProcesses`.
#[test]
fn a_path_is_matched_in_any_case_and_ids_and_names_in_it_are_left_alone() {
    let (_directory, server) = ApiServer::first();
    let body = json!({ "Name": "Web", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1" });
    server.post("/api/Projects", body);
    let expected = server.get("/api/deploymentprocesses/deploymentprocess-Projects-1");
    for path in [
        "/api/deploymentProcesses/deploymentprocess-Projects-1",
        "/API/Spaces-1/Projects/Projects-1/DeploymentProcesses",
        "/api/SPACES/Spaces-1/deploymentprocesses/deploymentprocess-projects-1",
    ] {
        assert_eq!(server.get(path), expected, "{path}");
    }
    assert_eq!(server.get("/api/Spaces/All"), server.get("/api/spaces/all"));
    // A policy's name is a file's.
    let policy = json!({ "Text": "schema = 1\nname = \"Projects\"\n" });
    server.put("/api/Policies/Projects", policy);
    assert_eq!(server.get("/api/policies/Projects")["Name"], "Projects");
    server
        .ask("GET", "/api/policies/projects", None)
        .expect(404);
    server
        .ask("GET", "/api/Project/Projects-1", None)
        .expect(404);
}

/// octopus-python-client copies what it read, with another name, and reads how a project's versions are made.
#[test]
fn a_copy_of_a_record_under_another_name_is_another_record() {
    let (_directory, server) = ApiServer::first();
    let mut copy = server.post("/api/environments", json!({ "Name": "Dev" }));
    server
        .ask("POST", "/api/environments", Some(copy.clone()))
        .expect(400);
    copy["Name"] = "Dev 2".into();
    let made = server.post("/api/environments", copy);
    assert_eq!(
        (&made["Id"], &made["Slug"]),
        (&json!("Environments-3"), &json!("dev-2"))
    );
    let body = json!({ "Name": "Web", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1" });
    let mut project = server.post("/api/projects", body);
    let strategy = &project["VersioningStrategy"];
    assert!(
        strategy["Template"]
            .as_str()
            .is_some_and(|text| text.contains("NextPatch")),
        "{strategy}"
    );
    project["VersioningStrategy"]["Template"] = "2.i".into();
    let changed = server.put("/api/projects/Projects-1", project);
    assert_eq!(changed["VersioningStrategy"]["Template"], "2.i");
    // By the process as by the project.
    let by_process =
        server.get("/api/deploymentprocesses/deploymentprocess-Projects-1/template?channel=");
    assert_eq!(
        by_process,
        server.get("/api/projects/Projects-1/deploymentprocesses/template")
    );
    assert_eq!(by_process["NextVersionIncrement"], "2.1");
}

/// The record first, then its content.
#[test]
fn an_artifact_is_added_to_a_task_and_has_the_content_that_follows() {
    let web = Deploying::new(&[script("Say", "Bash", "echo hello")]);
    let server = &web.server;
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    web.wait(&task_id);
    let new = |name: &str, task: &str| {
        let body = json!({ "Filename": name, "Source": "a client", "ServerTaskId": task, "LogCorrelationId": format!("{task}/0") });
        server.ask("POST", "/api/Spaces-1/artifacts", Some(body))
    };
    for name in ["", "../passwd", "a/b"] {
        new(name, &task_id).expect(400);
    }
    new("a.txt", "ServerTasks-99").expect(404);
    let made = new("a.txt", &task_id).expect(201);
    assert_eq!(
        (&made["SizeBytes"], &made["Source"]),
        (&json!(0), &json!("a client"))
    );
    let content = made["Links"]["Content"].as_str().expect("a link");
    let put = |key: &str, text: &str| {
        let head = format!(
            "PUT {content} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Octopus-ApiKey: {key}\r\n"
        );
        server.ask_raw(&format!(
            "{head}Content-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        ))
    };
    let key = server.key.as_deref().expect("a key");
    for text in ["first", "and second"] {
        assert_eq!(put(key, text).expect(200)["SizeBytes"], text.len());
        assert_eq!(server.get(content), text);
    }
    let viewer = user_with_role(server, "userroles-projectviewer", &[]);
    put(&viewer, "theirs").expect(403);
    assert_eq!(server.get(content), "and second");
    let listed = server.get(&format!("/api/artifacts?regarding={task_id}"));
    assert_eq!(listed["Items"][0]["Filename"], "a.txt");
}

#[test]
fn commands_are_spelt_in_any_way_and_name_projects_in_any_way() {
    let web = Deploying::new(&[script("Say", "Bash", "echo hello")]);
    let path = "/api/Spaces-1/releases/create/v1";
    for (n, project) in ["Web", "web", "Projects-1"].iter().enumerate() {
        let command = json!({
            "spaceId": "Spaces-1", "spaceIdOrName": "Default", "spaceName": "Default",
            "ProjectName": project, "releaseVersion": format!("1.0.{n}"), "PACKAGES": [], "GitResources": [],
            "CustomFields": {}, "unheardOf": { "ProjectName": "Other" },
        });
        let made = web.server.post(path, command);
        assert_eq!(made["ReleaseVersion"], format!("1.0.{n}"));
        assert!(made["ReleaseId"].is_string(), "{made}");
    }
    let again = json!({ "projectName": "Web", "releaseVersion": "1.0.0" });
    web.server
        .ask("POST", path, Some(again.clone()))
        .expect(400);
    let mut ignoring = again;
    ignoring["IgnoreIfAlreadyExists"] = true.into();
    let same = web.server.ask("POST", path, Some(ignoring)).expect(200);
    assert_eq!(same["ReleaseVersion"], "1.0.0");
}

/// Clients take an empty list of tasks for a broken server, and join deployments to environments by id.
#[test]
fn every_deployment_that_is_accepted_has_a_task_and_one_without_is_refused() {
    let web = Deploying::new(&[script("Say", "Bash", "echo hello")]);
    web.any_order();
    web.release("1.0.0");
    let untenanted = "/api/Spaces-1/deployments/create/untenanted/v1";
    let tenanted = "/api/Spaces-1/deployments/create/tenanted/v1";
    let with = |more: Value| {
        let mut command =
            json!({ "ProjectName": "Web", "ReleaseVersion": "1.0.0", "RunbookName": "None" });
        for (name, value) in more.as_object().into_iter().flatten() {
            command[name] = value.clone();
        }
        command
    };
    for (path, more) in [
        (untenanted, json!({ "EnvironmentNames": [] })),
        (untenanted, json!({ "EnvironmentNames": null })),
        (untenanted, json!({})),
        (tenanted, json!({ "EnvironmentName": "" })),
        (
            tenanted,
            json!({ "EnvironmentName": "Dev", "TenantTags": ["Region/EU"] }),
        ),
    ] {
        let refused = web
            .server
            .ask("POST", path, Some(with(more.clone())))
            .expect(400);
        assert_ne!(refused["Errors"], json!([]), "{more}: {refused}");
    }
    assert_eq!(web.server.get("/api/tasks")["TotalResults"], 0);
    let made = web.server.post(
        untenanted,
        with(json!({ "EnvironmentNames": ["Dev", "Prod"] })),
    );
    let tasks = made["DeploymentServerTasks"].as_array().expect("a list");
    let ids = |name: &str| {
        let ids = tasks.iter().map(|one| one[name].as_str().expect("an id"));
        ids.collect::<Vec<_>>().join(",")
    };
    let (deployment_ids, task_ids) = (ids("DeploymentId"), ids("ServerTaskId"));
    let column = |path: String, name: &str| {
        let items = web.server.get(&path)["Items"].take();
        let items = items.as_array().into_iter().flatten();
        items
            .map(|one| one[name].as_str().unwrap_or_default().to_owned())
            .collect::<BTreeSet<_>>()
    };
    let environments = column(
        format!("/api/Spaces-1/deployments?take=2&ids={deployment_ids}"),
        "EnvironmentId",
    );
    assert_eq!(environments.len(), 2);
    let joined = environments.iter().cloned().collect::<Vec<_>>().join(",");
    for list in ["environments", "environments/v2"] {
        assert_eq!(
            column(
                format!("/api/Spaces-1/{list}?ids={joined}&skip=0&take=2"),
                "Id"
            ),
            environments
        );
    }
    let waited = format!("/api/Spaces-1/tasks?skip=0&take=300&ids={task_ids},ServerTasks-99999");
    assert_eq!(
        column(waited, "Id")
            .into_iter()
            .collect::<Vec<_>>()
            .join(","),
        task_ids
    );
    for task in tasks {
        let task = web.wait(task["ServerTaskId"].as_str().expect("an id"));
        assert!(task["Arguments"]["DeploymentId"].is_string(), "{task:#}");
    }
}

/// The wish is `Cancelling` and what became of it `Canceled`, as Octopus spells them; and whatever a script is blocked
/// in, it ends within seconds.
#[test]
fn a_script_that_sleeps_or_waits_for_the_network_is_canceled_within_seconds() {
    let silent = Server::http(|_| Response::never());
    let mut steps = [
        script("Sleep", "Bash", "echo sleeping; sleep 600"),
        script(
            "Python",
            "Python",
            "import time\nprint('dozing', flush=True)\ntime.sleep(600)",
        ),
        script(
            "Read",
            "Python",
            &format!(
                "import urllib.request\nprint('asking', flush=True)\nurllib.request.urlopen('{}', timeout=600).read()",
                silent.url("/")
            ),
        ),
    ];
    for step in &mut steps {
        step["StartTrigger"] = "StartWithPrevious".into();
        step["Actions"][0]["Properties"]["Seawall.Policy"] = "silent".into();
    }
    let web = Deploying::new(&steps);
    let policy = format!("schema = 1\nname = \"silent\"\n{}", silent.all());
    web.server
        .put("/api/policies/silent", json!({ "Text": policy }));
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    for text in ["sleeping", "dozing", "asking"] {
        web.wait_for_text(&task_id, text);
    }
    web.until(|| !silent.seen().is_empty());
    let asked = Instant::now();
    // As Go spells the path; TypeScript's is in `deploying`.
    let path = format!("/api/spaces/Spaces-1/tasks/{task_id}/cancel");
    let wished = web.server.ask("POST", &path, Some(json!({}))).expect(200);
    assert_eq!(
        (&wished["State"], &wished["IsCompleted"]),
        (&json!("Cancelling"), &json!(false))
    );
    let task = web.wait(&task_id);
    assert_eq!(
        (&task["State"], &task["FinishedSuccessfully"]),
        (&json!("Canceled"), &json!(false))
    );
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "it took {:?}",
        asked.elapsed()
    );
    let listed = web.server.get("/api/tasks?states=Canceled");
    assert_eq!(listed["Items"][0]["Id"], task_id.as_str());
}

/// Octopus writes `True`, people write `true`.
#[test]
fn what_is_true_in_a_property_is_true_in_any_case() {
    let step = |name: &str, value: &str| {
        let mut step = script(name, "bash", "echo out; echo err >&2");
        let properties = &mut step["Actions"][0]["Properties"];
        properties["Octopus.Action.RunOnServer"] = value.into();
        properties["Octopus.Action.Script.ScriptSource"] = "inline".into();
        step
    };
    let web = Deploying::new(&[step("A", "True"), step("B", "true"), step("C", "TRUE")]);
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    web.succeeded(&task_id);
    assert_eq!(web.log(&task_id).matches("|   out").count(), 3);
    // What isn't true runs on targets, of which there are none.
    web.set_steps(&[step("A", "False")]);
    web.release("1.0.1");
    let command =
        json!({ "ProjectName": "Web", "ReleaseVersion": "1.0.1", "EnvironmentNames": ["Dev"] });
    let refused = web.server.ask(
        "POST",
        "/api/deployments/create/untenanted/v1",
        Some(command),
    );
    assert_eq!(refused.status, 400, "{:#}", refused.body);
}

/// Octopus takes error output for no failure, unless a property of the step or a variable says so.
#[test]
fn error_output_fails_a_step_where_that_is_asked_for() {
    const NAME: &str = "Octopus.Action.FailScriptOnErrorOutput";
    let step = |property: Option<&str>, body: &str| {
        let mut step = script("A", "Bash", body);
        step["Actions"][0]["Properties"][NAME] = json!(property);
        step
    };
    let web = Deploying::new(&[]);
    let said = "echo fine; echo oops >&2; echo more";
    for (n, (property, variable, body, state)) in [
        (None, "", said, "Success"),
        (Some("False"), "", said, "Success"),
        (Some("True"), "", said, "Failed"),
        (Some("true"), "", "echo fine", "Success"),
        (None, "True", said, "Failed"),
        (None, "False", said, "Success"),
    ]
    .into_iter()
    .enumerate()
    {
        web.set_steps(&[step(property, body)]);
        web.set_variables(&[(NAME, variable, json!({}))]);
        let version = format!("1.0.{n}");
        web.release(&version);
        let task_id = web.deploy(&version, "Dev");
        let task = web.wait(&task_id);
        let log = web.log(&task_id);
        assert_eq!(task["State"], state, "{n}: {log}");
        assert_eq!(
            log.contains("it wrote to its error output"),
            state == "Failed",
            "{log}"
        );
    }
}

/// Templates without what is optional in them.
fn plain(link: &str) -> &str {
    link.split_once('{').map_or(link, |(path, _)| path)
}

#[test]
fn links_of_resources_that_clients_follow_lead_somewhere() {
    let web = Deploying::new(&[manual("Ask", "?")]);
    let server = &web.server;
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    let question = web.question(&task_id);
    let runbook = server.post(
        "/api/Spaces-1/projects/Projects-1/runbooks",
        json!({ "Name": "Restart" }),
    );
    let tenant = server.post("/api/tenants", json!({ "Name": "Acme" }));
    let first = |path: &str| server.get(path)["Items"][0].take();
    let mut n_links = 0;
    for (resource, names) in [
        (
            server.get("/api/projects/Projects-1"),
            "Self DeploymentProcess Channels Releases",
        ),
        (
            server.get("/api/projects/Projects-1/deploymentprocesses"),
            "Self Template",
        ),
        (first("/api/workerpools"), "Workers"),
        (question, "Submit Responsible"),
        (
            server.get("/api/users/me"),
            "ApiKeys Permissions Spaces Teams",
        ),
        (first("/api/teams"), "ScopedUserRoles"),
        (runbook, "RunbookSnapshotTemplate"),
        (tenant, "Variables"),
        (first("/api/lifecycles"), "Projects"),
        (
            server.get(&format!("/api/tasks/{task_id}")),
            "Self Raw Rerun Cancel QueuedBehind Details Artifacts Interruptions",
        ),
    ] {
        for name in names.split(' ') {
            let link = resource["Links"][name]
                .as_str()
                .unwrap_or_else(|| panic!("{name}: {resource:#}"));
            let answer = server.ask("GET", plain(link), None);
            // Some are for POST only.
            assert!(
                [200, 405].contains(&answer.status),
                "{name}: {link}: {}",
                answer.body
            );
            n_links += 1;
        }
    }
    assert_eq!(n_links, 25);
    let template = server.get("/api/runbooks/Runbooks-1/runbookSnapshotTemplate");
    assert_eq!(
        (&template["RunbookId"], &template["Packages"]),
        (&json!("Runbooks-1"), &json!([]))
    );
    assert!(
        template["NextNameIncrement"]
            .as_str()
            .is_some_and(|name| name.starts_with("Snapshot "))
    );
}

/// Clients print them for people.
#[test]
fn what_clients_print_has_the_link_to_a_page() {
    let web = Deploying::new(&[script("Say", "Bash", "echo hello")]);
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    web.wait(&task_id);
    for (path, page) in [
        ("/api/spaces/Spaces-1", "/app#/Spaces-1".to_owned()),
        (
            "/api/projects/Projects-1",
            "/app#/Spaces-1/projects/Projects-1".to_owned(),
        ),
        (
            "/api/projects/Projects-1/releases/1.0.0",
            "/app#/Spaces-1/releases/Releases-1".to_owned(),
        ),
        (
            "/api/deployments/Deployments-1",
            "/app#/Spaces-1/deployments/Deployments-1".to_owned(),
        ),
        (
            &format!("/api/tasks/{task_id}"),
            format!("/app#/Spaces-1/tasks/{task_id}"),
        ),
    ] {
        assert_eq!(web.server.get(path)["Links"]["Web"], page, "{path}");
    }
    // There are no pages, and who opens one is told so.
    let told = web.server.ask_as("", "GET", "/app", None).expect(200);
    assert!(
        told.as_str()
            .is_some_and(|text| text.contains("no web interface")),
        "{told}"
    );
}

/// Go and .NET look at an address first, show people what answers, and add it then.
#[test]
fn what_answers_at_an_address_is_shown_before_it_is_added() {
    let fleet = Fleet::new(&[]);
    let server = &fleet.web.server;
    let worker = fleet.worker("build-7", Dials::Server, &[]);
    fleet.wait_for(&worker, "Online");
    let record = server.get(&format!("/api/workers/{}", worker.id));
    let uri = record["Endpoint"]["Uri"].as_str().expect("an address");
    let address = uri.trim_start_matches("https://").trim_end_matches('/');
    let (host, port) = address.rsplit_once(':').expect("a port");
    for list in ["workers", "machines"] {
        let path =
            format!("/api/Spaces-1/{list}/discover?host={host}&port={port}&type=TentaclePassive");
        let found = server.get(&path);
        assert_eq!(
            found["Thumbprint"], record["Endpoint"]["Thumbprint"],
            "{found}"
        );
        assert_eq!(found["Endpoint"]["CommunicationStyle"], "TentaclePassive");
        let viewer_sees = |key: &str| server.ask_as(key, "GET", &path, None).status;
        assert_eq!(viewer_sees(""), 401);
    }
    let viewer = user_with_role(server, "userroles-projectviewer", &[]);
    let path = format!("/api/workers/discover?host={host}&port={port}");
    server.ask_as(&viewer, "GET", &path, None).expect(403);
    let silent = free_port();
    for (query, why) in [
        (
            format!("host=127.0.0.1&port={silent}"),
            "Nothing that could be added answers at",
        ),
        (
            format!("host=127.0.0.1&port={silent}&type=Ssh"),
            "Nothing that could be added answers at",
        ),
        ("port=22".to_owned(), "it is missing"),
        (
            "host=x&type=Kubernetes".to_owned(),
            "not TentaclePassive or Ssh",
        ),
        ("host=x&port=70000".to_owned(), "not a port"),
        ("host=x&proxyId=Proxies-1".to_owned(), "no proxies"),
    ] {
        let refused = server
            .ask("GET", &format!("/api/workers/discover?{query}"), None)
            .expect(400);
        assert!(
            refused["Errors"].to_string().contains(why),
            "{query}: {refused}"
        );
    }
    if let Some(sshd) = Sshd::start() {
        let path = format!(
            "/api/workers/discover?host=127.0.0.1&port={}&type=Ssh",
            sshd.port
        );
        assert_eq!(
            server.get(&path)["Endpoint"]["Fingerprint"],
            sshd.fingerprint.as_str()
        );
    }
}
