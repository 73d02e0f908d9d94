//! Runbooks: by project, their processes and snapshots, and runs. Octopus spells `runbook-runs` to create and
//! `runbookRuns` to read.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::crud::{change, narrowed, page_of, read, remove};
use super::error::ApiError;
use super::executions::ExecutionBase;
use super::present;
use super::processes::present_package;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use crate::app::ListQuery;
use crate::app::runbook::{NewSnapshot, Run, SnapshotTemplate};
use crate::model::project::Project;
use crate::model::runbook::{Runbook, RunbookProcess, RunbookRun, RunbookSnapshot};

pub(super) fn routes(table: Table) -> Table {
    let table = of_project(table);
    let table = processes_and_snapshots(table);
    let space = Scope::Space;
    table
        .add(
            Method::POST,
            "/api/runbook-runs/create/v1",
            space,
            "Run a runbook",
            post(run),
        )
        .takes::<RunByName>()
        .add(
            Method::GET,
            "/api/runbookRuns",
            space,
            "A page of every runbook run, the newest first",
            get(list_runs),
        )
        .add(
            Method::GET,
            "/api/runbookRuns/{id}",
            space,
            "Read a runbook run",
            get(read::<RunbookRun>),
        )
        .gives::<RunbookRun>()
}

fn of_project(table: Table) -> Table {
    let space = Scope::Space;
    let (list_path, one) = (
        "/api/projects/{id}/runbooks",
        "/api/projects/{id}/runbooks/{runbook}",
    );
    table
        .add(
            Method::GET,
            list_path,
            space,
            "The runbooks of a project",
            get(list_of_project),
        )
        .add(
            Method::POST,
            list_path,
            space,
            "Create a runbook in a project",
            post(create_in_project),
        )
        .takes::<Runbook>()
        .add(
            Method::GET,
            one,
            space,
            "Read a runbook of a project",
            get(read_of_project),
        )
        .add(
            Method::PUT,
            one,
            space,
            "Change a runbook of a project",
            put(change_of_project),
        )
        .takes::<Runbook>()
        .add(
            Method::DELETE,
            one,
            space,
            "Delete a runbook of a project",
            delete(remove_of_project),
        )
}

fn processes_and_snapshots(table: Table) -> Table {
    let space = Scope::Space;
    let (process, process_of_project) = (
        "/api/runbookProcesses/{id}",
        "/api/projects/{id}/runbookProcesses/{process}",
    );
    table
        .add(
            Method::GET,
            process,
            space,
            "Read the process of a runbook",
            get(read::<RunbookProcess>),
        )
        .gives::<RunbookProcess>()
        .add(
            Method::PUT,
            process,
            space,
            "Change the process of a runbook",
            put(change::<RunbookProcess>),
        )
        .takes::<RunbookProcess>()
        .gives::<RunbookProcess>()
        .add(
            Method::GET,
            process_of_project,
            space,
            "Read the process of a runbook of a project",
            get(read_process),
        )
        .add(
            Method::PUT,
            process_of_project,
            space,
            "Change the process of a runbook of a project",
            put(change_process),
        )
        .takes::<RunbookProcess>()
        .add(
            Method::GET,
            "/api/runbooks/{id}/runbookSnapshotTemplate",
            space,
            "What a new snapshot of a runbook would be made of",
            get(snapshot_template),
        )
        .add(
            Method::GET,
            "/api/runbookSnapshots",
            space,
            "A page of every runbook snapshot, the newest first",
            get(list_snapshots),
        )
        .add(
            Method::POST,
            "/api/runbookSnapshots",
            space,
            "Freeze a runbook",
            post(snapshot),
        )
        .takes::<Freeze>()
        .add(
            Method::GET,
            "/api/runbookSnapshots/{id}",
            space,
            "Read a runbook snapshot",
            get(read::<RunbookSnapshot>),
        )
        .gives::<RunbookSnapshot>()
        .add(
            Method::POST,
            "/api/projects/{id}/runbookSnapshots",
            space,
            "Freeze a runbook of a project",
            post(snapshot_in_project),
        )
        .takes::<Freeze>()
}

async fn snapshot_template(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let SnapshotTemplate {
        runbook_id,
        process_id,
        next_name,
        packages,
    } = app.runbook_snapshot_template(caller, space, &id).await?;
    Ok(Json(json!({
        "RunbookId": runbook_id,
        "RunbookProcessId": process_id,
        "NextNameIncrement": next_name,
        "Packages": packages.iter().map(present_package).collect::<Vec<_>>(),
    })))
}

async fn project(context: &Context, id: &str) -> Result<Project, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    Ok(app.get(caller, space, id).await?)
}

