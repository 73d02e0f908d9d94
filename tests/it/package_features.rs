//! Claims about what a package step does to its package: variables in files, and the copy that stays.

use std::fs;

use serde_json::{Value, json};

use super::api_packages::{push, zip};
use super::deploying::{Deploying, script};

/// A step that deploys `acme.web` with these properties, under the policy `installing`.
fn deploying(properties: Value) -> Deploying {
    let mut step = script("Deploy", "Bash", "");
    let action = &mut step["Actions"][0];
    action["ActionType"] = "Octopus.TentaclePackage".into();
    action["Packages"] =
        json!([{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    action["Properties"]["Seawall.Policy"] = "installing".into();
    for (name, value) in properties.as_object().into_iter().flatten() {
        action["Properties"][name] = value.clone();
    }
    let web = Deploying::new(&[step]);
    let package = zip(&[
        ("PreDeploy.sh", b"echo \"before: $(cat /pkg/web.config)\""),
        (
            "Deploy.sh",
            b"echo \"then: $(cat /pkg/web.config)\"; ls /srv/web",
        ),
        ("web.config", b"port #{Web.Port}, token #{Token}"),
        ("conf/app.json", br#"{"Log":{"Level":"Info"},"Port":80}"#),
    ]);
    push(&web.server, "acme.web.1.0.0.zip", "FailIfExists", &package).expect(201);
    web.set_variables(&[
        ("Web.Port", "8080", json!({})),
        ("Port", "81", json!({})),
        ("Log:Level", "Debug", json!({})),
        ("Token", "hunter2-hunter2", json!({ "IsSensitive": true })),
    ]);
    web
}

fn policy(web: &Deploying, read: &str, mounts: &str) {
    let text = format!(
        "schema = 1\nname = \"installing\"\n{mounts}[[files]]\nmount = \"/pkg\"\nfrom = \"package:acme.web\"\naccess = \"read\"\n[variables]\nread = [{read}]\n"
    );
    let body = json!({ "Text": text });
    web.server.put("/api/policies/installing", body);
}

/// Lets `/srv` be a directory of the host.
fn mount(web: &Deploying, access: &str) -> (std::path::PathBuf, String) {
    let directory = web.directory.path().join("srv");
    fs::create_dir_all(&directory).expect("a directory");
    let rule = format!(
        "[[files]]\nmount = \"/srv\"\nfrom = \"host:{}\"\naccess = \"{access}\"\n",
        directory.display()
    );
    (directory, rule)
}

fn all_features() -> Value {
    json!({
        "Octopus.Action.EnabledFeatures": "Octopus.Features.CustomDirectory,Octopus.Features.SubstituteInFiles,Octopus.Features.JsonConfigurationVariables",
        "Octopus.Action.Package.CustomInstallationDirectory": "/srv/web",
        "Octopus.Action.SubstituteInFiles.TargetFiles": "*.config",
        "Octopus.Action.Package.JsonConfigurationVariablesTargets": "**/*.json",
    })
}

#[test]
fn a_package_gets_its_variables_and_is_copied_where_the_policy_allows_it() {
    let web = deploying(all_features());
    let (directory, rule) = mount(&web, "read-write");
    policy(&web, "\"Web.*\", \"Port\", \"Log:Level\"", &rule);
    web.release("1.0.0");
    let task = web.deploy("1.0.0", "Dev");
    let state = web.wait(&task)["State"].clone();
    let log = web.log(&task);
    assert_eq!(state, "Success", "{log}");
    // After PreDeploy and before Deploy.
    assert!(log.contains("before: port #{Web.Port}"), "{log}");
    assert!(log.contains("then: port 8080"), "{log}");
    let text = |name: &str| fs::read_to_string(directory.join("web").join(name)).expect("a file");
    // What the step may not read reaches no file.
    assert_eq!(text("web.config"), "port 8080, token #{Token}");
    assert!(log.contains("stay as they are written: Token"), "{log}");
    let app: Value = serde_json::from_str(&text("conf/app.json")).expect("JSON");
    assert_eq!(app, json!({ "Log": { "Level": "Debug" }, "Port": 81 }));
}

#[test]
fn what_is_not_done_is_refused_when_it_is_planned() {
    let purge = "Octopus.Action.Package.CustomInstallationDirectoryShouldBePurgedBeforeDeployment";
    let features = "Octopus.Action.EnabledFeatures";
    let installs = json!({ "Octopus.Action.Package.CustomInstallationDirectory": "/srv/web" });
    let with = |mut base: Value, name: &str, value: &str| {
        base[name] = value.into();
        base
    };
    let read = "\"Web.*\"";
    for (properties, access, read, expected) in [
        (installs.clone(), None, read, "its policy forbids"),
        (installs.clone(), Some("read"), read, "its policy forbids"),
        (
            with(installs.clone(), purge, "True"),
            Some("read-write"),
            read,
            "empties the directory",
        ),
        (
            json!({ features: "Octopus.Features.CustomDirectory" }),
            Some("read-write"),
            read,
            "into which directory",
        ),
        (
            json!({ features: "Octopus.Features.ConfigurationTransforms" }),
            Some("read-write"),
            read,
            "Octopus.Features.ConfigurationTransforms",
        ),
        (
            json!({ features: "Octopus.Features.SubstituteInFiles" }),
            Some("read-write"),
            read,
            "in which files",
        ),
        (all_features(), Some("read-write"), "", "lets it read none"),
        (
            with(installs, "Octopus.Action.RunOnServer", "False"),
            Some("read-write"),
            read,
            "Octopus.Action.TargetRoles",
        ),
    ] {
        let web = deploying(properties.clone());
        let rule = access.map(|access| mount(&web, access).1);
        policy(&web, read, &rule.unwrap_or_default());
        web.release("1.0.0");
        let refused = web.refused("1.0.0", "Dev");
        assert!(
            refused.to_string().contains(expected),
            "{expected}: {properties} {refused}"
        );
    }
}

#[test]
fn a_script_step_has_no_features_of_a_package() {
    let mut step = script("Run", "Bash", "echo hi");
    let features = "Octopus.Action.EnabledFeatures";
    step["Actions"][0]["Properties"][features] = "Octopus.Features.SubstituteInFiles".into();
    let web = Deploying::new(&[step]);
    web.release("1.0.0");
    let refused = web.refused("1.0.0", "Dev");
    assert!(
        refused.to_string().contains("SubstituteInFiles"),
        "{refused}"
    );
}
