//! `--mount` and `[[files]]`: what is mounted can be read, and written only where that was granted.

use crate::cli::{script, seawall};
use crate::languages::LANGUAGES;

const READ: &str = "[[files]]\nmount = \"/pkg\"\nfrom = \"package:acme.web\"\naccess = \"read\"\n";

#[test]
fn a_mounted_directory_is_read_and_not_written() {
    for language in LANGUAGES {
        let text = language.pick(
            "cat /pkg/a/b.txt\necho x > /pkg/c || echo refused\nrm /pkg/a/b.txt || echo refused\n",
            "\
import os
print(open('/pkg/a/b.txt').read(), end='')
for deed in [lambda: open('/pkg/c', 'w'), lambda: os.remove('/pkg/a/b.txt')]:
    try:
        deed()
    except OSError:
        print('refused')
",
            "\
import fs from 'node:fs';
process.stdout.write(fs.readFileSync('/pkg/a/b.txt', 'utf8'));
for (const deed of [() => fs.writeFileSync('/pkg/c', 'x'), () => fs.unlinkSync('/pkg/a/b.txt')]) {
  try { deed(); } catch { console.log('refused'); }
}
",
            "\
Get-Content /pkg/a/b.txt
foreach ($deed in { Set-Content /pkg/c x -ErrorAction Stop }, { Remove-Item /pkg/a/b.txt -ErrorAction Stop }) {
    try { & $deed } catch { 'refused' }
}
",
        );
        for flags in [["--mount", "/pkg=package"], ["--mount", "/pkg=package:ro"]] {
            let run = script(language.file(), text)
                .file("package/a/b.txt", "b\n")
                .with(flags)
                .run();
            run.expect_code(0)
                .expect_stdout("b\nrefused\nrefused\n")
                .expect_in_stderr("write /pkg/c");
            assert_eq!(run.read("package/a/b.txt"), "b\n");
        }
    }
}

#[test]
fn a_directory_that_is_mounted_for_writing_keeps_what_is_written() {
    for language in LANGUAGES {
        let text = language.pick(
            "echo new > /out/c\nrm /out/old\n",
            "import os\nopen('/out/c', 'w').write('new\\n')\nos.remove('/out/old')\n",
            "import fs from 'node:fs';\nfs.writeFileSync('/out/c', 'new\\n');\nfs.unlinkSync('/out/old');\n",
            "Set-Content /out/c new\nRemove-Item /out/old\n",
        );
        let run = script(language.file(), text)
            .file("out/old", "x")
            .with(["--mount", "/out=out:rw"])
            .run();
        run.expect_code(0).expect_stdout("");
        assert_eq!(run.read("out/c"), "new\n", "{run}");
        assert!(!run.has("out/old"), "it is still there\n{run}");
    }
}

#[test]
fn a_package_of_the_policy_needs_a_place() {
    let text = "cat /pkg/a\n";
    let run = script("a.sh", text).policy_with_work(READ).run();
    run.expect_code(2)
        .expect_in_stderr("--mount /pkg=DIRECTORY")
        .expect_in_stderr("package:acme.web");
    let run = script("a.sh", text)
        .file("package/a", "a\n")
        .policy_with_work(READ)
        .with(["--mount", "/pkg=package"])
        .run();
    run.expect_code(0).expect_stdout("a\n");
}

#[test]
fn a_flag_does_not_widen_what_the_policy_grants() {
    let run = script("a.sh", "echo x > /pkg/b || echo refused\n")
        .file("package/a", "a\n")
        .policy_with_work(READ);
    run.with(["--mount", "/pkg=package:rw"])
        .run()
        .expect_code(0)
        .expect_stdout("refused\n");
}

#[test]
fn a_directory_of_the_host_is_mounted_as_the_policy_says() {
    let run = seawall(["run", "a.sh"])
        .file("a.sh", "cat /data/a; echo x > /data/b || echo refused\n")
        .file("data/a", "a\n");
    let directory = std::fs::canonicalize(run.path("data")).expect("it exists");
    let rule = |access: &str| {
        format!(
            "[[files]]\nmount = \"/data\"\nfrom = \"host:{}\"\naccess = \"{access}\"\n",
            directory.display()
        )
    };
    let run = run.policy_with_work(&rule("read")).run();
    run.expect_code(0).expect_stdout("a\nrefused\n");
}

#[test]
fn a_link_in_a_mount_does_not_lead_out_of_it() {
    for language in LANGUAGES {
        let text = language.pick(
            "cat /pkg/out; cat /pkg/in\n",
            "for name in ['out', 'in']:\n    try:\n        print(open(f'/pkg/{name}').read(), end='')\n    except OSError:\n        pass\n",
            "import fs from 'node:fs';\nfor (const name of ['out', 'in']) {\n  try { process.stdout.write(fs.readFileSync(`/pkg/${name}`, 'utf8')); } catch {}\n}\n",
            "foreach ($name in 'out', 'in') { Get-Content \"/pkg/$name\" -ErrorAction SilentlyContinue }\n",
        );
        let run = script(language.file(), text)
            .file("package/a", "a\n")
            .file("secret", "outside\n");
        std::os::unix::fs::symlink("../secret", run.path("package/out"))
            .expect("links can be made");
        std::os::unix::fs::symlink("a", run.path("package/in")).expect("links can be made");
        let run = run.with(["--mount", "/pkg=package"]).run();
        run.expect_stdout("a\n")
            .expect_in_stderr("leads out of its mount");
    }
}

#[test]
fn a_read_only_mount_inside_a_writable_one_is_refused() {
    let run = script("a.sh", "echo ran\n").file("out/package/a", "a\n");
    let run = run
        .with(["--mount", "/out=out:rw", "--mount", "/pkg=out/package"])
        .run();
    run.expect_code(120)
        .expect_stdout("")
        .expect_in_stderr("would be writable");
    let run = script("a.sh", "echo ran\n")
        .file("out/a", "a\n")
        .file("package/a", "a\n");
    run.with(["--mount", "/out=out:rw", "--mount", "/pkg=package"])
        .run()
        .expect_code(0)
        .expect_stdout("ran\n");
}
