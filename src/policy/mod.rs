//! What a script may touch: a file asks, a ceiling bounds, the two meet in [`Grants`].
//!
//! ```text
//! policy file ──parse──► Policy ─┐
//!                                ├─ grants() ─► Grants ─► plan ─► worker enforces
//! ceiling file ─parse──► Policy ─┘               │
//!                                                ├─ decide …() ─► the rule, or a Denial
//!                                                └─ explain()  ─► the same answer, for people
//! what a run used ──────────────── write_policy() ─► the smallest policy file
//! ```
//!
//! Everything here is pure: text and values in, values out; no files, no clock, no name is resolved.
//! So the same code answers `seawall policy explain`, the dry run and the sandbox.
//!
//! What holds:
//! - Nothing is granted that no line grants, and an unknown key is an error. Adding a rule only widens.
//! - A rule says everything it grants: there is no default port, method or path.
//! - Names, paths and addresses are compared in one canonical form ([`Host`], [`NormalPath`],
//!   [`MountPath`]); a spelling with two readings is refused, not interpreted.
//! - A [`Grants`] within a ceiling is never wider than it. No secret is in one, only templates.
//! - Every denial says what was tried, which line decided, and which lines would allow it; the same
//!   lines are what `--learn` writes, and they parse.
//!
//! Deliberately absent: deny rules (what isn't granted is denied, so there is no precedence to get
//! wrong), regular expressions, includes, and any reference to the world outside the file.
//!
//! The language itself is described once, by the tables in [`keys`] and [`limits`](limit_keys); the
//! reference in `policies/README.md` is made from them. Start with [`parse()`], then [`grants()`].

mod address;
mod breadth;
mod ceiling;
mod denial;
mod document;
mod explain;
mod files;
mod fix;
mod glob;
mod grants;
mod host;
pub mod keys;
mod learn;
mod limits;
mod mount;
mod network;
mod network_denial;
mod network_index;
mod origin;
mod parse;
mod path_pattern;
mod path_tree;
mod problem;
mod quantity;
mod query;
mod url_path;
mod variables;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod laws;

pub use address::AddressClass;
pub use ceiling::{Excess, OutsideCeiling};
pub use denial::{Denial, DenialKind};
pub use document::{Digest, InBand, MessagesRule, NativeProcesses, Policy, ProcessRule};
pub use explain::{Explanation, Verdict, explain};
pub use files::{Access, FileGrant, FileGrants, FileSource, SourceError};
pub use glob::Glob;
pub use grants::{Grants, PolicyIdentity, grants};
pub use host::{Host, HostError, HostName};
pub use learn::{Use, write_policy};
pub use limits::{Limit, LimitError, LimitKey, Limits, LimitsAsked, limit_keys};
pub use mount::{HostPath, MountError, MountPath};
pub use network::{
    HeaderError, HeaderName, HostPattern, HostPatternError, HttpRequest, Injection, Method,
    MethodError, NetworkRule, Scheme, Traffic,
};
pub use network_index::NetworkGrants;
pub use origin::{Origin, SourceName};
pub use parse::{parse, parse_ceiling};
pub use path_pattern::{PathPattern, PatternError};
pub use problem::{PolicyError, Problem, Warning};
pub use quantity::{ByteRate, Bytes, Quantity, QuantityError, parse_duration};
pub use query::{Query, QueryError};
pub use url_path::{NormalPath, PathError};
pub use variables::{
    EnvGrant, EnvName, EnvNameError, VariableError, VariableGrants, VariablePattern, VariableRule,
};
