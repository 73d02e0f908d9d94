//! `seawall run`: a script behaves as under its own interpreter, and what isn't the script's has a code of its own.

use crate::cli::{WORK, script, seawall};
use crate::languages::{LANGUAGES, Language};

#[test]
fn a_scripts_exit_code_is_the_programs_in_every_language() {
    for language in LANGUAGES {
        for code in [0, 1, 7, 126, 127, 130, 255] {
            let text = language.pick(
                format!("exit {code}"),
                format!("import sys; sys.exit({code})"),
                format!("process.exit({code})"),
                format!("exit {code}"),
            );
            script(language.file(), &text)
                .run()
                .expect_code(code)
                .expect_stdout("");
        }
    }
}

#[test]
fn an_uncaught_error_is_a_trace_on_standard_error_and_exit_code_1() {
    let python = script("a.py", "def f():\n    raise ValueError('no')\nf()\n").run();
    python
        .expect_code(1)
        .expect_in_stderr("Traceback")
        .expect_in_stderr("line 2")
        .expect_in_stderr("ValueError: no");
    let javascript = script(
        "a.mjs",
        "function f() { throw new TypeError('no'); }\nf();\n",
    )
    .run();
    javascript
        .expect_code(1)
        .expect_in_stderr("TypeError: no")
        .expect_in_stderr("a.mjs:1");
    let shell = script("a.sh", "set -e\nfalse\necho never\n").run();
    shell.expect_code(1).expect_stdout("");
}

#[test]
fn a_syntax_error_is_the_scripts_own_failure() {
    for language in LANGUAGES {
        let run = script(
            language.file(),
            language.pick("if then fi (", "def (:\n", "let = = 3;\n", "if ( {\n"),
        )
        .run();
        run.expect_code(language.pick(2, 1, 1, 1)).expect_stdout("");
        assert!(!run.stderr.is_empty(), "it says nothing\n{run}");
    }
}

#[test]
fn arguments_and_standard_input_reach_the_script() {
    for language in LANGUAGES {
        let text = language.pick(
            "cat; echo \"$#:$1:$2\"\n",
            "import sys\nprint(sys.stdin.read(), end='')\nprint(f'{len(sys.argv) - 1}:{sys.argv[1]}:{sys.argv[2]}')\n",
            "import fs from 'node:fs';\nprocess.stdout.write(fs.readFileSync(0, 'utf8'));\nconst a = process.argv.slice(2);\nconsole.log(`${a.length}:${a[0]}:${a[1]}`);\n",
            "Write-Host -NoNewline ([Console]::In.ReadToEnd())\nWrite-Host \"$($args.Count):$($args[0]):$($args[1])\"\n",
        );
        let run = script(language.file(), text)
            .stdin("ä line\n")
            .arguments(["--flag", "two words"])
            .run();
        run.expect_code(0)
            .expect_stdout("ä line\n2:--flag:two words\n");
    }
}

#[test]
fn output_arrives_while_the_script_still_waits_for_input() {
    for language in LANGUAGES {
        let text = language.pick(
            "echo ready\nread -r line\necho \"got $line\"\n",
            "print('ready')\nprint('got', input())\n",
            "import readline from 'node:readline';\nconsole.log('ready');\nreadline.createInterface({ input: process.stdin }).once('line', (line) => { console.log('got ' + line); process.exit(0); });\n",
            "Write-Host ready\nWrite-Host \"got $([Console]::In.ReadLine())\"\n",
        );
        let mut running = script(language.file(), text).start();
        running.expect_stdout("ready\n");
        running.write("it\n");
        running.expect_stdout("got it\n");
        running
            .finish()
            .expect_code(0)
            .expect_stdout("ready\ngot it\n");
    }
}

#[test]
fn standard_output_and_error_stay_apart() {
    for language in LANGUAGES {
        let text = language.pick(
            "echo out; echo err >&2\n",
            "import sys\nprint('out')\nprint('err', file=sys.stderr)\n",
            "console.log('out');\nconsole.error('err');\n",
            "Write-Host out\n[Console]::Error.WriteLine('err')\n",
        );
        let run = script(language.file(), text).run();
        run.expect_code(0).expect_stdout("out\n");
        assert_eq!(run.stderr, "err\n", "{run}");
    }
}

