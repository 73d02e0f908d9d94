//! Files and folders as items.

pub mod change;
pub mod clear_item;
pub mod copy_item;
pub mod get_childitem;
pub mod get_filehash;
pub mod get_item;
pub mod item_kind;
pub mod mkdir;
pub mod move_item;
pub mod new_item;
pub mod remove_item;
pub mod rename_item;
pub mod selection;
pub mod set_item;
