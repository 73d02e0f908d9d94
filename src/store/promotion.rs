//! Releases that may go on by themselves: a note that is made with the reason for it, and removed with what follows.

use sqlx::{Row as _, SqliteConnection};

use super::{Change, Error, Store};

/// A release, and the tenant for whom it may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    pub release_id: String,
    pub tenant_id: Option<String>,
}

/// A change to the notes.
#[derive(Debug, Clone)]
pub enum PromotionChange {
    /// It may go on.
    Ask(Promotion),
    /// It was looked at.
    Done(Promotion),
}

impl From<PromotionChange> for Change {
    fn from(change: PromotionChange) -> Self {
        Self::Promotion(change)
    }
}

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    change: &PromotionChange,
) -> Result<(), Error> {
    let (statement, promotion) = match change {
        PromotionChange::Ask(promotion) => (
            "INSERT INTO promotion (release_id, tenant_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            promotion,
        ),
        PromotionChange::Done(promotion) => (
            "DELETE FROM promotion WHERE release_id = ? AND tenant_id = ?",
            promotion,
        ),
    };
    sqlx::query(statement)
        .bind(&promotion.release_id)
        .bind(promotion.tenant_id.as_deref().unwrap_or_default())
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    /// Every release that may go on.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn promotions(&self) -> Result<Vec<Promotion>, Error> {
        let rows = sqlx::query("SELECT release_id, tenant_id FROM promotion")
            .fetch_all(&self.readers)
            .await?;
        let promotion = |row: &sqlx::sqlite::SqliteRow| Promotion {
            release_id: row.get(0),
            tenant_id: Some(row.get(1)).filter(|id: &String| !id.is_empty()),
        };
        Ok(rows.iter().map(promotion).collect())
    }
}
