//! What an action does, and where: the part of a plan's entry that is decided by the action's type.

use super::build::Inputs;
use super::entry::{Confined, Isolation, Location, PackageScripts, PackageUse, Syntax, Work};
use super::features::{self, PackageFeatures};
use super::native::Landlock;
use super::own;
use super::place::{Choice, Place, place, worker};
use super::policies::DEFAULT;
use super::targets::TargetUse;
use crate::model::step::{Action, Step};
use crate::model::target::TargetKind;
use crate::model::variable::Variable;
use crate::policy::{FileSource, NativeProcesses};
use crate::template::Template;

/// The property of a step, an action or a project that names its policy.
pub(super) const POLICY: &str = "Seawall.Policy";

/// The property of an action or a step that asks for another way to confine it.
const ISOLATION: &str = "Seawall.Isolation";

/// An action, with everything that is known when its entry is made.
pub(super) struct Planned<'a> {
    pub inputs: &'a Inputs<'a>,
    pub step: &'a Step,
    pub action: &'a Action,
    /// The target that the entry is for.
    pub target: Option<&'a TargetUse>,
    /// The variable that applies of a name.
    pub variable: &'a dyn Fn(&str) -> Option<&'a Variable>,
}

/// Where it runs, and what it does.
///
/// # Errors
/// Everything that stands in its way.
pub(super) fn work(planned: &Planned<'_>) -> Result<(Location, Work), Vec<String>> {
    let Planned {
        inputs,
        step,
        action,
        target,
        variable: _,
    } = planned;
    let one = |problem: String| vec![problem];
    let is = |kind: &str| action.action_type.eq_ignore_ascii_case(kind);
    let place = place(step, action);
    if place == Place::Server {
        return Ok((Location::Server, on_server(planned)?));
    }
    if place == Place::Targets && target.is_none() {
        return Err(one("names no role in Octopus.Action.TargetRoles: say which deployment targets it is for, or set Octopus.Action.RunOnServer to True to run it once".to_owned()));
    }
    let itself = target.filter(|target| place == Place::Targets && target.kind.runs_code());
    let location = match itself {
        Some(target) => on_target(target, inputs.drop_directories).map_err(one)?,
        None => worker_for(planned)?,
    };
    if is("Octopus.Script") {
        let work = script(planned, &location)?;
        return Ok((location, work));
    }
    if is("Octopus.TentaclePackage") {
        let work = deploy_package(planned, &location)?;
        return Ok((location, work));
    }
    Err(one(format!(
        "has the type `{}`, which this server can't carry out",
        action.action_type
    )))
}

/// The worker for it, or the pool that one is chosen from.
///
/// # Errors
/// Why there is none.
pub(super) fn worker_for(planned: &Planned<'_>) -> Result<Location, Vec<String>> {
    let Planned {
        inputs,
        step,
        action,
        target,
        variable,
    } = planned;
    worker(&Choice {
        step,
        action,
        pools: inputs.pools,
        is_built_in_enabled: inputs.is_built_in_enabled,
        project_id: inputs.facts.get("Octopus.Project.Id").map(String::as_str),
        environment_id: inputs.environment_id,
        team_ids: inputs.team_ids,
        variable: &|name| variable(name).and_then(|found| found.value.clone()),
        of_target: target.and_then(|target| target.default_worker_pool_id.as_deref()),
    })
}

/// The target itself, if code can be run on it.
pub(super) fn on_target(
    target: &TargetUse,
    drop_directories: &[String],
) -> Result<Location, String> {
    let name = &target.name;
    let wanted = target.drop_directory.as_ref();
    let unknown = wanted.filter(|wanted| !drop_directories.contains(wanted));
    let unknown = unknown.map(|unknown| {
        format!("its bundles go to `{unknown}`, and the server was started with no --offline-drop-dir {unknown}=PATH.")
    });
    match target.trouble.as_ref().or(unknown.as_ref()) {
        None => Ok(Location::Target),
        Some(trouble) => Err(format!(
            "runs on the deployment target `{name}` itself ({}), and that can't be done: {trouble}",
            target.kind.noun()
        )),
    }
}

