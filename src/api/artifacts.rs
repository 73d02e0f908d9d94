//! Artifacts: lists, one, its bytes; and those that clients add, first the record and then its content.

use axum::Json;
use axum::body::Body as HttpBody;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post, put};
use futures::TryStreamExt as _;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use super::{bytes, collection};
use crate::app::artifact::NewArtifact;
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
        .add(
            Method::POST,
            "/api/artifacts",
            server,
            "Add an artifact to a task; its content follows",
            post(create),
        )
        .takes::<Create>()
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
        .add(
            Method::PUT,
            "/api/artifacts/{id}/content",
            server,
            "Give an artifact its content",
            put(fill),
        )
        .takes_bytes()
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

/// An artifact as clients add it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewArtifact")]
#[serde(rename_all = "PascalCase", default)]
struct Create {
    filename: String,
    server_task_id: String,
    source: String,
    /// A task, and the number of a step of its plan.
    log_correlation_id: String,
}

async fn create(context: Context, Body(body): Body<Create>) -> Result<Response, ApiError> {
    let number = body.log_correlation_id.rsplit('/').next();
    let new = NewArtifact {
        name: body.filename,
        task_id: body.server_task_id,
        source: body.source,
        index: number.and_then(|number| number.parse().ok()).unwrap_or(0),
    };
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let made = app.artifact_create(caller, space, new).await?;
    Ok((StatusCode::CREATED, Json(present(&made))).into_response())
}

async fn fill(
    context: Context,
    Segments(id): Segments<String>,
    body: HttpBody,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    // Who may not is told before anything is taken.
    app.artifact_to_fill(caller, space, &id).await?;
    let mut incoming = app.artifact_incoming()?;
    let ended_early = |_| ApiError::BadBody("it ended early".to_owned());
    let stream = body.into_data_stream().map_err(ended_early);
    bytes::take(stream, &mut incoming).await?;
    let filled = app.artifact_fill(caller, space, &id, incoming).await?;
    Ok(Json(present(&filled)))
}

async fn content(context: Context, Segments(id): Segments<String>) -> Result<Response, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let artifact = app.artifact(caller, space, &id).await?;
    bytes::send(
        app.blobs(),
        &artifact.sha256,
        &artifact.name,
        artifact.size_bytes,
    )
}
