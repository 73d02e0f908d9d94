//! The numbers in ids: given out from memory, and written with the next commit.
//!
//! A number is taken before the commit that uses it is queued, and every commit writes all counters that moved,
//! so that no number on disk is ever given out again. A number that no commit used may be, after a restart.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::{Row as _, SqliteConnection};

use super::Error;

#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<BTreeMap<String, Counter>>);

#[derive(Debug, Default, Clone, Copy)]
struct Counter {
    given: u64,
    written: u64,
}

impl Counters {
    pub(super) async fn load(connection: &mut SqliteConnection) -> Result<Self, Error> {
        let rows = sqlx::query("SELECT prefix, value FROM counter")
            .fetch_all(connection)
            .await?;
        let counters = rows.iter().map(|row| {
            let value = u64::try_from(row.get::<i64, _>(1)).unwrap_or_default();
            let counter = Counter {
                given: value,
                written: value,
            };
            (row.get::<String, _>(0), counter)
        });
        Ok(Self(Mutex::new(counters.collect())))
    }

    pub(super) fn next(&self, prefix: &str) -> u64 {
        let mut counters = self.lock();
        let counter = counters.entry(prefix.to_owned()).or_default();
        counter.given += 1;
        counter.given
    }

    /// Writes what moved. Call [`Self::written`] with the answer once the transaction is on disk.
    pub(super) async fn write(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<Vec<(String, u64)>, Error> {
        let moved: Vec<(String, u64)> = self
            .lock()
            .iter()
            .filter(|(_, counter)| counter.given > counter.written)
            .map(|(prefix, counter)| (prefix.clone(), counter.given))
            .collect();
        for (prefix, value) in &moved {
            sqlx::query(
                "INSERT INTO counter (prefix, value) VALUES (?, ?) ON CONFLICT (prefix) DO UPDATE SET value = excluded.value",
            )
            .bind(prefix)
            .bind(i64::try_from(*value).unwrap_or(i64::MAX))
            .execute(&mut *connection)
            .await?;
        }
        Ok(moved)
    }

    pub(super) fn written(&self, moved: Vec<(String, u64)>) {
        let mut counters = self.lock();
        for (prefix, value) in moved {
            counters.entry(prefix).or_default().written = value;
        }
    }

    /// A panic can't leave a counter half changed.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Counter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
