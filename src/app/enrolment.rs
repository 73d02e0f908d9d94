//! How new machines come: a token that somebody may make, and that lets one in, once.
//!
//! A token is for workers of some pools or for deployment targets in some environments, and never for both.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::resource::Managed as _;
use super::{App, Caller, Error};
use crate::link::token::{self, Token};
use crate::model::access::{Permission, Target};
use crate::model::environment::Environment;
use crate::model::machine::WorkerPool;
use crate::model::resource::{Extra, Kind, slug};
use crate::model::target::DeploymentTarget;
use crate::model::worker::{EnrolmentToken, Worker};
use crate::store::{self, Change, Filter, WorkerChange};

/// A token is good for this long, if nothing else is asked for.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// And never for longer than this.
const MAX_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 7);

/// What a token is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Pools, by name or id; the default pool if there are neither pools nor environments.
    pub pools: Vec<String>,
    /// Environments, by name or id: then it is for a deployment target.
    pub environments: Vec<String>,
}

/// A token, as it is shown once.
#[derive(Debug)]
pub struct Enrolment {
    pub token: Zeroizing<String>,
    pub expires: Timestamp,
    /// Pools or environments, by name.
    pub places: Vec<String>,
}

/// A worker that introduces itself.
#[derive(Debug, Clone)]
pub struct NewWorker {
    pub name: String,
    /// By name or id; those of the token if it is empty.
    pub pools: Vec<String>,
    /// By name or id; those of the token if it is empty.
    pub environments: Vec<String>,
    /// What steps choose a deployment target by.
    pub roles: Vec<String>,
    pub thumbprint: String,
    /// `host:port`, if the server is to dial.
    pub address: Option<String>,
    pub labels: Vec<String>,
    pub operating_system: String,
    pub architecture: String,
    pub version: String,
    pub ip_address: String,
}

impl App {
    /// Makes a token for one new worker in `pools`: by name or id, the default pool if there are none.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for a pool, [`Error::Invalid`] for the lifetime, and
    /// [`Error::Conflict`] if this server waits for no workers.
    pub async fn enrolment_create(
        &self,
        caller: &Caller,
        space: Option<&str>,
        asked: &Asked,
        lifetime: Option<SignedDuration>,
    ) -> Result<Enrolment, Error> {
        let space_id = self.space_id(caller, space).await?;
        caller.require(Permission::WorkerEdit, Target::space(&space_id))?;
        let environments = match asked.environments.is_empty() {
            true => Vec::new(),
            false => self.token_environments(caller, &space_id, asked).await?,
        };
        let server = self.inner.link.get().and_then(|link| link.thumbprint());
        let server = server.ok_or_else(|| {
            Error::Conflict(
                "This server waits for no workers: start it with --workers 0.0.0.0:10943.".into(),
            )
        })?;
        let new = Token::new(server);
        let new = new
            .ok_or_else(|| Error::Conflict("The operating system has no random numbers.".into()))?;
        let digest = token::digest(new.secret());
        let lifetime = lifetime.unwrap_or(TOKEN_LIFETIME);
        if lifetime <= SignedDuration::ZERO || lifetime > MAX_TOKEN_LIFETIME {
            return Err(Error::invalid(
                "A token is good for between a second and seven days.",
            ));
        }
        let all: Vec<WorkerPool> = self.every(Filter::in_space(&space_id)).await?;
        let chosen = match asked.pools.is_empty() {
            true if !environments.is_empty() => Vec::new(),
            true => all.iter().filter(|pool| pool.is_default).collect(),
            false => named_pools(&all, &asked.pools)?,
        };
        let now = self.now();
        let token = EnrolmentToken {
            digest,
            space_id: space_id.clone(),
            pool_ids: chosen.iter().map(|pool| pool.id.clone()).collect(),
            environment_ids: environments.iter().map(|one| one.id.clone()).collect(),
            user_id: caller.user.id.clone(),
            username: caller.user.username.clone(),
            expires: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
        };
        let pools = chosen.iter().map(|pool| pool.name.clone());
        let names: Vec<String> = pools
            .chain(environments.into_iter().map(|one| one.name))
            .collect();
        let what = match token.environment_ids.is_empty() {
            true => "worker",
            false => "deployment target",
        };
        let message = format!("A token for a new {what} in {} was made", names.join(", "));
        let event = caller.event(
            now,
            "Created",
            Some(space_id),
            message,
            [token.pool_ids.as_slice(), &token.environment_ids].concat(),
        );
        let week_ago = now.checked_sub(MAX_TOKEN_LIFETIME).unwrap_or(now);
        let changes = vec![
            WorkerChange::Token(token.clone()).into(),
            WorkerChange::Forget {
                expired_before: week_ago.as_second(),
            }
            .into(),
            Change::Event(event),
        ];
        self.store().commit(changes).await?;
        Ok(Enrolment {
            token: new.text(),
            expires: token.expires,
            places: names,
        })
    }

