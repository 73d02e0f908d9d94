//! `Set-Content`: writes files anew. Left out: `-Stream`, `-Filter`, `-Include`, `-Exclude`.
//!
//! [Set-Content](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/set-content)

use crate::cmdlets::content::put::Put;
use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Set-Content",
    aliases: &["sc"],
    params: "Path@0^ Value@1| LiteralPath/PSPath/LP^ Encoding NoNewline? Force? PassThru? AsByteStream? WhatIf?",
    run: Run::Stage(|args| {
        Ok(Box::new(Put {
            args,
            items: Vec::new(),
            is_append: false,
        }))
    }),
};
