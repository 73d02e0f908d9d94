//! Accounts: what the server logs in to other machines with. Names for people, and secrets that are sealed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::resource::{Extra, Invalid, Kind, Reference, Resource, name_problems, named_resource};
use super::target::Participation;
use super::variable::SensitiveValue;

/// An account, as Octopus's clients read and write it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", default)]
pub struct Account {
    pub id: String,
    pub space_id: String,
    pub name: String,
    pub slug: String,
    pub description: String,
    pub account_type: AccountType,
    /// Who logs in.
    pub username: String,
    /// Of a `UsernamePassword`.
    pub password: SensitiveValue,
    /// Of an `SshKeyPair`: the file with the private key, as it is or in base64.
    pub private_key_file: SensitiveValue,
    /// What opens that file.
    pub private_key_passphrase: SensitiveValue,
    /// Where it may be used; empty means everywhere.
    pub environment_ids: Vec<String>,
    pub tenant_ids: Vec<String>,
    /// `Set/Tag`.
    pub tenant_tags: Vec<String>,
    pub tenanted_deployment_participation: Participation,
    /// What it doesn't know and keeps.
    #[serde(flatten)]
    pub extra: Extra,
}

/// How it proves who it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AccountType {
    #[default]
    SshKeyPair,
    UsernamePassword,
}

impl Account {
    /// What it is restricted to, for people; `None` if it may be used everywhere.
    pub fn restriction(&self) -> Option<&'static str> {
        let has_tenants = !self.tenant_ids.is_empty() || !self.tenant_tags.is_empty();
        match (self.environment_ids.is_empty(), has_tenants) {
            (true, false) => None,
            (false, _) => Some("environments"),
            (true, true) => Some("tenants"),
        }
    }
}

/// Whether there is a secret, or will be one.
fn is_given(value: &SensitiveValue) -> bool {
    match &value.new_value {
        Some(new) => !new.is_empty(),
        None => value.has_value,
    }
}

impl Resource for Account {
    named_resource!(Account);

    fn problems(&self) -> Vec<String> {
        let mut problems = name_problems(&self.name);
        if self.username.trim().is_empty() {
            problems.push("Please provide who logs in as Username.".into());
        }
        match self.account_type {
            AccountType::SshKeyPair if !is_given(&self.private_key_file) => {
                problems.push("Please provide the private key as PrivateKeyFile.NewValue.".into());
            }
            AccountType::UsernamePassword if !is_given(&self.password) => {
                problems.push("Please provide the password as Password.NewValue.".into());
            }
            AccountType::SshKeyPair | AccountType::UsernamePassword => {}
        }
        problems
    }

    fn references(&self) -> Vec<Reference> {
        let environments = self.environment_ids.iter();
        let tenants = self.tenant_ids.iter();
        let environments =
            environments.map(|id| Reference::new(Kind::Environment, id, "EnvironmentIds"));
        let tenants = tenants.map(|id| Reference::new(Kind::Tenant, id, "TenantIds"));
        environments.chain(tenants).collect()
    }

    fn keep_from(&mut self, stored: &Self) -> Result<(), Invalid> {
        if self.account_type != stored.account_type {
            return Err(Invalid::because(
                "AccountType can't be changed: make another account.",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn problems(more: Value) -> usize {
        let mut value = json!({ "Name": "deploy", "Username": "deploy" });
        for (key, more) in more.as_object().into_iter().flatten() {
            value[key] = more.clone();
        }
        let account: Account = serde_json::from_value(value).expect("an account");
        account.problems().len()
    }

    #[test]
    fn an_account_has_the_secret_of_its_type() {
        let key = json!({ "PrivateKeyFile": { "NewValue": "x" } });
        let kept = json!({ "PrivateKeyFile": { "HasValue": true } });
        let emptied = json!({ "PrivateKeyFile": { "HasValue": true, "NewValue": "" } });
        let password =
            json!({ "AccountType": "UsernamePassword", "Password": { "NewValue": "x" } });
        let wrong =
            json!({ "AccountType": "UsernamePassword", "PrivateKeyFile": { "NewValue": "x" } });
        assert_eq!([key, kept, password].map(problems), [0, 0, 0]);
        assert_eq!([json!({}), emptied, wrong].map(problems), [1, 1, 1]);
    }
}
