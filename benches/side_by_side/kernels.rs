//! Scripts that compute, each a file that runs unchanged in the sandbox and natively.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use seawall::worker::Language;

use super::Effort;
use super::native::{Interpreters, Native};
use super::report::{Cell, Goal, Section, Unit};
use super::sandbox::{COMPUTE, Sandboxes, Script};
use super::stats::{Samples, millis};

/// The best of so many counts: noise only ever adds.
const REPEATS: usize = 3;

/// A kernel that took this long in the sandbox isn't repeated: minutes would tell nothing more.
const LONG: Duration = Duration::from_secs(4);

/// Slowdown against the native interpreter, start-up included on both sides.
pub fn measure(sandboxes: &Sandboxes, effort: Effort) -> Section {
    let Interpreters { bash, python, node } = Interpreters::find();
    let columns = ["sandbox", "native", "slower", "than `node --jitless`"];
    let mut section = Section::new("Computing", &columns);
    let no_flags: &[&str] = &[];
    for (language, extension, program) in [
        (Language::Python, "py", &python),
        (Language::Shell, "sh", &bash),
        (Language::JavaScript, "js", &node),
    ] {
        let mut factors = Vec::new();
        for file in files(language, extension) {
            let native = native(program, no_flags, &file);
            let without_compiler = (language == Language::JavaScript)
                .then(|| self::native(program, &["--jitless"], &file));
            let text = std::fs::read_to_string(&file).expect("a kernel can be read");
            let script = Script::text(language, &text);
            let times = compare(
                sandboxes,
                &script,
                &native,
                without_compiler.as_ref(),
                effort,
            );
            let slower = times.0 / times.1;
            factors.push(slower);
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let cells = vec![
                Cell::new(times.0, Unit::Milliseconds),
                Cell::new(times.1, Unit::Milliseconds),
                Cell::new(slower, Unit::Times),
                match times.2 {
                    Some(jitless) => Cell::new(times.0 / jitless, Unit::Times),
                    None => Cell::absent(Unit::Times),
                },
            ];
            section.row(format!("{} {name}", language.guest()), cells, Vec::new());
        }
        let mean = geometric_mean(&factors);
        let goals = match language {
            Language::Python => vec![Goal::at_most(mean, 2.2, Unit::Times)],
            Language::Shell | Language::PowerShell | Language::JavaScript => Vec::new(),
        };
        let absent = Cell::absent(Unit::Milliseconds);
        let cells = vec![
            absent,
            absent,
            Cell::new(mean, Unit::Times),
            Cell::absent(Unit::Times),
        ];
        let name = format!("**{}, geometric mean**", language.guest());
        section.row(name, cells, goals);
    }
    section
}

fn native(program: &Path, flags: &[&str], file: &Path) -> Native {
    let flags = flags.iter().map(|flag| (*flag).into());
    Native::new(program, flags.chain([file.as_os_str().to_owned()]))
}

/// The best times in milliseconds: sandbox, native, and native without a just-in-time compiler.
fn compare(
    sandboxes: &Sandboxes,
    script: &Script,
    native: &Native,
    without_compiler: Option<&Native>,
    effort: Effort,
) -> (f64, f64, Option<f64>) {
    let expected = native.output();
    let [mut sandbox, mut spawned, mut interpreted] = [(); 3].map(|()| Samples::default());
    let began = Instant::now();
    for _ in 0..effort.of(REPEATS) {
        let (owned, script) = (sandboxes.clone(), script.clone());
        let run = sandboxes
            .runtime()
            .spawn(async move { owned.run(COMPUTE, &script).await.succeeded() });
        let ran = sandboxes.block_on(run).expect("a run doesn't panic");
        // The same answer, or it was not the same work.
        assert_eq!(
            String::from_utf8_lossy(&ran.output),
            String::from_utf8_lossy(&expected)
        );
        sandbox.extend([ran.took]);
        spawned.extend([native.timed(Some(&expected))]);
        interpreted.extend(without_compiler.map(|native| native.timed(Some(&expected))));
        if began.elapsed() > LONG {
            break;
        }
    }
    (
        millis(sandbox.min()),
        millis(spawned.min()),
        without_compiler.map(|_| millis(interpreted.min())),
    )
}

/// `benches/kernels/LANGUAGE/*.EXTENSION`, in the order of their names.
fn files(language: Language, extension: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("benches/kernels")
        .join(language.guest());
    let mut files: Vec<PathBuf> = std::fs::read_dir(&directory)
        .expect("the kernels are in the repository")
        .map(|entry| entry.expect("a directory can be read").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

fn geometric_mean(factors: &[f64]) -> f64 {
    let logarithms: f64 = factors.iter().map(|factor| factor.ln()).sum();
    (logarithms / factors.len() as f64).exp()
}
