//! What the server does itself, as the steps of a process say it. No user code is run for any of it.

use serde::{Deserialize, Serialize};

use super::policies::PolicySet;
use super::targets::TargetUse;
use crate::model::step::{Action, Step};
use crate::model::variable::Variable;
use crate::policy::{Access, FileGrants, FileSource, MountPath};
use crate::template::Template;

/// An e-mail, with its `#{…}` still in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    pub to: Recipients,
    pub cc: Recipients,
    pub bcc: Recipients,
    pub subject: String,
    pub body: String,
    pub is_html: bool,
    pub priority: Priority,
}

/// Who gets an e-mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipients {
    /// Addresses with commas, semicolons or line ends between.
    pub addresses: String,
    /// Teams whose members get it.
    pub team_ids: Vec<String>,
}

impl Recipients {
    fn is_empty(&self) -> bool {
        self.addresses.trim().is_empty() && self.team_ids.is_empty()
    }
}

/// How urgent an e-mail says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Priority {
    High,
    Normal,
    Low,
}

/// The type of actions that look whether targets are there.
pub(super) const HEALTH_CHECK: &str = "Octopus.HealthCheck";

/// The e-mail that an action sends.
///
/// # Errors
/// Everything that stands in its way.
pub(super) fn email(action: &Action, is_smtp_configured: bool) -> Result<Email, Vec<String>> {
    let mut problems = Vec::new();
    let text = |name: &str| {
        let property = format!("Octopus.Action.Email.{name}");
        let text = action.properties.text(&property);
        text.unwrap_or_default().to_owned()
    };
    let recipients = |name: &str, teams: &str| Recipients {
        addresses: text(name),
        team_ids: action
            .properties
            .list(&format!("Octopus.Action.Email.{teams}")),
    };
    let email = Email {
        to: recipients("To", "ToTeamIds"),
        cc: recipients("CC", "CCTeamIds"),
        bcc: recipients("Bcc", "BccTeamIds"),
        subject: text("Subject"),
        body: text("Body"),
        is_html: action.properties.is_true("Octopus.Action.Email.IsHtml"),
        priority: match text("Priority").to_ascii_lowercase().as_str() {
            "high" => Priority::High,
            "low" => Priority::Low,
            "" | "normal" => Priority::Normal,
            other => {
                problems.push(format!(
                    "has the priority `{other}`; it is High, Normal or Low"
                ));
                Priority::Normal
            }
        },
    };
    if !is_smtp_configured {
        problems.push(
            "sends e-mail, and no SMTP server is configured: PUT /api/smtpconfiguration".to_owned(),
        );
    }
    if [&email.to, &email.cc, &email.bcc]
        .into_iter()
        .all(Recipients::is_empty)
    {
        problems.push("doesn't say whom it sends e-mail to".to_owned());
    }
    for (what, text) in [
        ("a subject", &email.subject),
        ("a body", &email.body),
        ("recipients", &email.to.addresses),
        ("recipients", &email.cc.addresses),
        ("recipients", &email.bcc.addresses),
    ] {
        if let Err(error) = Template::parse(text) {
            problems.push(format!("has {what} that can't be read: {error}"));
        }
    }
    if problems.is_empty() {
        Ok(email)
    } else {
        Err(problems)
    }
}

/// A look whether machines are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    pub targets: Vec<TargetUse>,
    pub on_problems: OnProblems,
    #[serde(default)]
    pub scripts: CheckScripts,
}

/// The scripts that machine policies have for the machines of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckScripts {
    /// Nobody asked for them: what they found before still counts.
    #[default]
    NotAsked,
    /// There is none, whatever one found before.
    None,
    /// The next entry is it.
    Follows,
    /// There is one, which can't be run, and why.
    Refused(String),
}

/// What a target that isn't there means for the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnProblems {
    Fail,
    Warn,
}

/// What the problems of an action that checks mean for it.
///
/// # Errors
/// Everything that stands in its way.
pub(super) fn on_problems(action: &Action) -> Result<OnProblems, Vec<String>> {
    let mut problems = Vec::new();
    let text = |name: &str| {
        let property = format!("Octopus.Action.HealthCheck.{name}");
        action.properties.text(&property).unwrap_or_default()
    };
    let is = |text: &str, one: &str| text.eq_ignore_ascii_case(one);
    let kind = text("Type");
    if !kind.is_empty() && !is(kind, "ConnectionTest") && !is(kind, "FullHealthCheck") {
        problems.push(format!(
            "has `{kind}` as Octopus.Action.HealthCheck.Type; it is ConnectionTest or FullHealthCheck"
        ));
    }
    if is(
        text("IncludeMachinesInDeployment"),
        "IncludeCheckedMachines",
    ) {
        problems.push(
            "adds targets to a deployment that runs, which a plan doesn't allow: leave Octopus.Action.HealthCheck.IncludeMachinesInDeployment at DoNotAlterMachines".to_owned(),
        );
    }
    let on_problems = match text("ErrorHandling") {
        other if is(other, "TreatExceptionsAsWarnings") => OnProblems::Warn,
        other if other.is_empty() || is(other, "TreatExceptionsAsErrors") => OnProblems::Fail,
        other => {
            problems.push(format!(
                "has `{other}` as Octopus.Action.HealthCheck.ErrorHandling; it is TreatExceptionsAsErrors or TreatExceptionsAsWarnings"
            ));
            OnProblems::Fail
        }
    };
    match problems.is_empty() {
        true => Ok(on_problems),
        false => Err(problems),
    }
}

/// A certificate that is written into a directory of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCertificate {
    pub certificate_id: String,
    pub certificate_name: String,
    /// As the policy's mounts name it.
    pub path: MountPath,
    pub written_as: WrittenAs,
    pub policy: String,
}

