//! Waiting, chance, cultures and the host.

pub mod get_culture;
pub mod get_host;
pub mod get_random;
pub mod new_guid;
pub mod new_temporaryfile;
pub mod start_sleep;
