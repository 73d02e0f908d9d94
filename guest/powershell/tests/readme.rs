//! The README's tables are those of the program.

use std::process::Command;

#[test]
fn readme_lists_what_is_covered() {
    let readme = include_str!("../README.md");
    let done = Command::new(env!("CARGO_BIN_EXE_powershell"))
        .arg("--readme")
        .output()
        .expect("it runs");
    let tables = String::from_utf8(done.stdout).expect("text");
    let (_, shown) = readme
        .split_once("## What is covered\n\n")
        .expect("the section is there");
    assert_eq!(
        shown.trim(),
        tables.trim(),
        "run `powershell --readme` and replace the tables"
    );
}
