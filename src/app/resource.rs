//! What can be done with every configuration resource: list, read, create, change, delete.
//!
//! Written once over [`Managed`]. What a kind needs beyond it (a project's channel, the one default pool of a
//! space) is in the file named like the kind, as the answers to [`Managed`]'s questions. Nothing here knows HTTP.

use std::future::Future;

use super::visible::{Visible, target};
use super::{App, Caller, Error, seal};
use crate::model::Invalid;
use crate::model::access::Permission;
use crate::model::resource::{Header, Kind, KindScope, Resource, slug};
use crate::store::{Change, Document, Filter, Holding, Page};

/// What is special about a kind of resource. Nothing, by default.
pub trait Managed: Resource {
    /// Completes a record that is about to be stored, or refuses it.
    ///
    /// `stored` is what it takes the place of; `None` when it is new. Its header is assigned already.
    fn complete(
        &mut self,
        _app: &App,
        _stored: Option<&Self>,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        async { Ok(()) }
    }

    /// What else changes in the same transaction.
    fn accompany(
        &mut self,
        _app: &App,
        _stored: Option<&Self>,
    ) -> impl Future<Output = Result<Vec<Change>, Error>> + Send {
        async { Ok(Vec::new()) }
    }

    /// What goes with it when it is deleted; an error when it must stay.
    fn removal(&self, _app: &App) -> impl Future<Output = Result<Removal, Error>> + Send {
        async { Ok(Removal::default()) }
    }
}

/// What is deleted together with a record.
#[derive(Debug, Default)]
pub struct Removal {
    /// The ids of what goes: it may name the record.
    pub ids: Vec<String>,
    /// How it goes.
    pub changes: Vec<Change>,
    /// Whether others may go on naming the record. Only for what takes all of those with it.
    pub may_be_named: bool,
}

impl Removal {
    /// `document` goes too.
    pub fn also<R: Resource>(&mut self, document: &Document<R>) {
        self.ids.push(document.record.header().id);
        self.changes.push(Change::delete(document));
    }
}

/// Which part of a list, as a client asks for it.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// Empty means all.
    pub ids: Vec<String>,
    pub name: Option<String>,
    pub partial_name: Option<String>,
    /// Those that belong to this owner.
    pub owner_id: Option<String>,
    /// Those with, for each of these properties, one of its values.
    pub properties: Vec<(&'static str, Vec<String>)>,
    /// Those with each of these.
    pub holding: Vec<Holding>,
    pub skip: u64,
    pub take: u64,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            ids: Vec::new(),
            name: None,
            partial_name: None,
            owner_id: None,
            properties: Vec::new(),
            holding: Vec::new(),
            skip: 0,
            take: u64::MAX,
        }
    }
}

/// A part of a list.
#[derive(Debug, Clone)]
pub struct Listing<R> {
    /// In the whole list.
    pub total: u64,
    /// Of the part.
    pub items: Vec<R>,
}

impl App {
    /// The id of the space that a request names, or of the default space if it names none.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, or none that the caller may enter: strangers learn nothing.
    pub async fn space_id(&self, caller: &Caller, asked: Option<&str>) -> Result<String, Error> {
        let id = asked.unwrap_or(super::first_start::DEFAULT_SPACE);
        let unknown = || Error::NotFound {
            noun: "space",
            id: id.to_owned(),
        };
        if !caller.access.enters(id) {
            // Without any role, the default space is not a secret: say what is missing.
            return Err(match asked {
                Some(_) => unknown(),
                None => Error::Forbidden {
                    permission: Permission::SpaceView,
                },
            });
        }
        let is_missing = self
            .store()
            .document_is_missing(Kind::Space, None, id)
            .await?;
        if is_missing {
            Err(unknown())
        } else {
            Ok(id.to_owned())
        }
    }

    async fn scope_of(
        &self,
        caller: &Caller,
        kind: Kind,
        asked: Option<&str>,
    ) -> Result<Option<String>, Error> {
        match kind.facts().scope {
            KindScope::Space => Ok(Some(self.space_id(caller, asked).await?)),
            KindScope::System => Ok(None),
        }
    }

    /// The resources that the caller may see and that fit.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the caller may see none of the kind, and [`Error::NotFound`] for an unknown space.
    pub async fn list<R: Managed>(
        &self,
        caller: &Caller,
        space: Option<&str>,
        query: ListQuery,
    ) -> Result<Listing<R>, Error> {
        let space_id = self.scope_of(caller, R::KIND, space).await?;
        let visible = Visible::to(caller, R::KIND, space_id.as_deref())?;
        let mut filter = Filter {
            space_id,
            owner_ids: query.owner_id.map(|id| vec![id]),
            ids: Some(query.ids).filter(|ids| !ids.is_empty()),
            visible_ids: None,
            visible_owner_ids: None,
            name: query.name,
            partial_name: query.partial_name.filter(|part| !part.is_empty()),
            properties: query.properties,
            holding: query.holding,
        };
        match visible {
            Visible::All => {}
            Visible::Ids(ids) => filter.visible_ids = Some(ids),
            Visible::OwnedBy(ids) => filter.visible_owner_ids = Some(ids),
        }
        let page = Page {
            skip: query.skip,
            take: query.take,
        };
        let (total, documents) = self.store().documents::<R>(&filter, page).await?;
        let items = documents
            .into_iter()
            .map(|document| document.record)
            .collect();
        Ok(Listing { total, items })
    }

