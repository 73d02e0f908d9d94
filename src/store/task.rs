//! Tasks, their jobs, and what they leave behind: logs, output variables, receipts, questions to people. Read here,
//! and written in `task_change.rs`.

use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite};

use super::document::json;
use super::{Error, Page, Store};
use crate::model::access::Reach;
use crate::model::interruption::Interruption;
use crate::model::task::{Job, LogChunk, OutputVariable, Task, TaskState};
use crate::plan::Plan;

/// Which tasks. Everything by default; a list that is `Some` and empty means none.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    pub space_ids: Option<Vec<String>>,
    pub ids: Option<Vec<String>>,
    pub states: Option<Vec<String>>,
    /// Within one of these, whatever else is asked: what the caller may see.
    pub visible: Option<Vec<Reach>>,
    pub project_ids: Option<Vec<String>>,
    pub environment_ids: Option<Vec<String>>,
    pub tenant_ids: Option<Vec<String>>,
    pub release_ids: Option<Vec<String>>,
    /// `Deploy` …
    pub names: Option<Vec<String>>,
    /// With this in the description.
    pub partial_name: Option<String>,
    pub is_asking: Option<bool>,
    pub has_warnings: Option<bool>,
}

impl TaskFilter {
    /// Tasks that aren't over.
    pub fn open() -> Self {
        let open = TaskState::ALL.iter().filter(|state| !state.is_final());
        Self {
            states: Some(open.map(|state| state.as_str().to_owned()).collect()),
            ..Self::default()
        }
    }
}

/// How a release came to an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It was deployed there.
    Successfully,
    /// There is a deployment, however it ended.
    AtAll,
}

/// Which questions.
#[derive(Debug, Clone, Default)]
pub struct InterruptionFilter {
    pub space_id: Option<String>,
    pub task_id: Option<String>,
    pub ids: Option<Vec<String>>,
    /// Of tasks within one of these.
    pub visible: Option<Vec<Reach>>,
    pub is_pending: Option<bool>,
}

/// A part of a log, and its place in the order of all logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedChunk {
    pub number: i64,
    pub chunk: LogChunk,
}