#[test]
fn bytes_that_are_no_text_pass_unchanged() {
    let text = "import sys\nsys.stdout.buffer.write(bytes(range(256)))\n";
    let run = script(
        "a.py",
        &format!("{text}sys.stderr.write(str(len(bytes(range(256)))))\n"),
    )
    .run();
    run.expect_code(0);
    assert_eq!(
        run.stdout,
        String::from_utf8_lossy(&(0..=255).collect::<Vec<u8>>()),
        "{run}"
    );
}

#[test]
fn the_language_comes_from_extension_first_line_or_flag() {
    for (name, text) in [
        ("deploy", "#!/usr/bin/env python3\nprint('hi')\n"),
        ("deploy", "#!/bin/bash -e\necho hi\n"),
        ("deploy", "#!/usr/bin/env -S node\nconsole.log('hi')\n"),
        ("deploy.py", "#!/bin/bash\nprint('hi')\n"),
        (
            "deploy.ts",
            "const word: string = 'hi';\nconsole.log(word);\n",
        ),
        (
            "deploy.cjs",
            "const path = require('node:path');\nconsole.log(path.basename('/a/hi'));\n",
        ),
    ] {
        script(name, text)
            .run()
            .expect_code(0)
            .expect_stdout("hi\n");
    }
    script("deploy", "print('hi')\n")
        .with(["--lang", "python"])
        .run()
        .expect_code(0)
        .expect_stdout("hi\n");
    script("a.sh", "print('hi')\n")
        .with(["--lang", "python"])
        .run()
        .expect_code(0)
        .expect_stdout("hi\n");
}

#[test]
fn a_script_may_come_from_standard_input() {
    let run = seawall(["run", "--lang", "shell", "-"])
        .stdin("echo hi; cat\n")
        .run();
    run.expect_code(0).expect_stdout("hi\n");
}

#[test]
fn what_can_not_be_run_is_124() {
    seawall(["run", "nowhere.sh"])
        .run()
        .expect_code(124)
        .expect_in_stderr("nowhere.sh");
    script("deploy", "print('hi')\n")
        .run()
        .expect_code(124)
        .expect_in_stderr("--lang");
    script("deploy.pl", "#!/usr/bin/perl\n")
        .run()
        .expect_code(124)
        .expect_in_stderr("deploy.pl");
}

#[test]
fn a_wrong_command_line_is_2() {
    for flags in [
        ["--lang", "cobol"],
        ["--set", "no-value"],
        ["--limit", "memory=lots"],
        ["--limit", "memroy=1MiB"],
        ["--env", "A B=c"],
        ["--mount", "/pkg=nowhere"],
        ["--mount", "/seawall=."],
        ["--secret", "T=env:NOT_THERE"],
        ["--secret", "T=@nowhere"],
        ["--variables", "nowhere.json"],
        ["--no-such-flag", "x"],
    ] {
        script("a.sh", "echo never\n")
            .with(flags)
            .run()
            .expect_code(2)
            .expect_stdout("");
    }
}

#[test]
fn a_bad_policy_is_120_and_names_file_line_and_column() {
    let run = script("a.sh", "echo never\n")
        .policy("[[network]]\nhots = \"a.example.com\"\n")
        .run();
    run.expect_code(120)
        .expect_stdout("")
        .expect_in_stderr("policy.toml:4:1")
        .expect_in_stderr("`host`");
    let run = script("a.sh", "echo never\n")
        .policy("[limits]\nmemory = \"much\"\n")
        .run();
    run.expect_code(120).expect_in_stderr("policy.toml:4:10");
    let run = script("a.sh", "echo never\n")
        .with(["--policy", "nowhere.toml"])
        .run();
    run.expect_code(120).expect_in_stderr("nowhere.toml");
}

