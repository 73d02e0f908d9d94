//! How workers are: asked again and again, or when somebody wants to know, and kept in their records.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::hub::Hub;
use super::identity::Thumbprint;
use super::protocol::Condition;
use super::session::{AskError, Session};
use crate::model::health::{Finding, HealthStatus};
use crate::plan::Isolation;

/// Clocks that differ by more are a warning.
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Workers are asked how they are this often.
const CHECK_EVERY: Duration = Duration::from_secs(300);

impl Hub {
    /// A worker can't be reached: nobody chooses it until it was seen again.
    pub async fn unavailable(&self, id: &str, summary: &str) {
        let app = &self.inner.app;
        let now = app.now().to_string();
        let noted = app.worker_note(id, |worker| {
            worker.health_last_checked = Some(now.clone());
            worker.connection_found(Finding::new(HealthStatus::Unavailable, summary))
        });
        if let Err(error) = noted.await {
            tracing::error!(error = ?error, "the health of {id} can't be kept");
        }
    }

    /// Asks every worker how it is, again and again, until it is dropped.
    pub(super) async fn check_all(&self) {
        loop {
            tokio::time::sleep(CHECK_EVERY).await;
            let sessions: Vec<Session> = self.state().sessions.values().cloned().collect();
            for session in sessions {
                self.check(session.worker_id()).await;
            }
            self.check_machines(|_| true).await;
        }
    }

    /// Asks a worker how it is, and keeps the answer. It is given back in words.
    pub async fn check(&self, worker_id: &str) -> (HealthStatus, String) {
        if let Some(found) = self.check_machine(worker_id).await {
            return found;
        }
        let app = &self.inner.app;
        let found = match self.session(worker_id) {
            Some(session) => session
                .check()
                .await
                .map(|said| (judge(&said, app.now()), said.software)),
            None => Err(AskError::Gone),
        };
        let ((status, summary), software) = match found {
            Ok((judged, software)) => (judged, Some(software)),
            Err(AskError::Gone) => (
                (HealthStatus::Unavailable, "It is not connected.".to_owned()),
                None,
            ),
            Err(error) => ((HealthStatus::Unhealthy, error.to_string()), None),
        };
        let now = app.now().to_string();
        let noted = app.worker_note(worker_id, |worker| {
            worker.health_last_checked = Some(now.clone());
            if let Some(software) = &software {
                worker.version.clone_from(software);
            }
            worker.connection_found(Finding::new(status, summary.as_str()));
            true
        });
        if let Err(error) = noted.await {
            tracing::error!(error = ?error, "the health of {worker_id} can't be kept");
        }
        (status, summary)
    }

    /// Has a worker show another certificate. The old one counts until the new one was seen.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn renew(&self, worker_id: &str) -> Result<Thumbprint, AskError> {
        let session = self.session(worker_id).ok_or(AskError::Gone)?;
        let next = session.renew().await?;
        let text = next.as_str().to_owned();
        let noted = self.inner.app.worker_note(worker_id, |worker| {
            worker
                .endpoint
                .insert("NextThumbprint".to_owned(), text.clone().into());
            true
        });
        noted
            .await
            .map_err(|error| AskError::Own(error.to_string()))?;
        Ok(next)
    }
}

/// What a worker's words mean for its health.
pub(super) fn judge(said: &Condition, now: Timestamp) -> (HealthStatus, String) {
    let isolations: Vec<&str> = said
        .isolations
        .iter()
        .map(|isolation| match isolation {
            Isolation::Sandbox => "sandboxes",
            Isolation::Process => "native processes",
        })
        .collect();
    let offers = format!(
        "seawall {} offers {}; {} MiB are free on its disk.",
        said.software,
        isolations.join(" and "),
        said.free_disk_bytes >> 20
    );
    let bounded: Vec<String> = said
        .problems
        .iter()
        .take(8)
        .map(|problem| problem.chars().take(200).collect())
        .collect();
    if !bounded.is_empty() {
        return (
            HealthStatus::Unhealthy,
            format!("{}. {offers}", bounded.join("; ")),
        );
    }
    let skew = now.duration_since(said.now).abs();
    if skew > MAX_SKEW {
        let text = format!("Its clock differs by {} seconds. {offers}", skew.as_secs());
        return (HealthStatus::HasWarnings, text);
    }
    (HealthStatus::Healthy, offers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_says_is_judged() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a time");
        let fine = Condition {
            software: "1.0".to_owned(),
            now,
            isolations: vec![Isolation::Sandbox],
            free_disk_bytes: 10 << 30,
            ..Condition::default()
        };
        assert_eq!(judge(&fine, now).0, HealthStatus::Healthy);
        let late = Condition {
            now: "2026-11-24T11:54:00Z".parse().expect("a time"),
            ..fine.clone()
        };
        assert_eq!(judge(&late, now).0, HealthStatus::HasWarnings);
        let full = Condition {
            problems: vec!["only 3 MiB are free".to_owned()],
            ..fine
        };
        assert_eq!(judge(&full, now).0, HealthStatus::Unhealthy);
    }
}
