//! Every failure as an answer: the only place that chooses status codes.
//!
//! The body is Octopus's: `ErrorMessage`, and `Errors` with one entry per problem. What failed inside is logged
//! with a request id, and the client gets the id.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::{self, random};
use crate::store;

/// A request that is answered with an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error(transparent)]
    App(#[from] app::Error),
    #[error("There is nothing at `{path}`.")]
    NoRoute { path: String },
    #[error("This resource does not support that method.")]
    MethodNotAllowed,
    #[error("The body is not valid: {0}")]
    BadBody(String),
    #[error("The query parameter `{name}` is not valid: {problem}")]
    BadQuery { name: &'static str, problem: String },
    #[error("The path is not valid: {0}")]
    BadPath(String),
    #[error("The body is larger than {max_bytes} bytes.")]
    TooLarge { max_bytes: usize },
    #[error("The body must be `application/json`.")]
    NotJson,
    #[error("The request took too long to arrive.")]
    TooSlow,
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        Self::App(error.into())
    }
}

/// What a client learns.
struct Answer {
    status: StatusCode,
    message: String,
    errors: Vec<String>,
}

impl Answer {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            errors: Vec::new(),
        }
    }

    /// The message once more as the only entry: some clients print one, some the other.
    fn repeated(mut self) -> Self {
        self.errors.push(self.message.clone());
        self
    }
}

impl ApiError {
    fn answer(&self) -> Answer {
        let text = self.to_string();
        match self {
            Self::App(error) => app_answer(error),
            Self::NoRoute { path: _ } => Answer::new(StatusCode::NOT_FOUND, text),
            Self::MethodNotAllowed => Answer::new(StatusCode::METHOD_NOT_ALLOWED, text),
            Self::BadBody(_) | Self::BadQuery { .. } | Self::BadPath(_) => {
                Answer::new(StatusCode::BAD_REQUEST, text).repeated()
            }
            Self::TooLarge { max_bytes: _ } => Answer::new(StatusCode::PAYLOAD_TOO_LARGE, text),
            Self::NotJson => Answer::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text),
            Self::TooSlow => Answer::new(StatusCode::REQUEST_TIMEOUT, text),
        }
    }
}

fn app_answer(error: &app::Error) -> Answer {
    let text = sentence(&error.to_string());
    match error {
        app::Error::Unauthenticated(_) => Answer::new(
            StatusCode::UNAUTHORIZED,
            "You must be logged in to request this resource. Please provide a valid API key.",
        ),
        app::Error::Throttled { retry_after_s: _ } => {
            Answer::new(StatusCode::TOO_MANY_REQUESTS, text)
        }
        app::Error::Forbidden { permission: _ } => Answer::new(StatusCode::FORBIDDEN, text),
        app::Error::NotFound { noun, id } => Answer::new(
            StatusCode::NOT_FOUND,
            format!("The resource you requested was not found: there is no {noun} `{id}`."),
        ),
        app::Error::Invalid(invalid) => Answer {
            status: StatusCode::BAD_REQUEST,
            message: "There was a problem with your request.".to_owned(),
            errors: invalid.0.clone(),
        },
        app::Error::Conflict(_) => Answer::new(StatusCode::CONFLICT, text).repeated(),
        app::Error::Store(error) => store_answer(error, text),
    }
}

fn store_answer(error: &store::Error, text: String) -> Answer {
    match error {
        store::Error::Stale { id: _ } => Answer::new(StatusCode::CONFLICT, text).repeated(),
        store::Error::NameTaken { noun: _, name: _ } => {
            let mut answer = Answer::new(
                StatusCode::BAD_REQUEST,
                "There was a problem with your request.",
            );
            answer.errors.push(text);
            answer
        }
        store::Error::Full => Answer::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "The disk of the server's data directory is full: nothing was changed. Make room, and try again.",
        )
        .repeated(),
        store::Error::Unavailable(_) | store::Error::Closed => internal(
            error,
            StatusCode::SERVICE_UNAVAILABLE,
            "The server can't store or read anything at the moment",
        ),
        store::Error::Corrupt { .. }
        | store::Error::Directory { .. }
        | store::Error::Locked { .. }
        | store::Error::UnknownMigration { .. } => internal(
            error,
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong inside the server",
        ),
    }
}

/// Logged whole, told by number.
fn internal(error: &store::Error, status: StatusCode, message: &str) -> Answer {
    let request_id = random::uuid().unwrap_or_default();
    tracing::error!(error = ?error, %request_id, "a request failed");
    Answer::new(status, format!("{message}. Request id: {request_id}"))
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    let mut text: String = first.into_iter().flatten().chain(chars).collect();
    if !text.ends_with(['.', '?', '!']) {
        text.push('.');
    }
    text
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Answer {
            status,
            message,
            errors,
        } = self.answer();
        let body = Json(json!({ "ErrorMessage": message, "Errors": errors }));
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        if let Self::App(app::Error::Throttled { retry_after_s }) = self {
            headers.insert(header::RETRY_AFTER, retry_after_s.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
