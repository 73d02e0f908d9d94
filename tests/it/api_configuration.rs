//! Claims about configuration over the API: what Octopus's clients send, and what they get back.

use serde_json::{Value, json};

use super::api_server::{ApiServer, serve};

fn project() -> Value {
    json!({ "Name": "Web", "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1" })
}

fn names(items: &Value) -> Vec<&str> {
    let items = items.as_array().expect("a bare array");
    items
        .iter()
        .filter_map(|item| item["Name"].as_str())
        .collect()
}

#[test]
fn the_key_is_printed_once_and_opens_the_next_start_too() {
    let (directory, first) = ApiServer::first();
    let key = first.key.clone().expect("a first start prints a key");
    let made = first.post("/api/environments", json!({ "Name": "Dev" }));
    first.kill();
    let second = ApiServer::start(directory.path());
    assert_eq!(second.key, None);
    let path = format!("/api/environments/{}", made["Id"].as_str().expect("an id"));
    let read = second.ask_as(&key, "GET", &path, None).expect(200);
    assert_eq!(read, made, "an acknowledged write survives a kill");
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let (directory, _server) = ApiServer::first();
    let output = serve(directory.path()).output().expect("the program runs");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("another server is using"), "{said}");
}

#[test]
fn three_prefixes_lead_to_the_same_resources() {
    let (_directory, server) = ApiServer::first();
    server.post("/api/Spaces-1/environments", json!({ "Name": "Dev" }));
    let expected = server.get("/api/environments/all");
    assert_eq!(names(&expected), ["Dev"]);
    assert_eq!(server.get("/api/Spaces-1/environments/all"), expected);
    assert_eq!(
        server.get("/api/spaces/Spaces-1/environments/all"),
        expected
    );
    server
        .ask("GET", "/api/Spaces-9/environments/all", None)
        .expect(404);
}

#[test]
fn the_root_is_for_anybody_with_and_without_a_slash() {
    let (_directory, server) = ApiServer::first();
    for path in ["/api", "/api/"] {
        let root = server.ask_as("", "GET", path, None).expect(200);
        assert_eq!(root["InstallationId"].as_str().map(str::len), Some(36));
        assert!(root["Links"]["Projects"].is_string());
    }
    let root = server.get("/api");
    for name in ["SignIn", "SignOut"] {
        assert_eq!(root["Links"].get(name), None, "{name} is not offered");
    }
    let home = server.get("/api/Spaces-1");
    let projects = home["Links"]["Projects"].as_str().expect("a link");
    assert!(
        projects.starts_with("/api/Spaces-1/projects{/id}"),
        "{projects}"
    );
}

/// What clients print, or go by: pypus fails without the page of a project.
#[test]
fn a_project_has_the_link_to_a_page_that_clients_print() {
    let (_directory, server) = ApiServer::first();
    let made = server.post("/api/projects", project());
    let page = "/app#/Spaces-1/projects/Projects-1";
    assert_eq!(made["Links"]["Web"], page);
    let all = server.get("/api/Spaces-1/projects/all");
    assert_eq!(all[0]["Links"]["Web"], page);
}

#[test]
fn ids_are_accepted_in_every_encoding_and_none_means_all() {
    let (_directory, server) = ApiServer::first();
    for name in ["A", "B", "C"] {
        server.post("/api/environments", json!({ "Name": name }));
    }
    let count = |query: &str| {
        let page = server.get(&format!("/api/environments?take=2147483647&{query}"));
        page["Items"].as_array().map(Vec::len)
    };
    for query in [
        "ids=Environments-1,Environments-2",
        "ids=Environments-1%2Cenvironments-2",
        "ids=Environments-1&ids=Environments-2",
    ] {
        assert_eq!(count(query), Some(2), "{query}");
    }
    assert_eq!(count("ids="), Some(3));
    assert_eq!(count("ids=Environments-99"), Some(0));
}

#[test]
fn pages_link_to_the_next_until_there_is_none() {
    let (_directory, server) = ApiServer::first();
    for name in ["A", "B", "C"] {
        server.post("/api/environments", json!({ "Name": name }));
    }
    let first = server.get("/api/Spaces-1/environments?take=2");
    assert_eq!(first["TotalResults"], 3);
    let next = first["Links"]["Page.Next"].as_str().expect("a next page");
    let last = server.get(next);
    assert_eq!(names(&last["Items"]), ["C"]);
    assert_eq!(last["Links"].get("Page.Next"), None);
}

