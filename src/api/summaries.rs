//! Overviews that clients show: environments and pools with their machines, what a user may do, which variables exist.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::http::Method;
use axum::routing::{get, put};
use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::present;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use crate::app::ListQuery;
use crate::model::access::Permission;
use crate::model::environment::Environment;
use crate::model::health::HealthStatus;
use crate::model::lifecycle::{Lifecycle, Phase};
use crate::model::machine::WorkerPool;
use crate::model::resource::KindScope;
use crate::model::space::Space;
use crate::model::target::DeploymentTarget;
use crate::model::user::{Team, User};
use crate::model::variable::{Variable, VariableSet};
use crate::model::worker::Worker;

pub(super) fn routes(table: Table) -> Table {
    let (get_, space, server) = (Method::GET, Scope::Space, Scope::Server);
    table
        .add(
            get_.clone(),
            "/api/environments/summary",
            space,
            "Environments with their deployment targets counted",
            get(environments),
        )
        .add(
            get_.clone(),
            "/api/workerpools/summary",
            space,
            "Worker pools with their workers counted",
            get(pools),
        )
        .add(
            Method::PUT,
            "/api/workerpools/sortorder",
            space,
            "Put the worker pools into an order",
            put(sort_pools),
        )
        .takes::<Vec<String>>()
        .add(
            get_.clone(),
            "/api/lifecycles/{id}/preview",
            space,
            "A lifecycle with the phases that it has when it names none",
            get(lifecycle),
        )
        .add(
            get_.clone(),
            "/api/variables/names",
            space,
            "The names of all variables of a project",
            get(names),
        )
        .add(
            get_.clone(),
            "/api/variables/preview",
            space,
            "The variables that a step of a project gets somewhere",
            get(preview),
        )
        .add(
            get_.clone(),
            "/api/users/{id}/permissions",
            server,
            "What a user may do, and where",
            get(permissions),
        )
        .add(
            get_.clone(),
            "/api/users/{id}/spaces",
            server,
            "The spaces that a user may enter",
            get(spaces),
        )
        .add(
            get_,
            "/api/users/{id}/teams",
            server,
            "The teams that a user is in",
            get(teams),
        )
}

/// Machines by health, as every summary shows them.
#[derive(Default)]
struct Counts {
    by_health: BTreeMap<&'static str, usize>,
    n_all: usize,
    n_disabled: usize,
}

impl Counts {
    fn add(&mut self, health: HealthStatus, is_disabled: bool) {
        let name = match health {
            HealthStatus::HasWarnings => "HasWarnings",
            HealthStatus::Healthy => "Healthy",
            HealthStatus::Unavailable => "Unavailable",
            HealthStatus::Unhealthy => "Unhealthy",
            HealthStatus::Unknown => "Unknown",
        };
        *self.by_health.entry(name).or_default() += 1;
        self.n_all += 1;
        self.n_disabled += usize::from(is_disabled);
    }

    fn shown(&self, kind: &str) -> Value {
        json!({
            format!("Total{kind}"): self.n_all,
            format!("TotalDisabled{kind}"): self.n_disabled,
            format!("{}HealthStatusSummaries", kind.trim_end_matches('s')): self.by_health,
        })
    }
}

fn merged(left: Value, right: Value) -> Value {
    let mut all = Map::new();
    for value in [left, right] {
        if let Value::Object(properties) = value {
            all.extend(properties);
        }
    }
    all.into()
}

async fn every<R: crate::app::resource::Managed>(context: &Context) -> Result<Vec<R>, ApiError> {
    let query = ListQuery {
        ids: context.query.list("ids"),
        partial_name: context.query.text("partialName").map(str::to_owned),
        ..ListQuery::default()
    };
    let space = match R::KIND.facts().scope {
        KindScope::Space => context.space(),
        KindScope::System => None,
    };
    let listing = context.app.list::<R>(&context.caller, space, query).await?;
    Ok(listing.items)
}

async fn all_targets(context: &Context) -> Result<Vec<DeploymentTarget>, ApiError> {
    let (app, caller) = (&context.app, &context.caller);
    let listing = app
        .list::<DeploymentTarget>(caller, context.space(), ListQuery::default())
        .await?;
    Ok(listing.items)
}

async fn environments(context: Context) -> Result<Json<Value>, ApiError> {
    let targets = all_targets(&context).await?;
    let mut all = Counts::default();
    let mut summaries = Vec::new();
    for environment in every::<Environment>(&context).await? {
        let mut counts = Counts::default();
        let here = targets
            .iter()
            .filter(|target| target.environment_ids.contains(&environment.id));
        for target in here {
            counts.add(target.health_status, target.is_disabled);
            all.add(target.health_status, target.is_disabled);
        }
        let environment = json!({ "Environment": present::resource(&environment) });
        summaries.push(merged(environment, counts.shown("Machines")));
    }
    let summaries = json!({ "EnvironmentSummaries": summaries });
    Ok(Json(merged(summaries, all.shown("Machines"))))
}

