//! Facts about the installation: single values by name.

use sqlx::{Row as _, SqliteConnection};

use super::{Error, Store};

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    name: &str,
    value: &str,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// The value of a setting, or `None` if it was never made.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the database can't be read.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, Error> {
        let row = sqlx::query("SELECT value FROM setting WHERE name = ?")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.map(|row| row.get(0)))
    }
}
