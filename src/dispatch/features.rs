//! What a package step does to the unpacked package before its Deploy script: variables into files, and the copy in a
//! directory of the host.
//!
//! Only variables that the step's policy lets it read are put into files: a package is not the process, and what it
//! names must not reach what its script couldn't. Everything happens beneath two open directories.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::attempt::Run;
use super::decide::AttemptEnd;
use super::said::Kept;
use super::variables::evaluate;
use crate::package::selection::{Selection, contents};
use crate::package::{install, structured};
use crate::plan::{Entry, PackageFeatures, Work};
use crate::policy::{Access, FileSource, Grants, MountPath};
use crate::worker::Variables;

/// Larger files are left alone: they are no configuration.
const MAX_BYTES: u64 = 8 << 20;

/// What is said of it in the step's log: the level and the text.
type Said = (&'static str, String);

/// Whether a step has any of this.
pub(super) fn are_asked(entry: &Entry) -> bool {
    matches!(&entry.work, Work::Package { features, .. } if !features.is_empty())
}

/// Does to the package in `folder` what the step says, and says so in its log.
pub(super) async fn apply(
    run: &Run,
    folder: PathBuf,
    variables: &Variables,
    grants: &Arc<Grants>,
    kept: &mut Kept,
) -> AttemptEnd {
    let Work::Package { features, .. } = &run.entry().work else {
        return AttemptEnd::Succeeded;
    };
    let (features, variables, grants) = (features.clone(), variables.clone(), Arc::clone(grants));
    let changing =
        tokio::task::spawn_blocking(move || change(&features, &folder, &variables, &grants));
    match changing
        .await
        .unwrap_or_else(|error| Err(error.to_string()))
    {
        Ok(said) => {
            kept.close(run);
            for (level, text) in said {
                kept.has_warnings |= level == "Warning";
                kept.changes.push(run.line(level, format!("{text}\n")));
            }
            AttemptEnd::Succeeded
        }
        Err(message) => AttemptEnd::Failed { message },
    }
}

/// Does everything that `features` say to the package in `folder`.
fn change(
    features: &PackageFeatures,
    folder: &Path,
    variables: &Variables,
    grants: &Grants,
) -> Result<Vec<Said>, String> {
    let PackageFeatures {
        substitute_in,
        structured_in,
        install_to,
    } = features;
    let package = Dir::open_ambient_dir(folder, ambient_authority())
        .map_err(|error| format!("the package can't be read: {error}"))?;
    let readable = variables.granted(&grants.variables);
    let mut said = Vec::new();
    for path in selected(&package, substitute_in, variables, &mut said)? {
        rewrite(&package, &path, |text| {
            substituted(&path, text, &readable, &mut said)
        })?;
    }
    for path in selected(&package, structured_in, variables, &mut said)? {
        rewrite(&package, &path, |text| {
            restructured(&path, text, &readable, &mut said)
        })?;
    }
    if let Some(path) = install_to {
        let (directory, name) = host_directory(path, grants)?;
        let n_files = install::install(&package, &directory)
            .map_err(|error| format!("the package can't be installed into {path}: {error}"))?;
        let text = format!("Installed {n_files} files into {path} ({name})");
        said.push(("Info", text));
    }
    Ok(said)
}

/// The files that patterns mean. Patterns that mean none are worth a warning.
fn selected(
    package: &Dir,
    patterns: &str,
    variables: &Variables,
    said: &mut Vec<Said>,
) -> Result<Vec<String>, String> {
    if patterns.is_empty() {
        return Ok(Vec::new());
    }
    let (patterns, _) = evaluate(patterns, variables)?;
    let selection = Selection::parse(&patterns);
    let found = contents(package).map_err(|error| format!("the package can't be read: {error}"))?;
    let files: Vec<String> = found
        .files
        .into_iter()
        .filter(|path| selection.matches(path))
        .collect();
    if files.is_empty() {
        let patterns = patterns.trim().replace('\n', ", ");
        said.push((
            "Warning",
            format!("No file of the package is called {patterns}"),
        ));
    }
    Ok(files)
}

/// Puts what `fill` makes of a file's text in the place of it, unless that is the same.
fn rewrite(
    package: &Dir,
    path: &str,
    fill: impl FnOnce(&str) -> Result<String, String>,
) -> Result<(), String> {
    let failed =
        |error: &dyn std::fmt::Display| format!("`{path}` of the package can't be read: {error}");
    let size = package
        .metadata(path)
        .map_err(|error| failed(&error))?
        .len();
    if size > MAX_BYTES {
        return Err(failed(&"it is too large to put variables into"));
    }
    let before = package
        .read_to_string(path)
        .map_err(|error| failed(&error))?;
    let after = fill(&before)?;
    if after == before {
        return Ok(());
    }
    let written = package.write(path, after);
    written.map_err(|error| format!("`{path}` of the package can't be written: {error}"))
}

/// A text with its `#{variables}` filled in.
fn substituted(
    path: &str,
    text: &str,
    variables: &Variables,
    said: &mut Vec<Said>,
) -> Result<String, String> {
    let (filled, missing) = evaluate(text, variables)
        .map_err(|error| format!("the variables in `{path}` can't be filled in: {error}"))?;
    if !missing.is_empty() {
        let missing = missing.join(", ");
        said.push((
            "Warning",
            format!("{path}: these variables don't exist or may not be read by the step, and stay as they are written: {missing}"),
        ));
    }
    said.push(("Verbose", format!("Filled in the variables in {path}")));
    Ok(filled)
}

/// A JSON text with the values in it that variables are called like.
fn restructured(
    path: &str,
    text: &str,
    variables: &Variables,
    said: &mut Vec<Said>,
) -> Result<String, String> {
    let mut document = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        format!("`{path}` is not JSON, the only structure that this server puts variables into: {error}")
    })?;
    let value_of = |name: &str| {
        let value = variables.get(name)?;
        evaluate(value, variables).ok().map(|(value, _)| value)
    };
    let replaced = structured::replace(&mut document, &value_of);
    if replaced.is_empty() {
        said.push((
            "Warning",
            format!("{path}: no variable is called like one of its values"),
        ));
        return Ok(text.to_owned());
    }
    let replaced = replaced.join(", ");
    said.push(("Verbose", format!("Replaced in {path}: {replaced}")));
    serde_json::to_string_pretty(&document).map_err(|error| error.to_string())
}

/// The directory of the host behind a path of the policy, made if it isn't there, and its name.
fn host_directory(path: &MountPath, grants: &Grants) -> Result<(Dir, String), String> {
    let grant = grants.files.decide(path, Access::ReadWrite);
    let grant = grant.map_err(|denial| denial.to_string())?;
    let FileSource::Host(host) = &grant.source else {
        return Err(format!("{} is not a directory of the host", grant.source));
    };
    let failed = |error: std::io::Error| format!("{path} can't be opened: {error}");
    let root = Dir::open_ambient_dir(host.as_str(), ambient_authority()).map_err(failed)?;
    let inner = path.as_str().strip_prefix(grant.mount.as_str());
    let inner = inner.unwrap_or_default().trim_start_matches('/');
    if inner.is_empty() {
        return Ok((root, host.as_str().to_owned()));
    }
    root.create_dir_all(inner).map_err(failed)?;
    let directory = root.open_dir(inner).map_err(failed)?;
    Ok((directory, format!("{}/{inner}", host.as_str())))
}