/// What the server does itself.
fn on_server(planned: &Planned<'_>) -> Result<Work, Vec<String>> {
    let Planned {
        inputs,
        step,
        action,
        target: _,
        variable,
    } = planned;
    let is = |kind: &str| action.action_type.eq_ignore_ascii_case(kind);
    if is("Octopus.Manual") {
        return manual(action).map_err(|problem| vec![problem]);
    }
    if is("Octopus.Email") {
        return Ok(Work::Email(own::email(action, inputs.is_smtp_configured)?));
    }
    let mut problems = Vec::new();
    let policy = policy_name(inputs, step, action, &mut problems);
    let certificate = own::import_certificate(&own::Import {
        action,
        policy,
        policies: inputs.policies,
        environment_id: inputs.environment_id,
        certificates: inputs.certificates,
        variable: &|name| variable(name).and_then(|found| found.value.clone()),
    });
    match certificate {
        Ok(certificate) if problems.is_empty() => Ok(Work::Certificate(certificate)),
        Ok(_) => Err(problems),
        Err(found) => Err(problems.into_iter().chain(found).collect()),
    }
}

fn manual(action: &Action) -> Result<Work, String> {
    let instructions = action
        .properties
        .text("Octopus.Action.Manual.Instructions")
        .unwrap_or_default();
    Template::parse(instructions)
        .map_err(|error| format!("has instructions that can't be read: {error}"))?;
    Ok(Work::Manual {
        instructions: instructions.to_owned(),
        responsible_team_ids: action
            .properties
            .list("Octopus.Action.Manual.ResponsibleTeamIds"),
    })
}

/// The packages of an action, its primary one first.
pub(super) fn packages_of(inputs: &Inputs<'_>, action: &Action) -> Vec<PackageUse> {
    let own = inputs.packages.iter();
    let mut packages: Vec<PackageUse> = own
        .filter(|package| package.action_name.eq_ignore_ascii_case(&action.name))
        .cloned()
        .collect();
    packages.sort_by_key(|package| !package.reference.is_empty());
    packages
}

fn deploy_package(planned: &Planned<'_>, location: &Location) -> Result<Work, Vec<String>> {
    let Planned { inputs, action, .. } = planned;
    let mut problems = Vec::new();
    let property = |name: &str| action.properties.text(name);
    if property("Octopus.Action.Package.RunScripts")
        .is_some_and(|text| text.eq_ignore_ascii_case("false"))
    {
        problems
            .push("doesn't run the package's scripts, so that nothing would be done".to_owned());
    }
    let confined = confined(planned, location, &mut problems);
    let features = features::of(action, location, &confined, inputs.policies);
    let features = features.unwrap_or_else(|found| {
        problems.extend(found);
        PackageFeatures::default()
    });
    primary(inputs, action, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Work::Package {
        scripts: PackageScripts::Conventions,
        parameters: String::new(),
        confined,
        features,
    })
}

/// Adds a problem if the action has no primary package whose bytes are here.
fn primary(inputs: &Inputs<'_>, action: &Action, problems: &mut Vec<String>) {
    let packages = packages_of(inputs, action);
    match packages.iter().find(|package| package.reference.is_empty()) {
        None => problems.push("has no package".to_owned()),
        Some(package) if package.sha256.is_none() => problems.push(format!(
            "uses {} {} of the feed `{}`, and this server can only read its built-in feed",
            package.package_id, package.version, package.feed_id
        )),
        Some(_) => {}
    }
}

