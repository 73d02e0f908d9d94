//! The routes as a table: registered with axum, and remembered for the API's description.

use axum::Router;
use axum::http::Method;
use axum::routing::MethodRouter;

use crate::app::App;

/// Routes, and what is known about them.
#[derive(Default)]
pub(super) struct Table {
    pub(super) router: Router<App>,
    pub(super) operations: Vec<Operation>,
}

/// One method of one path.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) method: Method,
    /// As axum has it: `/api/projects/{id}`.
    pub(super) path: String,
    /// One sentence.
    pub(super) summary: String,
    pub(super) scope: Scope,
}

/// Which forms of the path exist, and who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Of the server; a space in the path is accepted.
    Server,
    /// In a space; the default one when the path names none.
    Space,
    /// For anybody, without a key.
    Anonymous,
}

impl Table {
    /// Adds one operation.
    pub(super) fn add(
        mut self,
        method: Method,
        path: &str,
        scope: Scope,
        summary: &str,
        handler: MethodRouter<App>,
    ) -> Self {
        self.router = self.router.route(path, handler);
        self.operations.push(Operation {
            method,
            path: path.to_owned(),
            summary: summary.to_owned(),
            scope,
        });
        self
    }
}
