//! Drives one task from its start to its end: reads, decides, commits, starts attempts, and waits.
//!
//! A step of the loop works on copies of the jobs. Only when its commit is on disk do they take the place of
//! what the driver knows, so that a commit that was refused or failed leaves nothing behind but a reason to try
//! again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tracing::Instrument as _;

use super::attempt::{self, Run};
use super::decide::{After, AttemptEnd, Move, View, after, decide};
use super::remote::Settle;
use super::{Ending, Error, Inner, LOOK_AGAIN, Signal, ended};
use crate::TRACE;
use crate::model::interruption::{Answer, Interruption, Question};
use crate::model::task::{Job, JobState, LogChunk, OutputVariable, Task, TaskState};
use crate::model::variable::VariableSet;
use crate::model::worker::Assignment;
use crate::plan::{Location, Plan, Work};
use crate::store::{self, Change, Promotion, PromotionChange, TaskChange};

/// A decision that leads to another, to another …: more than this in one step is a mistake of ours.
const MAX_ROUNDS: usize = 50;

/// What an attempt left when it ended.
pub(super) struct Ended {
    pub(super) index: usize,
    pub(super) end: AttemptEnd,
    /// What is to be kept together with the job's state.
    pub(super) changes: Vec<Change>,
    pub(super) has_warnings: bool,
    /// The worker's part in it, to be closed once all this is kept.
    pub(super) settle: Option<Settle>,
}

struct Driver {
    inner: Arc<Inner>,
    id: String,
    signal: Arc<Signal>,
    plan: Arc<Plan>,
    variables: Arc<VariableSet>,
    jobs: Vec<Job>,
    /// Attempts that run, by job.
    running: HashMap<usize, Running>,
    /// What external workers had of the task when it was loaded.
    assignments: Vec<Assignment>,
    sender: mpsc::UnboundedSender<Ended>,
    receiver: mpsc::UnboundedReceiver<Ended>,
    /// Attempts that ended and aren't kept yet.
    ended: Vec<Ended>,
}

/// An attempt that runs.
struct Running {
    /// How it is stopped.
    stop: watch::Sender<bool>,
    /// Whether it goes on without this server.
    goes_on: Arc<AtomicBool>,
}

/// What a step of the loop leads to.
enum Next {
    Over,
    /// Until something happens, or this time has come.
    Wait(Option<Timestamp>),
}

/// One step's work: copies, and the changes that make them real.
struct Draft {
    task: Task,
    jobs: Vec<Job>,
    changed: BTreeSet<usize>,
    changes: Vec<Change>,
    starts: Vec<usize>,
    /// Attempts that a worker has already.
    resumes: Vec<(usize, Assignment)>,
    now: Timestamp,
}

