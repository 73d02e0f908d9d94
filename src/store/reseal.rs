//! Sealing everything again with another master key, while no server runs.
//!
//! Sealed text is found wherever it is kept, and given to whoever holds the keys; the store itself opens nothing.

use std::path::Path;

use regex::{Captures, Regex};
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};

use super::Error;
use super::open::{FILE_NAME, lock};

/// How sealed text looks (`crate::app::vault`).
const SEALED: &str = r"v1\.[0-9a-f]{8}\.[A-Za-z0-9+/]+={0,2}";

/// Where sealed text is kept: what to read, and what to write back. The first two columns say which row it is.
const PLACES: [(&str, &str); 3] = [
    (
        "SELECT id, '', body FROM document WHERE body LIKE '%v1.%'",
        "UPDATE document SET body = ?3 WHERE id = ?1 AND ?2 = ''",
    ),
    (
        "SELECT name, '', value FROM setting WHERE value LIKE '%v1.%'",
        "UPDATE setting SET value = ?3 WHERE name = ?1 AND ?2 = ''",
    ),
    (
        "SELECT task_id, name, body FROM output_variable WHERE body LIKE '%v1.%'",
        "UPDATE output_variable SET body = ?3 WHERE task_id = ?1 AND name = ?2",
    ),
];

/// Puts what `reseal` makes of each sealed text into its place, in one transaction; `None` leaves it as it is. What was
/// there before is gone from the file afterwards. Returns how many were changed.
///
/// # Errors
/// [`Error::Locked`] while a server runs; [`Error::Unavailable`] if nothing could be changed.
pub async fn reseal(
    directory: &Path,
    reseal: impl Fn(&str) -> Option<String>,
) -> Result<u64, Error> {
    let _lock = lock(directory)?;
    let options = SqliteConnectOptions::new()
        .filename(directory.join(FILE_NAME))
        .create_if_missing(false)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut connection)
        .await?;
    let pattern = Regex::new(SEALED).expect("the pattern is a constant");
    let mut n_changed = 0;
    for (read, write) in PLACES {
        n_changed += place(&mut connection, read, write, &pattern, &reseal).await?;
    }
    sqlx::query("COMMIT").execute(&mut connection).await?;
    // Pages that are free, and the log, still hold what the old key opens.
    sqlx::query("VACUUM").execute(&mut connection).await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut connection)
        .await?;
    Ok(n_changed)
}

async fn place(
    connection: &mut SqliteConnection,
    read: &'static str,
    write: &'static str,
    pattern: &Regex,
    reseal: &impl Fn(&str) -> Option<String>,
) -> Result<u64, Error> {
    let mut n_changed = 0;
    for row in sqlx::query(read).fetch_all(&mut *connection).await? {
        let (one, two, text): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let mut n_here = 0;
        let new = pattern.replace_all(&text, |found: &Captures<'_>| {
            let sealed = &found[0];
            match reseal(sealed) {
                Some(new) => {
                    n_here += 1;
                    new
                }
                None => sealed.to_owned(),
            }
        });
        if n_here == 0 {
            continue;
        }
        let query = sqlx::query(write).bind(one).bind(two).bind(new.as_ref());
        query.execute(&mut *connection).await?;
        n_changed += n_here;
    }
    Ok(n_changed)
}