/// The policy that a step runs under, and what it mounts.
fn confined(planned: &Planned<'_>, location: &Location, problems: &mut Vec<String>) -> Confined {
    let Planned {
        inputs,
        step,
        action,
        ..
    } = planned;
    let name = policy_name(inputs, step, action, problems);
    if let Some((policy, _)) = inputs.policies.named(&name) {
        let packages = packages_of(inputs, action);
        for rule in &policy.files {
            if !matches!(rule.source, FileSource::Package(_)) {
                continue;
            }
            let is_it = |package: &&PackageUse| rule.source.is_package(&package.package_id);
            match packages.iter().find(is_it) {
                None => problems.push(format!(
                    "runs under the policy `{name}`, which mounts {}, and the step doesn't use such a package",
                    rule.source
                )),
                Some(package) if package.sha256.is_none() => problems.push(format!(
                    "mounts {} {}, which is in a feed that this server can't read",
                    package.package_id, package.version
                )),
                Some(_) => {}
            }
        }
    }
    let isolation = isolation(planned, location, &name, problems);
    Confined {
        isolation,
        policy: name,
        account: match isolation {
            Isolation::Sandbox => String::new(),
            // A worker has its own.
            Isolation::Process if *location != Location::Server => String::new(),
            Isolation::Process => inputs.native_account.unwrap_or_default().to_owned(),
        },
        landlock: match (isolation, location) {
            (Isolation::Process, Location::Server) => inputs.landlock,
            _ => Landlock::Unknown,
        },
    }
}

/// What is said of a script for a machine that has only sshd and, as its last check found, not what runs the script.
fn no_interpreter(planned: &Planned<'_>, location: &Location, syntax: Syntax) -> Option<String> {
    let target = planned
        .target
        .filter(|target| *location == Location::Target && target.kind == TargetKind::Ssh)?;
    let program = syntax.interpreter();
    let is_known = !target.interpreters.is_empty();
    let is_missing = is_known && !target.interpreters.iter().any(|own| own == program);
    is_missing.then(|| {
        format!(
            "is written in {syntax:?}, and the deployment target `{}` has no `{program}`, as its last health check found",
            target.name
        )
    })
}

/// The sandbox, unless a step asks for a process, its policy allows one, and the server has an account for it.
fn isolation(
    planned: &Planned<'_>,
    location: &Location,
    policy: &str,
    problems: &mut Vec<String>,
) -> Isolation {
    let Planned {
        inputs,
        step,
        action,
        ..
    } = planned;
    let asked = action.properties.text(ISOLATION);
    let asked = asked.or_else(|| step.properties.text(ISOLATION));
    let is_dropped = *location == Location::Target
        && planned
            .target
            .is_some_and(|target| target.kind == TargetKind::OfflineDrop);
    let is_over_ssh = *location == Location::Target
        && planned
            .target
            .is_some_and(|target| target.kind == TargetKind::Ssh);
    match asked {
        Some(asked) if is_dropped && !asked.eq_ignore_ascii_case("Sandbox") => {
            problems.push(format!(
                "has `{asked}` as {ISOLATION}, and bundles for an offline drop are run in the sandbox"
            ));
            return Isolation::Sandbox;
        }
        // There is nothing else there.
        None if is_over_ssh => {}
        Some(asked) if is_over_ssh && asked.eq_ignore_ascii_case("Sandbox") => {
            problems.push(format!(
                "has Sandbox as {ISOLATION}, and its deployment target is reached over SSH, where there is none"
            ));
        }
        None => return Isolation::Sandbox,
        Some(asked) if asked.eq_ignore_ascii_case("Sandbox") => return Isolation::Sandbox,
        Some(asked) if asked.eq_ignore_ascii_case("Process") => {}
        Some(asked) => {
            problems.push(format!(
                "has `{asked}` as {ISOLATION}; it is Sandbox or Process"
            ));
            return Isolation::Sandbox;
        }
    }
    let is_allowed = inputs.policies.named(policy).is_none_or(|(policy, _)| {
        let rule = policy.process.as_ref();
        rule.is_some_and(|rule| rule.native == NativeProcesses::Allowed)
    });
    if !is_allowed {
        problems.push(format!(
            "{} be a process, and its policy `{policy}` doesn't allow one: add `allow = true` to its [process]",
            match is_over_ssh {
                true => "can only",
                false => "asks to",
            }
        ));
    }
    if *location != Location::Server {
        return Isolation::Process;
    }
    let refusal = inputs.landlock.refusal(inputs.unheld);
    match (inputs.native_account, refusal) {
        (None, _) => problems.push(
            "asks to be a process, and this server runs none: start it with --native-account NAME"
                .to_owned(),
        ),
        (Some(_), Some(why)) => problems.push(format!(
            "asks to be a process, and this server was started with --native-require-landlock: {why}"
        )),
        (Some(_), None) => {}
    }
    Isolation::Process
}

