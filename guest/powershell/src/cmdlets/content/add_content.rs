//! `Add-Content`: appends to files. Left out: `-Stream`.
//!
//! [Add-Content](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/add-content)

use crate::cmdlets::content::put::Put;
use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Add-Content",
    aliases: &["ac"],
    params: "Path@0^~ Value@1| LiteralPath/PSPath/LP^~ Encoding NoNewline? Force? PassThru? AsByteStream? Include Exclude Filter WhatIf? Confirm?",
    run: Run::Stage(|args| Ok(Box::new(Put::new(args, true)))),
};
