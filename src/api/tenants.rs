//! What clients ask about tenants beside the records: whether tags match, and variables.
//!
//! Tenants have no variables of their own here. Reading them gives none; writing them is refused, with what to do
//! instead, so that nobody believes in a value that no step gets.

use axum::Json;
use axum::http::Method;
use axum::routing::{get, put};
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use crate::app::ListQuery;
use crate::model::tenant::Tenant;
use crate::plan::tags_match;

pub(super) fn routes(table: Table) -> Table {
    let space = Scope::Space;
    let table = table
        .add(
            Method::GET,
            "/api/tenants/tag-test",
            space,
            "Whether tenants have tags",
            get(tag_test),
        )
        .add(
            Method::GET,
            "/api/tenants/variables-missing",
            space,
            "The variables that tenants lack: tenants have none, so none",
            get(missing),
        );
    let kinds = ["variables", "commonvariables", "projectvariables"];
    kinds.into_iter().fold(table, |table, kind| {
        let path = format!("/api/tenants/{{id}}/{kind}");
        let of_kind = match kind {
            "variables" => get(variables),
            _ => get(variables_of_kind),
        };
        table
            .add(
                Method::GET,
                &path,
                space,
                "The variables of a tenant: there are none",
                of_kind,
            )
            .add(
                Method::PUT,
                &path,
                space,
                "Change the variables of a tenant: refused",
                put(refuse),
            )
            .takes::<Value>()
    })
}

async fn tag_test(context: Context) -> Result<Json<Value>, ApiError> {
    let query = ListQuery {
        ids: context.query.list("tenantIds"),
        ..ListQuery::default()
    };
    let tenants = context
        .app
        .list::<Tenant>(&context.caller, context.space(), query)
        .await?;
    let tags = context.query.list("tags");
    let tested = |tenant: &Tenant| {
        let has = |tag: &&String| {
            let mut own = tenant.tenant_tags.iter();
            own.any(|own| own.eq_ignore_ascii_case(tag))
        };
        let missing: Vec<&String> = tags.iter().filter(|tag| !has(tag)).collect();
        let is_matched = tags_match(&tags, &tenant.tenant_tags);
        let reason = match is_matched {
            true => "It has a tag of each set.",
            false => "It has no tag of one of the sets.",
        };
        json!({ "IsMatched": is_matched, "Reason": reason, "MissingTags": missing })
    };
    let results: Map<String, Value> = tenants
        .items
        .iter()
        .map(|tenant| (tenant.id.clone(), tested(tenant)))
        .collect();
    Ok(Json(Value::Object(results)))
}

async fn missing(context: Context) -> Result<Json<Value>, ApiError> {
    let one = ListQuery {
        take: 1,
        ..ListQuery::default()
    };
    let (caller, space) = (&context.caller, context.space());
    context.app.list::<Tenant>(caller, space, one).await?;
    Ok(Json(json!([])))
}

async fn tenant(context: &Context, id: &str) -> Result<Tenant, ApiError> {
    let (caller, space) = (&context.caller, context.space());
    Ok(context.app.get::<Tenant>(caller, space, id).await?)
}

async fn variables(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let tenant = tenant(&context, &id).await?;
    Ok(Json(json!({
        "TenantId": tenant.id,
        "TenantName": tenant.name,
        "SpaceId": tenant.space_id,
        "LibraryVariables": {},
        "ProjectVariables": {},
    })))
}

async fn variables_of_kind(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let tenant = tenant(&context, &id).await?;
    Ok(Json(
        json!({ "TenantId": tenant.id, "Variables": [], "MissingVariables": [] }),
    ))
}

async fn refuse(
    context: Context,
    Segments(id): Segments<String>,
    Body(_): Body<Value>,
) -> Result<Json<Value>, ApiError> {
    let (caller, space) = (&context.caller, context.space());
    let refused = context
        .app
        .tenant_variables_change(caller, space, &id)
        .await;
    Err(refused.into())
}
