//! Changes to tasks, and to what belongs to them.
//!
//! A task and a job are changed only from the generation that was read; everything else is added. What belongs
//! to a task is deleted with it.

use sqlx::{QueryBuilder, SqliteConnection};

use super::document::json;
use super::{Change, Error};
use crate::model::interruption::Interruption;
use crate::model::task::{Job, LogChunk, OutputVariable, Task};
use crate::plan::Plan;

/// A change to a task or to what belongs to it.
#[derive(Debug, Clone)]
pub enum TaskChange {
    /// A new task, with its plan and a job for each entry.
    Insert {
        task: Task,
        plan: Plan,
        jobs: Vec<Job>,
    },
    /// A task in place of the one with its generation.
    Update(Task),
    /// A job in place of the one with its generation.
    Job(Job),
    /// A question, or the answer to it.
    Interruption(Interruption),
    Log {
        task_id: String,
        chunk: LogChunk,
    },
    Output {
        task_id: String,
        variable: OutputVariable,
    },
    Receipt {
        task_id: String,
        index: u32,
        attempt: u32,
        /// Which of the scripts of the step.
        part: u32,
        body: serde_json::Value,
    },
    /// The end of all tasks that belong to something.
    Delete(TaskOwner),
}

/// What tasks belong to, by id.
#[derive(Debug, Clone)]
pub enum TaskOwner {
    Space(String),
    Project(String),
    Release(String),
    /// One task itself.
    Task(String),
}

impl From<TaskChange> for Change {
    fn from(change: TaskChange) -> Self {
        Self::Task(Box::new(change))
    }
}

pub(super) async fn apply(
    connection: &mut SqliteConnection,
    change: &TaskChange,
) -> Result<(), Error> {
    match change {
        TaskChange::Insert { task, plan, jobs } => insert(connection, task, plan, jobs).await,
        TaskChange::Update(task) => {
            let next = Task {
                generation: task.generation + 1,
                ..task.clone()
            };
            let query = sqlx::query("UPDATE task SET state = ?, is_asking = ?, has_warnings = ?, body = ?, generation = ? WHERE id = ? AND generation = ?")
                .bind(next.state.as_str())
                .bind(next.is_asking)
                .bind(next.has_warnings_or_errors)
                .bind(json(&next))
                .bind(next.generation)
                .bind(&task.id)
                .bind(task.generation);
            expect_one(query.execute(connection).await?.rows_affected(), &task.id)
        }
        TaskChange::Job(job) => {
            let next = Job {
                generation: job.generation + 1,
                ..job.clone()
            };
            let query = sqlx::query("UPDATE job SET body = ?, generation = ? WHERE task_id = ? AND position = ? AND generation = ?")
                .bind(json(&next))
                .bind(next.generation)
                .bind(&job.task_id)
                .bind(job.index)
                .bind(job.generation);
            expect_one(
                query.execute(connection).await?.rows_affected(),
                &job.task_id,
            )
        }
        TaskChange::Interruption(interruption) => {
            sqlx::query("INSERT INTO interruption (number, id, task_id, space_id, is_pending, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET is_pending = excluded.is_pending, body = excluded.body")
                .bind(number(&interruption.id))
                .bind(&interruption.id)
                .bind(&interruption.task_id)
                .bind(&interruption.space_id)
                .bind(interruption.answer.is_none())
                .bind(json(interruption))
                .execute(connection)
                .await?;
            Ok(())
        }
        TaskChange::Log { task_id, chunk } => {
            sqlx::query("INSERT INTO log_chunk (task_id, body) VALUES (?, ?)")
                .bind(task_id)
                .bind(json(chunk))
                .execute(connection)
                .await?;
            Ok(())
        }
        TaskChange::Output { task_id, variable } => {
            sqlx::query("INSERT INTO output_variable (task_id, name, body) VALUES (?, ?, ?) ON CONFLICT (task_id, name) DO UPDATE SET body = excluded.body")
                .bind(task_id)
                .bind(&variable.name)
                .bind(json(variable))
                .execute(connection)
                .await?;
            Ok(())
        }
        TaskChange::Receipt {
            task_id,
            index,
            attempt,
            part,
            body,
        } => {
            sqlx::query(
                "INSERT INTO receipt (task_id, position, attempt, part, body) VALUES (?, ?, ?, ?, ?)",
            )
            .bind(task_id)
            .bind(index)
            .bind(attempt)
            .bind(part)
            .bind(body.to_string())
            .execute(connection)
            .await?;
            Ok(())
        }
        TaskChange::Delete(owner) => {
            let (column, id) = match owner {
                TaskOwner::Space(id) => ("space_id", id),
                TaskOwner::Project(id) => ("project_id", id),
                TaskOwner::Release(id) => ("release_id", id),
                TaskOwner::Task(id) => ("id", id),
            };
            let mut query = QueryBuilder::new("DELETE FROM task WHERE ");
            query.push(column).push(" = ").push_bind(id);
            query.build().execute(connection).await?;
            Ok(())
        }
    }
}

/// The number in an id.
fn number(id: &str) -> Option<i64> {
    id.rsplit('-').next().and_then(|number| number.parse().ok())
}

async fn insert(
    connection: &mut SqliteConnection,
    task: &Task,
    plan: &Plan,
    jobs: &[Job],
) -> Result<(), Error> {
    sqlx::query("INSERT INTO task (number, id, space_id, project_id, environment_id, tenant_id, release_id, name, state, is_asking, has_warnings, generation, body, plan) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(number(&task.id))
        .bind(&task.id)
        .bind(&task.space_id)
        .bind(&task.project_id)
        .bind(&task.environment_id)
        .bind(task.tenant_id.as_deref().unwrap_or_default())
        .bind(&task.release_id)
        .bind(&task.name)
        .bind(task.state.as_str())
        .bind(task.is_asking)
        .bind(task.has_warnings_or_errors)
        .bind(task.generation)
        .bind(json(task))
        .bind(json(plan))
        .execute(&mut *connection)
        .await?;
    for job in jobs {
        sqlx::query("INSERT INTO job (task_id, position, generation, body) VALUES (?, ?, ?, ?)")
            .bind(&job.task_id)
            .bind(job.index)
            .bind(job.generation)
            .bind(json(job))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn expect_one(n_rows: u64, id: &str) -> Result<(), Error> {
    if n_rows == 1 {
        return Ok(());
    }
    Err(Error::Stale { id: id.to_owned() })
}