/// The policy of an action, its step, its project or the server, the nearest one. Adds a problem if there is none
/// of that name.
fn policy_name(
    inputs: &Inputs<'_>,
    step: &Step,
    action: &Action,
    problems: &mut Vec<String>,
) -> String {
    let name = action
        .properties
        .text(POLICY)
        .or_else(|| step.properties.text(POLICY))
        .or(inputs.project_policy)
        .unwrap_or(DEFAULT);
    if inputs.policies.named(name).is_none() {
        let known: Vec<&str> = inputs.policies.names().collect();
        problems.push(format!(
            "names the policy `{name}`, which is not one of {}",
            known.join(", ")
        ));
    }
    name.to_owned()
}

pub(super) fn script(planned: &Planned<'_>, location: &Location) -> Result<Work, Vec<String>> {
    let Planned { inputs, action, .. } = planned;
    let mut problems = Vec::new();
    let property = |name: &str| {
        action
            .properties
            .text(&format!("Octopus.Action.Script.{name}"))
    };
    let source = property("ScriptSource").unwrap_or("Inline");
    let is = |kind: &str| source.eq_ignore_ascii_case(kind);
    if !is("Inline") && !is("Package") {
        problems.push(format!(
            "takes its script from `{source}`; only inline scripts and those of packages can be run"
        ));
    }
    let parameters = property("ScriptParameters").unwrap_or_default().to_owned();
    problems.extend(features::refused(action, &[]));
    if let Err(error) = Template::parse(&parameters) {
        problems.push(format!("has script parameters that can't be read: {error}"));
    }
    if is("Package") {
        let confined = confined(planned, location, &mut problems);
        primary(inputs, action, &mut problems);
        let file = property("ScriptFileName").unwrap_or_default();
        if file.is_empty() {
            problems.push("doesn't say which script of the package to run".to_owned());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let scripts = PackageScripts::File(file.to_owned());
        return Ok(Work::Package {
            scripts,
            parameters,
            confined,
            features: PackageFeatures::default(),
        });
    }
    let syntax = match property("Syntax")
        .unwrap_or("PowerShell")
        .to_ascii_lowercase()
        .as_str()
    {
        "bash" => Some(Syntax::Bash),
        "powershell" => Some(Syntax::PowerShell),
        "python" => Some(Syntax::Python),
        "javascript" => Some(Syntax::JavaScript),
        other => {
            problems.push(format!(
                "is written in `{}`, which this server has no interpreter for: it runs Bash, PowerShell, Python and JavaScript",
                other
            ));
            None
        }
    };
    let body = property("ScriptBody").unwrap_or_default();
    if let Err(error) = Template::parse(body) {
        problems.push(format!("has a script that can't be read: {error}"));
    }
    let confined = confined(planned, location, &mut problems);
    problems.extend(syntax.and_then(|syntax| no_interpreter(planned, location, syntax)));
    match syntax {
        Some(syntax) if problems.is_empty() => Ok(Work::Script {
            syntax,
            body: body.to_owned(),
            parameters,
            confined,
        }),
        _ => Err(problems),
    }
}
