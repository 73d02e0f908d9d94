//! Which version of each package a release gets.
//!
//! A client names versions as `{package or step}:{version}` or `{reference}:{package or step}:{version}`, with `:`,
//! `/` or `=` between the parts and a backslash before such a character inside one (the help of Octopus's command
//! line, `release create --package`).

use std::collections::BTreeMap;

use crate::model::release::SelectedPackage;
use crate::model::step::{Action, PackageReference, Step};

/// What the choice is made from.
#[derive(Debug)]
pub struct Wishes<'a> {
    pub steps: &'a [Step],
    /// As clients write them.
    pub asked: &'a [String],
    /// Chosen one by one; they win.
    pub chosen: &'a [SelectedPackage],
    /// For packages that nobody said anything about.
    pub default: Option<&'a str>,
    /// The latest version that the feed has, by package id in lower case.
    pub latest: &'a BTreeMap<String, String>,
}

/// One thing that a client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    reference: Option<String>,
    /// A package or a step.
    name: String,
    version: String,
}

/// The version of every package of every action that takes part.
///
/// # Errors
/// Everything that is wrong: wishes that can't be read or name nothing, and packages without a version.
pub fn select(wishes: Wishes<'_>) -> Result<Vec<SelectedPackage>, Vec<String>> {
    let mut problems = Vec::new();
    let mut asked = Vec::new();
    for text in wishes.asked {
        match parse(text) {
            Some(one) => asked.push((one, false)),
            None => problems.push(format!(
                "`{text}` names no package version: write `Package:1.2.3` or `Step:1.2.3`."
            )),
        }
    }
    let mut selected = Vec::new();
    for action in wishes.steps.iter().flat_map(|step| &step.actions) {
        for package in action
            .packages
            .iter()
            .filter(|package| !package.package_id.is_empty())
        {
            match version(&wishes, &mut asked, action, package) {
                // A wish for it is no mistake, and it needs no version.
                _ if action.is_disabled => {}
                Some(version) => selected.push(SelectedPackage {
                    action_name: action.name.clone(),
                    package_reference_name: package.name.clone(),
                    version,
                }),
                None => problems.push(format!(
                    "The step `{}` needs a version of the package `{}`, and the feed has none: push one, or name a version.",
                    action.name, package.package_id
                )),
            }
        }
    }
    for (one, _) in asked.iter().filter(|(_, is_used)| !is_used) {
        problems.push(format!(
            "No step uses a package that `{}` could stand for.",
            one.name
        ));
    }
    if problems.is_empty() {
        Ok(selected)
    } else {
        Err(problems)
    }
}

fn version(
    wishes: &Wishes<'_>,
    asked: &mut [(Asked, bool)],
    action: &Action,
    package: &PackageReference,
) -> Option<String> {
    let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
    let chosen = wishes.chosen.iter().find(|chosen| {
        same(&chosen.action_name, &action.name)
            && same(&chosen.package_reference_name, &package.name)
    });
    let mut found = None;
    for (one, is_used) in asked {
        let reference = one.reference.as_deref();
        let is_named = same(&one.name, &package.package_id) || same(&one.name, &action.name);
        if is_named && reference.is_none_or(|reference| same(reference, &package.name)) {
            *is_used = true;
            // A wish that names the reference is about it alone.
            if found.is_none() || reference.is_some() {
                found = Some(one.version.clone());
            }
        }
    }
    chosen
        .map(|chosen| chosen.version.clone())
        .filter(|version| !version.is_empty())
        .or(found)
        .or_else(|| wishes.default.map(str::to_owned))
        .or_else(|| {
            wishes
                .latest
                .get(&package.package_id.to_lowercase())
                .cloned()
        })
}

fn parse(text: &str) -> Option<Asked> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => parts.last_mut()?.push(chars.next()?),
            ':' | '/' | '=' => parts.push(String::new()),
            c => parts.last_mut()?.push(c),
        }
    }
    if parts.iter().any(|part| part.trim().is_empty()) {
        return None;
    }
    let mut parts = parts.into_iter();
    let asked = match (parts.next()?, parts.next()?, parts.next()) {
        (name, version, None) => Asked {
            reference: None,
            name,
            version,
        },
        (reference, name, Some(version)) => Asked {
            reference: Some(reference).filter(|reference| reference != "*"),
            name,
            version,
        },
    };
    parts.next().is_none().then_some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps() -> Vec<Step> {
        serde_json::from_value(serde_json::json!([
            {"Name": "Web", "Actions": [{"Name": "Web", "Packages": [
                {"Name": "", "PackageId": "acme.web"}, {"Name": "Tools", "PackageId": "acme.tools"}]}]},
            {"Name": "Off", "Actions": [{"Name": "Off", "IsDisabled": true, "Packages": [{"PackageId": "gone"}]}]},
        ]))
        .expect("steps")
    }

    fn selected(
        asked: &[&str],
        default: Option<&str>,
        latest: &[(&str, &str)],
    ) -> Result<String, String> {
        let asked: Vec<String> = asked.iter().map(|text| (*text).to_owned()).collect();
        let owned = |(id, version): &(&str, &str)| ((*id).to_owned(), (*version).to_owned());
        let result = select(Wishes {
            steps: &steps(),
            asked: &asked,
            chosen: &[],
            default,
            latest: &latest.iter().map(owned).collect(),
        });
        let print = |one: SelectedPackage| {
            format!(
                "{}/{}={}",
                one.action_name, one.package_reference_name, one.version
            )
        };
        match result {
            Ok(all) => Ok(all.into_iter().map(print).collect::<Vec<_>>().join(" ")),
            Err(problems) => Err(problems.join(" ")),
        }
    }

    #[test]
    fn a_version_is_asked_for_by_package_step_or_reference() {
        let latest = [("acme.web", "9.0"), ("acme.tools", "9.1")];
        for (asked, expected) in [
            (&[][..], "Web/=9.0 Web/Tools=9.1"),
            (&["acme.web:1.0"], "Web/=1.0 Web/Tools=9.1"),
            (
                &["Acme.Web=1.0", "acme.tools/2.0"],
                "Web/=1.0 Web/Tools=2.0",
            ),
            (&["Web:1.0"], "Web/=1.0 Web/Tools=1.0"),
            (&["Web:1.0", "Tools:Web:2.0"], "Web/=1.0 Web/Tools=2.0"),
            (&["Tools:acme.tools:2.0"], "Web/=9.0 Web/Tools=2.0"),
        ] {
            assert_eq!(
                selected(asked, None, &latest).as_deref(),
                Ok(expected),
                "{asked:?}"
            );
        }
        assert_eq!(
            selected(&[], Some("3.0"), &latest).as_deref(),
            Ok("Web/=3.0 Web/Tools=3.0")
        );
    }

    #[test]
    fn what_names_nothing_and_what_has_no_version_are_refused() {
        for asked in ["acme.web", ":1", "a:", "a:b:c:d", "nothing:1.0", "a\\"] {
            assert!(selected(&[asked], Some("1.0"), &[]).is_err(), "{asked}");
        }
        let error = selected(&["acme.web:1.0"], None, &[]).expect_err("tools have none");
        assert!(
            error.contains("`acme.tools`") && !error.contains("gone"),
            "{error}"
        );
    }
    #[test]
    fn a_backslash_takes_the_meaning_of_a_separator() {
        let asked = parse(r"com.example\:artifact:1.0").expect("it is read");
        assert_eq!(
            (asked.name.as_str(), asked.version.as_str()),
            ("com.example:artifact", "1.0")
        );
    }
}
