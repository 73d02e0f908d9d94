//! Packages: what their names say, and archives that nobody trusts.
//!
//! ```text
//!  Acme.Web.1.4.2.zip ─► name: id, version, kind
//!  the archive ─► archive::check: refuses before it is kept ─► archive::extract: into a directory, by capability
//!  what is unpacked ─► selection: which files ─► structured: variables into JSON ─► install: a copy that stays
//! ```
//!
//! Reads zip, nupkg and tar.gz with well-known crates; writes only beneath the directory that it is given.

pub mod archive;
pub mod install;
pub mod name;
pub mod selection;
pub mod structured;

pub use archive::{ArchiveError, Bounds, check, extract};
pub use name::{Format, NameError, PackageName};
