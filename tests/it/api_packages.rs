//! Claims about the built-in feed and about what steps do with packages.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use super::api_server::ApiServer;
use super::cli::seawall;
use super::deploying::{Deploying, script};

pub fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        let options =
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        writer.start_file(*name, options).expect("an entry");
        writer.write_all(bytes).expect("it is written");
    }
    writer.finish().expect("an archive").into_inner()
}

pub fn push(server: &ApiServer, name: &str, mode: &str, bytes: &[u8]) -> super::api_server::Answer {
    let path = format!("/api/Spaces-1/packages/raw?overwriteMode={mode}");
    server.upload(&path, "fileToUpload", name, bytes)
}

/// How many files the server keeps.
fn n_blobs(directory: &std::path::Path) -> usize {
    let mut n_files = 0;
    for entry in std::fs::read_dir(directory.join("blobs"))
        .expect("the directory")
        .flatten()
    {
        n_files += std::fs::read_dir(entry.path())
            .expect("a directory")
            .count();
    }
    n_files
}

#[test]
fn a_package_is_pushed_once_replaced_or_ignored_as_the_client_says() {
    let (directory, server) = ApiServer::first();
    let (one, two) = (zip(&[("a", b"1")]), zip(&[("a", b"2")]));
    let made = push(&server, "Acme.Web.1.4.2.zip", "FailIfExists", &one).expect(201);
    assert_eq!(
        (&made["PackageId"], &made["Version"]),
        (&json!("Acme.Web"), &json!("1.4.2"))
    );
    assert_eq!(made["Id"], "packages-Acme.Web.1.4.2");
    let again = push(&server, "acme.web.1.4.2.zip", "FailIfExists", &two).expect(409);
    let message = again["ErrorMessage"].as_str().unwrap_or_default();
    assert!(
        message.contains("A package with the same name and version already exists"),
        "{again}"
    );
    let ignored = push(&server, "Acme.Web.1.4.2.zip", "IgnoreIfExists", &two).expect(200);
    assert_eq!(ignored["Hash"], made["Hash"]);
    let replaced = push(&server, "Acme.Web.1.4.2.zip", "OverwriteExisting", &two).expect(201);
    assert_ne!(replaced["Hash"], made["Hash"]);
    assert_eq!(n_blobs(directory.path()), 1, "what was replaced is gone");
    push(&server, "Acme.Web.1.4.2.zip", "Sometimes", &two).expect(400);
    server
        .upload("/api/packages/raw", "file", "Acme.Web.1.10.0.zip", &one)
        .expect(201);
    server
        .upload(
            "/api/packages/raw?replace=true",
            "file",
            "Acme.Web.1.10.0.zip",
            &one,
        )
        .expect(201);
    let latest = server.get("/api/packages?nuGetPackageId=acme.web&latest=true");
    assert_eq!(latest["Items"][0]["Version"], "1.10.0");
    let versions = server.get("/api/feeds/feeds-builtin/packages/versions?packageId=Acme.Web&take=1&versionRange=%5B1.0%2C1.5)");
    assert_eq!(
        (&versions["TotalResults"], &versions["Items"][0]["Version"]),
        (&json!(1), &json!("1.4.2"))
    );
    server
        .ask("DELETE", "/api/packages/packages-Acme.Web.1.10.0", None)
        .expect(200);
    server
        .ask("GET", "/api/packages/packages-Acme.Web.1.10.0", None)
        .expect(404);
    assert_eq!(n_blobs(directory.path()), 1);
}

