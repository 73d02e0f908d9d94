//! `Select-String`: lines that match.
//!
//! [Select-String](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/select-string)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{Object, R, Value, to_int, to_long};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Select-String",
    aliases: &["sls"],
    params: "Pattern@0! Path@1 LiteralPath/PSPath/LP InputObject| SimpleMatch? CaseSensitive? Quiet? List? AllMatches? NotMatch? Raw? Context Encoding NoEmphasis?",
    run: Run::Whole(run),
};

/// A match as it is shown: `file:line:text`, or the line alone.
///
/// With `-Context`, `> ` stands before the match and the lines around it follow, indented.
pub fn line_of(object: &Object) -> String {
    let note = |name: &str| object.note(name).unwrap_or_default();
    let (line, path) = (note("Line").text(), note("Path"));
    let number = to_long(&note("LineNumber")).unwrap_or(0);
    let Value::Object(context) = note("Context") else {
        return format!("{}{line}", origin(&path, number));
    };
    let side = |name: &str| context.note(name).unwrap_or_default().to_items();
    let (before, after) = (side("PreContext"), side("PostContext"));
    let first = number - before.len() as i64;
    let around = |items: &[Value], first: i64| -> Vec<String> {
        (first..)
            .zip(items)
            .map(|(number, line)| format!("  {}{}", origin(&path, number), line.text()))
            .collect()
    };
    let mut shown = around(&before, first);
    shown.push(format!("> {}{line}", origin(&path, number)));
    shown.extend(around(&after, number + 1));
    shown.join("\n")
}

/// `-Context before, after`, or one number for both.
fn context(args: &Args) -> R<Option<(usize, usize)>> {
    let Some(value) = args.value("Context") else {
        return Ok(None);
    };
    let mut sides = Vec::new();
    for item in value.to_items() {
        sides.push(usize::try_from(to_int(&item)?).unwrap_or(0));
    }
    Ok(match sides[..] {
        [both] => Some((both, both)),
        [before, after, ..] => Some((before, after)),
        [] => None,
    })
}

/// The lines before and after a match; null where they weren't asked for.
fn surroundings(lines: &[String], at: usize, context: Option<(usize, usize)>) -> Value {
    let Some((before, after)) = context else {
        return Value::Null;
    };
    let end = (at + 1 + after).min(lines.len());
    let before = Value::strings(&lines[at.saturating_sub(before)..at]);
    let after = Value::strings(&lines[at + 1..end]);
    Object::with(
        "Microsoft.PowerShell.Commands.MatchInfoContext",
        [
            ("PreContext", before.clone()),
            ("PostContext", after.clone()),
            ("DisplayPreContext", before),
            ("DisplayPostContext", after),
        ],
    )
}

/// Where a line comes from, as it is put before it.
fn origin(path: &Value, number: i64) -> String {
    match path.text().as_str() {
        "InputStream" | "" => String::new(),
        path => format!("{}:{number}:", place::file_name(path)),
    }
}

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let mut texts: Vec<(String, Vec<String>)> = Vec::new();
    let mut loose = Vec::new();
    for item in crate::cmdlets::inputs(args, input) {
        match item.downcast::<FileInfo>() {
            Some(file) => texts.push((file.path.clone(), Vec::new())),
            None => loose.push(engine.text(&item)?),
        }
    }
    let mut paths = args.paths("Path");
    paths.extend(args.paths("LiteralPath"));
    for path in paths {
        let found = place::glob(&engine.location, &path);
        if found.is_empty() {
            engine.path_not_found(&path)?;
        }
        texts.extend(found.into_iter().map(|path| (path, Vec::new())));
    }
    for (path, lines) in &mut texts {
        let text = place::read_text(path).map_err(|error| place::fault(&error, path))?;
        lines.extend(text.lines().map(String::from));
    }
    if !loose.is_empty() {
        texts.push(("InputStream".to_owned(), loose));
    }
    let mut regexes = Vec::new();
    for written in args.texts("Pattern") {
        let text = if args.switch("SimpleMatch") {
            pattern::escape(&written)
        } else {
            written.clone()
        };
        regexes.push((
            pattern::regex(&text, args.switch("CaseSensitive"))?,
            written,
        ));
    }
    let context = context(args)?;
    let mut is_found = false;
    for (path, lines) in texts {
        for (at, line) in lines.iter().enumerate() {
            let mut matched = None;
            for (regex, written) in &regexes {
                if regex.is_match(line).map_err(pattern::too_hard)? {
                    matched = Some((regex, written));
                    break;
                }
            }
            if matched.is_some() == args.switch("NotMatch") {
                continue;
            }
            is_found = true;
            if args.switch("Quiet") {
                return out.put(engine, Value::Bool(true));
            }
            if args.switch("Raw") {
                out.put(engine, Value::from(line.as_str()))?;
                continue;
            }
            let matches = match matched {
                Some((regex, _)) => {
                    let method = if args.switch("AllMatches") {
                        "matches"
                    } else {
                        "match"
                    };
                    let own = crate::types::regex::run_shared(engine, regex, method, line)?;
                    Value::from(own.to_items())
                }
                None => Value::from(Vec::new()),
            };
            let found = Object::with(
                "Microsoft.PowerShell.Commands.MatchInfo",
                [
                    ("LineNumber", Value::from(at + 1)),
                    ("Line", Value::from(line.as_str())),
                    ("Filename", Value::from(place::file_name(&path))),
                    ("Path", Value::from(path.as_str())),
                    (
                        "Pattern",
                        matched.map_or(Value::Null, |(_, written)| Value::from(written.as_str())),
                    ),
                    ("Matches", matches),
                    ("Context", surroundings(&lines, at, context)),
                ],
            );
            out.put(engine, found)?;
            if args.switch("List") {
                break;
            }
        }
    }
    if args.switch("Quiet") && !is_found {
        out.put(engine, Value::Bool(false))?;
    }
    Ok(())
}