#[test]
fn names_of_properties_are_matched_in_any_case_and_unknown_ones_kept() {
    let (_directory, server) = ApiServer::first();
    let body = json!({ "name": "Dev", "spaceName": "Default", "DESCRIPTION": "d", "unheardOf": { "id": 1 } });
    let made = server.post("/api/Spaces-1/environments", body);
    assert_eq!(
        (&made["Name"], &made["Description"]),
        (&json!("Dev"), &json!("d"))
    );
    let again = server.put("/api/environments/Environments-1", made.clone());
    assert_eq!(again["unheardOf"], json!({ "id": 1 }));
}

#[test]
fn a_project_comes_with_variables_and_a_channel_and_takes_them_with_it() {
    let (_directory, server) = ApiServer::first();
    let made = server.post("/api/Spaces-1/projects", project());
    assert_eq!(made["VariableSetId"], "variableset-Projects-1");
    let channels = server.get("/api/projects/Projects-1/channels");
    assert_eq!(names(&channels["Items"]), ["Default"]);
    server
        .ask("DELETE", "/api/lifecycles/Lifecycles-1", None)
        .expect(409);
    server.ask("DELETE", "/api/projects/web", None).expect(200);
    server
        .ask("GET", "/api/variables/variableset-Projects-1", None)
        .expect(404);
    assert_eq!(server.get("/api/channels/all"), json!([]));
}

#[test]
fn a_sensitive_value_is_never_given_back_nor_written_in_clear() {
    let (directory, server) = ApiServer::first();
    server.post("/api/projects", project());
    let path = "/api/variables/variableset-Projects-1";
    let variable = json!({ "Name": "Token", "Value": "hunter2-hunter2", "IsSensitive": true });
    let written = server.put(path, json!({ "Version": 0, "Variables": [variable] }));
    assert_eq!(written["Variables"][0]["Value"], Value::Null);
    assert!(!written.to_string().contains("sealed"), "{written}");
    let feed = json!({ "Name": "F", "FeedType": "NuGet", "FeedUri": "https://x.example", "Password": { "NewValue": "hunter2-hunter2" } });
    let feed = server.post("/api/feeds", feed);
    assert_eq!(feed["Password"], json!({ "HasValue": true }));
    let kept = server.put(
        &format!("/api/feeds/{}", feed["Id"].as_str().expect("an id")),
        feed,
    );
    assert_eq!(
        kept["Password"],
        json!({ "HasValue": true }),
        "writing back what was read keeps the value"
    );
    server.kill();
    for file in ["seawall.db", "seawall.db-wal"] {
        let bytes = std::fs::read(directory.path().join(file)).unwrap_or_default();
        let is_there = bytes.windows(7).any(|window| window == b"hunter2");
        assert!(!is_there, "{file} has the secret in clear");
    }
}

#[test]
fn variables_are_changed_only_from_their_current_version() {
    let (_directory, server) = ApiServer::first();
    server.post("/api/projects", project());
    let path = "/api/variables/variableset-Projects-1";
    let change = json!({ "Version": 0, "Variables": [{ "Name": "A", "Value": "1" }] });
    assert_eq!(server.put(path, change.clone())["Version"], 1);
    server.ask("PUT", path, Some(change)).expect(409);
}

#[test]
fn a_space_has_what_clients_look_for_and_goes_once_its_queue_is_stopped() {
    let (_directory, server) = ApiServer::first();
    let body = json!({ "Name": "S", "IsDefault": false, "SpaceManagersTeamMembers": ["Users-1"] });
    let mut space = server.post("/api/spaces", body);
    let id = space["Id"].as_str().expect("an id").to_owned();
    for list in [
        "projectgroups",
        "lifecycles",
        "feeds",
        "workerpools",
        "workers",
    ] {
        let page = server.get(&format!("/api/{id}/{list}?take=1"));
        assert_eq!(page["TotalResults"], 1, "{list}");
    }
    let path = format!("/api/spaces/{id}");
    server.ask("DELETE", &path, None).expect(400);
    space["TaskQueueStopped"] = true.into();
    server.put(&path, space);
    server.ask("DELETE", &path, None).expect(200);
    server
        .ask("GET", &format!("/api/{id}/feeds/all"), None)
        .expect(404);
}

