//! `#{Variables}` in text: parse once, evaluate against a lookup.
//!
//! The language is Octostache's, because our users know it:
//!
//! ```text
//! #{Name}                      replaced by the variable's value; names ignore case
//! #{Octopus.Action[Web].Url}   dotted and indexed; an index may be a substitution: #{A[#{B}]}
//! #{Json[0].Id}                into a variable that holds JSON
//! #{Name | Trim | ToUpper}     filtered; arguments are words, "text" or #{Name}
//! #{if A}…#{elseif B == "x"}…#{else}…#{/if}     #{unless A}…#{/unless}
//! #{each x in A}#{x.Name}#{/each}               over A[…], JSON, or a list with commas
//! ##{Name}                     an escape: prints #{Name}
//! ```
//!
//! A variable that doesn't exist leaves its token as written and is reported, never an error: a
//! deployment's author decides what that means. Values are templates themselves, so evaluation
//! recurses; depth and size are bounded, and a variable that reaches itself is an error.
//!
//! `calc` and filters that don't exist here are refused when a template is parsed. They are never
//! printed as literal text: a script that silently kept one would do the wrong thing far from here.
//!
//! Everything here is pure. Start with [`Template::parse`], then [`Template::evaluate`].

mod ast;
mod cursor;
mod element;
mod evaluate;
mod filter;
mod parse;

pub use ast::Template;
pub use cursor::Position;
pub use element::holds;
pub use evaluate::{Bounds, EvaluateError, Evaluated, Variables};
pub use parse::ParseError;

/// Folds a variable name for comparison: two names are the same variable when these are equal.
///
/// Octopus compares names without regard to case; so do policies, which use this too.
pub fn fold_name(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).collect()
}
