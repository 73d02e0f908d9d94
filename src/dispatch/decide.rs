//! What happens next: pure decisions over what the database says.
//!
//! [`admit`] chooses queued tasks that may start, [`decide`] moves one task that has started, and [`after`] says
//! what the end of an attempt means for its job. None of them reads a clock or runs anything. A job that is over
//! is never started again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::model::interruption::{Answer, Question};
use crate::model::step::{StartTrigger, StepCondition};
use crate::model::task::{Job, JobState, Task, TaskState};
use crate::plan::{Entry, Work};

/// A task that has started, as the database has it.
#[derive(Debug)]
pub struct View<'a> {
    pub task: &'a Task,
    pub entries: &'a [Entry],
    /// One for each entry, in the same order.
    pub jobs: &'a [Job],
    /// Interruptions that were answered: by id, the answer and the title of what was asked.
    pub answers: &'a BTreeMap<String, (Answer, String)>,
}

/// One thing to do for a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// The task has another state from now on, and goes on.
    Become(TaskState),
    /// A worker is handed the job.
    Start(usize),
    /// The worker that has the job is told to stop.
    Stop(usize),
    /// A person is asked about the job.
    Ask {
        index: usize,
        question: Question,
        reason: String,
    },
    /// The job has another state from now on.
    Set { index: usize, state: JobState },
    /// The task is over.
    End { state: TaskState, error: String },
}

/// What is to happen to queued tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission<'a> {
    pub task: &'a Task,
    pub state: TaskState,
    pub error: &'static str,
}

/// Chooses among `queued`, oldest first. `open` are the tasks that have started and aren't over.
///
/// At most `capacity` tasks execute at once; a task that waits for a person doesn't count. Two tasks with one
/// concurrency key never overlap.
pub fn admit<'a>(
    queued: &'a [Task],
    open: &[Task],
    capacity: usize,
    now: Timestamp,
) -> Vec<Admission<'a>> {
    let mut keys: Vec<&str> = open
        .iter()
        .map(|task| task.concurrency_key.as_str())
        .collect();
    let is_busy = |task: &&Task| task.state != TaskState::Paused;
    let mut free = capacity.saturating_sub(open.iter().filter(is_busy).count());
    let mut admissions = Vec::new();
    let mut give = |task, state, error| admissions.push(Admission { task, state, error });
    for task in queued {
        if task.is_cancel_asked {
            give(task, TaskState::Canceled, "");
        } else if task.queue_expiry.is_some_and(|expiry| expiry <= now) {
            give(
                task,
                TaskState::TimedOut,
                "The task did not start before its queue time expired.",
            );
        } else if task.queue_time <= now
            && free > 0
            && !keys.contains(&task.concurrency_key.as_str())
        {
            free -= 1;
            keys.push(&task.concurrency_key);
            give(task, TaskState::Executing, "");
        }
    }
    admissions
}

/// What to do for a task that has started. Nothing, if it waits for a worker, a person or a time.
pub fn decide(view: &View<'_>, now: Timestamp) -> Vec<Move> {
    if view.task.is_cancel_asked {
        return cancel(view);
    }
    let mut states: Vec<JobState> = view.jobs.iter().map(|job| job.state.clone()).collect();
    let mut moves = Vec::new();
    for (index, entry) in view.entries.iter().enumerate() {
        if let Some(state) = answered(view, &states[index], now) {
            states[index] = state.clone();
            moves.push(Move::Set { index, state });
        } else if states[index] == JobState::Lost && !entry.is_repeatable {
            moves.push(Move::Ask {
                index,
                question: Question::GuidedFailure,
                reason: "The step was lost while it ran: its log says how. Nobody knows how far it came."
                    .to_owned(),
            });
            return moves;
        }
    }
    let mut is_waiting = false;
    for batch in batches(view.entries) {
        let has_failed = states[..batch[0].first()].iter().any(JobState::is_failure);
        for step in &batch {
            advance_step(view, step, has_failed, &mut states, &mut moves, now);
        }
        if batch.iter().any(|step| !step.is_over(&states)) {
            is_waiting = true;
            break;
        }
    }
    if is_waiting {
        moves.extend(pause_or_resume(view.task, &states, &moves));
    } else {
        // A task that waited for a person goes on before it ends.
        if view.task.state == TaskState::Paused {
            moves.push(Move::Become(TaskState::Executing));
        }
        moves.push(end(&states, view.entries));
    }
    moves
}

fn cancel(view: &View<'_>) -> Vec<Move> {
    let mut moves = Vec::new();
    if view.task.state != TaskState::Cancelling {
        moves.push(Move::Become(TaskState::Cancelling));
    }
    let mut is_running = false;
    for (index, job) in view.jobs.iter().enumerate() {
        if job.state == JobState::Running {
            is_running = true;
            moves.push(Move::Stop(index));
        } else if !job.state.is_final() {
            let state = JobState::Canceled;
            moves.push(Move::Set { index, state });
        }
    }
    if !is_running {
        moves.push(Move::End {
            state: TaskState::Canceled,
            error: String::new(),
        });
    }
    moves
}

