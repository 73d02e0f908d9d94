//! `ConvertTo-SecureString`: a secure string from plain text. Left out: encrypted text: there are no keys in the sandbox.
//!
//! [ConvertTo-SecureString](https://learn.microsoft.com/powershell/module/microsoft.powershell.security/convertto-securestring)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::credential::SecureString;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "ConvertTo-SecureString",
    aliases: &[],
    params: "String@0|!^ AsPlainText? Force?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if !args.switch("AsPlainText") {
        return Err(crate::value::refuse(
            "ConvertTo-SecureString works with -AsPlainText only: there are no keys in the sandbox.",
        ));
    }
    let text = item
        .or_else(|| args.value("String"))
        .unwrap_or_default()
        .text();
    out.put(engine, SecureString::value(&text))
}
