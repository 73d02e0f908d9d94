//! The names of properties as this server writes them, to match what clients write in any case.
//!
//! Clients mix `projectName`, `ProjectName` and `projectname`. Names that aren't in the list are kept as they
//! came; so are the keys of maps whose keys are the user's own (`MAPS`).

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::{Map, Number, Value};

/// Properties whose value is a map with the user's own keys.
const MAPS: &[&str] = &[
    "Properties",
    "FormValues",
    "CustomFields",
    "ProjectEnvironments",
    "TenantVariables",
    "Arguments",
    "Inputs",
    "ExtensionSettings",
];

/// Properties of records, apart from those in [`MAPS`]. Add a name here when a record gets a property.
const NAMES: &[&str] = &[
    // Resources in general.
    "Id",
    "SpaceId",
    "SpaceIdOrName",
    "SpaceName",
    "Name",
    "Slug",
    "Description",
    "IsDefault",
    "SortOrder",
    "Type",
    // Spaces, users, teams.
    "SpaceManagersTeams",
    "SpaceManagersTeamMembers",
    "TaskQueueStopped",
    "Username",
    "DisplayName",
    "EmailAddress",
    "IsActive",
    "IsService",
    "Password",
    "MemberUserIds",
    "CanBeDeleted",
    "CanBeRenamed",
    "CanChangeMembers",
    "CanChangeRoles",
    "TeamId",
    "TeamIds",
    "UserRoleId",
    "ProjectIds",
    "EnvironmentIds",
    "TenantIds",
    "ProjectGroupIds",
    "Purpose",
    "Expires",
    "UserId",
    "Created",
    "ApiKey",
    // Projects.
    "ProjectGroupId",
    "LifecycleId",
    "VariableSetId",
    "DeploymentProcessId",
    "IsDisabled",
    "IsVersionControlled",
    "DiscreteChannelRelease",
    "IncludedLibraryVariableSetIds",
    "TenantedDeploymentMode",
    "DefaultGuidedFailureMode",
    "DefaultToSkipIfAlreadyInstalled",
    "AutoCreateRelease",
    "AutoDeployReleaseOverrides",
    "ClonedFromProjectId",
    "Templates",
    "ReleaseCreationStrategy",
    "PersistenceSettings",
    "VersioningStrategy",
    "RetentionPolicyId",
    "ProjectId",
    "Template",
    "DonorPackage",
    "ChannelId",
    // Environments, lifecycles, channels.
    "UseGuidedFailure",
    "AllowDynamicInfrastructure",
    "Phases",
    "ReleaseRetentionPolicy",
    "TentacleRetentionPolicy",
    "IsOptionalPhase",
    "IsPriorityPhase",
    "MinimumEnvironmentsBeforePromotion",
    "OptionalDeploymentTargets",
    "AutomaticDeploymentTargets",
    "QuantityToKeep",
    "ShouldKeepForever",
    "Unit",
    "Rules",
    "TenantTags",
    "VersionRange",
    "Tag",
    "Actions",
    "ActionPackages",
    // Feeds.
    "FeedType",
    "FeedUri",
    "DownloadAttempts",
    "DownloadRetryBackoffSeconds",
    "EnhancedMode",
    "HasValue",
    "NewValue",
    "Hint",
    // Tenants.
    "ClonedFromTenantId",
    "Tags",
    "Color",
    "CanonicalTagName",
    // Machines.
    "WorkerPoolType",
    "WorkerPoolIds",
    "MachinePolicyId",
    "IsInProcess",
    "HealthStatus",
    "StatusSummary",
    "MachineHealthCheckPolicy",
    "HealthCheckType",
    "HealthCheckInterval",
    "HealthCheckCron",
    "HealthCheckCronTimezone",
    "BashHealthCheckPolicy",
    "PowerShellHealthCheckPolicy",
    "RunType",
    "ScriptBody",
    "Endpoint",
    "OperatingSystem",
    "Architecture",
    "ShellName",
    "ShellVersion",
    "CanAddWorkers",
    "Roles",
    "TenantIds",
    "TenantedDeploymentParticipation",
    "ProjectConnectivityPolicy",
    "SkipMachineBehavior",
    "AllowDeploymentsToNoTargets",
    "ExcludeUnhealthyTargets",
    "CommunicationStyle",
    "Uri",
    "Host",
    "Port",
    "DefaultWorkerPoolId",
    "DeploymentPreviews",
    "Fingerprint",
    "AccountId",
    "Thumbprint",
    "Destination",
    "DestinationType",
    "DropFolderPath",
    "SensitiveVariablesEncryptionPassword",
    // Accounts.
    "AccountType",
    "PrivateKeyFile",
    "PrivateKeyPassphrase",
    // Certificates and e-mail.
    "CertificateData",
    "SmtpHost",
    "SmtpPort",
    "SmtpLogin",
    "SmtpPassword",
    "SendEmailFrom",
    "EnableSsl",
    "Timeout",
    "CertificateAuthority",
    // Variables.
    "OwnerId",
    "Version",
    "Variables",
    "Value",
    "Scope",
    "IsEditable",
    "IsSensitive",
    "Prompt",
    "Label",
    "Required",
    "DisplaySettings",
    "Environment",
    "Machine",
    "Role",
    "Action",
    "Channel",
    "TenantTag",
    "ProcessOwner",
    "ContentType",
    "Sealed",
    // Processes.
    "Steps",
    "LastSnapshotId",
    "Condition",
    "StartTrigger",
    "PackageRequirement",
    "ActionType",
    "Notes",
    "CanBeUsedForProjectVersioning",
    "IsRequired",
    "WorkerPoolId",
    "WorkerPoolVariable",
    "Container",
    "Environments",
    "ExcludedEnvironments",
    "Channels",
    "Packages",
    "PackageId",
    "FeedId",
    "AcquisitionLocation",
    "StepPackageVersion",
    // Releases, deployments, runbooks, tasks.
    "ProjectName",
    "PackageVersion",
    "GitCommit",
    "GitRef",
    "ReleaseVersion",
    "ChannelName",
    "ReleaseNotes",
    "IgnoreIfAlreadyExists",
    "IgnoreChannelRules",
    "PackagePrerelease",
    "GitResources",
    "ForcePackageDownload",
    "ForcePackageRedeployment",
    "SpecificMachineNames",
    "ExcludedMachineNames",
    "SkipStepNames",
    "RunAt",
    "NoRunAfter",
    "EnvironmentNames",
    "EnvironmentName",
    "Tenants",
    "RunbookName",
    "Snapshot",
    "UpdateVariableSnapshot",
    "DeploymentFreezeOverrideReason",
    "DeploymentFreezeNames",
    "Priority",
    "RunbookId",
    "Publish",
    "ReleaseId",
    "SelectedPackages",
    "ActionName",
    "PackageReferenceName",
    "EnvironmentScope",
    "MultiTenancyMode",
    "RunRetentionPolicy",
    "RunbookProcessId",
    "PublishedRunbookSnapshotId",
    "ConnectivityPolicy",
    "EnvironmentId",
    "TenantId",
    "SkipActions",
    "SpecificMachineIds",
    "ExcludedMachineIds",
    "Comments",
    "QueueTime",
    "QueueTimeExpiry",
    "OctopusBuildInformation",
    "Branch",
    "BuildEnvironment",
    "BuildNumber",
    "BuildUrl",
    "Commits",
    "Comment",
    "VcsCommitNumber",
    "VcsRoot",
    "VcsType",
    "IsBuiltInWorkerEnabled",
    "Text",
    "Filename",
    "LogCorrelationId",
    "ServerTaskId",
    "Source",
    // What the server says of them, and clients write back.
    "Assembled",
    "BuildInformation",
    "Changes",
    "ChangesMarkdown",
    "DeployedBy",
    "FrozenProjectVariableSetId",
    "FrozenRunbookProcessId",
    "LibraryVariableSetSnapshotIds",
    "ManifestVariableSetId",
    "ProjectDeploymentProcessSnapshotId",
    "ProjectVariableSetSnapshotId",
    "RunbookSnapshotId",
    "SelectedGitResources",
    "TaskId",
    // Machines.
    "Connection",
    "HealthFindings",
    "HealthLastChecked",
    "Interpreters",
    "IsDraining",
    "Labels",
    "LifetimeMinutes",
    "MaxAttempts",
    "PolicyLastChecked",
    "Pools",
    "Script",
    "Status",
    "Summary",
    // Certificates.
    "CertificateChain",
    "CertificateDataFormat",
    "HasPrivateKey",
    "IssuerCommonName",
    "IssuerDistinguishedName",
    "IssuerOrganization",
    "NotAfter",
    "NotBefore",
    "SelfSigned",
    "SerialNumber",
    "SignatureAlgorithmName",
    "SubjectAlternativeNames",
    "SubjectCommonName",
    "SubjectDistinguishedName",
    "SubjectOrganization",
];

