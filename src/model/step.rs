//! Steps of a process and the actions in them, as Octopus's clients read and write them.
//!
//! Reads what the server acts on into types, and keeps the rest in `extra`. Property values are strings even
//! where they mean a boolean or a number; what they mean is asked here, once. Sensitive values arrive sealed:
//! this module can't open them, and never needs to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::resource::Extra;

/// Actions that belong together: they start with the step, and its condition is theirs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Step {
    #[serde(deserialize_with = "nullable")]
    pub id: String,
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub properties: Properties,
    #[serde(deserialize_with = "nullable")]
    pub condition: StepCondition,
    #[serde(deserialize_with = "nullable")]
    pub start_trigger: StartTrigger,
    #[serde(deserialize_with = "nullable")]
    pub actions: Vec<Action>,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One thing to do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Action {
    #[serde(deserialize_with = "nullable")]
    pub id: String,
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub action_type: String,
    #[serde(deserialize_with = "nullable")]
    pub is_disabled: bool,
    /// Whether nobody may skip it.
    #[serde(deserialize_with = "nullable")]
    pub is_required: bool,
    pub worker_pool_id: Option<String>,
    pub worker_pool_variable: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub environments: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub excluded_environments: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub channels: Vec<String>,
    /// `Set/Tag`: only for tenants with them.
    #[serde(deserialize_with = "nullable")]
    pub tenant_tags: Vec<String>,
    #[serde(deserialize_with = "nullable")]
    pub condition: ActionCondition,
    #[serde(deserialize_with = "nullable")]
    pub packages: Vec<PackageReference>,
    #[serde(deserialize_with = "nullable")]
    pub properties: Properties,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// When a step runs, as far as earlier steps decide it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StepCondition {
    /// All earlier steps succeeded.
    #[default]
    Success,
    /// An earlier step failed.
    Failure,
    /// Whatever happened.
    Always,
    /// `Octopus.Step.ConditionVariableExpression` says so.
    Variable,
}

/// What an action's own condition is about, after its step's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ActionCondition {
    /// Nothing more.
    #[default]
    Success,
    /// `Octopus.Action.ConditionVariableExpression` says so.
    Variable,
}

/// A package that an action uses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct PackageReference {
    #[serde(deserialize_with = "nullable")]
    pub id: String,
    /// Empty for the action's primary package.
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub package_id: String,
    #[serde(deserialize_with = "nullable")]
    pub feed_id: String,
    #[serde(deserialize_with = "nullable")]
    pub properties: Properties,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// When a step starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StartTrigger {
    #[default]
    StartAfterPrevious,
    /// At the same time as the step before it.
    StartWithPrevious,
}

/// Settings by name. Names are compared without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Properties(pub BTreeMap<String, Value>);

impl Properties {
    /// The text of a property, if it has one that isn't empty. A sensitive property has none.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found
            .and_then(|(_, value)| value.as_str())
            .filter(|text| !text.trim().is_empty())
    }

    /// Whether a property says `True`, in any case.
    pub fn is_true(&self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }

    /// A property that is a number, or `None` if it is not set.
    ///
    /// # Errors
    /// The text, if it is something else.
    pub fn number(&self, name: &str) -> Result<Option<u32>, String> {
        match self.text(name) {
            None => Ok(None),
            Some(text) => text.trim().parse().map(Some).map_err(|_| text.to_owned()),
        }
    }

    /// A list with commas between, such as roles.
    pub fn list(&self, name: &str) -> Vec<String> {
        let items = self
            .text(name)
            .unwrap_or_default()
            .split(',')
            .map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// Everything that is wrong with a list of steps by itself.
pub fn problems(steps: &[Step]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let number = index + 1;
        if step.name.trim().is_empty() {
            problems.push(format!("Please provide a name for step {number}."));
        }
        if step.actions.is_empty() {
            problems.push(format!("Step {number} has no actions."));
        }
        for action in &step.actions {
            let folded = action.name.to_lowercase();
            if folded.trim().is_empty() {
                problems.push(format!(
                    "Please provide a name for each action of step {number}."
                ));
            } else if names.contains(&folded) {
                problems.push(format!("Two actions are called `{}`.", action.name));
            }
            names.push(folded);
            if action.action_type.is_empty() {
                problems.push(format!("The action `{}` has no ActionType.", action.name));
            }
        }
    }
    problems
}

/// Properties that are lists of teams.
const TEAM_LISTS: [&str; 4] = [
    "Octopus.Action.Manual.ResponsibleTeamIds",
    "Octopus.Action.Email.ToTeamIds",
    "Octopus.Action.Email.CCTeamIds",
    "Octopus.Action.Email.BccTeamIds",
];

/// The ids of the records that steps use.
pub fn uses(steps: &[Step]) -> impl Iterator<Item = String> {
    let actions = steps.iter().flat_map(|step| &step.actions);
    actions.flat_map(Action::uses)
}

impl Action {
    fn uses(&self) -> impl Iterator<Item = String> {
        let feeds = self.packages.iter().map(|package| &package.feed_id);
        let teams = TEAM_LISTS
            .into_iter()
            .flat_map(|name| self.properties.list(name));
        [
            &self.environments,
            &self.excluded_environments,
            &self.channels,
        ]
        .into_iter()
        .flatten()
        .chain(&self.worker_pool_id)
        .chain(feeds)
        .cloned()
        .chain(teams)
    }
}

/// Clients write `null` where they mean "not set".
fn nullable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_kept_and_null_means_not_set() {
        let text = r#"{"Id":"s1","Name":"A","Condition":null,"PackageRequirement":"LetOctopusDecide",
            "Actions":[{"Name":"A","ActionType":"Octopus.Script","Container":{"Image":null},"Environments":null,
            "Properties":{"Octopus.Action.RunOnServer":"true","Secret":{"HasValue":true}}}]}"#;
        let step: Step = serde_json::from_str(text).expect("a step");
        assert_eq!(step.condition, StepCondition::Success);
        assert!(
            step.actions[0]
                .properties
                .is_true("octopus.action.runonserver")
        );
        assert_eq!(step.actions[0].properties.text("Secret"), None);
        let back = serde_json::to_value(&step).expect("JSON");
        assert_eq!(back["PackageRequirement"], "LetOctopusDecide");
        assert_eq!(back["Actions"][0]["Container"]["Image"], Value::Null);
        assert_eq!(back["Actions"][0]["Properties"]["Secret"]["HasValue"], true);
    }

    #[test]
    fn a_step_needs_a_name_and_actions_with_names_of_their_own() {
        let action = |name: &str| Action {
            name: name.into(),
            action_type: "Octopus.Script".into(),
            ..Action::default()
        };
        let step = Step {
            name: "A".into(),
            actions: vec![action("x"), action("X")],
            ..Step::default()
        };
        assert_eq!(problems(&[step, Step::default()]).len(), 3);
    }
}
