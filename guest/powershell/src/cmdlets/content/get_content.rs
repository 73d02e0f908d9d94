//! `Get-Content`: lines, text or bytes of files. Left out: `-Wait`, `-Stream`.
//!
//! [Get-Content](https://learn.microsoft.com/powershell/module/microsoft.powershell.management/get-content)

use std::ops::Range;

use crate::cmdlets::content::file::decoded;
use crate::cmdlets::paths::given::{given, resolved};
use crate::cmdlets::paths::named_item;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::pattern::has_wildcards;
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Content",
    aliases: &["gc", "cat", "type"],
    params: "Path@0|^ LiteralPath/PSPath/LP^ Raw? TotalCount/First/Head Tail/Last Encoding AsByteStream? ReadCount Delimiter Force? Include Exclude Filter",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    for named in named_item::all(args, item.as_ref()) {
        for (_, value) in named.found(engine)? {
            engine.put_value(value, out)?;
        }
    }
    if args.has("Tail") && args.switch("Raw") {
        return Err(fail(
            "System.InvalidOperationException",
            "InvalidOperation",
            "The parameters Raw and Tail cannot be used together. Please specify only one parameter.",
        ));
    }
    for path in given(args, item.as_ref()) {
        let is_pattern = has_wildcards(&path) && !args.has("LiteralPath");
        if is_pattern
            && named_item::of(&path).is_none()
            && place::glob(&engine.location, &path).is_empty()
        {
            engine.soft_error(
                "System.Exception",
                "ItemNotFound",
                "ObjectNotFound",
                format!(
                    "An object at the specified path {path} does not exist, or has been filtered by the -Include or -Exclude parameter."
                ),
                Value::from(path.as_str()),
            )?;
        }
    }
    for path in resolved(engine, args, item.as_ref())? {
        if place::is_folder(&path) {
            engine.soft_error(
                "System.InvalidOperationException",
                "GetContainerContentException",
                "InvalidOperation",
                format!(
                    "Unable to get content because it is a directory: '{path}'. Please use 'Get-ChildItem' instead."
                ),
                Value::Null,
            )?;
            continue;
        }
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
    if args.has("TotalCount") && args.has("Tail") {
        return Err(fail(
            "System.InvalidOperationException",
            "TailAndHeadCannotCoexist",
            "The parameters TotalCount and Tail cannot be used together. Please specify only one parameter.",
        ));
    }
    if args.switch("AsByteStream") {
        if args.switch("Raw") {
            return out.put(engine, Value::bytes(bytes));
        }
        return engine.put_value(Value::bytes(&bytes[wanted(args, bytes.len())?]), out);
    }
    let text = decoded(args, bytes)?;
    if args.switch("Raw") {
        if text.is_empty() {
            return Ok(());
        }
        return out.put(engine, Value::from(text));
    }
    let parts: Vec<&str> = match args.text("Delimiter") {
        Some(delimiter) => text.split(delimiter.as_str()).collect(),
        None => text.lines().collect(),
    };
    let parts = &parts[wanted(args, parts.len())?];
    match args.int("ReadCount")? {
        None | Some(1) => {}
        Some(n) => {
            let n = usize::try_from(n).ok().filter(|n| *n > 0);
            for part in parts.chunks(n.unwrap_or(parts.len().max(1))) {
                let lines: Vec<Value> = part.iter().map(|part| Value::from(*part)).collect();
                out.put(engine, Value::from(lines))?;
            }
            return Ok(());
        }
    }
    for part in parts {
        out.put(engine, Value::from(*part))?;
    }
    Ok(())
}

/// Which of so many lines or bytes `-TotalCount` and `-Tail` ask for.
fn wanted(args: &Args, n_all: usize) -> R<Range<usize>> {
    let count = |name: &str| -> R<Option<usize>> {
        Ok(args.int(name)?.map(|n| usize::try_from(n).unwrap_or(0)))
    };
    let end = count("TotalCount")?.map_or(n_all, |n| n.min(n_all));
    let start = count("Tail")?.map_or(0, |n| n_all.saturating_sub(n));
    Ok(start..end)
}
