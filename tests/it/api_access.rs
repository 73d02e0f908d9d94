//! Claims about who may do what over the API.

use serde_json::json;

use super::api_server::{ApiServer, serve};

/// A user with a role in the default space, and a key of theirs.
pub fn user_with_role(server: &ApiServer, role: &str, environments: &[&str]) -> String {
    let user = server.post("/api/users", json!({ "Username": "ada" }));
    let team = server.post(
        "/api/teams",
        json!({ "Name": "T", "MemberUserIds": [user["Id"]] }),
    );
    let scoped = json!({
        "TeamId": team["Id"],
        "UserRoleId": role,
        "SpaceId": "Spaces-1",
        "EnvironmentIds": environments,
    });
    server.post("/api/scopeduserroles", scoped);
    let path = format!("/api/users/{}/apikeys", user["Id"].as_str().expect("an id"));
    let key = server.post(&path, json!({ "Purpose": "a test" }));
    key["ApiKey"]
        .as_str()
        .expect("the key, shown once")
        .to_owned()
}

#[test]
fn without_a_key_nothing_is_read() {
    let (_directory, server) = ApiServer::first();
    for key in [
        "",
        "API-NONE",
        "API-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "nonsense",
    ] {
        for path in [
            "/api/users/me",
            "/api/spaces",
            "/api/Spaces-1/projects",
            "/api/events",
        ] {
            server.ask_as(key, "GET", path, None).expect(401);
        }
    }
}

#[test]
fn a_bearer_token_is_a_key_too() {
    let (_directory, server) = ApiServer::first();
    let key = server.key.as_deref().expect("a key");
    let request = format!(
        "GET /api/users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Octopus-ApiKey: \r\nAuthorization: Bearer {key}\r\n\r\n"
    );
    assert_eq!(server.ask_raw(&request).expect(200)["Username"], "admin");
}

#[test]
fn a_viewer_reads_and_changes_nothing() {
    let (_directory, server) = ApiServer::first();
    let key = user_with_role(&server, "userroles-projectviewer", &[]);
    let body = Some(json!({ "Name": "x" }));
    server
        .ask_as(&key, "GET", "/api/environments", None)
        .expect(200);
    for path in [
        "environments",
        "lifecycles",
        "feeds",
        "tenants",
        "tagsets",
        "workerpools",
        "teams",
        "users",
    ] {
        let path = format!("/api/{path}");
        server.ask_as(&key, "POST", &path, body.clone()).expect(403);
    }
    server
        .ask_as(&key, "DELETE", "/api/lifecycles/Lifecycles-1", None)
        .expect(403);
    server.ask_as(&key, "GET", "/api/events", None).expect(403);
}

#[test]
fn a_role_for_one_environment_shows_no_other() {
    let (_directory, server) = ApiServer::first();
    for name in ["Dev", "Production"] {
        server.post("/api/environments", json!({ "Name": name }));
    }
    let key = user_with_role(&server, "userroles-projectdeployer", &["Environments-1"]);
    let seen = server
        .ask_as(&key, "GET", "/api/environments/all", None)
        .expect(200);
    assert_eq!(seen.as_array().map(Vec::len), Some(1), "{seen}");
    server
        .ask_as(&key, "GET", "/api/environments/Environments-2", None)
        .expect(404);
    server
        .ask_as(&key, "GET", "/api/environments/production", None)
        .expect(404);
}

#[test]
fn nobody_enters_a_space_without_a_role_in_it() {
    let (_directory, server) = ApiServer::first();
    let body = json!({ "Name": "Other", "SpaceManagersTeamMembers": ["Users-1"] });
    let space = server.post("/api/spaces", body);
    let path = format!("/api/{}/environments", space["Id"].as_str().expect("an id"));
    let key = user_with_role(&server, "userroles-spacemanager", &[]);
    server.ask_as(&key, "GET", &path, None).expect(404);
    let seen = server
        .ask_as(&key, "GET", "/api/spaces/all", None)
        .expect(200);
    assert_eq!(seen.as_array().map(Vec::len), Some(1), "{seen}");
    let unseen = format!("/api/spaces/{}", space["Id"].as_str().expect("an id"));
    server.ask_as(&key, "GET", &unseen, None).expect(404);
}

#[test]
fn a_revoked_key_and_a_deactivated_user_are_strangers_at_once() {
    let (_directory, server) = ApiServer::first();
    let key = user_with_role(&server, "userroles-projectviewer", &[]);
    let me = server
        .ask_as(&key, "GET", "/api/users/me", None)
        .expect(200);
    let keys = format!("/api/users/{}/apikeys", me["Id"].as_str().expect("an id"));
    let list = server.get(&keys);
    let shown = &list["Items"][0];
    assert!(!list.to_string().contains(&key), "a key is shown once");
    let own = format!("{keys}/{}", shown["Id"].as_str().expect("an id"));
    server.ask("DELETE", &own, None).expect(200);
    server
        .ask_as(&key, "GET", "/api/users/me", None)
        .expect(401);
    let again = server.post(&keys, json!({ "Purpose": "again" }));
    let again = again["ApiKey"].as_str().expect("a key");
    server
        .ask_as(again, "GET", "/api/users/me", None)
        .expect(200);
    let mut user = me.clone();
    user["IsActive"] = false.into();
    server.put(
        &format!("/api/users/{}", me["Id"].as_str().expect("an id")),
        user,
    );
    server
        .ask_as(again, "GET", "/api/users/me", None)
        .expect(401);
}

