//! What an attempt runs, and the packages that it finds unpacked.
//!
//! Each attempt gets packages of its own, unpacked into a directory that goes with it: what one step writes into
//! a package, no other step sees.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use tempfile::TempDir;

use super::attempt::Run;
use super::variables::evaluate;
use crate::blob::Blobs;
use crate::link::protocol;
use crate::package::{Bounds, PackageName, extract};
use crate::plan::{Entry, Location, PackageScripts, PackageUse, Syntax, Work};
use crate::policy::{FileSource, Grants, MountPath};
use crate::worker::{Language, Program, Sources, Variables};

/// Larger files are no scripts.
const MAX_SCRIPT_BYTES: u64 = 8 << 20;

/// The scripts that a package may have in its root, in the order in which they run (octopus-semantics: package
/// step conventions).
const CONVENTIONS: [&str; 3] = ["PreDeploy", "Deploy", "PostDeploy"];

/// Larger modules are refused when they are compiled, too.
const MAX_MODULE_BYTES: u64 = 64 << 20;

/// Which of several scripts with one name runs.
const EXTENSIONS: [&str; 5] = ["sh", "py", "ps1", "js", "wasm"];

/// Everything that an attempt needs on disk.
pub(super) struct Prepared {
    pub(super) scripts: Vec<Program>,
    /// What follows each script's name.
    pub(super) arguments: Vec<String>,
    pub(super) sources: Sources,
    pub(super) warnings: Vec<String>,
    /// Where packages are unpacked; `None` without packages.
    pub(super) scratch: Option<TempDir>,
    /// Where the primary package is, if scripts out of it are run.
    pub(super) package: Option<PathBuf>,
    /// The packages that an external worker unpacks itself.
    pub(super) shipped: Vec<protocol::Package>,
}

/// Unpacks what the attempt needs, and finds its scripts.
///
/// # Errors
/// Why the step fails, for people.
pub(super) async fn prepare(
    run: &Run,
    grants: &Arc<Grants>,
    variables: &Variables,
) -> Result<Prepared, String> {
    let entry = run.entry();
    let arguments = arguments(&entry.work, variables)?;
    let shipped = shipped(entry, grants);
    if let Work::Script { syntax, body, .. } = &entry.work {
        let (text, missing) = evaluate(body, variables)?;
        let mut warnings = Vec::new();
        if !missing.is_empty() {
            let names = missing.join(", ");
            warnings.push(format!(
                "These variables don't exist, and stay as they are written: {names}"
            ));
        }
        let (language, name) = match syntax {
            Syntax::Bash => (Language::Shell, "Script.sh"),
            Syntax::PowerShell => (Language::PowerShell, "Script.ps1"),
            Syntax::Python => (Language::Python, "Script.py"),
            Syntax::JavaScript => (Language::JavaScript, "Script.js"),
        };
        let script = Program::Script {
            language,
            name: name.to_owned(),
            text: text.into_bytes(),
        };
        let (scratch, sources) = unpack(run, grants).await?;
        return Ok(Prepared {
            scripts: vec![script],
            arguments,
            sources,
            warnings,
            scratch,
            package: None,
            shipped,
        });
    }
    let (scratch, sources) = unpack(run, grants).await?;
    let primary = scratch.as_ref().map(|scratch| folder(scratch.path(), 0));
    let (scripts, mut warnings) = match (&entry.work, &primary) {
        (Work::Package { scripts, .. }, Some(folder)) => scripts_in(folder, scripts)?,
        _ => (Vec::new(), Vec::new()),
    };
    if matches!(&entry.work, Work::Package { features, .. } if !features.is_empty()) {
        // Something is done without a script.
        warnings.clear();
    }
    Ok(Prepared {
        scripts,
        arguments,
        sources,
        warnings,
        scratch,
        package: primary,
        shipped,
    })
}

