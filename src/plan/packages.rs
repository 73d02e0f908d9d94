//! Which version of each package a release gets.
//!
//! A client names versions as `{package or step}:{version}` or `{reference}:{package or step}:{version}`, with `:`,
//! `/` or `=` between the parts and a backslash before such a character inside one (the help of Octopus's command
//! line, `release create --package`).

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use crate::model::channel::ChannelRule;
use crate::model::release::SelectedPackage;
use crate::model::step::{Action, PackageReference, Step};
use crate::model::version::{Range, Version};

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
    /// What the built-in feed has, by package id in lower case, the latest version first.
    pub versions: &'a BTreeMap<String, Vec<String>>,
    /// The feeds that this server can't look into: for their packages, whoever asks has to name versions.
    pub external_feed_ids: &'a [String],
    /// What the channel lets in. Empty lets everything in.
    pub rules: &'a [ChannelRule],
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
                Ok(version) => selected.push(SelectedPackage {
                    action_name: action.name.clone(),
                    package_reference_name: package.name.clone(),
                    version,
                }),
                Err(problem) => problems.push(problem),
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

/// The version for a package of an action.
///
/// # Errors
/// Why there is none, for people.
fn version(
    wishes: &Wishes<'_>,
    asked: &mut [(Asked, bool)],
    action: &Action,
    package: &PackageReference,
) -> Result<String, String> {
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
    let (name, id) = (&action.name, &package.package_id);
    let is_external = wishes.external_feed_ids.contains(&package.feed_id);
    let none = Vec::new();
    let known = wishes.versions.get(&id.to_lowercase()).unwrap_or(&none);
    let wanted = chosen
        .map(|chosen| chosen.version.clone())
        .filter(|version| !version.is_empty())
        .or(found)
        .or_else(|| wishes.default.map(str::to_owned));
    let Some(wanted) = wanted else {
        let mut allowed = known
            .iter()
            .filter(|version| refusal(wishes.rules, action, package, version).is_none());
        return match allowed.next() {
            Some(version) => Ok(version.clone()),
            None if is_external => Err(format!(
                "The step `{name}` needs a version of the package `{id}`, whose feed is kept elsewhere: name one."
            )),
            None if known.is_empty() => Err(format!(
                "The step `{name}` needs a version of the package `{id}`, and the feed has none: push one, or name a version."
            )),
            None => Err(format!(
                "The step `{name}` needs a version of the package `{id}`, and the channel's rules let none of the feed's in."
            )),
        };
    };
    if !is_external && !known.iter().any(|version| same(version, &wanted)) {
        return Err(format!(
            "The feed has no version {wanted} of the package `{id}` that the step `{name}` needs: push it first."
        ));
    }
    match refusal(wishes.rules, action, package, &wanted) {
        None => Ok(wanted),
        Some(problem) => Err(format!(
            "The package `{id}` of the step `{name}`: {problem}"
        )),
    }
}

/// Why a channel's rules don't let a version in.
fn refusal(
    rules: &[ChannelRule],
    action: &Action,
    package: &PackageReference,
    version: &str,
) -> Option<String> {
    let is_about = |rule: &&ChannelRule| {
        let is_named = |one: &Value| {
            let text = |name: &str| one[name].as_str().unwrap_or_default();
            text("DeploymentAction").eq_ignore_ascii_case(&action.name)
                && text("PackageReference").eq_ignore_ascii_case(&package.name)
        };
        rule.actions
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&action.name))
            || rule.action_packages.iter().any(is_named)
    };
    let parsed = Version::parse(version);
    rules.iter().filter(is_about).find_map(|rule| {
        let range = rule.version_range.trim();
        if !range.is_empty() {
            let Some(range) = Range::parse(range) else {
                return Some(format!(
                    "the channel's version range `{range}` can't be read"
                ));
            };
            if !parsed.as_ref().is_some_and(|version| range.has(version)) {
                return Some(format!(
                    "the channel lets {} in, and not {version}",
                    rule.version_range
                ));
            }
        }
        let tag = rule.tag.trim();
        if tag.is_empty() {
            return None;
        }
        let Ok(pattern) = Regex::new(tag) else {
            return Some(format!("the channel's tag `{tag}` can't be read"));
        };
        let prerelease = parsed.as_ref().map_or("", Version::prerelease);
        (!pattern.is_match(prerelease))
            .then(|| format!("the channel lets pre-releases like `{tag}` in, and not {version}"))
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
        rules: serde_json::Value,
    ) -> Result<String, String> {
        let asked: Vec<String> = asked.iter().map(|text| (*text).to_owned()).collect();
        let versions = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let rules: Vec<ChannelRule> = serde_json::from_value(rules).expect("rules");
        let result = select(Wishes {
            steps: &steps(),
            asked: &asked,
            chosen: &[],
            default,
            versions: &[
                (
                    "acme.web".to_owned(),
                    versions(&["9.0", "3.0", "2.0-beta.1", "1.0"]),
                ),
                (
                    "acme.tools".to_owned(),
                    versions(&["9.1", "3.0", "2.0", "1.0"]),
                ),
            ]
            .into(),
            external_feed_ids: &[],
            rules: &rules,
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
            let found = selected(asked, None, serde_json::json!([]));
            assert_eq!(found.as_deref(), Ok(expected), "{asked:?}");
        }
        let found = selected(&[], Some("3.0"), serde_json::json!([]));
        assert_eq!(found.as_deref(), Ok("Web/=3.0 Web/Tools=3.0"));
    }

    #[test]
    fn what_names_nothing_and_what_has_no_version_are_refused() {
        for asked in [
            "acme.web",
            ":1",
            "a:",
            "a:b:c:d",
            "nothing:1.0",
            "a\\",
            "acme.web:7.0",
        ] {
            assert!(
                selected(&[asked], None, serde_json::json!([])).is_err(),
                "{asked}"
            );
        }
        let error =
            selected(&[], Some("7.0"), serde_json::json!([])).expect_err("nobody pushed 7.0");
        assert!(
            error.contains("`acme.tools`") && !error.contains("gone"),
            "{error}"
        );
    }

    #[test]
    fn a_channel_lets_in_what_its_rules_say() {
        let rules = serde_json::json!([
            { "VersionRange": "[1.0,3.0)", "ActionPackages": [{ "DeploymentAction": "Web", "PackageReference": "" }] },
            { "Tag": "^$", "ActionPackages": [{ "DeploymentAction": "Web", "PackageReference": "Tools" }] },
        ]);
        let found = selected(&[], None, rules.clone());
        assert_eq!(found.as_deref(), Ok("Web/=2.0-beta.1 Web/Tools=9.1"));
        let error = selected(&["acme.web:3.0"], None, rules).expect_err("it is outside");
        assert!(error.contains("lets [1.0,3.0) in, and not 3.0"), "{error}");
        let stable =
            serde_json::json!([{ "VersionRange": "[1.0,3.0)", "Tag": "^$", "Actions": ["Web"] }]);
        let error =
            selected(&["acme.web:2.0-beta.1"], None, stable).expect_err("it is a pre-release");
        assert!(error.contains("pre-releases"), "{error}");
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
