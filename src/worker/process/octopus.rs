//! Octopus's script helpers for real interpreters: what is put in front of a script (octopus-semantics 3.9).
//!
//! Helpers speak in service messages on standard output: a native process has no other way out.

use std::collections::BTreeMap;
use std::path::Path;

/// Bash: functions, and the variables in an associative array.
const BASH: &str = include_str!("octopus.sh");

/// Python: the same as functions of the script's own namespace.
const PYTHON: &str = include_str!("octopus.py");

/// Node.js: the same as globals, under the names that our own interpreter has.
const JAVASCRIPT: &str = include_str!("octopus.js");

/// PowerShell: functions, and the variables in `$OctopusParameters`.
const POWERSHELL: &str = include_str!("octopus.ps1");

/// What bash runs instead of the script at `script`.
pub(in crate::worker) fn bash(variables: &BTreeMap<String, String>, script: &Path) -> String {
    let mut text = String::from("declare -A __seawall_variables=(\n");
    for (name, value) in variables {
        text.push_str(&format!(
            "[{}]={}\n",
            quoted(&name.to_lowercase()),
            quoted(value)
        ));
    }
    text.push_str(")\n");
    text.push_str(BASH);
    text.push_str(&format!(". {}\n", quoted(&script.to_string_lossy())));
    text
}

/// What Python runs instead of the script at `script`.
pub(super) fn python(variables: &Path, script: &Path) -> String {
    format!("{PYTHON}\n_run({}, {})\n", json(variables), json(script))
}

/// What Node.js runs instead of the script at `script`.
pub(in crate::worker) fn javascript(variables: &Path, script: &Path) -> String {
    format!(
        "{JAVASCRIPT}\nrun({}, {});\n",
        json(variables),
        json(script)
    )
}

/// What PowerShell runs instead of the script at `script`.
pub(in crate::worker) fn powershell(variables: &Path, script: &Path) -> String {
    let literal = |path: &Path| format!("'{}'", path.to_string_lossy().replace('\'', "''"));
    let (variables, script) = (literal(variables), literal(script));
    format!("$SeawallVariables = {variables}\n$SeawallScript = {script}\n{POWERSHELL}")
}

/// A path as a string literal of Python and JavaScript.
fn json(path: &Path) -> String {
    serde_json::to_string(&path.to_string_lossy()).expect("text is JSON")
}

/// The same for variables that Python finds as `variables`, a name of its own for an open file.
pub(in crate::worker) fn python_given(variables: &str, script: &Path) -> String {
    let script = serde_json::to_string(&script.to_string_lossy()).expect("text is JSON");
    format!("{PYTHON}\n_run({variables}, {script})\n")
}

/// One word for bash, whatever is in it but NUL, which no variable of a shell can hold.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn bash_reads_every_value_as_it_is(value in "[^\0]{0,40}") {
            let directory = tempfile::tempdir().expect("a directory");
            let script = directory.path().join("x.sh");
            std::fs::write(&script, "get_octopusvariable 'the name'").expect("it is written");
            let variables = BTreeMap::from([("The Name".to_owned(), value.clone())]);
            let output = Command::new("bash").arg("-c").arg(bash(&variables, &script)).output().expect("bash");
            prop_assert_eq!(String::from_utf8_lossy(&output.stdout), value + "\n");
        }
    }
}