/// What a person's answer makes of a job that waits for one.
fn answered(view: &View<'_>, state: &JobState, now: Timestamp) -> Option<JobState> {
    let JobState::Asking { interruption_id } = state else {
        return None;
    };
    let (answer, title) = view.answers.get(interruption_id)?;
    Some(match answer {
        Answer::Proceed => JobState::Succeeded,
        Answer::Abort => JobState::Failed {
            message: "The step was aborted by a person.".to_owned(),
        },
        Answer::Fail => JobState::Failed {
            message: title.clone(),
        },
        Answer::Retry => JobState::Retrying { not_before: now },
        Answer::Ignore => JobState::Ignored {
            message: title.clone(),
        },
    })
}

/// The entries of one step: for each target a lane of its own, or a single one.
struct StepRun {
    /// Entries that follow each other.
    lanes: Vec<Vec<usize>>,
    /// How many lanes run at once.
    window: usize,
}

impl StepRun {
    fn first(&self) -> usize {
        self.lanes[0][0]
    }

    fn is_over(&self, states: &[JobState]) -> bool {
        self.lanes.iter().all(|lane| is_over(lane, states))
    }
}

fn is_over(lane: &[usize], states: &[JobState]) -> bool {
    lane.iter().all(|index| states[*index].is_final())
}

fn is_started(lane: &[usize], states: &[JobState]) -> bool {
    lane.iter().any(|index| states[*index] != JobState::Waiting)
}

/// Steps that run at the same time, batch after batch.
fn batches(entries: &[Entry]) -> Vec<Vec<StepRun>> {
    let mut batches: Vec<Vec<StepRun>> = Vec::new();
    let mut last: Option<&Entry> = None;
    for (index, entry) in entries.iter().enumerate() {
        let is_same_step = last.is_some_and(|last| last.step_number == entry.step_number);
        let is_same_lane = last.is_some_and(|last| last.target == entry.target);
        last = Some(entry);
        let step = batches.last_mut().and_then(|batch| batch.last_mut());
        match step.filter(|_| is_same_step) {
            Some(step) => match step.lanes.last_mut() {
                Some(lane) if is_same_lane => lane.push(index),
                Some(_) | None => step.lanes.push(vec![index]),
            },
            None => {
                let step = StepRun {
                    lanes: vec![vec![index]],
                    window: usize::try_from(entry.window.max(1)).unwrap_or(1),
                };
                match batches.last_mut() {
                    Some(batch) if entry.start_trigger == StartTrigger::StartWithPrevious => {
                        batch.push(step);
                    }
                    Some(_) | None => batches.push(vec![step]),
                }
            }
        }
    }
    batches
}

/// Goes through the lanes of one step, as many at once as its window has room for.
///
/// Once a target has failed, those that haven't begun are left alone: what broke one need not break all. A check breaks
/// nothing.
fn advance_step(
    view: &View<'_>,
    step: &StepRun,
    has_failed: bool,
    states: &mut [JobState],
    moves: &mut Vec<Move>,
    now: Timestamp,
) {
    let is_check = |lane: &[usize]| matches!(view.entries[lane[0]].work, Work::HealthCheck(_));
    let mut others = step.lanes.iter().filter(|lane| !is_check(lane)).flatten();
    let has_failed_here = others.any(|index| states[*index].is_failure());
    let is_active = |lane: &&Vec<usize>, states: &[JobState]| {
        is_started(lane, states) && !is_over(lane, states)
    };
    for lane in &step.lanes {
        if is_over(lane, states) {
            continue;
        }
        if !is_started(lane, states) {
            if has_failed_here && step.lanes.len() > 1 && !is_check(lane) {
                for index in lane {
                    let reason = "the step failed for another target".to_owned();
                    let state = JobState::Skipped { reason };
                    states[*index] = state.clone();
                    moves.push(Move::Set {
                        index: *index,
                        state,
                    });
                }
                continue;
            }
            let lanes = step.lanes.iter();
            let n_active = lanes.filter(|lane| is_active(lane, states)).count();
            if n_active >= step.window {
                continue;
            }
        }
        advance(view, lane, has_failed, states, moves, now);
    }
}

