//! Releases: made once, with copies of everything that they need later.

use super::execution::AskedPackages;
use super::resource::{Managed, Removal};
use super::{App, Caller, Error, ListQuery, snapshot};
use crate::model::access::{Permission, Target};
use crate::model::channel::Channel;
use crate::model::deployment::Deployment;
use crate::model::process::DeploymentProcess;
use crate::model::project::Project;
use crate::model::release::{Release, SelectedPackage};
use crate::model::resource::{Kind, Resource as _};
use crate::model::step::{PackageReference, Step};
use crate::model::variable::VariableSet;
use crate::plan::version;
use crate::store::{
    Change, Document, Filter, Page, Promotion, PromotionChange, TaskChange, TaskFilter, TaskOwner,
};

/// What a new release is to be.
#[derive(Debug, Clone, Default)]
pub struct NewRelease {
    /// Name, slug or id.
    pub project: String,
    /// Name or id; the project's default channel if it is `None`.
    pub channel: Option<String>,
    /// Computed from the project's template if it is `None`.
    pub version: Option<String>,
    pub notes: Option<String>,
    /// Versions of packages, as clients write them: see [`crate::plan::packages`].
    pub packages: Vec<String>,
    /// The version of packages that `packages` says nothing about.
    pub package_version: Option<String>,
    /// Versions that were chosen one by one.
    pub selected_packages: Vec<SelectedPackage>,
    /// A release with the same version is the answer, not an error.
    pub ignore_if_exists: bool,
    pub ignore_channel_rules: bool,
    pub custom_fields: std::collections::BTreeMap<String, String>,
}

/// What a new release of a project would be made of.
#[derive(Debug, Clone)]
pub struct ReleaseTemplate {
    pub process_id: String,
    pub last_version: Option<String>,
    pub next_version: String,
    pub packages: Vec<TemplatePackage>,
}

/// A package that a release needs a version of.
#[derive(Debug, Clone)]
pub struct TemplatePackage {
    pub action_name: String,
    pub package: PackageReference,
    /// Whether the server can choose the version.
    pub is_resolvable: bool,
    pub last_version: Option<String>,
}

impl Managed for Release {
    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        let open = TaskFilter {
            release_ids: Some(vec![self.id.clone()]),
            ..TaskFilter::open()
        };
        super::task::refuse_open(app, &open, &format!("The release {}", self.version)).await?;
        let store = app.store();
        let mut removal = Removal::default();
        let of_release = Filter {
            space_id: Some(self.space_id.clone()),
            properties: vec![("ReleaseId", vec![self.id.clone()])],
            ..Filter::default()
        };
        let (_, deployments) = store
            .documents::<Deployment>(&of_release, Page::ALL)
            .await?;
        for deployment in &deployments {
            let id = &deployment.record.manifest_variable_set_id;
            if *id != self.project_variable_set_snapshot_id {
                also::<VariableSet>(app, &mut removal, id).await?;
            }
            removal.also(deployment);
        }
        also::<VariableSet>(app, &mut removal, &self.project_variable_set_snapshot_id).await?;
        let id = &self.project_deployment_process_snapshot_id;
        also::<DeploymentProcess>(app, &mut removal, id).await?;
        let tasks = TaskChange::Delete(TaskOwner::Release(self.id.clone()));
        removal.changes.push(tasks.into());
        Ok(removal)
    }
}

async fn also<R: crate::model::Resource>(
    app: &App,
    removal: &mut Removal,
    id: &str,
) -> Result<(), Error> {
    let found: Option<Document<R>> = app.store().document_by_id(id).await?;
    if let Some(document) = found {
        removal.also(&document);
    }
    Ok(())
}

