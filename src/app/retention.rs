//! Letting go of what retention policies don't keep: releases by lifecycle, runs by runbook, packages by feed.
//!
//! What may go is decided in [`crate::plan::retention`]; each thing then goes the way it goes when a person deletes
//! it, with its event. A failure leaves the rest for the next time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{App, Caller, Error};
use crate::model::access::{Permission, Target};
use crate::model::channel::Channel;
use crate::model::deployment::Deployment;
use crate::model::feed::{Feed, FeedType};
use crate::model::package::Package;
use crate::model::process::DeploymentProcess;
use crate::model::project::Project;
use crate::model::release::{Release, SelectedPackage};
use crate::model::runbook::{Runbook, RunbookProcess, RunbookRun, RunbookSnapshot};
use crate::model::space::Space;
use crate::model::step::Step;
use crate::model::task::TaskState;
use crate::plan::retention::{
    KeptDeployment, KeptRelease, KeptRun, releases_to_delete, runs_to_delete,
};
use crate::store::Filter;

/// How many things went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retained {
    pub n_releases: usize,
    pub n_runs: usize,
    pub n_packages: usize,
}

/// Runs of a runbook that are kept in each environment, unless it says otherwise: Octopus's default.
const RUNS: usize = 100;

impl App {
    /// Applies every retention policy, as somebody asks for it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::Store`].
    pub async fn retention_apply(&self, caller: &Caller) -> Result<Retained, Error> {
        caller.require(Permission::AdministerSystem, Target::default())?;
        self.retain(self.now()).await
    }