#[test]
fn somebody_can_always_administer_the_server() {
    let (_directory, server) = ApiServer::first();
    server.ask("DELETE", "/api/users/Users-1", None).expect(409);
    server
        .ask("DELETE", "/api/teams/teams-administrators", None)
        .expect(409);
    let mut me = server.get("/api/users/Users-1");
    me["IsActive"] = false.into();
    server
        .ask("PUT", "/api/users/Users-1", Some(me))
        .expect(409);
}

#[test]
fn strangers_who_try_again_and_again_are_slowed_down_and_known_keys_are_not() {
    let (_directory, server) = ApiServer::first();
    server.get("/api/users/me");
    let statuses: Vec<u16> = (0..40)
        .map(|_| {
            server
                .ask_as("API-WRONG", "GET", "/api/users/me", None)
                .status
        })
        .collect();
    assert_eq!(statuses.first(), Some(&401));
    assert_eq!(statuses.last(), Some(&429));
    server.get("/api/users/me");
}

#[test]
fn how_many_wrong_keys_are_answered_is_the_operators_to_say() {
    let directory = tempfile::TempDir::new().expect("a temporary directory can be made");
    for (max, n_answered) in [("3", 3), ("50", 40)] {
        let mut command = serve(directory.path());
        command.args(["--max-failed-logins", max]);
        let server = ApiServer::spawn(command);
        let answered = (0..40).filter(|_| {
            let answer = server.ask_as("API-WRONG", "GET", "/api/users/me", None);
            answer.status == 401
        });
        assert_eq!(answered.count(), n_answered, "{max}");
        server.kill();
    }
}

#[test]
fn every_change_leaves_an_event_that_says_who() {
    let (_directory, server) = ApiServer::first();
    server.post("/api/environments", json!({ "Name": "Dev" }));
    let events = server.get("/api/events?regarding=Environments-1");
    let event = &events["Items"][0];
    assert_eq!(
        (&event["Category"], &event["Username"]),
        (&json!("Created"), &json!("admin"))
    );
}

#[test]
fn the_description_has_every_route_with_and_without_a_space() {
    let (_directory, server) = ApiServer::first();
    let description = server
        .ask_as("", "GET", "/api/openapi.json", None)
        .expect(200);
    assert_eq!(description["openapi"], "3.1.0");
    for path in ["/api/projects/{id}", "/api/{spaceId}/projects/{id}"] {
        assert!(description["paths"][path]["put"].is_object(), "{path}");
    }
}

/// Every operation of the API: method, and a path whose parameters name nothing that exists.
pub fn operations(server: &ApiServer) -> Vec<(String, String, bool)> {
    let description = server.get("/api/openapi.json");
    let paths = description["paths"].as_object().expect("paths");
    let mut operations = Vec::new();
    for (path, methods) in paths {
        let path = path.replace("{spaceId}", "Spaces-1");
        let path = path.replace("{id}", "nothing").replace("{key}", "nothing");
        for (method, operation) in methods.as_object().expect("methods") {
            let needs_key = operation["security"].is_array();
            operations.push((method.to_ascii_uppercase(), path.clone(), needs_key));
        }
    }
    assert!(operations.len() > 150, "{} operations", operations.len());
    operations
}

#[test]
fn every_route_refuses_strangers_unless_it_says_otherwise() {
    let (_directory, server) = ApiServer::first();
    for (method, path, needs_key) in operations(&server) {
        let answer = server.ask_as("", &method, &path, Some(json!({})));
        assert_eq!(
            answer.status == 401,
            needs_key,
            "{method} {path}: {answer:?}"
        );
    }
}

#[test]
fn no_route_changes_anything_for_those_who_may_only_read() {
    let (_directory, server) = ApiServer::first();
    let viewer = user_with_role(&server, "userroles-projectviewer", &[]);
    let nobody = server.post("/api/users", json!({ "Username": "nobody" }));
    let keys = format!(
        "/api/users/{}/apikeys",
        nobody["Id"].as_str().expect("an id")
    );
    let nobody = server.post(&keys, json!({ "Purpose": "a test" }));
    let nobody = nobody["ApiKey"].as_str().expect("a key");
    let before = server.get("/api/events")["TotalResults"].clone();
    for (method, path, _) in operations(&server) {
        if method == "GET" {
            continue;
        }
        for key in [viewer.as_str(), nobody] {
            let answer = server.ask_as(key, &method, &path, Some(json!({ "Name": "x" })));
            assert!(
                (400..500).contains(&answer.status),
                "{method} {path}: {answer:?}"
            );
        }
    }
    assert_eq!(
        server.get("/api/events")["TotalResults"],
        before,
        "nothing happened"
    );
}

#[test]
fn no_route_answers_an_administrator_with_a_failure_of_its_own() {
    let (_directory, server) = ApiServer::first();
    for (method, path, _) in operations(&server) {
        for body in [
            json!({}),
            json!([]),
            json!("x"),
            json!({ "Name": "\u{0}", "SortOrder": 1e300 }),
        ] {
            let answer = server.ask(&method, &path, Some(body));
            assert!(answer.status < 500, "{method} {path}: {answer:?}");
        }
    }
}
