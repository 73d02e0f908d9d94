//! Writing content: what `Set-Content` and `Add-Content` have in common.

use crate::cmdlets::content::file::{encoded, put_content};
use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::items::selection::Selection;
use crate::eval::{Args, Engine, Sink, Stage};
use crate::place;
use crate::value::{R, Value};

pub struct Put {
    pub args: Args,
    pub items: Vec<Value>,
    pub is_append: bool,
}

impl Stage for Put {
    fn process(&mut self, _: &mut Engine, item: Value, _: &mut dyn Sink) -> R<()> {
        self.items.push(item);
        Ok(())
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        if let Some(value) = self.args.value("Value") {
            self.items.extend(value.to_items());
        }
        let bytes = if self.args.switch("AsByteStream") {
            crate::types::convert_class::bytes_of(&Value::from(self.items.clone()))?
        } else {
            let mut text = String::new();
            // `Set-Content x -Value $null` empties the file.
            for item in self.items.iter().filter(|item| !item.is_null()) {
                text.push_str(&engine.text(item)?);
                if !self.args.switch("NoNewline") {
                    text.push('\n');
                }
            }
            encoded(&self.args, &text, self.is_append)?
        };
        let mut paths = self.args.paths("LiteralPath");
        if paths.is_empty() {
            for path in self.args.paths("Path") {
                match crate::eval::pattern::has_wildcards(&path) {
                    true => paths.extend(place::glob(&engine.location, &path)),
                    false => paths.push(path),
                }
            }
        }
        if paths.is_empty() && self.args.has("Path") {
            // A pattern that matches nothing.
            return Ok(());
        }
        if paths.is_empty() {
            return Err(crate::value::argument_error("Path", "It is missing."));
        }
        let action = if self.is_append {
            "Add Content"
        } else {
            "Set Content"
        };
        let selection = Selection::of(&self.args);
        paths.retain(|path| selection.takes(place::file_name(path)));
        for path in paths {
            let full = place::absolute(&engine.location, &path);
            if is_dry(engine, &self.args, action, &format!("Path: {full}"))? {
                continue;
            }
            put_content(engine, &path, &bytes, self.is_append)?;
        }
        if self.args.switch("PassThru") {
            for item in std::mem::take(&mut self.items) {
                out.put(engine, item)?;
            }
        }
        Ok(())
    }
}
