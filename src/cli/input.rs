//! Flags and files of the command line, parsed into values that can't be wrong.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value as Json;

use crate::policy::{Access, EnvName, MountPath};
use crate::worker::{Sensitive, Variables};

/// `NAME=VALUE`.
#[derive(Debug, Clone)]
pub struct Assignment {
    pub name: String,
    pub value: String,
}

impl FromStr for Assignment {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => bail!("write NAME=VALUE"),
        }
    }
}

/// `NAME=VALUE` whose name can be an environment variable's.
#[derive(Debug, Clone)]
pub struct EnvAssignment {
    pub name: EnvName,
    pub value: String,
}

impl FromStr for EnvAssignment {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let Assignment { name, value } = text.parse()?;
        Ok(Self {
            name: EnvName::parse(&name)?,
            value,
        })
    }
}

/// `/guest=DIRECTORY`, optionally followed by `:ro` or `:rw`.
#[derive(Debug, Clone)]
pub struct MountFlag {
    pub mount: MountPath,
    pub directory: PathBuf,
    /// What the flag itself grants, where no policy has a rule for the mount.
    pub access: Access,
    /// As it was typed, for reports.
    pub text: String,
}

impl FromStr for MountFlag {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some((mount, directory)) = text.split_once('=') else {
            bail!("write /path/in/sandbox=DIRECTORY, with :rw behind it if it may be written");
        };
        let (directory, access) = match directory.rsplit_once(':') {
            Some((directory, "ro")) => (directory, Access::Read),
            Some((directory, "rw")) => (directory, Access::ReadWrite),
            _ => (directory, Access::Read),
        };
        let mount = MountPath::parse(mount)
            .map_err(|error| anyhow!("`{mount}` can't be a path in the sandbox: {error}"))?;
        if mount.is_reserved() {
            bail!("`{mount}` is Seawall's own; mount it elsewhere");
        }
        let directory = std::fs::canonicalize(directory)
            .map_err(|error| anyhow!("`{directory}` can't be mounted: {error}"))?;
        Ok(Self {
            mount,
            directory,
            access,
            text: text.to_owned(),
        })
    }
}

/// A variable whose value must not be seen: `NAME=@FILE`, `NAME=env:VARIABLE`, or `NAME=VALUE`.
///
/// The first two keep the value out of the list of processes and the shell's history.
#[derive(Debug, Clone)]
pub struct SecretFlag {
    pub name: String,
    source: SecretSource,
}

#[derive(Debug, Clone)]
enum SecretSource {
    File(PathBuf),
    Environment(String),
    Literal(zeroize::Zeroizing<String>),
}

impl FromStr for SecretFlag {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let Assignment { name, value } = text.parse()?;
        let source = if let Some(path) = value.strip_prefix('@') {
            SecretSource::File(PathBuf::from(path))
        } else if let Some(variable) = value.strip_prefix("env:") {
            SecretSource::Environment(variable.to_owned())
        } else {
            SecretSource::Literal(zeroize::Zeroizing::new(value))
        };
        Ok(Self { name, source })
    }
}

impl SecretFlag {
    fn value(&self) -> Result<String> {
        match &self.source {
            SecretSource::Literal(value) => Ok(value.to_string()),
            SecretSource::File(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("`{}` can't be read", path.display()))?;
                // A file's last line end is the editor's, not the secret's.
                Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
            }
            SecretSource::Environment(variable) => std::env::var(variable)
                .map_err(|_| anyhow!("the environment variable {variable} is not set")),
        }
    }
}

/// The variables of a run: files first, then `--set` and `--secret`, later ones winning.
pub fn variables(
    files: &[PathBuf],
    set: &[Assignment],
    secrets: &[SecretFlag],
) -> Result<Variables> {
    let mut variables = Variables::default();
    for path in files {
        read_file(path, &mut variables)
            .with_context(|| format!("the variables file `{}` can't be used", path.display()))?;
    }
    for Assignment { name, value } in set {
        variables.set(name, value.clone(), Sensitive::No);
    }
    for secret in secrets {
        let value = secret
            .value()
            .with_context(|| format!("the secret {} can't be read", secret.name))?;
        variables.set(&secret.name, value, Sensitive::Yes);
    }
    Ok(variables)
}

fn read_file(path: &Path, variables: &mut Variables) -> Result<()> {
    let text = std::fs::read_to_string(path)?;
    let extension = path.extension().and_then(|extension| extension.to_str());
    let document: Json = match extension {
        Some("json") => serde_json::from_str(&text)?,
        Some("toml") => toml::from_str(&text)?,
        Some("yaml" | "yml") => serde_norway::from_str(&text)?,
        _ => bail!("its name must end in .json, .toml or .yaml"),
    };
    let Json::Object(members) = document else {
        bail!("it must hold names and values at its top level");
    };
    for (name, value) in members {
        add(&name, value, variables)?;
    }
    Ok(())
}

/// `{"value": …, "sensitive": true}` is one variable; other tables are joined with dots.
fn add(name: &str, value: Json, variables: &mut Variables) -> Result<()> {
    match value {
        Json::Object(mut members) if is_described(&members) => {
            let is_sensitive = members.get("sensitive") == Some(&Json::Bool(true));
            let sensitive = if is_sensitive {
                Sensitive::Yes
            } else {
                Sensitive::No
            };
            let value = members.remove("value").unwrap_or_default();
            variables.set(name, text_of(name, value)?, sensitive);
            Ok(())
        }
        Json::Object(members) => members
            .into_iter()
            .try_for_each(|(key, value)| add(&format!("{name}.{key}"), value, variables)),
        value => {
            let text = text_of(name, value)?;
            variables.set(name, text, Sensitive::No);
            Ok(())
        }
    }
}

fn is_described(members: &serde_json::Map<String, Json>) -> bool {
    members.contains_key("value")
        && members
            .keys()
            .all(|key| key == "value" || key == "sensitive")
}

fn text_of(name: &str, value: Json) -> Result<String> {
    Ok(match value {
        Json::String(text) => text,
        Json::Null => String::new(),
        // As Octopus writes them.
        Json::Bool(true) => "True".into(),
        Json::Bool(false) => "False".into(),
        Json::Number(number) => number.to_string(),
        // Templates can index into JSON.
        Json::Array(_) => value.to_string(),
        Json::Object(_) => bail!("the value of {name} must be a string, number or list"),
    })
}
