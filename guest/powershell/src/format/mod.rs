//! Values as people read them: default output, tables and lists, `-f` and number formats.

pub mod cell;
pub mod composite;
pub mod layout;
pub mod number;
mod printer;
pub mod view;

use std::cell::Cell;

pub use printer::{Printer, show, text_of};

/// What PowerShell assumes where there is no console.
const WIDTH: usize = 120;

thread_local! {
    static CURRENT: Cell<usize> = const { Cell::new(WIDTH) };
}

/// How wide a line may be.
pub fn width() -> usize {
    CURRENT.get()
}

/// Formats with lines as wide as `-Width` asks for: at least 2, as PowerShell wants.
pub fn with_width<T>(width: Option<usize>, format: impl FnOnce() -> T) -> T {
    let before = CURRENT.replace(width.unwrap_or(WIDTH).max(2));
    let result = format();
    CURRENT.set(before);
    result
}