#[test]
fn bad_input_is_refused_in_octopus_s_shape() {
    let (_directory, server) = ApiServer::first();
    let (post, path) = ("POST", "/api/environments");
    server.post(path, json!({ "Name": "Dev" }));
    for (method, path, body, status) in [
        (post, path, json!({}), 400),
        (post, path, json!([]), 400),
        (post, path, json!({ "Name": 5 }), 400),
        (post, path, json!({ "Name": "dev" }), 400),
        (
            post,
            "/api/projects",
            json!({ "Name": "P", "ProjectGroupId": "ProjectGroups-9", "LifecycleId": "Lifecycles-9" }),
            400,
        ),
        (
            "PUT",
            "/api/environments/Environments-99",
            json!({ "Name": "x" }),
            404,
        ),
        ("PATCH", path, json!({}), 405),
        ("GET", "/api/environments?take=x", json!({}), 400),
        ("GET", "/api/environments/%FF", json!({}), 400),
        ("GET", "/api/nothing", json!({}), 404),
        (post, "/api/workers", json!({ "Name": "w" }), 400),
    ] {
        let body = server.ask(method, path, Some(body)).expect(status);
        assert!(body["ErrorMessage"].is_string(), "{method} {path}: {body}");
        assert!(body["Errors"].is_array(), "{method} {path}: {body}");
    }
}

#[test]
fn a_body_that_is_too_large_or_no_json_is_refused() {
    let (_directory, server) = ApiServer::first();
    let key = server.key.as_deref().expect("a key");
    let head = format!(
        "POST /api/environments HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Octopus-ApiKey: {key}\r\n"
    );
    let broken = server.ask_raw(&format!(
        "{head}Content-Type: application/json\r\nContent-Length: 1\r\n\r\n{{"
    ));
    assert_eq!(broken.status, 400);
    let form = server.ask_raw(&format!(
        "{head}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{{}}"
    ));
    assert_eq!(form.status, 415);
    let large = json!({ "Name": "x".repeat(8 * 1024 * 1024) });
    let large = large.to_string();
    let large = server.ask_raw(&format!(
        "{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{large}",
        large.len()
    ));
    assert_eq!(large.status, 413);
}

#[test]
fn environments_are_put_into_an_order_all_at_once() {
    let (_directory, server) = ApiServer::first();
    let ids: Vec<Value> = ["A", "B", "C"]
        .map(|name| server.post("/api/environments", json!({ "Name": name }))["Id"].take())
        .to_vec();
    let order = json!([ids[2], ids[0], ids[1]]);
    server.put("/api/environments/sortorder", order);
    assert_eq!(names(&server.get("/api/environments/all")), ["C", "A", "B"]);
    let events = server.get("/api/events");
    let sorted = events["Items"].as_array().into_iter().flatten();
    let sorted = sorted.filter(|event| event["Message"].to_string().contains("another order"));
    assert_eq!(sorted.count(), 1, "one change, one event: {events:#}");
}

#[test]
fn what_is_used_stays_and_text_that_looks_like_an_id_uses_nothing() {
    let (_directory, server) = ApiServer::first();
    server.post("/api/projects", project());
    for name in ["Dev", "Test"] {
        server.post("/api/environments", json!({ "Name": name }));
    }
    let mut set = server.get("/api/variables/variableset-Projects-1");
    set["Variables"] = json!([
        { "Name": "Note", "Value": "Environments-1" },
        { "Name": "Url", "Value": "x", "Scope": { "Environment": ["Environments-2"] } },
    ]);
    server.put("/api/variables/variableset-Projects-1", set);
    server
        .ask("DELETE", "/api/environments/Environments-1", None)
        .expect(200);
    let refused = server
        .ask("DELETE", "/api/environments/Environments-2", None)
        .expect(409);
    let said = refused["ErrorMessage"].as_str().unwrap_or_default();
    assert!(said.contains("variableset-Projects-1"), "{said}");
}

#[test]
fn there_are_no_proxies_and_no_machine_is_behind_one() {
    let (_directory, server) = ApiServer::first();
    let home = server.get("/api/Spaces-1");
    let link = home["Links"]["Proxies"].as_str().expect("a link");
    let (list, _) = link.split_once('{').expect("a template");
    assert_eq!(server.get(list)["Items"], json!([]));
    assert_eq!(server.get(&format!("{list}/all")), json!([]));
    server
        .ask("GET", &format!("{list}/Proxies-1"), None)
        .expect(404);
    server.post("/api/environments", json!({ "Name": "Dev" }));
    let region = |proxy_id: Value| {
        let endpoint = json!({ "CommunicationStyle": "None", "ProxyId": proxy_id });
        let body = json!({ "Name": format!("behind {proxy_id}"), "EnvironmentIds": ["Environments-1"],
            "Roles": ["web"], "Endpoint": endpoint });
        server.ask("POST", "/api/machines", Some(body))
    };
    region(Value::Null).expect(201);
    let refused = region(json!("Proxies-1")).expect(400);
    assert!(refused.to_string().contains("no proxies"), "{refused}");
}

