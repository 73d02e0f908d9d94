//! The database's form: numbered files, applied in order, never changed and never undone.

use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use super::Error;

/// Number and text. A file that was released stays as it is: its digest is checked at every start.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../../migrations/0001_configuration.sql")),
    (2, include_str!("../../migrations/0002_tasks.sql")),
    (3, include_str!("../../migrations/0003_packages.sql")),
    (4, include_str!("../../migrations/0004_promotion.sql")),
    (5, include_str!("../../migrations/0005_workers.sql")),
    (6, include_str!("../../migrations/0006_target_places.sql")),
    (7, include_str!("../../migrations/0007_thumbprints.sql")),
];

/// Brings the database to the form that this program knows.
///
/// # Errors
/// [`Error::UnknownMigration`] if the database is newer than the program, or was made from other files.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), Error> {
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, digest BLOB NOT NULL) STRICT")
        .execute(&mut *connection)
        .await?;
    let applied = sqlx::query("SELECT number, digest FROM migration ORDER BY number")
        .fetch_all(&mut *connection)
        .await?;
    for row in &applied {
        let (found, digest): (i64, Vec<u8>) = (row.get(0), row.get(1));
        let known = MIGRATIONS.iter().find(|(number, _)| *number == found);
        if known.is_none_or(|(_, text)| Sha256::digest(text).as_slice() != digest) {
            return Err(Error::UnknownMigration { found });
        }
    }
    for (number, text) in &MIGRATIONS[applied.len()..] {
        let mut transaction = connection.begin().await?;
        sqlx::raw_sql(text).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO migration (number, digest) VALUES (?, ?)")
            .bind(number)
            .bind(Sha256::digest(text).to_vec())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    Ok(())
}
