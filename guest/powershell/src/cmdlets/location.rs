//! `Get-Location`, `Set-Location`, `Push-Location`, `Pop-Location`.

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::path_info::PathInfo;
use crate::value::{R, Value};

pub const GET: Cmdlet = Cmdlet {
    name: "Get-Location",
    aliases: &["gl", "pwd"],
    params: "Stack?",
    run: Run::Each(get),
};
pub const SET: Cmdlet = Cmdlet {
    name: "Set-Location",
    aliases: &["cd", "chdir", "sl"],
    params: "Path@0| LiteralPath/PSPath/LP PassThru?",
    run: Run::Each(set),
};
pub const PUSH: Cmdlet = Cmdlet {
    name: "Push-Location",
    aliases: &["pushd"],
    params: "Path@0| LiteralPath/PSPath/LP StackName",
    run: Run::Each(push),
};
pub const POP: Cmdlet = Cmdlet {
    name: "Pop-Location",
    aliases: &["popd"],
    params: "StackName PassThru?",
    run: Run::Each(pop),
};

fn get(engine: &mut Engine, _: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let value = PathInfo::value(&engine.location);
    out.put(engine, value)
}

fn go(engine: &mut Engine, path: &str) -> R<bool> {
    let full = place::absolute(&engine.location, path);
    if !place::is_folder(&full) {
        engine.path_not_found(path)?;
        return Ok(false);
    }
    engine.location = full;
    Ok(true)
}

fn path_given(args: &Args, item: Option<Value>) -> Option<String> {
    item.map(|item| crate::eval::path_of(&item))
        .or_else(|| args.paths("Path").pop())
        .or_else(|| args.paths("LiteralPath").pop())
}

fn set(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let path = path_given(args, item).unwrap_or_else(place::home);
    if go(engine, &path)? && args.switch("PassThru") {
        let value = PathInfo::value(&engine.location);
        out.put(engine, value)?;
    }
    Ok(())
}

fn push(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let before = engine.location.clone();
    let is_there = match path_given(args, item) {
        Some(path) => go(engine, &path)?,
        None => true,
    };
    if is_there {
        engine.location_stack.push(before);
    }
    Ok(())
}

fn pop(engine: &mut Engine, _: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    if let Some(path) = engine.location_stack.pop() {
        engine.location = path;
    }
    Ok(())
}
