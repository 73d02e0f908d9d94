//! Workers: how new ones come, what the server says of their health, and the built-in one, which nobody can change.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::resource::{Managed, Removal};
use super::{App, Caller, Error};
use crate::link::identity::Thumbprint;
use crate::link::token::{self, Token};
use crate::model::access::{Permission, Target};
use crate::model::machine::{HealthStatus, MachinePolicy, WorkerPool};
use crate::model::resource::{Kind, slug};
use crate::model::worker::{Endpoint, EnrolmentToken, Worker};
use crate::store::{self, Change, Filter, WorkerChange};

/// A token is good for this long, if nothing else is asked for.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// And never for longer than this.
const MAX_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 7);

/// How often a worker that others change at the same moment is written again.
const MAX_TRIES: usize = 5;

/// Whoever has the connections to workers; [`crate::link::hub::Hub`].
#[async_trait::async_trait]
pub trait WorkerLink: Send + Sync {
    /// The certificate that this server shows to workers; `None` if no worker can come by itself.
    fn thumbprint(&self) -> Option<Thumbprint>;

    /// How many attempts a worker has.
    fn n_running(&self, worker_id: &str) -> usize;

    /// Asks a worker how it is, and keeps the answer.
    async fn check(&self, worker_id: &str) -> (HealthStatus, String);

    /// Has a worker show another certificate.
    ///
    /// # Errors
    /// Why it doesn't, for people.
    async fn renew(&self, worker_id: &str) -> Result<Thumbprint, String>;
}

/// A token, as it is shown once.
#[derive(Debug)]
pub struct Enrolment {
    pub token: Zeroizing<String>,
    pub expires: Timestamp,
    /// By name.
    pub pools: Vec<String>,
}

impl Managed for Worker {
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_some_and(|stored| stored.is_in_process) {
            return Err(Error::Conflict(
                "The built-in worker can't be changed: IsBuiltInWorkerEnabled in the features configuration switches it."
                    .into(),
            ));
        }
        self.is_in_process = false;
        if self.worker_pool_ids.is_empty() {
            return Err(Error::invalid(
                "A worker needs a pool: name one in WorkerPoolIds.",
            ));
        }
        if self.machine_policy_id.is_empty() {
            let policies: Vec<MachinePolicy> = app.every(Filter::in_space(&self.space_id)).await?;
            let default = policies.into_iter().find(|policy| policy.is_default);
            self.machine_policy_id = default.map(|policy| policy.id).unwrap_or_default();
        }
        self.require_own_thumbprint(app).await?;
        // What the server finds, and not what clients say.
        match stored {
            Some(stored) => {
                self.health_status = stored.health_status;
                self.status_summary.clone_from(&stored.status_summary);
                self.health_last_checked
                    .clone_from(&stored.health_last_checked);
                self.version.clone_from(&stored.version);
            }
            None => {
                self.health_status = HealthStatus::Unknown;
                self.status_summary = "It was not seen yet.".to_owned();
                self.health_last_checked = None;
            }
        }
        Ok(())
    }

    /// Whoever adds a worker to the default pool is told that the built-in one steps back.
    async fn accompany(&mut self, app: &App, stored: Option<&Self>) -> Result<Vec<Change>, Error> {
        let of_space = || Filter::in_space(&self.space_id);
        let pools: Vec<WorkerPool> = app.every(of_space()).await?;
        let Some(default) = pools.into_iter().find(|pool| pool.is_default) else {
            return Ok(Vec::new());
        };
        let is_in = |worker: &Self| worker.worker_pool_ids.contains(&default.id);
        if !is_in(self) || stored.is_some_and(is_in) {
            return Ok(Vec::new());
        }
        let workers: Vec<Self> = app.every(of_space()).await?;
        let is_other = |worker: &Self| !worker.is_in_process && worker.id != self.id;
        if workers
            .iter()
            .any(|worker| is_other(worker) && is_in(worker))
        {
            return Ok(Vec::new());
        }
        let message = format!(
            "The pool `{}` has the worker `{}` now: the built-in worker serves it no longer",
            default.name, self.name
        );
        let related = vec![default.id, self.id.clone()];
        let space_id = Some(self.space_id.clone());
        let event = Caller::server().event(
            app.now(),
            "BuiltInWorkerReplaced",
            space_id,
            message,
            related,
        );
        Ok(vec![Change::Event(event)])
    }

    async fn removal(&self, _app: &App) -> Result<Removal, Error> {
        if self.is_in_process {
            return Err(Error::Conflict(
                "The built-in worker can't be deleted.".into(),
            ));
        }
        Ok(Removal::default())
    }
}

