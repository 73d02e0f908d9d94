//! The cache of compiled guests: damage is repaired, what others could have written is refused.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cli::{Transcript, home_with, script};

const GUEST: &str = "javascript";

fn hello(home: &Path) -> Transcript {
    script("a.js", "console.log('hi');\n").home(home).run()
}

fn with_extension(home: &TempDir, extension: &str) -> PathBuf {
    fs::read_dir(home.path().join("compiled"))
        .expect("the cache exists")
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .expect("the guest is compiled")
}

/// Damages a copy of the cache, and expects that the next run repairs it and the one after needs not.
fn check_damage(damage: impl Fn(&TempDir)) {
    let home = home_with(GUEST);
    hello(home.path())
        .expect_code(0)
        .expect_stdout("hi\n")
        .expect_nowhere("compiling");
    damage(&home);
    hello(home.path())
        .expect_code(0)
        .expect_stdout("hi\n")
        .expect_in_stderr("compiling the javascript guest");
    hello(home.path())
        .expect_code(0)
        .expect_stdout("hi\n")
        .expect_nowhere("compiling");
}

#[test]
fn a_truncated_entry_is_compiled_again() {
    check_damage(|home| {
        let file = OpenOptions::new()
            .write(true)
            .open(with_extension(home, "cwasm"))
            .expect("it can be written");
        let length = file.metadata().expect("it is a file").len();
        file.set_len(length / 2).expect("it can be cut");
    });
}

#[test]
fn an_entry_with_one_byte_changed_is_compiled_again() {
    check_damage(|home| {
        let path = with_extension(home, "cwasm");
        let at = fs::metadata(&path).expect("it is a file").len() / 2;
        let byte = fs::read(&path).expect("it can be read")[usize::try_from(at).expect("it fits")];
        let mut file = OpenOptions::new()
            .write(true)
            .open(path)
            .expect("it can be written");
        file.seek(SeekFrom::Start(at)).expect("it can be sought");
        file.write_all(&[!byte]).expect("it can be written");
    });
}

#[test]
fn an_entry_without_its_checksum_is_compiled_again() {
    check_damage(|home| fs::remove_file(with_extension(home, "stamp")).expect("it can be removed"));
    check_damage(|home| fs::write(with_extension(home, "stamp"), "").expect("it can be written"));
    check_damage(|home| {
        fs::write(with_extension(home, "stamp"), "nonsense").expect("it can be written")
    });
}

#[test]
fn a_missing_entry_is_compiled_again() {
    check_damage(|home| fs::remove_file(with_extension(home, "cwasm")).expect("it can be removed"));
}

#[test]
fn an_entry_that_was_only_touched_is_used() {
    let home = home_with(GUEST);
    let path = with_extension(&home, "cwasm");
    let copy = path.with_extension("copy");
    fs::copy(&path, &copy).expect("it can be copied");
    fs::rename(&copy, &path).expect("it can be renamed");
    hello(home.path())
        .expect_code(0)
        .expect_stdout("hi\n")
        .expect_nowhere("compiling");
}

#[test]
fn a_cache_that_others_can_write_is_refused() {
    let home = home_with(GUEST);
    let directory = home.path().join("compiled");
    for mode in [0o777, 0o775, 0o702] {
        fs::set_permissions(&directory, Permissions::from_mode(mode)).expect("it is ours");
        hello(home.path())
            .expect_code(119)
            .expect_stdout("")
            .expect_in_stderr("mode 0700")
            .expect_in_stderr("compiled");
    }
    fs::set_permissions(&directory, Permissions::from_mode(0o700)).expect("it is ours");
    hello(home.path()).expect_code(0).expect_stdout("hi\n");
}

#[test]
fn an_entry_that_others_can_write_is_refused() {
    let home = home_with(GUEST);
    let path = with_extension(&home, "cwasm");
    fs::set_permissions(&path, Permissions::from_mode(0o666)).expect("it is ours");
    hello(home.path())
        .expect_code(119)
        .expect_stdout("")
        .expect_in_stderr("mode 0700");
    fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
    hello(home.path()).expect_code(0).expect_stdout("hi\n");
}

#[test]
fn a_cache_behind_a_link_is_refused() {
    let home = home_with(GUEST);
    let directory = home.path().join("compiled");
    fs::rename(&directory, home.path().join("elsewhere")).expect("it is ours");
    std::os::unix::fs::symlink("elsewhere", &directory).expect("links can be made");
    hello(home.path())
        .expect_code(119)
        .expect_in_stderr("compiled");
}

#[test]
fn a_home_that_can_not_be_made_is_said() {
    let file = tempfile::NamedTempFile::new().expect("files can be made");
    hello(file.path())
        .expect_code(119)
        .expect_in_stderr(&file.path().display().to_string());
}

#[test]
fn many_runs_may_start_on_an_empty_cache() {
    let home = TempDir::new().expect("directories can be made");
    let starting: Vec<_> = (0..3)
        .map(|_| {
            script("a.js", "console.log('hi');\n")
                .home(home.path())
                .start()
        })
        .collect();
    for running in starting {
        running.finish().expect_code(0).expect_stdout("hi\n");
    }
}
