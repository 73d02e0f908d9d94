//! Variables and aliases by name.

pub mod clear_variable;
pub mod get_alias;
pub mod get_variable;
pub mod named_scope;
pub mod new_alias;
pub mod new_variable;
pub mod remove_alias;
pub mod remove_variable;
pub mod set_alias;
pub mod set_variable;
pub mod shown;
