//! `Out-*`: the end of a pipeline.

use std::io::Write;

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::types::encoding::{self, Encoding};
use crate::value::{R, Value};

pub const FILE: Cmdlet = Cmdlet {
    name: "Out-File",
    aliases: &[],
    params: "FilePath/Path@0 LiteralPath Append? Encoding@1 Force? NoClobber/NoOverwrite? NoNewline? Width InputObject|",
    run: Run::Whole(out_file),
};
pub const STRING: Cmdlet = Cmdlet {
    name: "Out-String",
    aliases: &["oss"],
    params: "Stream? Width NoNewline? InputObject|",
    run: Run::Whole(out_string),
};
pub const NULL: Cmdlet = Cmdlet {
    name: "Out-Null",
    aliases: &[],
    params: "InputObject|",
    run: Run::Each(|_, _, _, _| Ok(())),
};
pub const HOST: Cmdlet = Cmdlet {
    name: "Out-Host",
    aliases: &["oh"],
    params: "InputObject| Paging?",
    run: Run::Each(to_host),
};
pub const DEFAULT: Cmdlet = Cmdlet {
    name: "Out-Default",
    aliases: &[],
    params: "InputObject|",
    run: Run::Each(to_host),
};

/// Writes values as text, as `>` and `>>` do.
pub fn write(engine: &mut Engine, path: &str, items: &[Value], is_append: bool) -> R<()> {
    let text = crate::format::text_of(engine, items)?;
    write_bytes(engine, path, text.as_bytes(), is_append)
}

/// Writes or appends; what can't be written is an error of the path.
pub fn write_bytes(engine: &mut Engine, path: &str, bytes: &[u8], is_append: bool) -> R<()> {
    let full = place::absolute(&engine.location, path);
    let real = place::real(&full);
    let result = if is_append {
        std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(real)
            .and_then(|mut file| file.write_all(bytes))
    } else {
        std::fs::write(real, bytes)
    };
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => engine.soft_error(
            "System.IO.DirectoryNotFoundException",
            "FileOpenFailure",
            "OpenError",
            format!("Could not find a part of the path '{full}'."),
            Value::from(path),
        ),
        Err(error) => {
            let (kind, id, message) = place::fault_parts(&error, &full);
            engine.soft_error(kind, id, "OpenError", message, Value::from(path))
        }
    }
}

/// Text in the encoding that `-Encoding` names, with its mark.
pub fn encoded(args: &Args, text: &str, is_append: bool) -> R<Vec<u8>> {
    let (kind, has_mark) = match args.value("Encoding") {
        Some(value) => Encoding::of(&value)?,
        None => (encoding::Kind::Utf8, false),
    };
    let mut bytes = if has_mark && !is_append {
        encoding::mark(kind).to_vec()
    } else {
        Vec::new()
    };
    bytes.extend(encoding::encode(kind, text));
    Ok(bytes)
}

fn out_file(engine: &mut Engine, args: &Args, input: Vec<Value>, _: &mut dyn Sink) -> R<()> {
    let path = args
        .text("FilePath")
        .or_else(|| args.text("LiteralPath"))
        .ok_or_else(|| crate::value::argument_error("FilePath", "It is missing."))?;
    let full = place::absolute(&engine.location, &path);
    if args.switch("NoClobber") && place::exists(&full) {
        return engine.soft_error(
            "System.IO.IOException",
            "NoClobber",
            "ResourceExists",
            format!("The file '{full}' already exists."),
            Value::from(path),
        );
    }
    let items = super::inputs(args, input);
    let text = if args.switch("NoNewline") {
        items.iter().map(Value::text).collect()
    } else {
        crate::format::text_of(engine, &items)?
    };
    let is_append = args.switch("Append");
    let bytes = encoded(args, &text, is_append)?;
    write_bytes(engine, &path, &bytes, is_append)
}

fn out_string(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = super::inputs(args, input);
    let text = if args.switch("NoNewline") {
        items.iter().map(Value::text).collect()
    } else {
        crate::format::text_of(engine, &items)?
    };
    if args.switch("Stream") {
        for line in text.lines() {
            out.put(engine, Value::from(line))?;
        }
        return Ok(());
    }
    out.put(engine, Value::from(text))
}

fn to_host(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let items = match item {
        Some(item) => vec![item],
        None => args
            .value("InputObject")
            .map(|value| value.to_items())
            .unwrap_or_default(),
    };
    for item in items {
        crate::format::show(engine, item)?;
    }
    Ok(())
}
