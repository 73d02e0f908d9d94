//! What deployment targets have beyond the common routes: their roles, and those of an environment.

use std::collections::BTreeSet;

use axum::Json;
use axum::http::Method;
use axum::routing::get;
use serde_json::Value;

use super::crud::page_of;
use super::error::ApiError;
use super::request::{Context, Segments};
use super::table::{Scope, Table};
use crate::app::ListQuery;
use crate::model::environment::Environment;
use crate::model::target::DeploymentTarget;

pub(super) fn routes(table: Table) -> Table {
    let space = Scope::Space;
    table
        .add(
            Method::GET,
            "/api/machineroles/all",
            space,
            "The roles of all deployment targets",
            get(roles),
        )
        .add(
            Method::GET,
            "/api/environments/{id}/machines",
            space,
            "The deployment targets of an environment",
            get(of_environment),
        )
}

async fn roles(context: Context) -> Result<Json<Vec<String>>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let all = app
        .list::<DeploymentTarget>(caller, space, ListQuery::default())
        .await?;
    let roles: BTreeSet<String> = all.items.into_iter().flat_map(|one| one.roles).collect();
    Ok(Json(roles.into_iter().collect()))
}

async fn of_environment(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let environment: Environment = app.get(caller, space, &id).await?;
    let all = app
        .list::<DeploymentTarget>(caller, space, ListQuery::default())
        .await?;
    let here = all
        .items
        .into_iter()
        .filter(|target| target.environment_ids.contains(&environment.id));
    let mut ids: Vec<String> = here.map(|target| target.id).collect();
    if ids.is_empty() {
        // An empty list would mean all of them.
        ids.push("none".to_owned());
    }
    let query = ListQuery {
        ids,
        ..context.query.listing()?
    };
    page_of::<DeploymentTarget>(&context, query).await
}
