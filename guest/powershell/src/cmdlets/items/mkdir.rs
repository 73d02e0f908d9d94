//! `mkdir`: makes folders, as PowerShell's function of that name does with `New-Item -ItemType Directory`.
//!
//! `-p` is taken for `-Force`, because scripts for Linux call the program of that name.
//!
//! [New-Item](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/new-item)

use std::rc::Rc;

use crate::cmdlets::items::item_kind::ItemKind;
use crate::cmdlets::items::new_item::make;
use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "mkdir",
    aliases: &["md"],
    params: "Path@0| Name Force/p? WhatIf? Confirm?",
    run: Run::Each(|engine, args, item, out| {
        // Errors are those of the cmdlet that the function calls.
        engine.streams.activity = Rc::from("New-Item");
        let mut args = args.clone();
        if let Some(item) = item {
            args.set("Path", item);
        }
        make(engine, &args, ItemKind::Folder, out)
    }),
};