#[test]
fn what_is_no_package_is_refused_and_leaves_nothing() {
    let (directory, server) = ApiServer::first();
    let fine = zip(&[("a", b"1")]);
    for (name, bytes, problem) in [
        ("Acme.Web.zip", fine.clone(), "has no version"),
        ("Acme.1.0.exe", fine.clone(), "is not a package"),
        ("Acme.1.0.zip", b"no archive".to_vec(), "broken"),
        ("Acme.1.0.zip", fine[..fine.len() - 30].to_vec(), "broken"),
        ("Acme.1.0.tar.gz", fine.clone(), "broken"),
        (
            "Acme.1.0.zip",
            zip(&[("../evil", b"x")]),
            "would leave the folder",
        ),
        ("..%2fAcme.1.0.zip", fine.clone(), "characters"),
    ] {
        let refused = push(&server, name, "FailIfExists", &bytes).expect(400);
        let said = refused.to_string();
        assert!(said.contains(problem), "{name}: {said}");
    }
    assert_eq!(n_blobs(directory.path()), 0);
    assert_eq!(server.get("/api/packages")["TotalResults"], 0);
    let nothing = server
        .upload("/api/packages/raw", "file", "", b"")
        .expect(400);
    assert!(
        nothing.to_string().contains("no version") || nothing.to_string().contains("not a package"),
        "{nothing}"
    );
}

#[test]
fn a_large_package_goes_to_disk_without_going_to_memory() {
    let (directory, server) = ApiServer::first();
    let bytes = zip(&[("large", &vec![7; 100 << 20])]);
    let before = server.peak_memory_kib();
    let made = push(&server, "large.1.0.0.zip", "FailIfExists", &bytes).expect(201);
    assert_eq!(made["PackageSizeBytes"], bytes.len());
    let grown = server.peak_memory_kib() - before;
    assert!(grown < 40 * 1024, "it took {grown} KiB more");
    let key = server.key.clone();
    server.kill();
    // What a killed server was about to take is gone at the next start.
    let incoming = directory.path().join("blobs/incoming");
    std::fs::write(incoming.join("half"), b"half").expect("it is written");
    let orphan = directory.path().join("blobs/ab");
    std::fs::create_dir_all(&orphan).expect("it is made");
    std::fs::write(orphan.join("ab".repeat(32)), b"orphan").expect("it is written");
    let server = ApiServer::start(directory.path()).with_key(key);
    assert_eq!(n_blobs(directory.path()), 1);
    assert_eq!(server.get("/api/packages")["TotalResults"], 1);
}

