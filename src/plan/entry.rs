//! The plan as a value: printed for people, stored as JSON, carried out by dispatch.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::features::PackageFeatures;
use super::native::{Enforcement, Landlock};
use super::own::{CheckScripts, Email, HealthCheck, ImportCertificate, OnProblems};
use super::targets::TargetUse;
use crate::model::step::{StartTrigger, StepCondition};
use crate::policy::Grants;

/// Everything that a task will do. Never changed once it is made.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub entries: Vec<Entry>,
    /// The policies that entries name.
    pub policies: BTreeMap<String, PolicyRecord>,
    /// What the server says about the task, for every entry: `Octopus.Environment.Name` …
    pub facts: BTreeMap<String, String>,
    /// Whether the release may go on by itself once the task has succeeded.
    #[serde(default)]
    pub promotes: bool,
}

/// A policy as it was when the plan was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyRecord {
    pub text: String,
    pub grants: Grants,
}

/// One action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1. Entries with the same number belong to one step.
    pub step_number: u32,
    pub step_name: String,
    pub action_id: String,
    pub action_name: String,
    pub condition: StepCondition,
    /// For [`StepCondition::Variable`].
    pub expression: String,
    /// The action's own condition, beside its step's.
    pub action_expression: Option<String>,
    pub start_trigger: StartTrigger,
    pub location: Location,
    pub work: Work,
    /// The deployment target that it is for.
    #[serde(default)]
    pub target: Option<TargetUse>,
    /// For how many targets its step runs at once.
    #[serde(default)]
    pub window: u32,
    pub variables: Vec<VariableReference>,
    /// The packages that it uses, its primary one first.
    pub packages: Vec<PackageUse>,
    pub retries: Retries,
    /// Whether it may be run again when nobody knows how far it came.
    pub is_repeatable: bool,
    pub timeout_minutes: Option<u32>,
    /// Why it will not run at all.
    pub skip: Option<String>,
    /// Whether nobody may ask to leave it out.
    #[serde(default)]
    pub is_required: bool,
    /// It is the script of a machine policy: how it ends is what is found of the machine, and this is what a bad
    /// finding means for the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judges: Option<OnProblems>,
    /// Whether a script that says anything on its error output has failed, whatever its exit code.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fails_on_error_output: bool,
    /// What whoever asked for a check of machines says of its time.
    #[serde(default, skip_serializing_if = "CheckTime::is_unbounded")]
    pub check_time: CheckTime,
}

/// How long a check of machines may take, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckTime {
    /// All of it, from the start of the task. What has not ended then is not found out.
    pub whole: Option<u32>,
    /// One machine: its connection, and again its script. One that takes longer is not well.
    pub machine: Option<u32>,
}

impl CheckTime {
    fn is_unbounded(&self) -> bool {
        *self == Self::default()
    }
}

impl Entry {
    /// What people call it: its step, its action if that has a name of its own, and its target.
    pub fn title(&self) -> String {
        let mut title = self.step_name.clone();
        if self.action_name != self.step_name {
            title = format!("{title} / {}", self.action_name);
        }
        match &self.target {
            Some(target) => format!("{title} for {}", target.name),
            None => title,
        }
    }
}

/// A package of an entry, as it was when the plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageUse {
    pub action_name: String,
    /// Empty for the primary one.
    pub reference: String,
    pub package_id: String,
    pub version: String,
    pub feed_id: String,
    pub file_name: String,
    /// Of its bytes; `None` if they are in a feed elsewhere.
    pub sha256: Option<String>,
}

/// Who is handed the attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Location {
    /// The server: its built-in worker, or itself.
    Server,
    /// One of the external workers of a pool. Which, is decided when it is its turn, and written into its log.
    Pool(PoolUse),
    /// The entry's deployment target itself.
    Target,
}

/// A pool, and what a step wants of its workers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolUse {
    pub id: String,
    pub name: String,
    /// Stays on the worker of the sticky steps before it.
    pub is_sticky: bool,
    /// Runs beside nothing of another task.
    pub is_exclusive: bool,
    /// How long to wait for a worker when none is fit; a busy one is waited for anyway.
    pub wait_minutes: u32,
    /// What a worker must have.
    pub labels: Vec<String>,
    /// How many steps with one package a worker gets before the next one does; 0 for any number.
    pub lease_cap: u32,
}

