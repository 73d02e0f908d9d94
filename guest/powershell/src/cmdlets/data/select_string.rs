//! `Select-String`: lines that match.
//!
//! [Select-String](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/select-string)

use std::cell::RefCell;
use std::rc::Rc;

use fancy_regex::Regex;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
use crate::place;
use crate::types::file_info::FileInfo;
use crate::value::{Object, R, Value, to_long};

/// The path of what came through the pipe.
const STREAM: &str = "InputStream";

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Select-String",
    aliases: &["sls"],
    params: "Pattern@0!^ Path@1 LiteralPath/PSPath/LP InputObject| SimpleMatch? CaseSensitive? Quiet? List? AllMatches? NotMatch? Raw? Context NoEmphasis?",
    run: Run::Whole(run),
};

thread_local! {
    /// The folder that matches are shown from: what lays them out has no engine to ask.
    static SHOWN_FROM: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Shows matches from here on by their paths from the current folder.
pub fn heed_location(engine: &Engine) {
    SHOWN_FROM.set(format!("{}/", engine.location.trim_end_matches('/')));
}

/// A match as it is shown: by its path from the current folder, where it is below.
pub fn shown_lines(object: &Object) -> String {
    SHOWN_FROM.with_borrow(|folder| lines(object, folder))
}

/// A match as text: `path:line:text`, or the line alone; with its context, a line each, the match marked.
pub fn lines_of(object: &Object) -> String {
    lines(object, "")
}

fn lines(object: &Object, folder: &str) -> String {
    let number = object.note("LineNumber").and_then(|n| to_long(&n).ok());
    let path = object.note("Path").map(|path| path.text());
    let path = path.as_deref().filter(|path| *path != STREAM);
    let file = path.map(|path| path.strip_prefix(folder).unwrap_or(path));
    let shown = |number: i64, line: &str| match file {
        Some(file) => format!("{file}:{number}:{line}"),
        None => line.to_owned(),
    };
    let number = number.unwrap_or_default();
    let own = shown(number, &object.note("Line").unwrap_or_default().text());
    let Some(Value::Object(context)) = object.note("Context") else {
        return own;
    };
    let around = |name: &str| context.note(name).map(|lines| lines.to_items());
    let (before, after) = (
        around("DisplayPreContext").unwrap_or_default(),
        around("DisplayPostContext").unwrap_or_default(),
    );
    let first = number - before.len() as i64;
    let mut all: Vec<String> = Vec::new();
    for (at, line) in (first..).zip(&before) {
        all.push(format!("  {}", shown(at, &line.text())));
    }
    all.push(format!("> {own}"));
    for (at, line) in (number + 1..).zip(&after) {
        all.push(format!("  {}", shown(at, &line.text())));
    }
    all.join("\n")
}

/// How many lines `-Context` asks for before and after.
fn context(args: &Args) -> R<Option<(usize, usize)>> {
    let Some(value) = args.value("Context") else {
        return Ok(None);
    };
    let counts: Vec<usize> = value
        .to_items()
        .iter()
        .map(|n| match to_long(n)? {
            n @ 0.. => Ok(n as usize),
            n => Err(crate::value::argument_error(
                "Context",
                format!("The {n} argument is less than the minimum allowed range of 0."),
            )),
        })
        .collect::<R<_>>()?;
    let before = counts.first().copied().unwrap_or(0);
    Ok(Some((before, counts.get(1).copied().unwrap_or(before))))
}

/// The lines around the one at `at`; what is shown of them is neither shown before, by a match above (`shown` counts its
/// lines), nor by the next match, which is at `next` (`DisplayContextTracker`).
fn around(
    lines: &[String],
    at: usize,
    (before, after): (usize, usize),
    shown: &mut usize,
    next: usize,
) -> Value {
    let from = at.saturating_sub(before);
    let to = (at + 1 + after).min(lines.len());
    let (shown_from, shown_to) = (from.max(*shown).min(at), to.min(next));
    *shown = shown_to;
    let texts = |lines: &[String]| Value::strings(lines.iter().map(String::as_str));
    Object::with(
        "Microsoft.PowerShell.Commands.MatchInfoContext",
        [
            ("PreContext", texts(&lines[from..at])),
            ("PostContext", texts(&lines[at + 1..to])),
            ("DisplayPreContext", texts(&lines[shown_from..at])),
            ("DisplayPostContext", texts(&lines[at + 1..shown_to])),
        ],
    )
}

/// The first of the patterns that a line matches.
fn matching<'a>(
    patterns: &'a [(Rc<Regex>, String)],
    line: &str,
) -> R<Option<&'a (Rc<Regex>, String)>> {
    for found in patterns {
        if found.0.is_match(line).map_err(pattern::too_hard)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn unread(engine: &mut Engine, path: &str, error: &std::io::Error) -> R<()> {
    engine.soft_error(
        "System.ArgumentException",
        "ProcessingFile",
        "InvalidArgument",
        format!("The file {path} cannot be read: {error}"),
        Value::from(path),
    )
}

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    if args.switch("Raw") && args.switch("Quiet") {
        return Err(crate::eval::ambiguous());
    }
    let mut texts: Vec<(String, Vec<String>)> = Vec::new();
    let mut loose = Vec::new();
    for item in crate::cmdlets::inputs(args, input) {
        match item.downcast::<FileInfo>() {
            Some(file) => texts.push((file.path.clone(), Vec::new())),
            None => loose.push(engine.text(&item)?),
        }
    }
    let mut paths: Vec<(String, Vec<String>)> = Vec::new();
    for path in args.paths("Path") {
        let found = place::glob(&engine.location, &path);
        paths.push((path, found));
    }
    for path in args.paths("LiteralPath") {
        let full = place::absolute(&engine.location, &path);
        let is_there = place::exists(&full);
        paths.push((path, is_there.then_some(full).into_iter().collect()));
    }
    for (path, found) in paths {
        if found.is_empty() {
            engine.path_not_found(&path)?;
        }
        texts.extend(found.into_iter().map(|path| (path, Vec::new())));
    }
    texts.retain(|(path, _)| !place::is_folder(path));
    for (path, lines) in &mut texts {
        match place::read_text(path) {
            Ok(text) => lines.extend(text.lines().map(String::from)),
            Err(error) => unread(engine, path, &error)?,
        }
    }
    if !loose.is_empty() {
        texts.push((STREAM.to_owned(), loose));
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
    let has_files = texts.iter().any(|(path, _)| path != STREAM);
    for (path, lines) in texts {
        let mut hits = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let matched = matching(&regexes, line)?;
            if matched.is_some() != args.switch("NotMatch") {
                hits.push((at, matched));
                if args.switch("Quiet") || args.switch("List") {
                    break;
                }
            }
        }
        let mut shown = 0;
        for (hit, (at, matched)) in hits.iter().enumerate() {
            let line = &lines[*at];
            let next = hits.get(hit + 1).map_or(lines.len(), |(at, _)| *at);
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
                    ("IgnoreCase", Value::Bool(!args.switch("CaseSensitive"))),
                    ("LineNumber", Value::from(*at + 1)),
                    ("Line", Value::from(line.as_str())),
                    ("Filename", Value::from(place::file_name(&path))),
                    ("Path", Value::from(path.as_str())),
                    (
                        "Pattern",
                        matched.map_or(Value::Null, |(_, written)| Value::from(written.as_str())),
                    ),
                    (
                        "Context",
                        context.map_or(Value::Null, |counts| {
                            around(&lines, *at, counts, &mut shown, next)
                        }),
                    ),
                    ("Matches", matches),
                ],
            );
            out.put(engine, found)?;
        }
    }
    // Files have an answer; of what a pipe brings, nothing is said.
    if args.switch("Quiet") && has_files {
        let answer = match args.switch("List") {
            true => Value::Null,
            false => Value::Bool(false),
        };
        out.put(engine, answer)?;
    }
    Ok(())
}
