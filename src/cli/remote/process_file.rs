//! A project's process as a TOML file, for people: into the steps that Octopus's API takes.
//!
//! Reads what [`EXAMPLE`] shows and refuses every key that it doesn't know, with the line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

/// For `--help`.
pub const EXAMPLE: &str = r##"A process file:
  [[step]]
  name = "Configure"
  language = "bash"                 # bash, python or javascript
  script = "echo to #{Octopus.Environment.Name}"
  policy = "default"                # what it may touch

  [[step]]
  name = "Approve"
  manual = "Is the canary fine?"    # waits for a person
  environments = ["Production"]

  [[step]]
  name = "Announce"
  file = "announce.py"              # beside the process file; the language follows from its name
  condition = "always"              # success, failure, always, or an expression: "#{Announce}"
  start = "with-previous"           # or after-previous
  retries = 2
  timeout = 5                       # minutes

  [[step]]
  name = "Install"
  package = "acme.web"              # unpacked; its PreDeploy, Deploy and PostDeploy scripts run
  # package-script = "tools/x.sh"   # or this one script of it

  [[variable]]
  name = "Port"
  value = "8080"
  environments = ["Production"]     # more specific than a value without them
  sensitive = false"##;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessFile {
    #[serde(default)]
    step: Vec<StepEntry>,
    #[serde(default)]
    variable: Vec<VariableEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct StepEntry {
    name: String,
    language: Option<String>,
    script: Option<String>,
    file: Option<PathBuf>,
    manual: Option<String>,
    /// A package of the built-in feed. Alone, its own PreDeploy, Deploy and PostDeploy scripts run.
    package: Option<String>,
    /// A script in the package.
    package_script: Option<String>,
    #[serde(default)]
    teams: Vec<String>,
    policy: Option<String>,
    condition: Option<String>,
    start: Option<Start>,
    #[serde(default)]
    environments: Vec<String>,
    #[serde(default)]
    excluded_environments: Vec<String>,
    #[serde(default)]
    channels: Vec<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    disabled: bool,
    retries: Option<u32>,
    timeout: Option<u32>,
    #[serde(default)]
    repeatable: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Start {
    AfterPrevious,
    WithPrevious,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariableEntry {
    name: String,
    value: String,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    environments: Vec<String>,
    /// The label of a prompt.
    prompt: Option<String>,
    #[serde(default)]
    required: bool,
}

/// The ids of things that a file names.
pub struct Names {
    pub environments: BTreeMap<String, String>,
    pub channels: BTreeMap<String, String>,
    pub teams: BTreeMap<String, String>,
}

impl ProcessFile {
    /// Reads a file, and the scripts that it names.
    ///
    /// # Errors
    /// What is wrong with it, with the line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("`{}` can't be read", path.display()))?;
        let mut file: Self =
            toml::from_str(&text).with_context(|| format!("`{}` is not valid", path.display()))?;
        let beside = path.parent().unwrap_or(Path::new("."));
        for step in &mut file.step {
            step.load(beside)
                .with_context(|| format!("`{}`: step `{}`", path.display(), step.name))?;
        }
        Ok(file)
    }

    /// The steps as the API takes them.
    ///
    /// # Errors
    /// A name that the server doesn't have.
    pub fn steps(&self, names: &Names) -> Result<Vec<Value>> {
        self.step.iter().map(|step| step.json(names)).collect()
    }

    /// The variables as the API takes them.
    ///
    /// # Errors
    /// A name that the server doesn't have.
    pub fn variables(&self, names: &Names) -> Result<Vec<Value>> {
        let variables = self.variable.iter().map(|variable| {
            let mut value = json!({
                "Name": variable.name,
                "Value": variable.value,
                "IsSensitive": variable.sensitive,
                "Type": if variable.sensitive { "Sensitive" } else { "String" },
                "Scope": {},
            });
            if !variable.environments.is_empty() {
                let ids = ids(&names.environments, &variable.environments, "environment")?;
                value["Scope"]["Environment"] = json!(ids);
            }
            if let Some(label) = &variable.prompt {
                value["Prompt"] = json!({ "Label": label, "Required": variable.required });
            }
            Ok(value)
        });
        variables.collect()
    }

    /// For people: how much there is.
    pub fn counts(&self) -> (usize, usize) {
        (self.step.len(), self.variable.len())
    }
}

fn ids(known: &BTreeMap<String, String>, names: &[String], noun: &str) -> Result<Vec<String>> {
    let id = |name: &String| match known.get(&name.to_lowercase()) {
        Some(id) => Ok(id.clone()),
        None => bail!("there is no {noun} `{name}` on the server"),
    };
    names.iter().map(id).collect()
}

impl StepEntry {
    /// Reads the script's file, and checks that the step is one thing.
    fn load(&mut self, beside: &Path) -> Result<()> {
        let n_kinds = [
            self.script.is_some(),
            self.file.is_some(),
            self.manual.is_some(),
            self.package_script.is_some(),
        ];
        match n_kinds.iter().filter(|is_set| **is_set).count() {
            1 => {}
            0 if self.package.is_some() => {}
            _ => bail!(
                "write one of `script`, `file`, `package-script`, `manual`, or `package` alone"
            ),
        }
        if self.package_script.is_some() && self.package.is_none() {
            bail!("`package-script` needs a `package`");
        }
        let Some(path) = &self.file else {
            return Ok(());
        };
        let text = std::fs::read_to_string(beside.join(path))
            .with_context(|| format!("`{}` can't be read", path.display()))?;
        let extension = path.extension().and_then(|extension| extension.to_str());
        if self.language.is_none() {
            self.language = extension.map(str::to_owned);
        }
        self.script = Some(text);
        Ok(())
    }

    fn json(&self, names: &Names) -> Result<Value> {
        let (condition, expression) = match self.condition.as_deref().unwrap_or("success") {
            "success" => ("Success", None),
            "failure" => ("Failure", None),
            "always" => ("Always", None),
            expression if expression.contains("#{") => ("Variable", Some(expression)),
            other => bail!(
                "step `{}`: `{other}` is no condition: write success, failure, always, or an expression with #{{…}}",
                self.name
            ),
        };
        let start = match self.start.unwrap_or(Start::AfterPrevious) {
            Start::AfterPrevious => "StartAfterPrevious",
            Start::WithPrevious => "StartWithPrevious",
        };
        let mut properties = BTreeMap::new();
        let mut set = |name: &str, value: String| properties.insert(name.to_owned(), value);
        let is_alone = self.script.is_none() && self.package_script.is_none();
        let kind = match &self.manual {
            None if is_alone => {
                set("Octopus.Action.RunOnServer", "True".to_owned());
                "Octopus.TentaclePackage"
            }
            None if self.package_script.is_some() => {
                set("Octopus.Action.RunOnServer", "True".to_owned());
                set("Octopus.Action.Script.ScriptSource", "Package".to_owned());
                let path = self.package_script.clone().unwrap_or_default();
                set("Octopus.Action.Script.ScriptFileName", path);
                "Octopus.Script"
            }
            Some(instructions) => {
                set("Octopus.Action.Manual.Instructions", instructions.clone());
                let teams = ids(&names.teams, &self.teams, "team")?;
                set("Octopus.Action.Manual.ResponsibleTeamIds", teams.join(","));
                "Octopus.Manual"
            }
            None => {
                set("Octopus.Action.RunOnServer", "True".to_owned());
                set("Octopus.Action.Script.ScriptSource", "Inline".to_owned());
                set("Octopus.Action.Script.Syntax", self.syntax()?.to_owned());
                let body = self.script.clone().unwrap_or_default();
                set("Octopus.Action.Script.ScriptBody", body);
                "Octopus.Script"
            }
        };
        if let Some(policy) = &self.policy {
            set("Seawall.Policy", policy.clone());
        }
        if self.repeatable {
            set("Seawall.Repeatable", "True".to_owned());
        }
        if let Some(retries) = self.retries {
            set("Octopus.Action.AutoRetry.MaximumCount", retries.to_string());
        }
        if let Some(minutes) = self.timeout {
            set(
                "Octopus.Action.ExecutionTimeout.Minutes",
                minutes.to_string(),
            );
        }
        let mut step_properties = json!({});
        if let Some(expression) = expression {
            step_properties["Octopus.Step.ConditionVariableExpression"] = expression.into();
        }
        let packages = self.package.iter();
        let packages: Vec<Value> = packages
            .map(|id| json!({ "Name": "", "PackageId": id, "AcquisitionLocation": "Server" }))
            .collect();
        Ok(json!({
            "Name": self.name,
            "Condition": condition,
            "StartTrigger": start,
            "Properties": step_properties,
            "Actions": [{
                "Name": self.name,
                "ActionType": kind,
                "IsRequired": self.required,
                "IsDisabled": self.disabled,
                "Environments": ids(&names.environments, &self.environments, "environment")?,
                "ExcludedEnvironments": ids(&names.environments, &self.excluded_environments, "environment")?,
                "Channels": ids(&names.channels, &self.channels, "channel")?,
                "Packages": packages,
                "Properties": properties,
            }],
        }))
    }

    fn syntax(&self) -> Result<&'static str> {
        Ok(match self.language.as_deref().unwrap_or("bash") {
            "bash" | "sh" | "shell" => "Bash",
            "python" | "py" => "Python",
            "javascript" | "js" | "mjs" => "JavaScript",
            "powershell" | "ps1" => "PowerShell",
            other => bail!(
                "step `{}`: `{other}` is no language: write bash, python or javascript",
                self.name
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names {
            environments: [("production".to_owned(), "Environments-2".to_owned())].into(),
            channels: BTreeMap::new(),
            teams: BTreeMap::new(),
        }
    }

    #[test]
    fn the_example_of_the_help_is_valid() {
        let directory = tempfile::TempDir::new().expect("a directory");
        std::fs::write(directory.path().join("announce.py"), "print(1)").expect("it is written");
        let path = directory.path().join("process.toml");
        let (_, example) = EXAMPLE.split_once('\n').expect("a title");
        std::fs::write(&path, example).expect("it is written");
        let file = ProcessFile::read(&path).expect("it is valid");
        let steps = file.steps(&names()).expect("names are known");
        assert_eq!(steps.len(), 4);
        assert_eq!(steps[1]["Actions"][0]["Environments"][0], "Environments-2");
        let announce = &steps[2]["Actions"][0]["Properties"];
        assert_eq!(announce["Octopus.Action.Script.Syntax"], "Python");
        assert_eq!(announce["Octopus.Action.Script.ScriptBody"], "print(1)");
        let variables = file.variables(&names()).expect("names are known");
        assert_eq!(variables[0]["Scope"]["Environment"][0], "Environments-2");
    }

    #[test]
    fn what_is_wrong_is_said_with_the_place() {
        let directory = tempfile::TempDir::new().expect("a directory");
        let path = directory.path().join("process.toml");
        for (text, expected) in [
            ("[[step]]\nname = \"A\"\nscrip = \"x\"", "line 3"),
            ("[[step]]\nname = \"A\"", "write one of `script`"),
            (
                "[[step]]\nname = \"A\"\nfile = \"gone.sh\"",
                "`gone.sh` can't be read",
            ),
            (
                "[[step]]\nname = \"A\"\nscript = \"x\"\nlanguage = \"perl\"",
                "`perl` is no language",
            ),
            (
                "[[step]]\nname = \"A\"\nscript = \"x\"\ncondition = \"maybe\"",
                "`maybe` is no condition",
            ),
            (
                "[[step]]\nname = \"A\"\nscript = \"x\"\nenvironments = [\"Moon\"]",
                "no environment `Moon`",
            ),
        ] {
            std::fs::write(&path, text).expect("it is written");
            let result = ProcessFile::read(&path).and_then(|file| file.steps(&names()));
            let error = format!("{:#}", result.expect_err(text));
            assert!(error.contains(expected), "{error}");
        }
    }
}
