//! Interruptions: who may answer, and what an answer makes of the task.

use super::task::{MAX_TRIES, reach, target};
use super::{App, Caller, Error};
use crate::model::access::Permission;
use crate::model::interruption::{Answer, Interruption, Question};
use crate::model::task::{OutputVariable, Task};
use crate::model::user::Team;
use crate::store::{Change, InterruptionFilter, Page, TaskChange};

/// A question, and what the caller has to do with it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub interruption: Interruption,
    pub can_take_responsibility: bool,
    pub has_responsibility: bool,
}

impl App {
    /// The questions that fit and that the caller may see, newest first, and how many there are in all.
    ///
    /// # Errors
    /// [`Error::Forbidden`] if the caller may see none; [`Error::NotFound`] for an unknown space.
    pub async fn interruptions(
        &self,
        caller: &Caller,
        space: Option<&str>,
        filter: InterruptionFilter,
        page: Page,
    ) -> Result<(u64, Vec<Asked>), Error> {
        let mut filter = filter;
        if let Some(space) = space {
            filter.space_id = Some(self.space_id(caller, Some(space)).await?);
        }
        filter.visible = Some(reach(caller, Permission::InterruptionView, space)?);
        let (total, found) = self.store().interruptions(&filter, page).await?;
        let mut asked = Vec::new();
        for interruption in found {
            asked.push(self.asked(caller, interruption).await?);
        }
        Ok((total, asked))
    }

