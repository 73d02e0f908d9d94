//! Logs of tasks: as text, by a cursor that can wait, and as server-sent events.
//!
//! The cursor is the number of the last chunk that a client has. Numbers only grow, so that a client that was
//! away asks for what follows the one it has, and misses nothing.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, Method, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::Stream;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::error::ApiError;
use super::request::{Context, Segments};
use super::table::{Scope, Table};
use super::tasks::present;
use crate::app::task::{MAX_CHUNKS, TaskDetails};
use crate::bus::Listener;
use crate::model::task::Task;
use crate::store::NumberedChunk;

/// The category of chunks that say how far a step is.
pub(super) const PROGRESS: &str = "Progress";

/// A client that waits for more asks again after this, so that dead connections are noticed.
const MAX_WAIT_S: u64 = 60;

pub(super) fn routes(table: Table) -> Table {
    let (get_, server) = (Method::GET, Scope::Server);
    table
        .add(
            get_.clone(),
            "/api/tasks/{id}/raw",
            server,
            "The whole log of a task, as text",
            get(raw),
        )
        .add(
            get_.clone(),
            "/api/tasks/{id}/log",
            server,
            "The log of a task after a cursor; `wait` is how many seconds to wait for more",
            get(after),
        )
        .add(
            get_,
            "/api/tasks/{id}/log/stream",
            server,
            "The log of a task as server-sent events, until the task is over",
            get(stream),
        )
}

async fn raw(context: Context, Segments(id): Segments<String>) -> Result<Response, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let details = app.task_details(caller, space, &id).await?;
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((kind, text(&details)).into_response())
}

/// Steps in the order of the plan, each with its lines.
fn text(details: &TaskDetails) -> String {
    let task = &details.task;
    let mut text = format!("Task ID: {}\nTask: {}\n", task.id, task.description);
    lines(&mut text, details, None);
    for (index, entry) in details.plan.entries.iter().enumerate() {
        let state = details.jobs.get(index).map(|job| job.state.as_str());
        writeln!(
            text,
            "\n== {}: Step {}: {} ==",
            state.unwrap_or_default(),
            entry.step_number,
            entry.title()
        )
        .ok();
        lines(&mut text, details, u32::try_from(index).ok());
    }
    if !task.error_message.is_empty() {
        writeln!(text, "\n{}", task.error_message).ok();
    }
    writeln!(text, "\nThe task is {}.", task.state.as_str()).ok();
    text
}

fn lines(text: &mut String, details: &TaskDetails, index: Option<u32>) {
    let own = details.log.iter().map(|one| &one.chunk);
    for chunk in own.filter(|chunk| chunk.index == index && chunk.category != PROGRESS) {
        let time = chunk.occurred.strftime("%H:%M:%S");
        for line in chunk.text.lines() {
            writeln!(text, "{time}   {:<9}|   {line}", chunk.category).ok();
        }
    }
}

fn chunk(one: &NumberedChunk) -> Value {
    let chunk = &one.chunk;
    json!({
        "Number": one.number,
        "Index": chunk.index,
        "Attempt": chunk.attempt,
        "Category": chunk.category,
        "OccurredAt": chunk.occurred,
        "MessageText": chunk.text,
    })
}

async fn after(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let cursor = context.query.number("after")?.unwrap_or(0);
    let wait = context.query.number("wait")?.unwrap_or(0).min(MAX_WAIT_S);
    let cursor = i64::try_from(cursor).unwrap_or(i64::MAX);
    let until = Instant::now() + Duration::from_secs(wait);
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let mut listener = app.logs().listen(&app.task(caller, space, &id).await?.id);
    loop {
        let (task, chunks) = app.task_log(caller, space, &id, cursor).await?;
        let is_late = Instant::now() >= until;
        if !chunks.is_empty() || task.state.is_final() || is_late {
            return Ok(Json(json!({
                "Items": chunks.iter().map(chunk).collect::<Vec<_>>(),
                "Next": chunks.last().map_or(cursor, |last| last.number),
                "IsCompleted": is_last(&task, &chunks),
                "Task": present(&task, app.now()),
            })));
        }
        tokio::time::timeout_at(until, listener.woken()).await.ok();
    }
}

/// Whether nothing follows: the task was over before the chunks were read, and they aren't a full page.
fn is_last(task: &Task, chunks: &[NumberedChunk]) -> bool {
    task.state.is_final() && chunks.len() < MAX_CHUNKS as usize
}

async fn stream(
    context: Context,
    headers: HeaderMap,
    Segments(id): Segments<String>,
) -> Result<Response, ApiError> {
    // A browser that lost its connection says where it was.
    let last = headers
        .get("Last-Event-ID")
        .and_then(|last| last.to_str().ok())
        .and_then(|last| last.parse().ok());
    let asked = context.query.number("after")?;
    let asked = asked.and_then(|number| i64::try_from(number).ok());
    let cursor = last.or(asked).unwrap_or(0);
    let task = context
        .app
        .task(&context.caller, context.space(), &id)
        .await?;
    let follower = Follower {
        listener: context.app.logs().listen(&task.id),
        context,
        id: task.id,
        cursor,
        ready: VecDeque::new(),
        is_over: false,
    };
    Ok(Sse::new(follower.events())
        .keep_alive(KeepAlive::default())
        .into_response())
}

/// Somebody who reads a log as it grows.
struct Follower {
    context: Context,
    listener: Listener,
    id: String,
    cursor: i64,
    ready: VecDeque<Event>,
    is_over: bool,
}

impl Follower {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        futures::stream::unfold(self, |mut follower| async move {
            let event = follower.next().await?;
            Some((Ok(event), follower))
        })
    }

    /// The next event; `None` after the last one.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.is_over {
                return None;
            }
            if self.read().await.is_err() {
                // The client asks again from where it is, and learns why.
                return None;
            }
            if self.ready.is_empty() && !self.listener.woken().await {
                return None;
            }
        }
    }

    async fn read(&mut self) -> Result<(), ApiError> {
        let (app, caller, space) = (
            &self.context.app,
            &self.context.caller,
            self.context.space(),
        );
        let (task, chunks) = app.task_log(caller, space, &self.id, self.cursor).await?;
        for one in &chunks {
            let event = Event::default().event("log").id(one.number.to_string());
            self.ready.push_back(event.data(chunk(one).to_string()));
        }
        if let Some(last) = chunks.last() {
            self.cursor = last.number;
        }
        if is_last(&task, &chunks) {
            let event = Event::default().event("end");
            let task = present(&task, app.now()).to_string();
            self.ready.push_back(event.data(task));
            self.is_over = true;
        }
        Ok(())
    }
}
