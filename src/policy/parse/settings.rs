//! Everything that isn't a list of rules: the top of the file, variables, environment, limits.

use toml::de::DeValue;

use super::super::document::{InBand, MessagesRule, NativeProcesses, ProcessRule};
use super::super::keys;
use super::super::limits::{Limit, LimitError, LimitVisitor, LimitsAsked, Range};
use super::super::problem::Report;
use super::super::quantity::{Quantity, QuantityError};
use super::super::variables::{EnvGrant, EnvName, VariablePattern, VariableRule};
use super::Role;
use super::reader::Section;
use crate::template::Template;

pub(super) fn schema(root: &Section<'_, '_>, report: &mut Report<'_>) {
    let Some(value) = root.value("schema") else {
        root.missing(report, "schema");
        return;
    };
    match value.get_ref() {
        DeValue::Integer(number) if number.as_str() == "1" => {}
        _ => report.error(
            &value.span(),
            "this server reads schema 1",
            "write schema = 1",
        ),
    }
}

pub(super) fn name(root: &Section<'_, '_>, report: &mut Report<'_>) -> String {
    let Some((text, span)) = root.required_text(report, "name") else {
        return String::new();
    };
    let is_name = (1..=100).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if !is_name {
        let message = "a policy's name has letters, digits, `.`, `-` and `_`, 100 at most";
        report.error(
            &span,
            message,
            format!("write {}", keys::example("", "name")),
        );
    }
    text.to_owned()
}

pub(super) fn variables(
    role: Role,
    root: &Section<'_, '_>,
    report: &mut Report<'_>,
) -> Vec<VariableRule> {
    let mut rules = Vec::new();
    let Some(section) = root.section(report, "variables", "variables") else {
        return rules;
    };
    section.refuse_unknown_keys(report);
    for (text, span) in section.texts(report, "read").unwrap_or_default() {
        match VariablePattern::parse(text) {
            Ok(pattern) => {
                if pattern.is_everything() && role == Role::Step {
                    let message = "this lets the script read every variable, secrets included";
                    report.warn(
                        &span,
                        message,
                        "name what it needs: read = [\"Octopus.Environment.Name\", \"Web.*\"]",
                    );
                }
                let origin = report.origin(&span);
                rules.push(VariableRule { pattern, origin });
            }
            Err(problem) => {
                let help = format!("write {}", keys::example("variables", "read"));
                report.error(
                    &span,
                    format!("`read` can't have {text:?}: {problem}"),
                    help,
                );
            }
        }
    }
    rules
}

pub(super) fn env(role: Role, root: &Section<'_, '_>, report: &mut Report<'_>) -> Vec<EnvGrant> {
    let mut grants = Vec::new();
    let Some(section) = root.section(report, "env", "env") else {
        return grants;
    };
    if role == Role::Ceiling {
        let message = "a ceiling sets no environment variables: this has no effect";
        report.warn(
            &section.span,
            message,
            "remove it, and bound what policies may use by variables.read",
        );
    }
    for (written, span, _) in section.entries() {
        let name = match EnvName::parse(written) {
            Ok(name) => name,
            Err(problem) => {
                report.error(
                    &span,
                    format!("{written:?} can't be set: {problem}"),
                    format!("for example {}", keys::example("env", "NAME")),
                );
                continue;
            }
        };
        if let Some(value) = template(&section, report, written) {
            let origin = report.origin(&span);
            grants.push(EnvGrant {
                name,
                value,
                origin,
            });
        }
    }
    grants.sort_by_key(|grant: &EnvGrant| grant.origin.line);
    grants
}

/// Reads a template that must be there.
pub(super) fn template(
    section: &Section<'_, '_>,
    report: &mut Report<'_>,
    key: &str,
) -> Option<Template> {
    let (text, span) = section.required_text(report, key)?;
    match Template::parse(text) {
        Ok(template) => Some(template),
        Err(problem) => {
            report.error(
                &span,
                format!("`{key}` is not a template: {problem}"),
                "templates here replace #{Variable.Name}; ##{ prints #{",
            );
            None
        }
    }
}

pub(super) fn limits(root: &Section<'_, '_>, report: &mut Report<'_>) -> LimitsAsked {
    let mut limits = LimitsAsked::default();
    if let Some(section) = root.section(report, "limits", "limits") {
        section.refuse_unknown_keys(report);
        limits.visit(&mut Reader {
            section: &section,
            report,
        });
    }
    limits
}

struct Reader<'r, 's, 'd, 'i, 't> {
    section: &'s Section<'d, 'i>,
    report: &'r mut Report<'t>,
}

impl LimitVisitor for Reader<'_, '_, '_, '_, '_> {
    fn limit<Q: Quantity>(
        &mut self,
        key: &'static str,
        range: Range<Q>,
        slot: &mut Option<Limit<Q>>,
    ) {
        let Reader { section, report } = self;
        let Some(value) = section.value(key) else {
            return;
        };
        let span = value.span();
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => {
                match u64::from_str_radix(&number.as_str().replace('_', ""), number.radix()) {
                    Ok(number) => number.to_string(),
                    Err(_) => number.to_string(),
                }
            }
            other => {
                let help = format!("write {}", keys::example("limits", key));
                report.error(
                    &span,
                    format!(
                        "`{key}` must be {}, not {}",
                        article(Q::UNIT),
                        super::type_name(other)
                    ),
                    help,
                );
                return;
            }
        };
        match range.read(&text) {
            Ok(value) => {
                let origin = report.origin(&section.key_span(key));
                *slot = Some(Limit { value, origin });
            }
            Err(problem) => {
                let help = match &problem {
                    LimitError::Quantity(QuantityError::NoUnit) => {
                        format!("write {key} = \"{text}s\" for seconds")
                    }
                    LimitError::TooSmall { min: bound } | LimitError::TooLarge { max: bound }
                        if Q::UNIT == "count" =>
                    {
                        format!("write {key} = {bound}")
                    }
                    LimitError::TooSmall { min: bound } | LimitError::TooLarge { max: bound } => {
                        format!("write {key} = \"{bound}\"")
                    }
                    LimitError::Quantity(_) | LimitError::UnknownKey => {
                        format!("write {}", keys::example("limits", key))
                    }
                };
                report.error(&span, format!("`{key}` can't be {text:?}: {problem}"), help);
            }
        }
    }
}

fn article(unit: &str) -> String {
    match unit {
        "bytes" => "a size".to_owned(),
        "bytes per second" => "a rate".to_owned(),
        unit => format!("a {unit}"),
    }
}

pub(super) fn process(root: &Section<'_, '_>, report: &mut Report<'_>) -> Option<ProcessRule> {
    let section = root.section(report, "process", "process")?;
    section.refuse_unknown_keys(report);
    let (allow, span) = section.boolean(report, "allow")?;
    Some(ProcessRule {
        native: if allow {
            NativeProcesses::Allowed
        } else {
            NativeProcesses::Denied
        },
        origin: report.origin(&span),
    })
}

pub(super) fn messages(root: &Section<'_, '_>, report: &mut Report<'_>) -> Option<MessagesRule> {
    let section = root.section(report, "messages", "messages")?;
    section.refuse_unknown_keys(report);
    let (text, span) = section.text(report, "in-band")?;
    let in_band = match text {
        "accept" => InBand::Accept,
        "refuse" => InBand::Refuse,
        other => {
            report.error(
                &span,
                format!("`in-band` can't be {other:?}"),
                "write in-band = \"accept\" or in-band = \"refuse\"",
            );
            return None;
        }
    };
    let origin = report.origin(&span);
    Some(MessagesRule { in_band, origin })
}
