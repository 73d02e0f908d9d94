//! What environments have beyond the common routes: their order, and the newer form of the list.

use axum::Json;
use axum::http::Method;
use axum::routing::{get, put};
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{Body, Context};
use super::table::{Scope, Table};
use super::{collection, present};
use crate::model::environment::Environment;

pub(super) fn routes(table: Table) -> Table {
    table
        .add(
            Method::PUT,
            "/api/environments/sortorder",
            Scope::Space,
            "Put the environments into an order",
            put(sort),
        )
        .takes::<Vec<String>>()
        .add(
            Method::GET,
            "/api/environments/v2",
            Scope::Space,
            "A page of every environment, with its type",
            get(list),
        )
}

async fn sort(context: Context, Body(ids): Body<Vec<String>>) -> Result<Json<Value>, ApiError> {
    context
        .app
        .environments_sort(&context.caller, context.space(), &ids)
        .await?;
    Ok(Json(json!({})))
}

/// Every environment here is static: made by a person, and staying until a person deletes it.
async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let types = context.query.list("type");
    let mut query = context.query.listing()?;
    if !types.is_empty() && !types.iter().any(|kind| kind.eq_ignore_ascii_case("Static")) {
        query.take = 0;
    }
    let listing = context
        .app
        .list::<Environment>(&context.caller, context.space(), query)
        .await?;
    let as_static = |environment: &Environment| {
        let mut value = present::resource(environment);
        value["Type"] = "Static".into();
        value
    };
    let items = listing.items.iter().map(as_static).collect();
    let base = present::base(crate::model::Kind::Environment, context.space()) + "/v2";
    collection::page(&base, "EnvironmentV2", &context.query, listing.total, items).map(Json)
}
