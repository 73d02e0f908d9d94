//! What the rest of the server asks of the connections to workers.

use async_trait::async_trait;

use super::discover;
use super::hub::Hub;
use super::identity::Thumbprint;
use crate::app::worker::{Discovered, WorkerLink};
use crate::model::health::HealthStatus;

#[async_trait]
impl WorkerLink for Hub {
    fn thumbprint(&self) -> Option<Thumbprint> {
        self.is_waiting().then(|| self.identity().thumbprint)
    }

    fn n_running(&self, worker_id: &str) -> usize {
        Hub::n_running(self, worker_id)
    }

    async fn check(&self, worker_id: &str) -> (HealthStatus, String) {
        Hub::check(self, worker_id).await
    }

    async fn discover(&self, what: Discovered, host: &str, port: u16) -> Result<String, String> {
        match what {
            Discovered::Agent => self.discover_agent((host, port)).await,
            Discovered::Ssh => discover::host_key((host, port)).await,
        }
    }

    async fn renew(&self, worker_id: &str) -> Result<Thumbprint, String> {
        Hub::renew(self, worker_id)
            .await
            .map_err(|error| error.to_string())
    }
}
