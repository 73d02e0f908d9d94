//! Deployment targets: what steps are for, chosen by role.
//!
//! On some kinds of targets code runs on the target itself; for all others a worker does the work on its behalf.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::drop_folder::DropFolder;
use super::health::{Findings, HealthStatus};
use super::names::SEALED;
use super::resource::{Extra, Kind, Reference, Resource, name_problems, named_resource};
use super::worker::{SshEndpoint, Worker, proxy_problem};

/// A deployment target, as Octopus's clients read and write it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeploymentTarget {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub environment_ids: Vec<String>,
    /// Tags by which steps choose it: `web`.
    pub roles: Vec<String>,
    pub tenant_ids: Vec<String>,
    /// `Set/Tag`.
    pub tenant_tags: Vec<String>,
    pub tenanted_deployment_participation: Participation,
    pub machine_policy_id: String,
    pub is_disabled: bool,
    pub health_status: HealthStatus,
    pub status_summary: String,
    /// When its health was checked last, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_last_checked: Option<String>,
    /// When it was last checked as its machine policy says, as RFC 3339: more than whether it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_last_checked: Option<String>,
    /// What its health comes from, once a script of its machine policy has looked at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_findings: Option<Findings>,
    /// The interpreters that a machine has which is logged in to, as the last check found; empty if nobody knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interpreters: Vec<String>,
    /// How it is reached. `CommunicationStyle` says which kind it is.
    pub endpoint: Extra,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Which deployments a target takes part in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Participation {
    #[default]
    Untenanted,
    TenantedOrUntenanted,
    Tenanted,
}

/// What a target is (octopus-semantics, "Where steps run").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TargetKind {
    /// Nothing to connect to: a place that workers act upon.
    CloudRegion,
    ListeningAgent,
    PollingAgent,
    Ssh,
    OfflineDrop,
    /// A service such as an Azure web application: workers talk to it.
    Service,
}

impl TargetKind {
    /// The kind that a `CommunicationStyle` names.
    pub fn from_style(style: &str) -> Option<Self> {
        let kinds = [
            ("None", Self::CloudRegion),
            ("TentaclePassive", Self::ListeningAgent),
            ("TentacleActive", Self::PollingAgent),
            ("Ssh", Self::Ssh),
            ("OfflineDrop", Self::OfflineDrop),
            ("AzureWebApp", Self::Service),
            ("AzureCloudService", Self::Service),
            ("AzureServiceFabricCluster", Self::Service),
            ("Kubernetes", Self::Service),
            ("StepPackage", Self::Service),
        ];
        let found = kinds
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(style));
        found.map(|(_, kind)| kind)
    }

    /// Whether code for the target runs on the target, and not on a worker.
    pub fn runs_code(self) -> bool {
        match self {
            Self::ListeningAgent | Self::PollingAgent | Self::Ssh | Self::OfflineDrop => true,
            Self::CloudRegion | Self::Service => false,
        }
    }

    /// For people.
    pub fn noun(self) -> &'static str {
        match self {
            Self::CloudRegion => "cloud region",
            Self::ListeningAgent => "listening agent",
            Self::PollingAgent => "polling agent",
            Self::Ssh => "SSH target",
            Self::OfflineDrop => "offline drop",
            Self::Service => "cloud service",
        }
    }
}

impl DeploymentTarget {
    /// Text of the endpoint.
    pub fn endpoint_text(&self, name: &str) -> Option<&str> {
        let text = self.endpoint.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    }

    /// What it is; `None` for kinds that don't exist.
    pub fn kind(&self) -> Option<TargetKind> {
        TargetKind::from_style(self.endpoint_text("CommunicationStyle")?)
    }

    /// The host and port that a connection to it goes to; `None` if there is nothing to connect to.
    pub fn address(&self) -> Option<(String, u16)> {
        match self.kind()? {
            TargetKind::Ssh => {
                let port = self.endpoint.get("Port").and_then(Value::as_u64);
                let port = u16::try_from(port.unwrap_or(22)).ok()?;
                Some((self.endpoint_text("Host")?.to_owned(), port))
            }
            TargetKind::ListeningAgent => {
                let uri = url::Url::parse(self.endpoint_text("Uri")?).ok()?;
                let host = uri.host_str()?.trim_matches(['[', ']']).to_owned();
                Some((host, uri.port().unwrap_or(10933)))
            }
            TargetKind::CloudRegion
            | TargetKind::PollingAgent
            | TargetKind::OfflineDrop
            | TargetKind::Service => None,
        }
    }