/// What it wants beyond any worker, for people.
impl fmt::Display for PoolUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_sticky {
            f.write_str(", the one of the sticky steps before it")?;
        }
        if self.is_exclusive {
            f.write_str(", with nothing of another task beside it")?;
        }
        if !self.labels.is_empty() {
            write!(f, ", with {}", self.labels.join(", "))?;
        }
        match self.wait_minutes {
            0 => Ok(()),
            minutes => write!(f, "; waits {minutes} minutes for one"),
        }
    }
}

/// How that worker confines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Isolation {
    Sandbox,
    Process,
}

/// How a script is confined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confined {
    pub isolation: Isolation,
    /// The name of one of the plan's policies.
    pub policy: String,
    /// The account of a process; empty for a sandbox.
    #[serde(default)]
    pub account: String,
    /// What the kernel adds to the account.
    #[serde(default)]
    pub landlock: Landlock,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Work {
    /// A script, with its `#{…}` still in it.
    Script {
        syntax: Syntax,
        body: String,
        /// What follows the script's name, as in a shell; with its `#{…}` still in it.
        #[serde(default)]
        parameters: String,
        confined: Confined,
    },
    /// Scripts out of the entry's primary package, as they are in it.
    Package {
        scripts: PackageScripts,
        #[serde(default)]
        parameters: String,
        confined: Confined,
        /// What is done to its files before its Deploy script.
        #[serde(default)]
        features: PackageFeatures,
    },
    /// A person is asked.
    Manual {
        instructions: String,
        responsible_team_ids: Vec<String>,
    },
    /// The server sends an e-mail.
    Email(Email),
    /// The server looks whether targets are there.
    HealthCheck(HealthCheck),
    /// The server writes a certificate into a directory that a policy grants.
    Certificate(ImportCertificate),
    /// Nothing: it is skipped.
    Nothing,
}

/// Which scripts of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PackageScripts {
    /// One, by its path in the package.
    File(String),
    /// PreDeploy, Deploy and PostDeploy in its root, in this order, each if it is there.
    Conventions,
}

impl Work {
    /// How it is confined, if it runs code.
    pub fn confined(&self) -> Option<&Confined> {
        match self {
            Self::Script { confined, .. } | Self::Package { confined, .. } => Some(confined),
            Self::Manual { .. }
            | Self::Email(_)
            | Self::HealthCheck(_)
            | Self::Certificate(_)
            | Self::Nothing => None,
        }
    }

    /// The name of the policy that bounds it.
    pub fn policy(&self) -> Option<&str> {
        match self {
            Self::Script { confined, .. } | Self::Package { confined, .. } => {
                Some(&confined.policy)
            }
            Self::Certificate(certificate) => Some(&certificate.policy),
            Self::Manual { .. } | Self::Email(_) | Self::HealthCheck(_) | Self::Nothing => None,
        }
    }
}

/// The languages of inline scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Syntax {
    Bash,
    PowerShell,
    Python,
    JavaScript,
}

impl Syntax {
    /// The program that runs it on a machine of which nothing is ours.
    pub fn interpreter(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::PowerShell => "pwsh",
            Self::Python => "python3",
            Self::JavaScript => "node",
        }
    }
}

/// Which variable an entry gets. The value is not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableReference {
    pub name: String,
    /// Its place in the deployment's variable snapshot.
    pub index: u32,
    pub is_sensitive: bool,
}

/// How often a failed entry is tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retries {
    pub maximum: u32,
    pub backoff_seconds: u32,
}

/// For people, before anything runs.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            write!(f, "{}", Printed { plan: self, entry })?;
        }
        Ok(())
    }
}

struct Printed<'a> {
    plan: &'a Plan,
    entry: &'a Entry,
}

