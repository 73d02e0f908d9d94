//! Packages: what their names say, and archives that nobody trusts.
//!
//! ```text
//!  Acme.Web.1.4.2.zip ─► name: id, version, kind
//!  the archive ─► archive::check: refuses before it is kept ─► archive::extract: into a directory, by capability
//! ```
//!
//! Reads zip, nupkg and tar.gz with well-known crates; writes only beneath the directory that it is given.

pub mod archive;
pub mod name;

pub use archive::{ArchiveError, Bounds, check, extract};
pub use name::{Format, NameError, PackageName};
