//! Which records a stored record uses: those stay while it is there.
//!
//! What is used is read from the properties that hold ids ([`Resource::uses`]), never guessed from text: a
//! variable whose text happens to be `Projects-1` uses nothing.

use super::account::Account;
use super::certificate::Certificate;
use super::channel::Channel;
use super::deployment::Deployment;
use super::environment::Environment;
use super::feed::Feed;
use super::lifecycle::Lifecycle;
use super::machine::{MachinePolicy, WorkerPool};
use super::process::DeploymentProcess;
use super::project::{Project, ProjectGroup};
use super::release::Release;
use super::resource::{Kind, Resource};
use super::runbook::{Runbook, RunbookProcess, RunbookRun, RunbookSnapshot};
use super::space::Space;
use super::target::DeploymentTarget;
use super::tenant::{TagSet, Tenant};
use super::user::{ScopedUserRole, Team, User};
use super::variable::{LibraryVariableSet, VariableSet};
use super::worker::Worker;

/// Whether the stored record of `kind` with this JSON uses the record with this id.
///
/// # Errors
/// What is wrong with the JSON.
pub fn is_used_by(kind: Kind, json: &str, id: &str) -> Result<bool, serde_json::Error> {
    let uses = match kind {
        Kind::Space => uses::<Space>(json),
        Kind::ProjectGroup => uses::<ProjectGroup>(json),
        Kind::Project => uses::<Project>(json),
        Kind::Environment => uses::<Environment>(json),
        Kind::Lifecycle => uses::<Lifecycle>(json),
        Kind::Channel => uses::<Channel>(json),
        Kind::Feed => uses::<Feed>(json),
        Kind::Tenant => uses::<Tenant>(json),
        Kind::TagSet => uses::<TagSet>(json),
        Kind::LibraryVariableSet => uses::<LibraryVariableSet>(json),
        Kind::WorkerPool => uses::<WorkerPool>(json),
        Kind::Worker => uses::<Worker>(json),
        Kind::MachinePolicy => uses::<MachinePolicy>(json),
        Kind::DeploymentTarget => uses::<DeploymentTarget>(json),
        Kind::Account => uses::<Account>(json),
        Kind::Certificate => uses::<Certificate>(json),
        Kind::User => uses::<User>(json),
        Kind::Team => uses::<Team>(json),
        Kind::ScopedUserRole => uses::<ScopedUserRole>(json),
        Kind::VariableSet => uses::<VariableSet>(json),
        Kind::DeploymentProcess => uses::<DeploymentProcess>(json),
        Kind::Release => uses::<Release>(json),
        Kind::Deployment => uses::<Deployment>(json),
        Kind::Runbook => uses::<Runbook>(json),
        Kind::RunbookProcess => uses::<RunbookProcess>(json),
        Kind::RunbookSnapshot => uses::<RunbookSnapshot>(json),
        Kind::RunbookRun => uses::<RunbookRun>(json),
    };
    Ok(uses?.iter().any(|used| used.eq_ignore_ascii_case(id)))
}

fn uses<R: Resource>(json: &str) -> Result<Vec<String>, serde_json::Error> {
    Ok(serde_json::from_str::<R>(json)?.uses())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(kind: Kind, record: &Value, id: &str, expected: bool) {
        let used = is_used_by(kind, &record.to_string(), id).expect("a record");
        assert_eq!(used, expected, "{kind:?} {record} and {id}");
    }

    #[test]
    fn an_id_counts_where_ids_belong_and_nowhere_else() {
        use Kind as K;
        let variable = |variable: Value| json!({ "Variables": [variable] });
        let action = |action: Value| json!({ "Steps": [{ "Name": "A", "Actions": [action] }] });
        let text = |name: &str, text: &str| action(json!({ "Properties": { name: text } }));
        let team = "Octopus.Action.Manual.ResponsibleTeamIds";
        let script = "Octopus.Action.Script.ScriptBody";
        for (kind, record, id, expected) in [
            (
                K::Project,
                json!({ "LifecycleId": "Lifecycles-2" }),
                "lifecycles-2",
                true,
            ),
            (
                K::Project,
                json!({ "Description": "Lifecycles-2" }),
                "Lifecycles-2",
                false,
            ),
            (
                K::Project,
                json!({ "ClonedFromProjectId": "Projects-1" }),
                "Projects-1",
                false,
            ),
            (
                K::ProjectGroup,
                json!({ "EnvironmentIds": ["Environments-1"] }),
                "Environments-1",
                true,
            ),
            (
                K::VariableSet,
                variable(json!({ "Value": "Projects-1" })),
                "Projects-1",
                false,
            ),
            (
                K::VariableSet,
                variable(json!({ "Value": "Certificates-1", "Type": "Certificate" })),
                "Certificates-1",
                true,
            ),
            (
                K::VariableSet,
                variable(json!({ "Value": "Accounts-1", "Type": "AzureAccount" })),
                "Accounts-1",
                true,
            ),
            (
                K::VariableSet,
                variable(json!({ "Scope": { "Environment": ["Environments-1"] } })),
                "Environments-1",
                true,
            ),
            (
                K::VariableSet,
                variable(json!({ "Scope": { "Role": ["Environments-1"] } })),
                "Environments-1",
                false,
            ),
            (
                K::DeploymentProcess,
                action(json!({ "WorkerPoolId": "WorkerPools-2" })),
                "WorkerPools-2",
                true,
            ),
            (
                K::DeploymentProcess,
                action(json!({ "ExcludedEnvironments": ["Environments-1"] })),
                "Environments-1",
                true,
            ),
            (
                K::RunbookProcess,
                action(json!({ "Packages": [{ "FeedId": "Feeds-2" }] })),
                "Feeds-2",
                true,
            ),
            (
                K::RunbookProcess,
                action(json!({ "Packages": [{ "PackageId": "Feeds-2" }] })),
                "Feeds-2",
                false,
            ),
            (
                K::DeploymentProcess,
                text(team, "Teams-4, Teams-5"),
                "Teams-5",
                true,
            ),
            (
                K::DeploymentProcess,
                text(script, "Teams-5"),
                "Teams-5",
                false,
            ),
            (
                K::Deployment,
                json!({ "ChannelId": "Channels-1" }),
                "Channels-1",
                true,
            ),
            (
                K::Deployment,
                json!({ "FormValues": { "A": "Channels-1" } }),
                "Channels-1",
                false,
            ),
            (
                K::RunbookRun,
                json!({ "SpecificMachineIds": ["Machines-1"] }),
                "Machines-1",
                true,
            ),
            (
                K::Release,
                json!({ "ReleaseNotes": "Channels-1" }),
                "Channels-1",
                false,
            ),
            (
                K::Tenant,
                json!({ "ProjectEnvironments": { "Projects-1": [] } }),
                "Projects-1",
                true,
            ),
            (
                K::DeploymentTarget,
                json!({ "Endpoint": { "DefaultWorkerPoolId": "WorkerPools-2" } }),
                "WorkerPools-2",
                true,
            ),
            (
                K::Team,
                json!({ "MemberUserIds": ["Users-2"] }),
                "Users-2",
                true,
            ),
            (K::Feed, json!({ "Name": "Teams-1" }), "Teams-1", false),
        ] {
            check(kind, &record, id, expected);
        }
    }
}
