//! What is special about environments: their order.

use super::resource::Managed;
use super::{App, Caller, Error, ListQuery};
use crate::model::access::{Permission, Target};
use crate::model::environment::Environment;
use crate::store::Change;

impl Managed for Environment {
    /// A new environment comes after those that there are, unless it says where.
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_none() && self.sort_order == 0 {
            self.sort_order = app.last_position::<Self>(&self.space_id).await? + 1;
        }
        Ok(())
    }
}

impl App {
    /// Puts the environments with these ids into this order; those that aren't named follow as they were. All or
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Forbidden`] unless the caller may change every one of them.
    pub async fn environments_sort(
        &self,
        caller: &Caller,
        space: Option<&str>,
        ids: &[String],
    ) -> Result<(), Error> {
        let all = self
            .list::<Environment>(caller, space, ListQuery::default())
            .await?;
        let place = |environment: &Environment| {
            let found = ids
                .iter()
                .position(|id| id.eq_ignore_ascii_case(&environment.id));
            found.unwrap_or(ids.len())
        };
        let mut items = all.items;
        items.sort_by_key(place);
        let mut changes = Vec::new();
        for (position, environment) in (0_i64..).zip(items) {
            if environment.sort_order == position {
                continue;
            }
            let target = Target {
                environment_id: Some(&environment.id),
                ..Target::space(&environment.space_id)
            };
            caller.require(Permission::EnvironmentEdit, target)?;
            let mut stored = self
                .load::<Environment>(caller, space, &environment.id)
                .await?;
            stored.record.sort_order = position;
            changes.push(Change::update(&stored.record, stored.generation));
        }
        if changes.is_empty() {
            return Ok(());
        }
        let space_id = Some(self.space_id(caller, space).await?);
        let message = "The environments were put into another order".to_owned();
        let event = caller.event(self.now(), "Modified", space_id, message, ids.to_vec());
        changes.push(Change::Event(event));
        self.store().commit(changes).await?;
        self.bus().wake();
        Ok(())
    }
}
