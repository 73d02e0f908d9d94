//! What requests for deployments and for runbook runs have in common.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::app::execution::Execution;

/// The base of Octopus's execution commands. What is `null` is not said.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ExecutionBase {
    project_name: Option<String>,
    environment_names: Option<Vec<String>>,
    environment_name: Option<String>,
    tenants: Option<Vec<String>>,
    tenant_tags: Option<Vec<String>>,
    skip_step_names: Option<Vec<String>>,
    specific_machine_names: Option<Vec<String>>,
    excluded_machine_names: Option<Vec<String>>,
    use_guided_failure: Option<bool>,
    #[schemars(with = "Option<super::schema::Time>")]
    run_at: Option<Timestamp>,
    #[schemars(with = "Option<super::schema::Time>")]
    no_run_after: Option<Timestamp>,
    variables: Option<BTreeMap<String, Option<String>>>,
    force_package_download: Option<bool>,
    force_package_redeployment: Option<bool>,
    comments: Option<String>,
}

impl ExecutionBase {
    pub(super) fn execution(self) -> Execution {
        let mut environments = self.environment_names.unwrap_or_default();
        environments.extend(self.environment_name.filter(|name| !name.is_empty()));
        let variables = self.variables.unwrap_or_default();
        Execution {
            project: self.project_name.unwrap_or_default(),
            environments,
            tenants: self.tenants.unwrap_or_default(),
            tenant_tags: self.tenant_tags.unwrap_or_default(),
            skip_steps: self.skip_step_names.unwrap_or_default(),
            specific_machines: self.specific_machine_names.unwrap_or_default(),
            excluded_machines: self.excluded_machine_names.unwrap_or_default(),
            use_guided_failure: self.use_guided_failure,
            run_at: self.run_at,
            no_run_after: self.no_run_after,
            variables: variables
                .into_iter()
                .map(|(name, value)| (name, value.unwrap_or_default()))
                .collect(),
            force_package_download: self.force_package_download.unwrap_or_default(),
            force_package_redeployment: self.force_package_redeployment.unwrap_or_default(),
            comments: self.comments,
            is_preview: false,
        }
    }
}