#[test]
fn tenants_match_by_tags_and_have_no_variables_of_their_own() {
    let (_directory, server) = ApiServer::first();
    let tags = json!([{ "Name": "EU" }, { "Name": "US" }]);
    server.post("/api/tagsets", json!({ "Name": "Region", "Tags": tags }));
    let acme = json!({ "Name": "Acme", "TenantTags": ["Region/EU"] });
    let tenant = server.post("/api/tenants", acme);
    let id = tenant["Id"].as_str().expect("an id");
    let matched = |tag: &str| {
        let path = format!("/api/Spaces-1/tenants/tag-test?tenantIds={id}&tags={tag}");
        server.get(&path)[id].clone()
    };
    assert_eq!(matched("Region%2FEU")["IsMatched"], true);
    let other = matched("Region%2FUS");
    assert_eq!(other["IsMatched"], false);
    assert_eq!(other["MissingTags"], json!(["Region/US"]));

    let path = |kind: &str| format!("/api/Spaces-1/tenants/{id}/{kind}");
    let own = server.get(&path("variables"));
    assert_eq!(
        (&own["TenantId"], &own["ProjectVariables"]),
        (&tenant["Id"], &json!({}))
    );
    for kind in ["commonvariables", "projectvariables"] {
        assert_eq!(server.get(&path(kind))["Variables"], json!([]));
        let refused = server
            .ask("PUT", &path(kind), Some(json!({ "Variables": [] })))
            .expect(400);
        assert!(refused.to_string().contains("TenantTag"), "{refused}");
    }
    let missing = server.get("/api/Spaces-1/tenants/variables-missing");
    assert_eq!(missing, json!([]));
}

#[test]
fn tenants_are_narrowed_by_project_and_tags() {
    let (_directory, server) = ApiServer::first();
    let project = |name: &str| {
        let made = server.post(
            "/api/projects",
            json!({ "Name": name, "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1" }),
        );
        made["Id"].as_str().expect("an id").to_owned()
    };
    let (web, api) = (project("Web"), project("Api"));
    for (set, tags) in [("Ring", ["Early", "Late"]), ("Size", ["Big", "Small"])] {
        let tags = tags.map(|name| json!({ "Name": name }));
        server.post("/api/tagsets", json!({ "Name": set, "Tags": tags }));
    }
    let environment = server.post("/api/environments", json!({ "Name": "Dev" }))["Id"].clone();
    for (name, projects, tags) in [
        ("acme", vec![&web, &api], json!(["Ring/Early", "Size/Big"])),
        ("bolt", vec![&web], json!(["Ring/Late", "Size/Big"])),
        ("core", vec![], json!(["Ring/Early"])),
    ] {
        let projects: serde_json::Map<String, Value> = projects
            .into_iter()
            .map(|id| (id.clone(), json!([environment])))
            .collect();
        let tenant = json!({ "Name": name, "TenantTags": tags, "ProjectEnvironments": projects });
        server.post("/api/tenants", tenant);
    }
    for (query, expected) in [
        (String::new(), "acme bolt core"),
        (format!("projectId={web}"), "acme bolt"),
        (format!("projectId={}", api.to_lowercase()), "acme"),
        ("projectId=Projects-999".to_owned(), ""),
        ("tags=Ring/Early".to_owned(), "acme core"),
        ("tags=ring/early,Ring/Late".to_owned(), "acme bolt core"),
        // Tags of one set are alternatives, sets are all required.
        ("tags=Ring/Early,Size/Big".to_owned(), "acme"),
        (format!("projectId={web}&tags=Ring/Late"), "bolt"),
        (format!("projectId={api}&tags=Ring/Late"), ""),
    ] {
        let page = server.get(&format!("/api/tenants?{query}"));
        assert_eq!(names(&page["Items"]).join(" "), expected, "{query}");
        let n_expected = expected.split_whitespace().count();
        assert_eq!(page["TotalResults"], n_expected, "{query}");
        let all = server.get(&format!("/api/tenants/all?{query}"));
        assert_eq!(names(&all).join(" "), expected, "{query}");
    }
}