impl Store {
    /// The task with this id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn task_by_id(&self, id: &str) -> Result<Option<Task>, Error> {
        let query = sqlx::query("SELECT body FROM task WHERE id = ?").bind(id);
        let row = query.fetch_optional(&self.readers).await?;
        row.map(|row| read("task", &row)).transpose()
    }

    /// The plan of a task.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn task_plan(&self, id: &str) -> Result<Option<Plan>, Error> {
        let query = sqlx::query("SELECT plan AS body FROM task WHERE id = ?").bind(id);
        let row = query.fetch_optional(&self.readers).await?;
        row.map(|row| read("task", &row)).transpose()
    }

    /// The tasks that aren't over, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn tasks_open(&self) -> Result<Vec<Task>, Error> {
        let query = sqlx::query(
            "SELECT body FROM task WHERE state IN ('Queued', 'Executing', 'Paused', 'Cancelling') ORDER BY number",
        );
        read_all("task", &query.fetch_all(&self.readers).await?)
    }

    /// The tasks that fit, newest first, and how many fit in all.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn tasks(&self, filter: &TaskFilter, page: Page) -> Result<(u64, Vec<Task>), Error> {
        let mut count = QueryBuilder::new("SELECT count(*) FROM task");
        narrow(&mut count, filter);
        let total: i64 = count.build().fetch_one(&self.readers).await?.try_get(0)?;
        let mut query = QueryBuilder::new("SELECT body FROM task");
        narrow(&mut query, filter);
        limit(&mut query, page);
        let tasks = read_all("task", &query.build().fetch_all(&self.readers).await?)?;
        Ok((u64::try_from(total).unwrap_or_default(), tasks))
    }

    /// Those of `environment_ids` that a release was deployed to with success, for this tenant or for none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn release_environments(
        &self,
        release_id: &str,
        tenant_id: Option<&str>,
        environment_ids: &[String],
        reached: Reached,
    ) -> Result<Vec<String>, Error> {
        // One look into the index for each: a release may have been deployed any number of times.
        let rows = sqlx::query(match reached {
            Reached::Successfully => {
                "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM task \
                 WHERE release_id = ? AND environment_id = value AND tenant_id = ? AND state = 'Success')"
            }
            Reached::AtAll => {
                "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM task \
                 WHERE release_id = ? AND environment_id = value AND tenant_id = ?)"
            }
        })
        .bind(json(&environment_ids))
        .bind(release_id)
        .bind(tenant_id.unwrap_or_default())
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// The jobs of a task, in the order of its plan.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn task_jobs(&self, id: &str) -> Result<Vec<Job>, Error> {
        let query =
            sqlx::query("SELECT body FROM job WHERE task_id = ? ORDER BY position").bind(id);
        read_all("job", &query.fetch_all(&self.readers).await?)
    }

    /// The questions of a task.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn task_interruptions(&self, id: &str) -> Result<Vec<Interruption>, Error> {
        let query =
            sqlx::query("SELECT body FROM interruption WHERE task_id = ? ORDER BY rowid").bind(id);
        read_all("interruption", &query.fetch_all(&self.readers).await?)
    }

    /// The question with this id.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn interruption_by_id(&self, id: &str) -> Result<Option<Interruption>, Error> {
        let query = sqlx::query("SELECT body FROM interruption WHERE id = ?").bind(id);
        let row = query.fetch_optional(&self.readers).await?;
        row.map(|row| read("interruption", &row)).transpose()
    }

    /// The questions that fit, newest first, and how many fit in all.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn interruptions(
        &self,
        filter: &InterruptionFilter,
        page: Page,
    ) -> Result<(u64, Vec<Interruption>), Error> {
        let mut count = QueryBuilder::new("SELECT count(*) FROM interruption");
        narrow_interruptions(&mut count, filter);
        let total: i64 = count.build().fetch_one(&self.readers).await?.try_get(0)?;
        let mut query = QueryBuilder::new("SELECT body FROM interruption");
        narrow_interruptions(&mut query, filter);
        limit(&mut query, page);
        let found = read_all(
            "interruption",
            &query.build().fetch_all(&self.readers).await?,
        )?;
        Ok((u64::try_from(total).unwrap_or_default(), found))
    }

    /// The log of a task behind the chunk with the number `after`, in order, at most `take` chunks.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn task_log(
        &self,
        id: &str,
        after: i64,
        take: u32,
    ) -> Result<Vec<NumberedChunk>, Error> {
        let query = sqlx::query(
            "SELECT number, body FROM log_chunk WHERE task_id = ? AND number > ? ORDER BY number LIMIT ?",
        );
        let rows = query
            .bind(id)
            .bind(after)
            .bind(take)
            .fetch_all(&self.readers)
            .await?;
        let chunks = rows.iter().map(|row| {
            Ok(NumberedChunk {
                number: row.try_get("number")?,
                chunk: read("log_chunk", row)?,
            })
        });
        chunks.collect()
    }

    /// Whether the log has anything of a category that an attempt at a job said.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn task_has_said(
        &self,
        id: &str,
        (index, attempt): (u32, u32),
        category: &str,
    ) -> Result<bool, Error> {
        let query = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM log_chunk WHERE task_id = ? AND body ->> '$.index' = ? \
             AND body ->> '$.attempt' = ? AND body ->> '$.category' = ?)",
        );
        let query = query.bind(id).bind(index).bind(attempt).bind(category);
        Ok(query.fetch_one(&self.readers).await?)
    }

    /// What the steps of a task made for later ones.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn task_outputs(&self, id: &str) -> Result<Vec<OutputVariable>, Error> {
        let query = sqlx::query("SELECT body FROM output_variable WHERE task_id = ?").bind(id);
        read_all("output_variable", &query.fetch_all(&self.readers).await?)
    }

    /// The receipts of a task: entry of the plan, attempt, receipt.
    ///
    /// # Errors
    /// [`Error::Unavailable`] and [`Error::Corrupt`].
    pub async fn task_receipts(
        &self,
        id: &str,
    ) -> Result<Vec<(u32, u32, serde_json::Value)>, Error> {
        let query = sqlx::query(
            "SELECT position, attempt, body FROM receipt WHERE task_id = ? ORDER BY position, attempt, part",
        );
        let rows = query.bind(id).fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?, read("receipt", row)?)))
            .collect()
    }
}