async fn list_of_project(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let query = ListQuery {
        owner_id: Some(project(&context, &id).await?.id),
        ..context.query.listing()?
    };
    page_of::<Runbook>(&context, query).await
}

async fn create_in_project(
    context: Context,
    Segments(id): Segments<String>,
    Body(mut runbook): Body<Runbook>,
) -> Result<Response, ApiError> {
    runbook.project_id = project(&context, &id).await?.id;
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let made = app.create(caller, space, runbook).await?;
    Ok((StatusCode::CREATED, Json(present::resource(&made))).into_response())
}

/// The runbook of a project, by id, slug or name.
async fn find(context: &Context, id: &str, runbook: &str) -> Result<Runbook, ApiError> {
    let project = project(context, id).await?;
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    Ok(app.runbook_get(caller, space, &project, runbook).await?)
}

async fn read_of_project(
    context: Context,
    Segments((id, runbook)): Segments<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let runbook = find(&context, &id, &runbook).await?;
    Ok(Json(present::resource(&runbook)))
}

async fn change_of_project(
    context: Context,
    Segments((id, runbook)): Segments<(String, String)>,
    Body(record): Body<Runbook>,
) -> Result<Json<Value>, ApiError> {
    let stored = find(&context, &id, &runbook).await?;
    change(context, Segments(stored.id), Body(record)).await
}

async fn remove_of_project(
    context: Context,
    Segments((id, runbook)): Segments<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let stored = find(&context, &id, &runbook).await?;
    remove::<Runbook>(context, Segments(stored.id)).await
}

async fn read_process(
    context: Context,
    Segments((id, process)): Segments<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    project(&context, &id).await?;
    read::<RunbookProcess>(context, Segments(process)).await
}

async fn change_process(
    context: Context,
    Segments((id, process)): Segments<(String, String)>,
    Body(record): Body<RunbookProcess>,
) -> Result<Json<Value>, ApiError> {
    project(&context, &id).await?;
    change(context, Segments(process), Body(record)).await
}

async fn list_snapshots(context: Context) -> Result<Json<Value>, ApiError> {
    let mut query = context.query.listing()?;
    query.properties = narrowed(&context.query, NARROWING);
    page_of::<RunbookSnapshot>(&context, query).await
}

/// A snapshot that is asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
struct Freeze {
    name: Option<String>,
    runbook_id: Option<String>,
    notes: Option<String>,
    /// Some clients say it here, some in the query.
    publish: Option<Value>,
}

async fn snapshot(context: Context, Body(body): Body<Freeze>) -> Result<Response, ApiError> {
    let says = |text: &str| text.eq_ignore_ascii_case("true");
    let in_body = match &body.publish {
        Some(Value::Bool(publish)) => *publish,
        Some(Value::String(text)) => says(text),
        _ => false,
    };
    let new = NewSnapshot {
        runbook: body.runbook_id.unwrap_or_default(),
        name: body.name.unwrap_or_default(),
        notes: body.notes,
        is_published: in_body || context.query.text("publish").is_some_and(says),
    };
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let made = app.runbook_snapshot(caller, space, new).await?;
    Ok((StatusCode::CREATED, Json(present::resource(&made))).into_response())
}

async fn snapshot_in_project(
    context: Context,
    Segments(id): Segments<String>,
    body: Body<Freeze>,
) -> Result<Response, ApiError> {
    project(&context, &id).await?;
    snapshot(context, body).await
}

/// Octopus's `CreateRunbookRunCommandV1`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
struct RunByName {
    runbook_name: Option<String>,
    snapshot: Option<String>,
    #[serde(flatten)]
    base: ExecutionBase,
}

async fn run(context: Context, Body(body): Body<RunByName>) -> Result<Response, ApiError> {
    let run = Run {
        runbook: body.runbook_name.unwrap_or_default(),
        snapshot: body.snapshot,
        execution: body.base.execution(),
    };
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let runs = app.runbook_run(caller, space, run).await?;
    let tasks: Vec<Value> = runs
        .iter()
        .map(|one| json!({ "RunbookRunId": one.id, "ServerTaskId": one.task_id }))
        .collect();
    let body = json!({ "RunbookRunServerTasks": tasks });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Parameters that narrow lists, and the property each is compared with.
const NARROWING: &[(&str, &str)] = &[
    ("projects", "ProjectId"),
    ("environments", "EnvironmentId"),
    ("tenants", "TenantId"),
    ("runbooks", "RunbookId"),
];

async fn list_runs(context: Context) -> Result<Json<Value>, ApiError> {
    let mut query = context.query.listing()?;
    query.properties = narrowed(&context.query, NARROWING);
    super::tasks::narrow_by_state(&context, &mut query).await?;
    page_of::<RunbookRun>(&context, query).await
}
