//! The version of the next release, from the project's template and the release before.
//!
//! Two forms: a mask such as `1.0.i` (`i` is one more than before, `c` the same), and a text with
//! `#{Octopus.Version.LastMajor}`, `NextMajor`, and the same for `Minor`, `Patch` and `Revision`.

use crate::template::{Bounds, Template, Variables, fold_name};

/// Where a project says nothing.
pub const DEFAULT: &str =
    "#{Octopus.Version.LastMajor}.#{Octopus.Version.LastMinor}.#{Octopus.Version.NextPatch}";

/// A template that has no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the versioning template `{template}` can't be used: write ReleaseVersion, or change the template"
)]
pub struct Unusable {
    pub template: String,
}

/// The next version. `last` is the release before, if there is one; it counts as 0.0.0 otherwise.
///
/// # Errors
/// [`Unusable`].
pub fn next(template: &str, last: Option<&str>) -> Result<String, Unusable> {
    let unusable = || Unusable {
        template: template.to_owned(),
    };
    let last = Numbers::of(last.unwrap_or_default());
    if !template.contains("#{") {
        return Ok(masked(template, &last));
    }
    let parsed = Template::parse(template).map_err(|_| unusable())?;
    let evaluated = parsed
        .evaluate(&last, Bounds::default())
        .map_err(|_| unusable())?;
    if !evaluated.missing.is_empty() {
        return Err(unusable());
    }
    Ok(evaluated.text)
}

fn masked(mask: &str, last: &Numbers) -> String {
    let parts = mask.split('.').enumerate().map(|(index, part)| {
        let before = last.number(index);
        match part {
            "i" => before.saturating_add(1).to_string(),
            "c" => before.to_string(),
            part => part.to_owned(),
        }
    });
    parts.collect::<Vec<_>>().join(".")
}

struct Numbers {
    numbers: Vec<u64>,
    /// Every variable with its text: the lookup hands out references.
    table: Vec<(String, String)>,
}

impl Numbers {
    fn of(version: &str) -> Self {
        let end = version.find(['-', '+']).unwrap_or(version.len());
        let numbers: Vec<u64> = version[..end]
            .split('.')
            .map(|part| part.parse().unwrap_or(0))
            .collect();
        let mut this = Self {
            numbers,
            table: Vec::new(),
        };
        for (index, name) in ["Major", "Minor", "Patch", "Revision"].iter().enumerate() {
            let number = this.number(index);
            for (word, value) in [("Last", number), ("Next", number.saturating_add(1))] {
                let name = fold_name(&format!("Octopus.Version.{word}{name}"));
                this.table.push((name, value.to_string()));
            }
        }
        this
    }

    fn number(&self, index: usize) -> u64 {
        self.numbers.get(index).copied().unwrap_or(0)
    }
}

impl Variables for Numbers {
    fn value(&self, name: &str) -> Option<&str> {
        let folded = fold_name(name);
        self.table
            .iter()
            .find(|(own, _)| *own == folded)
            .map(|(_, value)| value.as_str())
    }

    fn names(&self) -> Vec<&str> {
        self.table.iter().map(|(name, _)| name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_version_follows_the_template() {
        for (template, last, expected) in [
            (DEFAULT, None, Some("0.0.1")),
            (DEFAULT, Some("1.4.2"), Some("1.4.3")),
            (DEFAULT, Some("1.4.2-beta.1"), Some("1.4.3")),
            (
                "#{Octopus.Version.NextMajor}.0.0",
                Some("1.4.2"),
                Some("2.0.0"),
            ),
            ("1.0.i", Some("1.0.7"), Some("1.0.8")),
            ("c.c.i", Some("2.5.7"), Some("2.5.8")),
            ("#{Octopus.Date.Year}.1", Some("1.0.7"), None),
            ("#{", None, None),
        ] {
            assert_eq!(
                next(template, last).ok().as_deref(),
                expected,
                "{template} {last:?}"
            );
        }
    }
}
