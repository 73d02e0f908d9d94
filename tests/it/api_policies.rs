//! Claims about the server's policies: files that are read again, over the API, and what tasks keep of them.

use std::fs;

use serde_json::{Value, json};

use super::api_server::{ApiServer, serve};
use super::deploying::{Deploying, script};

const WEB: &str = "schema = 1\nname = \"web\"\n\n[[files]]\nmount = \"/work\"\nfrom = \"workspace\"\naccess = \"read-write\"\n\n[variables]\nread = [\"Web.*\"]\n";

/// A step that reads a variable under the policy `web`.
fn reading() -> Value {
    let mut step = script(
        "Read",
        "Bash",
        "echo \"port $(get_octopusvariable Web.Port)\"",
    );
    step["Actions"][0]["Properties"]["Seawall.Policy"] = "web".into();
    step
}

fn put(server: &ApiServer, name: &str, text: &str) -> super::api_server::Answer {
    let path = format!("/api/policies/{name}");
    server.ask("PUT", &path, Some(json!({ "Text": text })))
}

#[test]
fn a_step_runs_under_the_policy_it_names_and_keeps_its_text() {
    let web = Deploying::new(&[reading()]);
    web.set_variables(&[("Web.Port", "8080", json!({}))]);
    web.release("1.0.0");
    let refused = web.refused("1.0.0", "Dev");
    assert!(refused.contains("names the policy `web`"), "{refused}");
    put(&web.server, "web", WEB).expect(200);
    let task_id = web.deploy("1.0.0", "Dev");
    assert_eq!(web.wait(&task_id)["State"], "Success");
    assert!(web.log(&task_id).contains("port 8080"));
    web.server
        .ask("DELETE", "/api/policies/web", None)
        .expect(200);
    let receipt = web.server.get(&format!("/api/tasks/{task_id}/receipt"));
    assert_eq!(receipt["Steps"][0]["Policy"]["Text"], WEB);
    assert_eq!(
        receipt["Steps"][0]["Receipt"]["variables"],
        json!(["Web.Port"])
    );
    let suggested = web.server.get(&format!("/api/tasks/{task_id}/policy"));
    let text = suggested["Text"].as_str().expect("text");
    assert!(
        text.contains("\"Web.Port\"") && !text.contains("[[network]]"),
        "{text}"
    );
}

#[test]
fn a_set_with_a_mistake_changes_nothing() {
    let (directory, server) = ApiServer::first();
    put(&server, "web", WEB).expect(200);
    for (name, text) in [
        ("web", "schema = 1\nname = \"web\"\nfiles = 3"),
        ("web", "schema = 1\nname = \"other\""),
        ("other", WEB),
        ("..%2Fweb", WEB),
    ] {
        put(&server, name, text).expect(400);
        let text = server.get("/api/policies/web")["Text"].take();
        assert_eq!(text, WEB);
    }
    let ceiling = "schema = 1\nname = \"ceiling\"\n[[files]]\nmount = \"/work\"\nfrom = \"workspace\"\naccess = \"read-write\"\n";
    put(&server, "ceiling", ceiling).expect(200);
    let outside = put(&server, "web2", &WEB.replace("\"web\"", "\"web2\"")).expect(400);
    assert!(outside["Errors"].to_string().contains("Web.*"), "{outside}");
    let files = fs::read_dir(directory.path().join("policies")).expect("the directory");
    assert_eq!(files.count(), 2);
}

#[test]
fn a_file_that_is_changed_counts_and_a_broken_one_is_told() {
    let (directory, server) = ApiServer::first();
    let path = directory.path().join("policies/web.toml");
    fs::write(&path, WEB).expect("it is written");
    // Looked at every second: asked until it is seen, and no longer than the test may take.
    let until = |is_seen: &dyn Fn(&Value) -> bool| {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let list = server.get("/api/policies");
            if is_seen(&list) {
                return list;
            }
            assert!(std::time::Instant::now() < deadline, "{list:#}");
        }
    };
    let has_web = |list: &Value| list["Items"].to_string().contains("\"web\"");
    until(&has_web);
    fs::write(&path, "schema = 1\nname = ").expect("it is written");
    let broken = until(&|list| !list["Problem"].is_null());
    assert!(has_web(&broken), "the set before stays");
    fs::remove_file(&path).expect("it is removed");
    let after = until(&|list| list["Problem"].is_null());
    assert!(!has_web(&after));
}

#[test]
fn a_server_does_not_start_on_a_broken_policy() {
    let (directory, server) = ApiServer::first();
    server.kill();
    fs::write(
        directory.path().join("policies/x.toml"),
        "schema = 1\nname = ",
    )
    .expect("it is written");
    let output = serve(directory.path()).output().expect("the program runs");
    assert_eq!(output.status.code(), Some(120));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("x.toml:2"), "{said}");
}

#[test]
fn who_may_not_change_policies_may_still_read_them() {
    let (_directory, server) = ApiServer::first();
    let user = server.post(
        "/api/users",
        json!({ "Username": "vera", "DisplayName": "Vera" }),
    );
    let id = user["Id"].as_str().expect("an id");
    let team = server.post(
        "/api/teams",
        json!({ "Name": "Leads", "MemberUserIds": [id], "SpaceId": "Spaces-1" }),
    );
    server.post(
        "/api/scopeduserroles",
        json!({ "TeamId": team["Id"], "UserRoleId": "userroles-projectlead", "SpaceId": "Spaces-1" }),
    );
    let key = server.post(
        &format!("/api/users/{id}/apikeys"),
        json!({ "Purpose": "test" }),
    );
    let key = key["ApiKey"].as_str().expect("a key");
    server.ask_as(key, "GET", "/api/policies", None).expect(200);
    let change = json!({ "Text": WEB });
    server
        .ask_as(key, "PUT", "/api/policies/web", Some(change))
        .expect(403);
    put(&server, "web", WEB).expect(200);
}

#[test]
fn a_directory_that_could_not_be_read_for_a_while_is_fine_again() {
    let (directory, server) = ApiServer::first();
    let path = directory.path().join("policies/large.toml");
    let until = |is_seen: &dyn Fn(&Value) -> bool| {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while !is_seen(&server.get("/api/policies")) {
            assert!(std::time::Instant::now() < deadline, "it was never seen");
        }
    };
    fs::write(&path, vec![b'#'; 2 << 20]).expect("it is written");
    until(&|list| list["Problem"].to_string().contains("larger"));
    fs::remove_file(&path).expect("it is removed");
    until(&|list| list["Problem"].is_null());
}
