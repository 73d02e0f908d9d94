//! A server whose disk is full: it says so, keeps what it acknowledged, and goes on once there is room.
//!
//! The disk is a small tmpfs in a mount namespace of the test's own, where the system allows one.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::api_server::{ApiServer, serve};

/// The server's command, with a disk of `mib` mounted on its data directory; `None` if that isn't allowed here.
fn on_small_disk(data: &Path, mib: u32) -> Option<Command> {
    let mut server = serve(data);
    server.args(["--min-free-disk", "4"]);
    let script = format!("mount -t tmpfs -o size={mib}m tmpfs \"$0\" && exec \"$@\"");
    let kinds: [&[&str]; 2] = [&["--mount"], &["--map-root-user", "--mount"]];
    let works = |flags: &&&[&str]| {
        let trial = Command::new("unshare")
            .args(**flags)
            .args(["sh", "-c", "mount -t tmpfs tmpfs \"$0\""])
            .arg(data)
            .output();
        trial.is_ok_and(|trial| trial.status.success())
    };
    let flags = kinds.iter().find(works)?;
    let mut command = Command::new("unshare");
    command.args(*flags).args(["sh", "-c", &script]).arg(data);
    command.arg(server.get_program()).args(server.get_args());
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.envs(
        server
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    Some(command)
}

/// A package that doesn't compress.
fn package(kib: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(kib * 1024)
    .collect();
    super::api_packages::zip(&[("data", &bytes)])
}

#[test]
fn a_full_disk_is_said_and_outlived() {
    let directory = tempfile::TempDir::new().expect("a temporary directory can be made");
    let Some(command) = on_small_disk(directory.path(), 24) else {
        println!("NOT RUN: this system lets nobody mount a small disk");
        return;
    };
    let server = ApiServer::spawn(command);
    let push = |number: usize, kib: usize| {
        let name = format!("Fill.1.0.{number}.zip");
        server.upload("/api/packages/raw", "file", &name, &package(kib + number))
    };
    // Large packages fill most of it, small ones the rest.
    let mut pushed = Vec::new();
    let mut number = 0;
    for kib in [2048, 256, 16] {
        loop {
            number += 1;
            let answer = push(number, kib);
            if answer.status != 201 {
                assert_eq!(answer.status, 507, "{answer:?}");
                assert!(
                    answer.body["ErrorMessage"].to_string().contains("full"),
                    "{answer:?}"
                );
                break;
            }
            pushed.push(answer.body["Id"].clone());
        }
    }
    // The database can't grow, either: a project with a long description is refused, clearly, and leaves nothing.
    let mut made = Vec::new();
    let refused = loop {
        let name = format!("P{}", made.len());
        let body = json!({ "Name": name, "ProjectGroupId": "ProjectGroups-1", "LifecycleId": "Lifecycles-1",
            "Description": "x".repeat(60_000) });
        let answer = server.ask("POST", "/api/projects", Some(body));
        match answer.status {
            201 => made.push(name),
            _ => break answer,
        }
        assert!(made.len() < 1000, "the disk never filled");
    };
    assert_eq!(refused.status, 507, "{refused:?}");
    let names = |value: Value| {
        let projects = value.as_array().expect("a list").clone().into_iter();
        projects
            .map(|one| one["Name"].as_str().expect("text").to_owned())
            .collect::<Vec<_>>()
    };
    let mut stored = names(server.get("/api/projects/all"));
    let mut expected = made.clone();
    stored.sort();
    expected.sort();
    assert_eq!(stored, expected, "what was acknowledged, and nothing else");
    // Room again: the server goes on as if nothing had been.
    for id in pushed.iter().take(3) {
        let path = format!("/api/packages/{}", id.as_str().expect("an id"));
        let gone = server.ask("DELETE", &path, None);
        assert_eq!(gone.status, 200, "{gone:?}");
    }
    server.post("/api/environments", json!({ "Name": "Dev" }));
    assert_eq!(push(700, 0).status, 201);
}
