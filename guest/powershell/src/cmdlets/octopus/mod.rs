//! Octopus's PowerShell helpers.

pub mod fail_step;
pub mod new_octopusartifact;
pub mod say;
pub mod set_octopusvariable;
pub mod update_progress;
pub mod write_highlight;
pub mod write_wait;