/// Drives the task with this id until it is over, or until the server ends.
pub(super) async fn drive(inner: Arc<Inner>, id: String, signal: Arc<Signal>) {
    let mut driver = loop {
        match Driver::load(&inner, &id, &signal).await {
            Ok(driver) => break driver,
            Err(Error::Store(store::Error::Unavailable(error))) => {
                tracing::error!(%error, task.id = %id, "{id} can't be read; it is tried again");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Err(error) => return give_up(&inner, &id, &error).await,
        }
    };
    let mut ending = inner.ending.subscribe();
    loop {
        let until = match driver.step().await {
            Ok(Next::Over) => return,
            Ok(Next::Wait(until)) => until,
            // Somebody was faster: what they did is read at once.
            Err(Error::Store(store::Error::Stale { .. })) => continue,
            Err(error) => {
                tracing::error!(error = ?error, task.id = %id, "{id} can't be moved; it is tried again");
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
        };
        // Before anything is waited for: what ended meanwhile is kept by now, and nothing else may come.
        if *ending.borrow() != Ending::No && driver.is_parked() {
            return;
        }
        driver.wait(until, &mut ending).await;
        if *ending.borrow() == Ending::Stop {
            driver.stop_all();
        }
    }
}

/// A task that can't be carried out by this server ends, rather than stay open for ever.
async fn give_up(inner: &Inner, id: &str, error: &Error) {
    tracing::error!(error = ?error, task.id = %id, "{id} can't be carried out");
    let Ok(Some(task)) = inner.app.store().task_by_id(id).await else {
        return;
    };
    let now = inner.app.now();
    let message = format!("The task can't be carried out: {error}.");
    let task = ended(task, TaskState::Failed, message, now);
    if let Err(error) = inner
        .app
        .store()
        .commit(vec![TaskChange::Update(task).into()])
        .await
    {
        tracing::error!(error = ?error, task.id = %id, "the end of {id} can't be kept");
    }
}

impl Driver {
    async fn load(inner: &Arc<Inner>, id: &str, signal: &Arc<Signal>) -> Result<Self, Error> {
        let store = inner.app.store();
        let missing = |what| Error::Missing {
            task_id: id.to_owned(),
            what,
        };
        let task = store.task_by_id(id).await?;
        let task = task.ok_or_else(|| missing("the record"))?;
        let plan = store.task_plan(id).await?;
        // A task that belongs to no project has no variables.
        let variables = match task.variable_set_id.as_str() {
            "" => Some(VariableSet::default()),
            id => {
                let found = store.document_by_id::<VariableSet>(id).await?;
                found.map(|found| found.record)
            }
        };
        let (sender, receiver) = mpsc::unbounded_channel();
        Ok(Self {
            inner: Arc::clone(inner),
            id: id.to_owned(),
            signal: Arc::clone(signal),
            plan: Arc::new(plan.ok_or_else(|| missing("the plan"))?),
            variables: Arc::new(variables.ok_or_else(|| missing("the variable set"))?),
            jobs: store.task_jobs(id).await?,
            running: HashMap::new(),
            assignments: store.task_assignments(id).await?,
            sender,
            receiver,
            ended: Vec::new(),
        })
    }

    /// Waits for the end of an attempt, a change to the task, a time, or the server's end.
    async fn wait(&mut self, until: Option<Timestamp>, ending: &mut watch::Receiver<Ending>) {
        let now = self.inner.app.now();
        let left = until.map(|until| until.duration_since(now).unsigned_abs());
        let timer = async {
            match left {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = self.receiver.recv() => self.ended.extend(ended),
            () = self.signal.changed.notified() => {}
            () = timer => {}
            _ = ending.changed() => {}
        }
        while let Ok(ended) = self.receiver.try_recv() {
            self.ended.push(ended);
        }
    }

    /// Whether nothing runs here and nothing is left to keep.
    fn is_parked(&self) -> bool {
        let goes_on = |one: &Running| one.goes_on.load(Ordering::Acquire);
        self.running.values().all(goes_on) && self.ended.is_empty()
    }

    /// Stops what runs here.
    fn stop_all(&self) {
        for one in self.running.values() {
            if !one.goes_on.load(Ordering::Acquire) {
                one.stop.send_replace(true);
            }
        }
    }

    /// Reads the task, decides, commits, and starts what was decided to start.
    async fn step(&mut self) -> Result<Next, Error> {
        let store = self.inner.app.store().clone();
        let Some(stored) = store.task_by_id(&self.id).await? else {
            return Ok(Next::Over);
        };
        if stored.state.is_final() {
            return Ok(Next::Over);
        }
        let phase = *self.inner.ending.borrow();
        let now = self.inner.app.now();
        let mut draft = Draft {
            task: stored.clone(),
            jobs: self.jobs.clone(),
            changed: BTreeSet::new(),
            changes: Vec::new(),
            starts: Vec::new(),
            resumes: Vec::new(),
            now,
        };
        if draft.task.state == TaskState::Queued {
            draft.task.state = TaskState::Executing;
            draft.task.start_time = Some(now);
        }
        self.find_lost(&mut draft);
        for ended in &self.ended {
            self.keep_end(&mut draft, ended, phase);
        }
        if phase == Ending::No {
            let answers = self.answers(&draft.jobs).await?;
            self.decide(&mut draft, &answers).await?;
        }
        self.commit(&stored, &mut draft).await?;
        for ended in self.ended.drain(..) {
            self.running.remove(&ended.index);
            if let Some(settle) = ended.settle {
                settle.done();
            }
        }
        self.jobs = draft.jobs;
        for index in draft.starts {
            self.start(&draft.task, index, None);
        }
        for (index, assignment) in draft.resumes {
            self.start(&draft.task, index, Some(assignment));
        }
        if draft.task.state.is_final() {
            return Ok(Next::Over);
        }
        let times = self.jobs.iter().filter_map(|job| match job.state {
            JobState::Retrying { not_before } => Some(not_before),
            _ => None,
        });
        Ok(Next::Wait(times.min()))
    }

    /// What the database has as running and no attempt of ours is: the server ended meanwhile. What an external
    /// worker has goes on; what still waited for one waits again.
    fn find_lost(&self, draft: &mut Draft) {
        for index in 0..draft.jobs.len() {
            let is_known = self.running.contains_key(&index);
            if draft.jobs[index].state == JobState::Running && !is_known {
                let job = &mut draft.jobs[index];
                let is_its =
                    |one: &&Assignment| one.index == job.index && one.attempt == job.attempts;
                if let Some(assignment) = self.assignments.iter().find(is_its) {
                    draft.resumes.push((index, assignment.clone()));
                    continue;
                }
                if self.plan.entries[index].location != Location::Server {
                    job.attempts -= 1;
                    draft.set(index, JobState::Waiting);
                    continue;
                }
                let text = "The server ended while this step ran; nobody knows how far it came.\n";
                draft.line(index, "Warning", text.to_owned());
                draft.set(index, JobState::Lost);
                draft.task.has_warnings_or_errors = true;
            }
        }
    }

    fn keep_end(&self, draft: &mut Draft, ended: &Ended, phase: Ending) {
        let index = ended.index;
        let entry = &self.plan.entries[index];
        draft.changes.extend(ended.changes.iter().cloned());
        draft.task.has_warnings_or_errors |= ended.has_warnings;
        // The server stopped it, not a person: that is a step of which nobody knows how far it came.
        if ended.end == AttemptEnd::Canceled && phase != Ending::No && !draft.task.is_cancel_asked {
            draft.set(index, JobState::Lost);
            return;
        }
        match &ended.end {
            AttemptEnd::Failed { message } => draft.line(index, "Error", format!("{message}\n")),
            AttemptEnd::Lost { message } => draft.line(index, "Warning", format!("{message}\n")),
            _ => {}
        }
        let attempts = draft.jobs[index].attempts;
        let is_guided = draft.task.is_guided;
        match after(entry, attempts, ended.end.clone(), is_guided, draft.now) {
            After::Is(state) => {
                if let JobState::Retrying { .. } = state {
                    let text = format!(
                        "Attempt {attempts} failed; the step is tried again, {} more times at most.\n",
                        (entry.retries.maximum + 1).saturating_sub(attempts)
                    );
                    draft.line(index, "Warning", text);
                }
                draft.set(index, state);
            }
            After::Ask(reason) => {
                let title = format!("{} failed", entry.action_name);
                let asked = Asked {
                    question: Question::GuidedFailure,
                    title,
                    instructions: reason,
                    teams: Vec::new(),
                };
                self.ask(draft, index, asked);
            }
        }
    }

    async fn answers(&self, jobs: &[Job]) -> Result<BTreeMap<String, (Answer, String)>, Error> {
        let is_asking = |job: &Job| matches!(job.state, JobState::Asking { .. });
        if !jobs.iter().any(is_asking) {
            return Ok(BTreeMap::new());
        }
        let store = self.inner.app.store();
        let asked = store.task_interruptions(&self.id).await?;
        let answered = asked
            .into_iter()
            .filter_map(|one| Some((one.id, (one.answer?, one.instructions))));
        Ok(answered.collect())
    }

    /// Decides until nothing more follows.
    async fn decide(
        &self,
        draft: &mut Draft,
        answers: &BTreeMap<String, (Answer, String)>,
    ) -> Result<(), Error> {
        let plan = Arc::clone(&self.plan);
        for _ in 0..MAX_ROUNDS {
            let moves = decide(
                &View {
                    task: &draft.task,
                    entries: &plan.entries,
                    jobs: &draft.jobs,
                    answers,
                },
                draft.now,
            );
            let before = (draft.task.clone(), draft.jobs.clone());
            for one in moves {
                self.apply(draft, one).await?;
            }
            let is_over = draft.task.state.is_final();
            if is_over || (before.0 == draft.task && before.1 == draft.jobs) {
                break;
            }
        }
        Ok(())
    }

    async fn apply(&self, draft: &mut Draft, one: Move) -> Result<(), Error> {
        match one {
            Move::Become(state) => {
                if draft.task.state.may_become(state) {
                    draft.task.state = state;
                }
            }
            Move::End { state, error } => {
                if draft.task.state.may_become(state) {
                    if self.plan.promotes && state == TaskState::Success {
                        let promotion = Promotion {
                            release_id: draft.task.release_id.clone(),
                            tenant_id: draft.task.tenant_id.clone(),
                        };
                        draft.changes.push(PromotionChange::Ask(promotion).into());
                    }
                    draft.task = ended(draft.task.clone(), state, error, draft.now);
                }
            }
            Move::Set { index, state } => {
                if let JobState::Skipped { reason } = &state {
                    draft.line(index, "Info", format!("Skipped: {reason}.\n"));
                }
                draft.set(index, state);
            }
            Move::Start(index) if matches!(self.plan.entries[index].work, Work::Manual { .. }) => {
                self.ask_person(draft, index).await?;
            }
            Move::Start(index) => {
                draft.set(index, JobState::Running);
                let job = &mut draft.jobs[index];
                job.attempts += 1;
                job.started = job.started.or(Some(draft.now));
                draft.starts.push(index);
            }
            Move::Stop(index) => {
                if let Some(running) = self.running.get(&index) {
                    running.stop.send_replace(true);
                }
            }
            Move::Ask {
                index,
                question,
                reason,
            } => {
                let asked = Asked {
                    question,
                    title: format!("{} was lost", self.plan.entries[index].action_name),
                    instructions: reason,
                    teams: Vec::new(),
                };
                self.ask(draft, index, asked);
            }
        }
        Ok(())
    }

    /// A manual intervention, with its instructions evaluated now: they may name what earlier steps made.
    async fn ask_person(&self, draft: &mut Draft, index: usize) -> Result<(), Error> {
        let entry = &self.plan.entries[index];
        let mut run = self.run(&draft.task, draft.jobs[index].clone());
        run.fresh = draft.outputs();
        draft.jobs[index].started = Some(draft.now);
        let Some((instructions, teams)) = attempt::instructions(&run).await? else {
            let reason = "its condition is not true".to_owned();
            draft.line(index, "Info", format!("Skipped: {reason}.\n"));
            draft.set(index, JobState::Skipped { reason });
            return Ok(());
        };
        let text = format!("Waiting for a person:\n{instructions}\n");
        draft.line(index, "Wait", text);
        let asked = Asked {
            question: Question::ManualIntervention,
            title: entry.action_name.clone(),
            instructions,
            teams,
        };
        self.ask(draft, index, asked);
        Ok(())
    }

    fn ask(&self, draft: &mut Draft, index: usize, asked: Asked) {
        let interruption = Interruption {
            id: self.inner.app.store().next_id("Interruptions"),
            space_id: draft.task.space_id.clone(),
            task_id: draft.task.id.clone(),
            job_index: draft.jobs[index].index,
            kind: asked.question,
            title: asked.title,
            instructions: asked.instructions,
            responsible_team_ids: asked.teams,
            responsible_user_id: None,
            created: draft.now,
            answer: None,
            notes: String::new(),
        };
        let interruption_id = interruption.id.clone();
        draft.task.is_asking = true;
        draft.set(index, JobState::Asking { interruption_id });
        draft
            .changes
            .push(TaskChange::Interruption(interruption).into());
    }

    /// Everything in one commit, or nothing.
    async fn commit(&self, stored: &Task, draft: &mut Draft) -> Result<(), Error> {
        let mut changes = std::mem::take(&mut draft.changes);
        if draft.task != *stored {
            changes.push(TaskChange::Update(draft.task.clone()).into());
        }
        for index in &draft.changed {
            changes.push(TaskChange::Job(draft.jobs[*index].clone()).into());
        }
        if changes.is_empty() {
            self.signal
                .generation
                .store(stored.generation, Ordering::Release);
            return Ok(());
        }
        // A change to the jobs alone still has to fail when somebody asked for the end meanwhile: it would be missed
        // until the next look otherwise, and that is soon enough.
        self.inner.app.store().commit(changes).await?;
        if draft.task != *stored {
            draft.task.generation += 1;
        }
        for index in &draft.changed {
            draft.jobs[*index].generation += 1;
        }
        self.signal
            .generation
            .store(draft.task.generation, Ordering::Release);
        self.inner.app.logs().wake(&self.id);
        Ok(())
    }

    fn run(&self, task: &Task, job: Job) -> Run {
        Run {
            inner: Arc::clone(&self.inner),
            task: task.clone(),
            plan: Arc::clone(&self.plan),
            variables: Arc::clone(&self.variables),
            job,
            fresh: Vec::new(),
            assignment: None,
            goes_on: Arc::default(),
        }
    }

    fn start(&mut self, task: &Task, index: usize, assignment: Option<Assignment>) {
        let (stop, stopped) = watch::channel(false);
        let mut run = self.run(task, self.jobs[index].clone());
        run.assignment = assignment;
        // Until somebody has it who ends with this server.
        let is_elsewhere = self.plan.entries[index].location != Location::Server;
        run.goes_on.store(is_elsewhere, Ordering::Release);
        let goes_on = Arc::clone(&run.goes_on);
        self.running.insert(index, Running { stop, goes_on });
        let sender = self.sender.clone();
        // Within the task's span.
        let span = tracing::info_span!(
            target: TRACE, "step", otel.name = run.entry().title(), step.number = run.entry().step_number,
            step.attempt = run.job.attempts, otel.status_code = tracing::field::Empty
        );
        let running = async move {
            let ended = attempt::run(&run, stopped).await.unwrap_or_else(|error| {
                tracing::error!(error = ?error, task.id = %run.task.id, "a step could not be run");
                let message = format!("Seawall could not run it: {error}");
                Ended {
                    index,
                    end: AttemptEnd::Failed { message },
                    changes: Vec::new(),
                    has_warnings: true,
                    settle: None,
                }
            });
            let is_fine = matches!(ended.end, AttemptEnd::Succeeded | AttemptEnd::NotWanted);
            let status = if is_fine { "OK" } else { "ERROR" };
            tracing::Span::current().record("otel.status_code", status);
            // Nobody listens when the server ends; the job is lost then, and found to be.
            sender.send(ended).ok();
        };
        tokio::spawn(running.instrument(span));
    }
}

struct Asked {
    question: Question,
    title: String,
    instructions: String,
    teams: Vec<String>,
}

impl Draft {
    fn set(&mut self, index: usize, state: JobState) {
        let job = &mut self.jobs[index];
        job.ended = state.is_final().then_some(self.now);
        job.state = state;
        self.changed.insert(index);
    }

    /// What steps made that isn't on disk yet.
    fn outputs(&self) -> Vec<OutputVariable> {
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
    fn line(&mut self, index: usize, category: &str, text: String) {
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