/// Whether it comes before the package's files are changed and installed (octopus-semantics 3.13).
pub(super) fn is_before_features(script: &Program) -> bool {
    let (Program::Script { name, .. } | Program::Module { name, .. }) = script else {
        return false;
    };
    name.split_once('.')
        .is_some_and(|(stem, _)| stem == CONVENTIONS[0])
}

/// What an external worker is sent. Scripts are read here, so that it gets what its mounts name, and no more.
fn shipped(entry: &Entry, grants: &Grants) -> Vec<protocol::Package> {
    if entry.location == Location::Server {
        return Vec::new();
    }
    let mut shipped = Vec::new();
    for package in &entry.packages {
        let rules = grants.files.rules.iter();
        let mounts = rules.filter(|rule| rule.source.is_package(&package.package_id));
        let mounts: Vec<MountPath> = mounts.map(|rule| rule.mount.clone()).collect();
        if let (false, Some(sha256)) = (mounts.is_empty(), &package.sha256) {
            shipped.push(protocol::Package {
                sha256: sha256.clone(),
                file_name: package.file_name.clone(),
                mounts,
            });
        }
    }
    shipped
}

/// What follows the script's name, split into words as a shell does.
fn arguments(work: &Work, variables: &Variables) -> Result<Vec<String>, String> {
    let (Work::Script { parameters, .. } | Work::Package { parameters, .. }) = work else {
        return Ok(Vec::new());
    };
    let (text, _) = evaluate(parameters, variables)?;
    let words = shlex::split(&text);
    words.ok_or_else(|| "a quotation in the script parameters is not closed".to_owned())
}

fn folder(scratch: &Path, index: usize) -> PathBuf {
    scratch.join(format!("package-{index}"))
}

/// The packages that a step needs unpacked: its primary one if its scripts are in it, and those that are mounted.
fn needed<'a>(entry: &'a Entry, grants: &Grants) -> Vec<&'a PackageUse> {
    let is_mounted = |package: &&PackageUse| {
        if entry.location != Location::Server {
            return false;
        }
        let mut rules = grants.files.rules.iter();
        rules.any(|rule| rule.source.is_package(&package.package_id))
    };
    let is_run = |package: &&PackageUse| {
        matches!(entry.work, Work::Package { .. }) && package.reference.is_empty()
    };
    let packages = entry.packages.iter();
    packages
        .filter(|package| is_run(package) || is_mounted(package))
        .collect()
}

async fn unpack(run: &Run, grants: &Arc<Grants>) -> Result<(Option<TempDir>, Sources), String> {
    let packages = needed(run.entry(), grants).into_iter().cloned().collect();
    let Some(unpacked) = unpack_into_scratch(run, packages).await? else {
        return Ok((None, Sources::default()));
    };
    let Unpacked {
        scratch,
        folders,
        packages,
    } = unpacked;
    let mut sources = Sources::default();
    for rule in &grants.files.rules {
        let is_it = |package: &PackageUse| rule.source.is_package(&package.package_id);
        if let (FileSource::Package(_), Some(index)) =
            (&rule.source, packages.iter().position(is_it))
        {
            let folder = folders[index].clone();
            sources.mounts.insert(rule.mount.clone(), folder);
        }
    }
    Ok((Some(scratch), sources))
}

/// Packages in a directory that goes with this.
pub(super) struct Unpacked {
    pub(super) scratch: TempDir,
    /// In the order of `packages`.
    pub(super) folders: Vec<PathBuf>,
    pub(super) packages: Vec<PackageUse>,
}

/// Unpacks every package that a process elsewhere finds: its primary one, and those that the policy mounts.
///
/// # Errors
/// Why the step fails, for people.
pub(super) async fn unpack_all(
    run: &Run,
    grants: &Arc<Grants>,
) -> Result<Option<Unpacked>, String> {
    let entry = run.entry();
    let is_wanted = |package: &&PackageUse| {
        let mut rules = grants.files.rules.iter();
        let is_run = matches!(entry.work, Work::Package { .. }) && package.reference.is_empty();
        is_run || rules.any(|rule| rule.source.is_package(&package.package_id))
    };
    let packages = entry.packages.iter().filter(is_wanted).cloned().collect();
    unpack_into_scratch(run, packages).await
}

