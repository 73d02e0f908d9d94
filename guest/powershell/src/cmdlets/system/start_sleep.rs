//! `Start-Sleep`: waits.
//!
//! [Start-Sleep](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/start-sleep)

use std::time::Duration;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::timespan::TimeSpan;
use crate::value::{R, Value, to_double};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Start-Sleep",
    aliases: &["sleep"],
    params: "Seconds@0| Milliseconds/ms Duration",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let seconds = if let Some(ms) = args.double("Milliseconds")? {
        ms / 1000.0
    } else if let Some(span) = args.value("Duration") {
        TimeSpan::of(&span).unwrap_or(0) as f64 / 1e7
    } else {
        to_double(&item.or_else(|| args.value("Seconds")).unwrap_or_default())?
    };
    let duration = Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0 * 7.0));
    engine.printer.before_waiting(duration);
    crate::host::pause(duration);
    Ok(())
}
