//! Runs `tests/cases/powershell`: files of many small cases, and whole scripts with their output beside them.
//!
//! A file `*.cases` holds cases: `### title (section)`, the script, `---` or `--- exit N`, the expected output.
//! After a line `--- error` stand texts that must be in stderr. A script `scripts/NAME.ps1` has `NAME.out`, whose last
//! line is `exit N`, and may have `NAME.err`, whose lines must be in stderr. `$env:API_URL` is a server of
//! [`loopback`] that the case has for itself.

mod loopback;

use std::path::{Path, PathBuf};
use std::process::Command;

struct Case {
    title: String,
    script: String,
    output: String,
    errors: Vec<String>,
    exit: i32,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/powershell")
}

fn parse(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).expect("cases are readable");
    let name = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut cases: Vec<Case> = Vec::new();
    let mut part = 0;
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            part = 0;
            let (script, output) = (String::new(), String::new());
            cases.push(Case {
                title: format!("{name}: {title}"),
                script,
                output,
                errors: Vec::new(),
                exit: 0,
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            continue;
        };
        match (part, line) {
            (_, "--- error") => part = 2,
            (0, "---") => part = 1,
            (0, _) if line.starts_with("--- exit ") => {
                case.exit = line[9..].trim().parse().expect("an exit code");
                part = 1;
            }
            (0, _) => case.script += &format!("{line}\n"),
            (1, _) => case.output += &format!("{line}\n"),
            _ => case
                .errors
                .extend((!line.is_empty()).then(|| line.to_owned())),
        }
    }
    cases
}

/// Runs a script in an empty folder, which is `HERE` in what it prints; stdout, stderr and the exit code.
fn run(script: &str, at: &Path) -> (String, String, i32) {
    let _ = std::fs::remove_dir_all(at);
    std::fs::create_dir_all(at.join("work")).expect("a folder for the case");
    std::fs::write(at.join("x.ps1"), script).expect("the script is written");
    std::fs::write(
        at.join("variables.json"),
        r#"{"Project.Name": "Shop", "Port": "8080", "Secret": "s3cret"}"#,
    )
    .expect("the variables are written");
    let server = script.contains("API_URL").then(loopback::Server::start);
    let done = Command::new(env!("CARGO_BIN_EXE_powershell"))
        .arg(at.join("x.ps1"))
        .current_dir(at.join("work"))
        .env_clear()
        .env("SEAWALL_TEST_VARIABLES", at.join("variables.json"))
        .env("STAGE", "test")
        .envs(server.iter().map(|server| ("API_URL", server.url())))
        .output()
        .expect("the interpreter runs");
    let here = at.join("work").display().to_string();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&here, "HERE");
    (
        text(&done.stdout),
        text(&done.stderr),
        done.status.code().unwrap_or(-1),
    )
}

/// Trailing blanks of lines and blank lines at the end don't count.
fn plain(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

fn check(case: &Case, at: &Path) -> Result<(), String> {
    let (stdout, stderr, exit) = run(&case.script, at);
    let is_output = plain(&stdout) == plain(&case.output);
    let is_error = case
        .errors
        .iter()
        .all(|wanted| stderr.contains(wanted.as_str()));
    if is_output && is_error && exit == case.exit {
        return Ok(());
    }
    Err(format!(
        "=== {}\n{}--- expected (exit {})\n{}--- got (exit {exit})\n{stdout}--- stderr\n{stderr}",
        case.title, case.script, case.exit, case.output
    ))
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the cases are there")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|own| own == extension))
        .collect();
    found.sort();
    found
}

fn report(results: Vec<Result<(), String>>) {
    let n = results.len();
    let failed: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    println!("{} of {n} cases pass", n - failed.len());
    assert!(
        failed.is_empty(),
        "{} of {n} cases fail:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

#[test]
fn every_case_behaves_as_specified() {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cases");
    let only = std::env::var("CASE").unwrap_or_default();
    let cases: Vec<Case> = files(&folder(), "cases")
        .iter()
        .flat_map(|file| parse(file))
        .filter(|case| case.title.contains(&only))
        .collect();
    report(
        cases
            .iter()
            .enumerate()
            .map(|(n, case)| check(case, &base.join(n.to_string())))
            .collect(),
    );
}

#[test]
fn every_script_behaves_as_in_powershell() {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scripts");
    let only = std::env::var("CASE").unwrap_or_default();
    let chosen = files(&folder().join("scripts"), "ps1")
        .into_iter()
        .filter(|file| file.to_string_lossy().contains(&only));
    let results = chosen.map(|file| {
        let expected = std::fs::read_to_string(file.with_extension("out"))
            .expect("a script has its output beside it");
        let (output, exit) = expected
            .trim_end()
            .rsplit_once("exit ")
            .expect("the last line is `exit N`");
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let case = Case {
            title: name.clone(),
            script: std::fs::read_to_string(&file).expect("scripts are readable"),
            output: output.to_owned(),
            errors: std::fs::read_to_string(file.with_extension("err"))
                .unwrap_or_default()
                .lines()
                .map(str::to_owned)
                .collect(),
            exit: exit.trim().parse().expect("an exit code"),
        };
        check(&case, &base.join(name))
    });
    report(results.collect());
}