#[test]
fn a_policy_beyond_its_ceiling_is_121_and_nothing_runs() {
    let ceiling = format!("schema = 1\nname = \"ceiling\"\n{WORK}[limits]\nmemory = \"64MiB\"\n");
    let run = |rules: &str| {
        let run = script("a.sh", "echo ran\n").file("ceiling.toml", &ceiling);
        run.policy_with_work(rules)
            .with(["--ceiling", "ceiling.toml"])
            .run()
    };
    let refused = run("[limits]\nmemory = \"128MiB\"\n");
    refused
        .expect_code(121)
        .expect_stdout("")
        .expect_in_stderr("ceiling.toml")
        .expect_in_stderr("memory = 128MiB")
        .expect_in_stderr("policy.toml:8");
    run("[[network]]\nhost = \"a.example.com\"\nports = [443]\nscheme = \"https\"\nmethods = [\"GET\"]\npaths = [\"/**\"]\n")
        .expect_code(121)
        .expect_in_stderr("a.example.com");
    run("[limits]\nmemory = \"64MiB\"\n")
        .expect_code(0)
        .expect_stdout("ran\n");
}

#[test]
fn json_lines_are_numbered_and_end_with_the_receipt() {
    let text = "echo one\nset_octopusvariable Name value\necho two >&2\ncat /etc/passwd\nexit 4\n";
    let run = script("a.sh", text).with(["--json"]).run();
    let lines = run.expect_code(4).json_lines();
    let (end, events) = lines.split_last().expect("there are lines");
    let numbers: Vec<u64> = events
        .iter()
        .filter_map(|event| event["sequence"].as_u64())
        .collect();
    assert_eq!(
        numbers,
        (1..=events.len() as u64).collect::<Vec<_>>(),
        "{run}"
    );
    assert_eq!(events[0]["event"], "started", "{run}");
    let is_there = |wanted: serde_json::Value| {
        events.iter().any(|event| {
            wanted
                .as_object()
                .expect("an object")
                .iter()
                .all(|(key, value)| event[key] == *value)
        })
    };
    assert!(
        is_there(serde_json::json!({"event": "output", "stream": "stdout", "text": "one\n"})),
        "{run}"
    );
    assert!(
        is_there(serde_json::json!({"event": "output", "stream": "stderr", "text": "two\n"})),
        "{run}"
    );
    assert!(
        is_there(serde_json::json!({"event": "output-variable", "name": "Name", "value": "value"})),
        "{run}"
    );
    assert_eq!(end["event"], "finished", "{run}");
    assert_eq!(end["exit_code"], 4, "{run}");
    assert_eq!(
        end["receipt"]["denials"][0]["subject"], "read /etc/passwd",
        "{run}"
    );
}

#[test]
fn the_environment_is_what_policy_and_flags_say_and_nothing_else() {
    let text = "import os\nprint(sorted(os.environ.items()))\n";
    let run = script("a.py", text)
        .env("SECRET_OF_THE_HOST", "1")
        .with(["--env", "STAGE=test"])
        .run();
    run.expect_code(0).expect_stdout("[('STAGE', 'test')]\n");
    let rules = "[env]\nSTAGE = \"#{Octopus.Environment.Name}\"\nPLAIN = \"a\"\n";
    let run = script("a.py", text)
        .policy(rules)
        .with(["--set", "Octopus.Environment.Name=prod", "--env", "PLAIN=b"])
        .run();
    run.expect_code(0)
        .expect_stdout("[('PLAIN', 'b'), ('STAGE', 'prod')]\n");
    let run = script("a.py", text).policy(rules).run();
    run.expect_code(2)
        .expect_in_stderr("Octopus.Environment.Name");
}

#[test]
fn variables_come_from_flags_and_files_and_later_ones_win() {
    for (name, file) in [
        (
            "v.json",
            r#"{"Web": {"Port": 80, "Hosts": ["a", "b"]}, "Plain": "x", "On": true}"#,
        ),
        (
            "v.toml",
            "Plain = \"x\"\nOn = true\n[Web]\nPort = 80\nHosts = [\"a\", \"b\"]\n",
        ),
        (
            "v.yaml",
            "Plain: x\nOn: true\nWeb:\n  Port: 80\n  Hosts: [a, b]\n",
        ),
    ] {
        let text = "for name in Web.Port Web.Hosts Plain On Late None; do get_octopusvariable $name; done\n";
        let run = script("a.sh", text)
            .file(name, file)
            .with(["--variables", name, "--set", "Plain=y", "--set", "Late=z"])
            .run();
        run.expect_code(0)
            .expect_stdout("80\n[\"a\",\"b\"]\ny\nTrue\nz\n\n");
    }
}

