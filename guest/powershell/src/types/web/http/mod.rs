//! `System.Net.Http`: `HttpClient` with its messages, contents and headers.
//!
//! There is one thing after the other here: a task is done when it is there, and its result needs no waiting. Left out:
//! cookies, client certificates, message handlers of a script's own, progress.

pub mod client;
pub mod content;
pub mod handler;
mod header_value;
mod headers;
pub mod message;
mod task;

pub use header_value::{AUTHENTICATION, DISPOSITION, MEDIA_TYPE, PRODUCT, QUALITY};