    /// Applies every retention policy, as things are at `now`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn retain(&self, now: Timestamp) -> Result<Retained, Error> {
        let mut retained = Retained::default();
        for space in self.every::<Space>(Filter::default()).await? {
            for project in self.every::<Project>(Filter::in_space(&space.id)).await? {
                retained.n_releases += self.retain_releases(&project, now).await?;
            }
            for runbook in self.every::<Runbook>(Filter::in_space(&space.id)).await? {
                retained.n_runs += self.retain_runs(&runbook).await?;
            }
            retained.n_packages += self.retain_packages(&space.id, now).await?;
        }
        if retained != Retained::default() {
            tracing::info!(
                n_releases = retained.n_releases,
                n_runs = retained.n_runs,
                n_packages = retained.n_packages,
                "retention policies were applied"
            );
        }
        Ok(retained)
    }

    async fn retain_releases(&self, project: &Project, now: Timestamp) -> Result<usize, Error> {
        let of_project = Filter {
            owner_ids: Some(vec![project.id.clone()]),
            ..Filter::in_space(&project.space_id)
        };
        let mut deployments: BTreeMap<String, Vec<KeptDeployment>> = BTreeMap::new();
        for deployment in self.every::<Deployment>(of_project.clone()).await? {
            let state = self.state_of(&deployment.task_id).await?;
            let kept = KeptDeployment {
                environment_id: deployment.environment_id,
                tenant_id: deployment.tenant_id,
                asked: time(&deployment.created),
                is_success: state == Some(TaskState::Success),
                is_open: state.is_some_and(|state| !state.is_final()),
            };
            deployments
                .entry(deployment.release_id)
                .or_default()
                .push(kept);
        }
        let mut by_channel: BTreeMap<String, Vec<KeptRelease>> = BTreeMap::new();
        for release in self.every::<Release>(of_project).await? {
            let kept = KeptRelease {
                made: time(&release.assembled),
                deployments: deployments.remove(&release.id).unwrap_or_default(),
                id: release.id,
            };
            by_channel.entry(release.channel_id).or_default().push(kept);
        }
        let mut n_gone = 0;
        for (channel_id, releases) in by_channel {
            let channel: Channel = self.existing(&channel_id).await?;
            let lifecycle = self.lifecycle_of(project, &channel).await?;
            for id in releases_to_delete(&releases, &lifecycle, now) {
                n_gone += self.let_go::<Release>(&project.space_id, &id).await?;
            }
        }
        Ok(n_gone)
    }

    async fn retain_runs(&self, runbook: &Runbook) -> Result<usize, Error> {
        let policy = runbook.extra.get("RunRetentionPolicy");
        let property = |name: &str| policy.and_then(|policy| policy.get(name));
        if property("ShouldKeepForever").and_then(Value::as_bool) == Some(true) {
            return Ok(0);
        }
        let quantity = property("QuantityToKeep").and_then(Value::as_u64);
        let quantity = quantity.filter(|quantity| *quantity > 0);
        let quantity = quantity.map_or(RUNS, |quantity| {
            usize::try_from(quantity).unwrap_or(usize::MAX)
        });
        let of_runbook = Filter {
            properties: vec![("RunbookId", vec![runbook.id.clone()])],
            ..Filter::in_space(&runbook.space_id)
        };
        let mut runs = Vec::new();
        for run in self.every::<RunbookRun>(of_runbook).await? {
            let state = self.state_of(&run.task_id).await?;
            runs.push(KeptRun {
                asked: time(&run.created),
                environment_id: run.environment_id,
                is_open: state.is_some_and(|state| !state.is_final()),
                id: run.id,
            });
        }
        let mut n_gone = 0;
        for id in runs_to_delete(&runs, quantity) {
            n_gone += self.let_go::<RunbookRun>(&runbook.space_id, &id).await?;
        }
        Ok(n_gone)
    }

    /// Packages that no release and no snapshot names, older than the built-in feed says.
    async fn retain_packages(&self, space_id: &str, now: Timestamp) -> Result<usize, Error> {
        let feeds = self.every::<Feed>(Filter::in_space(space_id)).await?;
        let built_in = feeds
            .iter()
            .find(|feed| feed.feed_type == FeedType::BuiltIn);
        let days = built_in
            .and_then(|feed| feed.extra.get("DeleteUnreleasedPackagesAfterDays"))
            .and_then(Value::as_i64)
            .filter(|days| *days > 0);
        let Some(days) = days else {
            return Ok(0);
        };
        let named = self.packages_named(space_id).await?;
        let is_old = |package: &Package| {
            now.duration_since(package.published) > SignedDuration::from_hours(24 * days)
        };
        let mut n_gone = 0;
        for package in self.store().packages(space_id, None).await? {
            let key = (package.package_id.to_lowercase(), package.version.clone());
            if is_old(&package) && !named.contains(&key) {
                let caller = Caller::server();
                match self
                    .package_delete(&caller, Some(space_id), &package.id)
                    .await
                {
                    Ok(()) => n_gone += 1,
                    Err(error) => kept(&package.id, &error)?,
                }
            }
        }
        Ok(n_gone)
    }

    /// Ids, in lower case, and versions that releases and snapshots name.
    async fn packages_named(&self, space_id: &str) -> Result<BTreeSet<(String, String)>, Error> {
        let mut named = BTreeSet::new();
        let store = self.store();
        for release in self.every::<Release>(Filter::in_space(space_id)).await? {
            let id = &release.project_deployment_process_snapshot_id;
            if let Some(process) = store.document_by_id::<DeploymentProcess>(id).await? {
                named.extend(packages(&process.record.steps, &release.selected_packages));
            }
        }
        for snapshot in self
            .every::<RunbookSnapshot>(Filter::in_space(space_id))
            .await?
        {
            let id = &snapshot.frozen_runbook_process_id;
            if let Some(process) = store.document_by_id::<RunbookProcess>(id).await? {
                named.extend(packages(&process.record.steps, &snapshot.selected_packages));
            }
        }
        Ok(named)
    }

    async fn state_of(&self, task_id: &str) -> Result<Option<TaskState>, Error> {
        let task = self.store().task_by_id(task_id).await?;
        Ok(task.map(|task| task.state))
    }

    /// 1 if it went; 0 if somebody still uses it.
    async fn let_go<R: super::resource::Managed>(
        &self,
        space_id: &str,
        id: &str,
    ) -> Result<usize, Error> {
        match self
            .delete::<R>(&Caller::server(), Some(space_id), id)
            .await
        {
            Ok(()) => Ok(1),
            Err(error) => kept(id, &error).map(|()| 0),
        }
    }
}

/// Passes over what can't go now.
fn kept(id: &str, error: &Error) -> Result<(), Error> {
    tracing::warn!("{id} is past its retention and stays: {error}");
    Ok(())
}

/// Times of records were written by this server; one that can't be read is now, and keeps the record.
fn time(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::MAX)
}

fn packages<'a>(
    steps: &'a [Step],
    selected: &'a [SelectedPackage],
) -> impl Iterator<Item = (String, String)> + 'a {
    let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
    let actions = steps.iter().flat_map(|step| &step.actions);
    let references = actions.flat_map(|action| {
        let packages = action.packages.iter();
        packages.map(move |package| (&action.name, package))
    });
    references.filter_map(move |(action, package)| {
        let chosen = selected.iter().find(|chosen| {
            same(&chosen.action_name, action) && same(&chosen.package_reference_name, &package.name)
        });
        chosen.map(|chosen| (package.package_id.to_lowercase(), chosen.version.clone()))
    })
}
