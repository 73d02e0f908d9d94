//! The list of guards in `tests/guards/guards.toml` fits the sources and the probes.
//!
//! Removing each guard and looking whether its probes notice takes a build each, so `make guards` does that. This keeps
//! the list from rotting in between.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    guard: Vec<Guard>,
    second: BTreeMap<String, Second>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Guard {
    id: String,
    guards: String,
    only: Vec<String>,
    #[serde(default)]
    second: Vec<String>,
    #[serde(default, rename = "hangs")]
    _hangs: bool,
    remove: Vec<Removal>,
}

/// Another defence that would hold the same probes.
#[derive(Deserialize)]
struct Second {
    what: String,
    #[serde(flatten)]
    removal: Removal,
}

#[derive(Deserialize)]
struct Removal {
    file: String,
    find: String,
    replace: String,
}

#[derive(Deserialize)]
struct Probes {
    probe: Vec<Probe>,
}

#[derive(Deserialize)]
struct Probe {
    id: String,
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn list() -> List {
    toml::from_str(&read("tests/guards/guards.toml")).expect("the list is valid")
}

#[test]
fn every_guard_is_where_the_list_says() {
    let List { guard, second } = list();
    let removals = guard
        .iter()
        .flat_map(|guard| guard.remove.iter().map(|removal| (&guard.id, removal)))
        .chain(second.iter().map(|(name, second)| (name, &second.removal)));
    let mut stale = Vec::new();
    for (id, removal) in removals {
        let n_found = read(&removal.file).matches(&removal.find).count();
        if n_found != 1 || removal.find == removal.replace {
            stale.push(format!(
                "{id}: {} holds this {n_found} times, not once:\n{}",
                removal.file, removal.find
            ));
        }
    }
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn every_guard_names_probes_and_defences_that_exist() {
    let List { guard, second } = list();
    let tables = ["guest/probe/probes.toml", "guest/probe/native.toml"].map(|path| {
        let Probes { probe } = toml::from_str(&read(path)).expect("the table is valid");
        probe
    });
    let probes = tables.iter().flatten();
    let probes: HashSet<_> = probes.map(|probe| probe.id.as_str()).collect();
    let ids: HashSet<_> = guard.iter().map(|guard| guard.id.as_str()).collect();
    assert_eq!(ids.len(), guard.len(), "an id stands twice");
    assert!(guard.len() >= 30, "only {} guards", guard.len());
    for guard in &guard {
        let id = &guard.id;
        assert!(!guard.guards.is_empty(), "{id} doesn't say what it guards");
        assert!(!guard.remove.is_empty(), "{id} removes nothing");
        assert!(!guard.only.is_empty(), "no probe notices {id}");
        for probe in &guard.only {
            assert!(
                probes.contains(probe.as_str()),
                "{id}: no probe is called {probe}"
            );
        }
        for name in &guard.second {
            assert!(second.contains_key(name), "{id}: no defence {name}");
        }
    }
    let used: HashSet<_> = guard.iter().flat_map(|guard| &guard.second).collect();
    for (name, second) in &second {
        assert!(!second.what.is_empty(), "{name} doesn't say whose it is");
        assert!(used.contains(name), "no guard removes {name}");
    }
}
