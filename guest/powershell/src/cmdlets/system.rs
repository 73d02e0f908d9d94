//! `Start-Sleep`, `Set-StrictMode`, `Get-Host`, `New-TemporaryFile`.

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::file_info::FileInfo;
use crate::types::timespan::TimeSpan;
use crate::value::{R, Value, to_double};

pub const SLEEP: Cmdlet = Cmdlet {
    name: "Start-Sleep",
    aliases: &["sleep"],
    params: "Seconds@0| Milliseconds/ms Duration",
    run: Run::Each(sleep),
};
pub const STRICT: Cmdlet = Cmdlet {
    name: "Set-StrictMode",
    aliases: &[],
    params: "Version Off?",
    run: Run::Each(strict),
};
pub const GET_HOST: Cmdlet = Cmdlet {
    name: "Get-Host",
    aliases: &[],
    params: "",
    run: Run::Each(|engine, _, _, out| out.put(engine, crate::types::host::host())),
};
pub const TEMP_FILE: Cmdlet = Cmdlet {
    name: "New-TemporaryFile",
    aliases: &[],
    params: "",
    run: Run::Each(temp_file),
};

fn sleep(_: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let seconds = if let Some(ms) = args.double("Milliseconds")? {
        ms / 1000.0
    } else if let Some(span) = args.value("Duration") {
        TimeSpan::of(&span).unwrap_or(0) as f64 / 1e7
    } else {
        to_double(&item.or_else(|| args.value("Seconds")).unwrap_or_default())?
    };
    crate::host::pause(std::time::Duration::from_secs_f64(
        seconds.clamp(0.0, 86_400.0 * 7.0),
    ));
    Ok(())
}

fn strict(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    engine.is_strict = !args.switch("Off");
    Ok(())
}

fn temp_file(engine: &mut Engine, _: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let path = engine.call_static(
        &crate::types::TypeRef::Known(&crate::types::path::INFO),
        "GetTempFileName",
        Vec::new(),
    )?;
    out.put(engine, FileInfo::value(&path.text()))
}
