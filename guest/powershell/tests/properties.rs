//! The parser on arbitrary input: an answer, never a panic, never a hang.

use std::path::Path;
use std::time::{Duration, Instant};

use powershell::parse::ast::Source;
use powershell::{check, lex::number, parse};
use proptest::prelude::*;

/// Pieces of real syntax, so that random sequences get beyond the first error.
const PIECES: [&str; 48] = [
    "$x",
    "$",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "@(",
    "@{",
    "$(",
    "'",
    "\"",
    "@'\n",
    "\n'@",
    "@\"\n",
    "\n\"@",
    "`",
    "\n",
    ";",
    "|",
    "||",
    "&&",
    "&",
    ",",
    ".",
    "..",
    "::",
    "=",
    "+=",
    "-",
    "--",
    "-eq ",
    "-split ",
    "-not ",
    "if ",
    "else ",
    "foreach ",
    "in ",
    "switch ",
    "function f ",
    "class C ",
    "try ",
    "catch ",
    "param(",
    "[int]",
    "1",
    "Get-Item ",
];

/// Parses and checks, as a run does before it begins. Minutes would mean that the time grows faster than the text.
fn read(text: &str) {
    let began = Instant::now();
    let _ = parse::script(&Source::new("x.ps1", text.to_owned()));
    let _ = check::load("x.ps1", text.to_owned());
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{} bytes took {:?}",
        text.len(),
        began.elapsed()
    );
}

/// All the scripts of the cases: what people write.
fn real_scripts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/powershell");
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .expect("the cases are there")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|own| own == "ps1" || own == "cases")
        })
        .map(|path| std::fs::read_to_string(path).expect("cases are readable"))
        .flat_map(|text| {
            let scripts = text.split("\n### ").map(str::to_owned);
            scripts.collect::<Vec<_>>()
        })
        .collect();
    found.sort();
    found
}

/// One change to a script: where, how much, and what comes there.
type Change = (prop::sample::Index, usize, Option<&'static str>);

/// Takes characters out, and puts a piece of syntax (or nothing) in their place.
fn changed(script: &str, changes: &[Change]) -> String {
    let mut chars: Vec<char> = script.chars().collect();
    for (at, n_out, piece) in changes {
        if chars.is_empty() {
            break;
        }
        let from = at.index(chars.len());
        let to = (from + n_out).min(chars.len());
        chars.splice(from..to, piece.unwrap_or_default().chars());
    }
    chars.into_iter().collect()
}

fn change() -> impl Strategy<Value = Change> {
    let piece = proptest::option::of(proptest::sample::select(&PIECES[..]));
    (any::<prop::sample::Index>(), 0..6usize, piece)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_text_gets_an_answer(text in "\\PC{0,200}") {
        read(&text);
    }

    #[test]
    fn sequences_of_syntax_get_an_answer(pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..60)) {
        read(&pieces.concat());
    }

    #[test]
    fn a_changed_script_gets_an_answer(
        script in proptest::sample::select(real_scripts()),
        changes in proptest::collection::vec(change(), 1..5),
    ) {
        read(&changed(&script, &changes));
    }

    #[test]
    fn a_script_cut_anywhere_gets_an_answer(script in proptest::sample::select(real_scripts()), at in any::<prop::sample::Index>()) {
        let n = at.index(script.len() + 1);
        read(&String::from_utf8_lossy(&script.as_bytes()[..n]));
    }

    #[test]
    fn integers_read_as_themselves(n in any::<i32>()) {
        let found = number::parse(&n.to_string()).expect("an integer");
        prop_assert_eq!(found.text(), n.to_string());
    }
}

#[test]
fn deep_nesting_is_an_error() {
    for open in [
        "(",
        "{",
        "@(",
        "$(",
        "[",
        "-not ",
        "!",
        ",",
        "if (1) {",
        "\"$(",
        "@{a=",
        "[a({",
        "{[a({",
        "f \"$(",
        "f $x.m($(",
        "f $(",
        "$x[",
        "1,",
        "1+",
        "[int]",
        "[a[",
        "$a.b(",
        "switch (1) { 1 {",
        "try {",
        "class c { [void] m() {",
        "function f { param($x = $(",
        "& {",
        "x | ",
        "@(@{",
        "for(;",
        "$x = ",
        "1 ? 2 : ",
        "trap {",
        "-split ",
        "++",
    ] {
        read(&open.repeat(20_000));
        let closed: String = open.chars().rev().map(closing).collect();
        read(&(open.repeat(60) + &closed.repeat(60)));
    }
}

/// The bracket that closes `open`; other characters stay.
fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '{' => '}',
        '[' => ']',
        other => other,
    }
}

#[test]
fn long_scripts_take_time_by_their_length() {
    for piece in [
        "$x; ",
        "$x\n",
        "a ",
        "a",
        "-",
        "1,",
        "'a' + ",
        "\"$x\" ",
        "# c\n",
        "Get-Nope1 ",
        "Get-Nope1;",
        "[int]$a = 1; ",
        "$h = @{ a = 1 }; ",
        "x[1].y[z](2) ",
        ".",
        "`\n",
        "$a.b[c](",
    ] {
        read(&piece.repeat(300_000 / piece.len()));
    }
    let keys: String = (0..20_000).map(|n| format!("k{n} = {n}; ")).collect();
    read(&format!("@{{ {keys} }}"));
    let commands: String = (0..20_000).map(|n| format!("Get-Thing{n};")).collect();
    read(&commands);
}
