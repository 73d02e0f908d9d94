//! `--learn`: the policy that a run needed passes again, and not one rule of it can be left out.

use tempfile::TempDir;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item};

use crate::cli::{Seawall, Transcript, WORK, script};
use crate::languages::{LANGUAGES, Language};
use crate::server::{Response, Server};

/// Writes a file, reads a package, looks two variables up, and sends three requests; fails if any of it fails.
fn text(language: Language) -> &'static str {
    language.pick(
        "\
set -eu
base=$1
name=$(cat /pkg/name)
echo \"from the package: $name\" > /work/report
[ \"$(get_octopusvariable Web.Port)\" = 80 ]
[ \"$(get_octopusvariable Stage)\" = test ]
curl -fsS \"$base/status\" >> /work/report
curl -fsS \"$base/items/1\" >> /work/report
curl -fsS -X POST --data x \"$base/items\" >> /work/report
cat /work/report
",
        "\
import sys, urllib.request
base = sys.argv[1]
with open('/work/report', 'w') as report:
    print('from the package:', open('/pkg/name').read().strip(), file=report)
    assert get_octopusvariable('Web.Port') == '80'
    assert octopusvariables['Stage'] == 'test'
    for path, body in [('/status', None), ('/items/1', None), ('/items', b'x')]:
        report.write(urllib.request.urlopen(base + path, data=body).read().decode())
print(open('/work/report').read(), end='')
",
        "\
import fs from 'node:fs';
const base = process.argv[2];
fs.writeFileSync('/work/report', `from the package: ${fs.readFileSync('/pkg/name', 'utf8').trim()}\\n`);
if (getOctopusVariable('Web.Port') !== '80') throw new Error('Web.Port');
if (octopusVariables['Stage'] !== 'test') throw new Error('Stage');
for (const [path, options] of [['/status', {}], ['/items/1', {}], ['/items', { method: 'POST', body: 'x' }]]) {
  const response = await fetch(base + path, options);
  if (!response.ok) throw new Error(path);
  fs.appendFileSync('/work/report', await response.text());
}
process.stdout.write(fs.readFileSync('/work/report', 'utf8'));
",
        "\
$ErrorActionPreference = 'Stop'
$base = $args[0]
Set-Content /work/report \"from the package: $(Get-Content /pkg/name)\"
if ($OctopusParameters['Web.Port'] -ne '80') { throw 'Web.Port' }
if ($OctopusParameters['Stage'] -ne 'test') { throw 'Stage' }
$answers = @(
    Invoke-RestMethod \"$base/status\"
    Invoke-RestMethod \"$base/items/1\"
    Invoke-RestMethod \"$base/items\" -Method Post -Body x
)
Add-Content /work/report ($answers -join '') -NoNewline
Write-Host -NoNewline (Get-Content /work/report -Raw)
",
    )
}

const EXPECTED: &str = "from the package: web\n/status\n/items/1\n/items\n";

fn server() -> Server {
    Server::http(|request| Response::ok(format!("{}\n", request.target)))
}

/// A rule that mounts a directory of this host as `/pkg`, with the file that the script reads.
fn package() -> (TempDir, String) {
    let directory = TempDir::new().expect("a temporary directory can be made");
    std::fs::write(directory.path().join("name"), "web\n").expect("files can be written");
    let path = directory.path().canonicalize().expect("it exists");
    let rule = format!(
        "[[files]]\nmount = \"/pkg\"\nfrom = \"host:{}\"\naccess = \"read\"\n",
        path.display()
    );
    (directory, rule)
}

/// The run, with everything it needs but a policy.
fn deed(language: Language, server: &Server) -> Seawall {
    script(language.file(), text(language))
        .with([
            "--set",
            "Web.Port=80",
            "--set",
            "Stage=test",
            "--set",
            "Unused=x",
        ])
        .arguments([&server.named_url("")])
}

/// Everything on this machine's loopback, and every variable.
fn ceiling(server: &Server, files: &str) -> String {
    let port = server.port;
    let rule = |hosts: &str| {
        format!(
            "[[network]]\n{hosts}\nports = [{port}]\nscheme = \"http\"\nmethods = [\"GET\", \"POST\"]\npaths = [\"/**\"]\n"
        )
    };
    format!(
        "schema = 1\nname = \"ceiling\"\n{WORK}{files}{}{}{}[variables]\nread = [\"*\"]\n",
        rule("host = \"localhost\""),
        rule("cidr = \"127.0.0.0/8\""),
        rule("cidr = \"::1/128\""),
    )
}

fn learn(language: Language, server: &Server, package: &str) -> Transcript {
    let run = deed(language, server)
        .policy(package)
        .file("ceiling.toml", ceiling(server, package))
        .with(["--learn", "learned.toml", "--ceiling", "ceiling.toml"])
        .run();
    run.expect_code(0)
        .expect_stdout(EXPECTED)
        .expect_in_stderr("learned.toml");
    run
}

fn run_under(language: Language, server: &Server, policy: &str) -> Transcript {
    deed(language, server)
        .file("learned.toml", policy)
        .with(["--policy", "learned.toml"])
        .run()
}

fn tables<'d>(policy: &'d mut DocumentMut, name: &str) -> Option<&'d mut ArrayOfTables> {
    policy.get_mut(name).and_then(Item::as_array_of_tables_mut)
}

