//! `New-Variable`: makes variables.
//!
//! [New-Variable](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/new-variable)

use crate::cmdlets::variables::set_variable;
use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-Variable",
    aliases: &["nv"],
    params: "Name@0!~ Value@1| Scope Option Force? PassThru? Description WhatIf? Confirm?",
    run: Run::Each(set_variable::set),
};
