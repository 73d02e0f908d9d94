//! The parser on arbitrary input: an answer, never a panic, never a hang.

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

fn parse_text(text: String) {
    let source = Source::new("x.ps1", text);
    let _ = parse::script(&source);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_text_gets_an_answer(text in "\\PC{0,200}") {
        parse_text(text);
    }

    #[test]
    fn sequences_of_syntax_get_an_answer(pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..60)) {
        parse_text(pieces.concat());
    }

    #[test]
    fn the_check_gets_through_whatever_parses(pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..30)) {
        let _ = check::load("x.ps1", pieces.concat());
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
        "(", "{", "@(", "$(", "[", "-not ", "!", ",", "if (1) {", "\"$(", "@{a=",
    ] {
        parse_text(open.repeat(20_000));
    }
}
