//! The audit trail: written with the change that it tells of, read from the newest.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::{Error, Store, api_key};
use crate::model::event::Event;

/// An event and its place in the trail.
#[derive(Debug, Clone)]
pub struct NumberedEvent {
    /// From 1, rising.
    pub number: i64,
    /// What happened.
    pub event: Event,
}

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Those of these spaces; `None` for all, the server's own included.
    pub space_ids: Option<Vec<String>>,
    /// Those about this resource.
    pub regarding: Option<String>,
    /// This one only.
    pub number: Option<i64>,
    pub skip: u64,
    pub take: u64,
}

pub(super) async fn apply(connection: &mut SqliteConnection, event: &Event) -> Result<(), Error> {
    let related = serde_json::to_string(&event.related_ids).unwrap_or_else(|_| "[]".to_owned());
    sqlx::query(
        "INSERT INTO event (category, space_id, user_id, username, identity, occurred_at, message, related_ids, user_agent, ip_address) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&event.category)
    .bind(&event.space_id)
    .bind(&event.user_id)
    .bind(&event.username)
    .bind(&event.identity)
    .bind(event.occurred_at.as_microsecond())
    .bind(&event.message)
    .bind(related)
    .bind(&event.user_agent)
    .bind(&event.ip_address)
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// The newest events that fit, and how many fit in all.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the database can't be read.
    pub async fn events(&self, filter: &EventFilter) -> Result<(u64, Vec<NumberedEvent>), Error> {
        let mut count = QueryBuilder::new("SELECT count(*) FROM event");
        narrow(&mut count, filter);
        let total: i64 = count.build().fetch_one(&self.readers).await?.try_get(0)?;
        let mut query = QueryBuilder::new("SELECT * FROM event");
        narrow(&mut query, filter);
        query.push(" ORDER BY number DESC LIMIT ");
        query.push_bind(i64::try_from(filter.take).unwrap_or(i64::MAX));
        query.push(" OFFSET ");
        query.push_bind(i64::try_from(filter.skip).unwrap_or(i64::MAX));
        let rows = query.build().fetch_all(&self.readers).await?;
        let events = rows.iter().map(read).collect::<Result<_, Error>>()?;
        Ok((u64::try_from(total).unwrap_or_default(), events))
    }
}

fn narrow(query: &mut QueryBuilder<'_, Sqlite>, filter: &EventFilter) {
    query.push(" WHERE 1");
    if let Some(space_ids) = &filter.space_ids {
        query.push(" AND space_id IN (");
        let mut list = query.separated(", ");
        for id in space_ids {
            list.push_bind(id.clone());
        }
        query.push(")");
    }
    if let Some(id) = &filter.regarding {
        query.push(" AND EXISTS (SELECT 1 FROM json_each(related_ids) WHERE value = ");
        query.push_bind(id.clone());
        query.push(" COLLATE NOCASE)");
    }
    if let Some(number) = filter.number {
        query.push(" AND number = ");
        query.push_bind(number);
    }
}

fn read(row: &SqliteRow) -> Result<NumberedEvent, Error> {
    let number: i64 = row.try_get("number")?;
    let related: String = row.try_get("related_ids")?;
    let event = Event {
        category: row.try_get("category")?,
        space_id: row.try_get("space_id")?,
        user_id: row.try_get("user_id")?,
        username: row.try_get("username")?,
        identity: row.try_get("identity")?,
        occurred_at: api_key::time(row.try_get("occurred_at")?)?,
        message: row.try_get("message")?,
        related_ids: serde_json::from_str(&related).map_err(|source| Error::Corrupt {
            table: "event",
            id: number.to_string(),
            source,
        })?,
        user_agent: row.try_get("user_agent")?,
        ip_address: row.try_get("ip_address")?,
    };
    Ok(NumberedEvent { number, event })
}
