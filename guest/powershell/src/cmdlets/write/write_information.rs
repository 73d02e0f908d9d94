//! `Write-Information`: an object to the information stream.
//!
//! [Write-Information](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/write-information)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Write-Information",
    aliases: &[],
    params: "MessageData/Msg/Message@0|! Tags@1",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let data = item
        .or_else(|| args.get("MessageData").cloned())
        .unwrap_or_default();
    let tags = args.value("Tags").map(|tags| tags.to_items());
    engine.information(data, tags.unwrap_or_default())
}
