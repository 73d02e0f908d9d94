//! The cmdlets: each has a file of its own, in the folder of its family, with its name, aliases, parameters and code.
//!
//! To add one: copy the file of a cmdlet that takes its input in the same way ([`Run`]), write its [`Cmdlet`], add its
//! `mod` line to its family and its line to [`table::CMDLETS`], write cases for it, and replace the README's tables by
//! what `powershell --readme` prints. What several cmdlets of a family need is a file beside them, named for what it is.

mod cmdlet;
pub mod needed;
mod parameter;
pub mod ranges;
mod table;
pub mod words;

pub mod archive;
pub mod code;
pub mod content;
pub mod data;
pub mod date;
pub mod format;
pub mod items;
pub mod location;
pub mod objects;
pub mod octopus;
pub mod output;
pub mod paths;
pub mod secret;
pub mod system;
pub mod variables;
pub mod web;
pub mod write;

pub use cmdlet::{Cmdlet, EachFn, Run, WholeFn, find, input_or_one, inputs};
pub use parameter::{Parameter, parameter};
pub use table::CMDLETS;
