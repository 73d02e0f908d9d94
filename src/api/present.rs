//! Records as clients see them: with links, without anything that is sealed.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::names;
use crate::model::resource::{Header, Kind, KindScope, Resource};

/// The last part of a kind's path.
pub(super) fn collection(kind: Kind) -> &'static str {
    match kind {
        Kind::Space => "spaces",
        Kind::ProjectGroup => "projectgroups",
        Kind::Project => "projects",
        Kind::Environment => "environments",
        Kind::Lifecycle => "lifecycles",
        Kind::Channel => "channels",
        Kind::Feed => "feeds",
        Kind::Tenant => "tenants",
        Kind::TagSet => "tagsets",
        Kind::LibraryVariableSet => "libraryvariablesets",
        Kind::WorkerPool => "workerpools",
        Kind::Worker => "workers",
        Kind::MachinePolicy => "machinepolicies",
        Kind::DeploymentTarget => "machines",
        Kind::Account => "accounts",
        Kind::Certificate => "certificates",
        Kind::User => "users",
        Kind::Team => "teams",
        Kind::ScopedUserRole => "scopeduserroles",
        Kind::VariableSet => "variables",
        Kind::DeploymentProcess => "deploymentprocesses",
        Kind::Release => "releases",
        Kind::Deployment => "deployments",
        Kind::Runbook => "runbooks",
        // Octopus's own spelling.
        Kind::RunbookProcess => "runbookProcesses",
        Kind::RunbookSnapshot => "runbookSnapshots",
        Kind::RunbookRun => "runbookRuns",
    }
}

/// The path of a kind's list.
pub(super) fn base(kind: Kind, space_id: Option<&str>) -> String {
    let name = collection(kind);
    match (kind.facts().scope, space_id) {
        (KindScope::Space, Some(space_id)) => format!("/api/{space_id}/{name}"),
        (KindScope::Space, None) | (KindScope::System, _) => format!("/api/{name}"),
    }
}

/// A record, with links.
pub(super) fn resource<R: Resource>(record: &R) -> Value {
    let header = record.header();
    let mut value = plain(record);
    if let Value::Object(properties) = &mut value {
        properties.insert("Links".to_owned(), Value::Object(links(R::KIND, &header)));
    }
    value
}

/// Anything, without what is sealed.
pub(super) fn plain<T: Serialize>(record: &T) -> Value {
    let value = serde_json::to_value(record).expect("records are plain data");
    names::without_sealed(value)
}

fn links(kind: Kind, header: &Header) -> Map<String, Value> {
    let space_id = header.space_id.as_deref();
    let own = format!("{}/{}", base(kind, space_id), header.id);
    let mut links = Map::new();
    let mut add = |name: &str, text: String| links.insert(name.to_owned(), Value::from(text));
    let id = &header.id;
    // Where the resource is on Octopus's web pages. There are none here, but clients print it, and one from PyPI
    // (pypus) fails without that of a project.
    let page = |name: &str| format!("/app#/{}/{name}/{id}", space_id.unwrap_or_default());
    add("Self", own.clone());
    match kind {
        Kind::Space => {
            add("SpaceHome", format!("/api/{id}"));
            add("Web", format!("/app#/{id}"));
        }
        Kind::Project => {
            add("Web", page("projects"));
            let process = Kind::DeploymentProcess;
            add(
                "DeploymentProcess",
                format!("{}/deploymentprocess-{id}", base(process, space_id)),
            );
            add(
                "Variables",
                format!("{}/variableset-{id}", base(Kind::VariableSet, space_id)),
            );
            add(
                "Channels",
                format!("{own}/channels{{?skip,take,partialName}}"),
            );
            add(
                "Releases",
                format!("{own}/releases{{/version}}{{?skip,take,searchByVersion}}"),
            );
        }
        Kind::ProjectGroup => {
            add("Projects", format!("{own}/projects"));
        }
        Kind::Lifecycle => {
            add("Projects", format!("{own}/projects"));
        }
        Kind::WorkerPool => {
            add("Workers", format!("{own}/workers"));
        }
        Kind::LibraryVariableSet => {
            add(
                "Variables",
                format!("{}/variableset-{id}", base(Kind::VariableSet, space_id)),
            );
        }
        Kind::User => {
            add("ApiKeys", format!("{own}/apikeys{{/id}}"));
            add("Permissions", format!("{own}/permissions"));
            add("Spaces", format!("{own}/spaces"));
            add("Teams", format!("{own}/teams"));
        }
        Kind::Team => {
            add("ScopedUserRoles", format!("{own}/scopeduserroles"));
        }
        Kind::Release => {
            add("Web", page("releases"));
            add("Deployments", format!("{own}/deployments{{?skip,take}}"));
            add("Progression", format!("{own}/progression"));
            add("DeploymentTemplate", format!("{own}/deployments/template"));
        }
        Kind::Runbook => {
            add(
                "RunbookSnapshotTemplate",
                format!("{own}/runbookSnapshotTemplate"),
            );
            add(
                "RunbookProcesses",
                format!(
                    "{}/RunbookProcess-{id}",
                    base(Kind::RunbookProcess, space_id)
                ),
            );
        }
        Kind::Deployment => {
            add("Web", page("deployments"));
        }
        Kind::DeploymentProcess => {
            let projects = base(Kind::Project, space_id);
            let project_id = header.owner_id.as_deref().unwrap_or_default();
            add(
                "Template",
                format!("{projects}/{project_id}/deploymentprocesses/template"),
            );
        }
        Kind::Tenant => {
            add("Variables", format!("{own}/variables"));
        }
        Kind::Environment
        | Kind::Channel
        | Kind::Feed
        | Kind::TagSet
        | Kind::Worker
        | Kind::MachinePolicy
        | Kind::DeploymentTarget
        | Kind::Account
        | Kind::Certificate
        | Kind::ScopedUserRole
        | Kind::VariableSet
        | Kind::RunbookProcess
        | Kind::RunbookSnapshot
        | Kind::RunbookRun => {}
    }
    links
}

/// An id and a name: how scopes are explained.
pub(super) fn reference(id: &str, name: &str) -> Value {
    json!({ "Id": id, "Name": name })
}
