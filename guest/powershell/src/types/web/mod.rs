//! .NET's ways to ask a server: `WebClient`, `WebRequest` and, in [`http`], `HttpClient`; and the collections of names that
//! go with them.
//!
//! Every request leaves by [`crate::http`], so the policy decides on it as on one of `Invoke-WebRequest`. Left out: events, proxies
//! (none is ever asked), cookies and client certificates; of the older two what is asynchronous.

pub mod client;
mod failure;
pub mod http;
mod name_values;
mod proxy;
pub mod query;
pub mod request;
mod response;

pub use name_values::{NAME_VALUES, WEB_HEADERS};
pub use proxy::{CREDENTIAL_CACHE, DEFAULT_PROXY, check as check_proxy};
