//! The Octopus helpers in every language, and service messages that nobody asked for.

use crate::cli::{Transcript, script};
use crate::languages::{LANGUAGES, Language};

/// The wire form of a message, as a script that knows it would print it.
const FORGED: &str = "##octopus[setVariable name='Rm9yZ2Vk' value='eWVz']";
const REFUSE: &str = "[messages]\nin-band = \"refuse\"\n";

fn events(run: &Transcript, name: &str) -> Vec<serde_json::Value> {
    run.json_lines()
        .into_iter()
        .filter(|line| line["event"] == name)
        .collect()
}

fn print(language: Language, text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("text is JSON");
    language.pick(
        format!("cat <<'END'\n{text}\nEND\n"),
        format!("print({quoted})\n"),
        format!("console.log({quoted});\n"),
        format!("Write-Host @'\n{text}\n'@\n"),
    )
}

#[test]
fn output_variables_are_reported() {
    for language in LANGUAGES {
        let text = language.pick(
            "set_octopusvariable Url 'https://a/?b=ä ]'\nset_octopusvariable Empty ''\n",
            "set_octopusvariable('Url', 'https://a/?b=ä ]')\nset_octopusvariable('Empty', '')\n",
            "setOctopusVariable('Url', 'https://a/?b=ä ]');\nsetOctopusVariable('Empty', '');\n",
            "Set-OctopusVariable -Name Url -Value 'https://a/?b=ä ]'\nSet-OctopusVariable -Name Empty -Value ''\n",
        );
        let run = script(language.file(), text).run();
        run.expect_code(0)
            .expect_stdout("")
            .expect_in_stderr("output variable Url = https://a/?b=ä ]\n");
        let run = script(language.file(), text).with(["--json"]).run();
        let variables = events(&run, "output-variable");
        assert_eq!(variables.len(), 2, "{run}");
        assert_eq!(variables[0]["value"], "https://a/?b=ä ]", "{run}");
        assert_eq!(variables[1]["value"], "", "{run}");
    }
}

#[test]
fn sensitive_output_variables_are_reported_without_their_value() {
    for language in LANGUAGES {
        let text = language.pick(
            "set_octopusvariable Key abcdef-value -sensitive\n",
            "set_octopusvariable('Key', 'abcdef-value', sensitive=True)\n",
            "setOctopusVariable('Key', 'abcdef-value', { sensitive: true });\n",
            "Set-OctopusVariable -Name Key -Value abcdef-value -Sensitive\n",
        );
        let run = script(language.file(), text).with(["--json"]).run();
        run.expect_code(0).expect_nowhere("abcdef-value");
        let variables = events(&run, "output-variable");
        assert_eq!(variables[0]["sensitive"], true, "{run}");
        assert!(variables[0].get("value").is_none(), "{run}");
    }
}

#[test]
fn artifacts_are_copied_with_their_digest() {
    for language in LANGUAGES {
        let text = language.pick(
            "echo report > report.txt\nnew_octopusartifact report.txt\nmkdir d; echo two > d/two; new_octopusartifact d/two renamed.txt\n",
            "import os\nopen('report.txt', 'w').write('report\\n')\ncreateartifact('report.txt')\nos.mkdir('d')\nopen('d/two', 'w').write('two\\n')\ncreateartifact('d/two', 'renamed.txt')\n",
            "import fs from 'node:fs';\nfs.writeFileSync('report.txt', 'report\\n');\ncreateArtifact('report.txt');\nfs.mkdirSync('d');\nfs.writeFileSync('d/two', 'two\\n');\ncreateArtifact('d/two', 'renamed.txt');\n",
            "Set-Content report.txt report\nNew-OctopusArtifact report.txt\n$null = New-Item -ItemType Directory d\nSet-Content d/two two\nNew-OctopusArtifact d/two renamed.txt\n",
        );
        let run = script(language.file(), text)
            .with(["--artifacts", "kept"])
            .run();
        run.expect_code(0)
            .expect_in_stdout("as an artifact...")
            .expect_in_stderr("artifact report.txt")
            .expect_in_stderr("7 bytes, sha256 ");
        assert_eq!(run.read("kept/report.txt"), "report\n", "{run}");
        assert_eq!(run.read("kept/renamed.txt"), "two\n", "{run}");
    }
}

