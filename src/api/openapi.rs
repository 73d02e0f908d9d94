//! The description of the API, OpenAPI 3.1, made from the table of routes: a route can't be left out.

use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::schema::Schemas;
use super::table::{Operation, Scope};
use crate::app::App;

pub(super) fn route(operations: &[Operation], schemas: Schemas) -> Router<App> {
    let document = Arc::new(describe(operations, schemas));
    Router::new().route(
        "/api/openapi.json",
        get(async move || Json((*document).clone())),
    )
}

fn describe(operations: &[Operation], schemas: Schemas) -> Value {
    let mut schemas = schemas.all();
    schemas.insert("Error".to_owned(), error());
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        for path in forms(operation) {
            let method = operation.method.as_str().to_ascii_lowercase();
            let entry = paths.entry(path.clone()).or_insert_with(|| json!({}));
            entry[&method] = describe_one(operation, &path);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Seawall",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Octopus Deploy's REST API as Seawall has it.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "ApiKey": { "type": "apiKey", "in": "header", "name": "X-Octopus-ApiKey" },
                "Bearer": { "type": "http", "scheme": "bearer" },
            },
            "schemas": schemas,
        },
    })
}

/// Octopus's shape.
fn error() -> Value {
    json!({
        "type": "object",
        "required": ["ErrorMessage", "Errors"],
        "properties": {
            "ErrorMessage": { "type": "string" },
            "Errors": { "type": "array", "items": { "type": "string" } },
        },
    })
}

/// The path without a space, and with one.
fn forms(operation: &Operation) -> Vec<String> {
    let plain = operation.path.clone();
    match operation.scope {
        Scope::Anonymous | Scope::Server => vec![plain],
        Scope::Space if plain == super::prefix::SPACE_HOME => vec!["/api/{spaceId}".to_owned()],
        Scope::Space => {
            let rest = plain.strip_prefix("/api").unwrap_or(&plain);
            vec![format!("/api/{{spaceId}}{rest}"), plain]
        }
    }
}

fn describe_one(operation: &Operation, path: &str) -> Value {
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters: Vec<Value> = names.map(parameter).collect();
    let ok = match operation.method.as_str() {
        // 201 for what is new, 200 for what was there or only done.
        "POST" => "2XX",
        _ => "200",
    };
    let refused = json!({
        "description": "Refused.",
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
    });
    let mut done = json!({ "description": "Done." });
    if let Some(schema) = &operation.gives {
        done["content"] = json!({ "application/json": { "schema": schema } });
    }
    let mut described = json!({
        "summary": operation.summary,
        "operationId": operation_id(operation, path),
        "parameters": parameters,
        "responses": { ok: done, "4XX": refused.clone(), "507": refused },
    });
    if matches!(operation.method.as_str(), "POST" | "PUT") {
        described["requestBody"] = json!({
            "required": operation.takes.is_some(),
            "content": { "application/json": { "schema": operation.takes.clone().unwrap_or(json!({})) } },
        });
    }
    if operation.scope != Scope::Anonymous {
        described["security"] = json!([{ "ApiKey": [] }, { "Bearer": [] }]);
    }
    described
}

fn parameter(name: &str) -> Value {
    let schema = match name {
        "spaceId" => json!({ "type": "string", "pattern": "^Spaces-[0-9]+$" }),
        _ => json!({ "type": "string", "minLength": 1 }),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn operation_id(operation: &Operation, path: &str) -> String {
    let words = path.split(['/', '{', '}']).filter(|word| !word.is_empty());
    let method = operation.method.as_str().to_ascii_lowercase();
    words.fold(method, |id, word| id + "_" + word)
}
