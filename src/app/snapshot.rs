//! Freezing: copies of a process and of all variables, for releases and runbook snapshots.
//!
//! A copy is a record of the same kind with an id of its own. Nothing changes it afterwards: the use cases of
//! processes and variable sets refuse to.

use super::{App, Error};
use crate::model::process::DeploymentProcess;
use crate::model::project::Project;
use crate::model::variable::{LibraryVariableSet, VariableSet};

/// What the ids of copies have in common, after the id of the original.
const MARK: &str = "-s-";

/// Whether this is the id of a copy.
pub(super) fn is_copy(id: &str) -> bool {
    id.contains(MARK)
}

/// The id of the copy for the release or snapshot with this id.
pub(super) fn copy_id(original_id: &str, for_id: &str) -> String {
    format!("{original_id}{MARK}{for_id}")
}

/// Refuses a change to a copy.
///
/// # Errors
/// [`Error::Conflict`].
pub(super) fn refuse_copy(id: &str) -> Result<(), Error> {
    if is_copy(id) {
        return Err(Error::Conflict(format!(
            "`{id}` is a snapshot, and snapshots don't change: change the original, and make a new release or snapshot."
        )));
    }
    Ok(())
}

/// A copy of `process`.
pub(super) fn process(process: &DeploymentProcess, for_id: &str) -> DeploymentProcess {
    DeploymentProcess {
        id: copy_id(&process.id, for_id),
        ..process.clone()
    }
}

/// A copy of all variables of `project`: its own before those of library sets, and these in the project's order.
///
/// # Errors
/// [`Error::Store`], and [`Error::NotFound`] if a set is gone.
pub(super) async fn variables(
    app: &App,
    project: &Project,
    for_id: &str,
) -> Result<VariableSet, Error> {
    let mut ids = vec![project.variable_set_id.clone()];
    for id in &project.included_library_variable_set_ids {
        let set = app
            .store()
            .document_by_id::<LibraryVariableSet>(id)
            .await?
            .ok_or_else(|| Error::NotFound {
                noun: "library variable set",
                id: id.clone(),
            })?;
        ids.push(set.record.variable_set_id);
    }
    let mut copy = VariableSet {
        id: copy_id(&project.variable_set_id, for_id),
        space_id: project.space_id.clone(),
        owner_id: project.id.clone(),
        version: 1,
        ..VariableSet::default()
    };
    for id in ids {
        let set = app.store().document_by_id::<VariableSet>(&id).await?;
        let set = set.ok_or_else(|| Error::NotFound {
            noun: "variable set",
            id: id.clone(),
        })?;
        copy.variables.extend(set.record.variables);
    }
    Ok(copy)
}
