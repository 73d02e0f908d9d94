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

/// Word for word what the indices of the migration `thumbprints` are made of: otherwise they aren't used.
const BY_THUMBPRINT: &str = "SELECT id FROM document WHERE kind IN ('Workers', 'Machines') \
AND json_extract(body, '$.Endpoint.Thumbprint') COLLATE NOCASE = ?1 \
UNION SELECT id FROM document WHERE kind IN ('Workers', 'Machines') \
AND json_extract(body, '$.Endpoint.NextThumbprint') COLLATE NOCASE = ?1";

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

    /// The ids of the workers and deployment targets whose endpoint names this certificate, as theirs or as their next.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn machine_ids_by_thumbprint(&self, thumbprint: &str) -> Result<Vec<String>, Error> {
        let rows = sqlx::query(BY_THUMBPRINT)
            .bind(thumbprint)
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::target::DeploymentTarget;
    use crate::model::worker::Worker;

    #[tokio::test]
    async fn a_machine_is_found_by_its_certificates_without_reading_the_others() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path()).await.expect("a store");
        let machine = |id: &str, endpoint: Value| json!({ "Id": id, "SpaceId": "Spaces-1", "Name": id, "Endpoint": endpoint });
        let read = |value: Value| serde_json::from_value::<Worker>(value).expect("a worker");
        let own = read(machine(
            "Workers-1",
            json!({ "Thumbprint": "AA", "NextThumbprint": "BB" }),
        ));
        let other = read(machine("Workers-2", json!({ "Thumbprint": "CC" })));
        let target = machine("Machines-1", json!({ "Thumbprint": "dd" }));
        let target: DeploymentTarget = serde_json::from_value(target).expect("a target");
        let changes = [
            Change::insert(&own),
            Change::insert(&other),
            Change::insert(&target),
        ];
        store.commit(changes.to_vec()).await.expect("they are new");
        for (thumbprint, expected) in [
            ("AA", &["Workers-1"][..]),
            ("BB", &["Workers-1"]),
            ("CC", &["Workers-2"]),
            ("DD", &["Machines-1"]),
            ("EE", &[]),
        ] {
            let found = store.machine_ids_by_thumbprint(thumbprint).await;
            assert_eq!(found.expect("an answer"), expected, "{thumbprint}");
        }
        let steps = sqlx::query(&format!("EXPLAIN QUERY PLAN {BY_THUMBPRINT}"))
            .bind("AA")
            .fetch_all(&store.readers)
            .await
            .expect("a plan");
        let steps: Vec<String> = steps.iter().map(|row| row.get("detail")).collect();
        let steps = steps.join("\n");
        assert!(
            steps.contains("document_thumbprint") && steps.contains("document_next_thumbprint"),
            "{steps}"
        );
        assert!(!steps.contains("SCAN"), "{steps}");
    }
}
