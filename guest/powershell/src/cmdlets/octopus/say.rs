//! A line at one of Octopus's levels.

use crate::eval::{Args, Engine};
use crate::octopus::level;
use crate::value::{R, Value};

pub fn say(engine: &mut Engine, args: &Args, item: Option<Value>, name: &str) -> R<()> {
    engine.printer.flush_pending()?;
    let value = item.or_else(|| args.value("Message")).unwrap_or_default();
    let text = engine.text(&value)?;
    level::at(name, &text);
    Ok(())
}
