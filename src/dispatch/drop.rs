//! A step for a target that nothing reaches: it is written into a bundle, and somebody carries it there.
//!
//! Nothing is run. The bundle is an artifact of the task; its secrets are under the target's own password.

use std::fs::File;
use std::io::BufWriter;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::attempt::{Kept, Run};
use super::decide::AttemptEnd;
use super::delegated::{Delegated, message};
use super::driver::Ended;
use super::{Error, artifacts};
use crate::link::bundle;
use crate::model::target::DeploymentTarget;
use crate::plan::targets::TargetUse;
use crate::worker::sandbox::hex;
use crate::worker::{Artifact, ArtifactError};

/// Writes the bundle of an attempt, and keeps it.
///
/// # Errors
/// [`Error`].
pub(super) async fn write(
    run: &Run,
    target: &TargetUse,
    delegated: Delegated<'_>,
    mut kept: Kept,
) -> Result<Ended, Error> {
    let end = match bundle(run, target, &delegated, &mut kept).await? {
        Ok(()) => AttemptEnd::Succeeded,
        Err(message) => AttemptEnd::Failed { message },
    };
    kept.close(run);
    Ok(Ended {
        changes: kept.changes,
        has_warnings: kept.has_warnings,
        ..run.ended(end)
    })
}

async fn bundle(
    run: &Run,
    target: &TargetUse,
    delegated: &Delegated<'_>,
    kept: &mut Kept,
) -> Result<Result<(), String>, Error> {
    let password = match password(run, target).await? {
        Ok(password) => password,
        Err(why) => return Ok(Err(why)),
    };
    let blobs = run.inner.app.blobs();
    let scratch = blobs.scratch().map_err(|source| Error::Disk {
        task_id: run.task.id.clone(),
        source,
    })?;
    let mut packages = Vec::new();
    for package in &delegated.prepared.shipped {
        match blobs.file(&package.sha256) {
            Ok(file) => packages.push((package.sha256.clone(), file)),
            Err(error) => {
                return Ok(Err(format!(
                    "a package is not in the feed any more: {error}"
                )));
            }
        }
    }
    let name = format!("{}.seawall.tar", run.entry().title());
    let path = scratch.path().join("bundle");
    let attempt = message(delegated, String::new());
    let writing = tokio::task::spawn_blocking(move || {
        let failed =
            |error: &dyn std::fmt::Display| format!("the bundle can't be written: {error}");
        let file = File::create_new(&path).map_err(|error| failed(&error))?;
        let written = bundle::write(BufWriter::new(file), attempt, packages, &password);
        written.map_err(|error| failed(&error))?;
        let mut hasher = Sha256::new();
        let mut file = File::open(&path).map_err(|error| failed(&error))?;
        let size_bytes = std::io::copy(&mut file, &mut hasher).map_err(|error| failed(&error))?;
        Ok::<_, String>((path, size_bytes, hex(&hasher.finalize())))
    });
    let written = writing.await.map_err(|error| error.to_string());
    let (path, size_bytes, sha256) = match written.and_then(|written| written) {
        Ok(written) => written,
        Err(why) => return Ok(Err(why)),
    };
    let artifact = Artifact {
        path: name.clone(),
        name: name.clone(),
        size_bytes,
        sha256,
        kept_as: Some(path),
    };
    artifacts::keep(run, vec![Ok::<_, ArtifactError>(artifact)], kept).await?;
    let text = format!(
        "Nothing was run: the step is in the artifact `{name}`. Run it there with `seawall offline-drop run`.\n"
    );
    kept.changes.push(run.line("Info", text));
    Ok(Ok(()))
}

/// The target's password; or why there is none.
async fn password(
    run: &Run,
    target: &TargetUse,
) -> Result<Result<Zeroizing<String>, String>, Error> {
    let app = &run.inner.app;
    let found = app
        .store()
        .document_by_id::<DeploymentTarget>(&target.id)
        .await?;
    let Some(found) = found else {
        return Ok(Err("the deployment target was deleted".to_owned()));
    };
    let Some(sealed) = found.record.drop_password() else {
        return Ok(Err(
            "the deployment target has no password any more".to_owned()
        ));
    };
    let opened = app.vault().open(sealed).map_err(|source| Error::Secret {
        task_id: run.task.id.clone(),
        source,
    })?;
    Ok(Ok(opened))
}
