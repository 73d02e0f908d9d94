//! Server tasks and their jobs: states, and which of them may follow which.
//!
//! A transition that isn't in [`TaskState::may_become`] is refused, so that a late answer can't bring a finished
//! task back. The names are Octopus's: `Canceled` with one l, `Cancelling` with two.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskState {
    Queued,
    Executing,
    /// Waits for a person.
    Paused,
    Cancelling,
    Success,
    Failed,
    TimedOut,
    Canceled,
}

impl TaskState {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Executing,
        Self::Paused,
        Self::Cancelling,
        Self::Success,
        Self::Failed,
        Self::TimedOut,
        Self::Canceled,
    ];

    /// As stored and as clients see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Executing => "Executing",
            Self::Paused => "Paused",
            Self::Cancelling => "Cancelling",
            Self::Success => "Success",
            Self::Failed => "Failed",
            Self::TimedOut => "TimedOut",
            Self::Canceled => "Canceled",
        }
    }

    /// The state with this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether it never changes again.
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Executing | Self::Paused | Self::Cancelling => false,
            Self::Success | Self::Failed | Self::TimedOut | Self::Canceled => true,
        }
    }

    /// Whether `next` may follow.
    pub fn may_become(self, next: Self) -> bool {
        use TaskState as S;
        match self {
            S::Queued => matches!(next, S::Executing | S::Canceled | S::TimedOut | S::Failed),
            S::Executing => matches!(
                next,
                S::Paused | S::Cancelling | S::Success | S::Failed | S::TimedOut
            ),
            S::Paused => matches!(next, S::Executing | S::Cancelling | S::Failed),
            S::Cancelling => next == S::Canceled,
            S::Success | S::Failed | S::TimedOut | S::Canceled => false,
        }
    }
}

/// A server task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: String,
    pub space_id: String,
    /// `Deploy` …: what clients know it by.
    pub name: String,
    pub description: String,
    pub state: TaskState,
    /// Somebody wants it to end. An intent beside the state: what happened is what the worker says.
    pub is_cancel_asked: bool,
    pub project_id: String,
    pub environment_id: String,
    pub tenant_id: Option<String>,
    /// The deployment or the runbook run that it carries out.
    pub subject_id: String,
    /// Empty for runbook runs.
    pub release_id: String,
    /// The variables that it gets, as they were when it was made.
    pub variable_set_id: String,
    /// Tasks with the same key run one after another.
    pub concurrency_key: String,
    /// Not before this.
    pub queue_time: Timestamp,
    /// Not after this, if it hasn't started.
    pub queue_expiry: Option<Timestamp>,
    pub start_time: Option<Timestamp>,
    pub completed_time: Option<Timestamp>,
    pub error_message: String,
    pub has_warnings_or_errors: bool,
    /// Whether a failed step asks a person.
    pub is_guided: bool,
    /// Whether a person is asked something now.
    pub is_asking: bool,
    /// Raised by each change.
    pub generation: i64,
}

impl Task {
    /// Whether the same can be done again: it is over, and belongs to no project.
    pub fn can_rerun(&self) -> bool {
        self.state.is_final() && self.project_id.is_empty()
    }
}

/// The jobs of a new task, one for each entry of its plan.
pub fn new_jobs(task_id: &str, n_entries: usize) -> Vec<Job> {
    let job = |(index, ())| Job {
        task_id: task_id.to_owned(),
        index,
        state: JobState::Waiting,
        attempts: 0,
        started: None,
        ended: None,
        generation: 1,
    };
    (0_u32..)
        .zip(std::iter::repeat_n((), n_entries))
        .map(job)
        .collect()
}

/// Where a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "State")]
pub enum JobState {
    /// Not its turn yet.
    Waiting,
    /// A worker has it.
    Running,
    /// It failed and will be tried again, not before this.
    Retrying {
        not_before: Timestamp,
    },
    /// An interruption says what comes next.
    Asking {
        interruption_id: String,
    },
    Succeeded,
    Failed {
        message: String,
    },
    TimedOut,
    Canceled,
    /// The server ended while it ran, or its worker is gone: nobody knows how far it came.
    Lost,
    /// It will not run. `reason` is for people.
    Skipped {
        reason: String,
    },
    /// It failed, and a person said to go on.
    Ignored {
        message: String,
    },
}

impl JobState {
    /// Whether it is over, one way or the other.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Waiting | Self::Running | Self::Retrying { .. } | Self::Asking { .. } => false,
            Self::Lost => false,
            Self::Succeeded
            | Self::Failed { .. }
            | Self::TimedOut
            | Self::Canceled
            | Self::Skipped { .. }
            | Self::Ignored { .. } => true,
        }
    }

    /// The name of the state, without what is said with it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Running => "Running",
            Self::Retrying { .. } => "Retrying",
            Self::Asking { .. } => "Asking",
            Self::Succeeded => "Succeeded",
            Self::Failed { .. } => "Failed",
            Self::TimedOut => "TimedOut",
            Self::Canceled => "Canceled",
            Self::Lost => "Lost",
            Self::Skipped { .. } => "Skipped",
            Self::Ignored { .. } => "Ignored",
        }
    }

    /// Whether it makes the steps that follow see a failure.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. } | Self::TimedOut | Self::Canceled)
    }
}

/// One entry of a task's plan, as it is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    pub task_id: String,
    /// The entry of the plan.
    pub index: u32,
    pub state: JobState,
    /// How often it was tried.
    pub attempts: u32,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// Raised by each change.
    pub generation: i64,
}

/// Some lines of a job's log, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogChunk {
    /// The entry of the plan, or `None` for what the server says about the whole task.
    pub index: Option<u32>,
    pub attempt: u32,
    pub occurred: Timestamp,
    /// Verbose, Info, Highlight, Wait, Warning, Error or Fatal.
    pub category: String,
    /// Masked already.
    pub text: String,
}

/// A variable that a step made for those after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputVariable {
    /// The whole name: `Octopus.Action[Build].Output.Url`.
    pub name: String,
    /// The value, or sealed text if it is sensitive.
    pub value: String,
    pub is_sensitive: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_tried_a_final_state_stays(tries in proptest::collection::vec(0usize..8, 0..30)) {
            let mut state = TaskState::Queued;
            let mut ended = None;
            for next in tries.into_iter().map(|index| TaskState::ALL[index]) {
                if state.may_become(next) {
                    state = next;
                }
                if let Some(ended) = ended {
                    prop_assert_eq!(state, ended);
                } else if state.is_final() {
                    ended = Some(state);
                }
            }
        }
    }

    #[test]
    fn a_cancelled_task_was_asked_first_and_every_open_state_has_a_way_out() {
        assert!(!TaskState::Executing.may_become(TaskState::Canceled));
        assert!(!TaskState::Cancelling.may_become(TaskState::Success));
        for state in TaskState::ALL {
            let has_next = TaskState::ALL
                .into_iter()
                .any(|next| state.may_become(next));
            assert_eq!(has_next, !state.is_final(), "{state:?}");
            assert_eq!(TaskState::named(state.as_str()), Some(state));
        }
    }
}
