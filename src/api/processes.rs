//! Deployment processes: by id, and by the project that they belong to.

use axum::Json;
use axum::http::Method;
use axum::routing::{get, put};
use serde_json::{Value, json};

use super::crud::{change, page_of, read};
use super::error::ApiError;
use super::present;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use crate::app::release::{ReleaseTemplate, TemplatePackage};
use crate::model::process::DeploymentProcess;
use crate::model::project::Project;

pub(super) fn routes(table: Table) -> Table {
    let space = Scope::Space;
    let of_project = "/api/projects/{id}/deploymentprocesses";
    let one = "/api/deploymentprocesses/{id}";
    table
        .add(
            Method::GET,
            "/api/deploymentprocesses",
            space,
            "A page of every deployment process, snapshots included",
            get(list),
        )
        .add(
            Method::GET,
            one,
            space,
            "Read a deployment process",
            get(read::<DeploymentProcess>),
        )
        .gives::<DeploymentProcess>()
        .add(
            Method::PUT,
            one,
            space,
            "Change a deployment process",
            put(change::<DeploymentProcess>),
        )
        .takes::<DeploymentProcess>()
        .gives::<DeploymentProcess>()
        .add(
            Method::GET,
            of_project,
            space,
            "The deployment process of a project",
            get(read_of_project),
        )
        .add(
            Method::GET,
            "/api/projects/{id}/deploymentprocesses/template",
            space,
            "What a new release of a project would be made of",
            get(template),
        )
        .add(
            Method::GET,
            "/api/deploymentprocesses/{id}/template",
            space,
            "The same, of the project that a process belongs to",
            get(template_of_process),
        )
        .add(
            Method::PUT,
            of_project,
            space,
            "Change the deployment process of a project",
            put(change_of_project),
        )
        .takes::<DeploymentProcess>()
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let query = context.query.listing()?;
    page_of::<DeploymentProcess>(&context, query).await
}

async fn read_of_project(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let project: Project = app.get(caller, space, &id).await?;
    let process: DeploymentProcess = app
        .get(caller, space, &project.deployment_process_id)
        .await?;
    Ok(Json(present::resource(&process)))
}

async fn template_of_process(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let process: DeploymentProcess = app.get(caller, space, &id).await?;
    template(context, Segments(process.project_id)).await
}

async fn template(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let ReleaseTemplate {
        process_id,
        last_version,
        next_version,
        packages,
    } = app.release_template(caller, space, &id).await?;
    Ok(Json(json!({
        "DeploymentProcessId": process_id,
        "LastReleaseVersion": last_version,
        "NextVersionIncrement": next_version,
        "Packages": packages.iter().map(present_package).collect::<Vec<_>>(),
    })))
}

/// A package that a release, or a snapshot of a runbook, needs a version of.
pub(super) fn present_package(package: &TemplatePackage) -> Value {
    let TemplatePackage {
        action_name,
        package,
        is_resolvable,
        last_version,
    } = package;
    json!({
        "ActionName": action_name,
        "StepName": action_name,
        "PackageReferenceName": package.name,
        "PackageId": package.package_id,
        "FeedId": package.feed_id,
        "IsResolvable": is_resolvable,
        "VersionSelectedLastRelease": last_version,
    })
}

async fn change_of_project(
    context: Context,
    Segments(id): Segments<String>,
    Body(process): Body<DeploymentProcess>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let project: Project = app.get(caller, space, &id).await?;
    let process = app
        .update(caller, space, &project.deployment_process_id, process)
        .await?;
    Ok(Json(present::resource(&process)))
}
