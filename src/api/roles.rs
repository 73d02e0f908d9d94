//! The roles that teams can be given, and the roles of one team. Roles are fixed: they can be read only.

use axum::Json;
use axum::http::Method;
use axum::routing::get;
use serde_json::{Value, json};

use super::collection;
use super::crud::page_of;
use super::error::ApiError;
use super::request::{Context, Segments};
use super::table::{Scope, Table};
use crate::app::{self, ListQuery};
use crate::model::access::Role;
use crate::model::user::{ScopedUserRole, Team};

const BASE: &str = "/api/userroles";

pub(super) fn routes(table: Table) -> Table {
    let server = Scope::Server;
    table
        .add(
            Method::GET,
            BASE,
            server,
            "A page of every user role",
            get(list),
        )
        .add(
            Method::GET,
            "/api/userroles/all",
            server,
            "Every user role",
            get(every),
        )
        .add(
            Method::GET,
            "/api/userroles/{id}",
            server,
            "Read a user role",
            get(read),
        )
        .add(
            Method::GET,
            "/api/teams/{id}/scopeduserroles",
            server,
            "The roles of a team",
            get(of_team),
        )
}

fn present(role: &Role) -> Value {
    json!({
        "Id": role.id(),
        "Name": role.name(),
        "CanBeDeleted": false,
        "Links": { "Self": format!("{BASE}/{}", role.id()) },
    })
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let (skip, take) = (context.query.skip()?, context.query.take()?);
    let bound = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let items = Role::ALL
        .iter()
        .skip(bound(skip))
        .take(bound(take))
        .map(present)
        .collect();
    let total = Role::ALL.len() as u64;
    collection::page(BASE, "UserRole", &context.query, total, items).map(Json)
}

async fn every(_context: Context) -> Json<Value> {
    Json(Role::ALL.iter().map(present).collect())
}

async fn read(_context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let role = Role::from_id(&id).ok_or(app::Error::NotFound {
        noun: "user role",
        id,
    })?;
    Ok(Json(present(&role)))
}

async fn of_team(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let team = context.app.get::<Team>(&context.caller, None, &id).await?;
    let query = ListQuery {
        owner_id: Some(team.id),
        ..context.query.listing()?
    };
    page_of::<ScopedUserRole>(&context, query).await
}
