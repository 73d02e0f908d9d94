//! Applying retention policies now, rather than when the server would.

use axum::Json;
use axum::http::Method;
use axum::routing::post;
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::Context;
use super::table::{Scope, Table};
use crate::app::retention::Retained;

pub(super) fn routes(table: Table) -> Table {
    table.add(
        Method::POST,
        "/api/retention/apply",
        Scope::Server,
        "Apply every retention policy now",
        post(apply),
    )
}

async fn apply(context: Context) -> Result<Json<Value>, ApiError> {
    let Retained {
        n_releases,
        n_runs,
        n_packages,
    } = context.app.retention_apply(&context.caller).await?;
    Ok(Json(json!({
        "ReleasesDeleted": n_releases,
        "RunbookRunsDeleted": n_runs,
        "PackagesDeleted": n_packages,
    })))
}
