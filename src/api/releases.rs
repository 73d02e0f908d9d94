//! Releases: made by name as Octopus's newer clients do, or as a resource; listed by project and channel.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::crud::{change, page_of, read, remove};
use super::error::ApiError;
use super::present;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use crate::app::ListQuery;
use crate::app::release::NewRelease;
use crate::model::channel::Channel;
use crate::model::deployment::Deployment;
use crate::model::project::Project;
use crate::model::release::{Release, SelectedPackage};

pub(super) fn routes(table: Table) -> Table {
    let (get_, space) = (Method::GET, Scope::Space);
    let (list_path, one) = ("/api/releases", "/api/releases/{id}");
    table
        .add(
            Method::POST,
            "/api/releases/create/v1",
            space,
            "Create a release, with everything by name",
            post(create_by_name),
        )
        .takes::<CreateByName>()
        .add(
            get_.clone(),
            list_path,
            space,
            "A page of every release, the newest first",
            get(list),
        )
        .add(
            Method::POST,
            list_path,
            space,
            "Create a release",
            post(create),
        )
        .takes::<Create>()
        .add(
            get_.clone(),
            one,
            space,
            "Read a release",
            get(read::<Release>),
        )
        .gives::<Release>()
        .add(
            Method::PUT,
            one,
            space,
            "Change the notes of a release",
            put(change::<Release>),
        )
        .takes::<Release>()
        .gives::<Release>()
        .add(
            Method::DELETE,
            one,
            space,
            "Delete a release with its deployments",
            delete(remove::<Release>),
        )
        .add(
            get_.clone(),
            "/api/releases/{id}/deployments",
            space,
            "The deployments of a release, the newest first",
            get(deployments),
        )
        .add(
            get_.clone(),
            "/api/projects/{id}/releases",
            space,
            "The releases of a project, the newest first",
            get(of_project),
        )
        .add(
            get_.clone(),
            "/api/projects/{id}/releases/{version}",
            space,
            "The release of a project with a version",
            get(by_version),
        )
        .add(
            get_,
            "/api/channels/{id}/releases",
            space,
            "The releases of a channel, the newest first",
            get(of_channel),
        )
}

/// Octopus's `CreateReleaseCommandV1`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "CreateReleaseCommandV1")]
#[serde(rename_all = "PascalCase", default)]
struct CreateByName {
    project_name: Option<String>,
    package_version: Option<String>,
    git_ref: Option<String>,
    git_commit: Option<String>,
    release_version: Option<String>,
    channel_name: Option<String>,
    packages: Option<Vec<String>>,
    release_notes: Option<String>,
    ignore_if_already_exists: Option<bool>,
    ignore_channel_rules: Option<bool>,
    custom_fields: Option<BTreeMap<String, String>>,
}

async fn create_by_name(
    context: Context,
    Body(body): Body<CreateByName>,
) -> Result<Response, ApiError> {
    let is_given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    if is_given(&body.git_ref) || is_given(&body.git_commit) {
        return Err(crate::app::Error::invalid(
            "GitRef and GitCommit are for projects in Git, which are not supported.",
        )
        .into());
    }
    let new = NewRelease {
        project: body.project_name.unwrap_or_default(),
        channel: body.channel_name,
        version: body.release_version,
        notes: body.release_notes,
        packages: body.packages.unwrap_or_default(),
        package_version: body.package_version.filter(|version| !version.is_empty()),
        selected_packages: Vec::new(),
        ignore_if_exists: body.ignore_if_already_exists.unwrap_or_default(),
        ignore_channel_rules: body.ignore_channel_rules.unwrap_or_default(),
        custom_fields: body.custom_fields.unwrap_or_default(),
    };
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let (release, is_new) = app.release_create(caller, space, new).await?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let body = json!({ "ReleaseId": release.id, "ReleaseVersion": release.version });
    Ok((status, Json(body)).into_response())
}

/// A release as older clients create it: with ids.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewRelease")]
#[serde(rename_all = "PascalCase", default)]
struct Create {
    project_id: Option<String>,
    channel_id: Option<String>,
    version: Option<String>,
    release_notes: Option<String>,
    selected_packages: Option<Vec<SelectedPackage>>,
}

async fn create(context: Context, Body(body): Body<Create>) -> Result<Response, ApiError> {
    let ignores_rules = context.query.text("ignoreChannelRules");
    let new = NewRelease {
        project: body.project_id.unwrap_or_default(),
        channel: body.channel_id,
        version: body.version,
        notes: body.release_notes,
        selected_packages: body.selected_packages.unwrap_or_default(),
        ignore_channel_rules: ignores_rules.is_some_and(|text| text.eq_ignore_ascii_case("true")),
        ..NewRelease::default()
    };
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let (release, _) = app.release_create(caller, space, new).await?;
    Ok((StatusCode::CREATED, Json(present::resource(&release))).into_response())
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let query = context.query.listing()?;
    page_of::<Release>(&context, query).await
}

async fn deployments(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let release: Release = app.get(caller, space, &id).await?;
    let query = ListQuery {
        owner_id: Some(release.project_id),
        properties: vec![("ReleaseId", vec![release.id])],
        ..context.query.listing()?
    };
    page_of::<Deployment>(&context, query).await
}

async fn of_project(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let project: Project = app.get(caller, space, &id).await?;
    let searched = context.query.text("searchByVersion").map(str::to_owned);
    let query = ListQuery {
        owner_id: Some(project.id),
        partial_name: searched,
        ..context.query.listing()?
    };
    page_of::<Release>(&context, query).await
}

async fn of_channel(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let channel: Channel = app.get(caller, space, &id).await?;
    let query = ListQuery {
        owner_id: Some(channel.project_id),
        properties: vec![("ChannelId", vec![channel.id])],
        ..context.query.listing()?
    };
    page_of::<Release>(&context, query).await
}

async fn by_version(
    context: Context,
    Segments((id, version)): Segments<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let release = app.release_get(caller, space, &id, &version).await?;
    Ok(Json(present::resource(&release)))
}
