//! `New-TimeSpan`: a span from parts or between two dates.
//!
//! [New-TimeSpan](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/new-timespan)

use crate::cmdlets::date::get_date::dated;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::datetime::{DateTime, convert};
use crate::types::timespan::{TICKS_PER_DAY, TICKS_PER_SECOND, TimeSpan};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-TimeSpan",
    aliases: &[],
    params: "Start/LastWriteTime@0| End@1 Days Hours Minutes Seconds Milliseconds",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let ticks_of = |value: Value| -> R<i64> {
        Ok(convert(&value)?
            .downcast::<DateTime>()
            .map_or(0, |time| time.ticks))
    };
    let item = item
        .map(|item| dated(engine, item, &["Start", "LastWriteTime"]))
        .transpose()?;
    let start = item.or_else(|| args.value("Start"));
    if start.is_some() || args.has("End") {
        let now = DateTime::now_ticks();
        let from = start.map_or(Ok(now), ticks_of)?;
        let to = args.value("End").map_or(Ok(now), ticks_of)?;
        return out.put(engine, TimeSpan::value(to - from));
    }
    let part = |name: &str| -> R<i64> { Ok(args.long(name)?.unwrap_or(0)) };
    let seconds = part("Hours")? * 3600 + part("Minutes")? * 60 + part("Seconds")?;
    out.put(
        engine,
        TimeSpan::value(
            part("Days")? * TICKS_PER_DAY
                + seconds * TICKS_PER_SECOND
                + part("Milliseconds")? * 10_000,
        ),
    )
}
