//! What worker pools have beyond the common routes: their workers, their kinds, and the built-in worker's switch.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::crud::page_of;
use super::error::ApiError;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use crate::app::ListQuery;
use crate::app::enrolment::Asked;
use crate::app::worker::WorkerChecked;
use crate::model::health::HealthStatus;
use crate::model::machine::WorkerPool;
use crate::model::target::DeploymentTarget;
use crate::model::worker::Worker;

pub(super) fn routes(table: Table) -> Table {
    let space = Scope::Space;
    table
        .add(
            Method::GET,
            "/api/workerpools/{id}/workers",
            space,
            "The workers of a pool",
            get(of_pool),
        )
        .add(
            Method::GET,
            "/api/workers/{id}/connection",
            space,
            "Whether a worker can be reached",
            get(worker_connection),
        )
        .add(
            Method::POST,
            "/api/workers/enrolments",
            space,
            "Make a token for a new worker",
            post(enrolment),
        )
        .takes::<NewEnrolment>()
        .add(
            Method::POST,
            "/api/workers/{id}/check",
            space,
            "Ask a worker how it is",
            post(check),
        )
        .add(
            Method::POST,
            "/api/workers/{id}/renew",
            space,
            "Have a worker show another certificate",
            post(renew),
        )
        .add(
            Method::GET,
            "/api/machines/{id}/connection",
            space,
            "What the last check of a deployment target found",
            get(target_connection),
        )
        .add(
            Method::GET,
            "/api/workerpools/supportedtypes",
            space,
            "The kinds of pools that can be made",
            get(supported_types),
        )
        .add(
            Method::GET,
            "/api/workerpools/dynamicworkertypes",
            space,
            "The kinds of dynamic workers: none",
            get(dynamic_types),
        )
}

async fn of_pool(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let app = &context.app;
    let pool = app
        .get::<WorkerPool>(&context.caller, context.space(), &id)
        .await?;
    let all = app
        .list::<Worker>(&context.caller, context.space(), ListQuery::default())
        .await?;
    let in_pool = all
        .items
        .into_iter()
        .filter(|worker| worker.worker_pool_ids.contains(&pool.id));
    let ids: Vec<String> = in_pool.map(|worker| worker.id).collect();
    let query = ListQuery {
        // An empty list would mean all of them.
        ids: if ids.is_empty() {
            vec!["none".to_owned()]
        } else {
            ids
        },
        ..context.query.listing()?
    };
    page_of::<Worker>(&context, query).await
}

async fn worker_connection(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let worker: Worker = app.get(caller, space, &id).await?;
    let is_on = !worker.is_in_process || app.features().await?.is_built_in_worker_enabled;
    let status = match (is_on && !worker.is_disabled, worker.health_status) {
        (false, _) => "Disabled",
        (true, HealthStatus::Healthy | HealthStatus::HasWarnings) => "Online",
        (true, HealthStatus::Unavailable | HealthStatus::Unhealthy) => "Offline",
        (true, HealthStatus::Unknown) => "Unknown",
    };
    let last = worker.health_last_checked.as_deref();
    let mut answer = connection(&worker.id, status, last, &worker.status_summary);
    answer["RunningAttempts"] = app.worker_n_running(&worker.id).into();
    Ok(Json(answer))
}

/// What a token is asked for with.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
struct NewEnrolment {
    /// By name or id; the default pool if it is empty.
    pools: Vec<String>,
    /// By name or id: then the token is for a deployment target there.
    environments: Vec<String>,
    /// An hour, if nothing else is said.
    lifetime_minutes: Option<u32>,
}

async fn enrolment(
    context: Context,
    Body(asked): Body<NewEnrolment>,
) -> Result<Response, ApiError> {
    let lifetime = asked
        .lifetime_minutes
        .map(|minutes| SignedDuration::from_mins(minutes.into()));
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let places = match asked.environments.is_empty() {
        true => "Pools",
        false => "Environments",
    };
    let asked = Asked {
        pools: asked.pools,
        environments: asked.environments,
    };
    let made = app
        .enrolment_create(caller, space, &asked, lifetime)
        .await?;
    let answer = json!({
        "Token": made.token.as_str(), "Expires": made.expires.to_string(), places: made.places,
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn check(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let WorkerChecked {
        connection,
        task_id,
    } = app.worker_check(caller, space, &id).await?;
    Ok(Json(json!({
        "HealthStatus": connection.status, "StatusSummary": connection.summary, "TaskId": task_id,
    })))
}

async fn renew(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let thumbprint = app.worker_renew(caller, space, &id).await?;
    Ok(Json(json!({ "Thumbprint": thumbprint })))
}

async fn target_connection(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let target: DeploymentTarget = app.get(caller, space, &id).await?;
    let status = match (target.is_disabled, target.health_status) {
        (true, _) => "Disabled",
        (false, HealthStatus::Healthy | HealthStatus::HasWarnings) => "Online",
        (false, HealthStatus::Unavailable | HealthStatus::Unhealthy) => "Offline",
        (false, HealthStatus::Unknown) => "Unknown",
    };
    let last = target.health_last_checked.as_deref();
    Ok(Json(connection(
        &target.id,
        status,
        last,
        &target.status_summary,
    )))
}

fn connection(id: &str, status: &str, last_checked: Option<&str>, summary: &str) -> Value {
    json!({
        "MachineId": id,
        "Status": status,
        "LastChecked": last_checked,
        "CurrentTentacleVersion": null,
        "Logs": [{ "Name": summary, "Status": status, "LogElements": [], "Children": [] }],
    })
}

async fn supported_types(_context: Context) -> Json<Value> {
    Json(json!(["StaticWorkerPool"]))
}

async fn dynamic_types(_context: Context) -> Json<Value> {
    Json(json!([]))
}
