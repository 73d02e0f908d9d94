//! Where clients begin: the root document with its links, capabilities, a space's home, and health.

use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{get, put};
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::prefix::SPACE_HOME;
use super::request::{Body, Context};
use super::table::{Scope, Table};
use crate::app::App;
use crate::app::features::Features;
use crate::model::space::Space;

/// The Octopus version that the API answers like. Clients compare it: the TypeScript client refuses servers older
/// than 2022.3.5512, and reads it as a semantic version.
const OCTOPUS_VERSION: &str = "2025.4.0";

/// Clients print links to `/app` for people.
const NO_WEB: &str = "This is a Seawall server. It has no web interface: use the command line (seawall task list), any Octopus client, or the API (/api/openapi.json).\n";

/// The .NET client accepts 3.0.0 to 3.0.99.
const API_VERSION: &str = "3.0.0";

pub(super) fn routes(table: Table) -> Table {
    let (anyone, server) = (Scope::Anonymous, Scope::Server);
    table
        .add(Method::GET, "/api", anyone, "The root document", get(root))
        .add(
            Method::GET,
            "/app",
            anyone,
            "Where people look for a web interface",
            get(async || NO_WEB),
        )
        .add(
            Method::GET,
            "/healthz",
            anyone,
            "Whether the process runs",
            get(async || "ok"),
        )
        .add(
            Method::GET,
            "/readyz",
            anyone,
            "Whether requests can be served",
            get(ready),
        )
        .add(
            Method::GET,
            "/api/capabilities",
            anyone,
            "What clients may rely on",
            get(capabilities),
        )
        .add(
            Method::GET,
            SPACE_HOME,
            Scope::Space,
            "The home of a space",
            get(space_home),
        )
        .add(
            Method::GET,
            "/api/serverstatus",
            server,
            "The state of the server",
            get(status),
        )
        .add(
            Method::GET,
            "/api/featuresconfiguration",
            server,
            "Which features are on",
            get(features),
        )
        .add(
            Method::PUT,
            "/api/featuresconfiguration",
            server,
            "Switch features on and off",
            put(change_features),
        )
        .takes::<Features>()
}

/// Name, whether it is in a space, and the rest of the template.
///
/// What isn't offered isn't listed: `SignIn` and `SignOut` (there are keys, and no passwords), deltas of packages.
const LINKS: &[(&str, bool, &str)] = &[
    ("Self", false, ""),
    (
        "Accounts",
        true,
        "/accounts{/id}{?skip,take,ids,partialName,accountType}",
    ),
    (
        "Artifacts",
        true,
        "/artifacts{/id}{?skip,take,regarding,ids,partialName,order}",
    ),
    (
        "BuildInformation",
        true,
        "/build-information{/id}{?packageId,filter,latest,skip,take,overwriteMode}",
    ),
    (
        "Certificates",
        true,
        "/certificates{/id}{?skip,take,ids,partialName}",
    ),
    (
        "Channels",
        true,
        "/channels{/id}{?skip,take,ids,partialName}",
    ),
    ("CurrentUser", false, "/users/me"),
    (
        "DeploymentProcesses",
        true,
        "/deploymentprocesses{/id}{?skip,take,ids}",
    ),
    (
        "Deployments",
        true,
        "/deployments{/id}{?skip,take,ids,projects,environments,tenants,channels,taskState,partialName}",
    ),
    (
        "DiscoverMachine",
        true,
        "/machines/discover{?host,port,type,proxyId}",
    ),
    (
        "DiscoverWorker",
        true,
        "/workers/discover{?host,port,type,proxyId}",
    ),
    (
        "Environments",
        true,
        "/environments{/id}{?name,skip,ids,take,partialName}",
    ),
    (
        "EnvironmentsSummary",
        true,
        "/environments/summary{?ids,partialName}",
    ),
    ("EnvironmentSortOrder", true, "/environments/sortorder"),
    (
        "Events",
        false,
        "/events{/id}{?skip,regarding,take,ids,spaces,includeSystem}",
    ),
    ("FeaturesConfiguration", false, "/featuresconfiguration"),
    (
        "Feeds",
        true,
        "/feeds{/id}{?skip,take,ids,partialName,feedType}",
    ),
    (
        "Interruptions",
        true,
        "/interruptions{/id}{?skip,take,regarding,pendingOnly,ids}",
    ),
    (
        "LibraryVariables",
        true,
        "/libraryvariablesets{/id}{?skip,contentType,take,ids,partialName}",
    ),
    (
        "Lifecycles",
        true,
        "/lifecycles{/id}{?skip,take,ids,partialName}",
    ),
    (
        "MachinePolicies",
        true,
        "/machinepolicies{/id}{?skip,take,ids,partialName}",
    ),
    ("MachineRoles", true, "/machineroles/all"),
    (
        "Machines",
        true,
        "/machines{/id}{?skip,take,name,ids,partialName,roles,isDisabled,healthStatuses,commStyles,tenantIds,tenantTags,environmentIds}",
    ),
    (
        "Packages",
        true,
        "/packages{/id}{?nuGetPackageId,filter,latest,skip,take,includeNotes}",
    ),
    ("PackagesBulk", true, "/packages/bulk{?ids}"),
    ("PackageUpload", true, "/packages/raw{?overwriteMode}"),
    (
        "ProjectGroups",
        true,
        "/projectgroups{/id}{?skip,take,ids,partialName}",
    ),
    (
        "Projects",
        true,
        "/projects{/id}{?name,skip,ids,clone,take,partialName,clonedFromProjectId}",
    ),
    ("Proxies", true, "/proxies{/id}{?skip,take,ids,partialName}"),
    (
        "Releases",
        true,
        "/releases{/id}{?skip,ignoreChannelRules,take,ids}",
    ),
    (
        "ScopedUserRoles",
        false,
        "/scopeduserroles{/id}{?skip,take,ids,partialName}",
    ),
    ("ServerStatus", false, "/serverstatus"),
    ("SmtpConfiguration", false, "/smtpconfiguration"),
    ("SmtpIsConfigured", false, "/smtpconfiguration/isconfigured"),
    ("SpaceHome", false, "/{spaceId}"),
    (
        "Spaces",
        false,
        "/spaces{/id}{?name,skip,ids,take,partialName}",
    ),
    ("TagSets", true, "/tagsets{/id}{?skip,take,ids,partialName}"),
    (
        "Tasks",
        false,
        "/tasks{/id}{?skip,active,environment,tenant,runbook,project,name,node,running,states,hasPendingInterruptions,hasWarningsOrErrors,take,ids,partialName,spaces,includeSystem}",
    ),
    (
        "Teams",
        false,
        "/teams{/id}{?skip,take,ids,partialName,spaces,includeSystem}",
    ),
    (
        "Tenants",
        true,
        "/tenants{/id}{?skip,projectId,name,tags,take,ids,clone,partialName}",
    ),
    (
        "UserRoles",
        false,
        "/userroles{/id}{?skip,take,ids,partialName}",
    ),
    ("Users", false, "/users{/id}{?skip,take,ids,filter}"),
    ("TaskTypes", false, "/tasks/tasktypes"),
    ("Variables", true, "/variables{/id}{?ids}"),
    ("VariableNames", true, "/variables/names{?project}"),
    (
        "VariablePreview",
        true,
        "/variables/preview{?project,environment,channel,action,machine,role}",
    ),
    (
        "WorkerPoolsSummary",
        true,
        "/workerpools/summary{?ids,partialName}",
    ),
    ("WorkerPoolsSortOrder", true, "/workerpools/sortorder"),
    (
        "WorkerPools",
        true,
        "/workerpools{/id}{?name,skip,ids,take,partialName}",
    ),
    (
        "WorkerPoolsDynamicWorkerTypes",
        true,
        "/workerpools/dynamicworkertypes",
    ),
    (
        "WorkerPoolsSupportedTypes",
        true,
        "/workerpools/supportedtypes",
    ),
    (
        "Workers",
        true,
        "/workers{/id}{?skip,take,name,ids,partialName,isDisabled,healthStatuses,commStyles,workerPoolIds,thumbprint,shellNames}",
    ),
];

