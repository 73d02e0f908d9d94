//! Text → [`Policy`]. Reads the whole file and reports everything that is wrong, not just the first.
//!
//! Values are read one by one out of `toml`'s spanned tree, not derived: every message has its line
//! and says what to write instead, and no key can be ignored by accident.

mod files;
mod network;
mod reader;
mod settings;

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::document::{Digest, Policy};
use super::origin::SourceName;
use super::problem::{PolicyError, Report, Warning};
use reader::Section;

/// Larger files are refused unread. A policy of a thousand paths is a quarter of this.
const MAX_TEXT_BYTES: usize = 256 << 10;

/// What a file is for: the language differs in a few places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// What an author asks for: exact packages and mounts, named hosts.
    Step,
    /// What an operator allows at most: packages may be patterns, `/` is any mount, `*` any name.
    Ceiling,
}

/// Parses what an author asks for.
///
/// # Errors
/// [`PolicyError`] with every problem in the file. Warnings come only with a policy.
pub fn parse(file_name: &str, text: &str) -> Result<(Policy, Vec<Warning>), PolicyError> {
    document(Role::Step, file_name, text)
}

/// Parses what the server's operator allows at most.
///
/// # Errors
/// [`PolicyError`] with every problem in the file. Warnings come only with a ceiling.
pub fn parse_ceiling(file_name: &str, text: &str) -> Result<(Policy, Vec<Warning>), PolicyError> {
    document(Role::Ceiling, file_name, text)
}

fn document(
    role: Role,
    file_name: &str,
    text: &str,
) -> Result<(Policy, Vec<Warning>), PolicyError> {
    let file = SourceName::new(file_name);
    let mut report = Report::new(&file, text);
    if text.len() > MAX_TEXT_BYTES {
        report.error(
            &(0..0),
            format!("the file is larger than {MAX_TEXT_BYTES} bytes"),
            "",
        );
        return report.finish(None);
    }
    let (root, syntax_errors) = DeTable::parse_recoverable(text);
    if !syntax_errors.is_empty() {
        for error in syntax_errors {
            let span = error.span().unwrap_or(0..0);
            report.error(
                &span,
                format!("this is not TOML: {}", error.message().replace('\n', ", ")),
                "",
            );
        }
        return report.finish(None);
    }
    // What is missing from the file as a whole is reported at its beginning.
    let root = Section::new("", root.get_ref(), 0..0);
    root.refuse_unknown_keys(&mut report);
    let policy = Policy {
        name: settings::name(&root, &mut report),
        description: root
            .text(&mut report, "description")
            .map(|(text, _)| text.to_owned())
            .unwrap_or_default(),
        file,
        digest: Digest::of(text),
        files: files::read(role, &root, &mut report),
        network: network::read(role, &root, &mut report),
        variables: settings::variables(role, &root, &mut report),
        env: settings::env(role, &root, &mut report),
        limits: settings::limits(&root, &mut report),
        process: settings::process(&root, &mut report),
        messages: settings::messages(&root, &mut report),
    };
    settings::schema(&root, &mut report);
    report.finish(Some(policy))
}

/// How a value's type is called in messages.
fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

type Span = Range<usize>;
