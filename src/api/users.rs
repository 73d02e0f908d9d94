//! What users have beyond the common routes: oneself, and API keys.

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use super::{collection, present};
use crate::model::user::{ApiKey, User};

pub(super) fn routes(table: Table) -> Table {
    let server = Scope::Server;
    let (keys, key) = ("/api/users/{id}/apikeys", "/api/users/{id}/apikeys/{key}");
    table
        .add(Method::GET, "/api/users/me", server, "Who asks", get(me))
        .add(
            Method::GET,
            keys,
            server,
            "The API keys of a user",
            get(list_keys),
        )
        .add(
            Method::POST,
            keys,
            server,
            "Create an API key",
            post(create_key),
        )
        .takes::<KeyCommand>()
        .add(
            Method::DELETE,
            key,
            server,
            "Revoke an API key",
            delete(revoke_key),
        )
}

async fn me(context: Context) -> Json<Value> {
    let user: &User = &context.caller.user;
    let mut value = present::resource(user);
    value["IsRequestor"] = true.into();
    value["CanPasswordBeEdited"] = false.into();
    value["Identities"] = json!([]);
    Json(value)
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
struct KeyCommand {
    purpose: String,
    #[schemars(with = "Option<super::schema::Time>")]
    expires: Option<Timestamp>,
}

fn present_key(key: &ApiKey, secret: Value) -> Value {
    let own = format!("/api/users/{}/apikeys/{}", key.user_id, key.id);
    json!({
        "Id": key.id,
        "UserId": key.user_id,
        "Purpose": key.purpose,
        "Created": key.created_at,
        "Expires": key.expires_at,
        "ApiKey": secret,
        "Links": { "Self": own },
    })
}

/// The beginning of a key, in the form that other sensitive values have.
fn hint(key: &ApiKey) -> Value {
    json!({ "HasValue": true, "NewValue": null, "Hint": key.hint })
}

async fn list_keys(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let keys = context.app.api_keys(&context.caller, &id).await?;
    let bound = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let (skip, take) = (bound(context.query.skip()?), bound(context.query.take()?));
    let part = keys.iter().skip(skip).take(take);
    let items = part.map(|key| present_key(key, hint(key))).collect();
    let base = format!("/api/users/{id}/apikeys");
    collection::page(&base, "ApiKey", &context.query, keys.len() as u64, items).map(Json)
}

async fn create_key(
    context: Context,
    Segments(id): Segments<String>,
    Body(command): Body<KeyCommand>,
) -> Result<Response, ApiError> {
    let KeyCommand { purpose, expires } = command;
    let made = context
        .app
        .api_key_create(&context.caller, &id, &purpose, expires)
        .await?;
    let body = present_key(&made.record, Value::from(made.key.as_str()));
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

async fn revoke_key(
    context: Context,
    Segments((id, key)): Segments<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    context
        .app
        .api_key_revoke(&context.caller, &id, &key)
        .await?;
    Ok(Json(json!({})))
}
