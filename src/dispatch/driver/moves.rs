//! What a decision changes: jobs that are lost, attempts that ended, steps that start, and people who are asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draft::{Draft, Start};
use super::{Driver, Ended};
use crate::dispatch::attempt::{self, Given};
use crate::dispatch::decide::{After, AttemptEnd, Move, View, after, decide};
use crate::dispatch::{Ending, Error, ended, placing};
use crate::model::interruption::{Answer, Interruption, Question};
use crate::model::task::{Job, JobState, TaskState};
use crate::model::worker::Assignment;
use crate::plan::{Location, Work};
use crate::store::{Promotion, PromotionChange, TaskChange};

/// A decision that leads to another, to another …: more than this in one step is a mistake of ours.
const MAX_ROUNDS: usize = 50;

/// What a person is asked.
struct Asked {
    question: Question,
    title: String,
    instructions: String,
    teams: Vec<String>,
}

impl Driver {
    /// What the database has as running and no attempt of ours is: the server ended meanwhile. What an external
    /// worker has goes on; what still waited for one waits again.
    pub(super) fn find_lost(&self, draft: &mut Draft) {
        for index in 0..draft.jobs.len() {
            let is_known = self.running.contains_key(&index);
            if draft.jobs[index].state == JobState::Running && !is_known {
                let job = &mut draft.jobs[index];
                let is_its =
                    |one: &&Assignment| one.index == job.index && one.attempt == job.attempts;
                if let Some(assignment) = self.assignments.iter().find(is_its) {
                    let given = Some(Given::Before(assignment.clone()));
                    draft.starts.push(Start { index, given });
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

    pub(super) fn keep_end(&self, draft: &mut Draft, ended: &Ended, phase: Ending) {
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

    pub(super) async fn answers(
        &self,
        jobs: &[Job],
    ) -> Result<BTreeMap<String, (Answer, String)>, Error> {
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
    pub(super) async fn decide(
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
                let run = self.run(&draft.task, draft.jobs[index].clone());
                let given = match placing::at_once(&run).await? {
                    Some((given, changes)) => {
                        draft.changes.extend(changes);
                        Some(given)
                    }
                    None => None,
                };
                draft.starts.push(Start { index, given });
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
}
