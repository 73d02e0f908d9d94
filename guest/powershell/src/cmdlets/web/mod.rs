//! HTTP requests.

pub mod error_body;
pub mod invoke_restmethod;
pub mod invoke_webrequest;
pub mod reason;
pub mod request;
pub mod response;
pub mod shown;
