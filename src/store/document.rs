//! Configuration resources: whole records as JSON, with copies of what is searched for beside them.
//!
//! Names and slugs are unique per kind, space and owner. A change names the generation it was decided on.

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::{Change, Error, Store};
use crate::model::resource::{Header, Kind, Resource};
use crate::model::usage;

/// A record, and the generation it has in the database.
#[derive(Debug, Clone)]
pub struct Document<R> {
    /// Raised by each change.
    pub generation: i64,
    /// The record.
    pub record: R,
}

/// A change to a record.
#[derive(Debug, Clone)]
pub enum DocumentChange {
    /// A new record.
    Insert(Row),
    /// A record in place of the one with this generation.
    Update {
        /// The new record.
        row: Row,
        /// The generation of the record that it was made from.
        generation: i64,
    },
    /// The end of everything inside a space, and of the teams and roles that exist for it.
    DeleteContents {
        /// The space.
        space_id: String,
    },
    /// The end of a record.
    Delete {
        /// Which.
        id: String,
        /// Its generation when it was decided.
        generation: i64,
    },
}

/// A record on its way into the database.
#[derive(Debug, Clone)]
pub struct Row {
    kind: Kind,
    header: Header,
    body: String,
}

impl Row {
    fn new<R: Resource>(record: &R) -> Self {
        Self {
            kind: R::KIND,
            header: record.header(),
            body: json(record),
        }
    }
}

/// Records hold nothing that JSON can't express: strings as keys, finite numbers.
/// A record as it is kept.
pub(super) fn json<T: Serialize>(record: &T) -> String {
    serde_json::to_string(record).expect("records are plain data")
}

impl Change {
    /// `record` is new.
    pub fn insert<R: Resource>(record: &R) -> Self {
        Self::Document(DocumentChange::Insert(Row::new(record)))
    }

    /// `record` takes the place of the one with this generation.
    pub fn update<R: Resource>(record: &R, generation: i64) -> Self {
        let row = Row::new(record);
        Self::Document(DocumentChange::Update { row, generation })
    }

    /// Everything inside the space is deleted; the space itself is not.
    pub fn delete_contents(space_id: &str) -> Self {
        Self::Document(DocumentChange::DeleteContents {
            space_id: space_id.to_owned(),
        })
    }

    /// The record is deleted.
    pub fn delete<R: Resource>(document: &Document<R>) -> Self {
        Self::Document(DocumentChange::Delete {
            id: document.record.header().id,
            generation: document.generation,
        })
    }
}

/// Which records of a kind. Everything by default.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this space.
    pub space_id: Option<String>,
    /// Of one of these owners.
    pub owner_ids: Option<Vec<String>>,
    /// One of these.
    pub ids: Option<Vec<String>>,
    /// One of these, whatever else is asked: what the caller may see.
    pub visible_ids: Option<Vec<String>>,
    /// Of one of these owners, whatever else is asked: what the caller may see.
    pub visible_owner_ids: Option<Vec<String>>,
    /// With exactly this name.
    pub name: Option<String>,
    /// With this in the name.
    pub partial_name: Option<String>,
    /// For each of these properties, with one of its values.
    pub properties: Vec<(&'static str, Vec<String>)>,
    /// With each of these.
    pub holding: Vec<Holding>,
}

/// A property of which one part is one of these values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub property: &'static str,
    pub parts: Parts,
    pub values: Vec<String>,
}

/// What a property has several of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// It is a list.
    Items,
    /// It is a map.
    Keys,
}