impl App {
    /// Makes a release, and says whether it is new.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for the project or channel; [`Error::Invalid`] for a version that is
    /// taken or none, and for everything about packages.
    pub async fn release_create(
        &self,
        caller: &Caller,
        space: Option<&str>,
        new: NewRelease,
    ) -> Result<(Release, bool), Error> {
        let project: Project = self.get(caller, space, &new.project).await?;
        let target = Target {
            space_id: Some(&project.space_id),
            project_id: Some(&project.id),
            environment_id: None,
        };
        caller.require(Permission::ReleaseCreate, target)?;
        self.require_room()?;
        if project.is_disabled {
            return Err(Error::invalid(format!(
                "The project `{}` is disabled: enable it first.",
                project.name
            )));
        }
        let channel = self
            .channel_of(caller, space, &project, new.channel.as_deref())
            .await?;
        let version = match new.version.filter(|version| !version.trim().is_empty()) {
            Some(version) => version.trim().to_owned(),
            None => self.next_version(&project).await?,
        };
        if let Some(existing) = self.release_by_version(&project, &version).await? {
            if new.ignore_if_exists {
                return Ok((existing, false));
            }
            return Err(Error::invalid(format!(
                "Release {version} of the project `{}` exists already: choose another version, or set IgnoreIfAlreadyExists.",
                project.name
            )));
        }
        let process = self.process_of(&project).await?;
        let asked = AskedPackages {
            packages: &new.packages,
            chosen: &new.selected_packages,
            default: new.package_version.as_deref(),
            rules: match new.ignore_channel_rules {
                true => &[],
                false => &channel.rules,
            },
        };
        let selected_packages = self
            .selected_packages(&project.space_id, &process.steps, &asked)
            .await?;
        let id = self.store().next_id(Kind::Release.facts().prefix);
        let process = snapshot::process(&process, &id);
        let variables = snapshot::variables(self, &project, &id).await?;
        let release = Release {
            id,
            space_id: project.space_id.clone(),
            project_id: project.id.clone(),
            channel_id: channel.id.clone(),
            version,
            release_notes: new.notes,
            assembled: self.now().to_string(),
            project_deployment_process_snapshot_id: process.id.clone(),
            project_variable_set_snapshot_id: variables.id.clone(),
            library_variable_set_snapshot_ids: Vec::new(),
            selected_packages,
            ignore_channel_rules: new.ignore_channel_rules,
            custom_fields: new.custom_fields,
            ..Release::default()
        };
        let problems = release.problems();
        if !problems.is_empty() {
            return Err(crate::model::Invalid(problems).into());
        }
        let message = format!(
            "Release {} of the project `{}` was created",
            release.version, project.name
        );
        let related = vec![release.id.clone(), project.id.clone(), channel.id.clone()];
        let space_id = Some(release.space_id.clone());
        let event = caller.event(self.now(), "Created", space_id, message, related);
        let mut changes = vec![
            Change::insert(&process),
            Change::insert(&variables),
            Change::insert(&release),
            Change::Event(event),
        ];
        if self.lifecycle_of(&project, &channel).await?.is_automatic() {
            let promotion = Promotion {
                release_id: release.id.clone(),
                tenant_id: None,
            };
            changes.push(PromotionChange::Ask(promotion).into());
        }
        self.store().commit(changes).await?;
        self.bus().wake();
        Ok((release, true))
    }

