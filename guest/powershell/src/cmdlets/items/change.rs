//! What the cmdlets that change items have in common: `-WhatIf`, faults, where things go.

use crate::eval::{Args, Engine};
use crate::place;
use crate::value::{R, Value, refuse};

pub fn io(engine: &mut Engine, path: &str, result: std::io::Result<()>) -> R<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) => {
            let (kind, id, message) = place::fault_parts(&error, path);
            engine.soft_error(kind, id, "WriteError", message, Value::from(path))?;
            Ok(false)
        }
    }
}

/// Why `-Confirm` is refused.
pub const CONFIRM: &str =
    "-Confirm is not supported: there is nobody to ask. Use -Confirm:$false or -WhatIf.";

/// `-WhatIf`: says what would be done, and that it isn't; `-Verbose`: says what is done.
///
/// `-Confirm` is refused: there is nobody to ask.
pub fn is_dry(engine: &mut Engine, args: &Args, action: &str, target: &str) -> R<bool> {
    if args.switch("Confirm") {
        return Err(refuse(CONFIRM));
    }
    let is_dry = args.switch("WhatIf")
        || engine
            .variable_by_name("WhatIfPreference")
            .is_some_and(|value| crate::value::to_bool(&value));
    if is_dry {
        engine.host(
            &format!("What if: Performing the operation \"{action}\" on target \"{target}\"."),
            true,
        )?;
    } else if engine.shows_verbose() {
        engine.verbose(&format!(
            "Performing the operation \"{action}\" on target \"{target}\"."
        ))?;
    }
    Ok(is_dry)
}

/// Whether `path` is the item or below it: to copy or move it there would never end, or lose it.
pub fn is_within(path: &str, item: &str) -> bool {
    let below = path.strip_prefix(item.trim_end_matches('/'));
    below.is_some_and(|below| below.is_empty() || below.starts_with('/') && place::is_folder(item))
}

/// Where an item goes: into the destination if that is a folder.
pub fn target(engine: &Engine, args: &Args, from: &str) -> String {
    let to = place::absolute(
        &engine.location,
        &args.text("Destination").unwrap_or_else(|| ".".to_owned()),
    );
    if place::is_folder(&to) {
        into(&to, place::file_name(from))
    } else {
        to
    }
}

/// The path of something in a folder.
pub fn into(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}
