//! The one connection that writes: all commits that wait at the same moment share a transaction, so that one
//! flush to disk pays for all of them.
//!
//! Each commit keeps its own fate: a savepoint undoes the one that is refused and leaves its neighbours alone.

use std::sync::Arc;

use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use super::counter::Counters;
use super::{
    Change, Error, api_key, document, event, package, promotion, setting, task_change, worker,
};

/// Commits in one transaction. More would make the first one wait for the last without saving a noticeable flush.
const MAX_BATCH: usize = 256;

/// A commit that waits.
#[derive(Debug)]
pub(super) struct Request {
    changes: Vec<Change>,
    answer: oneshot::Sender<Result<(), Error>>,
}

pub(super) async fn commit(
    queue: &mpsc::Sender<Request>,
    changes: Vec<Change>,
) -> Result<(), Error> {
    let (answer, answered) = oneshot::channel();
    let request = Request { changes, answer };
    queue.send(request).await.map_err(|_| Error::Closed)?;
    answered.await.map_err(|_| Error::Closed)?
}

pub(super) async fn run(
    mut connection: SqliteConnection,
    mut requests: mpsc::Receiver<Request>,
    counters: Arc<Counters>,
) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    while requests.recv_many(&mut batch, MAX_BATCH).await > 0 {
        match write(&mut connection, &batch, &counters).await {
            Ok(results) => {
                for (request, result) in batch.drain(..).zip(results) {
                    // Nobody waits any more: the caller was dropped, the commit stands.
                    request.answer.send(result).ok();
                }
            }
            Err(error) => {
                sqlx::query("ROLLBACK").execute(&mut connection).await.ok();
                tracing::error!(error = ?error, n_commits = batch.len(), "a transaction failed");
                for request in batch.drain(..) {
                    request.answer.send(Err(unavailable(&error))).ok();
                }
            }
        }
    }
}

/// The same failure for each commit of a batch; the cause itself is logged once.
fn unavailable(error: &Error) -> Error {
    if matches!(error, Error::Full) {
        return Error::Full;
    }
    Error::Unavailable(sqlx::Error::Protocol(error.to_string()))
}

/// One transaction. An `Err` means that nothing of the batch was kept.
async fn write(
    connection: &mut SqliteConnection,
    batch: &[Request],
    counters: &Counters,
) -> Result<Vec<Result<(), Error>>, Error> {
    // IMMEDIATE: the write lock is taken here, not in the middle, where it could not be waited for.
    execute(connection, "BEGIN IMMEDIATE").await?;
    let mut results = Vec::with_capacity(batch.len());
    for request in batch {
        execute(connection, "SAVEPOINT one").await?;
        let result = apply_all(connection, &request.changes).await;
        match &result {
            Ok(()) => {}
            Err(Error::Stale { .. } | Error::NameTaken { .. }) => {
                execute(connection, "ROLLBACK TO one").await?;
            }
            Err(_) => return result.map(|()| Vec::new()),
        }
        execute(connection, "RELEASE one").await?;
        results.push(result);
    }
    let moved = counters.write(connection).await?;
    execute(connection, "COMMIT").await?;
    counters.written(moved);
    Ok(results)
}

async fn execute(connection: &mut SqliteConnection, statement: &'static str) -> Result<(), Error> {
    sqlx::query(statement).execute(connection).await?;
    Ok(())
}

async fn apply_all(connection: &mut SqliteConnection, changes: &[Change]) -> Result<(), Error> {
    for change in changes {
        match change {
            Change::Document(change) => document::apply(connection, change).await?,
            Change::Task(change) => task_change::apply(connection, change).await?,
            Change::Package(change) => package::apply(connection, change).await?,
            Change::Promotion(change) => promotion::apply(connection, change).await?,
            Change::Worker(change) => worker::apply(connection, change).await?,
            Change::ApiKey(change) => api_key::apply(connection, change).await?,
            Change::Event(event) => event::apply(connection, event).await?,
            Change::Setting { name, value } => setting::apply(connection, name, value).await?,
        }
    }
    Ok(())
}
