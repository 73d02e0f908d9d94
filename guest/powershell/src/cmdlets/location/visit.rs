//! Going to a folder.

use crate::cmdlets::paths::drive;
use crate::eval::{Args, Engine};
use crate::place;
use crate::value::{R, Value};

pub fn go(engine: &mut Engine, path: &str) -> R<bool> {
    if drive::is_missing(engine, path)? {
        return Ok(false);
    }
    let full = place::absolute(&engine.location, path);
    if !place::is_folder(&full) {
        engine.path_not_found(path)?;
        return Ok(false);
    }
    engine.location = full;
    Ok(true)
}

pub fn path_given(args: &Args, item: Option<Value>) -> Option<String> {
    item.map(|item| crate::eval::path_of(&item))
        .or_else(|| args.paths("Path").pop())
        .or_else(|| args.paths("LiteralPath").pop())
}
