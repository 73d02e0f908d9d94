//! Why a use case did not do what was asked, by what the caller can do about it.

use crate::model::Invalid;
use crate::model::access::Permission;
use crate::store;

/// A use case that did nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No key, an unknown key, or one that opens nothing any more.
    #[error("the request is not authenticated: {0}")]
    Unauthenticated(&'static str),
    /// Too many failed attempts from one address.
    #[error("too many failed attempts to authenticate: try again in {retry_after_s} seconds")]
    Throttled {
        /// Seconds until the next attempt is looked at.
        retry_after_s: u64,
    },
    /// Known, but not allowed.
    #[error("you do not have permission to perform this action: {permission:?} is required")]
    Forbidden {
        /// What would have been needed.
        permission: Permission,
    },
    /// There is no such thing, or not where it was looked for.
    #[error("the {noun} `{id}` was not found")]
    NotFound {
        /// What was looked for.
        noun: &'static str,
        /// As it was asked for.
        id: String,
    },
    /// The request itself is wrong.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The request is right, and the state of things forbids it.
    #[error("{0}")]
    Conflict(String),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// One thing that is wrong with the request.
    pub fn invalid(problem: impl Into<String>) -> Self {
        Self::Invalid(Invalid::because(problem))
    }
}