impl Filter {
    /// Everything in a space.
    pub fn in_space(space_id: &str) -> Self {
        Self {
            space_id: Some(space_id.to_owned()),
            ..Self::default()
        }
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    pub skip: u64,
    pub take: u64,
}

impl Page {
    /// The whole list.
    pub const ALL: Self = Self {
        skip: 0,
        take: u64::MAX,
    };
}

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    change: &DocumentChange,
) -> Result<(), Error> {
    match change {
        DocumentChange::Insert(row) => {
            let done = sqlx::query(
                "INSERT INTO document (kind, space_id, owner_id, name, slug, sort_order, body, id, generation) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            );
            let done = bind(done, row).execute(connection).await;
            done.map_err(|error| taken(error, row))?;
        }
        DocumentChange::Update { row, generation } => {
            let query = sqlx::query(
                "UPDATE document SET kind = ?, space_id = ?, owner_id = ?, name = ?, slug = ?, sort_order = ?, body = ?, generation = generation + 1 WHERE id = ? AND generation = ?",
            );
            let done = bind(query, row).bind(generation).execute(connection).await;
            let done = done.map_err(|error| taken(error, row))?;
            expect_one(done.rows_affected(), &row.header.id)?;
        }
        DocumentChange::DeleteContents { space_id } => {
            sqlx::query(
                "DELETE FROM document WHERE space_id = ?1 OR (kind IN ('Teams', 'ScopedUserRoles') AND json_extract(body, '$.SpaceId') = ?1 COLLATE NOCASE)",
            )
            .bind(space_id)
            .execute(connection)
            .await?;
        }
        DocumentChange::Delete { id, generation } => {
            let done = sqlx::query("DELETE FROM document WHERE id = ? AND generation = ?")
                .bind(id)
                .bind(generation)
                .execute(connection)
                .await?;
            expect_one(done.rows_affected(), id)?;
        }
    }
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, Sqlite, sqlx::sqlite::SqliteArguments<'q>>;

fn bind<'q>(query: Query<'q>, row: &'q Row) -> Query<'q> {
    query
        .bind(row.kind.facts().prefix)
        .bind(&row.header.space_id)
        .bind(&row.header.owner_id)
        .bind(&row.header.name)
        .bind(&row.header.slug)
        .bind(row.header.sort_order)
        .bind(&row.body)
        .bind(&row.header.id)
}

fn expect_one(n_rows: u64, id: &str) -> Result<(), Error> {
    if n_rows == 1 {
        return Ok(());
    }
    Err(Error::Stale { id: id.to_owned() })
}

fn taken(error: sqlx::Error, row: &Row) -> Error {
    let is_taken = error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if is_taken {
        return Error::NameTaken {
            noun: row.kind.facts().noun,
            name: row.header.name.clone(),
        };
    }
    error.into()
}

impl Store {
    /// The record with this id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn document_by_id<R: Resource>(
        &self,
        id: &str,
    ) -> Result<Option<Document<R>>, Error> {
        let row =
            sqlx::query("SELECT id, generation, body FROM document WHERE id = ? AND kind = ?")
                .bind(id)
                .bind(R::KIND.facts().prefix)
                .fetch_optional(&self.readers)
                .await?;
        row.as_ref().map(read).transpose()
    }

    /// The record with this name or slug in a space and with an owner, if its kind has one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn document_by_name<R: Resource>(
        &self,
        space_id: Option<&str>,
        owner_id: Option<&str>,
        name: &str,
    ) -> Result<Option<Document<R>>, Error> {
        let row = sqlx::query(
            "SELECT id, generation, body FROM document WHERE kind = ?1 AND ifnull(space_id, '') = ifnull(?2, '') COLLATE NOCASE \
             AND (?3 IS NULL OR owner_id = ?3) AND (name = ?4 OR (slug = ?4 AND slug <> '')) ORDER BY name = ?4 DESC LIMIT 1",
        )
        .bind(R::KIND.facts().prefix)
        .bind(space_id)
        .bind(owner_id)
        .bind(name)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// The records that fit, by position and name, and how many fit in all.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn documents<R: Resource>(
        &self,
        filter: &Filter,
        page: Page,
    ) -> Result<(u64, Vec<Document<R>>), Error> {
        let mut query = QueryBuilder::new("SELECT id, generation, body FROM document");
        narrow(&mut query, R::KIND, filter);
        query.push(" ORDER BY sort_order, name, length(id), id LIMIT ");
        query.push_bind(i64::try_from(page.take).unwrap_or(i64::MAX));
        query.push(" OFFSET ");
        query.push_bind(i64::try_from(page.skip).unwrap_or(i64::MAX));
        let rows = query.build().fetch_all(&self.readers).await?;
        let documents: Vec<_> = rows.iter().map(read).collect::<Result<_, Error>>()?;
        // A page that isn't full is the last one: no need to count.
        let n_found = documents.len() as u64;
        if n_found < page.take && (page.skip == 0 || n_found > 0) {
            return Ok((page.skip + n_found, documents));
        }
        let mut count = QueryBuilder::new("SELECT count(*) FROM document");
        narrow(&mut count, R::KIND, filter);
        let total: i64 = count.build().fetch_one(&self.readers).await?.try_get(0)?;
        Ok((u64::try_from(total).unwrap_or_default(), documents))
    }

    /// The ids of the records that use the one with this id.
    ///
    /// Text that is the id finds the few that may; what a record says of itself decides. Reads every record: for
    /// deletions, which are rare.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn documents_using(&self, id: &str) -> Result<Vec<String>, Error> {
        let rows = sqlx::query(
            "SELECT kind, id, body FROM document WHERE id <> ?1 AND instr(lower(body), lower(?1)) > 0 \
             ORDER BY kind, length(id), id",
        )
        .bind(id)
        .fetch_all(&self.readers)
        .await?;
        let mut users = Vec::new();
        for row in &rows {
            let (own_id, body): (&str, &str) = (row.try_get("id")?, row.try_get("body")?);
            let kind = Kind::from_prefix(row.try_get("kind")?);
            let is_used = kind
                .ok_or_else(|| serde::de::Error::custom("it is of no kind that exists"))
                .and_then(|kind| usage::is_used_by(kind, body, id))
                .map_err(|source| Error::Corrupt {
                    table: "document",
                    id: own_id.to_owned(),
                    source,
                })?;
            if is_used {
                users.push(own_id.to_owned());
            }
        }
        Ok(users)
    }

    /// Whether no record of the kind has this id in the space; without a space, on the server.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn document_is_missing(
        &self,
        kind: Kind,
        space_id: Option<&str>,
        id: &str,
    ) -> Result<bool, Error> {
        let row = sqlx::query(
            "SELECT 1 FROM document WHERE id = ? AND kind = ? AND ifnull(space_id, '') = ifnull(?, '') COLLATE NOCASE",
        )
        .bind(id)
        .bind(kind.facts().prefix)
        .bind(space_id)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.is_none())
    }

    /// Whether no record of the kind has this id, anywhere.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn document_is_unknown(&self, kind: Kind, id: &str) -> Result<bool, Error> {
        let row = sqlx::query("SELECT 1 FROM document WHERE id = ? AND kind = ?")
            .bind(id)
            .bind(kind.facts().prefix)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.is_none())
    }
}