fn variables(policy: &mut DocumentMut) -> Option<&mut Array> {
    policy.get_mut("variables")?.get_mut("read")?.as_array_mut()
}

/// Every policy that has one table, one variable, one method or one path less, with what is missing.
fn narrower(policy: &str) -> Vec<(String, String)> {
    let document: DocumentMut = policy.parse().expect("what was learned is TOML");
    let mut found = Vec::new();
    for name in ["files", "network"] {
        let n_tables = tables(&mut document.clone(), name).map_or(0, |tables| tables.len());
        for index in 0..n_tables {
            let mut less = document.clone();
            let removed = tables(&mut less, name).map(|tables| {
                let removed = tables.get(index).map(ToString::to_string);
                tables.remove(index);
                removed.unwrap_or_default()
            });
            found.push((
                format!("[[{name}]]\n{}", removed.unwrap_or_default()),
                less.to_string(),
            ));
            for key in ["methods", "paths"] {
                let array = |document: &mut DocumentMut| -> Option<Array> {
                    tables(document, name)?
                        .get(index)?
                        .get(key)?
                        .as_array()
                        .cloned()
                };
                let Some(values) = array(&mut document.clone()).filter(|values| values.len() > 1)
                else {
                    continue;
                };
                for at in 0..values.len() {
                    let mut less = document.clone();
                    let mut shorter = values.clone();
                    let removed = shorter.remove(at);
                    let table = tables(&mut less, name)
                        .and_then(|tables| tables.get_mut(index))
                        .expect("it was there");
                    table.insert(key, toml_edit::value(shorter));
                    found.push((format!("{key} {removed}"), less.to_string()));
                }
            }
        }
    }
    let n_variables = variables(&mut document.clone()).map_or(0, |names| names.len());
    for index in 0..n_variables {
        let mut less = document.clone();
        let removed = variables(&mut less).map(|names| names.remove(index).to_string());
        found.push((
            format!("variable {}", removed.unwrap_or_default()),
            less.to_string(),
        ));
    }
    found
}

fn check(language: Language) {
    let server = server();
    let (_directory, package) = package();
    let learned = learn(language, &server, &package).read("learned.toml");
    let again = run_under(language, &server, &learned);
    again
        .expect_code(0)
        .expect_stdout(EXPECTED)
        .expect_nowhere("denied");

    let policies = narrower(&learned);
    // Workspace, package, one name, one address and two variables, at least.
    assert!(policies.len() >= 6, "too little was learned:\n{learned}");
    for (missing, policy) in policies {
        let run = run_under(language, &server, &policy);
        assert_ne!(run.code, 0, "it passes without\n{missing}\n{run}");
    }
    for unneeded in ["Unused", "**", "*"] {
        assert!(
            !learned.contains(&format!("\"{unneeded}\"")),
            "{unneeded} was not needed:\n{learned}"
        );
    }
}

#[test]
fn every_rule_learned_from_a_shell_script_is_needed() {
    check(Language::Shell);
}

#[test]
fn every_rule_learned_from_a_python_script_is_needed() {
    check(Language::Python);
}

#[test]
fn every_rule_learned_from_a_javascript_script_is_needed() {
    check(Language::JavaScript);
}

#[test]
fn every_rule_learned_from_a_powershell_script_is_needed() {
    check(Language::PowerShell);
}

#[test]
fn the_same_run_teaches_the_same_policy_in_every_language() {
    let server = server();
    let (_directory, package) = package();
    let learned = LANGUAGES.map(|language| learn(language, &server, &package).read("learned.toml"));
    assert_eq!(learned[0], learned[1], "shell and python");
    assert_eq!(learned[1], learned[2], "python and javascript");
    assert_eq!(learned[2], learned[3], "javascript and powershell");
}

#[test]
fn a_script_that_does_nothing_teaches_a_policy_that_grants_nothing() {
    for language in LANGUAGES {
        let text = language.pick(
            "echo hi\n",
            "print('hi')\n",
            "console.log('hi');\n",
            "Write-Host hi\n",
        );
        let run = script(language.file(), text)
            .with(["--learn", "learned.toml"])
            .run();
        let learned = run
            .expect_code(0)
            .expect_stdout("hi\n")
            .read("learned.toml");
        assert!(!learned.contains("[["), "{learned}\n{run}");
        script(language.file(), text)
            .file("p.toml", learned)
            .with(["--policy", "p.toml"])
            .run()
            .expect_code(0);
    }
}

