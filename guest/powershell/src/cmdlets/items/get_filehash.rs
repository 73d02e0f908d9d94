//! `Get-FileHash`: digests of files, and of what is left of a stream in memory.
//!
//! [Get-FileHash](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-filehash)

use crate::cmdlets::paths::given::given;
use crate::cmdlets::paths::{drive, named_item};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::pattern::has_wildcards;
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::text_io::memory_stream::MemoryStream;
use crate::value::{Object, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-FileHash",
    aliases: &[],
    params: "Path@0|^ LiteralPath/PSPath/LP^ InputStream^ Algorithm@1",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let algorithm = args
        .text("Algorithm")
        .unwrap_or_else(|| "SHA256".to_owned());
    if let Some(stream) = args.value("InputStream") {
        let Some(stream) = stream.downcast::<MemoryStream>() else {
            return Err(crate::value::argument_error(
                "InputStream",
                "Only a System.IO.MemoryStream can be an input stream here.",
            ));
        };
        stream.is_open()?;
        return out.put(engine, hash(&algorithm, &stream.rest(), Value::Null));
    }
    for path in there(engine, args, item.as_ref())? {
        let bytes = match std::fs::read(place::real(&path)) {
            Ok(bytes) => bytes,
            Err(error) => {
                let (kind, _, message) = place::fault_parts(&error, &path);
                let (id, category) = match kind {
                    "System.UnauthorizedAccessException" => {
                        ("UnauthorizedAccessError", "InvalidData")
                    }
                    _ => ("FileReadError", "ReadError"),
                };
                engine.soft_error(kind, id, category, message, Value::from(path.as_str()))?;
                continue;
            }
        };
        out.put(engine, hash(&algorithm, &bytes, Value::from(path)))?;
    }
    Ok(())
}

/// The files that were given; one that isn't there is reported.
fn there(engine: &mut Engine, args: &Args, item: Option<&Value>) -> R<Vec<String>> {
    let mut found = Vec::new();
    for path in given(args, item) {
        if named_item::is_named(args, &path)? || drive::is_missing(engine, &path)? {
            continue;
        }
        let full = place::absolute(&engine.location, &path);
        let is_literal = args.has("LiteralPath");
        if !is_literal && has_wildcards(&path) {
            found.extend(place::glob(&engine.location, &path));
        } else if place::exists(&full) {
            found.push(full);
        } else {
            let (kind, message) = match is_literal {
                true => (
                    "System.IO.FileNotFoundException",
                    format!("Could not find file '{full}'."),
                ),
                false => (
                    "System.Management.Automation.ItemNotFoundException",
                    format!("Cannot find path '{full}' because it does not exist."),
                ),
            };
            let target = Value::from(path.as_str());
            engine.soft_error(kind, "FileNotFound", "ObjectNotFound", message, target)?;
        }
    }
    Ok(found)
}

fn hash(algorithm: &str, bytes: &[u8], path: Value) -> Value {
    let digest = crate::types::hashing::digest(algorithm, bytes)
        .expect("every word that -Algorithm takes is a digest");
    let hex: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    Object::with(
        "Microsoft.PowerShell.Commands.FileHashInfo",
        [
            ("Algorithm", Value::from(algorithm)),
            ("Hash", Value::from(hex)),
            ("Path", path),
        ],
    )
}