    /// Makes the worker that shows `secret`, which is used up by it.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a secret that is unknown, used or expired; [`Error::Invalid`], and
    /// [`Error::Conflict`] for a name or a certificate that another worker has.
    pub async fn worker_enrol(&self, digest: &str, new: &NewWorker) -> Result<Worker, Error> {
        let token = usable(self.store().enrolment_token(digest).await?, self.now())?;
        let (machine, mut changes) = match token.environment_ids.is_empty() {
            true => {
                let mut worker = self.new_worker(&token, new).await?;
                let mut changes = worker.accompany(self, None).await?;
                changes.push(Change::insert(&worker));
                (worker, changes)
            }
            false => {
                let mut target = self.new_target(&token, new).await?;
                let mut changes = target.accompany(self, None).await?;
                changes.push(Change::insert(&target));
                (Worker::of_target(&target), changes)
            }
        };
        let event = crate::model::event::Event {
            category: "Created".to_owned(),
            space_id: Some(token.space_id.clone()),
            user_id: token.user_id.clone(),
            username: token.username.clone(),
            identity: "an enrolment token".to_owned(),
            occurred_at: self.now(),
            message: format!("The machine `{}` enrolled", machine.name),
            related_ids: vec![machine.id.clone()],
            user_agent: format!("seawall/{}", new.version),
            ip_address: new.ip_address.clone(),
        };
        let used = WorkerChange::TokenUsed {
            digest: digest.to_owned(),
            worker_id: machine.id.clone(),
        };
        changes.extend([used.into(), Change::Event(event)]);
        match self.store().commit(changes).await {
            // Somebody else used it at the same moment.
            Err(store::Error::Stale { .. }) => {
                return Err(Error::Unauthenticated(
                    "the token was used already: make another one",
                ));
            }
            other => other?,
        }
        self.inner.workers_changed.send_modify(|n| *n += 1);
        Ok(machine)
    }

    /// The environments in which a target may come, if the caller may make one there.
    async fn token_environments(
        &self,
        caller: &Caller,
        space_id: &str,
        asked: &Asked,
    ) -> Result<Vec<Environment>, Error> {
        if !asked.pools.is_empty() {
            return Err(Error::invalid(
                "A token is for a worker of Pools or for a deployment target in Environments, not for both.",
            ));
        }
        let mut found = Vec::new();
        for name in &asked.environments {
            let environment: Environment = self.get(caller, Some(space_id), name).await?;
            let place = Target {
                space_id: Some(space_id),
                environment_id: Some(&environment.id),
                project_id: None,
            };
            caller.require(Permission::MachineCreate, place)?;
            found.push(environment);
        }
        Ok(found)
    }

    async fn new_worker(&self, token: &EnrolmentToken, new: &NewWorker) -> Result<Worker, Error> {
        if !new.roles.is_empty() {
            return Err(Error::invalid(
                "The token is for a worker: make one with `seawall worker token --environment NAME` for a deployment target.",
            ));
        }
        let all: Vec<WorkerPool> = self.every(Filter::in_space(&token.space_id)).await?;
        let pool_ids = match new.pools.is_empty() {
            true => token.pool_ids.clone(),
            false => {
                let named = named_pools(&all, &new.pools)?;
                named.into_iter().map(|pool| pool.id.clone()).collect()
            }
        };
        if let Some(other) = pool_ids.iter().find(|id| !token.pool_ids.contains(id)) {
            let name = all.iter().find(|pool| pool.id == *other);
            let name = name.map_or(other.as_str(), |pool| pool.name.as_str());
            return Err(Error::invalid(format!(
                "The token is not for the pool `{name}`: make one with `seawall worker token --pool '{name}'`."
            )));
        }
        let mut worker = Worker {
            id: self.store().next_id(Kind::Worker.facts().prefix),
            space_id: token.space_id.clone(),
            name: new.name.trim().to_owned(),
            slug: slug(&new.name),
            worker_pool_ids: pool_ids,
            operating_system: new.operating_system.clone(),
            architecture: new.architecture.clone(),
            version: new.version.clone(),
            labels: new.labels.clone(),
            endpoint: endpoint(new),
            ..Worker::default()
        };
        self.check(&worker, Some(&token.space_id)).await?;
        worker.complete(self, None).await?;
        worker.version.clone_from(&new.version);
        Ok(worker)
    }