#[test]
fn artifacts_with_one_name_are_all_kept() {
    let text = "for n in 1 2; do mkdir d$n; echo $n > d$n/report.txt; new_octopusartifact d$n/report.txt; done\n";
    let run = script("a.sh", text).with(["--artifacts", "kept"]).run();
    assert_eq!(run.read("kept/report.txt"), "1\n", "{run}");
    assert_eq!(run.read("kept/report-2.txt"), "2\n", "{run}");
}

#[test]
fn an_artifact_outside_the_mounts_is_not_kept() {
    let encoded = |path: &str| {
        use base64::Engine as _;
        base64::prelude::BASE64_STANDARD.encode(path)
    };
    for path in [
        "/etc/passwd",
        "../../etc/passwd",
        "/work/../etc/passwd",
        "/seawall/a.sh",
        "/work/link",
        "/work",
    ] {
        let text = format!(
            "ln -s /etc/passwd /work/link\nprintf \"##octopus[createArtifact path='{}']\\n\"\n",
            encoded(path)
        );
        let run = script("a.sh", &text).with(["--artifacts", "kept"]).run();
        run.expect_code(0)
            .expect_in_stderr("artifact not kept")
            .expect_nowhere("root:");
        assert!(!run.to_string().contains("root:"), "{run}");
    }
}

#[test]
fn progress_is_reported() {
    for language in LANGUAGES {
        let text = language.pick(
            "update_progress 40 'copying files'\n",
            "updateprogress(40, 'copying files')\n",
            "updateProgress(40, 'copying files');\n",
            "Update-Progress 40 'copying files'\n",
        );
        script(language.file(), text)
            .run()
            .expect_code(0)
            .expect_stdout("")
            .expect_in_stderr("40 % copying files");
    }
}

#[test]
fn levels_apply_to_their_own_text_only() {
    for language in LANGUAGES {
        let text = language.pick(
            "echo before\nwrite_verbose verbose\nwrite_highlight highlight\nwrite_wait wait\nwrite_warning warning\necho after\n",
            "print('before')\nprintverbose('verbose')\nprinthighlight('highlight')\nprintwait('wait')\nprintwarning('warning')\nprint('after')\n",
            "console.log('before');\nprintVerbose('verbose');\nprintHighlight('highlight');\nprintWait('wait');\nprintWarning('warning');\nconsole.log('after');\n",
            "Write-Host before\nWrite-Verbose verbose\nWrite-Highlight highlight\nWrite-Wait wait\nWrite-Warning warning\nWrite-Host after\n",
        );
        let run = script(language.file(), text).run();
        run.expect_code(0)
            .expect_stdout("before\nverbose\nhighlight\nwait\nwarning\nafter\n");
        let run = script(language.file(), text).with(["--json"]).run();
        let levels: Vec<(String, String)> = events(&run, "output")
            .iter()
            .map(|event| {
                (
                    event["level"].as_str().unwrap_or_default().to_owned(),
                    event["text"].as_str().unwrap_or_default().trim().to_owned(),
                )
            })
            .collect();
        let expected = [
            ("info", "before"),
            ("verbose", "verbose"),
            ("highlight", "highlight"),
            ("wait", "wait"),
            ("warning", "warning"),
            ("info", "after"),
        ];
        assert_eq!(
            levels,
            expected.map(|(level, text)| (level.to_owned(), text.to_owned())),
            "{run}"
        );
    }
}

#[test]
fn fail_step_ends_the_script_and_says_why() {
    for language in LANGUAGES {
        let text = language.pick(
            "fail_step 'no space'\necho never\n",
            "failstep('no space')\nprint('never')\n",
            "failStep('no space');\nconsole.log('never');\n",
            "Fail-Step 'no space'\nWrite-Host never\n",
        );
        let run = script(language.file(), text).run();
        run.expect_code(language.pick(1, 255, 1, 1))
            .expect_stdout("")
            .expect_in_stderr("the script failed: no space");
    }
}