impl fmt::Display for Printed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entry = self.entry;
        writeln!(f, "{}. {}", entry.step_number, entry.title())?;
        if let Some(reason) = &entry.skip {
            return writeln!(f, "   skipped   {reason}");
        }
        let when = match entry.condition {
            StepCondition::Success => "if all steps before succeeded".to_owned(),
            StepCondition::Failure => "if a step before failed".to_owned(),
            StepCondition::Always => "always".to_owned(),
            StepCondition::Variable => format!("if {}", entry.expression),
        };
        let start = match entry.start_trigger {
            StartTrigger::StartAfterPrevious => "",
            StartTrigger::StartWithPrevious => ", at the same time as the step before",
        };
        writeln!(f, "   when      {when}{start}")?;
        if let Some(expression) = &entry.action_expression {
            writeln!(f, "   only if   {expression}")?;
        }
        match &entry.location {
            Location::Server => writeln!(f, "   where     this server")?,
            Location::Pool(pool) => {
                writeln!(f, "   where     a worker of the pool {}{pool}", pool.name)?;
            }
            Location::Target => {
                let kind = entry
                    .target
                    .as_ref()
                    .map_or("target", |target| target.kind.noun());
                writeln!(f, "   where     the deployment target itself ({kind})")?;
            }
        }
        match &entry.work {
            Work::Script {
                syntax, confined, ..
            } => {
                let whose = match entry.judges {
                    Some(_) => " of its machine policy, once it is connected to",
                    None => "",
                };
                self.script(f, &format!("{syntax:?} script{whose}"), confined)?;
            }
            Work::Package {
                scripts,
                confined,
                features,
                ..
            } => {
                let what = match scripts {
                    PackageScripts::File(file) => format!("script `{file}` of the package"),
                    PackageScripts::Conventions => {
                        "unpacks the package, runs its PreDeploy, Deploy and PostDeploy scripts"
                            .to_owned()
                    }
                };
                self.script(f, &what, confined)?;
                write!(f, "{features}")?;
            }
            Work::Manual { .. } => writeln!(f, "   what      waits for a person; runs no code")?,
            Work::HealthCheck(check) => {
                let n_targets = check.targets.len();
                writeln!(
                    f,
                    "   what      connects to {n_targets} targets; runs no code"
                )?;
                if let CheckScripts::Refused(why) = &check.scripts {
                    writeln!(f, "   unhealthy {why}")?;
                }
            }
            Work::Certificate(certificate) => {
                writeln!(
                    f,
                    "   what      writes the certificate `{}` to {}; runs no code",
                    certificate.certificate_name, certificate.path
                )?;
                self.policy(f, &certificate.policy)?;
            }
            Work::Email(_) => writeln!(f, "   what      sends an e-mail; runs no code")?,
            Work::Nothing => {}
        }
        if entry.retries.maximum > 0 {
            writeln!(f, "   retries   {}", entry.retries.maximum)?;
        }
        if let Some(minutes) = entry.timeout_minutes {
            writeln!(f, "   timeout   {minutes} min")?;
        }
        if entry.fails_on_error_output {
            writeln!(f, "   fails     if it says anything on its error output")?;
        }
        let CheckTime { whole, machine } = entry.check_time;
        if let Some(seconds) = whole {
            writeln!(f, "   timeout   {seconds} s for the whole task")?;
        }
        if let Some(seconds) = machine {
            writeln!(f, "   timeout   {seconds} s for each machine")?;
        }
        Ok(())
    }
}

impl Printed<'_> {
    fn script(&self, f: &mut fmt::Formatter<'_>, what: &str, confined: &Confined) -> fmt::Result {
        writeln!(f, "   what      {what}")?;
        for package in &self.entry.packages {
            writeln!(f, "   package   {} {}", package.package_id, package.version)?;
        }
        match confined.isolation {
            Isolation::Sandbox => writeln!(f, "   confined  sandbox")?,
            Isolation::Process if confined.account.is_empty() => {
                writeln!(f, "   confined  process of the worker's account for them")?;
            }
            Isolation::Process => {
                writeln!(
                    f,
                    "   confined  process of the account `{}`",
                    confined.account
                )?;
            }
        }
        let record = self.plan.policies.get(&confined.policy);
        if let (Isolation::Process, Some(record)) = (confined.isolation, record) {
            let enforcement = Enforcement::new(confined.landlock, &record.grants);
            write!(f, "{enforcement}")?;
        }
        self.policy(f, &confined.policy)
    }

    fn policy(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        let Some(PolicyRecord { grants, text: _ }) = self.plan.policies.get(name) else {
            return Ok(());
        };
        writeln!(
            f,
            "   policy    {} {}",
            grants.policy.name, grants.policy.digest
        )?;
        for rule in &grants.files.rules {
            let access = match rule.access {
                crate::policy::Access::Read => "read",
                crate::policy::Access::ReadWrite => "read and write",
            };
            writeln!(
                f,
                "     files   {} from {}: {access}",
                rule.mount, rule.source
            )?;
        }
        for rule in grants.network.rules() {
            writeln!(f, "     network {} ({})", rule.hosts, rule.origin)?;
        }
        let readable =
            |reference: &&VariableReference| grants.variables.decide(&reference.name).is_ok();
        for reference in self.entry.variables.iter().filter(readable) {
            let secret = if reference.is_sensitive {
                " (sensitive)"
            } else {
                ""
            };
            writeln!(f, "     reads   {}{secret}", reference.name)?;
        }
        Ok(())
    }
}