/// The templates; those in a space with `space`, which is a segment of a path or a template's variable.
fn links(space: &str) -> Map<String, Value> {
    let link = |(name, is_in_space, rest): &(&str, bool, &str)| {
        let text = if *is_in_space {
            format!("/api{space}{rest}")
        } else {
            format!("/api{rest}")
        };
        ((*name).to_owned(), Value::from(text))
    };
    let mut links: Map<String, Value> = LINKS.iter().map(link).collect();
    links.insert("Web".to_owned(), "/app".into());
    links
}

async fn root(State(app): State<App>) -> Json<Value> {
    Json(json!({
        "Application": "Seawall",
        "Version": OCTOPUS_VERSION,
        "ApiVersion": API_VERSION,
        "InstallationId": app.installation_id(),
        "Links": links(""),
    }))
}

async fn space_home(context: Context) -> Result<Json<Value>, ApiError> {
    let id = context
        .app
        .space_id(&context.caller, context.space())
        .await?;
    let space = context.app.get::<Space>(&context.caller, None, &id).await?;
    let mut links = links(&format!("/{}", space.id));
    links.insert("Self".to_owned(), format!("/api/{}", space.id).into());
    Ok(Json(
        json!({ "Id": space.id, "Name": space.name, "Links": links }),
    ))
}

async fn capabilities() -> Json<Value> {
    Json(json!({ "Capabilities": ["GetAllSpacesRequest"] }))
}

async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.store().ping().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(error = ?error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer",
            )
        }
    }
}

async fn status(_context: Context) -> Json<Value> {
    Json(json!({
        "IsInMaintenanceMode": false,
        "IsDatabaseUnavailable": false,
        "ServerVersion": env!("CARGO_PKG_VERSION"),
        "Links": { "Self": "/api/serverstatus" },
    }))
}

async fn features(context: Context) -> Result<Json<Value>, ApiError> {
    Ok(Json(present_features(context.app.features().await?)))
}

async fn change_features(
    context: Context,
    Body(features): Body<Features>,
) -> Result<Json<Value>, ApiError> {
    context
        .app
        .features_change(&context.caller, features)
        .await?;
    Ok(Json(present_features(features)))
}

fn present_features(features: Features) -> Value {
    json!({
        "Id": "features",
        "IsBuiltInWorkerEnabled": features.is_built_in_worker_enabled,
        "Links": { "Self": "/api/featuresconfiguration" },
    })
}
