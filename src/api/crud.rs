//! The routes that every configuration resource has, written once.
//!
//! `GET base`, `GET base/all` (a bare array), `POST base` (201), `GET`, `PUT` and `DELETE` of `base/{id}`, where
//! an id may also be a slug or a name.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{Body, Context, Query, Segments};
use super::table::{Scope, Table};
use super::{collection, present};
use crate::app::ListQuery;
use crate::app::resource::Managed;
use crate::model::account::Account;
use crate::model::certificate::Certificate;
use crate::model::channel::Channel;
use crate::model::environment::Environment;
use crate::model::feed::Feed;
use crate::model::lifecycle::Lifecycle;
use crate::model::machine::{MachinePolicy, WorkerPool};
use crate::model::project::{Project, ProjectGroup};
use crate::model::resource::{Kind, KindScope};
use crate::model::runbook::Runbook;
use crate::model::space::Space;
use crate::model::target::DeploymentTarget;
use crate::model::tenant::{TagSet, Tenant};
use crate::model::user::{ScopedUserRole, Team, User};
use crate::model::variable::LibraryVariableSet;
use crate::model::worker::Worker;
use crate::store::{Holding, Parts};

pub(super) fn all(table: Table) -> Table {
    let table = routes::<Space>(table);
    let table = routes::<ProjectGroup>(table);
    let table = routes::<Project>(table);
    let table = routes::<Environment>(table);
    let table = routes::<Lifecycle>(table);
    let table = routes::<Channel>(table);
    let table = routes::<Feed>(table);
    let table = routes::<Tenant>(table);
    let table = routes::<TagSet>(table);
    let table = routes::<LibraryVariableSet>(table);
    let table = routes::<WorkerPool>(table);
    let table = routes::<Worker>(table);
    let table = routes::<MachinePolicy>(table);
    let table = routes::<DeploymentTarget>(table);
    let table = routes::<Account>(table);
    let table = routes::<Certificate>(table);
    let table = routes::<Runbook>(table);
    let table = routes::<User>(table);
    let table = routes::<Team>(table);
    routes::<ScopedUserRole>(table)
}

fn routes<R: Managed + JsonSchema>(table: Table) -> Table {
    let facts = R::KIND.facts();
    let base = format!("/api/{}", present::collection(R::KIND));
    let (every, one) = (format!("{base}/all"), format!("{base}/{{id}}"));
    let scope = match facts.scope {
        KindScope::Space => Scope::Space,
        KindScope::System => Scope::Server,
    };
    let say = |verb: &str| format!("{verb} {}", facts.noun);
    table
        .add(
            Method::GET,
            &base,
            scope,
            &say("A page of every"),
            get(list::<R>),
        )
        .gives_page::<R>()
        .add(
            Method::POST,
            &base,
            scope,
            &say("Create a"),
            post(create::<R>),
        )
        .takes::<R>()
        .gives::<R>()
        .add(
            Method::GET,
            &every,
            scope,
            &say("Every"),
            get(list_all::<R>),
        )
        .gives_array::<R>()
        .add(Method::GET, &one, scope, &say("Read a"), get(read::<R>))
        .gives::<R>()
        .add(Method::PUT, &one, scope, &say("Change a"), put(change::<R>))
        .takes::<R>()
        .gives::<R>()
        .add(
            Method::DELETE,
            &one,
            scope,
            &say("Delete a"),
            delete(remove::<R>),
        )
}

/// Parameters that narrow some lists: the parameter, and the property it is compared with.
const NARROWING: &[(&str, &str)] = &[
    ("feedType", "FeedType"),
    ("clonedFromProjectId", "ClonedFromProjectId"),
    ("clonedFromTenantId", "ClonedFromTenantId"),
    ("contentType", "ContentType"),
    ("accountType", "AccountType"),
];

async fn list<R: Managed>(context: Context) -> Result<Json<Value>, ApiError> {
    let mut query = context.query.listing()?;
    query.properties = narrowing(&context.query);
    query.holding = holding(R::KIND, &context.query);
    page_of::<R>(&context, query).await
}

fn narrowing(query: &Query) -> Vec<(&'static str, Vec<String>)> {
    narrowed(query, NARROWING)
}

/// What tenants are narrowed by: a project that they are connected to, and tags, of which each set that is named must
/// be there with one of those named, as in Octopus.
fn holding(kind: Kind, query: &Query) -> Vec<Holding> {
    if kind != Kind::Tenant {
        return Vec::new();
    }
    let set_of = |tag: &str| tag.split('/').next().unwrap_or_default().to_lowercase();
    let mut sets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for tag in query.list("tags") {
        sets.entry(set_of(&tag)).or_default().push(tag);
    }
    let tags = sets.into_values().map(|values| Holding {
        property: "TenantTags",
        parts: Parts::Items,
        values,
    });
    let project_ids = query.list("projectId");
    let projects = (!project_ids.is_empty()).then_some(Holding {
        property: "ProjectEnvironments",
        parts: Parts::Keys,
        values: project_ids,
    });
    projects.into_iter().chain(tags).collect()
}

/// The properties that parameters of `table` are compared with, for those that the query has.
pub(super) fn narrowed(
    query: &Query,
    table: &[(&str, &'static str)],
) -> Vec<(&'static str, Vec<String>)> {
    let wanted = table
        .iter()
        .map(|(parameter, property)| (*property, query.list(parameter)));
    wanted.filter(|(_, values)| !values.is_empty()).collect()
}

/// A page of those that `query` describes.
pub(super) async fn page_of<R: Managed>(
    context: &Context,
    query: ListQuery,
) -> Result<Json<Value>, ApiError> {
    let listing = context
        .app
        .list::<R>(&context.caller, context.space(), query)
        .await?;
    let items = listing.items.iter().map(present::resource).collect();
    let first = listing
        .items
        .first()
        .and_then(|first| first.header().space_id);
    let space_id = context.space.clone().or(first);
    let base = present::base(R::KIND, space_id.as_deref());
    let item_type = R::KIND.facts().item_type;
    collection::page(&base, item_type, &context.query, listing.total, items).map(Json)
}

async fn list_all<R: Managed>(context: Context) -> Result<Json<Value>, ApiError> {
    let query = ListQuery {
        skip: 0,
        take: u64::MAX,
        properties: narrowing(&context.query),
        holding: holding(R::KIND, &context.query),
        ..context.query.listing()?
    };
    let listing = context
        .app
        .list::<R>(&context.caller, context.space(), query)
        .await?;
    Ok(Json(listing.items.iter().map(present::resource).collect()))
}

async fn create<R: Managed>(context: Context, Body(record): Body<R>) -> Result<Response, ApiError> {
    let made = context
        .app
        .create(&context.caller, context.space(), record)
        .await?;
    Ok((StatusCode::CREATED, Json(present::resource(&made))).into_response())
}

pub(super) async fn read<R: Managed>(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let record = context
        .app
        .get::<R>(&context.caller, context.space(), &id)
        .await?;
    Ok(Json(present::resource(&record)))
}

pub(super) async fn change<R: Managed>(
    context: Context,
    Segments(id): Segments<String>,
    Body(record): Body<R>,
) -> Result<Json<Value>, ApiError> {
    let record = context
        .app
        .update(&context.caller, context.space(), &id, record)
        .await?;
    Ok(Json(present::resource(&record)))
}

pub(super) async fn remove<R: Managed>(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    context
        .app
        .delete::<R>(&context.caller, context.space(), &id)
        .await?;
    Ok(Json(json!({})))
}
