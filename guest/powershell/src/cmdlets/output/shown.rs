//! Items shown at once, as at the end of a pipeline.

use crate::eval::{Args, Engine, Sink, Stage};
use crate::value::{R, Value};

/// `Out-Host` and `Out-Default`: what they show has nothing in common with what is shown before and after.
pub fn to_host(args: Args) -> R<Box<dyn Stage>> {
    Ok(Box::new(ToHost { args }))
}

struct ToHost {
    args: Args,
}

impl Stage for ToHost {
    fn begin(&mut self, engine: &mut Engine, _: &mut dyn Sink) -> R<()> {
        engine.printer.flush_pending()
    }

    fn process(&mut self, engine: &mut Engine, item: Value, _: &mut dyn Sink) -> R<()> {
        crate::format::show(engine, item)
    }

    fn end(&mut self, engine: &mut Engine, _: &mut dyn Sink) -> R<()> {
        for item in crate::cmdlets::inputs(&self.args, Vec::new()) {
            crate::format::show(engine, item)?;
        }
        engine.printer.flush_pending()
    }
}

/// What would be shown, in lines as wide as `-Width` says.
pub fn formatted(engine: &mut Engine, args: &Args, items: &[Value]) -> R<String> {
    let width = args
        .int("Width")?
        .map_or(crate::format::WIDTH, |n| n.max(2) as usize);
    // Null shows nothing, not even an empty line.
    let items: Vec<Value> = items
        .iter()
        .filter(|item| !item.is_null())
        .cloned()
        .collect();
    crate::format::text_of(engine, &items, width)
}