fn narrow(query: &mut QueryBuilder<'_, Sqlite>, filter: &TaskFilter) {
    let TaskFilter {
        space_ids,
        ids,
        states,
        visible,
        project_ids,
        environment_ids,
        tenant_ids,
        release_ids,
        names,
        partial_name,
        is_asking,
        has_warnings,
    } = filter;
    query.push(" WHERE 1");
    for (column, values) in [
        ("space_id", space_ids),
        ("id", ids),
        ("state", states),
        ("project_id", project_ids),
        ("environment_id", environment_ids),
        ("tenant_id", tenant_ids),
        ("release_id", release_ids),
        ("name", names),
    ] {
        one_of(query, column, values.as_deref());
    }
    if let Some(visible) = visible {
        query.push(" AND ");
        within(query, visible);
    }
    if let Some(part) = partial_name {
        query.push(" AND instr(lower(json_extract(body, '$.description')), ");
        query.push_bind(part.to_lowercase());
        query.push(") > 0");
    }
    for (column, wanted) in [("is_asking", is_asking), ("has_warnings", has_warnings)] {
        if let Some(wanted) = wanted {
            query.push(" AND ").push(column).push(" = ");
            query.push_bind(*wanted);
        }
    }
}

fn narrow_interruptions(query: &mut QueryBuilder<'_, Sqlite>, filter: &InterruptionFilter) {
    let InterruptionFilter {
        space_id,
        task_id,
        ids,
        visible,
        is_pending,
    } = filter;
    query.push(" WHERE 1");
    let own = |id: &Option<String>| id.clone().map(|id| vec![id]);
    one_of(query, "space_id", own(space_id).as_deref());
    one_of(query, "task_id", own(task_id).as_deref());
    one_of(query, "id", ids.as_deref());
    if let Some(visible) = visible {
        query.push(" AND task_id IN (SELECT id FROM task WHERE ");
        within(query, visible);
        query.push(")");
    }
    if let Some(wanted) = is_pending {
        query.push(" AND is_pending = ");
        query.push_bind(*wanted);
    }
}

/// Narrows to what at least one of `visible` covers.
fn within(query: &mut QueryBuilder<'_, Sqlite>, visible: &[Reach]) {
    let list = |ids: &Vec<String>| Some(ids.clone()).filter(|ids| !ids.is_empty());
    query.push("(0");
    for reach in visible {
        query.push(" OR (1");
        let space = reach.space_id.clone().map(|id| vec![id]);
        one_of(query, "space_id", space.as_deref());
        one_of(query, "project_id", list(&reach.project_ids).as_deref());
        one_of(
            query,
            "environment_id",
            list(&reach.environment_ids).as_deref(),
        );
        query.push(")");
    }
    query.push(")");
}

/// Narrows to rows with one of these values; to none if there are none.
fn one_of(query: &mut QueryBuilder<'_, Sqlite>, column: &str, values: Option<&[String]>) {
    if let Some(values) = values {
        query
            .push(" AND ")
            .push(column)
            .push(" COLLATE NOCASE IN (SELECT value FROM json_each(");
        query.push_bind(json(&values));
        query.push("))");
    }
}

fn limit(query: &mut QueryBuilder<'_, Sqlite>, page: Page) {
    query.push(" ORDER BY number DESC LIMIT ");
    query.push_bind(i64::try_from(page.take).unwrap_or(i64::MAX));
    query.push(" OFFSET ");
    query.push_bind(i64::try_from(page.skip).unwrap_or(i64::MAX));
}

fn read_all<T: DeserializeOwned>(table: &'static str, rows: &[SqliteRow]) -> Result<Vec<T>, Error> {
    rows.iter().map(|row| read(table, row)).collect()
}

fn read<T: DeserializeOwned>(table: &'static str, row: &SqliteRow) -> Result<T, Error> {
    let body: &str = row.try_get("body")?;
    serde_json::from_str(body).map_err(|source| Error::Corrupt {
        table,
        id: body.chars().take(60).collect(),
        source,
    })
}
