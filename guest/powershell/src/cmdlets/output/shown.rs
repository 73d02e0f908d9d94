//! Items shown at once, as at the end of a pipeline.

use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub fn to_host(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let items = match item {
        Some(item) => vec![item],
        None => args
            .value("InputObject")
            .map(|value| value.to_items())
            .unwrap_or_default(),
    };
    for item in items {
        crate::format::show(engine, item)?;
    }
    Ok(())
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
