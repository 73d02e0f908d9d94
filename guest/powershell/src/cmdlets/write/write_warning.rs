//! `Write-Warning`: a line of the warning stream.
//!
//! [Write-Warning](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/write-warning)

use crate::cmdlets::write::message::message;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Write-Warning",
    aliases: &[],
    params: "Message/Msg@0|!^",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let text = message(engine, args, item, "Message")?;
    engine.warning(&text)
}