    /// The question with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none that the caller may see.
    pub async fn interruption(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Asked, Error> {
        let (_, interruption) = self.interruption_with_task(caller, space, id).await?;
        self.asked(caller, interruption).await
    }

    async fn interruption_with_task(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<(Task, Interruption), Error> {
        let unknown = || Error::NotFound {
            noun: "interruption",
            id: id.to_owned(),
        };
        let interruption = self.store().interruption_by_id(id).await?;
        let interruption = interruption.ok_or_else(unknown)?;
        let task = self.store().task_by_id(&interruption.task_id).await?;
        let task = task
            .filter(|task| space.is_none_or(|space| task.space_id.eq_ignore_ascii_case(space)))
            .filter(|task| {
                let access = &caller.access;
                access.allows(Permission::InterruptionView, target(task))
            })
            .ok_or_else(unknown)?;
        Ok((task, interruption))
    }

    async fn asked(&self, caller: &Caller, interruption: Interruption) -> Result<Asked, Error> {
        let task = self.store().task_by_id(&interruption.task_id).await?;
        let may_submit = task.is_some_and(|task| {
            let access = &caller.access;
            access.allows(Permission::InterruptionSubmit, target(&task))
        });
        let is_open = interruption.answer.is_none();
        let is_responsible = self.is_responsible(caller, &interruption).await?;
        let own = Some(&caller.user.id);
        Ok(Asked {
            can_take_responsibility: is_open && may_submit && is_responsible,
            has_responsibility: is_open && interruption.responsible_user_id.as_ref() == own,
            interruption,
        })
    }

    /// Whether the caller is in one of the teams that the question is for; everybody is when it is for none.
    async fn is_responsible(
        &self,
        caller: &Caller,
        interruption: &Interruption,
    ) -> Result<bool, Error> {
        if interruption.responsible_team_ids.is_empty() {
            return Ok(true);
        }
        for id in &interruption.responsible_team_ids {
            let team = self.store().document_by_id::<Team>(id).await?;
            if team.is_some_and(|team| team.record.member_user_ids.contains(&caller.user.id)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The caller says that they will answer.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Conflict`] when it is answered already, or for others.
    pub async fn interruption_take(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
    ) -> Result<Asked, Error> {
        self.interruption_change(caller, space, id, |interruption| {
            interruption.responsible_user_id = Some(caller.user.id.clone());
            Ok((Vec::new(), "InterruptionTaken", "was taken"))
        })
        .await
    }

    /// The caller's answer: the task goes on with it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Error::Invalid`] for an answer to another question;
    /// [`Error::Conflict`] when it is answered already, or for others.
    pub async fn interruption_submit(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
        answer: &str,
        notes: &str,
    ) -> Result<Asked, Error> {
        let (task, _) = self.interruption_with_task(caller, space, id).await?;
        let plan = self.store().task_plan(&task.id).await?.unwrap_or_default();
        self.interruption_change(caller, space, id, |interruption| {
            let known = interruption.kind.answers();
            let answer = known
                .iter()
                .find(|known| known.as_str().eq_ignore_ascii_case(answer))
                .ok_or_else(|| {
                    let known: Vec<&str> = known.iter().map(|known| known.as_str()).collect();
                    Error::invalid(format!(
                        "`{answer}` is no answer to this: use one of {}.",
                        known.join(", ")
                    ))
                })?;
            interruption.answer = Some(*answer);
            notes.clone_into(&mut interruption.notes);
            interruption.responsible_user_id = Some(caller.user.id.clone());
            let index = usize::try_from(interruption.job_index).unwrap_or(usize::MAX);
            let action = plan
                .entries
                .get(index)
                .map(|entry| entry.action_name.as_str());
            let outputs = match (interruption.kind, action) {
                (Question::ManualIntervention, Some(action)) => {
                    manual_outputs(caller, interruption, action, *answer)
                }
                (Question::ManualIntervention | Question::GuidedFailure, _) => Vec::new(),
            };
            Ok((outputs, "InterruptionSubmitted", "was answered"))
        })
        .await
    }

    /// Changes an open question, and its task, which shows whoever carries it out that there is something new.
    async fn interruption_change(
        &self,
        caller: &Caller,
        space: Option<&str>,
        id: &str,
        change: impl Fn(&mut Interruption) -> Result<(Vec<Change>, &'static str, &'static str), Error>,
    ) -> Result<Asked, Error> {
        for _ in 0..MAX_TRIES {
            let (mut task, mut interruption) =
                self.interruption_with_task(caller, space, id).await?;
            caller.require(Permission::InterruptionSubmit, target(&task))?;
            if interruption.answer.is_some() {
                return Err(Error::Conflict(format!("{id} was answered already.")));
            }
            if task.state.is_final() {
                return Err(Error::Conflict(format!("{} is over.", task.id)));
            }
            if !self.is_responsible(caller, &interruption).await? {
                return Err(Error::Conflict(format!(
                    "{id} is for members of {}.",
                    interruption.responsible_team_ids.join(", ")
                )));
            }
            let (mut changes, category, verb) = change(&mut interruption)?;
            let others = self.store().task_interruptions(&task.id).await?;
            let is_other =
                |other: &Interruption| other.id != interruption.id && other.answer.is_none();
            task.is_asking = interruption.answer.is_none() || others.iter().any(is_other);
            let message = format!("{} of {} {verb}", interruption.title, task.description);
            let related = vec![interruption.id.clone(), task.id.clone()];
            let space_id = Some(task.space_id.clone());
            let event = caller.event(self.now(), category, space_id, message, related);
            changes.push(TaskChange::Interruption(interruption.clone()).into());
            changes.push(TaskChange::Update(task).into());
            changes.push(Change::Event(event));
            match self.store().commit(changes).await {
                Ok(()) => {
                    self.bus().wake();
                    return self.asked(caller, interruption).await;
                }
                Err(crate::store::Error::Stale { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(crate::store::Error::Stale { id: id.to_owned() }.into())
    }
}

/// What later steps learn about an answer, by the names that Octopus gives it.
fn manual_outputs(
    caller: &Caller,
    interruption: &Interruption,
    action: &str,
    answer: Answer,
) -> Vec<Change> {
    let user = &caller.user;
    let approved = if answer == Answer::Proceed {
        "True"
    } else {
        "False"
    };
    [
        ("Manual.Notes", interruption.notes.as_str()),
        ("Manual.Approved", approved),
        ("Manual.ResponsibleUser.Id", &user.id),
        ("Manual.ResponsibleUser.Username", &user.username),
        ("Manual.ResponsibleUser.DisplayName", &user.display_name),
        ("Manual.ResponsibleUser.EmailAddress", &user.email_address),
    ]
    .into_iter()
    .map(|(name, value)| {
        let variable = OutputVariable {
            name: format!("Octopus.Action[{action}].Output.{name}"),
            value: value.to_owned(),
            is_sensitive: false,
        };
        let task_id = interruption.task_id.clone();
        TaskChange::Output { task_id, variable }.into()
    })
    .collect()
}
