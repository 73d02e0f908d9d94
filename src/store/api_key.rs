//! Keys to the API: rows that are found by the beginning of a key and proven by its digest, elsewhere.

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::{Error, Store};
use crate::model::user::ApiKey;

/// A change to a key.
#[derive(Debug, Clone)]
pub enum ApiKeyChange {
    /// A new key.
    Insert(ApiKey),
    /// It opens nothing any more. The row stays, for the audit trail.
    Revoke {
        /// The key's id.
        id: String,
    },
}

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    change: &ApiKeyChange,
) -> Result<(), Error> {
    match change {
        ApiKeyChange::Insert(key) => {
            sqlx::query(
                "INSERT INTO api_key (id, user_id, purpose, hint, digest, created_at, expires_at, is_revoked) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(&key.id)
            .bind(&key.user_id)
            .bind(&key.purpose)
            .bind(&key.hint)
            .bind(&key.digest)
            .bind(key.created_at.as_microsecond())
            .bind(key.expires_at.map(Timestamp::as_microsecond))
            .bind(key.is_revoked)
            .execute(connection)
            .await?;
        }
        ApiKeyChange::Revoke { id } => {
            let done =
                sqlx::query("UPDATE api_key SET is_revoked = 1 WHERE id = ? AND is_revoked = 0")
                    .bind(id)
                    .execute(connection)
                    .await?;
            if done.rows_affected() == 0 {
                return Err(Error::Stale { id: id.clone() });
            }
        }
    }
    Ok(())
}

impl Store {
    /// The keys that begin with `hint`: one, or none, or a few by chance.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the database can't be read.
    pub async fn api_keys_by_hint(&self, hint: &str) -> Result<Vec<ApiKey>, Error> {
        let rows = sqlx::query("SELECT * FROM api_key WHERE hint = ?")
            .bind(hint)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The keys of a user that weren't revoked, the newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the database can't be read.
    pub async fn api_keys_by_user(&self, user_id: &str) -> Result<Vec<ApiKey>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM api_key WHERE user_id = ? AND is_revoked = 0 ORDER BY created_at DESC, id DESC",
        )
        .bind(user_id)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &SqliteRow) -> Result<ApiKey, Error> {
    Ok(ApiKey {
        id: row.try_get("id")?,
        user_id: row.try_get("user_id")?,
        purpose: row.try_get("purpose")?,
        hint: row.try_get("hint")?,
        digest: row.try_get("digest")?,
        created_at: time(row.try_get("created_at")?)?,
        expires_at: row
            .try_get::<Option<i64>, _>("expires_at")?
            .map(time)
            .transpose()?,
        is_revoked: row.try_get("is_revoked")?,
    })
}

/// A time as it is stored: microseconds since 1970.
pub(super) fn time(microseconds: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(microseconds)
        .map_err(|error| Error::Unavailable(sqlx::Error::Decode(error.into())))
}
