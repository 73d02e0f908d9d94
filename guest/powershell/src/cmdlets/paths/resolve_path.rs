//! `Resolve-Path`: the full paths that a path or wildcard means.
//!
//! [Resolve-Path](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/resolve-path)

use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::path_info::PathInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Resolve-Path",
    aliases: &["rvpa"],
    params: "Path@0|^ LiteralPath/PSPath/LP^ Relative? RelativeBasePath",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in resolved(engine, args, item.as_ref())? {
        let value = if args.switch("Relative") {
            let base = args.text("RelativeBasePath").map_or_else(
                || engine.location.clone(),
                |base| place::absolute(&engine.location, &base),
            );
            let relative = crate::types::path::relative(&base, &path);
            let is_above = relative == "." || relative == ".." || relative.starts_with("../");
            Value::from(if is_above {
                relative
            } else {
                format!("./{relative}")
            })
        } else {
            PathInfo::value(&path)
        };
        out.put(engine, value)?;
    }
    Ok(())
}
