//! Tasks as people see them: lists, logs, receipts, and the wish that one ends.

use super::resource::Removal;
use super::{App, Caller, Error};
use crate::model::access::{Permission, Reach, Target};
use crate::model::interruption::Interruption;
use crate::model::task::{Job, Task, TaskState};
use crate::plan::Plan;
use crate::policy::write_policy;
use crate::store::{Change, NumberedChunk, Page, TaskChange, TaskFilter, TaskOwner};
use crate::worker::uses;

/// Chunks of a log that are read at once.
pub const MAX_CHUNKS: u32 = 1_000;

/// A task with everything that its steps did.
#[derive(Debug, Clone)]
pub struct TaskDetails {
    pub task: Task,
    pub plan: Plan,
    /// One for each entry of the plan.
    pub jobs: Vec<Job>,
    pub log: Vec<NumberedChunk>,
    pub interruptions: Vec<Interruption>,
}

/// What one attempt at a step touched.
#[derive(Debug, Clone)]
pub struct StepReceipt {
    pub step: String,
    pub action: String,
    pub attempt: u32,
    /// How it ended, and the receipt.
    pub outcome: serde_json::Value,
    /// The policy that it ran under.
    pub policy: Option<crate::plan::PolicyRecord>,
}

impl App {
    /// The tasks that fit and that the caller may see, newest first, and how many there are in all.
    ///
    /// Without a space, those of every space.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the caller may see none; [`Error::NotFound`] for an unknown space.
    pub async fn tasks(
        &self,
        caller: &Caller,
        space: Option<&str>,
        filter: TaskFilter,
        page: Page,
    ) -> Result<(u64, Vec<Task>), Error> {
        let mut filter = filter;
        if let Some(space) = space {
            filter.space_ids = Some(vec![self.space_id(caller, Some(space)).await?]);
        }
        filter.visible = Some(reach(caller, Permission::TaskView, space)?);
        Ok(self.store().tasks(&filter, page).await?)
    }