/// A project whose step uses the package `acme.web`.
fn with_package(mut step: Value, properties: Value) -> Deploying {
    let action = &mut step["Actions"][0];
    action["Packages"] =
        json!([{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    for (name, value) in properties.as_object().into_iter().flatten() {
        action["Properties"][name] = value.clone();
    }
    Deploying::new(&[step])
}

#[test]
fn a_release_takes_the_latest_package_and_keeps_it() {
    let policy = "schema = 1\nname = \"pkg\"\n[[files]]\nmount = \"/pkg\"\nfrom = \"package:Acme.Web\"\naccess = \"read\"\n";
    let body = "cat /pkg/index.html; echo \"version #{Octopus.Action.Package[].PackageVersion}\"; echo no > /pkg/x || echo read-only";
    let web = with_package(
        script("Show", "Bash", body),
        json!({ "Seawall.Policy": "pkg" }),
    );
    web.server
        .ask("PUT", "/api/policies/pkg", Some(json!({ "Text": policy })))
        .expect(200);
    let refused = web.server.ask(
        "POST",
        "/api/releases/create/v1",
        Some(json!({ "ProjectName": "Web" })),
    );
    assert!(
        refused.expect(400)["Errors"]
            .to_string()
            .contains("the feed has none")
    );
    for version in ["1.9.0", "1.10.0"] {
        let bytes = zip(&[("index.html", format!("page {version}\n").as_bytes())]);
        push(
            &web.server,
            &format!("acme.web.{version}.zip"),
            "FailIfExists",
            &bytes,
        )
        .expect(201);
    }
    web.release("1.0.0");
    push(
        &web.server,
        "acme.web.2.0.0.zip",
        "FailIfExists",
        &zip(&[("index.html", b"page 2\n")]),
    )
    .expect(201);
    let task_id = web.deploy("1.0.0", "Dev");
    let task = web.wait(&task_id);
    let log = web.log(&task_id);
    assert_eq!(task["State"], "Success", "{log}");
    for line in ["page 1.10.0", "version 1.10.0", "read-only"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    web.server
        .ask("DELETE", "/api/packages/packages-acme.web.1.10.0", None)
        .expect(200);
    let command =
        json!({ "ProjectName": "Web", "ReleaseVersion": "1.0.0", "EnvironmentNames": ["Dev"] });
    let refused = web.server.ask(
        "POST",
        "/api/deployments/create/untenanted/v1",
        Some(command),
    );
    assert!(
        refused.expect(400)["Errors"]
            .to_string()
            .contains("not in the feed any more")
    );
}

#[test]
fn scripts_out_of_a_package_run_in_the_sandbox_in_their_order() {
    let entries: &[(&str, &[u8])] = &[
        ("PostDeploy.js", b"console.log('three')"),
        (
            "PreDeploy.sh",
            b"echo one; cat /etc/passwd 2>/dev/null || echo contained",
        ),
        ("Deploy.py", b"print('two')"),
        ("deep/Deploy.sh", b"echo never"),
        (
            "tools/run.sh",
            b"echo from-a-file; echo kept > report.txt; new_octopusartifact report.txt",
        ),
    ];
    let mut step = script("Deploy", "Bash", "");
    step["Actions"][0]["ActionType"] = "Octopus.TentaclePackage".into();
    let web = with_package(step, json!({}));
    push(
        &web.server,
        "acme.web.1.0.0.zip",
        "FailIfExists",
        &zip(entries),
    )
    .expect(201);
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    let log = web.succeeded(&task_id);
    let places: Vec<_> = ["one", "contained", "two", "three"]
        .iter()
        .map(|text| {
            log.find(&format!("|   {text}\n"))
                .unwrap_or_else(|| panic!("{text}: {log}"))
        })
        .collect();
    assert!(places.is_sorted() && !log.contains("never"), "{log}");
    let receipt = web.server.get(&format!("/api/tasks/{task_id}/receipt"));
    assert_eq!(receipt["Steps"].as_array().map(Vec::len), Some(3));

    let file = json!({ "Octopus.Action.Script.ScriptSource": "Package", "Octopus.Action.Script.ScriptFileName": "tools/run.sh" });
    let mut step = script("Run", "Bash", "");
    step["Actions"][0]["Packages"] =
        json!([{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    for (name, value) in file.as_object().expect("an object") {
        step["Actions"][0]["Properties"][name] = value.clone();
    }
    web.set_steps(&[step]);
    web.release("1.0.1");
    let task_id = web.deploy("1.0.1", "Dev");
    web.succeeded(&task_id);
    assert!(web.log(&task_id).contains("from-a-file"));
    let artifacts = web
        .server
        .get(&format!("/api/artifacts?regarding={task_id}"));
    let artifact = &artifacts["Items"][0];
    assert_eq!(artifact["Filename"], "report.txt", "{}", web.log(&task_id));
    let content = web
        .server
        .get(artifact["Links"]["Content"].as_str().expect("a link"));
    assert_eq!(content, "kept\n");
    let id = artifact["Id"].as_str().expect("an id");
    web.server
        .ask("DELETE", &format!("/api/artifacts/{id}"), None)
        .expect(200);
    web.server
        .ask("GET", &format!("/api/artifacts/{id}/content"), None)
        .expect(404);
}

/// PreDeploy and Deploy have one workspace, and one quota for it.
#[test]
fn the_scripts_of_a_package_have_one_quota_of_disk() {
    let write =
        |name: &str| format!("head -c 600000 /dev/zero > /work/{name} && echo wrote {name}");
    let entries = |deploy: &str| {
        let (first, second) = (write("a"), format!("{deploy}{}", write("b")));
        zip(&[
            ("PreDeploy.sh", first.as_bytes()),
            ("Deploy.sh", second.as_bytes()),
        ])
    };
    let mut step = script("Deploy", "Bash", "");
    step["Actions"][0]["ActionType"] = "Octopus.TentaclePackage".into();
    let web = with_package(step, json!({ "Seawall.Policy": "small" }));
    let policy = "schema = 1\nname = \"small\"\n[[files]]\nmount = \"/work\"\nfrom = \"workspace\"\naccess = \"read-write\"\n[limits]\ndisk = \"1MiB\"\n";
    web.server
        .put("/api/policies/small", json!({ "Text": policy }));
    // What is removed makes room again.
    for (version, deploy, state) in [
        ("1.0.0", "", "Failed"),
        ("1.0.1", "rm /work/a; ", "Success"),
    ] {
        push(
            &web.server,
            &format!("acme.web.{version}.zip"),
            "FailIfExists",
            &entries(deploy),
        )
        .expect(201);
        web.release(version);
        let task_id = web.deploy(version, "Dev");
        let task = web.wait(&task_id);
        let log = web.log(&task_id);
        assert_eq!(task["State"], state, "{log}");
        assert!(log.contains("wrote a"), "{log}");
        assert_eq!(
            log.contains("reached the limit `disk`"),
            state == "Failed",
            "{log}"
        );
        assert_eq!(log.contains("wrote b"), state == "Success", "{log}");
    }
}

#[test]
fn artifacts_of_one_step_with_one_name_are_all_kept() {
    let body = "for n in 1 2; do mkdir d$n; echo report $n > d$n/report.txt; new_octopusartifact d$n/report.txt; done";
    let web = Deploying::new(&[script("Report", "Bash", body)]);
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    let task = web.wait(&task_id);
    assert_eq!(task["State"], "Success", "{}", web.log(&task_id));
    assert_eq!(task["HasWarningsOrErrors"], false, "{}", web.log(&task_id));
    let artifacts = web
        .server
        .get(&format!("/api/artifacts?regarding={task_id}"));
    let newest_first = artifacts["Items"].as_array().expect("a list").iter();
    let contents: Vec<Value> = newest_first
        .inspect(|artifact| assert_eq!(artifact["Filename"], "report.txt"))
        .map(|artifact| artifact["Links"]["Content"].as_str().expect("a link"))
        .map(|link| web.server.get(link))
        .collect();
    assert_eq!(contents, ["report 2\n", "report 1\n"], "{artifacts}");
    let receipt = web.server.get(&format!("/api/tasks/{task_id}/receipt"));
    let consumed = &receipt["Steps"][0]["Receipt"]["consumed"];
    assert_eq!(consumed["disk-bytes"], 2 * "report 1\n".len(), "{receipt}");
}

#[test]
fn build_information_is_pushed_once_unless_it_is_to_be_replaced() {
    let (_directory, server) = ApiServer::first();
    let body = json!({ "PackageId": "Hello", "Version": "1.0.0", "OctopusBuildInformation": { "Branch": "main", "Commits": [{ "Id": "1", "Comment": "x" }] } });
    let push = |mode: &str| {
        let path = format!("/api/Spaces-1/build-information?overwriteMode={mode}");
        server.ask("POST", &path, Some(body.clone()))
    };
    let made = push("FailIfExists").expect(201);
    assert_eq!(
        (&made["Branch"], &made["Commits"][0]["Id"]),
        (&json!("main"), &json!("1"))
    );
    let refused = push("FailIfExists").expect(409);
    assert!(
        refused["ErrorMessage"]
            .to_string()
            .contains("Metadata for the specified Package ID and version already exists.")
    );
    push("OverwriteExisting").expect(200);
    push("IgnoreIfExists").expect(200);
    assert_eq!(
        server.get("/api/build-information?packageId=hello")["TotalResults"],
        1
    );
}

#[test]
fn a_package_is_pushed_from_the_command_line() {
    let (_directory, server) = ApiServer::first();
    let push = |mode: &str, code: i32| {
        let command = seawall(["package", "push", "acme.web.1.4.2.zip", "--overwrite", mode])
            .file("acme.web.1.4.2.zip", zip(&[("a", b"1")]))
            .env("SEAWALL_URL", server.url())
            .env("SEAWALL_API_KEY", server.key.as_deref().unwrap_or_default());
        let ended = command.run();
        ended.expect_code(code);
        ended
    };
    push("fail", 0).expect_in_stdout("acme.web 1.4.2 is in the feed");
    push("fail", 118).expect_in_stderr("already exists");
    push("ignore", 0);
}

#[test]
fn script_parameters_are_words_and_may_name_variables() {
    let mut step = script("A", "Bash", "echo \"$# [$1] [$2] [$3]\"");
    step["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] =
        "--to #{Octopus.Environment.Name} 'two words'".into();
    let mut python = script("B", "Python", "import sys\nprint('args', sys.argv[1:])");
    python["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] =
        "a \"b c\"".into();
    let mut broken = script("C", "Bash", "true");
    broken["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] = "'open".into();
    let web = Deploying::new(&[step, python, broken]);
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    assert_eq!(web.wait(&task_id)["State"], "Failed");
    let log = web.log(&task_id);
    for line in [
        "3 [--to] [Dev] [two words]",
        "args ['a', 'b c']",
        "The step `C` failed: a quotation in the script parameters is not closed",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
}

/// Prints a line, and ends with the number of its arguments, its own name included, less `expected`.
fn module(expected: u32) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 64) "from a module\n")
            (func (export "_start")
                (i32.store (i32.const 0) (i32.const 64))
                (i32.store (i32.const 4) (i32.const 14))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                (drop (call $sizes (i32.const 16) (i32.const 20)))
                (call $exit (i32.sub (i32.load (i32.const 16)) (i32.const {expected})))))"#
    );
    wat::parse_str(text).expect("a module")
}

#[test]
fn a_module_out_of_a_package_is_a_script_like_any_other() {
    let mut file = script("Tool", "Bash", "");
    file["Actions"][0]["Properties"]["Octopus.Action.Script.ScriptParameters"] = "one two".into();
    let properties = json!({ "Octopus.Action.Script.ScriptSource": "Package", "Octopus.Action.Script.ScriptFileName": "tools/tool.wasm" });
    let web = with_package(file, properties);
    let hostile = zip(&[("tools/tool.wasm", b"no module")]);
    let fine = zip(&[("tools/tool.wasm", &module(3))]);
    push(&web.server, "acme.web.1.0.0.zip", "FailIfExists", &fine).expect(201);
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    web.succeeded(&task_id);
    assert!(
        web.log(&task_id).contains("from a module"),
        "{}",
        web.log(&task_id)
    );
    push(&web.server, "acme.web.1.0.1.zip", "FailIfExists", &hostile).expect(201);
    web.release("1.0.1");
    let task_id = web.deploy("1.0.1", "Dev");
    assert_eq!(web.wait(&task_id)["State"], "Failed");
    assert!(
        web.log(&task_id).contains("The step `Tool` failed"),
        "{}",
        web.log(&task_id)
    );
    // As a convention, too.
    let deploy = json!({ "Name": "Deploy", "Actions": [{ "Name": "Deploy", "ActionType": "Octopus.TentaclePackage",
        "Properties": { "Octopus.Action.RunOnServer": "True" },
        "Packages": [{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }] }]});
    web.set_steps(&[deploy]);
    let convention = zip(&[("Deploy.wasm", &module(1))]);
    push(
        &web.server,
        "acme.web.1.0.2.zip",
        "FailIfExists",
        &convention,
    )
    .expect(201);
    web.release("1.0.2");
    let task_id = web.deploy("1.0.2", "Dev");
    web.succeeded(&task_id);
}

#[test]
fn several_packages_are_deleted_at_once() {
    let (_directory, server) = ApiServer::first();
    for version in ["1.0.0", "1.0.1", "1.0.2"] {
        let name = format!("Acme.{version}.zip");
        push(&server, &name, "FailIfExists", &zip(&[("a", b"1")])).expect(201);
    }
    let bulk = |ids: &str| server.ask("DELETE", &format!("/api/packages/bulk{ids}"), None);
    bulk("").expect(400);
    bulk("?ids=packages-Acme.1.0.0,packages-Acme.1.0.2").expect(200);
    let left = server.get("/api/packages");
    assert_eq!(
        (&left["TotalResults"], &left["Items"][0]["Version"]),
        (&json!(1), &json!("1.0.1"))
    );
    bulk("?ids=packages-Acme.9.0.0").expect(404);
    let worker = server.get("/api/workers")["Items"][0]["Id"].clone();
    let connection = |status: &str| {
        let path = format!(
            "/api/workers/{}/connection",
            worker.as_str().expect("an id")
        );
        assert_eq!(server.get(&path)["Status"], status);
    };
    connection("Online");
    server.put(
        "/api/featuresconfiguration",
        json!({ "IsBuiltInWorkerEnabled": false }),
    );
    connection("Disabled");
}
