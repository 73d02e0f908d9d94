//! `Get-Host`: the host: a name and a version.
//!
//! [Get-Host](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-host)

use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Host",
    aliases: &[],
    params: "",
    run: Run::Each(|engine, _, _, out| out.put(engine, crate::types::host::host())),
};