#[test]
fn a_variable_that_the_policy_does_not_name_is_not_there_and_is_reported() {
    for language in LANGUAGES {
        let text = language.pick(
            "get_octopusvariable Web.Port\nget_octopusvariable Other\n",
            "print(get_octopusvariable('Web.Port'))\nprint(octopusvariables.get('Other', ''))\n",
            "console.log(getOctopusVariable('Web.Port'));\nconsole.log(getOctopusVariable('Other'));\n",
            "Write-Host $OctopusParameters['Web.Port']\nWrite-Host $OctopusParameters['Other']\n",
        );
        let run = |rules: &str| {
            script(language.file(), text)
                .policy_with_work(rules)
                .with(["--set", "Web.Port=80", "--set", "Other=o"])
                .run()
        };
        let denied = run("[variables]\nread = [\"Web.*\"]\n");
        denied
            .expect_code(0)
            .expect_stdout("80\n\n")
            .expect_in_stderr("Other")
            .expect_in_stderr("read = [\"Other\"]");
        run("[variables]\nread = [\"Web.*\", \"Other\"]\n")
            .expect_code(0)
            .expect_stdout("80\no\n")
            .expect_nowhere("denied");
    }
}

#[test]
fn the_workspace_is_fresh_for_each_run() {
    for language in LANGUAGES {
        let text = language.pick(
            "ls -A /work | wc -l\necho x > /work/left\ncat left\n",
            "import os\nprint(len(os.listdir('/work')))\nopen('/work/left', 'w').write('x\\n')\nprint(open('left').read(), end='')\n",
            "import fs from 'node:fs';\nconsole.log(fs.readdirSync('/work').length);\nfs.writeFileSync('/work/left', 'x\\n');\nprocess.stdout.write(fs.readFileSync('left', 'utf8'));\n",
            "@(Get-ChildItem -Force /work).Count\nSet-Content /work/left x\nGet-Content left\n",
        );
        for _ in 0..2 {
            script(language.file(), text)
                .run()
                .expect_code(0)
                .expect_stdout("0\nx\n");
        }
    }
}

#[test]
fn nothing_outside_the_mounts_can_be_read_or_written() {
    for language in LANGUAGES {
        let text = language.pick(
            "cat /etc/passwd; echo x > /etc/y; echo x > /seawall/z; cat /work/../etc/passwd; ln -s /etc/passwd l && cat l\n",
            "\
import os
for path, mode in [('/etc/passwd', 'r'), ('/etc/y', 'w'), ('/seawall/z', 'w'), ('/work/../etc/passwd', 'r'), ('l', 'r')]:
    try:
        if path == 'l':
            os.symlink('/etc/passwd', 'l')
        print(open(path, mode).read())
    except OSError as error:
        pass
",
            "\
import fs from 'node:fs';
for (const [path, flag] of [['/etc/passwd', 'r'], ['/etc/y', 'w'], ['/seawall/z', 'w'], ['/work/../etc/passwd', 'r'], ['l', 'r']]) {
  try {
    if (path === 'l') fs.symlinkSync('/etc/passwd', 'l');
    fs.openSync(path, flag);
    console.log('opened', path);
  } catch {}
}
",
            "\
$ErrorActionPreference = 'Stop'
$deeds = @(
    { Get-Content /etc/passwd }
    { Set-Content /etc/y x }
    { Set-Content /seawall/z x }
    { Get-Content /work/../etc/passwd }
    { [IO.File]::ReadAllText('/etc/passwd') }
    { $null = New-Item -ItemType SymbolicLink l -Target /etc/passwd; Get-Content l }
)
foreach ($deed in $deeds) { try { & $deed } catch { } }
",
        );
        let run = script(language.file(), text).run();
        run.expect_stdout("")
            .expect_in_stderr("read /etc/passwd")
            .expect_in_stderr("write /etc/y")
            .expect_nowhere("root:");
    }
    // The twin: the same calls, where they are allowed.
    let allowed = script(
        Language::Shell.file(),
        "echo x > /work/y; cat /work/../work/y; ln -s y l && cat l\n",
    )
    .run();
    allowed.expect_code(0).expect_stdout("x\nx\n");
}
