//! Offline drops into a directory that the server's operator named: there, whole, and nowhere else.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::api_server::{ApiServer, serve};
use super::cli::seawall;
use super::deploying::Deploying;
use super::target_kinds::{on_targets, policy};

/// A server with this directory for bundles by the name `ships`.
fn deploying(ships: &Path) -> Deploying {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let mut command = serve(directory.path());
    command.arg("--offline-drop-dir");
    command.arg(format!("ships={}", ships.display()));
    let body =
        "echo \"on $(get_octopusvariable Octopus.Machine.Name) with $(get_octopusvariable Token)\"";
    let step = on_targets("Say a/b", "Bash", body);
    let deploying = Deploying::on(directory, ApiServer::spawn(command), &[step]);
    policy(&deploying, "default", "");
    deploying.set_variables(&[("Token", "hunter2-hunter2", json!({ "IsSensitive": true }))]);
    deploying
}

/// Has bundles for the target put into this folder.
fn put_into(deploying: &Deploying, folder: &str) {
    let all = deploying.server.get("/api/machines/all");
    let environment = deploying.server.get("/api/environments/all")[0]["Id"].clone();
    let target = json!({ "Name": "ship", "EnvironmentIds": [environment], "Roles": ["web"],
        "Endpoint": { "CommunicationStyle": "OfflineDrop",
            "Destination": { "DestinationType": "FileSystem", "DropFolderPath": folder },
            "SensitiveVariablesEncryptionPassword": { "HasValue": true, "NewValue": "sesame" } } });
    match all[0]["Id"].as_str() {
        Some(id) => deploying.server.put(&format!("/api/machines/{id}"), target),
        None => deploying.server.post("/api/machines", target),
    };
}

/// Every file below a directory, and every link.
fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        match entry.file_type().expect("it has one").is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.file_name().to_string_lossy().into_owned()),
        }
    }
    found
}

#[test]
fn a_bundle_is_put_into_the_directory_that_was_named_and_runs_from_there() {
    let ships = TempDir::new().expect("a directory");
    let deploying = deploying(ships.path());
    put_into(&deploying, "ships/eu/1");
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let ended = deploying.wait(&task);
    let log = deploying.log(&task);
    assert_eq!(ended["State"], "Success", "{log}");
    let name = format!("{task} Say a_b for ship.seawall.tar");
    assert!(log.contains(&format!("ships/eu/1/{name}")), "{log}");
    assert!(!log.contains(&*ships.path().to_string_lossy()), "{log}");
    assert_eq!(files(ships.path()), [name.as_str()]);
    let artifacts = deploying
        .server
        .get(&format!("/api/artifacts?regarding={task}"));
    assert_eq!(
        artifacts["Items"],
        json!([]),
        "it is there, and not here, too"
    );
    let bundle = fs::read(ships.path().join("eu/1").join(&name)).expect("it is there");
    let command = seawall(["offline-drop", "run", "step.tar", "--password-env", "DROP"]);
    let ran = command
        .file("step.tar", &bundle)
        .env("DROP", "sesame")
        .run();
    ran.expect_code(0).expect_in_stdout("on ship with ****");
}

#[test]
fn no_other_directory_is_ever_written_to() {
    let ships = TempDir::new().expect("a directory");
    let outside = TempDir::new().expect("a directory");
    std::os::unix::fs::symlink(outside.path(), ships.path().join("out")).expect("it is ours");
    let deploying = deploying(ships.path());
    put_into(&deploying, "ships");
    deploying.release("1.0.0");
    let command =
        json!({ "projectName": "Web", "releaseVersion": "1.0.0", "environmentNames": ["Dev"] });
    let create = "/api/Spaces-1/deployments/create/untenanted/v1";
    let absolute = outside.path().to_string_lossy().into_owned();
    for (folder, why) in [
        ("cargo/eu", "started with no --offline-drop-dir cargo=PATH"),
        (absolute.as_str(), "its DropFolderPath is"),
        ("ships/../..", "its DropFolderPath is"),
        ("", "its DropFolderPath is"),
    ] {
        put_into(&deploying, folder);
        let refused = deploying.server.ask("POST", create, Some(command.clone()));
        let refused: Value = refused.expect(400);
        assert!(refused.to_string().contains(why), "{folder}: {refused}");
    }
    // What leads out is seen when it is written, and not before.
    put_into(&deploying, "ships/out/x");
    let task = deploying.deploy("1.0.0", "Dev");
    assert_eq!(deploying.wait(&task)["State"], "Failed");
    let log = deploying.log(&task);
    assert!(log.contains("can't be put into `ships/out/x`"), "{log}");
    assert_eq!(files(outside.path()), [""; 0]);
}

#[test]
fn a_server_is_not_started_with_a_directory_that_is_not_there() {
    let directory = TempDir::new().expect("a directory");
    for (asked, why) in [
        ("ships=/nowhere/at/all", "there is no directory"),
        ("/srv/ships", "write NAME=DIR"),
        ("a/b=/tmp", "letters, digits"),
    ] {
        let ended = serve(directory.path())
            .args(["--offline-drop-dir", asked])
            .output()
            .expect("it ends");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(
            !ended.status.success() && said.contains(why),
            "{asked}: {said}"
        );
    }
}
