//! `Test-Json`: whether a text is JSON. Left out: schemas.
//!
//! [Test-Json](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/test-json)

use serde_json::Value as Json;

use crate::cmdlets::paths::given::resolved;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Test-Json",
    aliases: &[],
    params: "Json@0|^ Path^ LiteralPath/PSPath/LP^",
    run: Run::Whole(run),
};

/// The texts of files.
fn read(paths: Vec<String>) -> R<Vec<Value>> {
    let read = |path: String| place::read_text(&path).map_err(|error| place::fault(&error, &path));
    paths
        .into_iter()
        .map(|path| Ok(Value::from(read(path)?)))
        .collect()
}

/// What a pipe gives: texts, and files for what is in them.
fn texts(engine: &mut Engine, args: &Args, input: Vec<Value>) -> R<Vec<Value>> {
    let mut found = Vec::with_capacity(input.len());
    for item in input {
        match item.downcast::<FileInfo>() {
            Some(_) => found.extend(read(resolved(engine, args, Some(&item))?)?),
            None => found.push(item),
        }
    }
    Ok(found)
}

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = if args.has_input {
        texts(engine, args, input)?
    } else if args.has("Json") {
        vec![args.required("Json")?]
    } else {
        read(resolved(engine, args, None)?)?
    };
    for item in items {
        let is_json = serde_json::from_str::<Json>(&item.text()).is_ok();
        if !is_json {
            engine.soft_error(
                "System.Exception",
                "InvalidJson",
                "InvalidData",
                "The JSON is not valid.",
                item,
            )?;
        }
        out.put(engine, Value::Bool(is_json))?;
    }
    Ok(())
}
