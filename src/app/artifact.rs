//! Artifacts: files that steps kept, for whoever may see the task's project.

use super::task::{reach, target};
use super::{App, Caller, Error};
use crate::model::access::Permission;
use crate::model::package::Artifact;
use crate::store::{Change, PackageChange};

impl App {
    /// The artifacts that the caller may see, newest first: of a task, or of everything.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the caller may see none; [`Error::NotFound`] for an unknown space.
    pub async fn artifacts(
        &self,
        caller: &Caller,
        space: Option<&str>,
        task_id: Option<&str>,
    ) -> Result<Vec<Artifact>, Error> {
        let space_id = match space {
            Some(space) => Some(self.space_id(caller, Some(space)).await?),
            None => None,
        };
        reach(caller, Permission::ArtifactView, space)?;
        let found = self.store().artifacts(space_id.as_deref(), task_id).await?;
        let mut visible = Vec::new();
        for artifact in found {
            if self.may_see(caller, &artifact).await? {
                visible.push(artifact);
            }
        }
        Ok(visible)
    }

    async fn may_see(&self, caller: &Caller, artifact: &Artifact) -> Result<bool, Error> {
        let task = self.store().task_by_id(&artifact.task_id).await?;
        Ok(task.is_some_and(|task| {
            caller
                .access
                .allows(Permission::ArtifactView, target(&task))
        }))
    }

    /// The artifact with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none that the caller may see.
    pub async fn artifact(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Artifact, Error> {
        let unknown = || Error::NotFound {
            noun: "artifact",
            id: id.to_owned(),
        };
        let found = self.store().artifact_by_id(id).await?.ok_or_else(unknown)?;
        let is_here = space.is_none_or(|space| found.space_id.eq_ignore_ascii_case(space));
        if is_here && self.may_see(caller, &found).await? {
            return Ok(found);
        }
        Err(unknown())
    }

    /// Deletes an artifact.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn artifact_delete(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<(), Error> {
        let artifact = self.artifact(caller, space, id).await?;
        let task = self.store().task_by_id(&artifact.task_id).await?;
        let task = task.ok_or_else(|| Error::NotFound {
            noun: "artifact",
            id: id.to_owned(),
        })?;
        caller.require(Permission::ArtifactDelete, target(&task))?;
        let _turn = self.feed_turn().await;
        let message = format!("The artifact {} was deleted", artifact.name);
        let related = vec![artifact.id.clone(), artifact.task_id.clone()];
        let space_id = Some(artifact.space_id.clone());
        let event = caller.event(self.now(), "Deleted", space_id, message, related);
        let gone = PackageChange::DeleteArtifact { id: artifact.id };
        let changes = vec![gone.into(), Change::Event(event)];
        self.store().commit(changes).await?;
        self.remove_unused(&artifact.sha256).await
    }
}
