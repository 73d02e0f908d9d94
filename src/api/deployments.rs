//! Deployments: asked for by name, or as a resource; planned without being carried out; read.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::crud::{narrowed, page_of, read, remove};
use super::error::ApiError;
use super::executions::ExecutionBase;
use super::present;
use super::request::{Body, Context};
use super::table::{Scope, Table};
use crate::app::deployment::{Deploy, Preview};
use crate::app::execution::Execution;
use crate::model::deployment::Deployment;
use crate::model::release::Release;

pub(super) fn routes(table: Table) -> Table {
    let space = Scope::Space;
    let (list_path, one) = ("/api/deployments", "/api/deployments/{id}");
    table
        .add(
            Method::POST,
            "/api/deployments/create/untenanted/v1",
            space,
            "Deploy a release to environments",
            post(create_by_name),
        )
        .takes::<CreateByName>()
        .add(
            Method::POST,
            "/api/deployments/create/tenanted/v1",
            space,
            "Deploy a release for tenants",
            post(create_by_name),
        )
        .takes::<CreateByName>()
        .add(
            Method::POST,
            "/api/deployments/plan",
            space,
            "What a deployment would do: every step, where, how confined, under which policy",
            post(plan),
        )
        .takes::<CreateByName>()
        .add(
            Method::GET,
            list_path,
            space,
            "A page of every deployment, the newest first",
            get(list),
        )
        .add(
            Method::POST,
            list_path,
            space,
            "Deploy a release to an environment",
            post(create),
        )
        .takes::<Create>()
        .add(
            Method::GET,
            one,
            space,
            "Read a deployment",
            get(read::<Deployment>),
        )
        .gives::<Deployment>()
        .add(
            Method::DELETE,
            one,
            space,
            "Delete a deployment that is over, with its task",
            delete(remove::<Deployment>),
        )
}

/// Octopus's `CreateDeploymentUntenantedCommandV1` and its tenanted twin.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "CreateDeploymentCommandV1")]
#[serde(rename_all = "PascalCase", default)]
struct CreateByName {
    release_version: Option<String>,
    update_variable_snapshot: Option<bool>,
    #[serde(flatten)]
    base: ExecutionBase,
}

impl CreateByName {
    fn deploy(self) -> Deploy {
        Deploy {
            release: self.release_version.unwrap_or_default(),
            update_variable_snapshot: self.update_variable_snapshot.unwrap_or_default(),
            execution: self.base.execution(),
        }
    }
}

async fn create_by_name(
    context: Context,
    Body(body): Body<CreateByName>,
) -> Result<Response, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let made = app.deployments_create(caller, space, body.deploy()).await?;
    let tasks: Vec<Value> = made
        .iter()
        .map(|one| json!({ "DeploymentId": one.id, "ServerTaskId": one.task_id }))
        .collect();
    let body = json!({ "DeploymentServerTasks": tasks });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

async fn plan(context: Context, Body(body): Body<CreateByName>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let previews = app
        .deployments_preview(caller, space, body.deploy())
        .await?;
    let plans: Vec<Value> = previews.iter().map(preview).collect();
    Ok(Json(json!({ "Plans": plans })))
}

fn preview(preview: &Preview) -> Value {
    let Preview { place, plan, .. } = preview;
    json!({
        "EnvironmentId": place.environment.id,
        "EnvironmentName": place.environment.name,
        "TenantId": place.tenant.as_ref().map(|tenant| &tenant.id),
        "Text": plan.to_string(),
        "Entries": plan.entries,
        "Policies": plan.policies.iter().map(|(name, record)| {
            json!({ "Name": name, "Digest": record.grants.policy.digest.to_string(), "Text": record.text })
        }).collect::<Vec<_>>(),
    })
}

/// A deployment as older clients ask for it: with ids.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewDeployment")]
#[serde(rename_all = "PascalCase", default)]
struct Create {
    release_id: Option<String>,
    environment_id: Option<String>,
    tenant_id: Option<String>,
    comments: Option<String>,
    skip_actions: Option<Vec<String>>,
    specific_machine_ids: Option<Vec<String>>,
    excluded_machine_ids: Option<Vec<String>>,
    use_guided_failure: Option<bool>,
    force_package_download: Option<bool>,
    force_package_redeployment: Option<bool>,
    #[schemars(with = "Option<super::schema::Time>")]
    queue_time: Option<Timestamp>,
    #[schemars(with = "Option<super::schema::Time>")]
    queue_time_expiry: Option<Timestamp>,
    form_values: Option<BTreeMap<String, Option<String>>>,
}

async fn create(context: Context, Body(body): Body<Create>) -> Result<Response, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let release_id = body.release_id.unwrap_or_default();
    let release: Release = app.get(caller, space, &release_id).await?;
    let answers = body.form_values.unwrap_or_default().into_iter();
    let deploy = Deploy {
        release: release.id,
        update_variable_snapshot: false,
        execution: Execution {
            project: release.project_id,
            environments: body.environment_id.into_iter().collect(),
            tenants: body
                .tenant_id
                .filter(|id| !id.is_empty())
                .into_iter()
                .collect(),
            tenant_tags: Vec::new(),
            skip_steps: body.skip_actions.unwrap_or_default(),
            specific_machines: body.specific_machine_ids.unwrap_or_default(),
            excluded_machines: body.excluded_machine_ids.unwrap_or_default(),
            use_guided_failure: body.use_guided_failure,
            run_at: body.queue_time,
            no_run_after: body.queue_time_expiry,
            variables: answers
                .map(|(name, value)| (name, value.unwrap_or_default()))
                .collect(),
            force_package_download: body.force_package_download.unwrap_or_default(),
            force_package_redeployment: body.force_package_redeployment.unwrap_or_default(),
            comments: body.comments,
            is_preview: false,
        },
    };
    let made = app.deployments_create(caller, space, deploy).await?;
    let made = made.first().map(present::resource).unwrap_or_default();
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// Parameters that narrow the list, and the property each is compared with.
const NARROWING: &[(&str, &str)] = &[
    ("projects", "ProjectId"),
    ("environments", "EnvironmentId"),
    ("tenants", "TenantId"),
    ("channels", "ChannelId"),
    ("releases", "ReleaseId"),
];

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let mut query = context.query.listing()?;
    query.properties = narrowed(&context.query, NARROWING);
    super::tasks::narrow_by_state(&context, &mut query).await?;
    page_of::<Deployment>(&context, query).await
}