async fn pools(context: Context) -> Result<Json<Value>, ApiError> {
    let (app, caller) = (&context.app, &context.caller);
    let workers = app
        .list::<Worker>(caller, context.space(), ListQuery::default())
        .await?
        .items;
    let mut all = Counts::default();
    let mut summaries = Vec::new();
    for pool in every::<WorkerPool>(&context).await? {
        let mut counts = Counts::default();
        for worker in workers
            .iter()
            .filter(|worker| worker.worker_pool_ids.contains(&pool.id))
        {
            counts.add(worker.health_status, worker.is_disabled);
            all.add(worker.health_status, worker.is_disabled);
        }
        let pool = json!({ "WorkerPool": present::resource(&pool) });
        summaries.push(merged(pool, counts.shown("Workers")));
    }
    let summaries = json!({ "WorkerPoolSummaries": summaries });
    Ok(Json(merged(summaries, all.shown("Workers"))))
}

async fn sort_pools(
    context: Context,
    Body(ids): Body<Vec<String>>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller) = (&context.app, &context.caller);
    app.worker_pools_sort(caller, context.space(), &ids).await?;
    Ok(Json(json!({})))
}

async fn lifecycle(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let mut lifecycle: Lifecycle = app.get(caller, space, &id).await?;
    if lifecycle.phases.is_empty() {
        let all = app
            .list::<Environment>(caller, space, ListQuery::default())
            .await?;
        let phase = |environment: Environment| Phase {
            name: environment.name,
            optional_deployment_targets: vec![environment.id],
            ..Phase::default()
        };
        lifecycle.phases = all.items.into_iter().map(phase).collect();
    }
    Ok(Json(present::resource(&lifecycle)))
}

async fn names(context: Context) -> Result<Json<Vec<String>>, ApiError> {
    let variables = variables(&context).await?;
    let names: BTreeSet<String> = variables.into_iter().map(|one| one.name).collect();
    Ok(Json(names.into_iter().collect()))
}

async fn preview(context: Context) -> Result<Json<Value>, ApiError> {
    let text = |name: &str| context.query.text(name).unwrap_or_default();
    let variables = variables(&context).await?;
    let roles = context.query.list("role");
    let scope = crate::plan::Context {
        environment_id: text("environment"),
        channel_id: text("channel"),
        action_id: text("action"),
        process_owner_id: text("runbook"),
        tenant_tags: &[],
        machine_id: text("machine"),
        roles: &roles,
        targeted_roles: &roles,
    };
    let resolved = crate::plan::resolve(&variables, &scope);
    let shown: Vec<Value> = resolved
        .into_iter()
        .map(|index| present::plain(&variables[index]))
        .collect();
    Ok(Json(json!({ "Variables": shown })))
}

/// Those of a project; without one, all that the caller may see.
async fn variables(context: &Context) -> Result<Vec<Variable>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    if let Some(project) = context.query.text("project") {
        return Ok(app.project_variables(caller, space, project).await?);
    }
    let sets = app
        .list::<VariableSet>(caller, space, ListQuery::default())
        .await?;
    let sets = sets.items.into_iter();
    Ok(sets.flat_map(|set| set.variables).collect())
}

async fn user(context: &Context, id: &str) -> Result<User, ApiError> {
    let caller = &context.caller;
    let is_own = caller.user.id.eq_ignore_ascii_case(id) || id.eq_ignore_ascii_case("me");
    match is_own {
        true => Ok((*caller.user).clone()),
        false => Ok(context.app.get::<User>(caller, None, id).await?),
    }
}

async fn permissions(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let user = user(&context, &id).await?;
    let access = context.app.access_of(&user).await?;
    let mut granted: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for permission in Permission::ALL {
        for reach in access.reach(*permission) {
            granted
                .entry(format!("{permission:?}"))
                .or_default()
                .push(json!({
                    "SpaceId": reach.space_id,
                    "RestrictedToProjectIds": reach.project_ids,
                    "RestrictedToEnvironmentIds": reach.environment_ids,
                    "RestrictedToTenantIds": [],
                    "RestrictedToProjectGroupIds": [],
                }));
        }
    }
    let own = format!("/api/users/{}/permissions", user.id);
    Ok(Json(json!({
        "Id": user.id,
        "SpacePermissions": granted,
        "SystemPermissions": [],
        "Teams": [],
        "Links": { "Self": own },
    })))
}

async fn spaces(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let user = user(&context, &id).await?;
    let access = context.app.access_of(&user).await?;
    let all = every::<Space>(&context).await?;
    let entered = all.iter().filter(|space| access.enters(&space.id));
    Ok(Json(entered.map(present::resource).collect()))
}

async fn teams(context: Context, Segments(id): Segments<String>) -> Result<Json<Value>, ApiError> {
    let user = user(&context, &id).await?;
    let teams = every::<Team>(&context).await?;
    let is_in = |team: &&Team| {
        let mut ids = team.member_user_ids.iter();
        ids.any(|id| id.eq_ignore_ascii_case(&user.id)) || team.id == crate::model::user::EVERYONE
    };
    let own = teams.iter().filter(is_in);
    Ok(Json(
        own.map(|team| present::reference(&team.id, &team.name))
            .collect(),
    ))
}
