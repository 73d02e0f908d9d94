//! The audit trail, the newest first.

use axum::Json;
use axum::http::Method;
use axum::routing::get;
use serde_json::{Value, json};

use super::collection;
use super::error::ApiError;
use super::request::{Context, Segments};
use super::table::{Scope, Table};
use crate::app;
use crate::store::{EventFilter, NumberedEvent};

pub(super) fn routes(table: Table) -> Table {
    let server = Scope::Server;
    table
        .add(
            Method::GET,
            "/api/events",
            server,
            "A page of the audit trail",
            get(list),
        )
        .add(
            Method::GET,
            "/api/events/{id}",
            server,
            "Read an event",
            get(read),
        )
}

fn present(numbered: &NumberedEvent) -> Value {
    let NumberedEvent { number, event } = numbered;
    json!({
        "Id": format!("Events-{number}"),
        "Category": event.category,
        "SpaceId": event.space_id,
        "UserId": event.user_id,
        "Username": event.username,
        "IdentityEstablishedWith": event.identity,
        "UserAgent": event.user_agent,
        "IpAddress": event.ip_address,
        "Occurred": event.occurred_at,
        "Message": event.message,
        "RelatedDocumentIds": event.related_ids,
        "Links": { "Self": format!("/api/events/Events-{number}") },
    })
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let filter = EventFilter {
        regarding: context.query.text("regarding").map(str::to_owned),
        skip: context.query.skip()?,
        take: context.query.take()?,
        ..EventFilter::default()
    };
    let (total, events) = context
        .app
        .events(&context.caller, context.space(), filter)
        .await?;
    let items = events.iter().map(present).collect();
    collection::page("/api/events", "Event", &context.query, total, items).map(Json)
}

async fn read(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let number = id.rsplit('-').next().and_then(|number| number.parse().ok());
    let filter = EventFilter {
        // No event has a number below 1.
        number: Some(number.unwrap_or(0)),
        take: 1,
        ..EventFilter::default()
    };
    let (_, events) = context
        .app
        .events(&context.caller, context.space(), filter)
        .await?;
    let event = events
        .first()
        .ok_or(app::Error::NotFound { noun: "event", id })?;
    Ok(Json(present(event)))
}
