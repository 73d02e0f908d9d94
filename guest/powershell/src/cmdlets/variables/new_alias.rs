//! `New-Alias`: names a command anew.
//!
//! [New-Alias](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/new-alias)

use crate::cmdlets::variables::set_alias;
use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-Alias",
    aliases: &["nal"],
    params: "Name@0! Value@1! Scope Force?",
    run: Run::Each(set_alias::run),
};
