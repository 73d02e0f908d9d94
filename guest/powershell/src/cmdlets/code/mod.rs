//! Running code, modules, and asking what there is.

pub mod add_type;
pub mod export_modulemember;
pub mod get_command;
pub mod get_module;
pub mod import_module;
pub mod invoke_command;
pub mod invoke_expression;
pub mod measure_command;
pub mod remove_module;
pub mod set_strictmode;
