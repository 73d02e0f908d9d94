//! `Out-Null`: throws output away.
//!
//! [Out-Null](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/out-null)

use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Out-Null",
    aliases: &[],
    params: "InputObject|",
    run: Run::Each(|_, _, _, _| Ok(())),
};
