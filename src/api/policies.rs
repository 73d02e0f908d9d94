//! Policies: the files that say what scripts may touch.

use axum::Json;
use axum::http::Method;
use axum::routing::{delete, get, put};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use crate::app::policies::PolicyFile;

pub(super) fn routes(table: Table) -> Table {
    let (server, one) = (Scope::Server, "/api/policies/{name}");
    table
        .add(
            Method::GET,
            "/api/policies",
            server,
            "Every policy, and what is wrong with the files, if anything is",
            get(list),
        )
        .add(Method::GET, one, server, "Read a policy", get(read))
        .add(
            Method::PUT,
            one,
            server,
            "Write a policy; `ceiling` is what none may exceed",
            put(write),
        )
        .takes::<Write>()
        .add(
            Method::DELETE,
            one,
            server,
            "Delete a policy's file",
            delete(remove),
        )
}

fn present(policy: &PolicyFile) -> Value {
    let PolicyFile {
        name,
        file,
        digest,
        text,
    } = policy;
    json!({ "Name": name, "File": file, "Digest": digest, "Text": text })
}

async fn list(context: Context) -> Result<Json<Value>, ApiError> {
    let (policies, problem) = context.app.policies_list(&context.caller)?;
    let items: Vec<Value> = policies.iter().map(present).collect();
    Ok(Json(json!({ "Items": items, "Problem": problem })))
}

async fn read(context: Context, Segments(name): Segments<String>) -> Result<Json<Value>, ApiError> {
    let policy = context.app.policy_get(&context.caller, &name)?;
    Ok(Json(present(&policy)))
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
struct Write {
    text: String,
}

async fn write(
    context: Context,
    Segments(name): Segments<String>,
    Body(body): Body<Write>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller) = (&context.app, &context.caller);
    app.policy_change(caller, &name, Some(body.text)).await?;
    Ok(Json(present(&app.policy_get(caller, &name)?)))
}

async fn remove(
    context: Context,
    Segments(name): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    context
        .app
        .policy_change(&context.caller, &name, None)
        .await?;
    Ok(Json(json!({})))
}
