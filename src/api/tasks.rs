//! Tasks: lists, one with its steps, receipts, and the wish that one ends.
//!
//! A task that waits for a person is `Paused` in here and `Executing` with `HasPendingInterruptions` for clients:
//! they know no other word for it.

use axum::Json;
use axum::http::Method;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp, Unit};
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{Context, Query, Segments};
use super::table::{Scope, Table};
use super::{collection, task_log};
use crate::app::ListQuery;
use crate::app::task::{StepReceipt, TaskDetails};
use crate::model::task::{JobState, Task, TaskState};
use crate::store::{NumberedChunk, Page, TaskFilter};

pub(super) fn routes(table: Table) -> Table {
    let (get_, server) = (Method::GET, Scope::Server);
    let table = table
        .add(
            get_.clone(),
            "/api/tasks",
            server,
            "A page of every task, the newest first",
            get(list),
        )
        .add(
            get_.clone(),
            "/api/tasks/{id}",
            server,
            "Read a task",
            get(read),
        )
        .add(
            get_.clone(),
            "/api/tasks/{id}/details",
            server,
            "A task with its steps and their logs",
            get(details),
        )
        .add(
            get_,
            "/api/tasks/{id}/receipt",
            server,
            "What the steps of a task touched, and the policies they ran under",
            get(receipt),
        )
        .add(
            Method::POST,
            "/api/tasks/{id}/cancel",
            server,
            "Ask a task to end",
            post(cancel),
        );
    let table = table.add(
        Method::GET,
        "/api/tasks/{id}/policy",
        server,
        "The smallest policy under which the task would pass again",
        get(suggestion),
    );
    task_log::routes(table)
}

async fn suggestion(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let text = app.task_suggestion(caller, space, &id).await?;
    Ok(Json(json!({ "TaskId": id, "Text": text })))
}

/// A task as clients see it.
pub(super) fn present(task: &Task, now: Timestamp) -> Value {
    let Task {
        id,
        space_id,
        name,
        description,
        state,
        is_cancel_asked,
        project_id,
        environment_id,
        tenant_id,
        subject_id,
        release_id,
        variable_set_id: _,
        concurrency_key: _,
        queue_time,
        queue_expiry,
        start_time,
        completed_time,
        error_message,
        has_warnings_or_errors,
        is_guided: _,
        is_asking,
        generation: _,
    } = task;
    let shown = match state {
        TaskState::Paused => TaskState::Executing,
        // The wish is shown before the worker has heard of it.
        TaskState::Executing if *is_cancel_asked => TaskState::Cancelling,
        state => *state,
    };
    let duration = start_time.map(|start| completed_time.unwrap_or(now).duration_since(start));
    let arguments = match name.as_str() {
        "RunbookRun" => json!({ "RunbookRunId": subject_id }),
        "Deploy" => json!({ "DeploymentId": subject_id }),
        _ => json!({}),
    };
    let own = format!("/api/{space_id}/tasks/{id}");
    json!({
        "Id": id,
        "SpaceId": space_id,
        "Name": name,
        "Description": description,
        "State": shown.as_str(),
        "IsPaused": *state == TaskState::Paused,
        "Completed": completed_time.map_or_else(|| words(*state).to_owned(), |time| time.to_string()),
        "QueueTime": queue_time,
        "QueueTimeExpiry": queue_expiry,
        "StartTime": start_time,
        "LastUpdatedTime": completed_time.or(*start_time).unwrap_or(*queue_time),
        "CompletedTime": completed_time,
        "ServerNode": null,
        "Duration": duration.map_or_else(String::new, human),
        "ErrorMessage": error_message,
        "HasBeenPickedUpByProcessor": start_time.is_some(),
        "IsCompleted": state.is_final(),
        "FinishedSuccessfully": *state == TaskState::Success,
        "HasPendingInterruptions": is_asking,
        "CanRerun": task.can_rerun(),
        "HasWarningsOrErrors": has_warnings_or_errors,
        "ProjectId": project_id,
        "EnvironmentId": environment_id,
        "TenantId": tenant_id,
        "ReleaseId": Some(release_id).filter(|id| !id.is_empty()),
        "Arguments": arguments,
        "Links": {
            "Self": own,
            "Web": format!("/app#/{space_id}/tasks/{id}"),
            "Details": format!("{own}/details"),
            "Raw": format!("{own}/raw"),
            "Log": format!("{own}/log{{?after,wait}}"),
            "Cancel": format!("{own}/cancel"),
            "Rerun": format!("/api/tasks/rerun/{id}"),
            "QueuedBehind": format!("{own}/queued-behind"),
            "Artifacts": format!("/api/{space_id}/artifacts?regarding={id}"),
            "Receipt": format!("{own}/receipt"),
            "Interruptions": format!("/api/{space_id}/interruptions?regarding={id}"),
        },
    })
}

