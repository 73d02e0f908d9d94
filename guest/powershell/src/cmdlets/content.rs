//! `Get-Content`, `Set-Content`, `Add-Content`, `Clear-Content`.

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, Stage, path_of};
use crate::place;
use crate::types::encoding::{self, Encoding};
use crate::value::{R, Value};

pub const GET: Cmdlet = Cmdlet {
    name: "Get-Content",
    aliases: &["gc", "cat", "type"],
    params: "Path@0| LiteralPath/PSPath/LP Raw? TotalCount/First/Head Tail/Last Encoding AsByteStream? ReadCount Delimiter Force?",
    run: Run::Each(get),
};
pub const SET: Cmdlet = Cmdlet {
    name: "Set-Content",
    aliases: &["sc"],
    params: "Path@0 Value@1| LiteralPath/PSPath/LP Encoding NoNewline? Force? PassThru? AsByteStream? WhatIf?",
    run: Run::Stage(|args| {
        Ok(Box::new(Put {
            args,
            items: Vec::new(),
            is_append: false,
        }))
    }),
};
pub const ADD: Cmdlet = Cmdlet {
    name: "Add-Content",
    aliases: &["ac"],
    params: "Path@0 Value@1| LiteralPath/PSPath/LP Encoding NoNewline? Force? PassThru? AsByteStream?",
    run: Run::Stage(|args| {
        Ok(Box::new(Put {
            args,
            items: Vec::new(),
            is_append: true,
        }))
    }),
};
pub const CLEAR: Cmdlet = Cmdlet {
    name: "Clear-Content",
    aliases: &["clc"],
    params: "Path@0| LiteralPath/PSPath/LP Force?",
    run: Run::Each(clear),
};

/// The paths that a cmdlet was given: by pipe, `-LiteralPath` or `-Path`, whose wildcards are resolved. What isn't
/// there is reported and left out.
pub fn resolved(engine: &mut Engine, args: &Args, item: Option<&Value>) -> R<Vec<String>> {
    let literal = args.paths("LiteralPath");
    let given = match item {
        Some(item) => vec![path_of(item)],
        None if !literal.is_empty() => literal.clone(),
        None => args.paths("Path"),
    };
    let mut found = Vec::new();
    for path in given {
        let paths = if literal.is_empty() {
            place::glob(&engine.location, &path)
        } else {
            let full = place::absolute(&engine.location, &path);
            if place::exists(&full) {
                vec![full]
            } else {
                Vec::new()
            }
        };
        if paths.is_empty() && !(literal.is_empty() && crate::eval::pattern::has_wildcards(&path)) {
            engine.path_not_found(&path)?;
        }
        found.extend(paths);
    }
    Ok(found)
}

fn get(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for path in resolved(engine, args, item.as_ref())? {
        let bytes = match std::fs::read(place::real(&path)) {
            Ok(bytes) => bytes,
            Err(error) => {
                let (kind, id, message) = place::fault_parts(&error, &path);
                engine.soft_error(
                    kind,
                    id,
                    "PermissionDenied",
                    message,
                    Value::from(path.as_str()),
                )?;
                continue;
            }
        };
        put_content(engine, args, &bytes, out)?;
    }
    Ok(())
}

fn put_content(engine: &mut Engine, args: &Args, bytes: &[u8], out: &mut dyn Sink) -> R<()> {
    if args.switch("AsByteStream") {
        if args.switch("Raw") {
            return out.put(engine, Value::bytes(bytes));
        }
        return engine.put_value(Value::bytes(bytes), out);
    }
    let text = match args.value("Encoding") {
        Some(value) => {
            let (kind, _) = Encoding::of(&value)?;
            encoding::decode(
                kind,
                bytes.strip_prefix(encoding::mark(kind)).unwrap_or(bytes),
            )
        }
        None => place::decode(bytes),
    };
    if args.switch("Raw") {
        if text.is_empty() {
            return Ok(());
        }
        return out.put(engine, Value::from(text));
    }
    let mut lines: Vec<&str> = match args.text("Delimiter") {
        Some(delimiter) => {
            let parts: Vec<String> = text.split(delimiter.as_str()).map(String::from).collect();
            for part in parts {
                out.put(engine, Value::from(part))?;
            }
            return Ok(());
        }
        None => text.lines().collect(),
    };
    if let Some(n) = args.int("TotalCount")? {
        lines.truncate(n.max(0) as usize);
    }
    if let Some(n) = args.int("Tail")? {
        let from = lines.len().saturating_sub(n.max(0) as usize);
        lines.drain(..from);
    }
    if args.int("ReadCount")? == Some(0) {
        return out.put(engine, Value::strings(lines));
    }
    for line in lines {
        out.put(engine, Value::from(line))?;
    }
    Ok(())
}

struct Put {
    args: Args,
    items: Vec<Value>,
    is_append: bool,
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
            for item in &self.items {
                text.push_str(&engine.text(item)?);
                if !self.args.switch("NoNewline") {
                    text.push('\n');
                }
            }
            super::out_file::encoded(&self.args, &text, self.is_append)?
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
        if paths.is_empty() {
            return Err(crate::value::argument_error("Path", "It is missing."));
        }
        for path in paths {
            super::out_file::write_bytes(engine, &path, &bytes, self.is_append)?;
        }
        if self.args.switch("PassThru") {
            for item in std::mem::take(&mut self.items) {
                out.put(engine, item)?;
            }
        }
        Ok(())
    }
}

fn clear(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    for path in resolved(engine, args, item.as_ref())? {
        super::out_file::write_bytes(engine, &path, b"", false)?;
    }
    Ok(())
}
