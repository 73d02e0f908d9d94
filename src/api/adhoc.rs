//! Tasks that belong to no project: asked for, run again, and what a task waits for.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::collection;
use super::error::ApiError;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use super::tasks::present;
use crate::app::Error;
use crate::app::adhoc::AdHoc;
use crate::model::machine::time_span;
use crate::plan::CheckTime;

pub(super) fn routes(table: Table) -> Table {
    let server = Scope::Server;
    table
        .add(
            Method::POST,
            "/api/tasks",
            server,
            "Start a task that belongs to no project: AdHocScript, Health or TestEmail",
            post(create),
        )
        .takes::<Create>()
        .add(
            Method::POST,
            "/api/tasks/rerun/{id}",
            server,
            "Do again what such a task did",
            post(rerun),
        )
        .add(
            Method::GET,
            "/api/tasks/{id}/queued-behind",
            server,
            "The tasks that a task waits for",
            get(queued_behind),
        )
        .add(
            Method::GET,
            "/api/tasks/tasktypes",
            server,
            "The kinds of tasks",
            get(kinds),
        )
}

/// Octopus's task, as clients create it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[schemars(rename = "NewTask")]
#[serde(rename_all = "PascalCase", default)]
struct Create {
    name: String,
    description: Option<String>,
    space_id: Option<String>,
    arguments: Map<String, Value>,
}

impl Create {
    fn text(&self, name: &str) -> Option<&str> {
        self.argument(name).and_then(Value::as_str)
    }

    fn argument(&self, name: &str) -> Option<&Value> {
        let mut arguments = self.arguments.iter();
        let found = arguments.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    /// A time span; none if it isn't given, or zero.
    fn seconds(&self, name: &str) -> Result<Option<u32>, Error> {
        let Some(text) = self.text(name).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let span = time_span(&format!("Arguments.{name}"), text).map_err(Error::invalid)?;
        let seconds = u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        Ok(Some(seconds).filter(|seconds| *seconds > 0))
    }

    /// The one pool that is named.
    fn pool(&self) -> Result<String, Error> {
        let named = self.argument("WorkerPoolIds").and_then(Value::as_array);
        let mut named = named.into_iter().flatten().filter_map(Value::as_str);
        match (named.next(), named.next()) {
            (Some(one), None) => Ok(one.to_owned()),
            _ => Err(Error::invalid(
                "Arguments.WorkerPoolIds names one pool, by id or name.",
            )),
        }
    }

    /// # Errors
    /// [`Error::Invalid`] for what this server doesn't do.
    fn asked(&self) -> Result<AdHoc, Error> {
        let bad = |problem: String| Err(Error::invalid(problem));
        let required = |name: &str| {
            let text = self.text(name).filter(|text| !text.trim().is_empty());
            text.map(str::to_owned)
                .ok_or_else(|| Error::invalid(format!("Arguments.{name} is missing.")))
        };
        match self.name.to_ascii_lowercase().as_str() {
            "adhocscript" => {
                let place = self.text("TargetType").unwrap_or("OctopusServer");
                let pool = match place.to_ascii_lowercase().as_str() {
                    "octopusserver" => None,
                    "workerpools" => Some(self.pool()?),
                    _ => {
                        return bad(format!(
                            "Arguments.TargetType is `{place}`: scripts run on the server, `OctopusServer`, or on a worker of a pool, `WorkerPools`."
                        ));
                    }
                };
                let properties = self.argument("Properties");
                let policy = properties.and_then(|properties| properties.get("Seawall.Policy"));
                Ok(AdHoc::Script {
                    syntax: required("Syntax")?,
                    body: required("ScriptBody")?,
                    policy: policy.and_then(Value::as_str).map(str::to_owned),
                    pool,
                })
            }
            "health" => {
                // Octopus's clients name workers among the machines, or a pool of them.
                let ids = self.argument("MachineIds").and_then(Value::as_array);
                let ids = ids.into_iter().flatten().filter_map(Value::as_str);
                Ok(AdHoc::Health {
                    machines: ids.map(str::to_owned).collect(),
                    environment: self.text("EnvironmentId").map(str::to_owned),
                    pool: self.text("WorkerpoolId").map(str::to_owned),
                    time: CheckTime {
                        whole: self.seconds("Timeout")?,
                        machine: self.seconds("MachineTimeout")?,
                    },
                })
            }
            "testemail" => Ok(AdHoc::TestEmail {
                address: required("EmailAddress")?,
            }),
            _ => bad(format!(
                "Name is `{}`: it is AdHocScript, Health or TestEmail; deployments and runs of runbooks have routes of their own.",
                self.name
            )),
        }
    }
}

async fn create(context: Context, Body(body): Body<Create>) -> Result<Response, ApiError> {
    let asked = body.asked()?;
    let (app, caller) = (&context.app, &context.caller);
    let named = body.space_id.as_deref().filter(|id| !id.is_empty());
    let space = context.space().or(named);
    let task = app
        .task_create(caller, space, &asked, body.description)
        .await?;
    Ok((StatusCode::CREATED, Json(present(&task, app.now()))).into_response())
}

async fn rerun(context: Context, Segments(id): Segments<String>) -> Result<Response, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let task = app.task_rerun(caller, space, &id).await?;
    Ok((StatusCode::CREATED, Json(present(&task, app.now()))).into_response())
}

async fn queued_behind(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let tasks = app.tasks_before(caller, space, &id).await?;
    let now = app.now();
    let items: Vec<Value> = tasks.iter().map(|task| present(task, now)).collect();
    let base = format!("/api/tasks/{id}/queued-behind");
    let total = items.len() as u64;
    collection::page(&base, "Task", &context.query, total, items).map(Json)
}

async fn kinds(_context: Context) -> Json<Value> {
    let kinds = [
        ("Deploy", "Deploy"),
        ("RunbookRun", "Run a runbook"),
        ("AdHocScript", "Run a script"),
        ("Health", "Health check"),
        ("TestEmail", "Send a test e-mail"),
    ];
    let kinds = kinds.map(|(id, name)| json!({ "Id": id, "Name": name }));
    Json(kinds.to_vec().into())
}
