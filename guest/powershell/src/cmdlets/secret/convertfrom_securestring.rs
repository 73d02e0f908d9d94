//! `ConvertFrom-SecureString`: the plain text of a secure string. Left out: encrypted text: there are no keys in the sandbox.
//!
//! [ConvertFrom-SecureString](https://learn.microsoft.com/powershell/module/microsoft.powershell.security/convertfrom-securestring)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::credential::SecureString;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "ConvertFrom-SecureString",
    aliases: &[],
    params: "SecureString@0|! AsPlainText?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    if !args.switch("AsPlainText") {
        return Err(crate::value::refuse(
            "ConvertFrom-SecureString works with -AsPlainText only: there are no keys in the sandbox.",
        ));
    }
    let value = item
        .or_else(|| args.value("SecureString"))
        .unwrap_or_default();
    match value.downcast::<SecureString>() {
        Some(secret) => out.put(engine, Value::from(secret.plain())),
        None => Err(crate::value::no_cast(
            &value,
            "System.Security.SecureString",
        )),
    }
}
