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
  language = "bash"                 # bash, powershell, python or javascript
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
  name = "Build"
  script = "make"
  pool = "linux"                    # whose workers run it; the default pool's without it
  labels = ["gpu"]                  # what its worker must have
  isolation = "process"             # an OS process, where policy and worker allow it; else a sandbox
  sticky = true                     # on the worker of the sticky steps before it
  wait = 10                         # minutes for a worker, instead of failing
  policy = "native"

  [[step]]
  name = "Install"
  roles = ["web"]                   # once for each target with one of these roles
  run-on = "worker"                 # worker, or targets: on the machines themselves
  window = 2                        # targets at once
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
    /// Its name or id.
    pool: Option<String>,
    #[serde(default)]
    labels: Vec<String>,
    isolation: Option<Confined>,
    #[serde(default)]
    sticky: bool,
    #[serde(default)]
    exclusive: bool,
    /// Minutes.
    wait: Option<u32>,
    #[serde(default)]
    roles: Vec<String>,
    run_on: Option<RunOn>,
    window: Option<u32>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Confined {
    Sandbox,
    Process,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RunOn {
    Worker,
    Targets,
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
        for (name, value) in self.place()? {
            set(name, value);
        }
        let mut step_properties = json!({});
        if !self.roles.is_empty() {
            step_properties["Octopus.Action.TargetRoles"] = self.roles.join(",").into();
        }
        if let Some(window) = self.window {
            step_properties["Octopus.Action.MaxParallelism"] = window.to_string().into();
        }
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
                "WorkerPoolId": self.pool,
                "Properties": properties,
            }],
        }))
    }

    /// The properties that say where and how it runs.
    fn place(&self) -> Result<Vec<(&'static str, String)>> {
        let mut properties = Vec::new();
        match (self.run_on, self.roles.is_empty()) {
            (Some(RunOn::Targets), true) => bail!(
                "step `{}`: `run-on = \"targets\"` needs `roles`: which targets?",
                self.name
            ),
            (Some(RunOn::Targets), false) => {
                properties.push(("Octopus.Action.RunOnServer", "False".to_owned()));
            }
            (Some(RunOn::Worker) | None, _) => {}
        }
        if self.window.is_some() && self.roles.is_empty() {
            bail!(
                "step `{}`: `window` needs `roles`: which targets?",
                self.name
            );
        }
        if let Some(Confined::Process) = self.isolation {
            properties.push(("Seawall.Isolation", "Process".to_owned()));
        }
        if !self.labels.is_empty() {
            properties.push(("Seawall.Worker.Labels", self.labels.join(",")));
        }
        if self.sticky {
            properties.push(("Seawall.Worker.Sticky", "True".to_owned()));
        }
        if self.exclusive {
            properties.push(("Seawall.Worker.Exclusive", "True".to_owned()));
        }
        if let Some(minutes) = self.wait {
            properties.push(("Seawall.Worker.WaitMinutes", minutes.to_string()));
        }
        Ok(properties)
    }

    fn syntax(&self) -> Result<&'static str> {
        Ok(match self.language.as_deref().unwrap_or("bash") {
            "bash" | "sh" | "shell" => "Bash",
            "python" | "py" => "Python",
            "javascript" | "js" | "mjs" => "JavaScript",
            "powershell" | "ps1" => "PowerShell",
            other => bail!(
                "step `{}`: `{other}` is no language: write bash, powershell, python or javascript",
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
        assert_eq!(steps.len(), 5);
        let build = &steps[3]["Actions"][0];
        assert_eq!(build["WorkerPoolId"], "linux");
        for (name, value) in [
            ("Seawall.Isolation", "Process"),
            ("Seawall.Worker.Labels", "gpu"),
            ("Seawall.Worker.Sticky", "True"),
            ("Seawall.Worker.WaitMinutes", "10"),
        ] {
            assert_eq!(build["Properties"][name], value);
        }
        let roles = &steps[4]["Properties"]["Octopus.Action.TargetRoles"];
        assert_eq!(roles, "web");
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
                "[[step]]\nname = \"A\"\nscript = \"x\"\nrun-on = \"targets\"",
                "which targets",
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