fn words(state: TaskState) -> &'static str {
    match state {
        TaskState::Queued => "Queued...",
        TaskState::Executing | TaskState::Paused => "Executing...",
        TaskState::Cancelling => "Cancelling...",
        TaskState::Success | TaskState::Failed | TaskState::TimedOut | TaskState::Canceled => "",
    }
}

fn human(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    match seconds {
        0..=59 => format!("{seconds} seconds"),
        60..=3599 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3600),
    }
}

fn filter(query: &Query) -> TaskFilter {
    let list = |name: &str| Some(query.list(name)).filter(|values| !values.is_empty());
    let flag = |name: &str| {
        query
            .text(name)
            .map(|text| text.eq_ignore_ascii_case("true"))
    };
    let mut filter = TaskFilter {
        ids: list("ids"),
        states: list("states"),
        project_ids: list("project"),
        environment_ids: list("environment"),
        tenant_ids: list("tenant"),
        names: list("name"),
        space_ids: list("spaces"),
        partial_name: query.text("partialName").map(str::to_owned),
        is_asking: flag("hasPendingInterruptions"),
        has_warnings: flag("hasWarningsOrErrors"),
        ..TaskFilter::default()
    };
    let with = |states: &[TaskState]| {
        let names = states.iter().map(|state| state.as_str().to_owned());
        Some(names.collect())
    };
    if flag("active") == Some(true) {
        filter.states = TaskFilter::open().states;
    }
    if flag("running") == Some(true) {
        filter.states = with(&[
            TaskState::Executing,
            TaskState::Paused,
            TaskState::Cancelling,
        ]);
    }
    // To clients, a task that waits for a person is one that executes.
    if let Some(states) = &mut filter.states {
        let executes = |state: &String| state.eq_ignore_ascii_case("Executing");
        if states.iter().any(executes) {
            states.push(TaskState::Paused.as_str().to_owned());
        }
    }
    filter
}

/// Narrows a list of deployments or runs to those whose tasks are in the states that the query names.
pub(super) async fn narrow_by_state(
    context: &Context,
    query: &mut ListQuery,
) -> Result<(), ApiError> {
    let states = context.query.list("taskState");
    if states.is_empty() {
        return Ok(());
    }
    let filter = TaskFilter {
        states: Some(states),
        ..TaskFilter::default()
    };
    let (app, caller) = (&context.app, &context.caller);
    let space = app.space_id(caller, context.space()).await?;
    let (_, tasks) = app.tasks(caller, Some(&space), filter, Page::ALL).await?;
    let ids = tasks.into_iter().map(|task| task.id).collect();
    query.properties.push(("TaskId", ids));
    Ok(())
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let filter = filter(&context.query);
    let page = Page {
        skip: context.query.skip()?,
        take: context.query.take()?,
    };
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let (total, tasks) = app.tasks(caller, space, filter, page).await?;
    let now = app.now();
    let items = tasks.iter().map(|task| present(task, now)).collect();
    let base = match space {
        Some(space) => format!("/api/{space}/tasks"),
        None => "/api/tasks".to_owned(),
    };
    collection::page(&base, "Task", &context.query, total, items).map(Json)
}

