//! The directory of policy files: read whole, held as one set, read again when a file changes.
//!
//! ```text
//!  DIR/*.toml ─► read ─► PolicySet::parse ─► the set that plans are made with
//!                             └─ a problem: the set before stays, and the problem is told
//! ```
//!
//! A set is taken over whole or not at all. It is looked at every second instead of being watched: that works on
//! every file system, bind mounts and network drives included, and a handful of small files cost nothing.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::{App, Caller, Error};
use crate::model::Invalid;
use crate::model::access::{Permission, Target};
use crate::plan::{PolicySet, PolicySetError};
use crate::policy::grants;
use crate::store::Change;

/// Steps that name no policy get this one, unless a file says otherwise.
const BUILT_IN: &str = include_str!("../../policies/default.toml");

/// More than this is no policy file.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The name under which the ceiling is read and written.
pub const CEILING: &str = "ceiling";

/// Why there is no set.
#[derive(Debug, thiserror::Error)]
pub enum PoliciesError {
    #[error("the policy directory `{path}` can't be read")]
    Directory { path: PathBuf, source: io::Error },
    #[error("the policy file `{path}` can't be read")]
    File { path: PathBuf, source: io::Error },
    #[error("`{path}` is larger than a policy file may be")]
    TooLarge { path: PathBuf },
    #[error(transparent)]
    Set(#[from] PolicySetError),
}

/// The files of a directory, and the set that was made of them last.
#[derive(Debug)]
pub struct Policies {
    directory: PathBuf,
    set: RwLock<Arc<PolicySet>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// As they were when they were looked at last; `None` if they couldn't be read then.
    files: Option<Vec<(String, String)>>,
    problem: Option<String>,
}

/// A policy, for people.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    pub name: String,
    /// In the directory; `None` for the built-in one.
    pub file: Option<String>,
    pub digest: String,
    pub text: String,
}

impl Policies {
    /// Reads the directory, and makes it if it isn't there.
    ///
    /// # Errors
    /// [`PoliciesError`]: a server doesn't start on half a wall.
    pub fn open(directory: &Path) -> Result<Self, PoliciesError> {
        std::fs::create_dir_all(directory).map_err(|source| PoliciesError::Directory {
            path: directory.to_owned(),
            source,
        })?;
        let files = read(directory)?;
        let set = PolicySet::parse(&files, BUILT_IN)?;
        Ok(Self {
            directory: directory.to_owned(),
            set: RwLock::new(Arc::new(set)),
            state: Mutex::new(State {
                files: Some(files),
                problem: None,
            }),
        })
    }

