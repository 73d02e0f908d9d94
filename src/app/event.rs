//! Reading the audit trail.

use super::{App, Caller, Error};
use crate::model::access::Permission;
use crate::store::{EventFilter, NumberedEvent};

impl App {
    /// The newest events that the caller may see, and how many there are.
    ///
    /// Whoever may see the events of some spaces sees those; the server's own take a role without a space.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the caller may see no events at all.
    pub async fn events(
        &self,
        caller: &Caller,
        space: Option<&str>,
        mut filter: EventFilter,
    ) -> Result<(u64, Vec<NumberedEvent>), Error> {
        let permission = Permission::EventView;
        let visible = caller.access.spaces(permission);
        if visible.as_ref().is_some_and(Vec::is_empty) {
            return Err(Error::Forbidden { permission });
        }
        filter.space_ids = match space {
            None => visible,
            Some(asked) => {
                let space_id = self.space_id(caller, Some(asked)).await?;
                caller.require_some(permission, Some(&space_id))?;
                Some(vec![space_id])
            }
        };
        Ok(self.store().events(&filter).await?)
    }
}
