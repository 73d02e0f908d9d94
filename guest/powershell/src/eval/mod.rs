//! Running a checked script: scopes, operators, statements, functions, pipelines, errors.
//!
//! [`Engine`] holds the state of one run; `eval` gives an expression's value, `run_block` puts a block's output into
//! a [`Sink`], item by item, so that pipelines stream. Whatever ends early travels as [`Ctl`](crate::value::Ctl).

mod accessor;
pub mod arith;
mod assign;
mod binding;
mod bits;
mod bound;
mod call;
pub mod class;
pub mod closure;
mod cmdlet;
mod command;
mod compound;
mod condition;
mod defaults;
mod define;
mod delay_bound;
mod element;
mod engine;
mod errors;
mod expr;
pub mod groups;
mod members;
pub mod method;
pub mod module;
mod objection;
mod operator;
mod overload;
mod own_types;
mod param;
mod param_sets;
pub mod pattern;
mod per_item;
mod piped;
mod pipeline;
pub mod preferences;
pub mod property;
mod quiet;
mod scope;
mod settings;
mod split;
mod stage;
mod statement;
mod statics;
mod streams;
mod switch;
pub mod type_data;
mod typed;
mod unset;
mod validate;
pub mod variable;

pub use binding::{ArgValue, Args, ambiguous, missing, path_of};
pub use command::find_cmdlet;
pub use element::{cannot_index, outside};
pub use engine::{Engine, Frame};
pub use errors::{error_text, refusal_text};
pub use param::{alias_names, aliases};
pub use pipeline::{Discard, Sink, Stage};
pub use scope::{Function, Scope, ScopeKind, Var};
pub use streams::{Action, Dest, Streams};

/// Calls within calls. More is PowerShell's "call depth overflow"; the stacks hold half as many again.
pub const MAX_CALL_DEPTH: usize = 400;