    async fn new_target(
        &self,
        token: &EnrolmentToken,
        new: &NewWorker,
    ) -> Result<DeploymentTarget, Error> {
        if new.roles.is_empty() {
            return Err(Error::invalid(
                "The token is for a deployment target, which needs a role: say which with --role.",
            ));
        }
        let all: Vec<Environment> = self.every(Filter::in_space(&token.space_id)).await?;
        let mut environment_ids = token.environment_ids.clone();
        if !new.environments.is_empty() {
            environment_ids = Vec::new();
            for name in &new.environments {
                let same = |own: &str| own.eq_ignore_ascii_case(name);
                let is_it =
                    |one: &&Environment| same(&one.id) || same(&one.name) || same(&one.slug);
                let found = all
                    .iter()
                    .find(is_it)
                    .filter(|one| token.environment_ids.contains(&one.id));
                let found = found.ok_or_else(|| {
                    Error::invalid(format!("The token is not for the environment `{name}`."))
                })?;
                environment_ids.push(found.id.clone());
            }
        }
        let mut target = DeploymentTarget {
            id: self.store().next_id(Kind::DeploymentTarget.facts().prefix),
            space_id: token.space_id.clone(),
            name: new.name.trim().to_owned(),
            slug: slug(&new.name),
            environment_ids,
            roles: new.roles.clone(),
            endpoint: endpoint(new),
            ..DeploymentTarget::default()
        };
        self.check(&target, Some(&token.space_id)).await?;
        target.complete(self, None).await?;
        Ok(target)
    }
}

/// How a machine of ours is reached.
fn endpoint(new: &NewWorker) -> Extra {
    let endpoint = match &new.address {
        None => json!({ "CommunicationStyle": "TentacleActive", "Thumbprint": new.thumbprint }),
        Some(address) => json!({
            "CommunicationStyle": "TentaclePassive", "Thumbprint": new.thumbprint,
            "Uri": format!("https://{address}/"),
        }),
    };
    match endpoint {
        Value::Object(properties) => properties,
        _ => Extra::default(),
    }
}

/// The pools with these names or ids.
fn named_pools<'a>(all: &'a [WorkerPool], asked: &[String]) -> Result<Vec<&'a WorkerPool>, Error> {
    let one = |asked: &String| {
        let same = |own: &str| own.eq_ignore_ascii_case(asked);
        let found = all
            .iter()
            .find(|pool| same(&pool.id) || same(&pool.name) || same(&pool.slug));
        found.ok_or_else(|| Error::NotFound {
            noun: "worker pool",
            id: asked.clone(),
        })
    };
    asked.iter().map(one).collect()
}

/// The token that was found for a secret, if it is good at `now`.
fn usable(found: Option<(EnrolmentToken, bool)>, now: Timestamp) -> Result<EnrolmentToken, Error> {
    let refused = |why| Err(Error::Unauthenticated(why));
    match found {
        None => refused("the token is not one of this server's"),
        Some((_, true)) => refused("the token was used already: make another one"),
        Some((token, false)) if token.expires <= now => {
            refused("the token has expired: make another one")
        }
        Some((token, false)) => Ok(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_until_it_expires_or_is_used() {
        let expires: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a time");
        let token = EnrolmentToken {
            digest: "d".to_owned(),
            space_id: "Spaces-1".to_owned(),
            pool_ids: vec![],
            environment_ids: vec![],
            user_id: "Users-1".to_owned(),
            username: "admin".to_owned(),
            expires,
        };
        let second = SignedDuration::from_secs(1);
        let before = expires - second;
        let why = |found, now| match usable(found, now) {
            Ok(_) => "good".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(why(Some((token.clone(), false)), before), "good");
        assert!(why(Some((token.clone(), false)), expires).contains("expired"));
        assert!(why(Some((token, true)), before).contains("used already"));
        assert!(why(None, before).contains("not one of this server's"));
    }
}
