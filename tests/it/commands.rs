//! `seawall guests`, `seawall policy check` and `seawall policy explain`: answers without running anything.

use crate::cli::{Seawall, WORK, seawall};

const POLICY: &str = "\
schema = 1
name = \"web\"

[[files]]
mount = \"/work\"
from = \"workspace\"
access = \"read-write\"

[[network]]
host = \"api.example.com\"
ports = [443]
scheme = \"https\"
methods = [\"GET\"]
paths = [\"/v1/**\"]

[variables]
read = [\"Web.*\"]

[limits]
memory = \"64MiB\"
";

fn explain<const N: usize>(questions: [&str; N]) -> Seawall {
    let mut run = seawall(["policy", "explain", "--policy", "p.toml"]).file("p.toml", POLICY);
    for question in questions {
        run = run.argument(question);
    }
    run
}

#[test]
fn guests_lists_the_interpreters() {
    let run = seawall(["guests"]).run();
    for name in ["shell", "python", "javascript"] {
        run.expect_code(0).expect_in_stdout(name);
    }
    let rows = seawall(["guests", "--json"])
        .run()
        .expect_code(0)
        .json_lines();
    let python = rows
        .iter()
        .find(|row| row["name"] == "python")
        .expect("there is a python");
    assert_eq!(python["digest"].as_str().map(str::len), Some(64));
    assert_eq!(python["compiled"], true);
    let empty = tempfile::TempDir::new().expect("directories can be made");
    let rows = seawall(["guests", "--json"])
        .home(empty.path())
        .run()
        .expect_code(0)
        .json_lines();
    assert!(rows.iter().all(|row| row["compiled"] == false), "{rows:?}");
}

#[test]
fn help_names_the_exit_codes_and_shows_examples() {
    seawall(["--help"])
        .run()
        .expect_code(0)
        .expect_in_stdout("Examples:")
        .expect_in_stdout("policy");
    let run = seawall(["run", "--help"]).run();
    for text in [
        "Examples:",
        "--learn",
        "119",
        "120",
        "121",
        "122",
        "123",
        "124",
        "130",
    ] {
        run.expect_code(0).expect_in_stdout(text);
    }
    seawall(["--version"])
        .run()
        .expect_code(0)
        .expect_in_stdout("seawall ");
    seawall([]).run().expect_code(2).expect_in_stderr("Usage:");
    seawall(["nonsense"]).run().expect_code(2);
}

#[test]
fn policy_check_reports_every_problem_of_every_file() {
    let good = seawall(["policy", "check", "good.toml"])
        .file("good.toml", POLICY)
        .run();
    good.expect_code(0).expect_stdout("good.toml: ok: web\n");
    let bad = seawall(["policy", "check", "bad.toml", "good.toml", "worse.toml"])
        .file("good.toml", POLICY)
        .file(
            "bad.toml",
            format!("{POLICY}memroy = \"1MiB\"\nrandom = -1\n"),
        )
        .file("worse.toml", "schema = \n")
        .run();
    bad.expect_code(120)
        .expect_in_stdout("good.toml: ok: web")
        .expect_in_stdout("bad.toml:21:1")
        .expect_in_stdout("did you mean `memory`?")
        .expect_in_stdout("bad.toml:22:10")
        .expect_in_stdout("worse.toml:1:");
    seawall(["policy", "check", "nowhere.toml"])
        .run()
        .expect_code(120)
        .expect_in_stdout("nowhere.toml");
}

#[test]
fn policy_check_holds_files_to_a_ceiling() {
    let check = |memory: &str| {
        let ceiling = format!(
            "schema = 1\nname = \"ceiling\"\n{WORK}[[network]]\nhost = \"*\"\nports = [443]\nscheme = \"https\"\nmethods = [\"GET\"]\npaths = [\"/**\"]\n[variables]\nread = [\"*\"]\n[limits]\nmemory = \"{memory}\"\n"
        );
        seawall(["policy", "check", "--ceiling", "ceiling.toml", "p.toml"])
            .file("ceiling.toml", ceiling)
            .file("p.toml", POLICY)
            .run()
    };
    check("64MiB")
        .expect_code(0)
        .expect_stdout("p.toml: ok: web\n");
    check("63MiB")
        .expect_code(120)
        .expect_in_stdout("memory = 64MiB")
        .expect_in_stdout("ceiling.toml");
}

#[test]
fn policy_explain_says_which_line_decides() {
    let run = explain([
        "GET https://api.example.com/v1/items",
        "read /work/a",
        "write /work/a",
        "variable Web.Port",
        "limit memory",
    ])
    .run();
    run.expect_code(0)
        .expect_in_stdout("p.toml:9")
        .expect_in_stdout("p.toml:4")
        .expect_in_stdout("p.toml:17")
        .expect_in_stdout("64MiB");
    assert_eq!(run.stdout.matches("allowed: ").count(), 5, "{run}");
}

#[test]
fn policy_explain_shows_the_lines_that_would_allow_it_and_they_do() {
    for question in [
        "POST https://api.example.com/v1/items",
        "GET https://api.example.com/v2",
        "GET http://api.example.com/v1",
        "GET https://other.example.com/",
        "tcp db.example.com:5432",
        "write /seawall-not/a",
        "process",
    ] {
        let run = explain(["--json", question]).run();
        let answer = run.expect_code(1).json_lines().remove(0);
        assert_eq!(answer["verdict"], "denied", "{run}");
        let lines = answer["lines-to-add"].as_str().expect("text");
        assert!(!lines.is_empty(), "{run}");
        if lines.contains("mount = \"/work\"") {
            // Writing anywhere else is answered with the workspace, which is there already.
            continue;
        }
        let wider = format!("{POLICY}\n{lines}");
        let run = seawall(["policy", "explain", "--policy", "p.toml", question])
            .file("p.toml", wider)
            .run();
        run.expect_code(0).expect_in_stdout("allowed: ");
    }
}

#[test]
fn policy_explain_refuses_addresses_that_are_not_public_in_every_spelling() {
    for host in [
        "127.0.0.1",
        "[::1]",
        "169.254.169.254",
        "10.0.0.1",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
    ] {
        let question = format!("GET https://{host}/v1");
        explain([&question])
            .run()
            .expect_code(1)
            .expect_in_stdout("denied: ");
    }
    for host in ["0177.0.0.1", "2130706433", "0x7f.1", "127.1"] {
        let run = explain([&format!("GET https://{host}/v1")]).run();
        assert!(
            [1, 2].contains(&run.code),
            "{host} must not be allowed\n{run}"
        );
    }
}

#[test]
fn policy_explain_answers_no_for_one_refusal_among_many() {
    explain(["read /work/a", "read /etc/passwd"])
        .run()
        .expect_code(1)
        .expect_in_stdout("allowed: read /work/a")
        .expect_in_stdout("denied: read /etc/passwd");
}

#[test]
fn a_question_that_can_not_be_asked_is_2() {
    for question in ["", "fly /work", "GET", "GET nowhere", "limit patience"] {
        explain([question]).run().expect_code(2).expect_stdout("");
    }
}

#[test]
fn a_guest_with_bounds_says_what_it_covers() {
    let covered = seawall(["guests", "powershell"]).run();
    covered.expect_code(0);
    for line in [
        "Get-ChildItem -Path",
        "ConvertTo-Json ",
        "[System.Math] Abs",
    ] {
        covered.expect_in_stdout(line);
    }
    seawall(["guests", "shell"])
        .run()
        .expect_code(2)
        .expect_in_stderr("keeps no list of what it covers");
    seawall(["guests", "perl"])
        .run()
        .expect_code(2)
        .expect_in_stderr("there are ");
}
