//! API keys: made, shown once, listed by their beginning, revoked.

use jiff::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{App, Caller, Error};
use crate::model::Invalid;
use crate::model::access::{Permission, Target};
use crate::model::resource::name_problems;
use crate::model::user::{ApiKey, User};
use crate::store::{ApiKeyChange, Change};

/// Octopus's clients refuse keys that don't match `^API-[A-Z\d]+$`.
const PREFIX: &str = "API-";

/// 32 characters of 5 bits: 160 random bits.
const N_CHARACTERS: usize = 32;

/// What base32 has: easy to tell apart, 32 of them, so that five random bits are one character.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The part of a key that isn't secret: finds the row, and lets its owner tell keys apart.
const HINT_BYTES: usize = 11;

/// A key that was just made: the only time that anybody sees it.
pub struct NewKey {
    /// What is stored.
    pub record: ApiKey,
    /// The key itself.
    pub key: Zeroizing<String>,
}

/// The beginning of a key, if it could be one.
pub(super) fn hint(key: &str) -> Option<&str> {
    let is_valid = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
    let rest = key.strip_prefix(PREFIX)?;
    let could_be = rest.len() <= 100 && rest.bytes().all(is_valid);
    key.get(..HINT_BYTES).filter(|_| could_be)
}

/// A new key for a user.
pub(super) fn generate(
    id: String,
    user_id: &str,
    purpose: &str,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Result<NewKey, Error> {
    let mut bytes = Zeroizing::new([0; N_CHARACTERS]);
    let filled = SystemRandom::new().fill(&mut *bytes);
    filled.map_err(|_| Error::Conflict("the operating system has no random numbers".into()))?;
    let characters = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    let key = Zeroizing::new(format!("{PREFIX}{}", characters.collect::<String>()));
    let record = ApiKey {
        id,
        user_id: user_id.to_owned(),
        purpose: purpose.to_owned(),
        hint: hint(&key).unwrap_or_default().to_owned(),
        digest: Sha256::digest(key.as_bytes()).to_vec(),
        created_at: now,
        expires_at,
        is_revoked: false,
    };
    Ok(NewKey { record, key })
}

impl App {
    /// Makes a key for a user: one's own, or anybody's with `UserEdit`.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], and [`Error::Invalid`] without a purpose or with an expiry
    /// that has passed.
    pub async fn api_key_create(
        &self,
        caller: &Caller,
        user_id: &str,
        purpose: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<NewKey, Error> {
        let user = self.key_owner(caller, user_id).await?;
        let now = self.now();
        let mut problems: Vec<String> = name_problems(purpose)
            .into_iter()
            .map(|problem| problem.replace("Name", "Purpose"))
            .collect();
        if expires_at.is_some_and(|expiry| expiry <= now) {
            problems.push("Expires is in the past.".to_owned());
        }
        if !problems.is_empty() {
            return Err(Invalid(problems).into());
        }
        let id = self.store().next_id("apikeys");
        let key = generate(id, &user.id, purpose, now, expires_at)?;
        let message = format!(
            "API key {} was created for {}",
            key.record.hint, user.username
        );
        let related = vec![key.record.id.clone(), user.id];
        let event = caller.event(now, "Created", None, message, related);
        let insert = Change::ApiKey(ApiKeyChange::Insert(key.record.clone()));
        self.store()
            .commit(vec![insert, Change::Event(event)])
            .await?;
        Ok(key)
    }

    /// The keys of a user, without what is secret about them.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for somebody else's without `UserEdit`.
    pub async fn api_keys(&self, caller: &Caller, user_id: &str) -> Result<Vec<ApiKey>, Error> {
        let user = self.key_owner(caller, user_id).await?;
        Ok(self.store().api_keys_by_user(&user.id).await?)
    }

    /// Ends a key: from now on it opens nothing.
    ///
    /// # Errors
    /// [`Error::Forbidden`], and [`Error::NotFound`] if it was revoked already.
    pub async fn api_key_revoke(
        &self,
        caller: &Caller,
        user_id: &str,
        id: &str,
    ) -> Result<(), Error> {
        let user = self.key_owner(caller, user_id).await?;
        let keys = self.store().api_keys_by_user(&user.id).await?;
        let key = keys.into_iter().find(|key| key.id.eq_ignore_ascii_case(id));
        let key = key.ok_or_else(|| Error::NotFound {
            noun: "API key",
            id: id.to_owned(),
        })?;
        let message = format!("API key {} of {} was revoked", key.hint, user.username);
        let related = vec![key.id.clone(), user.id];
        let event = caller.event(self.now(), "Deleted", None, message, related);
        let revoke = Change::ApiKey(ApiKeyChange::Revoke { id: key.id });
        self.store()
            .commit(vec![revoke, Change::Event(event)])
            .await?;
        self.forget_access();
        Ok(())
    }

    async fn key_owner(&self, caller: &Caller, user_id: &str) -> Result<User, Error> {
        if !caller.user.id.eq_ignore_ascii_case(user_id) {
            caller.require(Permission::UserEdit, Target::default())?;
        }
        let user = self.store().document_by_id::<User>(user_id).await?;
        let user = user.ok_or_else(|| Error::NotFound {
            noun: "user",
            id: user_id.to_owned(),
        })?;
        Ok(user.record)
    }
}