    /// The task with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none that the caller may see in the space; without a space, in any.
    pub async fn task(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Task, Error> {
        let found = self.store().task_by_id(id).await?;
        found
            .filter(|task| space.is_none_or(|space| task.space_id.eq_ignore_ascii_case(space)))
            .filter(|task| caller.access.allows(Permission::TaskView, target(task)))
            .ok_or_else(|| Error::NotFound {
                noun: "task",
                id: id.to_owned(),
            })
    }

    /// The task with its plan, its jobs and its whole log.
    ///
    /// # Errors
    /// Those of [`Self::task`].
    pub async fn task_details(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<TaskDetails, Error> {
        let task = self.task(caller, space, id).await?;
        let store = self.store();
        let plan = store.task_plan(&task.id).await?.unwrap_or_default();
        let jobs = store.task_jobs(&task.id).await?;
        let interruptions = store.task_interruptions(&task.id).await?;
        let log = store.task_log(&task.id, 0, u32::MAX).await?;
        Ok(TaskDetails {
            task,
            plan,
            jobs,
            log,
            interruptions,
        })
    }

    /// The part of a task's log that follows the chunk with the number `after`, and the task as it was before that was
    /// read: if it is over, and the part is short of [`MAX_CHUNKS`], nothing follows.
    ///
    /// # Errors
    /// Those of [`Self::task`].
    pub async fn task_log(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
        after: i64,
    ) -> Result<(Task, Vec<NumberedChunk>), Error> {
        let task = self.task(caller, space, id).await?;
        let chunks = self.store().task_log(&task.id, after, MAX_CHUNKS).await?;
        Ok((task, chunks))
    }

    /// What the steps of a task touched, in order.
    ///
    /// # Errors
    /// Those of [`Self::task`].
    pub async fn task_receipts(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Vec<StepReceipt>, Error> {
        let task = self.task(caller, space, id).await?;
        let store = self.store();
        let plan = store.task_plan(&task.id).await?.unwrap_or_default();
        let receipts = store.task_receipts(&task.id).await?;
        let receipt = |(index, attempt, outcome): (u32, u32, serde_json::Value)| {
            let entry = plan.entries.get(usize::try_from(index).ok()?)?;
            let confined = entry.work.confined();
            let policy = confined.and_then(|confined| plan.policies.get(&confined.policy));
            Some(StepReceipt {
                step: entry.step_name.clone(),
                action: entry.action_name.clone(),
                attempt,
                outcome,
                policy: policy.cloned(),
            })
        };
        Ok(receipts.into_iter().filter_map(receipt).collect())
    }

    /// The smallest policy under which every step of a task passes again, as far as its receipts tell.
    ///
    /// # Errors
    /// Those of [`Self::task`]; [`Error::Conflict`] if no step has a receipt.
    pub async fn task_suggestion(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<String, Error> {
        let receipts = self.task_receipts(caller, space, id).await?;
        let mut needed = Vec::new();
        let mut n_receipts = 0;
        for StepReceipt {
            outcome, policy, ..
        } in receipts
        {
            let receipt = serde_json::from_value(outcome["receipt"].clone());
            if let (Ok(receipt), Some(policy)) = (receipt, policy) {
                needed.extend(uses(&receipt, &policy.grants));
                n_receipts += 1;
            }
        }
        if n_receipts == 0 {
            return Err(Error::Conflict(format!(
                "{id} has no receipts: none of its scripts has run to an end."
            )));
        }
        Ok(write_policy(
            &format!("from-{}", id.to_lowercase()),
            &needed,
        ))
    }

    /// The open tasks that a task waits for, because they are about the same thing; none once it has started.
    ///
    /// # Errors
    /// Those of [`Self::task`].
    pub async fn tasks_before(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Vec<Task>, Error> {
        let task = self.task(caller, space, id).await?;
        if task.state != TaskState::Queued {
            return Ok(Vec::new());
        }
        let open = self.store().tasks_open().await?;
        let is_before = |other: &Task| {
            let has_started = other.state != TaskState::Queued;
            let is_earlier = (other.queue_time, &other.id) < (task.queue_time, &task.id);
            other.id != task.id
                && other.concurrency_key == task.concurrency_key
                && (has_started || is_earlier)
                && caller.access.allows(Permission::TaskView, target(other))
        };
        Ok(open.into_iter().filter(is_before).collect())
    }

    /// Says that the task is to end. One that is over stays as it is.
    ///
    /// # Errors
    /// [`Error::Forbidden`] and those of [`Self::task`].
    pub async fn task_cancel(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Task, Error> {
        // Whoever moves the task at the same moment is faster only once for each move.
        for _ in 0..MAX_TRIES {
            let mut task = self.task(caller, space, id).await?;
            caller.require(Permission::TaskCancel, target(&task))?;
            if task.state.is_final() || task.is_cancel_asked {
                return Ok(task);
            }
            task.is_cancel_asked = true;
            let message = format!("{} was asked to stop", task.description);
            let related = vec![task.id.clone(), task.subject_id.clone()];
            let space_id = Some(task.space_id.clone());
            let event = caller.event(self.now(), "TaskCanceled", space_id, message, related);
            let changes = vec![
                TaskChange::Update(task.clone()).into(),
                Change::Event(event),
            ];
            match self.store().commit(changes).await {
                Ok(()) => {
                    self.bus().wake();
                    return Ok(task);
                }
                Err(crate::store::Error::Stale { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(crate::store::Error::Stale { id: id.to_owned() }.into())
    }
}

/// A change to a task that moves is tried this often.
pub(super) const MAX_TRIES: usize = 20;

/// Where the caller may do something, if that is anywhere in the space; without a space, anywhere at all.
///
/// # Errors
/// [`Error::Forbidden`].
pub(super) fn reach(
    caller: &Caller,
    permission: Permission,
    space: Option<&str>,
) -> Result<Vec<Reach>, Error> {
    let reach = caller.access.reach(permission);
    if reach.is_empty() {
        return Err(Error::Forbidden { permission });
    }
    if space.is_some() {
        caller.require_some(permission, space)?;
    }
    Ok(reach)
}

/// What a question about a task is about.
pub(super) fn target(task: &Task) -> Target<'_> {
    // A task that belongs to no project is a matter of the space.
    let named = |id: &'_ String| !id.is_empty();
    Target {
        space_id: Some(&task.space_id),
        project_id: Some(&task.project_id)
            .filter(|id| named(id))
            .map(String::as_str),
        environment_id: Some(&task.environment_id)
            .filter(|id| named(id))
            .map(String::as_str),
    }
}

/// A task that goes with what it was for, unless it is open.
///
/// # Errors
/// [`Error::Conflict`] for an open one.
pub(super) async fn removal_with(app: &App, task_id: &str, what: &str) -> Result<Removal, Error> {
    let open = TaskFilter {
        ids: Some(vec![task_id.to_owned()]),
        ..TaskFilter::open()
    };
    refuse_open(app, &open, what).await?;
    let task = TaskOwner::Task(task_id.to_owned());
    Ok(Removal {
        may_be_named: true,
        changes: vec![TaskChange::Delete(task).into()],
        ..Removal::default()
    })
}

/// Refuses the end of `what` while tasks of it aren't over.
///
/// # Errors
/// [`Error::Conflict`].
pub(super) async fn refuse_open(app: &App, open: &TaskFilter, what: &str) -> Result<(), Error> {
    let (n_open, tasks) = app.store().tasks(open, Page { skip: 0, take: 1 }).await?;
    match tasks.first() {
        None => Ok(()),
        Some(task) => Err(Error::Conflict(format!(
            "{what} can't be deleted: {n_open} of its tasks are not over, such as {}. Cancel them first.",
            task.id
        ))),
    }
}
