//! `Out-Host`: shows at once. Left out: paging.
//!
//! [Out-Host](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/out-host)

use crate::cmdlets::output::shown::to_host;
use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Out-Host",
    aliases: &["oh"],
    params: "InputObject| Paging?",
    run: Run::Stage(to_host),
};