async fn read(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let task = app.task(caller, space, &id).await?;
    Ok(Json(present(&task, app.now())))
}

async fn cancel(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let task = app.task_cancel(caller, space, &id).await?;
    Ok(Json(present(&task, app.now())))
}

async fn receipt(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let task = app.task(caller, space, &id).await?;
    let receipts = app.task_receipts(caller, space, &id).await?;
    let receipt = |receipt: &StepReceipt| {
        let policy = receipt.policy.as_ref();
        json!({
            "Step": receipt.step,
            "Action": receipt.action,
            "Attempt": receipt.attempt,
            "Ending": receipt.outcome["ending"],
            "Receipt": receipt.outcome["receipt"],
            "Policy": policy.map(|record| json!({
                "Name": record.grants.policy.name.to_string(),
                "Digest": record.grants.policy.digest.to_string(),
                "Text": record.text,
            })),
        })
    };
    let steps: Vec<Value> = receipts.iter().map(receipt).collect();
    Ok(Json(json!({ "TaskId": task.id, "Steps": steps })))
}

async fn details(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let details = app.task_details(caller, space, &id).await?;
    Ok(Json(present_details(&details, app.now())))
}

fn present_details(details: &TaskDetails, now: Timestamp) -> Value {
    let n_jobs = details.jobs.len().max(1);
    let n_over = details
        .jobs
        .iter()
        .filter(|job| job.state.is_final())
        .count();
    let percentage = match details.task.state.is_final() {
        true => 100,
        false => 100 * n_over / n_jobs,
    };
    let size: usize = details.log.iter().map(|one| one.chunk.text.len()).sum();
    let own = format!("/api/{}/tasks/{}", details.task.space_id, details.task.id);
    json!({
        "Task": present(&details.task, now),
        "ActivityLogs": [root(details)],
        "PhysicalLogSize": size,
        "Progress": { "ProgressPercentage": percentage, "EstimatedTimeRemaining": "" },
        "Links": { "Self": format!("{own}/details") },
    })
}

/// The task with its steps, and in each step its actions when there are several.
fn root(details: &TaskDetails) -> Value {
    let task = &details.task;
    let status = match task.state {
        TaskState::Queued => "Pending",
        TaskState::Executing | TaskState::Paused | TaskState::Cancelling => "Running",
        TaskState::Success if task.has_warnings_or_errors => "SuccessWithWarning",
        TaskState::Success => "Success",
        TaskState::Failed | TaskState::TimedOut => "Failed",
        TaskState::Canceled => "Canceled",
    };
    let mut steps: Vec<(u32, Vec<Value>)> = Vec::new();
    for (index, entry) in details.plan.entries.iter().enumerate() {
        let element = action(details, index);
        match steps.last_mut() {
            Some((number, actions)) if *number == entry.step_number => actions.push(element),
            Some(_) | None => steps.push((entry.step_number, vec![element])),
        }
    }
    let children = steps.into_iter().map(|(number, actions)| {
        let is_of_step = |entry: &&crate::plan::Entry| entry.step_number == number;
        let entry = details.plan.entries.iter().find(is_of_step);
        let name = entry.map_or("", |entry| entry.step_name.as_str());
        step(details, number, name, actions)
    });
    let chunks = details.log.iter().filter(|one| one.chunk.index.is_none());
    json!({
        "Id": format!("{}/root", task.id),
        "Name": task.description,
        "Status": status,
        "Started": task.start_time,
        "Ended": task.completed_time,
        "Children": children.collect::<Vec<_>>(),
        "ShowAtSummaryLevel": true,
        "LogElements": chunks.flat_map(elements).collect::<Vec<_>>(),
        "ProgressPercentage": 0,
        "ProgressMessage": "",
    })
}