fn table() -> &'static HashMap<String, &'static str> {
    static TABLE: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    TABLE.get_or_init(|| {
        NAMES
            .iter()
            .chain(MAPS)
            .map(|name| (name.to_ascii_lowercase(), *name))
            .collect()
    })
}

/// The name as this server writes it, if it knows it.
pub fn known(name: &str) -> Option<&'static str> {
    table().get(&name.to_ascii_lowercase()).copied()
}

/// Gives every known property its name as this server writes it, at any depth, and leaves out known properties
/// that are `null`: to every client, `null` and absent are the same.
///
/// The property that holds sealed values is the database's own, and links are made for each answer: what a client
/// writes there is dropped.
pub fn canonical(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        Value::Object(properties) => Value::Object(canonical_properties(properties)),
        Value::Number(number) => Value::Number(whole(number)),
        Value::Null | Value::Bool(_) | Value::String(_) => value,
    }
}

/// `2.0` is a whole number in JSON (and in JSON Schema, 2020-12, 6.1.1), and some clients write it so.
fn whole(number: Number) -> Number {
    /// Every whole number up to it is one that a double can hold.
    const MAX: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() <= MAX => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it is whole and small enough"
            )]
            let value = value as i64;
            value.into()
        }
        _ => number,
    }
}

fn canonical_properties(properties: Map<String, Value>) -> Map<String, Value> {
    let mut result = Map::with_capacity(properties.len());
    for (name, value) in properties {
        if name == SEALED || name.eq_ignore_ascii_case("Links") {
            continue;
        }
        match known(&name) {
            Some(_) if value.is_null() => {}
            // `Variables` is a list in a variable set, and a map with the user's keys in a deployment.
            Some(known) if MAPS.contains(&known) || (known == "Variables" && value.is_object()) => {
                result.insert(known.to_owned(), without_sealed(value));
            }
            Some(known) => {
                result.insert(known.to_owned(), canonical(value));
            }
            None => {
                result.insert(name, without_sealed(value));
            }
        }
    }
    result
}

