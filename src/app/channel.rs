//! What is special about channels: a project has exactly one that is the default.

use super::resource::{Managed, Removal};
use super::{App, Error};
use crate::model::channel::Channel;
use crate::store::{Change, Filter, Page};

impl Managed for Channel {
    async fn accompany(&mut self, app: &App, _stored: Option<&Self>) -> Result<Vec<Change>, Error> {
        if !self.is_default {
            return Ok(Vec::new());
        }
        let of_project = Filter {
            owner_ids: Some(vec![self.project_id.clone()]),
            ..Filter::default()
        };
        let (_, channels) = app
            .store()
            .documents::<Self>(&of_project, Page::ALL)
            .await?;
        let others = channels
            .into_iter()
            .filter(|channel| channel.record.is_default && channel.record.id != self.id);
        let demote = |mut channel: crate::store::Document<Self>| {
            channel.record.is_default = false;
            Change::update(&channel.record, channel.generation)
        };
        Ok(others.map(demote).collect())
    }

    async fn removal(&self, _app: &App) -> Result<Removal, Error> {
        if self.is_default {
            return Err(Error::Conflict(format!(
                "The channel `{}` can't be deleted: it is the project's default.",
                self.name
            )));
        }
        Ok(Removal::default())
    }
}