#[test]
fn what_is_injected_is_learned_by_name_and_injected_again() {
    let server = Server::http(|request| {
        match (
            request.header("authorization"),
            request.target.contains("key=k-4711-secret"),
        ) {
            (Some("Bearer t-4711-secret"), _) | (_, true) => Response::ok("in\n"),
            _ => Response::ok("out\n"),
        }
    });
    let rules = format!(
        "{}[network.inject]\nheader = \"Authorization\"\nvalue = \"Bearer #{{Token}}\"\n{}[network.inject]\nquery = \"key\"\nvalue = \"#{{Key}}\"\n",
        server.rule("[\"GET\"]", "[\"/a\"]"),
        server.rule("[\"GET\"]", "[\"/b\"]"),
    );
    let deed = || {
        script("a.sh", "curl -fsS \"$1/a\"\ncurl -fsS \"$1/b\"\n")
            .with([
                "--secret",
                "Token=t-4711-secret",
                "--secret",
                "Key=k-4711-secret",
            ])
            .arguments([&server.url("")])
    };
    let run = deed()
        .policy(&rules)
        .with(["--learn", "learned.toml"])
        .run();
    run.expect_code(0).expect_stdout("in\nin\n");
    let learned = run.read("learned.toml");
    assert!(!learned.contains("4711-secret"), "{learned}");
    let again = deed()
        .file("learned.toml", &learned)
        .with(["--policy", "learned.toml"])
        .run();
    again.expect_code(0).expect_stdout("in\nin\n");
    // The twin: without the lines, the server is not told.
    let without: Vec<&str> = learned
        .lines()
        .filter(|line| {
            !["[network.inject]", "header", "query", "value"]
                .iter()
                .any(|word| line.starts_with(word))
        })
        .collect();
    let twin = deed()
        .file("learned.toml", without.join("\n"))
        .with(["--policy", "learned.toml"])
        .run();
    twin.expect_code(0).expect_stdout("out\nout\n");
}

#[test]
fn the_environment_is_learned_with_its_templates() {
    for language in LANGUAGES {
        let text = language.pick(
            "[ \"$STAGE/$WHERE\" = 'test/eu' ]\n",
            "import os\nassert os.environ['STAGE'] + '/' + os.environ['WHERE'] == 'test/eu'\n",
            "const { STAGE, WHERE } = process.env;\nif (`${STAGE}/${WHERE}` !== 'test/eu') throw new Error(STAGE);\n",
            "if (\"$env:STAGE/$env:WHERE\" -ne 'test/eu') { throw $env:STAGE }\n",
        );
        let deed = || script(language.file(), text).with(["--set", "Region=eu"]);
        let run = deed()
            .policy("[env]\nWHERE = \"#{Region}\"\n")
            .with(["--env", "STAGE=test", "--learn", "learned.toml"])
            .run();
        let learned = run.expect_code(0).read("learned.toml");
        assert!(learned.contains("#{Region}"), "{learned}");
        let under = |policy: &str| {
            let run = deed().file("learned.toml", policy);
            run.with(["--policy", "learned.toml"]).run()
        };
        under(&learned).expect_code(0);
        for name in ["STAGE", "WHERE"] {
            let less: Vec<&str> = learned
                .lines()
                .filter(|line| !line.starts_with(name))
                .collect();
            let twin = under(&less.join("\n"));
            assert_ne!(twin.code, 0, "it passes without {name}: {twin}");
        }
    }
}

#[test]
fn what_the_ceiling_forbids_is_denied_while_learning_too() {
    let server = server();
    let other = self::server();
    let text = "curl -fsS \"$1\" || echo refused\n";
    let run = script("a.sh", text).file("ceiling.toml", ceiling(&server, ""));
    let run = run
        .with(["--learn", "learned.toml", "--ceiling", "ceiling.toml"])
        .arguments([&other.url("/")])
        .run();
    run.expect_code(0)
        .expect_stdout("refused\n")
        .expect_in_stderr(&other.url("/"));
    assert!(!run.read("learned.toml").contains("[[network]]"), "{run}");
    assert!(other.seen().is_empty());
}

#[test]
fn limits_beyond_the_defaults_are_learned() {
    let text = "import os\nfor i in range(20):\n    os.urandom(1 << 20)\n";
    let ceiling = format!("schema = 1\nname = \"ceiling\"\n{WORK}[limits]\nrandom = \"64MiB\"\n");
    let run = script("a.py", text).file("ceiling.toml", ceiling);
    let run = run
        .with(["--learn", "learned.toml", "--ceiling", "ceiling.toml"])
        .run();
    let learned = run.expect_code(0).read("learned.toml");
    assert!(learned.contains("random = "), "{learned}");
    script("a.py", text)
        .file("p.toml", learned)
        .with(["--policy", "p.toml"])
        .run()
        .expect_code(0);
    script("a.py", text)
        .run()
        .expect_code(122)
        .expect_in_stderr("`random`");
}
