//! The text that a `Write-*` cmdlet was given.

use crate::eval::{Args, Engine};
use crate::value::{R, Value};

pub fn message(engine: &mut Engine, args: &Args, item: Option<Value>, name: &str) -> R<String> {
    let value = item.or_else(|| args.get(name).cloned()).unwrap_or_default();
    engine.text(&value)
}