    /// What a client needs to know before it makes a release of a project.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn release_template(
        &self,
        caller: &Caller,
        space: Option<&str>,
        project: &str,
    ) -> Result<ReleaseTemplate, Error> {
        let project: Project = self.get(caller, space, project).await?;
        let process: DeploymentProcess = self
            .get(caller, space, &project.deployment_process_id)
            .await?;
        let last = self.last_release(&project).await?;
        let chosen = last.as_ref().map(|last| last.selected_packages.as_slice());
        let packages = self
            .template_packages(&process.steps, chosen.unwrap_or_default())
            .await?;
        Ok(ReleaseTemplate {
            next_version: self.next_version(&project).await?,
            last_version: last.map(|last| last.version),
            process_id: process.id,
            packages,
        })
    }

    /// The packages that steps name, with the versions that were chosen the last time.
    pub(super) async fn template_packages(
        &self,
        steps: &[Step],
        chosen: &[SelectedPackage],
    ) -> Result<Vec<TemplatePackage>, Error> {
        let mut packages = Vec::new();
        for action in steps.iter().flat_map(|step| &step.actions) {
            for package in &action.packages {
                let same = |left: &str, right: &str| left.eq_ignore_ascii_case(right);
                let last = chosen.iter().find(|one| {
                    same(&one.action_name, &action.name)
                        && same(&one.package_reference_name, &package.name)
                });
                packages.push(TemplatePackage {
                    action_name: action.name.clone(),
                    is_resolvable: self.is_built_in(&package.feed_id).await?,
                    last_version: last.map(|one| one.version.clone()),
                    package: package.clone(),
                });
            }
        }
        Ok(packages)
    }

    /// The release of a project with this version or id.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::Store`].
    pub(super) async fn release_of(
        &self,
        project: &Project,
        version_or_id: &str,
    ) -> Result<Release, Error> {
        if let Some(release) = self.release_by_version(project, version_or_id).await? {
            return Ok(release);
        }
        let by_id = self
            .store()
            .document_by_id::<Release>(version_or_id)
            .await?;
        let by_id = by_id.filter(|found| found.record.project_id == project.id);
        by_id
            .map(|found| found.record)
            .ok_or_else(|| Error::NotFound {
                noun: "release",
                id: version_or_id.to_owned(),
            })
    }

    /// The release of a project with this version, as the caller may see it.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::Forbidden`].
    pub async fn release_get(
        &self,
        caller: &Caller,
        space: Option<&str>,
        project: &str,
        version: &str,
    ) -> Result<Release, Error> {
        let project: Project = self.get(caller, space, project).await?;
        let target = Target {
            space_id: Some(&project.space_id),
            project_id: Some(&project.id),
            environment_id: None,
        };
        caller.require(Permission::ReleaseView, target)?;
        self.release_of(&project, version).await
    }

    async fn release_by_version(
        &self,
        project: &Project,
        version: &str,
    ) -> Result<Option<Release>, Error> {
        let store = self.store();
        let (space_id, owner_id) = (Some(project.space_id.as_str()), Some(project.id.as_str()));
        let found = store
            .document_by_name::<Release>(space_id, owner_id, version)
            .await?;
        Ok(found.map(|document| document.record))
    }

    async fn channel_of(
        &self,
        caller: &Caller,
        space: Option<&str>,
        project: &Project,
        asked: Option<&str>,
    ) -> Result<Channel, Error> {
        let of_project = ListQuery {
            owner_id: Some(project.id.clone()),
            ..ListQuery::default()
        };
        let channels = self.list::<Channel>(caller, space, of_project).await?.items;
        let asked = asked.map(str::trim).filter(|name| !name.is_empty());
        let is_it = |channel: &Channel| match asked {
            None => channel.is_default,
            Some(name) => [&channel.id, &channel.name, &channel.slug]
                .iter()
                .any(|own| own.eq_ignore_ascii_case(name)),
        };
        channels
            .into_iter()
            .find(is_it)
            .ok_or_else(|| Error::NotFound {
                noun: "channel",
                id: asked.unwrap_or("default").to_owned(),
            })
    }

    /// The process of a project as it is now.
    async fn process_of(&self, project: &Project) -> Result<DeploymentProcess, Error> {
        let id = &project.deployment_process_id;
        let found = self.store().document_by_id::<DeploymentProcess>(id).await?;
        found
            .map(|found| found.record)
            .ok_or_else(|| Error::NotFound {
                noun: "deployment process",
                id: id.clone(),
            })
    }

    async fn next_version(&self, project: &Project) -> Result<String, Error> {
        let template = project
            .versioning_strategy
            .as_ref()
            .and_then(|strategy| strategy.get("Template"))
            .and_then(|template| template.as_str())
            .filter(|template| !template.is_empty())
            .unwrap_or(version::DEFAULT);
        let last = self.last_release(project).await?;
        let last = last.as_ref().map(|release| release.version.as_str());
        version::next(template, last).map_err(|error| Error::invalid(error.to_string()))
    }

    /// The release of a project that was made last: lists of releases begin with the newest.
    async fn last_release(&self, project: &Project) -> Result<Option<Release>, Error> {
        let of_project = Filter {
            space_id: Some(project.space_id.clone()),
            owner_ids: Some(vec![project.id.clone()]),
            ..Filter::default()
        };
        let first = Page { skip: 0, take: 1 };
        let (_, found) = self
            .store()
            .documents::<Release>(&of_project, first)
            .await?;
        Ok(found.into_iter().next().map(|found| found.record))
    }
}
