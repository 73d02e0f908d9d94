//! `New-TemporaryFile`: an empty file in the folder for temporary ones.
//!
//! [New-TemporaryFile](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/new-temporaryfile)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::file_info::FileInfo;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-TemporaryFile",
    aliases: &[],
    params: "",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, _: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let path = engine.call_static(
        &crate::types::TypeRef::Known(&crate::types::path::INFO),
        "GetTempFileName",
        Vec::new(),
    )?;
    out.put(engine, FileInfo::value(&path.text()))
}
