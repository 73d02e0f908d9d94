//! From a key to a caller: which user it belongs to, and what the user's teams may do.
//!
//! The answer is remembered until anything that it depends on changes (`App::forget_access`); expiry is looked
//! at each time. Every way to fail looks the same to a stranger.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{App, Caller, Error, Origin, api_key};
use crate::model::access::{Access, Grant, Role};
use crate::model::space::Space;
use crate::model::user::{ApiKey, EVERYONE, ScopedUserRole, Team, User};
use crate::store::{Filter, Page};

/// Keys that were proven. Past it all are forgotten: a bound on memory, not a policy.
const MAX_KNOWN: usize = 10_000;

/// Keys that were proven since the last change to users, teams, roles, spaces or keys.
#[derive(Debug, Default)]
pub struct KnownKeys {
    epoch: AtomicU64,
    known: Mutex<HashMap<[u8; 32], Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    epoch: u64,
    key: ApiKey,
    user: Arc<User>,
    access: Arc<Access>,
}

const REFUSED: Error = Error::Unauthenticated("the API key is not valid");

impl App {
    /// The caller that the key belongs to.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], the same for unknown, expired and revoked keys and for users that were
    /// deactivated; [`Error::Throttled`] after too many of those from one address.
    pub async fn authenticate(&self, key: &str, origin: Origin) -> Result<Caller, Error> {
        let digest: [u8; 32] = Sha256::digest(key).into();
        let now = self.now();
        if let Some(known) = self.known(&digest) {
            return admit(known, origin, now);
        }
        let address = origin.ip_address.clone();
        if let Some(wait) = self.inner.throttle.wait(&address, Instant::now()) {
            return Err(Error::Throttled {
                retry_after_s: wait.as_secs() + 1,
            });
        }
        let result = self.prove(key, digest, origin, now).await;
        if let Err(Error::Unauthenticated(_)) = result {
            self.inner.throttle.failed(&address, Instant::now());
        }
        result
    }

    fn known(&self, digest: &[u8; 32]) -> Option<Known> {
        let epoch = self.inner.keys.epoch.load(Ordering::Acquire);
        let known = self.inner.keys.known.lock();
        let known = known
            .unwrap_or_else(PoisonError::into_inner)
            .get(digest)
            .cloned();
        known.filter(|known| known.epoch == epoch)
    }

    async fn prove(
        &self,
        key: &str,
        digest: [u8; 32],
        origin: Origin,
        now: Timestamp,
    ) -> Result<Caller, Error> {
        // Before anything is read: a change that comes after it makes what is read below out of date.
        let epoch = self.inner.keys.epoch.load(Ordering::Acquire);
        let hint = api_key::hint(key).ok_or(REFUSED)?;
        let keys = self.store().api_keys_by_hint(hint).await?;
        let key = keys
            .into_iter()
            .find(|key| bool::from(key.digest.ct_eq(&digest)))
            .ok_or(REFUSED)?;
        let user = self.store().document_by_id::<User>(&key.user_id).await?;
        let user = user.ok_or(REFUSED)?.record;
        if !user.is_active {
            return Err(REFUSED);
        }
        let access = self.access_of(&user).await?;
        let known = Known {
            epoch,
            key,
            user: Arc::new(user),
            access: Arc::new(access),
        };
        let mut all = self
            .inner
            .keys
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_KNOWN {
            all.clear();
        }
        all.insert(digest, known.clone());
        drop(all);
        admit(known, origin, now)
    }

    /// The teams of a user.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(super) async fn team_ids_of(&self, user: &User) -> Result<Vec<String>, Error> {
        let everything = Filter::default();
        let (_, teams) = self
            .store()
            .documents::<Team>(&everything, Page::ALL)
            .await?;
        let is_member = |team: &Team| {
            team.id == EVERYONE
                || team
                    .member_user_ids
                    .iter()
                    .any(|id| id.eq_ignore_ascii_case(&user.id))
        };
        let teams = teams.into_iter().map(|team| team.record).filter(is_member);
        Ok(teams.map(|team| team.id).collect())
    }

    /// Everything that a user may do, through all their teams.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn access_of(&self, user: &User) -> Result<Access, Error> {
        let team_ids = self.team_ids_of(user).await?;
        let has_team = |id: &String| team_ids.iter().any(|own| own.eq_ignore_ascii_case(id));
        let of_teams = Filter {
            owner_ids: Some(team_ids.clone()),
            ..Filter::default()
        };
        let (_, roles) = self
            .store()
            .documents::<ScopedUserRole>(&of_teams, Page::ALL)
            .await?;
        let mut grants: Vec<Grant> = roles
            .into_iter()
            .filter_map(|role| grant(role.record))
            .collect();
        let (_, spaces) = self
            .store()
            .documents::<Space>(&Filter::default(), Page::ALL)
            .await?;
        for space in spaces.into_iter().map(|space| space.record) {
            let members = &space.space_managers_team_members;
            let is_manager = members.iter().any(|id| id.eq_ignore_ascii_case(&user.id));
            if is_manager || space.space_managers_teams.iter().any(has_team) {
                grants.push(Grant {
                    role: Role::SpaceManager,
                    space_id: Some(space.id),
                    project_ids: Vec::new(),
                    environment_ids: Vec::new(),
                });
            }
        }
        Ok(Access { grants })
    }

    /// Makes every caller prove their key again: something that access depends on has changed.
    pub(super) fn forget_access(&self) {
        self.inner.keys.epoch.fetch_add(1, Ordering::AcqRel);
    }
}

fn admit(known: Known, origin: Origin, now: Timestamp) -> Result<Caller, Error> {
    if !known.key.is_valid_at(now) {
        return Err(REFUSED);
    }
    Ok(Caller {
        user: known.user,
        access: known.access,
        identity: known.key.id,
        origin,
    })
}

fn grant(role: ScopedUserRole) -> Option<Grant> {
    Some(Grant {
        role: Role::from_id(&role.user_role_id)?,
        space_id: role.space_id,
        project_ids: role.project_ids,
        environment_ids: role.environment_ids,
    })
}
