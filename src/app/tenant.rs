//! What is special about tenants and tag sets: a tenant's tags must exist, and a tag is named with its set.

use super::resource::Managed;
use super::{App, Caller, Error, random};
use crate::model::Invalid;
use crate::model::access::{Permission, Target};
use crate::model::tenant::{TagSet, Tenant};
use crate::store::{Filter, Page};

impl Managed for Tenant {
    async fn complete(&mut self, app: &App, _stored: Option<&Self>) -> Result<(), Error> {
        let of_space = Filter::in_space(&self.space_id);
        let (_, sets) = app
            .store()
            .documents::<TagSet>(&of_space, Page::ALL)
            .await?;
        let exists = |tag: &String| {
            let tags = sets.iter().flat_map(|set| &set.record.tags);
            tags.map(|tag| &tag.canonical_tag_name)
                .any(|name| name.eq_ignore_ascii_case(tag))
        };
        let missing = self.tenant_tags.iter().filter(|tag| !exists(tag));
        let problems: Vec<String> = missing
            .map(|tag| format!("TenantTags: there is no tag `{tag}`."))
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Invalid(problems).into())
        }
    }
}

impl App {
    /// Why the variables of a tenant can't be changed: there are none.
    pub async fn tenant_variables_change(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Error {
        let tenant = match self.get::<Tenant>(caller, space, id).await {
            Ok(tenant) => tenant,
            Err(error) => return error,
        };
        let place = Target::space(&tenant.space_id);
        match caller.require(Permission::TenantEdit, place) {
            Err(error) => error,
            Ok(()) => Error::invalid(format!(
                "Tenants have no variables of their own on this server: give `{}` a tag, and a variable of the project or of a library set the scope TenantTag.",
                tenant.name
            )),
        }
    }
}

impl Managed for TagSet {
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_none() && self.sort_order == 0 {
            self.sort_order = app.last_position::<Self>(&self.space_id).await? + 1;
        }
        for tag in &mut self.tags {
            if tag.id.is_empty() {
                tag.id = random::uuid()?;
            }
            tag.canonical_tag_name = format!("{}/{}", self.name, tag.name);
        }
        Ok(())
    }
}
