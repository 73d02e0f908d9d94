//! What projects and lifecycles have beyond the common routes: lists of what belongs to one of them.

use axum::Json;
use axum::http::Method;
use axum::routing::get;
use serde_json::Value;

use super::crud::page_of;
use super::error::ApiError;
use super::request::{Context, Segments};
use super::table::{Scope, Table};
use crate::app::ListQuery;
use crate::model::channel::Channel;
use crate::model::lifecycle::Lifecycle;
use crate::model::project::{Project, ProjectGroup};

pub(super) fn routes(table: Table) -> Table {
    let (get_, space) = (Method::GET, Scope::Space);
    table
        .add(
            get_.clone(),
            "/api/projects/{id}/channels",
            space,
            "The channels of a project",
            get(channels),
        )
        .add(
            get_.clone(),
            "/api/projectgroups/{id}/projects",
            space,
            "The projects of a group",
            get(of_group),
        )
        .add(
            get_,
            "/api/lifecycles/{id}/projects",
            space,
            "The projects with a lifecycle",
            get(of_lifecycle),
        )
}

async fn channels(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let project = context
        .app
        .get::<Project>(&context.caller, context.space(), &id)
        .await?;
    let query = ListQuery {
        owner_id: Some(project.id),
        ..context.query.listing()?
    };
    page_of::<Channel>(&context, query).await
}

async fn of_group(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let group = context
        .app
        .get::<ProjectGroup>(&context.caller, context.space(), &id)
        .await?;
    projects(&context, "ProjectGroupId", group.id).await
}

async fn of_lifecycle(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let lifecycle = context
        .app
        .get::<Lifecycle>(&context.caller, context.space(), &id)
        .await?;
    projects(&context, "LifecycleId", lifecycle.id).await
}

async fn projects(
    context: &Context,
    property: &'static str,
    id: String,
) -> Result<Json<Value>, ApiError> {
    let query = ListQuery {
        properties: vec![(property, vec![id])],
        ..context.query.listing()?
    };
    page_of::<Project>(context, query).await
}