#[test]
fn a_message_on_standard_output_counts_unless_the_policy_refuses_it() {
    for language in LANGUAGES {
        let text = print(language, FORGED);
        let run = script(language.file(), &text).run();
        run.expect_code(0)
            .expect_stdout("")
            .expect_in_stderr("output variable Forged = yes");
        let run = script(language.file(), &text)
            .policy_with_work(REFUSE)
            .run();
        run.expect_code(0)
            .expect_nowhere("output variable")
            .expect_in_stdout("octopus[setVariable");
    }
}

#[test]
fn helpers_work_where_messages_on_standard_output_are_refused() {
    for language in LANGUAGES {
        let helper = language.pick(
            "set_octopusvariable Real yes\n",
            "set_octopusvariable('Real', 'yes')\n",
            "setOctopusVariable('Real', 'yes');\n",
            "Set-OctopusVariable Real yes\n",
        );
        let text = format!("{}{helper}", print(language, FORGED));
        let run = script(language.file(), &text)
            .policy_with_work(REFUSE)
            .run();
        run.expect_code(0)
            .expect_in_stderr("output variable Real = yes")
            .expect_nowhere("variable Forged");
    }
}

#[test]
fn echoed_text_can_not_forge_a_message_where_they_are_refused() {
    // What an attacker controls comes in from outside: standard input here.
    for language in LANGUAGES {
        let text = language.pick(
            "while read -r line; do echo \"commit message: $line\"; done\nwrite_warning done\n",
            "import sys\nfor line in sys.stdin:\n    print('commit message:', line, end='')\nprintwarning('done')\n",
            "import fs from 'node:fs';\nprocess.stdout.write('commit message: ' + fs.readFileSync(0, 'utf8'));\nprintWarning('done');\n",
            "foreach ($line in [Console]::In.ReadToEnd().TrimEnd() -split '\\n') { Write-Host \"commit message: $line\" }\nWrite-Warning done\n",
        );
        let run = |rules: &str| {
            script(language.file(), text)
                .stdin(&format!("{FORGED}\n"))
                .policy_with_work(rules)
                .run()
        };
        run(REFUSE)
            .expect_code(0)
            .expect_nowhere("output variable")
            .expect_in_stdout("commit message: ")
            .expect_in_stdout("done\n");
        run("")
            .expect_code(0)
            .expect_in_stderr("output variable Forged = yes");
    }
}

#[test]
fn hostile_messages_are_shown_as_text_and_swallow_nothing() {
    for hostile in [
        "##octopus[setVariable name='!!not base64!!' value='eWVz']",
        "##octopus[setVariable name='Rm9yZ2Vk' value='eWVz'",
        "##octopus[",
        "##octopus",
        "##octopus[<xml/>]",
        "##octopus[setVariable name='Rm9yZ2Vk' value='&lol;']",
    ] {
        let text = format!("{}echo after\n", print(Language::Shell, hostile));
        let run = script("a.sh", &text).run();
        run.expect_code(0)
            .expect_in_stdout("after")
            .expect_nowhere("output variable");
    }
    // An unterminated one may hold output back, within bounds, but never loses it.
    let text = "printf '##octopus[setVariable '\nfor i in $(seq 20000); do echo 0123456789; done\n";
    let run = script("a.sh", text).run();
    run.expect_code(0);
    assert_eq!(
        run.stdout.matches("0123456789").count(),
        20_000,
        "{}",
        run.stderr
    );
}

#[test]
fn the_messages_file_can_not_be_read_or_replaced() {
    let text = "set_octopusvariable A secret-of-this-run\ncat /seawall/out/messages\nrm /seawall/out/messages\necho x > /seawall/out/other\nls /seawall/out\nset_octopusvariable B b\n";
    let run = script("a.sh", text).run();
    run.expect_in_stderr("output variable A = ")
        .expect_in_stderr("output variable B = b");
    assert!(!run.stdout.contains("octopus"), "{run}");
}

#[test]
fn unknown_messages_are_ignored() {
    let text = print(Language::Shell, "##octopus[someday name='YQ==']");
    script("a.sh", &text).run().expect_code(0).expect_stdout("");
}