/// Goes through the entries of one lane until one is not over.
fn advance(
    view: &View<'_>,
    lane: &[usize],
    has_failed: bool,
    states: &mut [JobState],
    moves: &mut Vec<Move>,
    now: Timestamp,
) {
    let mut has_failed_here = false;
    for &index in lane {
        let entry = &view.entries[index];
        match &states[index] {
            JobState::Waiting => {
                if let Some(reason) = reason_to_skip(entry, has_failed, has_failed_here) {
                    let state = JobState::Skipped { reason };
                    states[index] = state.clone();
                    moves.push(Move::Set { index, state });
                    continue;
                }
                moves.push(Move::Start(index));
                states[index] = JobState::Running;
                return;
            }
            JobState::Retrying { not_before } if *not_before <= now => {
                moves.push(Move::Start(index));
                states[index] = JobState::Running;
                return;
            }
            // Only repeatable ones are left: the others were asked about before.
            JobState::Lost => {
                moves.push(Move::Start(index));
                states[index] = JobState::Running;
                return;
            }
            JobState::Running | JobState::Retrying { .. } | JobState::Asking { .. } => return,
            state => has_failed_here |= state.is_failure(),
        }
    }
}

fn reason_to_skip(entry: &Entry, has_failed: bool, has_failed_here: bool) -> Option<String> {
    if let Some(reason) = &entry.skip {
        return Some(reason.clone());
    }
    let reason = match (entry.condition, has_failed) {
        _ if has_failed_here => "an action of the same step failed",
        (StepCondition::Success, true) => "a step before failed",
        (StepCondition::Failure, false) => "no step before failed",
        (StepCondition::Success, false) | (StepCondition::Failure, true) => return None,
        // What a variable says is known when the step is about to run.
        (StepCondition::Always | StepCondition::Variable, _) => return None,
    };
    Some(reason.to_owned())
}

fn pause_or_resume(task: &Task, states: &[JobState], moves: &[Move]) -> Option<Move> {
    let is_busy = |state: &JobState| matches!(state, JobState::Running | JobState::Retrying { .. });
    let is_asking = states
        .iter()
        .any(|state| matches!(state, JobState::Asking { .. }));
    let is_busy =
        states.iter().any(is_busy) || moves.iter().any(|one| matches!(one, Move::Start(_)));
    match (task.state, is_asking && !is_busy) {
        (TaskState::Executing, true) => Some(Move::Become(TaskState::Paused)),
        (TaskState::Paused, false) => Some(Move::Become(TaskState::Executing)),
        _ => None,
    }
}

fn end(states: &[JobState], entries: &[Entry]) -> Move {
    let failed = states
        .iter()
        .zip(entries)
        .find(|(state, _)| state.is_failure());
    let Some((state, entry)) = failed else {
        return Move::End {
            state: TaskState::Success,
            error: String::new(),
        };
    };
    let name = match &entry.target {
        Some(target) => format!("{} for {}", entry.action_name, target.name),
        None => entry.action_name.clone(),
    };
    let (state, error) = match state {
        JobState::TimedOut => (
            TaskState::TimedOut,
            format!("The step `{name}` took longer than it may."),
        ),
        JobState::Failed { message } => (
            TaskState::Failed,
            format!("The step `{name}` failed: {message}"),
        ),
        _ => (TaskState::Failed, format!("The step `{name}` was stopped.")),
    };
    Move::End { state, error }
}

/// How an attempt ended, in the words that decisions need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptEnd {
    Succeeded,
    Failed {
        message: String,
    },
    TimedOut,
    Canceled,
    /// Nobody knows how far it came.
    Lost {
        message: String,
    },
    /// Its condition was false: it didn't run.
    NotWanted,
}

/// What the end of an attempt means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    Is(JobState),
    /// A person is asked, for this reason.
    Ask(String),
}

/// What the end of the attempt number `attempts` means for the job of `entry`.
pub fn after(
    entry: &Entry,
    attempts: u32,
    end: AttemptEnd,
    is_guided: bool,
    now: Timestamp,
) -> After {
    let (state, message) = match end {
        AttemptEnd::Succeeded => return After::Is(JobState::Succeeded),
        AttemptEnd::Canceled => return After::Is(JobState::Canceled),
        AttemptEnd::Lost { .. } => return After::Is(JobState::Lost),
        AttemptEnd::NotWanted => {
            let reason = "its condition is not true".to_owned();
            return After::Is(JobState::Skipped { reason });
        }
        AttemptEnd::TimedOut => (JobState::TimedOut, "it took longer than it may".to_owned()),
        AttemptEnd::Failed { message } => (
            JobState::Failed {
                message: message.clone(),
            },
            message,
        ),
    };
    if attempts <= entry.retries.maximum && !matches!(entry.work, Work::Manual { .. }) {
        let backoff = SignedDuration::from_secs(i64::from(entry.retries.backoff_seconds));
        let not_before = now.checked_add(backoff).unwrap_or(Timestamp::MAX);
        return After::Is(JobState::Retrying { not_before });
    }
    if is_guided {
        return After::Ask(message);
    }
    After::Is(state)
}
