//! What is special about worker pools and machine policies: each space has a default of both.

use super::resource::{Managed, Removal};
use super::{App, Caller, Error};
use crate::model::access::{Permission, Target};
use crate::model::machine::{MachinePolicy, WorkerPool};
use crate::store::{Change, Document, Filter, Page};

impl Managed for WorkerPool {
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_none() && self.sort_order == 0 {
            self.sort_order = app.last_position::<Self>(&self.space_id).await? + 1;
        }
        Ok(())
    }

    async fn accompany(&mut self, app: &App, _stored: Option<&Self>) -> Result<Vec<Change>, Error> {
        if !self.is_default {
            return Ok(Vec::new());
        }
        let of_space = Filter::in_space(&self.space_id);
        let (_, pools) = app.store().documents::<Self>(&of_space, Page::ALL).await?;
        let others = pools
            .into_iter()
            .filter(|pool| pool.record.is_default && pool.record.id != self.id);
        let demote = |mut pool: Document<Self>| {
            pool.record.is_default = false;
            Change::update(&pool.record, pool.generation)
        };
        Ok(others.map(demote).collect())
    }

    async fn removal(&self, _app: &App) -> Result<Removal, Error> {
        keep_default("worker pool", &self.name, self.is_default)
    }
}

impl App {
    /// Puts the worker pools of a space into the order of `ids`; those that aren't named come last, as they were.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], and [`crate::store::Error::Stale`].
    pub async fn worker_pools_sort(
        &self,
        caller: &Caller,
        space: Option<&str>,
        ids: &[String],
    ) -> Result<(), Error> {
        let space_id = self.space_id(caller, space).await?;
        caller.require(Permission::WorkerEdit, Target::space(&space_id))?;
        let of_space = Filter::in_space(&space_id);
        let store = self.store();
        let (_, mut pools) = store.documents::<WorkerPool>(&of_space, Page::ALL).await?;
        let place = |pool: &Document<WorkerPool>| {
            let mut ids = ids.iter();
            let found = ids.position(|id| id.eq_ignore_ascii_case(&pool.record.id));
            found.unwrap_or(usize::MAX)
        };
        pools.sort_by_key(place);
        let mut changes = Vec::new();
        for (position, mut pool) in (0_i64..).zip(pools) {
            if pool.record.sort_order != position {
                pool.record.sort_order = position;
                changes.push(Change::update(&pool.record, pool.generation));
            }
        }
        let message = "The worker pools were put into another order".to_owned();
        let event = caller.event(self.now(), "Modified", Some(space_id), message, Vec::new());
        changes.push(Change::Event(event));
        Ok(store.commit(changes).await?)
    }
}

impl Managed for MachinePolicy {
    async fn complete(&mut self, _app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_none() {
            self.is_default = false;
        }
        Ok(())
    }

    async fn removal(&self, _app: &App) -> Result<Removal, Error> {
        keep_default("machine policy", &self.name, self.is_default)
    }
}

fn keep_default(noun: &str, name: &str, is_default: bool) -> Result<Removal, Error> {
    if is_default {
        return Err(Error::Conflict(format!(
            "The {noun} `{name}` can't be deleted: it is the default."
        )));
    }
    Ok(Removal::default())
}
