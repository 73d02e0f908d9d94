//! `Tee-Object`: passes objects on, one by one, and keeps a copy. Left out: `-InputObject` as a stream.
//!
//! [Tee-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/tee-object)

use crate::cmdlets::content::file::write_text;
use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, Stage};
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Tee-Object",
    aliases: &["tee"],
    params: "FilePath/Path@0 Variable LiteralPath/PSPath/LP Append? Encoding InputObject|",
    run: Run::Stage(|args| {
        Ok(Box::new(Tee {
            args,
            kept: Vec::new(),
        }))
    }),
};

struct Tee {
    args: Args,
    kept: Vec<Value>,
}

impl Stage for Tee {
    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        self.kept.push(item.clone());
        out.put(engine, item)
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        if !self.args.has_input {
            for item in crate::cmdlets::inputs(&self.args, Vec::new()) {
                self.process(engine, item, out)?;
            }
        }
        let args = &self.args;
        if let Some(path) = args.text("FilePath").or_else(|| args.text("LiteralPath")) {
            let text = crate::format::text_of(engine, &self.kept, crate::format::WIDTH)?;
            write_text(engine, args, &path, &text)?;
        }
        if let Some(name) = args.text("Variable") {
            let kept = Value::collapse(std::mem::take(&mut self.kept));
            let target = format!("Name: {name} Value: {}", kept.text());
            if !is_dry(engine, args, "Set variable", &target)? {
                engine.set_here(&name, kept);
            }
        }
        Ok(())
    }
}
