//! Every limit of a policy: reached, it stops the run with 122 and is named; a little higher, the same run passes.

use crate::cli::script;
use crate::languages::{LANGUAGES, Language};

/// Runs `text` with `limit` at `low`, which it must reach, and at `high`, which it must not.
#[track_caller]
fn check(language: Language, limit: &str, low: &str, high: &str, text: &str) {
    let run = |value: &str| {
        let flag = format!("{limit}={value}");
        script(language.file(), text).with(["--limit", &flag]).run()
    };
    run(low)
        .expect_code(122)
        .expect_in_stderr(&format!("the limit `{limit}` was reached"));
    run(high).expect_code(0);
}

#[test]
fn cpu_time_ends_a_loop() {
    for language in LANGUAGES {
        let text = language.pick(
            "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done\n",
            "for i in range(3_000_000): pass\n",
            "let n = 0; for (let i = 0; i < 3e6; i++) n += i;\n",
            "for ($i = 0; $i -lt 300000; $i++) { }\n",
        );
        check(language, "cpu-time", "20ms", "60s", text);
    }
}

#[test]
fn wall_time_ends_a_script_that_sleeps() {
    for language in LANGUAGES {
        let text = language.pick(
            "sleep 0.3\n",
            "import time\ntime.sleep(0.3)\n",
            "await new Promise((done) => setTimeout(done, 300));\n",
            "Start-Sleep -Milliseconds 300\n",
        );
        check(language, "wall-time", "100ms", "60s", text);
    }
}

#[test]
fn wall_time_ends_a_script_that_waits_for_input() {
    let running = script("a.py", "input()\n")
        .with(["--limit", "wall-time=100ms"])
        .start();
    running
        .finish_with_stdin_open()
        .expect_code(122)
        .expect_in_stderr("`wall-time`");
    script("a.py", "input()\n")
        .stdin("x\n")
        .with(["--limit", "wall-time=60s"])
        .run()
        .expect_code(0);
}

#[test]
fn memory_is_the_sum_that_a_script_holds() {
    for language in LANGUAGES {
        let text = language.pick(
            "x=0123456789abcdef; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do x=$x$x; done; echo ${#x} > /dev/null\n",
            "x = bytearray(100 << 20)\n",
            "const x = []; for (let i = 0; i < 100; i++) x.push(new Uint8Array(1 << 20).fill(1));\n",
            "$x = 'x' * 50MB\n",
        );
        check(
            language,
            "memory",
            language.pick("16MiB", "64MiB", "32MiB", "32MiB"),
            "256MiB",
            text,
        );
    }
}

#[test]
fn output_is_standard_output_and_error_together() {
    for language in LANGUAGES {
        let text = language.pick(
            "for i in $(seq 100); do echo 0123456789; echo 0123456789 >&2; done\n",
            "import sys\nfor i in range(100):\n    print('0123456789')\n    print('0123456789', file=sys.stderr)\n",
            "for (let i = 0; i < 100; i++) { console.log('0123456789'); console.error('0123456789'); }\n",
            "foreach ($i in 1..100) { Write-Host '0123456789'; [Console]::Error.WriteLine('0123456789') }\n",
        );
        check(language, "output", "2000B", "2200B", text);
    }
}

#[test]
fn disk_is_every_byte_in_the_workspace() {
    for language in LANGUAGES {
        let text = language.pick(
            "printf '%1000s' x > a; printf '%1000s' x > b\n",
            "for name in 'ab':\n    open(name, 'w').write('x' * 1000)\n",
            "import fs from 'node:fs';\nfor (const name of 'ab') fs.writeFileSync(name, 'x'.repeat(1000));\n",
            "foreach ($name in 'a', 'b') { Set-Content $name ('x' * 1000) -NoNewline }\n",
        );
        check(language, "disk", "1500B", "2000B", text);
    }
}

#[test]
fn a_sparse_file_costs_its_whole_length() {
    let text = "with open('a', 'wb') as file:\n    file.seek(1 << 20)\n    file.write(b'x')\n";
    check(Language::Python, "disk", "1MiB", "2MiB", text);
}

#[test]
fn files_are_files_directories_and_links() {
    let text = "import os\nos.mkdir('d')\nopen('d/f', 'w')\nos.symlink('f', 'd/l')\n";
    check(Language::Python, "files", "2", "3", text);
    check(
        Language::Shell,
        "files",
        "2",
        "3",
        "mkdir d; : > d/f; ln -s f d/l\n",
    );
}

#[test]
fn random_bytes_are_counted() {
    check(
        Language::Python,
        "random",
        "4KiB",
        "64KiB",
        "import os\nos.urandom(5000)\n",
    );
    check(
        Language::JavaScript,
        "random",
        "4KiB",
        "64KiB",
        "crypto.getRandomValues(new Uint8Array(5000));\n",
    );
}

#[test]
fn handles_are_open_at_one_time() {
    let text = "files = [open(f'f{i}', 'w') for i in range(60)]\n";
    check(Language::Python, "handles", "50", "200", text);
    let text = "for i in range(300):\n    open(f'f{i % 5}', 'w').close()\n";
    script("a.py", text)
        .with(["--limit", "handles=50"])
        .run()
        .expect_code(0);
}

#[test]
fn a_limit_can_not_be_caught_by_the_script() {
    let text =
        "try:\n    x = bytearray(600 << 20)\nexcept BaseException:\n    pass\nprint('went on')\n";
    script("a.py", text)
        .run()
        .expect_code(122)
        .expect_stdout("")
        .expect_in_stderr("`memory`");
}

#[test]
fn what_was_printed_before_a_limit_is_not_lost() {
    let text = "print('before')\nwhile True: pass\n";
    let run = script("a.py", text)
        .with(["--limit", "cpu-time=200ms"])
        .run();
    run.expect_code(122).expect_stdout("before\n");
}

#[test]
fn a_limit_of_the_policy_holds_without_a_flag() {
    let run = script("a.sh", "echo 0123456789\n")
        .policy_with_work("[limits]\noutput = \"5B\"\n")
        .run();
    run.expect_code(122).expect_in_stderr("`output`");
    let run = script("a.sh", "echo 0123456789\n")
        .policy_with_work("[limits]\noutput = \"50B\"\n")
        .run();
    run.expect_code(0).expect_stdout("0123456789\n");
}
