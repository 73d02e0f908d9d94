//! The routes as a table: registered with axum, and remembered for the API's description.

use axum::Router;
use axum::http::Method;
use axum::routing::MethodRouter;
use schemars::JsonSchema;
use serde_json::Value;

use super::schema::{self, Schemas};
use crate::app::App;

/// Routes, and what is known about them.
#[derive(Default)]
pub(super) struct Table {
    pub(super) router: Router<App>,
    pub(super) operations: Vec<Operation>,
    pub(super) schemas: Schemas,
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
    /// The schema of its body; anything if it is `None`.
    pub(super) takes: Option<Value>,
    /// The schema of what it answers; anything if it is `None`.
    pub(super) gives: Option<Value>,
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
            takes: None,
            gives: None,
        });
        self
    }

    /// The operation that was added last takes a `T`.
    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        let schema = self.schemas.of::<T>();
        if let Some(last) = self.operations.last_mut() {
            last.takes = Some(schema);
        }
        self
    }

    /// The operation that was added last gives a `T`.
    pub(super) fn gives<T: JsonSchema>(self) -> Self {
        self.gives_as::<T>(Value::clone)
    }

    /// The operation that was added last gives a page of `T`s.
    pub(super) fn gives_page<T: JsonSchema>(self) -> Self {
        self.gives_as::<T>(schema::page)
    }

    /// The operation that was added last gives a bare array of `T`s.
    pub(super) fn gives_array<T: JsonSchema>(self) -> Self {
        self.gives_as::<T>(schema::array)
    }

    fn gives_as<T: JsonSchema>(mut self, shape: fn(&Value) -> Value) -> Self {
        let schema = shape(&self.schemas.of::<T>());
        if let Some(last) = self.operations.last_mut() {
            last.gives = Some(schema);
        }
        self
    }
}
