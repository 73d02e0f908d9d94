//! Values as people read them: default output, tables and lists, `-f` and number formats.

pub mod cell;
pub mod columns;
pub mod composite;
mod custom_number;
mod document;
mod grid;
pub mod layout;
pub mod number;
mod printer;
pub mod view;
mod wrap;

pub use document::PATIENCE;
pub use printer::{Printer, show, text_of};

/// What PowerShell assumes where there is no console.
pub const WIDTH: usize = 120;
