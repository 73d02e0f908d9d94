//! What is special about deployment targets: who is in a place, and what the server says of their health.

use super::resource::Managed;
use super::{App, Error};
use crate::model::machine::{HealthStatus, MachinePolicy};
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
        self.health_last_checked = stored.and_then(|stored| stored.health_last_checked.clone());
        if stored.is_some_and(|stored| stored.endpoint != self.endpoint) {
            self.health_last_checked = None;
        }
        self.interpreters = match stored {
            Some(stored) if stored.endpoint == self.endpoint => stored.interpreters.clone(),
            Some(_) | None => Vec::new(),
        };
        // Health is what checks find, not what clients say. There is nothing to find in a region.
        (self.health_status, self.status_summary) = match (self.kind(), stored) {
            (Some(TargetKind::CloudRegion), _) => {
                let summary = "Cloud regions have nothing to check.".to_owned();
                (HealthStatus::Healthy, summary)
            }
            (_, Some(stored)) if stored.endpoint == self.endpoint => {
                (stored.health_status, stored.status_summary.clone())
            }
            (_, _) => (HealthStatus::Unknown, "It was not checked yet.".to_owned()),
        };
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
