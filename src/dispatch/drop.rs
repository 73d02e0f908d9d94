//! A step for a target that nothing reaches: it is written into a bundle, and somebody carries it there.
//!
//! Nothing is run. The bundle is an artifact of the task, or a file in a directory that the server's operator named and
//! never outside it; its secrets are under the target's own password.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::attempt::Run;
use super::decide::AttemptEnd;
use super::delegated::{Delegated, message};
use super::driver::Ended;
use super::said::Kept;
use super::{Error, artifacts};
use crate::link::bundle;
use crate::model::drop_folder::DropFolder;
use crate::model::target::DeploymentTarget;
use crate::plan::targets::TargetUse;
use crate::store::Change;
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
    let (password, folder) = match destination(run, target).await? {
        Ok(found) => found,
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
        Ok::<_, String>((path, size_bytes, hex::encode(hasher.finalize())))
    });
    let written = writing.await.map_err(|error| error.to_string());
    let (path, size_bytes, sha256) = match written.and_then(|written| written) {
        Ok(written) => written,
        Err(why) => return Ok(Err(why)),
    };
    if let Some(folder) = folder {
        return Ok(put(run, &folder, &path, &name)
            .await
            .map(|said| kept.changes.push(said)));
    }
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

/// Puts a bundle into a directory of the operator's, whole or not at all. Gives the line that says where.
///
/// # Errors
/// Why the step fails, for people.
async fn put(run: &Run, folder: &DropFolder, bundle: &Path, name: &str) -> Result<Change, String> {
    let unknown = || {
        let name = &folder.directory;
        format!("the server was started with no --offline-drop-dir {name}=PATH")
    };
    let base = run.inner.app.drop_directory(&folder.directory);
    let base = base.ok_or_else(unknown)?.to_owned();
    let name = file_name(&format!("{} {name}", run.task.id));
    let (inside, bundle, file) = (folder.path.clone(), bundle.to_owned(), name.clone());
    let putting = tokio::task::spawn_blocking(move || copy_into(&base, &inside, &bundle, &file));
    let put = putting.await.map_err(|error| error.to_string())?;
    put.map_err(|error| format!("the bundle can't be put into `{folder}`: {error}"))?;
    let text = format!(
        "Nothing was run: the step is in `{folder}/{name}`. Run it there with `seawall offline-drop run`.\n"
    );
    Ok(run.line("Info", text))
}

/// Copies a file below `base`. No link leads out of it, and nobody sees half a file: it has another name until it is
/// whole, and on the disk.
fn copy_into(base: &Path, inside: &str, from: &Path, name: &str) -> io::Result<()> {
    let base = Dir::open_ambient_dir(base, ambient_authority())?;
    let folder = match inside {
        "" => base,
        inside => {
            base.create_dir_all(inside)?;
            base.open_dir(inside)?
        }
    };
    let unfinished = format!(".{name}.part");
    // Of an attempt that was cut off.
    match folder.remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut to = folder.open_with(&unfinished, &options)?;
    let copied = io::copy(&mut File::open(from)?, &mut to).and_then(|_| to.sync_all());
    if let Err(error) = copied.and_then(|()| folder.rename(&unfinished, &folder, name)) {
        // What it says is the first failure, not this one.
        folder.remove_file(&unfinished).ok();
        return Err(error);
    }
    Ok(())
}

/// One name for a file, whatever people called their step.
fn file_name(title: &str) -> String {
    let letter = |c: char| match c {
        '/' | '\\' | ':' => '_',
        c if c.is_control() => '_',
        c => c,
    };
    title.chars().map(letter).collect()
}

/// The target's password, and where its bundles are put unless they are artifacts; or why there is none.
async fn destination(
    run: &Run,
    target: &TargetUse,
) -> Result<Result<(Zeroizing<String>, Option<DropFolder>), String>, Error> {
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
    match found.record.drop_folder().transpose() {
        Ok(folder) => Ok(Ok((opened, folder))),
        Err(why) => Ok(Err(why)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// The names in a directory.
    fn names(path: &Path) -> Vec<String> {
        let entries = fs::read_dir(path).expect("a directory").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.collect()
    }

    #[test]
    fn a_bundle_is_put_below_the_directory_whole_and_nowhere_else() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        let (base, outside, bundle) = (path("base"), path("outside"), path("bundle"));
        fs::create_dir(&base).expect("it is ours");
        fs::create_dir(&outside).expect("it is ours");
        fs::write(&bundle, "bytes").expect("it is ours");
        copy_into(&base, "", &bundle, "one.tar").expect("into itself");
        copy_into(&base, "eu/1", &bundle, "one.tar").expect("below it");
        // Again, over what is there and what was left half done.
        fs::write(base.join("eu/1/.one.tar.part"), "by").expect("it is ours");
        copy_into(&base, "eu/1", &bundle, "one.tar").expect("once more");
        assert_eq!(names(&base.join("eu/1")), ["one.tar"]);
        assert_eq!(
            fs::read(base.join("eu/1/one.tar")).expect("it is there"),
            b"bytes"
        );
        symlink(&outside, base.join("out")).expect("it is ours");
        symlink("eu", base.join("in")).expect("it is ours");
        for inside in ["out", "out/x", "../outside", "/"] {
            assert!(
                copy_into(&base, inside, &bundle, "two.tar").is_err(),
                "{inside}"
            );
        }
        copy_into(&base, "in", &bundle, "two.tar").expect("a link that stays inside");
        assert!(names(&outside).is_empty());
        // What has the name of the bundle is replaced, and not written through.
        let precious = path("precious");
        fs::write(&precious, "kept").expect("it is ours");
        symlink(&precious, base.join("three.tar")).expect("it is ours");
        symlink(&precious, base.join(".three.tar.part")).expect("it is ours");
        copy_into(&base, "", &bundle, "three.tar").expect("in place of the link");
        assert_eq!(fs::read(&precious).expect("it is there"), b"kept");
    }

    #[test]
    fn a_title_is_one_file_name() {
        assert_eq!(file_name("T-1 a/b\\c: d\n.tar"), "T-1 a_b_c_ d_.tar");
    }
}
