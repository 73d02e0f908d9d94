//! `Write-Verbose`: a line of the verbose stream.
//!
//! [Write-Verbose](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/write-verbose)

use crate::cmdlets::write::message::message;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Write-Verbose",
    aliases: &[],
    params: "Message/Msg@0|!^",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let text = message(engine, args, item, "Message")?;
    engine.verbose(&text)
}