/// A step with one action is shown as that action.
fn step(details: &TaskDetails, number: u32, name: &str, actions: Vec<Value>) -> Value {
    let title = format!("Step {number}: {name}");
    let has_target =
        |entry: &crate::plan::Entry| entry.step_number == number && entry.target.is_some();
    let is_plain = !details.plan.entries.iter().any(has_target);
    if let ([only], true) = (actions.as_slice(), is_plain) {
        let mut only = only.clone();
        only["Name"] = title.into();
        return only;
    }
    let has = |status: &str| actions.iter().any(|action| action["Status"] == status);
    let order = [
        "Running",
        "Failed",
        "Canceled",
        "Pending",
        "SuccessWithWarning",
        "Success",
        "Skipped",
    ];
    let status = order.into_iter().find(|status| has(status));
    json!({
        "Id": format!("{}/step-{number}", details.task.id),
        "Name": title,
        "Status": status.unwrap_or("Pending"),
        "Started": actions.first().map(|action| action["Started"].clone()),
        "Ended": actions.last().map(|action| action["Ended"].clone()),
        "Children": actions,
        "ShowAtSummaryLevel": true,
        "LogElements": [],
        "ProgressPercentage": 0,
        "ProgressMessage": "",
    })
}

fn action(details: &TaskDetails, index: usize) -> Value {
    let entry = &details.plan.entries[index];
    let job = details.jobs.get(index);
    let own = u32::try_from(index).ok();
    let chunks: Vec<&NumberedChunk> = details
        .log
        .iter()
        .filter(|one| one.chunk.index == own)
        .collect();
    let has_warnings = chunks
        .iter()
        .any(|one| matches!(one.chunk.category.as_str(), "Warning" | "Error" | "Fatal"));
    let status = match job.map(|job| &job.state) {
        None | Some(JobState::Waiting) => "Pending",
        Some(JobState::Running | JobState::Retrying { .. } | JobState::Asking { .. }) => "Running",
        Some(JobState::Lost) => "Running",
        Some(JobState::Succeeded) if has_warnings => "SuccessWithWarning",
        Some(JobState::Succeeded) => "Success",
        Some(JobState::Failed { .. } | JobState::TimedOut) => "Failed",
        Some(JobState::Canceled) => "Canceled",
        Some(JobState::Skipped { .. }) => "Skipped",
        Some(JobState::Ignored { .. }) => "SuccessWithWarning",
    };
    let progress = chunks
        .iter()
        .rev()
        .find(|one| one.chunk.category == task_log::PROGRESS)
        .and_then(|one| one.chunk.text.trim_end().split_once(' '));
    let (percentage, message) = progress.unwrap_or(("0", ""));
    let (id, name) = match &entry.target {
        None => (entry.action_id.clone(), entry.action_name.clone()),
        Some(target) => (
            format!("{}/{}", entry.action_id, target.id),
            format!("{} for {}", entry.action_name, target.name),
        ),
    };
    json!({
        "Id": format!("{}/{id}", details.task.id),
        "Name": name,
        "Status": status,
        "Started": job.and_then(|job| job.started),
        "Ended": job.and_then(|job| job.ended),
        "Children": [],
        "ShowAtSummaryLevel": true,
        "LogElements": chunks.into_iter().flat_map(elements).collect::<Vec<_>>(),
        "ProgressPercentage": percentage.parse::<u8>().unwrap_or(0),
        "ProgressMessage": message,
    })
}

/// One element for each line of a chunk.
fn elements(one: &NumberedChunk) -> Vec<Value> {
    let chunk = &one.chunk;
    if chunk.category == task_log::PROGRESS {
        return Vec::new();
    }
    let occurred = chunk
        .occurred
        .round(Unit::Millisecond)
        .unwrap_or(chunk.occurred);
    let element = |line: &str| {
        json!({
            "Category": chunk.category,
            "OccurredAt": occurred,
            "MessageText": line,
            "Detail": null,
        })
    };
    chunk.text.lines().map(element).collect()
}
