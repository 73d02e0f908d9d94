//! `Out-Default`: shows at once, as the end of every pipeline does.
//!
//! [Out-Default](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/out-default)

use crate::cmdlets::output::shown::to_host;
use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Out-Default",
    aliases: &[],
    params: "InputObject|",
    run: Run::Stage(to_host),
};
