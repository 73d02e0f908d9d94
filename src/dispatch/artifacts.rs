//! Artifacts: copied by the worker while the script's directory is there, and kept by digest afterwards.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::Error;
use super::attempt::Run;
use super::said::Kept;
use crate::app::artifact::MAX_ARTIFACT_BYTES;
use crate::blob::{Blob, BlobError, Blobs};
use crate::model::package::Artifact;
use crate::store::PackageChange;
use crate::worker;

/// Keeps what a script asked to keep. What can't be kept is a warning in the step's log.
///
/// # Errors
/// [`Error::Store`].
pub(super) async fn keep(
    run: &Run,
    found: Vec<Result<worker::Artifact, impl std::error::Error>>,
    kept: &mut Kept,
) -> Result<(), Error> {
    if found.is_empty() {
        return Ok(());
    }
    let app = &run.inner.app;
    // Bytes are kept and named in one turn, so that nobody removes them in between.
    let _turn = app.feed_turn().await;
    let mut changes = Vec::new();
    for one in found {
        let artifact = match one {
            Ok(artifact) => artifact,
            Err(error) => {
                kept.has_warnings = true;
                kept.changes
                    .push(run.line("Warning", format!("An artifact is not kept: {error}\n")));
                continue;
            }
        };
        let blobs = app.blobs().clone();
        let path = artifact.kept_as.clone().unwrap_or_default();
        let blob = tokio::task::spawn_blocking(move || copy(&blobs, &path)).await;
        let problem = match blob {
            // The digest is of the bytes that the worker read.
            Ok(Ok(blob)) if blob.sha256 != artifact.sha256 => {
                "its bytes are not those that the worker read".to_owned()
            }
            Ok(Ok(blob)) => {
                let record = Artifact {
                    id: app.store().next_id("Artifacts"),
                    space_id: run.task.space_id.clone(),
                    task_id: run.task.id.clone(),
                    name: artifact.name.clone(),
                    source: run.entry().action_name.clone(),
                    index: run.job.index,
                    size_bytes: blob.size_bytes,
                    sha256: blob.sha256,
                    created: app.now(),
                };
                changes.push(PackageChange::Artifact(record).into());
                continue;
            }
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        kept.has_warnings = true;
        let text = format!("The artifact {} is not kept: {problem}\n", artifact.name);
        kept.changes.push(run.line("Warning", text));
    }
    if !changes.is_empty() {
        // Together with what was said before: it is named once, even if the server ends right after.
        kept.close(run);
        changes.append(&mut kept.changes);
        app.store().commit(changes).await?;
    }
    Ok(())
}

fn copy(blobs: &Blobs, path: &Path) -> Result<Blob, BlobError> {
    let mut file = File::open(path)?;
    let mut incoming = blobs.incoming(MAX_ARTIFACT_BYTES)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let n_read = file.read(&mut buffer)?;
        if n_read == 0 {
            return incoming.keep();
        }
        incoming.write(&buffer[..n_read])?;
    }
}