    /// The resource with this id, slug or name.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none in the space, or the caller may not see this one; [`Error::Forbidden`]
    /// if the caller may see none of the kind.
    pub async fn get<R: Managed>(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<R, Error> {
        let document = self.load::<R>(caller, space, id).await?;
        Ok(document.record)
    }

    /// Like [`Self::get`], with the generation for a change.
    ///
    /// # Errors
    /// Those of [`Self::get`].
    pub async fn load<R: Managed>(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Document<R>, Error> {
        let space_id = self.scope_of(caller, R::KIND, space).await?;
        let visible = Visible::to(caller, R::KIND, space_id.as_deref())?;
        let in_space = |document: &Document<R>| {
            let own = document.record.header().space_id;
            own.unwrap_or_default()
                .eq_ignore_ascii_case(space_id.as_deref().unwrap_or_default())
        };
        let by_id = self.store().document_by_id::<R>(id).await?.filter(in_space);
        let found = match by_id {
            Some(document) => Some(document),
            None => {
                self.store()
                    .document_by_name::<R>(space_id.as_deref(), None, id)
                    .await?
            }
        };
        found
            .filter(|document| visible.has(&document.record.header()))
            .ok_or_else(|| Error::NotFound {
                noun: R::KIND.facts().noun,
                id: id.to_owned(),
            })
    }

    /// Stores a new resource, and gives it back as it is now.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] with everything that is wrong with it.
    pub async fn create<R: Managed>(
        &self,
        caller: &Caller,
        space: Option<&str>,
        record: R,
    ) -> Result<R, Error> {
        let facts = R::KIND.facts();
        let space_id = self.scope_of(caller, R::KIND, space).await?;
        let draft = record.header();
        caller.require(facts.create, target(R::KIND, space_id.as_deref(), &draft))?;
        self.require_room()?;
        let mut record = record;
        let header = Header {
            id: self.store().next_id(facts.prefix),
            space_id: space_id.clone(),
            slug: self.free_slug::<R>(space_id.as_deref(), &draft).await?,
            ..draft
        };
        record.assign(&header);
        self.check(&record, space_id.as_deref()).await?;
        record.complete(self, None).await?;
        let record = self.sealed(record, None)?;
        let mut record = record;
        let mut changes = record.accompany(self, None).await?;
        changes.insert(0, Change::insert(&record));
        self.finish(caller, "Created", &record, changes).await?;
        Ok(record)
    }

    /// Puts `record` in the place of the resource with this id, and gives it back as it is now.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], [`Error::Invalid`], and [`crate::store::Error::Stale`] if somebody
    /// else changed it at the same moment.
    pub async fn update<R: Managed>(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
        mut record: R,
    ) -> Result<R, Error> {
        let _turn = self.turn_with_findings(R::KIND).await;
        let stored = self.load::<R>(caller, space, id).await?;
        let header = stored.record.header();
        caller.require(
            R::KIND.facts().edit,
            target(R::KIND, header.space_id.as_deref(), &header),
        )?;
        self.require_room()?;
        record.keep_from(&stored.record)?;
        let asked = record.header().slug;
        record.assign(&Header {
            slug: if asked.is_empty() {
                header.slug.clone()
            } else {
                slug(&asked)
            },
            ..header.clone()
        });
        self.check(&record, header.space_id.as_deref()).await?;
        record.complete(self, Some(&stored.record)).await?;
        let mut record = self.sealed(record, Some(&stored.record))?;
        let mut changes = record.accompany(self, Some(&stored.record)).await?;
        changes.insert(0, Change::update(&record, stored.generation));
        self.finish(caller, "Modified", &record, changes).await?;
        Ok(record)
    }

    /// Deletes the resource with this id, and what belongs to it alone.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::NotFound`], and [`Error::Conflict`] while others use it.
    pub async fn delete<R: Managed>(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<(), Error> {
        let _turn = self.turn_with_findings(R::KIND).await;
        let stored = self.load::<R>(caller, space, id).await?;
        let header = stored.record.header();
        caller.require(
            R::KIND.facts().delete,
            target(R::KIND, header.space_id.as_deref(), &header),
        )?;
        let removal = stored.record.removal(self).await?;
        if !removal.may_be_named {
            self.require_unused(R::KIND, &header, &removal).await?;
        }
        let mut changes = removal.changes;
        changes.push(Change::delete(&stored));
        self.finish(caller, "Deleted", &stored.record, changes)
            .await
    }

    async fn require_unused(
        &self,
        kind: Kind,
        header: &Header,
        removal: &Removal,
    ) -> Result<(), Error> {
        let users = self.store().documents_using(&header.id).await?;
        let users: Vec<String> = users
            .into_iter()
            .filter(|id| !removal.ids.contains(id))
            .collect();
        if users.is_empty() {
            return Ok(());
        }
        let (noun, name) = (kind.facts().noun, &header.name);
        Err(Error::Conflict(format!(
            "The {noun} `{name}` can't be deleted: it is used by {}.",
            users.join(", ")
        )))
    }

    /// Every record that fits, whoever asks: for what the server decides itself.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn every<R: Resource>(&self, filter: Filter) -> Result<Vec<R>, Error> {
        let (_, found) = self.store().documents::<R>(&filter, Page::ALL).await?;
        Ok(found.into_iter().map(|one| one.record).collect())
    }

    /// The position of the last resource of a kind in a space; -1 if there is none.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(super) async fn last_position<R: Resource>(&self, space_id: &str) -> Result<i64, Error> {
        let of_space = Filter::in_space(space_id);
        let (_, all) = self.store().documents::<R>(&of_space, Page::ALL).await?;
        let positions = all
            .iter()
            .map(|document| document.record.header().sort_order);
        Ok(positions.max().unwrap_or(-1))
    }

    /// Everything that is wrong with the record, in one answer.
    pub(super) async fn check<R: Resource>(
        &self,
        record: &R,
        space_id: Option<&str>,
    ) -> Result<(), Error> {
        let mut problems = record.problems();
        for reference in record.references() {
            let space = match reference.kind.facts().scope {
                KindScope::Space => space_id,
                KindScope::System => None,
            };
            // What belongs to no space can name resources of any.
            let is_anywhere = space.is_none() && reference.kind.facts().scope == KindScope::Space;
            let store = self.store();
            let is_missing = if is_anywhere {
                store
                    .document_is_unknown(reference.kind, &reference.id)
                    .await?
            } else {
                store
                    .document_is_missing(reference.kind, space, &reference.id)
                    .await?
            };
            if is_missing && !reference.id.is_empty() {
                let noun = reference.kind.facts().noun;
                let (property, id) = (reference.property, &reference.id);
                problems.push(format!("{property}: there is no {noun} `{id}`."));
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Invalid(problems).into())
        }
    }

    /// The slug that was asked for, or one made from the name; with a number behind it, if somebody else has it. Clients
    /// make a copy of a record by sending it with another name, and leave the slug.
    async fn free_slug<R: Resource>(
        &self,
        space_id: Option<&str>,
        header: &Header,
    ) -> Result<String, Error> {
        let base = match (header.slug.as_str(), header.name.as_str()) {
            ("", "") => return Ok(String::new()),
            ("", name) => slug(name),
            (asked, _) => slug(asked),
        };
        let mut candidate = base.clone();
        // Each number is free or taken by a record, so that this ends after as many tries as there are records.
        for number in 2_u64.. {
            let store = self.store();
            let owner_id = header.owner_id.as_deref();
            let taken = store
                .document_by_name::<R>(space_id, owner_id, &candidate)
                .await?;
            let is_taken = taken
                .is_some_and(|other| other.record.header().slug.eq_ignore_ascii_case(&candidate));
            if !is_taken {
                break;
            }
            candidate = format!("{base}-{number}");
        }
        Ok(candidate)
    }

    fn sealed<R: Resource>(&self, record: R, stored: Option<&R>) -> Result<R, Error> {
        let as_value = |record: &R| serde_json::to_value(record).expect("records are plain data");
        let mut value = as_value(&record);
        seal::tree(&mut value, stored.map(as_value).as_ref(), self.vault())?;
        serde_json::from_value(value).map_err(|error| Error::invalid(error.to_string()))
    }

    async fn finish<R: Resource>(
        &self,
        caller: &Caller,
        category: &str,
        record: &R,
        mut changes: Vec<Change>,
    ) -> Result<(), Error> {
        let header = record.header();
        let noun = R::KIND.facts().noun;
        let named = if header.name.is_empty() {
            &header.id
        } else {
            &header.name
        };
        let message = format!("The {noun} `{named}` was {}", category.to_lowercase());
        let related = std::iter::once(header.id.clone())
            .chain(header.owner_id.clone())
            .collect();
        let event = caller.event(self.now(), category, header.space_id, message, related);
        changes.push(Change::Event(event));
        self.store().commit(changes).await?;
        if matches!(
            R::KIND,
            Kind::Space | Kind::User | Kind::Team | Kind::ScopedUserRole
        ) {
            self.forget_access();
        }
        if matches!(
            R::KIND,
            Kind::Worker | Kind::DeploymentTarget | Kind::MachinePolicy
        ) {
            self.inner.machines_changed.notify_one();
        }
        if matches!(R::KIND, Kind::Worker | Kind::DeploymentTarget) {
            self.inner.workers_changed.send_modify(|n| *n += 1);
        }
        self.bus().wake();
        Ok(())
    }
}
