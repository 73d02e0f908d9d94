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
    pub(super) takes: Takes,
    /// A parameter of the query that it can't do without.
    pub(super) needs: Option<&'static str>,
    /// The schema of what it answers; anything if it is `None`.
    pub(super) gives: Option<Value>,
}

/// What a body is, where there is one.
#[derive(Debug, Clone)]
pub(super) enum Takes {
    /// Nothing, or any JSON.
    Anything,
    /// JSON with this schema.
    Json(Value),
    /// A form with one file in it.
    File,
    /// Bytes as they are.
    Bytes,
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
            takes: Takes::Anything,
            needs: None,
            gives: None,
        });
        self
    }

    /// The operation that was added last takes a `T`.
    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        let schema = self.schemas.of::<T>();
        if let Some(last) = self.operations.last_mut() {
            last.takes = Takes::Json(schema);
        }
        self
    }

    /// The operation that was added last takes a file.
    pub(super) fn takes_file(mut self) -> Self {
        if let Some(last) = self.operations.last_mut() {
            last.takes = Takes::File;
        }
        self
    }

    /// The operation that was added last takes bytes.
    pub(super) fn takes_bytes(mut self) -> Self {
        if let Some(last) = self.operations.last_mut() {
            last.takes = Takes::Bytes;
        }
        self
    }

    /// The operation that was added last is refused without this parameter of the query.
    pub(super) fn needs(mut self, parameter: &'static str) -> Self {
        if let Some(last) = self.operations.last_mut() {
            last.needs = Some(parameter);
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
