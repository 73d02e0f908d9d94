//! Layouts that are asked for.

pub mod format_list;
pub mod format_table;
pub mod format_wide;
pub mod rows;
