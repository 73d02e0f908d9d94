//! `#requires` lines (about_Requires): what the script needs, and why it can't have it here.

use crate::run::VERSION;

/// Why a script with this `#requires` line (what follows the word) can't run; `None` if it can.
pub fn unmet(rest: &str) -> Option<String> {
    let mut words = rest
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .peekable();
    while let Some(name) = words.next() {
        let name = name.to_ascii_lowercase();
        let (name, joined) = match name.split_once(':') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (name, None),
        };
        let mut values: Vec<&str> = joined.iter().map(String::as_str).collect();
        while let Some(value) = words.next_if(|word| !word.starts_with('-')) {
            values.push(value);
        }
        let problem = unmet_setting(&name, &values);
        if problem.is_some() {
            return problem;
        }
    }
    None
}

fn unmet_setting(name: &str, values: &[&str]) -> Option<String> {
    let first = values.first().copied().unwrap_or_default();
    match name {
        "-version" if !is_version(first) => Some(format!(
            "Cannot process the \"#requires\" statement: '{first}' is no version."
        )),
        "-version" => (!is_at_most(first)).then(|| {
            format!(
                "The script cannot be run because it contained a \"#requires\" statement for PowerShell {first}. The version of PowerShell that is required by the script does not match the currently running version of PowerShell {VERSION}."
            )
        }),
        "-psedition" => (!first.eq_ignore_ascii_case("core")).then(|| {
            format!(
                "The script cannot be run because it contained a \"#requires\" statement for PowerShell edition {first}. The edition here is Core."
            )
        }),
        "-modules" | "-module" => Some(format!(
            "The script cannot be run because the following modules that are specified by the \"#requires\" statements of the script are missing: {}. Mount a module and use Import-Module with its path.",
            values.join(" ")
        )),
        "-runasadministrator" => Some(
            "The script cannot be run because it contains a \"#requires\" statement for running as Administrator: nobody is one in the sandbox."
                .to_owned(),
        ),
        _ => Some(format!("The \"#requires\" parameter {name} is not supported.")),
    }
}

/// `7`, `7.2` and so on.
fn is_version(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.split('.').count() <= 4 && text.split('.').all(is_number)
}

/// Whether our version is the wanted one or newer.
fn is_at_most(wanted: &str) -> bool {
    let parts = |text: &str| -> Vec<u32> {
        text.split('.')
            .map(|part| part.parse().unwrap_or(u32::MAX))
            .collect()
    };
    let (wanted, own) = (parts(wanted), parts(VERSION));
    wanted
        .iter()
        .copied()
        .chain([0; 3])
        .take(3)
        .le(own.iter().copied().chain([0; 3]).take(3))
}