    /// The set that plans are made with now.
    pub fn set(&self) -> Arc<PolicySet> {
        Arc::clone(&self.set.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is wrong with the files as they are now, if the set is an older one.
    pub fn problem(&self) -> Option<String> {
        self.state().problem.clone()
    }

    /// Looks at the files again. Whether the set changed.
    pub fn reload(&self) -> bool {
        let files = read(&self.directory);
        let mut state = self.state();
        let parsed = match files {
            Ok(files) if Some(&files) == state.files.as_ref() => return false,
            Ok(files) => {
                let parsed = PolicySet::parse(&files, BUILT_IN);
                state.files = Some(files);
                parsed.map_err(PoliciesError::from)
            }
            Err(error) => {
                state.files = None;
                Err(error)
            }
        };
        match parsed {
            Ok(set) => {
                state.problem = None;
                *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set);
                tracing::info!("the policies were read again");
                true
            }
            Err(error) => {
                let text = chain(&error);
                if state.problem.as_ref() != Some(&text) {
                    tracing::error!("the policies stay as they were: {text}");
                }
                state.problem = Some(text);
                false
            }
        }
    }

    /// Puts `text` into the file of the policy `name`, or removes the file, if what comes of it is a set.
    fn change(&self, name: &str, text: Option<&str>) -> Result<(), Error> {
        let invalid = |error: &PoliciesError| Error::invalid(chain(error));
        let mut files = read(&self.directory).map_err(|error| invalid(&error))?;
        let file = self.file_of(name).unwrap_or_else(|| format!("{name}.toml"));
        files.retain(|(own, _)| *own != file);
        if let Some(text) = text {
            files.push((file.clone(), text.to_owned()));
            files.sort();
        }
        let set = PolicySet::parse(&files, BUILT_IN).map_err(|error| invalid(&error.into()))?;
        if text.is_some() && name != CEILING {
            let Some((policy, _)) = set.named(name) else {
                return Err(Error::invalid(format!(
                    "The text must have `name = \"{name}\"`."
                )));
            };
            grants(policy, set.ceiling()).map_err(|outside| Error::invalid(outside.to_string()))?;
        }
        let path = self.directory.join(&file);
        let written = match text {
            Some(text) => write(&self.directory, &path, text),
            None => std::fs::remove_file(&path),
        };
        written.map_err(|error| Error::Conflict(format!("`{file}` can't be written: {error}")))?;
        self.reload();
        Ok(())
    }

    /// The file that holds a policy now.
    fn file_of(&self, name: &str) -> Option<String> {
        let set = self.set();
        if name == CEILING {
            return set.ceiling().map(|_| format!("{CEILING}.toml"));
        }
        let (policy, _) = set.named(name)?;
        let file = policy.file.to_string();
        self.state()
            .files
            .iter()
            .flatten()
            .any(|(own, _)| *own == file)
            .then_some(file)
    }

    fn list(&self) -> Vec<PolicyFile> {
        let set = self.set();
        let mut list = Vec::new();
        for name in set.names() {
            if let Some((policy, text)) = set.named(name) {
                list.push(PolicyFile {
                    name: name.to_owned(),
                    file: self.file_of(name),
                    digest: policy.digest().to_string(),
                    text: text.to_owned(),
                });
            }
        }
        if let Some((ceiling, text)) = set.ceiling().zip(set.ceiling_text()) {
            list.push(PolicyFile {
                name: CEILING.to_owned(),
                file: Some(format!("{CEILING}.toml")),
                digest: ceiling.digest().to_string(),
                text: text.to_owned(),
            });
        }
        list
    }

    /// A panic can't leave the state half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every `*.toml` of the directory, by name.
fn read(directory: &Path) -> Result<Vec<(String, String)>, PoliciesError> {
    let of_directory = |source| PoliciesError::Directory {
        path: directory.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(of_directory)? {
        let path = entry.map_err(of_directory)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|name| name.ends_with(".toml") && !name.starts_with('.'))
        else {
            continue;
        };
        let of_file = |source| PoliciesError::File {
            path: path.clone(),
            source,
        };
        if std::fs::metadata(&path).map_err(of_file)?.len() > MAX_FILE_BYTES {
            return Err(PoliciesError::TooLarge { path });
        }
        let text = std::fs::read_to_string(&path).map_err(of_file)?;
        files.push((name.to_owned(), text));
    }
    files.sort();
    Ok(files)
}

/// Whole or not at all.
fn write(directory: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".policy-")
        .tempfile_in(directory)?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn chain(error: &PoliciesError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

impl App {
    /// Every policy, and what is wrong with the files as they are now.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn policies_list(
        &self,
        caller: &Caller,
    ) -> Result<(Vec<PolicyFile>, Option<String>), Error> {
        if caller.access.reach(Permission::PolicyView).is_empty() {
            return Err(Error::Forbidden {
                permission: Permission::PolicyView,
            });
        }
        let policies = self.policy_files();
        // In this order: a set that is read after there was no problem is not older than that.
        let problem = policies.problem();
        Ok((policies.list(), problem))
    }

    /// The policy with this name.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::NotFound`].
    pub fn policy_get(&self, caller: &Caller, name: &str) -> Result<PolicyFile, Error> {
        let (policies, _) = self.policies_list(caller)?;
        let found = policies.into_iter().find(|policy| policy.name == name);
        found.ok_or_else(|| Error::NotFound {
            noun: "policy",
            id: name.to_owned(),
        })
    }

    /// Writes a policy's text, or removes its file. Tasks that exist keep the text that they have.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] with what is wrong, and then nothing has changed.
    pub async fn policy_change(
        &self,
        caller: &Caller,
        name: &str,
        text: Option<String>,
    ) -> Result<(), Error> {
        caller.require(Permission::PolicyEdit, Target::default())?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 100 || !name.chars().all(is_name) {
            let problem =
                format!("`{name}` is no name for a policy: use letters, digits and hyphens.");
            return Err(Invalid::because(problem).into());
        }
        if text.is_none() && self.policy_files().file_of(name).is_none() {
            return Err(Error::NotFound {
                noun: "policy file",
                id: name.to_owned(),
            });
        }
        let verb = if text.is_some() { "written" } else { "deleted" };
        let (app, own_name) = (self.clone(), name.to_owned());
        let changed = tokio::task::spawn_blocking(move || {
            app.policy_files().change(&own_name, text.as_deref())
        });
        changed
            .await
            .map_err(|error| Error::Conflict(error.to_string()))??;
        let message = format!("The policy `{name}` was {verb}");
        let event = caller.event(self.now(), "Modified", None, message, vec![name.to_owned()]);
        self.store().commit(vec![Change::Event(event)]).await?;
        Ok(())
    }
}
