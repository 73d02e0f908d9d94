//! A copy of the database as it is at one moment, while a server may be using it.

use std::path::Path;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::Error;
use super::open::FILE_NAME;

/// Writes a copy of the database in `directory` to the new file `to`.
///
/// Reads beside the server, through the write-ahead log: everything that was acknowledged before is in it
/// (SQLite documentation, `VACUUM INTO`).
///
/// # Errors
/// [`Error::Unavailable`] if there is no database, or no room.
pub async fn snapshot(directory: &Path, to: &Path) -> Result<(), Error> {
    let options = SqliteConnectOptions::new()
        .filename(directory.join(FILE_NAME))
        .create_if_missing(false)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    sqlx::query("VACUUM INTO ?")
        .bind(to.to_string_lossy().into_owned())
        .execute(&mut connection)
        .await?;
    Ok(())
}

/// The digests of the files that a copy needs beside it.
///
/// # Errors
/// [`Error::Unavailable`] if it is no database of ours.
pub async fn snapshot_digests(database: &Path) -> Result<Vec<String>, Error> {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(false)
        .read_only(true)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    let query = sqlx::query_scalar("SELECT sha256 FROM package UNION SELECT sha256 FROM artifact");
    Ok(query.fetch_all(&mut connection).await?)
}
