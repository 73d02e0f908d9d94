//! The rules of the source tree that a compiler doesn't check: which module may know which, and what files look like.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules from the bottom up. An arrow may go sideways or down.
const LEVELS: [&[&str]; 7] = [
    &["model", "policy", "template"],
    &["plan"],
    &["store", "blob", "bus", "package", "certificate"],
    &["worker"],
    &["link", "dispatch", "app"],
    &["api", "web"],
    &["cli"],
];

/// A crate, and the only places that may name it.
const OWNERS: [(&str, &[&str]); 4] = [
    ("sqlx", &["store"]),
    ("russh", &["link/ssh"]),
    ("wasmtime", &["worker/sandbox"]),
    ("axum", &["api", "web", "link"]),
];

/// Names of drawers: whatever is in them belongs somewhere else.
const DRAWERS: [&str; 10] = [
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "types",
    "manager",
    "managers",
    "utilities",
];

const MAX_LINES: usize = 600;

/// Files that are longer, and why a reader is better off.
const LONG: [(&str, &str); 0] = [];

/// Every source file, by its path below `src/`.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    list(&root, &mut paths);
    paths.sort();
    assert!(paths.len() > 20, "the sources are elsewhere");
    let relative = |path: &PathBuf| {
        let path = path.strip_prefix(&root).expect("it is below the root");
        path.to_string_lossy().into_owned()
    };
    paths
        .iter()
        .map(|path| {
            (
                relative(path),
                fs::read_to_string(path).expect("sources are text"),
            )
        })
        .collect()
}

fn list(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory)
        .expect("sources can be read")
        .flatten()
    {
        let path = entry.path();
        if path.is_dir() {
            list(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The lines of a file that are code: number, text.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
}

fn module(path: &str) -> &str {
    path.split('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".rs")
}

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().position(|modules| modules.contains(&module))
}

/// Whether `line` names the crate `name` as a path: `wasmtime::`, `wasmtime_wasi::`, `use axum;`.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let is_start = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let rest = line[at..].trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        is_start
            && (rest.starts_with("::")
                || (line.trim_start().starts_with("use ") && rest.starts_with(';')))
    })
}

#[track_caller]
fn expect_none(claim: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{claim}:\n  {}", found.join("\n  "));
}

#[test]
fn dependencies_point_down() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        let from = module(&path);
        let Some(own) = level(from) else { continue };
        for (number, line) in code(&text) {
            for rest in line.split("crate::").skip(1) {
                let to: String = rest
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                if level(&to).is_some_and(|level| level > own) {
                    found.push(format!(
                        "src/{path}:{number}: {from} knows {to}: {}",
                        line.trim()
                    ));
                }
            }
        }
    }
    expect_none("these arrows point up", found);
}

#[test]
fn every_module_has_its_level() {
    let root_files = ["lib", "main"];
    let found = sources()
        .iter()
        .map(|(path, _)| module(path).to_owned())
        .filter(|name| !root_files.contains(&name.as_str()) && level(name).is_none())
        .collect();
    expect_none("these modules are in no level of the design", found);
}

#[test]
fn foreign_crates_stay_where_they_belong() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (name, owners) in OWNERS {
            if owners.iter().any(|owner| {
                path.starts_with(&format!("{owner}/")) || path == format!("{owner}.rs")
            }) {
                continue;
            }
            let lines = code(&text).filter(|(_, line)| names_crate(line, name));
            found.extend(
                lines.map(|(number, line)| format!("src/{path}:{number}: {name}: {}", line.trim())),
            );
        }
    }
    expect_none("these lines name a crate that is another module's", found);
}

#[test]
fn no_file_is_a_drawer() {
    let found = sources()
        .iter()
        .filter(|(path, _)| {
            path.split('/')
                .any(|part| DRAWERS.contains(&part.trim_end_matches(".rs")))
        })
        .map(|(path, _)| format!("src/{path}"))
        .collect();
    expect_none("these names say nothing", found);
}

#[test]
fn no_inline_module_is_a_drawer() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        for (number, line) in code(&text) {
            let name = line
                .trim()
                .strip_prefix("pub ")
                .unwrap_or(line.trim())
                .strip_prefix("mod ");
            let name = name.map(|name| name.trim_end_matches(['{', ';', ' ']));
            if name.is_some_and(|name| DRAWERS.contains(&name)) {
                found.push(format!("src/{path}:{number}: {}", line.trim()));
            }
        }
    }
    expect_none("these names say nothing", found);
}

#[test]
fn files_are_short_enough_to_be_read() {
    let found = sources()
        .iter()
        .filter(|(path, _)| !LONG.iter().any(|(long, _)| long == path))
        .filter(|(_, text)| text.lines().count() > MAX_LINES)
        .map(|(path, text)| format!("src/{path}: {} lines", text.lines().count()))
        .collect();
    expect_none(
        "these files are longer than 600 lines, with no reason given",
        found,
    );
}

#[test]
fn every_reason_for_a_long_file_is_still_needed() {
    let sources = sources();
    let found = LONG
        .iter()
        .filter(|(long, _)| {
            !sources
                .iter()
                .any(|(path, text)| path == long && text.lines().count() > MAX_LINES)
        })
        .map(|(long, why)| format!("{long}: {why}"))
        .collect();
    expect_none("these files are not long any more", found);
}

#[test]
fn every_file_begins_by_saying_what_it_is() {
    let found = sources()
        .iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| format!("src/{path}"))
        .collect();
    expect_none("the first line of these files is no `//!`", found);
}

/// The versions of a package in a lock file.
fn versions(lock: &str, name: &str) -> Vec<[u64; 3]> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = lock.lines();
    let mut found = Vec::new();
    while lines.by_ref().any(|line| line == wanted) {
        let version = lines
            .next()
            .and_then(|line| line.split('"').nth(1))
            .expect("a version follows the name");
        let mut numbers = version
            .split(['.', '-', '+'])
            .map(|number| number.parse().unwrap_or(0));
        found.push([(); 3].map(|()| numbers.next().unwrap_or(0)));
    }
    found
}

fn has_the_escape(version: [u64; 3]) -> bool {
    version < [3, 4, 6] || ([4, 0, 0]..[4, 0, 3]).contains(&version)
}

#[test]
fn no_cap_primitives_with_the_file_system_escape() {
    // GHSA-vqjp-4c8c-hfgg: fixed in 3.4.6 and in 4.0.3.
    for (version, expected) in [
        ([3, 4, 5], true),
        ([3, 4, 6], false),
        ([4, 0, 2], true),
        ([4, 0, 3], false),
        ([5, 0, 0], false),
    ] {
        assert_eq!(has_the_escape(version), expected, "{version:?}");
    }
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"))
        .expect("there is a lock file");
    let locked = versions(&lock, "cap-primitives");
    assert!(!locked.is_empty(), "wasmtime-wasi brings one in");
    let found = locked
        .iter()
        .filter(|version| has_the_escape(**version))
        .map(|version| format!("{version:?}"))
        .collect();
    expect_none("these versions have GHSA-vqjp-4c8c-hfgg", found);
}

#[test]
fn wasmtime_is_the_version_that_was_chosen() {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"))
        .expect("there is a lock file");
    for name in ["wasmtime", "wasmtime-wasi", "wasmtime-wasi-http"] {
        assert_eq!(versions(&lock, name), [[48, 0, 8]], "{name}");
    }
}
