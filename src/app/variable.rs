//! What is special about variables: versions, and values that are sealed and never shown.

use super::resource::{Managed, Removal};
use super::{App, Caller, Error, random, seal, snapshot};
use crate::model::access::{Permission, Target};
use crate::model::project::Project;
use crate::model::variable::{LibraryVariableSet, Variable, VariableKind, VariableSet};
use crate::store::{Change, Document};

impl Managed for VariableSet {
    async fn complete(&mut self, app: &App, stored: Option<&Self>) -> Result<(), Error> {
        snapshot::refuse_copy(&self.id)?;
        let current = stored.map_or(0, |stored| stored.version);
        super::project::raise_version("The variable set", &mut self.version, current)?;
        // Computed at each reading: a copy that a client wrote back would only grow old.
        self.extra.remove("ScopeValues");
        for variable in &mut self.variables {
            variable.is_editable = true;
            if variable.id.is_empty() {
                variable.id = random::uuid()?;
            }
            let before = stored
                .into_iter()
                .flat_map(|stored| &stored.variables)
                .find(|old| old.id == variable.id);
            keep_secret(app, variable, before)?;
        }
        Ok(())
    }
}

/// Seals what is sensitive; a sensitive variable without a value keeps the one it had.
fn keep_secret(app: &App, variable: &mut Variable, before: Option<&Variable>) -> Result<(), Error> {
    if !variable.is_sensitive && variable.kind != VariableKind::Sensitive {
        variable.sealed = None;
        return Ok(());
    }
    variable.is_sensitive = true;
    variable.kind = VariableKind::Sensitive;
    variable.sealed = match variable.value.take() {
        Some(secret) => Some(seal::seal(app.vault(), &secret)?),
        None => before.and_then(|before| before.sealed.clone()),
    };
    Ok(())
}

impl App {
    /// All variables of a project as they are now: its own, and those of the sets that it includes. Secrets are sealed.
    ///
    /// # Errors
    /// [`Error::NotFound`], and [`Error::Forbidden`] if the caller may not see the project's variables.
    pub async fn project_variables(
        &self,
        caller: &Caller,
        space: Option<&str>,
        project: &str,
    ) -> Result<Vec<Variable>, Error> {
        let project: Project = self.get(caller, space, project).await?;
        let target = Target {
            project_id: Some(&project.id),
            ..Target::space(&project.space_id)
        };
        caller.require(Permission::VariableView, target)?;
        let all = snapshot::variables(self, &project, "preview").await?;
        Ok(all.variables)
    }
}

impl Managed for LibraryVariableSet {
    async fn complete(&mut self, _app: &App, stored: Option<&Self>) -> Result<(), Error> {
        if stored.is_none() {
            self.variable_set_id = format!("variableset-{}", self.id);
        }
        Ok(())
    }

    async fn accompany(&mut self, _app: &App, stored: Option<&Self>) -> Result<Vec<Change>, Error> {
        if stored.is_some() {
            return Ok(Vec::new());
        }
        let variables = VariableSet::of(&self.id, &self.space_id, &self.variable_set_id);
        Ok(vec![Change::insert(&variables)])
    }

    async fn removal(&self, app: &App) -> Result<Removal, Error> {
        let mut removal = Removal::default();
        let variables: Option<Document<VariableSet>> =
            app.store().document_by_id(&self.variable_set_id).await?;
        if let Some(variables) = variables {
            removal.also(&variables);
        }
        Ok(removal)
    }
}
