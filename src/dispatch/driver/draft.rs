//! One step's work: copies of the task and its jobs, and the changes that make them real.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::dispatch::attempt::Given;
use crate::model::task::{Job, JobState, LogChunk, OutputVariable, Task};
use crate::store::{Change, TaskChange};

/// One step's work: copies, and the changes that make them real.
pub(super) struct Draft {
    pub(super) task: Task,
    pub(super) jobs: Vec<Job>,
    pub(super) changed: BTreeSet<usize>,
    pub(super) changes: Vec<Change>,
    pub(super) starts: Vec<Start>,
    pub(super) now: Timestamp,
}

/// An attempt that starts once the draft is kept.
pub(super) struct Start {
    pub(super) index: usize,
    /// Which worker has it, if that is known.
    pub(super) given: Option<Given>,
}

impl Draft {
    pub(super) fn set(&mut self, index: usize, state: JobState) {
        let job = &mut self.jobs[index];
        job.ended = state.is_final().then_some(self.now);
        job.state = state;
        self.changed.insert(index);
    }

    /// What steps made that isn't on disk yet.
    pub(super) fn outputs(&self) -> Vec<OutputVariable> {
        let output = |change: &Change| match change {
            Change::Task(change) => match &**change {
                TaskChange::Output { variable, .. } => Some(variable.clone()),
                _ => None,
            },
            _ => None,
        };
        self.changes.iter().filter_map(output).collect()
    }

    /// A line of the server's own in a job's log.
    pub(super) fn line(&mut self, index: usize, category: &str, text: String) {
        let job = &self.jobs[index];
        let chunk = LogChunk {
            index: Some(job.index),
            attempt: job.attempts,
            occurred: self.now,
            category: category.to_owned(),
            text,
        };
        let task_id = self.task.id.clone();
        self.changes.push(TaskChange::Log { task_id, chunk }.into());
    }
}