impl Worker {
    fn thumbprints(&self) -> Vec<String> {
        match self.reached() {
            Ok(Endpoint::Polling { thumbprints } | Endpoint::Listening { thumbprints, .. }) => {
                thumbprints
            }
            _ => Vec::new(),
        }
    }

    /// A certificate says who somebody is: two workers can't have the same.
    async fn require_own_thumbprint(&self, app: &App) -> Result<(), Error> {
        let own = self.thumbprints();
        let others: Vec<Self> = app.every(Filter::default()).await?;
        let is_theirs = |other: &&Self| {
            other.id != self.id && other.thumbprints().iter().any(|one| own.contains(one))
        };
        match others.iter().find(is_theirs) {
            Some(other) => Err(Error::Conflict(format!(
                "The certificate is that of the worker `{}`: each worker has its own.",
                other.name
            ))),
            None => Ok(()),
        }
    }
}

/// A worker that introduces itself.
#[derive(Debug, Clone)]
pub struct NewWorker {
    pub name: String,
    /// By name or id; those of the token if it is empty.
    pub pools: Vec<String>,
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
    /// Resolves when a worker was made, changed or deleted.
    pub fn workers(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.workers_changed.subscribe()
    }

    /// Every worker of every space.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn every_worker(&self) -> Result<Vec<Worker>, Error> {
        self.every(Filter::default()).await
    }

    /// Whoever has the connections to workers, from now on.
    pub fn connect_workers(&self, link: Arc<dyn WorkerLink>) {
        if self.inner.link.set(link).is_err() {
            tracing::error!("the connections to workers have somebody already");
        }
    }

    /// How many attempts a worker has.
    pub fn worker_n_running(&self, worker_id: &str) -> usize {
        self.inner
            .link
            .get()
            .map_or(0, |link| link.n_running(worker_id))
    }

    async fn worker_link(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<(Worker, &Arc<dyn WorkerLink>), Error> {
        let stored = self.load::<Worker>(caller, space, id).await?.record;
        caller.require(Permission::WorkerEdit, Target::space(&stored.space_id))?;
        let link = self.inner.link.get().filter(|_| !stored.is_in_process);
        let link = link
            .ok_or_else(|| Error::Conflict("The built-in worker is this server itself.".into()))?;
        Ok((stored, link))
    }

    /// Asks a worker how it is, now.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], and [`Error::Conflict`] for the built-in worker.
    pub async fn worker_check(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<(HealthStatus, String), Error> {
        let (worker, link) = self.worker_link(caller, space, id).await?;
        Ok(link.check(&worker.id).await)
    }

    /// Has a worker show another certificate; the one that it has counts until the new one was seen.
    ///
    /// # Errors
    /// As [`App::worker_check`], and [`Error::Conflict`] if it isn't there.
    pub async fn worker_renew(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Thumbprint, Error> {
        let (worker, link) = self.worker_link(caller, space, id).await?;
        let next = link.renew(&worker.id).await;
        let next = next.map_err(|why| {
            Error::Conflict(format!("`{}` has no new certificate: {why}", worker.name))
        })?;
        let message = format!(
            "The worker `{}` was told to show another certificate",
            worker.name
        );
        let space_id = Some(worker.space_id);
        let event = caller.event(self.now(), "Modified", space_id, message, vec![worker.id]);
        self.store().commit(vec![Change::Event(event)]).await?;
        Ok(next)
    }

    /// Makes a token for one new worker in `pools`: by name or id, the default pool if there are none.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`] for a pool, [`Error::Invalid`] for the lifetime, and
    /// [`Error::Conflict`] if this server waits for no workers.
    pub async fn enrolment_create(
        &self,
        caller: &Caller,
        space: Option<&str>,
        pools: &[String],
        lifetime: Option<SignedDuration>,
    ) -> Result<Enrolment, Error> {
        let space_id = self.space_id(caller, space).await?;
        caller.require(Permission::WorkerEdit, Target::space(&space_id))?;
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
        let chosen = match pools.is_empty() {
            true => all.iter().filter(|pool| pool.is_default).collect(),
            false => named_pools(&all, pools)?,
        };
        let now = self.now();
        let token = EnrolmentToken {
            digest,
            space_id: space_id.clone(),
            pool_ids: chosen.iter().map(|pool| pool.id.clone()).collect(),
            user_id: caller.user.id.clone(),
            username: caller.user.username.clone(),
            expires: now.checked_add(lifetime).unwrap_or(Timestamp::MAX),
        };
        let names: Vec<String> = chosen.iter().map(|pool| pool.name.clone()).collect();
        let message = format!("A token for a new worker in {} was made", names.join(", "));
        let event = caller.event(
            now,
            "Created",
            Some(space_id),
            message,
            token.pool_ids.clone(),
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
            pools: names,
        })
    }

    /// Makes the worker that shows `secret`, which is used up by it.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a secret that is unknown, used or expired; [`Error::Invalid`], and
    /// [`Error::Conflict`] for a name or a certificate that another worker has.
    pub async fn worker_enrol(&self, digest: &str, new: &NewWorker) -> Result<Worker, Error> {
        let token = usable(self.store().enrolment_token(digest).await?, self.now())?;
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
        let endpoint = match &new.address {
            None => json!({ "CommunicationStyle": "TentacleActive", "Thumbprint": new.thumbprint }),
            Some(address) => json!({
                "CommunicationStyle": "TentaclePassive", "Thumbprint": new.thumbprint,
                "Uri": format!("https://{address}/"),
            }),
        };
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
            endpoint: match endpoint {
                Value::Object(properties) => properties,
                _ => Default::default(),
            },
            ..Worker::default()
        };
        self.check(&worker, Some(&token.space_id)).await?;
        worker.complete(self, None).await?;
        worker.version.clone_from(&new.version);
        let event = crate::model::event::Event {
            category: "Created".to_owned(),
            space_id: Some(token.space_id.clone()),
            user_id: token.user_id.clone(),
            username: token.username.clone(),
            identity: "an enrolment token".to_owned(),
            occurred_at: self.now(),
            message: format!("The worker `{}` enrolled", worker.name),
            related_ids: vec![worker.id.clone()],
            user_agent: format!("seawall/{}", new.version),
            ip_address: new.ip_address.clone(),
        };
        let used = WorkerChange::TokenUsed {
            digest: digest.to_owned(),
            worker_id: worker.id.clone(),
        };
        let mut changes = worker.accompany(self, None).await?;
        changes.extend([Change::insert(&worker), used.into(), Change::Event(event)]);
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
        Ok(worker)
    }

    /// Changes what the server itself knows of a worker. `change` says whether there is anything to change.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn worker_note(
        &self,
        id: &str,
        change: impl Fn(&mut Worker) -> bool,
    ) -> Result<(), Error> {
        for _ in 0..MAX_TRIES {
            let Some(found) = self.store().document_by_id::<Worker>(id).await? else {
                return Ok(());
            };
            let mut record = found.record;
            if !change(&mut record) {
                return Ok(());
            }
            let written = vec![Change::update(&record, found.generation)];
            match self.store().commit(written).await {
                Err(store::Error::Stale { .. }) => {}
                other => return Ok(other?),
            }
        }
        Ok(())
    }

    /// Puts something that happened on the way to a worker into the audit trail.
    pub async fn worker_event(
        &self,
        category: &str,
        worker: Option<&Worker>,
        message: String,
        ip_address: &str,
    ) {
        let mut event = Caller::server().event(
            self.now(),
            category,
            worker.map(|worker| worker.space_id.clone()),
            message,
            worker.map(|worker| worker.id.clone()).into_iter().collect(),
        );
        event.ip_address = ip_address.to_owned();
        if let Err(error) = self.store().commit(vec![Change::Event(event)]).await {
            tracing::error!(error = ?error, "an event can't be kept");
        }
    }
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
