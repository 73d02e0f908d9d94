//! Files as cases: `tests/cases/policy/*.toml` with what is said about them, the samples in
//! `policies/`, and the reference there.
//!
//! Run with `SEAWALL_BLESS=1` to write what is expected instead of comparing it; then read the diff.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn toml_files(directory: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                fs::read_to_string(&path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

fn compare(path: &Path, actual: &str) {
    if std::env::var_os("SEAWALL_BLESS").is_some() {
        fs::write(path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(actual, expected, "{}", path.display());
}

/// What `seawall policy check` prints about a file.
fn said(name: &str, text: &str) -> String {
    let result = if name.starts_with("ceiling") {
        parse_ceiling(name, text)
    } else {
        parse(name, text)
    };
    match result {
        Ok((_, warnings)) => warnings
            .iter()
            .map(|warning| format!("{warning}\n"))
            .collect(),
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn each_case_is_told_what_is_wrong_with_it() {
    let directory = root().join("tests/cases/policy");
    let cases = toml_files(&directory);
    assert!(cases.len() >= 10, "the cases are missing");
    for (name, text) in cases {
        compare(
            &directory.join(&name).with_extension("err"),
            &said(&name, &text),
        );
    }
}

#[test]
fn the_samples_are_right_and_within_the_sample_ceiling() {
    let samples = toml_files(&root().join("policies"));
    let (_, ceiling) = samples
        .iter()
        .find(|(name, _)| name == "ceiling.toml")
        .expect("policies/ceiling.toml");
    let (ceiling, _) =
        parse_ceiling("policies/ceiling.toml", ceiling).unwrap_or_else(|error| panic!("{error}"));
    for (name, text) in samples.iter().filter(|(name, _)| name != "ceiling.toml") {
        let file = format!("policies/{name}");
        let (policy, warnings) = parse(&file, text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(warnings, [], "{file}");
        assert_eq!(
            format!("{}.toml", policy.name),
            *name,
            "a sample is called like its file"
        );
        grants(&policy, Some(&ceiling)).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn the_reference_is_the_parsers_own_table() {
    const BEGIN: &str =
        "<!-- made from src/policy/keys.rs: run the tests with SEAWALL_BLESS=1 -->\n";
    let path = root().join("policies/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, _) = text
        .split_once(BEGIN)
        .expect("policies/README.md has lost its marker");
    compare(&path, &format!("{before}{BEGIN}{}", keys::reference()));
}

#[test]
fn every_key_names_a_module_that_exists() {
    for key in keys::keys() {
        let module = root().join("src").join(key.enforced_by);
        let exists = module.with_extension("rs").exists() || module.join("mod.rs").exists();
        assert!(
            exists,
            "{} is said to be enforced by {}",
            key.key, key.enforced_by
        );
    }
}

#[test]
fn every_example_of_the_reference_is_right() {
    // One file with every key: the examples of each section, in order, as two rules where keys exclude each other.
    let mut text = String::new();
    let line = |section: &str, key: &str| {
        keys::keys()
            .iter()
            .find(|k| k.section == section && k.key == key)
            .unwrap()
            .example
            .clone()
    };
    for key in ["schema", "name", "description"] {
        text += &format!("{}\n", line("", key));
    }
    text += &format!(
        "[[files]]\n{}\n{}\n{}\n",
        line("files", "mount"),
        line("files", "from"),
        line("files", "access")
    );
    for hosts in ["host", "cidr"] {
        for injected in ["header", "query", "basic"] {
            text += "[[network]]\n";
            for key in [hosts, "ports", "scheme", "methods", "paths"] {
                text += &format!("{}\n", line("network", key));
            }
            text += &format!("[network.inject]\n{}\n", line("network.inject", injected));
            if injected != "basic" {
                text += &format!("{}\n", line("network.inject", "value"));
            }
        }
    }
    for section in ["variables", "env", "limits", "process", "messages"] {
        text += &format!("[{section}]\n");
        for key in keys::keys().iter().filter(|key| key.section == section) {
            text += &format!("{}\n", key.example);
        }
    }
    parse("all.toml", &text).unwrap_or_else(|error| panic!("{error}\n{text}"));
}