/// The property that holds a sealed value, in the database only.
pub const SEALED: &str = "$sealed";

/// The same value without anything that is sealed, at any depth: what a client may see or say.
pub fn without_sealed(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(without_sealed).collect()),
        Value::Object(properties) => {
            let kept = properties.into_iter().filter(|(name, _)| name != SEALED);
            Value::Object(
                kept.map(|(name, value)| (name, without_sealed(value)))
                    .collect(),
            )
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_matched_in_any_case_at_any_depth() {
        let read = canonical(
            json!({"spaceName": "x", "PHASES": [{"name": "Dev", "isoptionalphase": true}]}),
        );
        assert_eq!(
            read,
            json!({"SpaceName": "x", "Phases": [{"Name": "Dev", "IsOptionalPhase": true}]})
        );
    }

    #[test]
    fn keys_of_the_user_are_left_alone() {
        let read = canonical(
            json!({"properties": {"name": "a"}, "inputs": {"id": null}, "unheardOf": {"id": 1}}),
        );
        assert_eq!(
            read,
            json!({"Properties": {"name": "a"}, "Inputs": {"id": null}, "unheardOf": {"id": 1}})
        );
    }

    #[test]
    fn nobody_can_plant_a_sealed_value() {
        let read = canonical(
            json!({"$sealed": "x", "Properties": {"A": {"$sealed": "x"}}, "b": {"$sealed": "x"}}),
        );
        assert_eq!(read, json!({"Properties": {"A": {}}, "b": {}}));
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let read = canonical(
            json!({ "SortOrder": 2.0, "Version": -3.0, "Priority": 2.5, "Skip": 1e300, "unheardOf": 4.0 }),
        );
        let text = r#"{"Priority":2.5,"Skip":1e300,"SortOrder":2,"Version":-3,"unheardOf":4.0}"#;
        assert_eq!(read.to_string(), text.replace("1e300", "1e+300"));
    }

    #[test]
    fn null_is_the_same_as_absent() {
        assert_eq!(
            canonical(json!({"description": null, "unheardOf": null})),
            json!({"unheardOf": null})
        );
    }
}
