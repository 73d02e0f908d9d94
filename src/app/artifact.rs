//! Artifacts: files that steps kept, and those that clients add to a task, for whoever may see the task's project.

use super::package::{blob_error, join};
use super::task::{reach, target};
use super::{App, Caller, Error};
use crate::blob::{Blob, Incoming};
use crate::model::access::Permission;
use crate::model::package::Artifact;
use crate::store::{Change, PackageChange};

/// Larger files are no artifacts.
pub const MAX_ARTIFACT_BYTES: u64 = 2 << 30;

/// An artifact that a client adds.
#[derive(Debug, Clone, Default)]
pub struct NewArtifact {
    pub name: String,
    pub task_id: String,
    /// Where it is from, in the client's words.
    pub source: String,
    /// The entry of the task's plan that it is of.
    pub index: u32,
}

impl App {
    /// Adds an artifact without content to a task.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] for a task; [`Error::Invalid`] for a name that is none.
    pub async fn artifact_create(
        &self,
        caller: &Caller,
        space: Option<&str>,
        new: NewArtifact,
    ) -> Result<Artifact, Error> {
        let task = self.task(caller, space, &new.task_id).await?;
        caller.require(Permission::ArtifactCreate, target(&task))?;
        if !is_file_name(&new.name) {
            return Err(Error::invalid(
                "Please provide the name of a file as Filename, without a path.",
            ));
        }
        let incoming = self.artifact_incoming()?;
        let _turn = self.feed_turn().await;
        let blob = kept(incoming).await?;
        let artifact = Artifact {
            id: self.store().next_id("Artifacts"),
            space_id: task.space_id,
            task_id: task.id,
            name: new.name,
            source: new.source,
            index: new.index,
            size_bytes: blob.size_bytes,
            sha256: blob.sha256,
            created: self.now(),
        };
        let message = format!("The artifact {} was added", artifact.name);
        let event = self.artifact_event(caller, "Created", &artifact, message);
        let changes = vec![PackageChange::Artifact(artifact.clone()).into(), event];
        self.store().commit(changes).await?;
        Ok(artifact)
    }

    /// A file for content that is about to come.
    ///
    /// # Errors
    /// [`Error::Conflict`] if the disk refuses, and [`crate::store::Error::Full`].
    pub fn artifact_incoming(&self) -> Result<Incoming, Error> {
        self.require_room()?;
        let incoming = self.blobs().incoming(MAX_ARTIFACT_BYTES);
        incoming.map_err(|error| Error::Conflict(format!("The artifact can't be stored: {error}")))
    }

    /// The artifact, if the caller may give it content.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub async fn artifact_to_fill(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Artifact, Error> {
        let artifact = self.artifact(caller, space, id).await?;
        let task = self.task(caller, space, &artifact.task_id).await?;
        caller.require(Permission::ArtifactCreate, target(&task))?;
        Ok(artifact)
    }

    /// Gives an artifact the content that came, in the place of what it had.
    ///
    /// # Errors
    /// Those of [`Self::artifact_to_fill`].
    pub async fn artifact_fill(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
        incoming: Incoming,
    ) -> Result<Artifact, Error> {
        let _turn = self.feed_turn().await;
        let before = self.artifact_to_fill(caller, space, id).await?;
        let blob = kept(incoming).await?;
        let after = Artifact {
            size_bytes: blob.size_bytes,
            sha256: blob.sha256,
            ..before.clone()
        };
        let message = format!("The artifact {} was given its content", after.name);
        let event = self.artifact_event(caller, "Modified", &after, message);
        let gone = PackageChange::DeleteArtifact { id: before.id };
        let changes = vec![
            gone.into(),
            PackageChange::Artifact(after.clone()).into(),
            event,
        ];
        self.store().commit(changes).await?;
        self.remove_unused(&before.sha256).await?;
        Ok(after)
    }

    fn artifact_event(
        &self,
        caller: &Caller,
        category: &'static str,
        artifact: &Artifact,
        message: String,
    ) -> Change {
        let related = vec![artifact.id.clone(), artifact.task_id.clone()];
        let space_id = Some(artifact.space_id.clone());
        Change::Event(caller.event(self.now(), category, space_id, message, related))
    }

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
        let event = self.artifact_event(caller, "Deleted", &artifact, message);
        let gone = PackageChange::DeleteArtifact { id: artifact.id };
        let changes = vec![gone.into(), event];
        self.store().commit(changes).await?;
        self.remove_unused(&artifact.sha256).await
    }
}

/// Keeps what came, by its digest.
async fn kept(incoming: Incoming) -> Result<Blob, Error> {
    let kept = tokio::task::spawn_blocking(move || incoming.keep());
    join(kept.await)?.map_err(|error| blob_error(&error))
}

fn is_file_name(name: &str) -> bool {
    let is_plain = |c: char| !c.is_control() && !matches!(c, '/' | '\\');
    !name.trim().is_empty() && name.len() <= 255 && name.chars().all(is_plain)
}
