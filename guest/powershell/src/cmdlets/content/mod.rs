//! What files hold.

pub mod add_content;
pub mod clear_content;
pub mod file;
pub mod get_content;
pub mod put;
pub mod set_content;
