//! What can be switched on and off for the whole server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{App, Caller, Error};
use crate::model::access::{Permission, Target};
use crate::store::Change;

/// The name of the setting that holds them.
const SETTING: &str = "features";

/// Octopus's features configuration, as far as there is something to switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Features {
    /// Whether steps may run on this server.
    pub is_built_in_worker_enabled: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            is_built_in_worker_enabled: true,
        }
    }
}

impl App {
    /// What is switched on.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn features(&self) -> Result<Features, Error> {
        let text = self.store().setting(SETTING).await?;
        let features: Option<Features> = text.and_then(|text| serde_json::from_str(&text).ok());
        let mut features = features.unwrap_or_default();
        // What the server was started without, nobody can switch on.
        features.is_built_in_worker_enabled &= self.inner.installed.has_built_in_worker;
        Ok(features)
    }

    /// Switches. Deployments that were asked for before keep their plans.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::Store`].
    pub async fn features_change(&self, caller: &Caller, features: Features) -> Result<(), Error> {
        caller.require(Permission::ConfigureServer, Target::default())?;
        let value = serde_json::to_string(&features).expect("features are plain data");
        let message = "The features configuration was changed".to_owned();
        let event = caller.event(self.now(), "Modified", None, message, Vec::new());
        let setting = Change::Setting {
            name: SETTING,
            value,
        };
        self.store()
            .commit(vec![setting, Change::Event(event)])
            .await?;
        Ok(())
    }
}