/// The file that is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WrittenAs {
    /// The private key, the certificate and its chain.
    Pem,
    /// The same, with a password whose `#{…}` are still in it.
    Pkcs12 { password: String },
}

/// A certificate, as far as plans need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCertificate {
    pub id: String,
    pub name: String,
    /// Where it may be used; empty means everywhere.
    pub environment_ids: Vec<String>,
}

/// What an import is planned from.
pub(super) struct Import<'a> {
    pub action: &'a Action,
    pub policy: String,
    pub policies: &'a PolicySet,
    pub environment_id: &'a str,
    pub certificates: &'a [KnownCertificate],
    /// The value of a variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

/// The certificate that an action writes, and where.
///
/// # Errors
/// Everything that stands in its way.
pub(super) fn import_certificate(import: &Import<'_>) -> Result<ImportCertificate, Vec<String>> {
    let mut problems = Vec::new();
    let text = |name: &str| import.action.properties.text(name);
    let certificate = certificate(import).map_err(|problem| problems.push(problem));
    let path = text(PATH).unwrap_or_default();
    let path = match MountPath::parse(path) {
        Ok(path) => {
            problems.extend(is_writable(import, &path).err());
            Some(path)
        }
        Err(_) if path.is_empty() => {
            problems.push(format!("doesn't say where the certificate goes: set {PATH} to a file in a directory that the policy mounts, such as `/certs/web.pem`"));
            None
        }
        Err(error) => {
            problems.push(format!("has `{path}` as {PATH}: {error}"));
            None
        }
    };
    let format = text("Seawall.Certificate.Format").unwrap_or("Pem");
    let written_as = match format.to_ascii_lowercase().as_str() {
        "pem" => WrittenAs::Pem,
        "pkcs12" | "pfx" => WrittenAs::Pkcs12 {
            password: text(PASSWORD).unwrap_or_default().to_owned(),
        },
        _ => {
            problems.push(format!(
                "has `{format}` as Seawall.Certificate.Format; it is Pem or Pkcs12"
            ));
            WrittenAs::Pem
        }
    };
    if let WrittenAs::Pkcs12 { password } = &written_as {
        match Template::parse(password) {
            Ok(_) if password.is_empty() => problems.push(format!(
                "writes PKCS#12 without a password: set {PASSWORD}, for example to `#{{Web.CertificatePassword}}`"
            )),
            Ok(_) => {}
            Err(error) => problems.push(format!("has a password that can't be read: {error}")),
        }
    }
    match (certificate, path) {
        (Ok(certificate), Some(path)) if problems.is_empty() => Ok(ImportCertificate {
            certificate_id: certificate.id.clone(),
            certificate_name: certificate.name.clone(),
            path,
            written_as,
            policy: import.policy.clone(),
        }),
        _ => Err(problems),
    }
}

/// The property that names the variable with a certificate.
const VARIABLE: &str = "Octopus.Action.Certificate.Variable";

/// The values of the variables that steps take certificates from, wherever they apply.
pub fn certificate_ids(steps: &[Step], variables: &[Variable]) -> Vec<String> {
    let actions = steps.iter().flat_map(|step| &step.actions);
    let names: Vec<&str> = actions
        .filter_map(|action| action.properties.text(VARIABLE))
        .collect();
    let is_named = |variable: &&Variable| {
        names
            .iter()
            .any(|name| variable.name.eq_ignore_ascii_case(name))
    };
    let named = variables.iter().filter(is_named);
    named
        .filter_map(|variable| variable.value.clone())
        .collect()
}

/// The property that says where a certificate is written.
const PATH: &str = "Seawall.Certificate.Path";

/// The property with the password of a PKCS#12 file.
const PASSWORD: &str = "Seawall.Certificate.Password";

fn certificate<'a>(import: &Import<'a>) -> Result<&'a KnownCertificate, String> {
    let name = import.action.properties.text(VARIABLE).ok_or(
        "doesn't name the variable with its certificate: set Octopus.Action.Certificate.Variable",
    )?;
    let id = (import.variable)(name)
        .filter(|id| !id.is_empty())
        .ok_or_else(|| {
            format!("takes its certificate from the variable `{name}`, which has no value here")
        })?;
    let same = |own: &str| own.eq_ignore_ascii_case(&id);
    let found = import.certificates.iter().find(|one| same(&one.id));
    let found = found.ok_or_else(|| {
        format!(
            "takes its certificate from the variable `{name}`, and there is no certificate `{id}`"
        )
    })?;
    let mut ids = found.environment_ids.iter();
    if !found.environment_ids.is_empty()
        && !ids.any(|id| id.eq_ignore_ascii_case(import.environment_id))
    {
        return Err(format!(
            "uses the certificate `{}`, which is not for this environment",
            found.name
        ));
    }
    Ok(found)
}

/// Whether the policy lets the server write there, and to a place that stays.
fn is_writable(import: &Import<'_>, path: &MountPath) -> Result<(), String> {
    let Some((policy, _)) = import.policies.named(&import.policy) else {
        return Ok(());
    };
    let files = FileGrants {
        source: policy.file.clone(),
        rules: policy.files.clone(),
    };
    let grant = files
        .decide(path, Access::ReadWrite)
        .map_err(|denial| format!("writes a certificate where its policy forbids it: {denial}"))?;
    match (&grant.source, grant.mount == *path) {
        (FileSource::Host(_), false) => Ok(()),
        (FileSource::Host(_), true) => Err(format!(
            "writes a certificate to {path}, which is the mount itself: name a file in it"
        )),
        (source, _) => Err(format!(
            "writes a certificate to {path}, which is in {source} and gone with the step: mount a directory of the host"
        )),
    }
}
