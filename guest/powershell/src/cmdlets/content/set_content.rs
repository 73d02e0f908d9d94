//! `Set-Content`: writes files anew. Left out: `-Stream`.
//!
//! [Set-Content](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/set-content)

use crate::cmdlets::content::put::Put;
use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-Content",
    aliases: &["sc"],
    params: "Path@0^~ Value@1| LiteralPath/PSPath/LP^~ Encoding NoNewline? Force? PassThru? AsByteStream? Include Exclude Filter WhatIf? Confirm?",
    run: Run::Stage(|args| Ok(Box::new(Put::new(args, false)))),
};
