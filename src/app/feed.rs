//! What is special about feeds: every space has one built-in feed, made with the space.

use super::resource::{Managed, Removal};
use super::{App, Error};
use crate::model::feed::{Feed, FeedType};

impl Managed for Feed {
    async fn complete(&mut self, _app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_none() && self.feed_type == FeedType::BuiltIn {
            return Err(Error::invalid(
                "A space has one built-in feed, and there it is already.",
            ));
        }
        Ok(())
    }

    async fn removal(&self, _app: &App) -> Result<Removal, Error> {
        if self.feed_type == FeedType::BuiltIn {
            return Err(Error::Conflict(
                "The built-in feed can't be deleted.".into(),
            ));
        }
        Ok(Removal::default())
    }
}
