//! What external workers have of ours, and the tokens with which new ones come.

use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::{Change, Error, Store};
use crate::model::worker::{Assignment, EnrolmentToken};

/// A change to what workers have.
#[derive(Debug, Clone)]
pub enum WorkerChange {
    /// A worker is handed an attempt.
    Assign(Assignment),
    /// What it said up to `sequence` is kept, after what was kept before.
    Received {
        assignment: Assignment,
        sequence: u64,
    },
    /// A token can be used.
    Token(EnrolmentToken),
    /// It was used, and can't be again.
    TokenUsed { digest: String, worker_id: String },
    /// Tokens that expired before this second are forgotten.
    Forget { expired_before: i64 },
}

impl From<WorkerChange> for Change {
    fn from(change: WorkerChange) -> Self {
        Self::Worker(change)
    }
}

/// SQLite's integers have a sign; nobody counts that far.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    change: &WorkerChange,
) -> Result<(), Error> {
    match change {
        WorkerChange::Assign(assignment) => {
            let query = sqlx::query("INSERT INTO assignment (task_id, position, attempt, worker_id, instance, sequence) VALUES (?, ?, ?, ?, ?, ?)")
                .bind(&assignment.task_id)
                .bind(assignment.index)
                .bind(assignment.attempt)
                .bind(&assignment.worker_id)
                .bind(&assignment.instance)
                .bind(signed(assignment.sequence));
            query.execute(connection).await?;
            Ok(())
        }
        WorkerChange::Received {
            assignment,
            sequence,
        } => {
            let query = sqlx::query("UPDATE assignment SET sequence = ? WHERE task_id = ? AND position = ? AND attempt = ? AND sequence = ?")
                .bind(signed(*sequence))
                .bind(&assignment.task_id)
                .bind(assignment.index)
                .bind(assignment.attempt)
                .bind(signed(assignment.sequence));
            one(
                query.execute(connection).await?.rows_affected(),
                &assignment.task_id,
            )
        }
        WorkerChange::Token(token) => {
            let query = sqlx::query(
                "INSERT INTO enrolment (digest, expires, body, used_by) VALUES (?, ?, ?, '')",
            )
            .bind(&token.digest)
            .bind(token.expires.as_second())
            .bind(serde_json::to_string(token).expect("a token is plain data"));
            query.execute(connection).await?;
            Ok(())
        }
        WorkerChange::TokenUsed { digest, worker_id } => {
            let query =
                sqlx::query("UPDATE enrolment SET used_by = ? WHERE digest = ? AND used_by = ''")
                    .bind(worker_id)
                    .bind(digest);
            one(query.execute(connection).await?.rows_affected(), worker_id)
        }
        WorkerChange::Forget { expired_before } => {
            let query = sqlx::query("DELETE FROM enrolment WHERE expires < ?").bind(expired_before);
            query.execute(connection).await?;
            Ok(())
        }
    }
}

fn one(n_rows: u64, id: &str) -> Result<(), Error> {
    match n_rows {
        1 => Ok(()),
        _ => Err(Error::Stale { id: id.to_owned() }),
    }
}

fn assignment(row: &SqliteRow) -> Assignment {
    Assignment {
        task_id: row.get("task_id"),
        index: row.get("position"),
        attempt: row.get("attempt"),
        worker_id: row.get("worker_id"),
        instance: row.get("instance"),
        sequence: u64::try_from(row.get::<i64, _>("sequence")).unwrap_or_default(),
    }
}

impl Store {
    /// Everything of a task that workers have or had.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn task_assignments(&self, task_id: &str) -> Result<Vec<Assignment>, Error> {
        let rows =
            sqlx::query("SELECT * FROM assignment WHERE task_id = ? ORDER BY position, attempt")
                .bind(task_id)
                .fetch_all(&self.readers)
                .await?;
        Ok(rows.iter().map(assignment).collect())
    }

    /// The attempts that a worker has and that aren't over here.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn worker_assignments(&self, worker_id: &str) -> Result<Vec<Assignment>, Error> {
        let rows = sqlx::query(
            "SELECT assignment.* FROM assignment JOIN job USING (task_id, position) \
             WHERE worker_id = ? AND json_extract(job.body, '$.state.State') = 'Running' \
             AND json_extract(job.body, '$.attempts') = attempt",
        )
        .bind(worker_id)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.iter().map(assignment).collect())
    }

    /// The token whose secret has this digest, and whether it was used already.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn enrolment_token(
        &self,
        digest: &str,
    ) -> Result<Option<(EnrolmentToken, bool)>, Error> {
        let row =
            sqlx::query("SELECT body, used_by <> '' AS is_used FROM enrolment WHERE digest = ?")
                .bind(digest)
                .fetch_optional(&self.readers)
                .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let token = serde_json::from_str(row.get("body")).map_err(|source| Error::Corrupt {
            table: "enrolment",
            id: digest.to_owned(),
            source,
        })?;
        Ok(Some((token, row.get("is_used"))))
    }
}