    /// Why no code can be run on it: its endpoint doesn't say all that it takes. `None` also for kinds on which none is
    /// ever run.
    pub fn trouble(&self) -> Option<String> {
        match self.kind()? {
            TargetKind::ListeningAgent | TargetKind::PollingAgent | TargetKind::Ssh => {
                Worker::of_target(self).reached().err()
            }
            TargetKind::OfflineDrop => self.drop_trouble(),
            TargetKind::CloudRegion | TargetKind::Service => None,
        }
    }

    /// Why no bundle can be written for it.
    fn drop_trouble(&self) -> Option<String> {
        let destination = self.endpoint.get("Destination");
        let kind = destination
            .and_then(|one| one.get("DestinationType"))
            .and_then(Value::as_str);
        match kind {
            Some(kind) if kind.eq_ignore_ascii_case("FileSystem") => {
                if let Some(Err(why)) = self.drop_folder() {
                    return Some(why);
                }
            }
            Some(kind) if !kind.eq_ignore_ascii_case("Artifact") => {
                return Some(format!(
                    "its Destination is `{kind}`; it is Artifact or FileSystem."
                ));
            }
            Some(_) | None => {}
        }
        match self.drop_password() {
            Some(_) => None,
            None => Some(
                "its Endpoint has no SensitiveVariablesEncryptionPassword to encrypt secrets with."
                    .to_owned(),
            ),
        }
    }

    /// Where bundles are put; `None` if they are artifacts.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn drop_folder(&self) -> Option<Result<DropFolder, String>> {
        let destination = self.endpoint.get("Destination")?;
        let text = |name: &str| destination.get(name).and_then(Value::as_str);
        let is_folder = text("DestinationType")?.eq_ignore_ascii_case("FileSystem");
        is_folder.then(|| DropFolder::parse(text("DropFolderPath").unwrap_or_default()))
    }

    /// The password of an offline drop, sealed.
    pub fn drop_password(&self) -> Option<&str> {
        let password = self.endpoint.get("SensitiveVariablesEncryptionPassword")?;
        password.get(SEALED)?.as_str()
    }

    /// Takes over what whoever has the connections found.
    pub fn take_over(&mut self, seen: Worker) {
        self.health_status = seen.health_status;
        self.status_summary = seen.status_summary;
        self.health_last_checked = seen.health_last_checked;
        self.policy_last_checked = seen.policy_last_checked;
        self.health_findings = seen.health_findings;
        self.endpoint = seen.endpoint;
        self.interpreters = seen.interpreters;
    }

    /// Where and how the server logs in; `None` for other kinds.
    pub fn ssh(&self) -> Option<Result<SshEndpoint, String>> {
        (self.kind()? == TargetKind::Ssh).then(|| SshEndpoint::of(&self.endpoint))
    }

    /// Whether it takes part in a deployment for the tenant, or in one for none.
    pub fn serves(&self, tenant: Option<(&str, &[String])>) -> bool {
        let Some((id, tags)) = tenant else {
            return self.tenanted_deployment_participation != Participation::Tenanted;
        };
        let has = |list: &[String], one: &str| list.iter().any(|own| own.eq_ignore_ascii_case(one));
        let by_tag = self.tenant_tags.iter().any(|tag| has(tags, tag));
        self.tenanted_deployment_participation != Participation::Untenanted
            && (has(&self.tenant_ids, id) || by_tag)
    }
}

