//! `Write-*`: output and the other streams.

pub mod message;
pub mod write_debug;
pub mod write_error;
pub mod write_host;
pub mod write_information;
pub mod write_output;
pub mod write_progress;
pub mod write_verbose;
pub mod write_warning;
