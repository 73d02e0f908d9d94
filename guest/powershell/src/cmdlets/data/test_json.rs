//! `Test-Json`: whether a text is JSON. Left out: schemas.
//!
//! [Test-Json](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/test-json)

use serde_json::Value as Json;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Test-Json",
    aliases: &[],
    params: "Json@0|^",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = if args.has_input {
        input
    } else {
        vec![args.required("Json")?]
    };
    for item in items {
        let is_json = serde_json::from_str::<Json>(&item.text()).is_ok();
        if !is_json {
            engine.soft_error(
                "System.Exception",
                "InvalidJsonAgainstSchema",
                "InvalidData",
                "The JSON is not valid.",
                item,
            )?;
        }
        out.put(engine, Value::Bool(is_json))?;
    }
    Ok(())
}