fn narrow(query: &mut QueryBuilder<'_, Sqlite>, kind: Kind, filter: &Filter) {
    query.push(" WHERE kind = ").push_bind(kind.facts().prefix);
    if let Some(space_id) = &filter.space_id {
        query.push(" AND space_id = ").push_bind(space_id.clone());
    }
    for (column, values) in [
        ("owner_id", &filter.owner_ids),
        ("id", &filter.ids),
        ("id", &filter.visible_ids),
        ("owner_id", &filter.visible_owner_ids),
    ] {
        if let Some(values) = values {
            query.push(" AND ").push(column);
            one_of(query, values);
        }
    }
    if let Some(name) = &filter.name {
        query.push(" AND name = ").push_bind(name.clone());
    }
    if let Some(part) = &filter.partial_name {
        query
            .push(" AND instr(lower(name), lower(")
            .push_bind(part.clone());
        query.push(")) > 0");
    }
    for (property, values) in &filter.properties {
        query
            .push(" AND json_extract(body, ")
            .push_bind(format!("$.{property}"));
        query.push(")");
        one_of(query, values);
    }
    for Holding {
        property,
        parts,
        values,
    } in &filter.holding
    {
        query
            .push(" AND EXISTS (SELECT 1 FROM json_each(body, ")
            .push_bind(format!("$.{property}"))
            .push(match parts {
                Parts::Items => ") AS part WHERE part.value",
                Parts::Keys => ") AS part WHERE part.key",
            });
        one_of(query, values);
        query.push(")");
    }
}

/// One JSON array instead of one parameter each: no limit on how many there are.
pub(super) fn one_of(query: &mut QueryBuilder<'_, Sqlite>, values: &[String]) {
    query.push(" COLLATE NOCASE IN (SELECT value FROM json_each(");
    query.push_bind(serde_json::Value::from(values.to_vec()).to_string());
    query.push("))");
}

pub(super) fn read<R: Resource>(row: &SqliteRow) -> Result<Document<R>, Error> {
    let body: &str = row.try_get("body")?;
    let record = serde_json::from_str(body).map_err(|source| Error::Corrupt {
        table: "document",
        id: row.get("id"),
        source,
    })?;
    Ok(Document {
        generation: row.try_get("generation")?,
        record,
    })
}
