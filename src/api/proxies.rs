//! Proxies: this server reaches machines directly, so there are none. Clients that ask for the list before they add a
//! machine get an empty one; a machine that names a proxy is refused where it is stored.

use axum::Json;
use axum::http::Method;
use axum::routing::get;
use serde_json::{Value, json};

use super::collection;
use super::error::ApiError;
use super::request::{Context, Segments};
use super::table::{Scope, Table};
use crate::app;

pub(super) fn routes(table: Table) -> Table {
    let (get_, space) = (Method::GET, Scope::Space);
    table
        .add(
            get_.clone(),
            "/api/proxies",
            space,
            "A page of the proxies: there are none",
            get(list),
        )
        .add(
            get_.clone(),
            "/api/proxies/all",
            space,
            "Every proxy: there is none",
            get(all),
        )
        .add(
            get_,
            "/api/proxies/{id}",
            space,
            "Read a proxy: there is none",
            get(read),
        )
}

async fn space_id(context: &Context) -> Result<String, ApiError> {
    let space_id = context.app.space_id(&context.caller, context.space()).await;
    Ok(space_id?)
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let base = format!("/api/{}/proxies", space_id(&context).await?);
    collection::page(&base, "Proxy", &context.query, 0, Vec::new()).map(Json)
}

async fn all(context: Context) -> Result<Json<Value>, ApiError> {
    space_id(&context).await?;
    Ok(Json(json!([])))
}

async fn read(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    space_id(&context).await?;
    Err(app::Error::NotFound { noun: "proxy", id }.into())
}
