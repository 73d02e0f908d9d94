//! Variable sets: read with what their scopes can name, written with the version they were read at.

use std::collections::BTreeSet;

use axum::Json;
use axum::http::Method;
use axum::routing::{get, put};
use serde_json::{Value, json};

use super::error::ApiError;
use super::present;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use crate::app::ListQuery;
use crate::model::channel::Channel;
use crate::model::environment::Environment;
use crate::model::target::DeploymentTarget;
use crate::model::variable::VariableSet;

pub(super) fn routes(table: Table) -> Table {
    let (path, space) = ("/api/variables/{id}", Scope::Space);
    table
        .add(Method::GET, path, space, "Read a variable set", get(read))
        .add(
            Method::PUT,
            path,
            space,
            "Change a variable set",
            put(change),
        )
        .takes::<VariableSet>()
}

async fn read(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let set = context
        .app
        .get::<VariableSet>(&context.caller, context.space(), &id)
        .await?;
    with_scopes(&context, set).await
}

async fn change(
    context: Context,
    Segments(id): Segments<String>,
    Body(set): Body<VariableSet>,
) -> Result<Json<Value>, ApiError> {
    let set = context
        .app
        .update(&context.caller, context.space(), &id, set)
        .await?;
    with_scopes(&context, set).await
}

async fn with_scopes(context: &Context, set: VariableSet) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let environments = app
        .list::<Environment>(caller, space, ListQuery::default())
        .await?;
    let of_owner = ListQuery {
        owner_id: Some(set.owner_id.clone()),
        ..ListQuery::default()
    };
    let channels = app.list::<Channel>(caller, space, of_owner).await?;
    let environments = environments.items.iter();
    let environments = environments.map(|item| present::reference(&item.id, &item.name));
    let channels = channels
        .items
        .iter()
        .map(|item| present::reference(&item.id, &item.name));
    let targets = app
        .list::<DeploymentTarget>(caller, space, ListQuery::default())
        .await
        .map_or(Vec::new(), |listing| listing.items);
    let machines: Vec<Value> = targets
        .iter()
        .map(|item| present::reference(&item.id, &item.name))
        .collect();
    let roles: BTreeSet<&String> = targets.iter().flat_map(|item| &item.roles).collect();
    let roles: Vec<Value> = roles
        .into_iter()
        .map(|role| present::reference(role, role))
        .collect();
    let mut value = present::resource(&set);
    value["ScopeValues"] = json!({
        "Environments": environments.collect::<Vec<_>>(),
        "Channels": channels.collect::<Vec<_>>(),
        "Machines": machines,
        "Actions": [],
        "Roles": roles,
        "TenantTags": [],
        "Processes": [],
    });
    Ok(Json(value))
}
