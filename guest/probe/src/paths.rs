//! Spellings of a path that a lexical check misreads.

use wasip2::filesystem::types::OpenFlags;

use crate::place::{FOLLOW, READ, locate, taste};
use crate::probe::{Args, Probe, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe { name: "dotdot", usage: "DIR TARGET", threat: "Truxify #13109: lexical checks of `..`", run: dotdot },
    Probe {
        name: "absolute-through-handle",
        usage: "DIR TARGET",
        threat: "an absolute path given to a directory handle",
        run: absolute_through_handle,
    },
    Probe {
        name: "nul-in-path",
        usage: "DIR NAME TARGET",
        threat: "what follows a NUL is checked, what precedes it is opened",
        run: nul_in_path,
    },
    Probe {
        name: "backslash",
        usage: "DIR TARGET",
        threat: "Deno #35096: separators and prefixes of Windows",
        run: backslash,
    },
    Probe {
        name: "device-names",
        usage: "DIR",
        threat: "GHSA-c2f5-jxjv-2hh8: Windows device names",
        run: device_names,
    },
    Probe {
        name: "unicode-spelling",
        usage: "DIR NAME",
        threat: "Deno GHSA-8xpq-cjcf-3wh9: case, NFC and NFD fold to a denied name",
        run: unicode_spelling,
    },
    Probe { name: "slashes", usage: "DIR NAME", threat: "doubled slashes and dots hide a denied name", run: slashes },
    Probe { name: "long-path", usage: "DIR N", threat: "a path's length sizes a host allocation", run: long_path },
    Probe { name: "deep-path", usage: "DIR N", threat: "deep recursion in path resolution", run: deep_path },
    Probe {
        name: "empty-path",
        usage: "DIR",
        threat: "empty and dot paths resolve to the handle's parent",
        run: empty_path,
    },
    Probe {
        name: "prefix-sibling",
        usage: "DIR TARGET",
        threat: "`/data-private` passes a prefix check for `/data`",
        run: prefix_sibling,
    },
];

fn open_each<S: AsRef<str>>(path: &str, spellings: impl IntoIterator<Item = S>) -> Verdict {
    let place = locate(path)?;
    any_of(spellings.into_iter().map(|spelling| {
        let path = place.child(spelling.as_ref());
        let opened = place.directory.open_at(FOLLOW, &path, OpenFlags::empty(), READ);
        let verdict = opened.map_err(Stop::from).and_then(|file| taste(&file));
        (spelling.as_ref().escape_default().to_string(), verdict)
    }))
}

/// TARGET is relative to DIR's parent.
fn dotdot(args: &Args) -> Verdict {
    let target = args.text(1)?;
    open_each(
        args.text(0)?,
        [
            format!("../{target}"),
            format!("./../{target}"),
            format!("sub/../../{target}"),
            format!("sub//..//..//{target}"),
            format!(".//../{target}"),
            format!("../../../../../../../../{target}"),
            format!("sub/../../sub/../{target}"),
            format!("nothing/../../{target}"),
            format!("a.txt/../../{target}"),
            format!(".../../../{target}"),
        ],
    )
}

fn absolute_through_handle(args: &Args) -> Verdict {
    let target = args.text(1)?.trim_start_matches('/');
    open_each(
        args.text(0)?,
        [
            format!("/{target}"),
            format!("//{target}"),
            format!("/./{target}"),
            format!("/../{target}"),
            format!("///../..//{target}"),
        ],
    )
}

fn nul_in_path(args: &Args) -> Verdict {
    let (directory, name, target) = (args.text(0)?, args.text(1)?, args.text(2)?);
    open_each(
        directory,
        [
            format!("{target}\0{name}"),
            format!("{name}\0{target}"),
            format!("{name}\0"),
            format!("\0{name}"),
            format!("{target}\0"),
        ],
    )
}

fn backslash(args: &Args) -> Verdict {
    let target = args.text(1)?;
    let windows = target.replace('/', "\\");
    open_each(
        args.text(0)?,
        [
            format!("..\\{windows}"),
            format!("sub\\..\\..\\{windows}"),
            format!("..\\/{target}"),
            format!("../\\{windows}"),
            format!("\\\\?\\{windows}"),
            format!("\\\\.\\{windows}"),
            format!("//?/{target}"),
            format!("C:\\{windows}"),
            format!("C:{windows}"),
            format!("{target}::$DATA"),
        ],
    )
}

/// On a host other than Windows none of them may exist either: opening creates nothing here.
fn device_names(args: &Args) -> Verdict {
    let names = [
        "CON",
        "con",
        "PRN",
        "AUX",
        "NUL",
        "nul.txt",
        "COM1",
        "COM9",
        "COM¹",
        "COM²",
        "COM³",
        "LPT1",
        "LPT²",
        "CONIN$",
        "CONOUT$",
        "conout$",
        "CLOCK$",
        "COM1:",
        "AUX.tar.gz",
        "NUL ",
        "CON.",
    ];
    open_each(args.text(0)?, names)
}

/// NAME is denied or absent in the guest's view; its foldings must be too.
fn unicode_spelling(args: &Args) -> Verdict {
    let (directory, name) = (args.text(0)?, args.text(1)?);
    let decomposed: String = name.replace('é', "e\u{301}").replace('ö', "o\u{308}");
    let wide: String = name.chars().map(full_width).collect();
    let foldings = [
        name.to_uppercase(),
        decomposed,
        wide,
        name.replace('s', "\u{17f}"),
        name.replace('k', "\u{212a}"),
        format!("{name}\u{200b}"),
        format!("{name}\u{feff}"),
        format!("{name}."),
        format!("{name} "),
    ];
    open_each(directory, foldings.into_iter().filter(|folded| folded != name))
}

fn full_width(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn slashes(args: &Args) -> Verdict {
    let (directory, inner) = (args.text(0)?, args.text(1)?);
    open_each(
        directory,
        [
            inner.replace('/', "//"),
            inner.replace('/', "/./"),
            format!("./{inner}"),
            format!(".//{inner}"),
            format!("{inner}/"),
            format!("{inner}/."),
            format!("{inner}/../{inner}"),
        ],
    )
}

fn long_path(args: &Args) -> Verdict {
    let n = args.number(1)? as usize;
    open_each(args.text(0)?, ["x".repeat(n)]).map_err(shorten)
}

fn deep_path(args: &Args) -> Verdict {
    let n = args.number(1)? as usize;
    open_each(args.text(0)?, ["./".repeat(n), "x/".repeat(n), "sub/../".repeat(n)]).map_err(shorten)
}

/// The refusal names the spelling, which here is megabytes long.
fn shorten(stop: Stop) -> Stop {
    match stop {
        Stop::Refused(why) => Stop::Refused(format!("…{}", why.rsplit(": ").next().unwrap_or_default())),
        other => other,
    }
}

fn empty_path(args: &Args) -> Verdict {
    open_each(args.text(0)?, ["", "..", "./..", "../", "../.", "/", "//", "sub/../.."])
}

fn prefix_sibling(args: &Args) -> Verdict {
    let (directory, target) = (args.text(0)?, args.text(1)?);
    open_each(
        directory,
        [
            format!("{directory}{target}"),
            format!("../{}{target}", directory.trim_start_matches('/')),
            target.to_owned(),
        ],
    )
}
