//! What is special about accounts: their keys are read when they come, and opened only to log in.

use zeroize::Zeroizing;

use super::resource::Managed;
use super::{App, Error};
use crate::link::ssh::{Login, Secret, private_key};
use crate::model::account::{Account, AccountType};
use crate::model::target::DeploymentTarget;
use crate::model::variable::SensitiveValue;
use crate::model::worker::{Endpoint, Worker};
use crate::store::Filter;

impl Managed for Account {
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        self.username = self.username.trim().to_owned();
        let is_given = |value: &SensitiveValue| value.new_value.is_some();
        let is_new = is_given(&self.private_key_file) || is_given(&self.private_key_passphrase);
        if self.account_type == AccountType::SshKeyPair && is_new {
            let file = app.given(
                &self.private_key_file,
                stored.map(|one| &one.private_key_file),
            );
            let phrase = app.given(
                &self.private_key_passphrase,
                stored.map(|one| &one.private_key_passphrase),
            );
            let (file, phrase) = (file?.unwrap_or_default(), phrase?);
            // What a key costs to open is in the file; a hostile one may say very much.
            let reading = tokio::task::spawn_blocking(move || {
                private_key(&file, phrase.as_ref().map(|phrase| phrase.as_str())).map(drop)
            });
            let read = reading
                .await
                .map_err(|error| Error::invalid(error.to_string()))?;
            read.map_err(|error| Error::invalid(format!("PrivateKeyFile: {error}.")))?;
        }
        self.require_fit_for_workers(app).await
    }
}

impl Account {
    /// A worker serves every environment and tenant: what it logs in with must, too.
    async fn require_fit_for_workers(&self, app: &App) -> Result<(), Error> {
        let Some(restriction) = self.restriction() else {
            return Ok(());
        };
        let workers: Vec<Worker> = app.every(Filter::in_space(&self.space_id)).await?;
        let is_its = |worker: &&Worker| match worker.reached() {
            Ok(Endpoint::Ssh(endpoint)) => endpoint.account_id == self.id,
            _ => false,
        };
        match workers.iter().find(is_its) {
            Some(worker) => Err(Error::Conflict(format!(
                "The account can't be restricted to {restriction}: the worker `{}` logs in with it, and a worker serves them all.",
                worker.name
            ))),
            None => Ok(()),
        }
    }
}

impl App {
    /// A secret as it will be: what a client gives, or what is stored.
    fn given(
        &self,
        new: &SensitiveValue,
        stored: Option<&SensitiveValue>,
    ) -> Result<Option<Zeroizing<String>>, Error> {
        if let Some(new) = &new.new_value {
            return Ok(Some(Zeroizing::new(new.clone())).filter(|new| !new.is_empty()));
        }
        let sealed = stored
            .filter(|_| new.has_value)
            .and_then(|stored| stored.sealed.as_ref());
        let opened = sealed.map(|sealed| self.vault().open(sealed)).transpose();
        opened.map_err(|error| Error::Conflict(error.to_string()))
    }

    /// Refuses an account that isn't fit for a worker, when the worker is saved and not when it is used.
    pub(super) async fn require_worker_account(&self, worker: &Worker) -> Result<(), Error> {
        let Ok(Endpoint::Ssh(endpoint)) = worker.reached() else {
            return Ok(());
        };
        let account = self
            .account_by_id(&worker.space_id, &endpoint.account_id)
            .await?;
        match account.restriction() {
            Some(restriction) => Err(Error::invalid(format!(
                "The account `{}` is restricted to {restriction}, and a worker serves them all: lift the restriction, or give the worker an account of its own.",
                account.name
            ))),
            None => Ok(()),
        }
    }

    /// Refuses an account that may not be used everywhere where a target is.
    pub(super) async fn require_target_account(
        &self,
        target: &DeploymentTarget,
    ) -> Result<(), Error> {
        let Some(Ok(endpoint)) = target.ssh() else {
            return Ok(());
        };
        let account = self
            .account_by_id(&target.space_id, &endpoint.account_id)
            .await?;
        let is_free = account.environment_ids.is_empty();
        let missing = target
            .environment_ids
            .iter()
            .find(|id| !account.environment_ids.contains(id));
        if let Some(id) = missing.filter(|_| !is_free) {
            return Err(Error::invalid(format!(
                "The account `{}` is not for the environment `{id}`, in which the target is.",
                account.name
            )));
        }
        let serves_others = |id: &&String| !account.tenant_ids.contains(id);
        let has_tenants = !account.tenant_ids.is_empty() || !account.tenant_tags.is_empty();
        if has_tenants
            && (target.tenant_ids.is_empty()
                || target.tenant_ids.iter().any(|id| serves_others(&id)))
        {
            return Err(Error::invalid(format!(
                "The account `{}` is restricted to tenants, and the target serves others, too.",
                account.name
            )));
        }
        Ok(())
    }

    async fn account_by_id(&self, space_id: &str, id: &str) -> Result<Account, Error> {
        let found = self.store().document_by_id::<Account>(id).await?;
        let found = found
            .map(|found| found.record)
            .filter(|found| found.space_id == space_id);
        found.ok_or_else(|| {
            Error::invalid(format!("Endpoint.AccountId: there is no account `{id}`."))
        })
    }

    /// What the server logs in with.
    ///
    /// # Errors
    /// Why it can't, for people.
    pub async fn login(&self, account_id: &str) -> Result<Login, String> {
        let found = self.store().document_by_id::<Account>(account_id).await;
        let found = found.map_err(|error| error.to_string())?;
        let account = found
            .ok_or_else(|| format!("there is no account `{account_id}`"))?
            .record;
        let opened = |value: &SensitiveValue| match &value.sealed {
            Some(sealed) => {
                let opened = self.vault().open(sealed).map_err(|error| error.to_string());
                opened.map(Some)
            }
            None => Ok(None),
        };
        let secret = match account.account_type {
            AccountType::UsernamePassword => {
                Secret::Password(opened(&account.password)?.unwrap_or_default())
            }
            AccountType::SshKeyPair => {
                let file = opened(&account.private_key_file)?.unwrap_or_default();
                let phrase = opened(&account.private_key_passphrase)?;
                let reading = tokio::task::spawn_blocking(move || {
                    private_key(&file, phrase.as_ref().map(|phrase| phrase.as_str()))
                });
                let read = reading.await.map_err(|error| error.to_string())?;
                Secret::Key(read.map_err(|error| error.to_string())?)
            }
        };
        Ok(Login {
            username: account.username,
            secret,
        })
    }
}
