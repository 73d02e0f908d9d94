//! Machines that the server logs in to: nobody connects from there, so that they are looked at.

use super::hub::Hub;
use super::ssh::{Connection, check};
use crate::model::health::{Finding, HealthStatus};
use crate::model::worker::{Endpoint, SshEndpoint, Worker};

impl Hub {
    /// Looks at a machine that is reached over SSH, and keeps what is found; `None` for every other worker.
    pub(super) async fn check_machine(&self, worker_id: &str) -> Option<(HealthStatus, String)> {
        let worker = match self.inner.app.machine_by_id(worker_id).await {
            Ok(found) => found?,
            Err(error) => {
                tracing::error!(error = ?error, "{worker_id} can't be looked up");
                return None;
            }
        };
        let Ok(Endpoint::Ssh(endpoint)) = worker.reached() else {
            return None;
        };
        Some(self.look_at(&worker, &endpoint).await)
    }

    /// Looks at every machine that is to be looked at: all of them, or those that nobody has seen yet.
    pub(super) async fn check_machines(&self, which: impl Fn(&Worker) -> bool) {
        let all = match self.inner.app.every_machine().await {
            Ok(all) => all,
            Err(error) => return tracing::error!(error = ?error, "workers can't be looked up"),
        };
        let looks = all
            .iter()
            .filter(|worker| !worker.is_disabled && which(worker))
            .map(async |worker| {
                if let Ok(Endpoint::Ssh(endpoint)) = worker.reached() {
                    self.look_at(worker, &endpoint).await;
                }
            });
        futures::future::join_all(looks).await;
    }

    async fn look_at(&self, worker: &Worker, endpoint: &SshEndpoint) -> (HealthStatus, String) {
        let app = &self.inner.app;
        let found = look(self, endpoint).await;
        let (status, summary) = match &found {
            Ok(condition) => (condition.status, condition.summary.clone()),
            Err(why) => (HealthStatus::Unavailable, why.clone()),
        };
        let now = app.now().to_string();
        let noted = app.worker_note(&worker.id, |worker| {
            worker.health_last_checked = Some(now.clone());
            if let Ok(condition) = &found {
                worker
                    .operating_system
                    .clone_from(&condition.operating_system);
                worker.architecture.clone_from(&condition.architecture);
                worker.interpreters.clone_from(&condition.interpreters);
            }
            worker.connection_found(Finding::new(status, summary.as_str()));
            true
        });
        if let Err(error) = noted.await {
            tracing::error!(error = ?error, "the health of {} can't be kept", worker.name);
        }
        self.changed();
        (status, summary)
    }
}

/// Logs in and looks around.
///
/// # Errors
/// Why it can't, for people.
pub async fn look(hub: &Hub, endpoint: &SshEndpoint) -> Result<check::Condition, String> {
    let app = &hub.inner.app;
    let login = app.login(&endpoint.account_id).await?;
    let connection = Connection::open(endpoint, &login).await;
    let connection = connection.map_err(|error| error.to_string())?;
    let found = check::check(&connection, &endpoint.directory, app.now()).await;
    connection.close().await;
    found.map_err(|error| error.to_string())
}
