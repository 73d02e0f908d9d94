//! Interruptions: what a task asks, who will answer, and the answer.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::Method;
use axum::routing::{get, post, put};
use serde_json::{Value, json};

use super::collection;
use super::error::ApiError;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use crate::app::interruption::Asked;
use crate::model::interruption::{Interruption, Question};
use crate::store::{InterruptionFilter, Page};

pub(super) fn routes(table: Table) -> Table {
    let (get_, server) = (Method::GET, Scope::Server);
    let responsible = "/api/interruptions/{id}/responsible";
    table
        .add(
            get_.clone(),
            "/api/interruptions",
            server,
            "A page of every interruption, the newest first",
            get(list),
        )
        .add(
            get_.clone(),
            "/api/interruptions/{id}",
            server,
            "Read an interruption",
            get(read),
        )
        .add(
            get_,
            responsible,
            server,
            "Who answers an interruption",
            get(responsible_user),
        )
        .add(
            Method::PUT,
            responsible,
            server,
            "Say that you will answer an interruption",
            put(take),
        )
        .add(
            Method::POST,
            "/api/interruptions/{id}/submit",
            server,
            "Answer an interruption",
            post(submit),
        )
        .takes::<BTreeMap<String, Value>>()
}

fn present(asked: &Asked) -> Value {
    let Interruption {
        id,
        space_id,
        task_id,
        job_index,
        kind,
        title,
        instructions,
        responsible_team_ids,
        responsible_user_id,
        created,
        answer,
        notes,
    } = &asked.interruption;
    let own = format!("/api/{space_id}/interruptions/{id}");
    json!({
        "Id": id,
        "SpaceId": space_id,
        "Title": title,
        "Type": kind.as_str(),
        "Created": created,
        "IsPending": answer.is_none(),
        "Form": form(*kind, instructions, notes, answer.map(|answer| answer.as_str())),
        "RelatedDocumentIds": [task_id],
        "ResponsibleTeamIds": responsible_team_ids,
        "ResponsibleUserId": responsible_user_id,
        "CanTakeResponsibility": asked.can_take_responsibility,
        "HasResponsibility": asked.has_responsibility,
        "TaskId": task_id,
        "CorrelationId": format!("{task_id}/{job_index}"),
        "IsLinkedToOtherInterruption": false,
        "Links": {
            "Self": own,
            "Submit": format!("{own}/submit"),
            "Responsible": format!("{own}/responsible"),
        },
    })
}

/// The name of the value that holds the answer.
fn field(kind: Question) -> &'static str {
    match kind {
        Question::ManualIntervention => "Result",
        Question::GuidedFailure => "Guidance",
    }
}

fn form(kind: Question, instructions: &str, notes: &str, answer: Option<&str>) -> Value {
    let buttons: Vec<Value> = kind
        .answers()
        .iter()
        .map(|answer| json!({ "Text": answer.as_str(), "Value": answer.as_str(), "RequiresConfirmation": false }))
        .collect();
    let name = field(kind);
    json!({
        "Values": { "Instructions": instructions, "Notes": notes, name: answer },
        "Elements": [
            {
                "Name": "Instructions",
                "Control": { "Type": "Paragraph", "Text": instructions, "ResolveLinks": false },
                "IsValueRequired": false,
            },
            {
                "Name": "Notes",
                "Control": { "Type": "TextArea", "Label": "Notes" },
                "IsValueRequired": false,
            },
            {
                "Name": name,
                "Control": { "Type": "SubmitButtonGroup", "Buttons": buttons },
                "IsValueRequired": true,
            },
        ],
    })
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let query = &context.query;
    let is_true = |name: &str| {
        query
            .text(name)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    };
    let filter = InterruptionFilter {
        task_id: query.text("regarding").map(str::to_owned),
        ids: Some(query.list("ids")).filter(|ids| !ids.is_empty()),
        is_pending: is_true("pendingOnly").then_some(true),
        ..InterruptionFilter::default()
    };
    let page = Page {
        skip: query.skip()?,
        take: query.take()?,
    };
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let (total, asked) = app.interruptions(caller, space, filter, page).await?;
    let items = asked.iter().map(present).collect();
    let base = match space {
        Some(space) => format!("/api/{space}/interruptions"),
        None => "/api/interruptions".to_owned(),
    };
    collection::page(&base, "Interruption", query, total, items).map(Json)
}

async fn read(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let asked = app.interruption(caller, space, &id).await?;
    Ok(Json(present(&asked)))
}

async fn responsible_user(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let asked = app.interruption(caller, space, &id).await?;
    let Some(user_id) = asked.interruption.responsible_user_id else {
        return Ok(Json(Value::Null));
    };
    let user: crate::model::user::User = app.get(caller, None, &user_id).await?;
    Ok(Json(super::present::resource(&user)))
}

async fn take(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    app.interruption_take(caller, space, &id).await?;
    Ok(Json(super::present::resource(caller.user.as_ref())))
}

async fn submit(
    context: Context,
    Segments(id): Segments<String>,
    Body(values): Body<BTreeMap<String, Value>>,
) -> Result<Json<Value>, ApiError> {
    let text = |name: &str| {
        let found = values
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str())
    };
    let answer = text("Result").or_else(|| text("Guidance"));
    let answer = answer.ok_or_else(|| {
        crate::app::Error::invalid(
            "It needs `Result` (for a manual intervention) or `Guidance` (for a guided failure).",
        )
    })?;
    let notes = text("Notes").unwrap_or_default();
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let asked = app
        .interruption_submit(caller, space, &id, answer, notes)
        .await?;
    Ok(Json(present(&asked)))
}
