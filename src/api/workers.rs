//! What worker pools have beyond the common routes: their workers, their kinds, and the built-in worker's switch.

use axum::Json;
use axum::http::Method;
use axum::routing::get;
use serde_json::{Value, json};

use super::crud::page_of;
use super::error::ApiError;
use super::request::{Context, Segments};
use super::table::{Scope, Table};
use crate::app::ListQuery;
use crate::model::machine::{HealthStatus, Worker, WorkerPool};
use crate::model::target::DeploymentTarget;

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
    let is_online = worker.is_in_process && app.features().await?.is_built_in_worker_enabled;
    let status = if is_online { "Online" } else { "Disabled" };
    let summary = &worker.status_summary;
    Ok(Json(connection(&worker.id, status, None, summary)))
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
