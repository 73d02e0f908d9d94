//! The description of the API, OpenAPI 3.1, made from the table of routes: a route can't be left out.

use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use super::schema::Schemas;
use super::table::{Operation, Scope, Takes};
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
    let query = operation.needs.map(query_parameter);
    let parameters: Vec<Value> = names.map(parameter).chain(query).collect();
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
        described["requestBody"] = body(&operation.takes);
    }
    if operation.scope != Scope::Anonymous {
        described["security"] = json!([{ "ApiKey": [] }, { "Bearer": [] }]);
    }
    described
}

fn body(takes: &Takes) -> Value {
    let (is_required, kind, schema) = match takes {
        Takes::Anything => (false, "application/json", json!({})),
        Takes::Json(schema) => (true, "application/json", schema.clone()),
        Takes::Bytes => (false, "application/octet-stream", json!({})),
        Takes::File => (
            true,
            "multipart/form-data",
            json!({
                "type": "object",
                "required": ["file"],
                "properties": { "file": { "type": "string", "format": "binary" } },
                // They are parts of headers.
                "propertyNames": { "pattern": "^[A-Za-z0-9_.-]+$" },
            }),
        ),
    };
    json!({ "required": is_required, "content": { kind: { "schema": schema } } })
}

fn query_parameter(name: &str) -> Value {
    let schema = json!({ "type": "string", "pattern": "[^,\\s]" });
    json!({ "name": name, "in": "query", "required": true, "schema": schema })
}

fn parameter(name: &str) -> Value {
    let schema = match name {
        "spaceId" => json!({ "type": "string", "pattern": "^Spaces-[0-9]+$" }),
        // Of a policy: everything else goes by its id.
        "name" => json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,100}$" }),
        _ => json!({ "type": "string", "minLength": 1 }),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn operation_id(operation: &Operation, path: &str) -> String {
    let words = path.split(['/', '{', '}']).filter(|word| !word.is_empty());
    let method = operation.method.as_str().to_ascii_lowercase();
    words.fold(method, |id, word| id + "_" + word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::names;

    fn check(schema: &Value, unknown: &mut Vec<String>) {
        match schema {
            Value::Object(parts) => {
                if let Some(Value::Object(properties)) = parts.get("properties") {
                    let known = |name: &&String| names::known(name) != Some(name.as_str());
                    unknown.extend(properties.keys().filter(known).cloned());
                }
                parts.values().for_each(|part| check(part, unknown));
            }
            Value::Array(items) => items.iter().for_each(|item| check(item, unknown)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Else it would be matched in one spelling only, and its `null` wouldn't be the same as nothing.
    #[test]
    fn every_property_of_a_body_is_among_the_known_names() {
        let schemas = crate::api::operations().schemas.all();
        assert!(schemas.len() > 30, "{} schemas", schemas.len());
        let mut unknown = Vec::new();
        schemas
            .values()
            .for_each(|schema| check(schema, &mut unknown));
        unknown.sort();
        unknown.dedup();
        assert_eq!(unknown, [""; 0], "add them to model/names.rs");
    }
}
