//! What is special about deployment targets: who is in a place, and what the server says of their health.

use super::resource::Managed;
use super::{App, Error};
use crate::model::health::HealthStatus;
use crate::model::machine::MachinePolicy;
use crate::model::target::{DeploymentTarget, TargetKind};
use crate::model::worker::Worker;
use crate::store::Filter;

impl Managed for DeploymentTarget {
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        for role in &mut self.roles {
            *role = role.trim().to_owned();
        }
        self.roles.retain(|role| !role.is_empty());
        if self.machine_policy_id.is_empty() {
            self.machine_policy_id = app.default_machine_policy(&self.space_id).await?;
        }
        app.require_target_account(self).await?;
        Worker::of_target(self).require_own_thumbprint(app).await?;
        let as_before = stored.filter(|stored| stored.endpoint == self.endpoint);
        self.health_last_checked = as_before.and_then(|stored| stored.health_last_checked.clone());
        self.policy_last_checked = as_before.and_then(|stored| stored.policy_last_checked.clone());
        self.health_findings = as_before.and_then(|stored| stored.health_findings.clone());
        self.interpreters = as_before.map_or_else(Vec::new, |stored| stored.interpreters.clone());
        // Health is what checks find, not what clients say. There is nothing to connect to in a region.
        (self.health_status, self.status_summary) = match (self.kind(), as_before) {
            (_, Some(stored)) => (stored.health_status, stored.status_summary.clone()),
            (Some(TargetKind::CloudRegion), None) => {
                let summary = "Cloud regions have nothing to connect to.".to_owned();
                (HealthStatus::Healthy, summary)
            }
            (_, None) => (HealthStatus::Unknown, "It was not checked yet.".to_owned()),
        };
        if stored.is_some_and(|stored| stored.machine_policy_id != self.machine_policy_id) {
            let mut seen = Worker::of_target(self);
            seen.has_other_policy();
            self.take_over(seen);
        }
        Ok(())
    }
}

impl App {
    async fn default_machine_policy(&self, space_id: &str) -> Result<String, Error> {
        let policies: Vec<MachinePolicy> = self.every(Filter::in_space(space_id)).await?;
        let default = policies.into_iter().find(|policy| policy.is_default);
        Ok(default.map(|policy| policy.id).unwrap_or_default())
    }

    /// Every deployment target of a space, whoever asks: for checks of all of them.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(super) async fn targets(&self, space_id: &str) -> Result<Vec<DeploymentTarget>, Error> {
        self.every(Filter::in_space(space_id)).await
    }
}
