//! Which program runs a script: the machine's own interpreter, with Octopus's helpers in front of the script.

use std::io;
use std::path::Path;

use super::octopus;
use super::script::Script;
use super::workspace::RunDirectory;
use crate::worker::attempt::Language;

/// PowerShell, up to the path of what it runs.
pub(in crate::worker) const PWSH: &[&str] =
    &["pwsh", "-NoLogo", "-NoProfile", "-NonInteractive", "-File"];

/// Writes the script, and says what to run.
pub(super) fn program(directory: &RunDirectory, script: &Script) -> io::Result<Vec<String>> {
    let path = directory.script(&script.name, &script.text)?;
    let variables = || {
        let json = serde_json::to_vec(&script.variables)?;
        directory.script("variables.json", &json)
    };
    let words = |words: &[&str]| words.iter().copied().map(str::to_owned).collect::<Vec<_>>();
    let (mut program, name, start) = match script.language {
        Language::Shell => (
            words(&["bash", "--noprofile", "--norc"]),
            "Bootstrap.sh",
            octopus::bash(&script.variables, &path),
        ),
        Language::Python => (
            words(&["python3", "-u"]),
            "Bootstrap.py",
            octopus::python(&variables()?, &path),
        ),
        Language::JavaScript => (
            words(&["node"]),
            "Bootstrap.cjs",
            octopus::javascript(&variables()?, &path),
        ),
        Language::PowerShell => (
            words(PWSH),
            "Bootstrap.ps1",
            octopus::powershell(&variables()?, &path),
        ),
    };
    program.push(text(&directory.script(name, start.as_bytes())?));
    program.extend(script.arguments.iter().cloned());
    Ok(program)
}

/// Whether its address space can be held to what it may use of memory. Node.js and .NET reserve far more than they use.
pub(in crate::worker) fn uses_what_it_reserves(language: Language) -> bool {
    match language {
        Language::Shell | Language::Python => true,
        Language::JavaScript | Language::PowerShell => false,
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
