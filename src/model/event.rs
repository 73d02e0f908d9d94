//! Events: who did what, and when. Written in the same transaction as the change; never changed, never deleted.

use jiff::Timestamp;

/// One line of the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What was done: `Created`, `Modified`, `Deleted`, `DeploymentQueued` …
    pub category: String,
    /// `None` for what belongs to the server.
    pub space_id: Option<String>,
    pub user_id: String,
    pub username: String,
    /// How the user was known: the API key's id.
    pub identity: String,
    pub occurred_at: Timestamp,
    /// A sentence for people, without values that could be secret.
    pub message: String,
    /// The resources that it is about, the most important one first.
    pub related_ids: Vec<String>,
    pub user_agent: String,
    pub ip_address: String,
}
