//! Why the store could not do what was asked, by what a caller can do about it.

use std::io;
use std::path::PathBuf;

/// `SQLITE_FULL` (SQLite documentation, "Result and Error Codes").
const SQLITE_FULL: &str = "13";

/// A read or a commit that failed. Nothing of a failed commit was kept.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody was faster: load again, decide again.
    #[error("`{id}` was changed or deleted in the meantime")]
    Stale {
        /// The record.
        id: String,
    },
    /// The name is taken.
    #[error("there already is a {noun} called `{name}`")]
    NameTaken {
        /// What kind of record.
        noun: &'static str,
        /// Its name.
        name: String,
    },
    /// The database can't be used now: full disk, broken file. A later try may succeed.
    #[error("the database can't be used")]
    Unavailable(#[source] sqlx::Error),
    /// There is no room on the disk. Once there is, the same can be tried again.
    #[error("the disk of the data directory is full")]
    Full,
    /// The writer is gone: the server is shutting down.
    #[error("the store is closed")]
    Closed,
    /// A row that this program could not have written.
    #[error("the {table} `{id}` in the database can't be read")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row.
        id: String,
        #[source]
        source: serde_json::Error,
    },
    /// The data directory can't be made or locked.
    #[error("cannot use the data directory `{path}`")]
    Directory {
        /// The directory or a file in it.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// Another server uses the directory.
    #[error("another server is using the data directory `{path}`")]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// The database was made by another version of the program.
    #[error(
        "the database has migration {found}, which this version of Seawall doesn't know or has in another form"
    )]
    UnknownMigration {
        /// The migration.
        found: i64,
    },
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let is_full = error
            .as_database_error()
            .and_then(|error| error.code())
            .is_some_and(|code| code == SQLITE_FULL);
        match is_full {
            true => Self::Full,
            false => Self::Unavailable(error),
        }
    }
}
