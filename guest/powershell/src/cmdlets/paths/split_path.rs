//! `Split-Path`: a part of a path. Left out: drives: there are none.
//!
//! [Split-Path](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/split-path)

use crate::cmdlets::paths::given::given;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Split-Path",
    aliases: &[],
    params: "Path@0|^ LiteralPath/PSPath/LP^ Parent? Leaf? LeafBase? Extension? Qualifier? NoQualifier? IsAbsolute? Resolve?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in given(args, item.as_ref()) {
        let path = if args.switch("Resolve") {
            place::absolute(&engine.location, &path)
        } else {
            path.replace('\\', "/")
        };
        let trimmed = if path.len() > 1 {
            path.trim_end_matches('/')
        } else {
            &path
        };
        let leaf = place::file_name(trimmed);
        let value = if args.switch("Leaf") {
            Value::from(leaf)
        } else if args.switch("LeafBase") {
            Value::from(crate::types::path::stem(leaf))
        } else if args.switch("Extension") {
            Value::from(crate::types::path::extension(leaf))
        } else if args.switch("IsAbsolute") {
            Value::Bool(path.starts_with('/'))
        } else if args.switch("Qualifier") || args.switch("NoQualifier") {
            Value::from(if args.switch("Qualifier") {
                ""
            } else {
                path.as_str()
            })
        } else {
            Value::from(place::parent(trimmed))
        };
        out.put(engine, value)?;
    }
    Ok(())
}
