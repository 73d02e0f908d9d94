//! Writing content: what `Set-Content` and `Add-Content` have in common.
//!
//! The files are opened, and emptied, with the first item that comes: without one nothing is touched, and what came before
//! an error is written (WriteContentCommandBase.ProcessRecord).

use std::fs::File;
use std::io::{BufWriter, Write};

use crate::cmdlets::content::file::{content_fault, encoded, mark, open_content};
use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::items::selection::Selection;
use crate::eval::pattern::has_wildcards;
use crate::eval::{Args, Engine, Sink, Stage};
use crate::place;
use crate::types::convert_class::bytes_of;
use crate::value::{R, Value, argument_error};

pub struct Put {
    args: Args,
    is_append: bool,
    /// The files, once they are open.
    files: Option<Vec<(String, BufWriter<File>)>>,
}

impl Put {
    pub fn new(args: Args, is_append: bool) -> Self {
        Self {
            args,
            is_append,
            files: None,
        }
    }

    fn paths(&self, engine: &Engine) -> R<Vec<String>> {
        let mut paths = self.args.paths("LiteralPath");
        if paths.is_empty() && !self.args.has("Path") {
            return Err(argument_error("Path", "It is missing."));
        }
        let selection = Selection::of(&self.args);
        for path in self.args.paths("Path") {
            let found = match has_wildcards(&path) {
                true => place::glob(&engine.location, &path),
                false => vec![path.clone()],
            };
            let taken = |full: &String| selection.takes_found(&path, place::file_name(full));
            paths.extend(found.into_iter().filter(taken));
        }
        Ok(paths)
    }

    fn open(&mut self, engine: &mut Engine) -> R<()> {
        let action = match self.is_append {
            true => "Add Content",
            false => "Set Content",
        };
        let mark = match self.args.switch("AsByteStream") {
            true => Vec::new(),
            false => mark(&self.args)?,
        };
        let mut files = Vec::new();
        for path in self.paths(engine)? {
            let full = place::absolute(&engine.location, &path);
            if is_dry(engine, &self.args, action, &format!("Path: {full}"))? {
                continue;
            }
            if let Some(file) = open_content(engine, &path, self.is_append)? {
                let is_empty = file.metadata().is_ok_and(|known| known.len() == 0);
                let mut file = BufWriter::new(file);
                if is_empty && let Err(error) = file.write_all(&mark) {
                    content_fault(engine, &path, &error)?;
                }
                files.push((path, file));
            }
        }
        self.files = Some(files);
        Ok(())
    }

    fn write(&mut self, engine: &mut Engine, bytes: &[u8]) -> R<()> {
        for (path, file) in self.files.iter_mut().flatten() {
            if let Err(error) = file.write_all(bytes) {
                content_fault(engine, path, &error)?;
            }
        }
        Ok(())
    }

    fn bytes(&self, engine: &mut Engine, item: &Value) -> R<Vec<u8>> {
        if self.args.switch("AsByteStream") {
            return bytes_of(&Value::from(vec![item.clone()]));
        }
        // `Set-Content x -Value $null` empties the file.
        if item.is_null() {
            return Ok(Vec::new());
        }
        let mut text = engine.text(item)?;
        if !self.args.switch("NoNewline") {
            text.push('\n');
        }
        encoded(&self.args, &text)
    }

    fn put(&mut self, engine: &mut Engine, items: Vec<Value>, out: &mut dyn Sink) -> R<()> {
        if self.files.is_none() {
            self.open(engine)?;
        }
        for item in items {
            let bytes = self.bytes(engine, &item)?;
            self.write(engine, &bytes)?;
            if self.args.switch("PassThru") {
                out.put(engine, item)?;
            }
        }
        Ok(())
    }
}

impl Stage for Put {
    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        self.put(engine, vec![item], out)
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        if self.args.has("Value") {
            let value = self.args.value("Value").unwrap_or_default();
            self.put(engine, value.to_items(), out)?;
        }
        for (path, mut file) in self.files.take().into_iter().flatten() {
            if let Err(error) = file.flush() {
                content_fault(engine, &path, &error)?;
            }
        }
        Ok(())
    }
}
