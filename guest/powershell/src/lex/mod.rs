//! Characters to words: what the parser asks for, in whichever of PowerShell's two modes it is.
//!
//! PowerShell's tokens depend on where they stand (expression or argument), so there is no token list: the parser
//! drives a [`Cursor`] and asks for a name, a number or a string where one may come.

mod cursor;
pub mod number;
pub mod word;

pub use cursor::{Cursor, Part, Span};
