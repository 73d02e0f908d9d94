//! What a package step does to the package's files before its Deploy script: the features of Octopus's steps that this
//! server has. Every other one is refused here, so that none is ignored.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::entry::{Confined, Isolation, Location};
use super::policies::PolicySet;
use crate::model::step::Action;
use crate::policy::{Access, FileGrants, FileSource, MountPath};
use crate::template::Template;

/// What is done, in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageFeatures {
    /// Patterns of text files whose `#{…}` are filled in; with their own `#{…}` still in them.
    pub substitute_in: String,
    /// Patterns of JSON files whose values are replaced by the variables that name their places.
    pub structured_in: String,
    /// Where it is copied to: in a directory of the host that the policy mounts.
    pub install_to: Option<MountPath>,
}

impl PackageFeatures {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// For people, as lines of a plan.
impl fmt::Display for PackageFeatures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            substitute_in,
            structured_in,
            install_to,
        } = self;
        let in_one_line = |patterns: &str| patterns.trim().replace('\n', ", ");
        if !substitute_in.is_empty() {
            let files = in_one_line(substitute_in);
            writeln!(f, "   variables fill in the #{{…}} of {files}")?;
        }
        if !structured_in.is_empty() {
            let files = in_one_line(structured_in);
            writeln!(f, "   variables replace values of {files}")?;
        }
        match install_to {
            Some(path) => writeln!(f, "   installs  into {path}"),
            None => Ok(()),
        }
    }
}

const CUSTOM_DIRECTORY: &str = "Octopus.Features.CustomDirectory";
const SUBSTITUTE: &str = "Octopus.Features.SubstituteInFiles";
const STRUCTURED: &str = "Octopus.Features.JsonConfigurationVariables";

const DIRECTORY: &str = "Octopus.Action.Package.CustomInstallationDirectory";
const PURGE: &str =
    "Octopus.Action.Package.CustomInstallationDirectoryShouldBePurgedBeforeDeployment";
const SUBSTITUTE_FILES: &str = "Octopus.Action.SubstituteInFiles.TargetFiles";
const STRUCTURED_FILES: &str = "Octopus.Action.Package.JsonConfigurationVariablesTargets";

/// Features that an action asks for and that steps of its kind don't have, each as a problem.
pub(super) fn refused<'a>(
    action: &'a Action,
    known: &'a [&str],
) -> impl Iterator<Item = String> + 'a {
    let features = action.properties.list("Octopus.Action.EnabledFeatures");
    let is_known = |feature: &String| {
        known
            .iter()
            .any(|known| known.eq_ignore_ascii_case(feature))
    };
    features.into_iter().filter(move |feature| !is_known(feature)).map(|feature| {
        format!("uses the feature `{feature}`, which this server doesn't have for steps of this kind")
    })
}

/// The features of a package step.
///
/// # Errors
/// Everything that stands in its way.
pub(super) fn of(
    action: &Action,
    location: &Location,
    confined: &Confined,
    policies: &PolicySet,
) -> Result<PackageFeatures, Vec<String>> {
    let known = [CUSTOM_DIRECTORY, SUBSTITUTE, STRUCTURED];
    let mut problems: Vec<String> = refused(action, &known).collect();
    let property = |name: &str| action.properties.text(name);
    let enabled = action.properties.list("Octopus.Action.EnabledFeatures");
    let is_on = |feature: &str, switch: &str| {
        let mut enabled = enabled.iter();
        enabled.any(|one| one.eq_ignore_ascii_case(feature)) || action.properties.is_true(switch)
    };
    let mut files = |is_on: bool, name: &str| {
        let patterns = property(name).unwrap_or_default();
        if is_on && patterns.is_empty() {
            problems.push(format!(
                "doesn't say in which files: set {name}, a pattern a line"
            ));
        }
        if let (true, Err(error)) = (is_on, Template::parse(patterns)) {
            problems.push(format!("has {name} that can't be read: {error}"));
        }
        if is_on {
            patterns.to_owned()
        } else {
            String::new()
        }
    };
    let substitute_in = files(
        is_on(SUBSTITUTE, "Octopus.Action.SubstituteInFiles.Enabled"),
        SUBSTITUTE_FILES,
    );
    let structured_in = files(
        is_on(
            STRUCTURED,
            "Octopus.Action.Package.JsonConfigurationVariablesEnabled",
        ),
        STRUCTURED_FILES,
    );
    let install_to = match property(DIRECTORY) {
        Some(path) => directory(path, confined, policies)
            .map_err(|problem| problems.push(problem))
            .ok(),
        None if is_on(CUSTOM_DIRECTORY, "") => {
            problems.push(format!("doesn't say into which directory: set {DIRECTORY}"));
            None
        }
        None => None,
    };
    if install_to.is_some() && action.properties.is_true(PURGE) {
        problems.push(format!(
            "empties the directory before it installs into it, which this server doesn't do: take {PURGE} away, and remove what is old in the package's PreDeploy script"
        ));
    }
    let features = PackageFeatures {
        substitute_in,
        structured_in,
        install_to,
    };
    let is_here = *location == Location::Server && confined.isolation == Isolation::Sandbox;
    if !features.is_empty() && !is_here {
        problems.push(
            "changes or installs the package's files, which is done on the server and for its sandbox only: run the step there, or do it in the package's scripts".to_owned(),
        );
    }
    let reads = policies.named(&confined.policy);
    let reads_none = reads.is_some_and(|(policy, _)| policy.variables.is_empty());
    if reads_none && !(features.substitute_in.is_empty() && features.structured_in.is_empty()) {
        problems.push(format!(
            "puts variables into files, and its policy `{}` lets it read none: name them in its [variables] read",
            confined.policy
        ));
    }
    if problems.is_empty() {
        Ok(features)
    } else {
        Err(problems)
    }
}

/// The directory, if the policy lets files be written there, and to a place that stays.
fn directory(path: &str, confined: &Confined, policies: &PolicySet) -> Result<MountPath, String> {
    let path = MountPath::parse(path).map_err(|error| {
        format!("installs into `{path}`, and that is no directory of its policy: {error}")
    })?;
    let Some((policy, _)) = policies.named(&confined.policy) else {
        return Ok(path);
    };
    let files = FileGrants {
        source: policy.file.clone(),
        rules: policy.files.clone(),
    };
    let grant = files
        .decide(&path, Access::ReadWrite)
        .map_err(|denial| format!("installs into {path}, which its policy forbids: {denial}"))?;
    match &grant.source {
        FileSource::Host(_) => Ok(path),
        source => Err(format!(
            "installs into {path}, which is in {source} and gone with the step: mount a directory of the host"
        )),
    }
}
