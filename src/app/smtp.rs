//! The SMTP configuration: who may change it, and that its password is sealed.

use super::{App, Caller, Error, seal};
use crate::model::Invalid;
use crate::model::access::{Permission, Target};
use crate::model::smtp::SmtpConfiguration;
use crate::store::Change;

/// The name of the setting that holds it.
const SETTING: &str = "smtp";

impl App {
    /// How e-mail leaves the server, with its password sealed.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn smtp(&self) -> Result<SmtpConfiguration, Error> {
        let text = self.store().setting(SETTING).await?;
        let smtp = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(smtp.unwrap_or_default())
    }

    /// The same, for somebody who asks.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and [`Error::Store`].
    pub async fn smtp_read(&self, caller: &Caller) -> Result<SmtpConfiguration, Error> {
        caller.require(Permission::ConfigureServer, Target::default())?;
        self.smtp().await
    }

    /// Replaces it, and gives it back as it is now.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] with everything that is wrong with it.
    pub async fn smtp_change(
        &self,
        caller: &Caller,
        smtp: SmtpConfiguration,
    ) -> Result<SmtpConfiguration, Error> {
        caller.require(Permission::ConfigureServer, Target::default())?;
        let problems = smtp.problems();
        if !problems.is_empty() {
            return Err(Invalid(problems).into());
        }
        let plain = |smtp: &SmtpConfiguration| serde_json::to_value(smtp).expect("plain data");
        let stored = plain(&self.smtp().await?);
        let mut value = plain(&smtp);
        seal::tree(&mut value, Some(&stored), self.vault())?;
        let message = "The SMTP configuration was changed".to_owned();
        let event = caller.event(self.now(), "Modified", None, message, Vec::new());
        let setting = Change::Setting {
            name: SETTING,
            value: value.to_string(),
        };
        self.store()
            .commit(vec![setting, Change::Event(event)])
            .await?;
        self.smtp().await
    }
}
