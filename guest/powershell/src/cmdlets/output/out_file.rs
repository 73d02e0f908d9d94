//! `Out-File`: what would be shown, to a file.
//!
//! The file is opened, and emptied, before anything comes: what can't be written ends the statement at once.
//!
//! [Out-File](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/out-file)

use crate::cmdlets::content::file::{target, write_or_fail, write_text};
use crate::cmdlets::output::shown::formatted;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, Stage};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Out-File",
    aliases: &[],
    params: "FilePath/Path@0^ LiteralPath/PSPath/LP^ Append? Encoding@1 Force? NoClobber/NoOverwrite? NoNewline? Width InputObject| WhatIf?",
    run: Run::Stage(|args| {
        Ok(Box::new(OutFile {
            args,
            path: None,
            items: Vec::new(),
        }))
    }),
};

struct OutFile {
    args: Args,
    /// Where it writes; nowhere for `-WhatIf`.
    path: Option<String>,
    items: Vec<Value>,
}

impl Stage for OutFile {
    fn begin(&mut self, engine: &mut Engine, _: &mut dyn Sink) -> R<()> {
        self.path = target(engine, &self.args, "FilePath")?;
        match &self.path {
            Some(path) => write_or_fail(engine, path, b"", self.args.switch("Append")),
            None => Ok(()),
        }
    }

    fn process(&mut self, _: &mut Engine, item: Value, _: &mut dyn Sink) -> R<()> {
        self.items.push(item);
        Ok(())
    }

    fn end(&mut self, engine: &mut Engine, _: &mut dyn Sink) -> R<()> {
        let Some(path) = self.path.take() else {
            return Ok(());
        };
        let items = crate::cmdlets::inputs(&self.args, std::mem::take(&mut self.items));
        let text = if self.args.switch("NoNewline") {
            items.iter().map(Value::text).collect()
        } else {
            formatted(engine, &self.args, &items)?
        };
        write_text(engine, &self.args, &path, &text)
    }
}