impl Resource for DeploymentTarget {
    named_resource!(DeploymentTarget);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        if self.environment_ids.is_empty() {
            problems.push("Please provide at least one environment as EnvironmentIds.".into());
        }
        if self.roles.iter().all(|role| role.trim().is_empty()) {
            problems.push("Please provide at least one role as Roles.".into());
        }
        let style = self.endpoint_text("CommunicationStyle");
        match self.kind() {
            None => problems.push(format!(
                "Endpoint.CommunicationStyle is {}: it must be None, TentaclePassive, TentacleActive, Ssh, OfflineDrop or a cloud service's.",
                style.map_or("missing".to_owned(), |style| format!("`{style}`"))
            )),
            Some(TargetKind::Ssh | TargetKind::ListeningAgent) if self.address().is_none() => {
                problems.push("The endpoint has no address: an SSH target needs Host, a listening agent Uri.".into());
            }
            Some(_) => {}
        }
        problems.extend(proxy_problem(&self.endpoint));
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let environments = self.environment_ids.iter();
        let tenants = self.tenant_ids.iter();
        let environments =
            environments.map(|id| Reference::new(Kind::Environment, id, "EnvironmentIds"));
        let tenants = tenants.map(|id| Reference::new(Kind::Tenant, id, "TenantIds"));
        let policy = Reference::new(
            Kind::MachinePolicy,
            &self.machine_policy_id,
            "MachinePolicyId",
        );
        let account = self.ssh().and_then(Result::ok);
        let account =
            account.map(|ssh| Reference::new(Kind::Account, ssh.account_id, "Endpoint.AccountId"));
        environments
            .chain(tenants)
            .chain([policy])
            .chain(account)
            .collect()
    }

    fn uses(&self) -> Vec<String> {
        let of_endpoint = ["AccountId", "DefaultWorkerPoolId"];
        let of_endpoint = of_endpoint
            .into_iter()
            .filter_map(|name| self.endpoint_text(name));
        let lists = self.environment_ids.iter().chain(&self.tenant_ids);
        lists
            .map(String::as_str)
            .chain([self.machine_policy_id.as_str()])
            .chain(of_endpoint)
            .map(str::to_owned)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(endpoint: serde_json::Value) -> DeploymentTarget {
        let text = json!({ "Name": "web-1", "EnvironmentIds": ["Environments-1"], "Roles": ["web"],
            "Endpoint": endpoint });
        serde_json::from_value(text).expect("a target")
    }

    #[test]
    fn an_endpoint_says_what_a_target_is_and_where() {
        for (endpoint, kind, address) in [
            (
                json!({"CommunicationStyle": "None"}),
                Some(TargetKind::CloudRegion),
                None,
            ),
            (
                json!({"CommunicationStyle": "Ssh", "Host": "h"}),
                Some(TargetKind::Ssh),
                Some(("h".to_owned(), 22)),
            ),
            (
                json!({"CommunicationStyle": "TentaclePassive", "Uri": "https://h:10999/"}),
                Some(TargetKind::ListeningAgent),
                Some(("h".to_owned(), 10999)),
            ),
            (
                json!({"CommunicationStyle": "TentaclePassive", "Uri": "https://[::1]"}),
                Some(TargetKind::ListeningAgent),
                Some(("::1".to_owned(), 10933)),
            ),
            (json!({"CommunicationStyle": "Carrier pigeon"}), None, None),
        ] {
            let target = target(endpoint);
            assert_eq!((target.kind(), target.address()), (kind, address));
            assert_eq!(target.problems().is_empty(), kind.is_some());
        }
        assert_eq!(
            target(json!({"CommunicationStyle": "Ssh"}))
                .problems()
                .len(),
            1
        );
    }

    #[test]
    fn tenants_are_served_by_those_who_know_them() {
        let mut own = target(json!({"CommunicationStyle": "None"}));
        let tags = ["Ring/Early".to_owned()];
        let acme: Option<(&str, &[String])> = Some(("Tenants-1", &tags));
        assert!(own.serves(None) && !own.serves(acme));
        own.tenanted_deployment_participation = Participation::Tenanted;
        own.tenant_ids = vec!["Tenants-1".into()];
        assert!(!own.serves(None) && own.serves(acme));
        own.tenant_ids = vec!["Tenants-2".into()];
        assert!(!own.serves(acme));
        own.tenant_tags = vec!["ring/early".into()];
        assert!(own.serves(acme));
    }
}
