//! Objects in a pipeline: filtered, sorted, grouped, measured, made.

pub mod add_member;
pub mod compare_object;
pub mod foreach_object;
pub mod get_member;
pub mod get_unique;
pub mod group_object;
pub mod measure_object;
pub mod member;
pub mod new_object;
pub mod order;
pub mod remove_typedata;
pub mod select_object;
pub mod selector;
pub mod sort_object;
pub mod tee_object;
pub mod update_typedata;
pub mod where_object;
