//! `Set-StrictMode`: how strict this scope is, and those below.
//!
//! [Set-StrictMode](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/set-strictmode)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::version::Version;
use crate::value::{R, Value, argument_error};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-StrictMode",
    aliases: &[],
    params: "Version Off?",
    run: Run::Each(run),
};

/// Versions differ up to this one.
const LATEST: u8 = 3;

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let version = match args.text("Version") {
        Some(written) => version(&written)?,
        None => 0,
    };
    engine.scope.strict.set(Some(version));
    Ok(())
}

/// What a version stands for: `latest`, a number, or several with dots between.
pub fn version(written: &str) -> R<u8> {
    if written.eq_ignore_ascii_case("latest") {
        return Ok(LATEST);
    }
    let whole = match written.contains('.') {
        true => written.to_owned(),
        false => format!("{written}.0"),
    };
    let version = Version::parse(&whole).ok_or_else(|| {
        let message = format!("Cannot convert value \"{written}\" to type \"System.Version\".");
        argument_error("Version", message)
    })?;
    Ok(u8::try_from(version.major()).map_or(LATEST, |major| major.min(LATEST)))
}
