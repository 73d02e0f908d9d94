//! What interactive clients ask before they deploy: how far a release is, where it may go, and what would be done.

use axum::Json;
use axum::http::Method;
use axum::routing::{get, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::request::{Body, Context, Segments};
use super::table::{Scope, Table};
use super::{present, tasks};
use crate::app::deployment::{Deploy, Preview};
use crate::app::execution::Execution;
use crate::app::progression::{PhaseProgress, Progression};
use crate::model::environment::Environment;
use crate::model::release::Release;
use crate::plan::Entry;
use crate::plan::lifecycle::Progress;

pub(super) fn routes(table: Table) -> Table {
    let space = Scope::Space;
    table
        .add(
            Method::GET,
            "/api/releases/{id}/progression",
            space,
            "How far a release is in its lifecycle",
            get(progression),
        )
        .add(
            Method::GET,
            "/api/releases/{id}/deployments/template",
            space,
            "Where a release may be deployed to",
            get(template),
        )
        .add(
            Method::GET,
            "/api/releases/{id}/deployments/preview/{environment}",
            space,
            "What a deployment to an environment would do",
            get(preview_one),
        )
        .add(
            Method::POST,
            "/api/releases/{id}/deployments/previews",
            space,
            "What deployments to several environments would do",
            post(previews),
        )
        .takes::<Previews>()
}

async fn read(context: &Context, id: &str) -> Result<Progression, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    Ok(app.release_progression(caller, space, id).await?)
}

async fn progression(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let Progression {
        release,
        phases,
        open: _,
        next,
    } = read(&context, &id).await?;
    let now = context.app.now();
    let phase = |phase: &PhaseProgress| {
        let stage = &phase.stage;
        let deployments = phase.deployments.iter().map(|(deployment, task)| {
            json!({ "Deployment": present::resource(deployment), "Task": tasks::present(task, now) })
        });
        json!({
            "Id": stage.phase.id,
            "Name": stage.phase.name,
            "Blocked": stage.is_blocked,
            "Progress": match stage.progress {
                Progress::Pending => "Pending",
                Progress::Current => "Current",
                Progress::Complete => "Complete",
            },
            "IsOptionalPhase": stage.phase.is_optional_phase,
            "MinimumEnvironmentsBeforePromotion": stage.phase.minimum_environments_before_promotion,
            "AutomaticDeploymentTargets": stage.phase.automatic_deployment_targets,
            "OptionalDeploymentTargets": stage.environments.iter().filter(|id| !stage.phase.automatic_deployment_targets.contains(id)).collect::<Vec<_>>(),
            "Deployments": deployments.collect::<Vec<_>>(),
        })
    };
    let ids: Vec<&String> = next.iter().map(|one| &one.id).collect();
    let own = format!("/api/{}/releases/{}", release.space_id, release.id);
    Ok(Json(json!({
        "ReleaseId": release.id,
        "Phases": phases.iter().map(phase).collect::<Vec<_>>(),
        "NextDeployments": ids,
        "NextDeploymentsMinimumRequired": usize::from(!ids.is_empty()),
        "HasUnresolvedDefect": false,
        "ReleaseHasUnresolvedDefect": false,
        "Links": { "Self": format!("{own}/progression") },
    })))
}

async fn template(
    context: Context,
    Segments(id): Segments<String>,
) -> Result<Json<Value>, ApiError> {
    let Progression { release, open, .. } = read(&context, &id).await?;
    let own = format!("/api/{}/releases/{}", release.space_id, release.id);
    let target = |environment: &Environment| {
        let preview = format!("{own}/deployments/preview/{}", environment.id);
        json!({ "Id": environment.id, "Name": environment.name, "Links": { "Preview": preview } })
    };
    Ok(Json(json!({
        "ReleaseId": release.id,
        "DeploymentNotes": "",
        "IsDeploymentProcessModified": false,
        "IsVariableSetModified": false,
        "IsLibraryVariableSetModified": false,
        "PromoteTo": open.iter().map(target).collect::<Vec<_>>(),
        "TenantPromotions": [],
        "Links": { "Self": format!("{own}/deployments/template") },
    })))
}

async fn preview_one(
    context: Context,
    Segments((id, environment)): Segments<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let wanted = Wanted {
        environment_id: environment,
        tenant_id: None,
    };
    preview(&context, &id, wanted).await.map(Json)
}

/// Where a preview is wanted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
struct Wanted {
    environment_id: String,
    tenant_id: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
struct Previews {
    deployment_previews: Vec<Wanted>,
}

/// Answers for every place, the first that can't be planned ends it.
async fn previews(
    context: Context,
    Segments(id): Segments<String>,
    Body(asked): Body<Previews>,
) -> Result<Json<Value>, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    app.get::<Release>(caller, space, &id).await?;
    let mut all = Vec::new();
    for wanted in asked.deployment_previews {
        all.push(preview(&context, &id, wanted).await?);
    }
    Ok(Json(all.into()))
}

async fn preview(context: &Context, id: &str, wanted: Wanted) -> Result<Value, ApiError> {
    let (app, caller, space) = (&context.app, &context.caller, context.space());
    let release: Release = app.get(caller, space, id).await?;
    let deploy = Deploy {
        release: release.id,
        update_variable_snapshot: false,
        execution: Execution {
            project: release.project_id,
            environments: vec![wanted.environment_id],
            tenants: wanted.tenant_id.into_iter().collect(),
            is_preview: true,
            ..Execution::default()
        },
    };
    let made = app.deployments_preview(caller, space, deploy).await?;
    Ok(made.first().map(shown).unwrap_or_default())
}

fn shown(preview: &Preview) -> Value {
    let step = |entry: &Entry| {
        let machine = entry
            .target
            .as_ref()
            .map(|target| json!({ "Id": target.id, "Name": target.name }));
        json!({
            "ActionId": entry.action_id,
            "ActionName": entry.action_name,
            "ActionNumber": entry.step_number.to_string(),
            "Roles": entry.target.as_ref().map(|target| &target.roles),
            "Machines": machine.iter().collect::<Vec<_>>(),
            "MachineNames": entry.target.as_ref().map(|target| vec![&target.name]).unwrap_or_default(),
            "CanBeSkipped": !entry.is_required,
            "IsDisabled": entry.skip.is_some(),
            "HasNoApplicableMachines": entry.skip.as_deref().is_some_and(|why| why.starts_with("no deployment target")),
        })
    };
    let prompts = &preview.prompts;
    let element = |prompt: &crate::app::deployment::Asked| {
        json!({
            "Name": prompt.id,
            "Control": {
                "Type": "VariableValue",
                "Name": prompt.name,
                "Label": prompt.label,
                "Description": prompt.description,
                "IsSecure": prompt.is_sensitive,
                "DisplaySettings": prompt.display_settings,
            },
            "IsValueRequired": prompt.is_required,
        })
    };
    let values: serde_json::Map<String, Value> = prompts
        .iter()
        .filter_map(|prompt| Some((prompt.id.clone(), prompt.value.clone()?.into())))
        .collect();
    json!({
        "EnvironmentId": preview.place.environment.id,
        "StepsToExecute": preview.plan.entries.iter().map(step).collect::<Vec<_>>(),
        "Form": {
            "Values": values,
            "Elements": prompts.iter().map(element).collect::<Vec<_>>(),
        },
        "UseGuidedFailureModeByDefault": preview.is_guided,
        "ReleaseNotes": "",
        "Changes": [],
        "ChangesMarkdown": "",
    })
}