async fn unpack_into_scratch(
    run: &Run,
    packages: Vec<PackageUse>,
) -> Result<Option<Unpacked>, String> {
    if packages.is_empty() {
        return Ok(None);
    }
    let blobs = run.inner.app.blobs().clone();
    let unpacking = tokio::task::spawn_blocking(move || {
        let disk = |error: std::io::Error| format!("the packages can't be unpacked: {error}");
        let scratch = blobs.scratch().map_err(disk)?;
        let mut folders = Vec::new();
        for (index, package) in packages.iter().enumerate() {
            let folder = folder(scratch.path(), index);
            fs::create_dir(&folder).map_err(disk)?;
            unpack_one(&blobs, package, &folder)?;
            folders.push(folder);
        }
        Ok::<_, String>(Unpacked {
            scratch,
            folders,
            packages,
        })
    });
    let unpacked = unpacking
        .await
        .map_err(|error| format!("the packages can't be unpacked: {error}"))??;
    Ok(Some(unpacked))
}

fn unpack_one(blobs: &Blobs, package: &PackageUse, folder: &Path) -> Result<(), String> {
    let what = format!("the package {} {}", package.package_id, package.version);
    let failed = |error: &dyn std::fmt::Display| format!("{what} can't be unpacked: {error}");
    let name = PackageName::parse(&package.file_name).map_err(|error| failed(&error))?;
    let sha256 = package.sha256.as_deref().unwrap_or_default();
    let file = blobs.file(sha256);
    let file = file.map_err(|error| format!("{what} is not in the feed any more: {error}"))?;
    let into =
        Dir::open_ambient_dir(folder, ambient_authority()).map_err(|error| failed(&error))?;
    extract(file, name.format, &into, Bounds::default()).map_err(|error| failed(&error))
}

fn scripts_in(
    folder: &Path,
    scripts: &PackageScripts,
) -> Result<(Vec<Program>, Vec<String>), String> {
    let root = Dir::open_ambient_dir(folder, ambient_authority())
        .map_err(|error| format!("the package can't be read: {error}"))?;
    match scripts {
        PackageScripts::File(path) => {
            let script =
                read(&root, path)?.ok_or_else(|| format!("the package has no file `{path}`"))?;
            Ok((vec![script], Vec::new()))
        }
        PackageScripts::Conventions => {
            let mut found = Vec::new();
            for name in CONVENTIONS {
                for extension in EXTENSIONS {
                    if let Some(script) = read(&root, &format!("{name}.{extension}"))? {
                        found.push(script);
                        break;
                    }
                }
            }
            let warnings = match found.is_empty() {
                true => vec!["The package has no PreDeploy, Deploy or PostDeploy script in its root: nothing was run".to_owned()],
                false => Vec::new(),
            };
            Ok((found, warnings))
        }
    }
}

/// A script in a package; `None` if there is no such file.
fn read(root: &Dir, path: &str) -> Result<Option<Program>, String> {
    let path = path.trim_start_matches("./");
    let failed = |error: std::io::Error| format!("`{path}` of the package can't be read: {error}");
    let size = match root.metadata(path) {
        Ok(metadata) if metadata.is_file() => metadata.len(),
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    let is_module = path.ends_with(".wasm");
    let most = if is_module {
        MAX_MODULE_BYTES
    } else {
        MAX_SCRIPT_BYTES
    };
    if size > most {
        return Err(format!("`{path}` of the package is too large for a script"));
    }
    let text = root.read(path).map_err(failed)?;
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    if is_module {
        return Ok(Some(Program::Module { name, bytes: text }));
    }
    let language = Language::detect(&name, &text).ok_or_else(|| {
        format!("`{path}` of the package is in no language that this server runs: .sh, .ps1, .py, .js or .wasm")
    })?;
    Ok(Some(Program::Script {
        language,
        name,
        text,
    }))
}
