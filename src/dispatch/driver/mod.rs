//! Drives one task from its start to its end: reads, decides, commits, starts attempts, and waits.
//!
//! A step of the loop works on copies of the jobs. Only when its commit is on disk do they take the place of
//! what the driver knows, so that a commit that was refused or failed leaves nothing behind but a reason to try
//! again.

mod draft;
mod moves;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use draft::{Draft, Start};
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tracing::Instrument as _;

use super::attempt::{self, Given, Run};
use super::decide::AttemptEnd;
use super::remote::Settle;
use super::{Ending, Error, Inner, LOOK_AGAIN, Signal, ended};
use crate::TRACE;
use crate::model::task::{Job, JobState, Task, TaskState};
use crate::model::variable::VariableSet;
use crate::model::worker::Assignment;
use crate::plan::{Location, Plan};
use crate::store::{self, Change, TaskChange};

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
        for Start { index, given } in draft.starts {
            self.start(&draft.task, index, given);
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
            given: Mutex::default(),
            goes_on: Arc::default(),
        }
    }

    fn start(&mut self, task: &Task, index: usize, given: Option<Given>) {
        let (stop, stopped) = watch::channel(false);
        let mut run = self.run(task, self.jobs[index].clone());
        run.given = Mutex::new(given);
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
