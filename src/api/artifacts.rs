//! Artifacts: lists, one, its bytes.

use axum::Json;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{delete, get};
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{Context, Segments};
use super::table::{Scope, Table};
use super::{collection, packages};
use crate::model::package::Artifact;

pub(super) fn routes(table: Table) -> Table {
    let (get_, server, one) = (Method::GET, Scope::Server, "/api/artifacts/{id}");
    table
        .add(
            get_.clone(),
            "/api/artifacts",
            server,
            "A page of every artifact, the newest first",
            get(list),
        )
        .add(get_.clone(), one, server, "Read an artifact", get(read))
        .add(
            Method::DELETE,
            one,
            server,
            "Delete an artifact",
            delete(remove),
        )
        .add(
            get_,
            "/api/artifacts/{id}/content",
            server,
            "Download an artifact",
            get(content),
        )
}

fn present(artifact: &Artifact) -> Value {
    let Artifact {
        id,
        space_id,
        task_id,
        name,
        source,
        index,
        size_bytes,
        sha256,
        created,
    } = artifact;
    let own = format!("/api/{space_id}/artifacts/{id}");
    json!({
        "Id": id,
        "SpaceId": space_id,
        "Filename": name,
        "Source": source,
        "ServerTaskId": task_id,
        "Created": created,
        "LogCorrelationId": format!("{task_id}/{index}"),
        "SizeBytes": size_bytes,
        "Hash": sha256,
        "Links": { "Self": own, "Content": format!("{own}/content") },
    })
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let query = &context.query;
    let ids = query.list("ids");
    let mut found = app
        .artifacts(caller, space, query.text("regarding"))
        .await?;
    if !ids.is_empty() {
        found.retain(|artifact| ids.contains(&artifact.id));
    }
    let skip = usize::try_from(query.skip()?).unwrap_or(usize::MAX);
    let take = usize::try_from(query.take()?).unwrap_or(usize::MAX);
    let items = found.iter().skip(skip).take(take).map(present).collect();
    let base = match space {
        Some(space) => format!("/api/{space}/artifacts"),
        None => "/api/artifacts".to_owned(),
    };
    collection::page(&base, "Artifact", query, found.len() as u64, items).map(Json)
}

async fn read(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    Ok(Json(present(&app.artifact(caller, space, &id).await?)))
}

async fn remove(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    app.artifact_delete(caller, space, &id).await?;
    Ok(Json(json!({})))
}

async fn content(context: Context, Segments(id): Segments<String>) -> Result<Response, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let artifact = app.artifact(caller, space, &id).await?;
    packages::send(
        app.blobs(),
        &artifact.sha256,
        &artifact.name,
        artifact.size_bytes,
    )
}
