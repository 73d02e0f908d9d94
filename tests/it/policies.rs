//! Every file of `policies/` is valid, lies within the ceiling beside it, and a script runs under it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item};

use crate::cli::{Seawall, script, seawall};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}

/// Name and text of each sample policy; the ceiling is not one of them.
fn samples() -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = fs::read_dir(directory())
        .expect("there are policies")
        .flatten()
        .filter(|entry| {
            entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "toml")
        })
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                fs::read_to_string(entry.path()).expect("it is text"),
            )
        })
        .filter(|(name, _)| name != "ceiling.toml")
        .collect();
    found.sort();
    assert!(!found.is_empty(), "there are policies");
    found
}

fn ceiling() -> String {
    fs::read_to_string(directory().join("ceiling.toml")).expect("there is a ceiling")
}

/// The variables that templates of a policy use: `#{Name}`.
fn references(text: &str) -> BTreeSet<String> {
    text.split("#{")
        .skip(1)
        .filter_map(|rest| rest.split(['}', '|', ' ']).next())
        .map(str::to_owned)
        .collect()
}

/// The mounts of a policy that need to be told where they are.
fn packages(text: &str) -> Vec<String> {
    let document: DocumentMut = text.parse().expect("it is TOML");
    let files = document.get("files").and_then(Item::as_array_of_tables);
    files
        .into_iter()
        .flatten()
        .filter(|rule| {
            rule["from"]
                .as_str()
                .is_some_and(|from| from.starts_with("package:"))
        })
        .filter_map(|rule| rule["mount"].as_str().map(str::to_owned))
        .collect()
}

/// A run under a sample policy and its ceiling, with everything that the policy needs.
fn run_under(policy: &str, text: &str) -> Seawall {
    let mut run = script("a.sh", text)
        .file("p.toml", policy)
        .file("ceiling.toml", ceiling())
        .file("package/version", "1.2.3\n")
        .with(["--policy", "p.toml", "--ceiling", "ceiling.toml"]);
    for name in references(policy) {
        run = run.with(["--set", &format!("{name}=some-value")]);
    }
    for mount in packages(policy) {
        run = run.with(["--mount", &format!("{mount}=package")]);
    }
    run
}

#[test]
fn every_policy_is_valid_and_lies_within_the_ceiling() {
    for (name, text) in samples() {
        let run = seawall(["policy", "check", "--ceiling", "ceiling.toml", &name])
            .file(&name, &text)
            .file("ceiling.toml", ceiling())
            .run();
        run.expect_code(0)
            .expect_in_stdout(&format!("{name}: ok: "));
    }
}

#[test]
fn every_policy_says_what_it_is_for() {
    for (name, text) in samples() {
        let document: DocumentMut = text.parse().expect("it is TOML");
        let description = document
            .get("description")
            .and_then(Item::as_str)
            .unwrap_or_default();
        assert!(!description.is_empty(), "{name} has no description");
        assert_eq!(
            document["name"].as_str(),
            name.strip_suffix(".toml"),
            "a policy is called as its file"
        );
    }
}

#[test]
fn a_script_runs_under_every_policy() {
    for (_, text) in samples() {
        run_under(&text, "echo ran\n")
            .run()
            .expect_code(0)
            .expect_stdout("ran\n");
    }
}

#[test]
fn every_policy_denies_what_it_does_not_name() {
    for (_, text) in samples() {
        let run = run_under(
            &text,
            "cat /etc/passwd; curl -sS https://denied.example.org/; get_octopusvariable Denied.Name; exit 0\n",
        );
        run.run()
            .expect_code(0)
            .expect_stdout("\n")
            .expect_in_stderr("read /etc/passwd")
            .expect_in_stderr("GET https://denied.example.org/")
            .expect_in_stderr("Denied.Name");
    }
}

#[test]
fn every_mount_of_every_policy_is_there() {
    for (_, text) in samples() {
        let document: DocumentMut = text.parse().expect("it is TOML");
        let rules = document
            .get("files")
            .and_then(Item::as_array_of_tables)
            .into_iter()
            .flatten();
        for rule in rules {
            let mount = rule["mount"].as_str().expect("a mount is text");
            let is_writable = rule["access"].as_str() == Some("read-write");
            let write = format!("echo x > {mount}/written && cat {mount}/written\n");
            let run = run_under(&text, &write).run();
            if is_writable {
                run.expect_code(0).expect_stdout("x\n");
            } else {
                assert_ne!(run.code, 0, "{run}");
                run_under(&text, &format!("cat {mount}/version\n"))
                    .run()
                    .expect_code(0)
                    .expect_stdout("1.2.3\n");
            }
        }
    }
}

#[test]
fn the_default_policy_is_what_a_run_without_one_has() {
    let text = "echo x > /work/a; cat /work/a; cat /pkg/a; curl -s https://a.example.com/; env\n";
    let default = fs::read_to_string(directory().join("default.toml")).expect("there is a default");
    let with = script("a.sh", text)
        .file("policies/default.toml", default)
        .with(["--policy", "policies/default.toml"])
        .run();
    let without = script("a.sh", text).run();
    assert_eq!(
        (with.code, &with.stdout, &with.stderr),
        (without.code, &without.stdout, &without.stderr),
        "{with}\n{without}"
    );
}
