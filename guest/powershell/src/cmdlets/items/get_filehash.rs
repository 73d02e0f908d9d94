//! `Get-FileHash`: digests of files. Left out: `-InputStream`.
//!
//! [Get-FileHash](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-filehash)

use crate::cmdlets::paths::given::{given, resolved};
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::pattern::has_wildcards;
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{Object, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-FileHash",
    aliases: &[],
    params: "Path@0|^ LiteralPath/PSPath/LP^ Algorithm@1",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let algorithm = args
        .text("Algorithm")
        .unwrap_or_else(|| "SHA256".to_owned());
    for path in given(args, item.as_ref()) {
        let full = place::absolute(&engine.location, &path);
        if !place::exists(&full) && !has_wildcards(&path) && named_item::of(&path).is_none() {
            engine.soft_error(
                "System.IO.FileNotFoundException",
                "FileNotFound",
                "ObjectNotFound",
                format!("Cannot find path '{full}' because it does not exist."),
                Value::from(path.as_str()),
            )?;
            return Ok(());
        }
    }
    for path in resolved(engine, args, item.as_ref())? {
        let bytes = match std::fs::read(place::real(&path)) {
            Ok(bytes) => bytes,
            Err(error) => {
                let (kind, _, message) = place::fault_parts(&error, &path);
                let id = match kind {
                    "System.UnauthorizedAccessException" => "UnauthorizedAccessError",
                    _ => "FileReadError",
                };
                engine.soft_error(kind, id, "InvalidData", message, Value::from(path.as_str()))?;
                continue;
            }
        };
        let digest = crate::types::network::digest(&algorithm, &bytes)
            .expect("every word that -Algorithm takes is a digest");
        let hex: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        let found = Object::with(
            "Microsoft.PowerShell.Commands.FileHashInfo",
            [
                ("Algorithm", Value::from(algorithm.as_str())),
                ("Hash", Value::from(hex)),
                ("Path", Value::from(path)),
            ],
        );
        out.put(engine, found)?;
    }
    Ok(())
}
