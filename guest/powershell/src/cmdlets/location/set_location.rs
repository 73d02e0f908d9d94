//! `Set-Location`: goes to a folder. Left out: `-StackName`, drives.
//!
//! [Set-Location](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/set-location)

use crate::cmdlets::location::visit::{go, path_given};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::path_info::PathInfo;
use crate::value::{Ctl, R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-Location",
    aliases: &["cd", "chdir", "sl"],
    params: "Path@0| LiteralPath/PSPath/LP PassThru?",
    run: Run::Each(run),
};

/// How many folders are remembered.
const HISTORY: usize = 20;

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    match args.text("Path").as_deref() {
        Some("-") => back(engine)?,
        Some("+") => forth(engine)?,
        _ => change(engine, args, item)?,
    }
    if args.switch("PassThru") {
        let value = PathInfo::value(&engine.location);
        out.put(engine, value)?;
    }
    Ok(())
}

/// `Set-Location -`
fn back(engine: &mut Engine) -> R<()> {
    let Some(path) = engine.location_history.0.pop() else {
        return Err(nothing_left("backwards"));
    };
    let here = std::mem::replace(&mut engine.location, path);
    engine.location_history.1.push(here);
    Ok(())
}

/// `Set-Location +`
fn forth(engine: &mut Engine) -> R<()> {
    let Some(path) = engine.location_history.1.pop() else {
        return Err(nothing_left("forwards"));
    };
    let here = std::mem::replace(&mut engine.location, path);
    engine.location_history.0.push(here);
    Ok(())
}

fn nothing_left(direction: &str) -> Ctl {
    fail(
        "System.InvalidOperationException",
        "System.InvalidOperationException",
        format!("There is no location history left to navigate {direction}."),
    )
}

fn change(engine: &mut Engine, args: &Args, item: Option<Value>) -> R<()> {
    let before = engine.location.clone();
    let path = path_given(args, item).unwrap_or_else(place::home);
    if go(engine, &path)? {
        let (past, future) = &mut engine.location_history;
        past.push(before);
        if past.len() > HISTORY {
            past.remove(0);
        }
        future.clear();
    }
    Ok(())
}
