//! `New-Guid`: a random GUID, or the empty one.
//!
//! [New-Guid](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/new-guid)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::guid::Guid;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-Guid",
    aliases: &[],
    params: "Empty?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let value = if args.switch("Empty") {
        Guid::parse("00000000-0000-0000-0000-000000000000").unwrap_or_default()
    } else {
        Guid::random()
    };
    out.put(engine, value)
}
