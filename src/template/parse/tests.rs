//! What parsing does, by example and for any text.

use proptest::prelude::*;

use super::super::Template;
use super::*;

fn at(line: u32, column: u32) -> Position {
    Position { line, column }
}

#[test]
fn names_are_dotted_and_indexed() {
    let template = Template::parse("#{Octopus.Action[Deploy web].Output.Url}").unwrap();
    assert_eq!(
        template.references(),
        ["Octopus.Action[Deploy web].Output.Url"]
    );
    let template = Template::parse("#{A[#{B}].C} and #{a.b}, #{A[*].X}, #{a.b}").unwrap();
    assert_eq!(template.references(), ["B", "A[*].C", "a.b", "A[*].X"]);
}

#[test]
fn an_escape_is_literal_text() {
    let template = Template::parse("a ##{b} # {c} #d").unwrap();
    assert_eq!(template.parts(), [Part::Literal("a #{b} # {c} #d".into())]);
}

#[test]
fn blocks_that_do_not_match_are_refused_with_their_place() {
    for (text, expected) in [
        ("ab #{if A}x", "line 1, column 4: `#{if}` has no `#{/if}`"),
        (
            "#{unless A}x#{/if}",
            "line 1, column 13: `#{/if}` closes or divides nothing that is open here",
        ),
        (
            "x#{/if}",
            "line 1, column 2: `#{/if}` closes or divides nothing that is open here",
        ),
        (
            "#{else}",
            "line 1, column 1: `#{else}` closes or divides nothing that is open here",
        ),
        (
            "#{if A}#{else}#{else}#{/if}",
            "line 1, column 15: `#{else}` closes or divides nothing that is open here",
        ),
        (
            "#{each a in B}#{a}",
            "line 1, column 1: `#{each}` has no `#{/each}`",
        ),
        (
            "#{each a B}",
            "line 1, column 8: expected `#{each NAME in COLLECTION}`",
        ),
        (
            "#{calc 1+2}",
            "line 1, column 1: calculation (`#{calc …}`) is not yet supported in templates",
        ),
        (
            "#{A | Replace \"x\"}",
            "line 1, column 7: `Replace` takes 2 arguments, not 1",
        ),
    ] {
        let error = Template::parse(text).expect_err(text);
        assert_eq!(error.to_string(), expected, "{text}");
    }
    let error = Template::parse("#{Name | Shout}").expect_err("there is none");
    assert!(
        error
            .to_string()
            .starts_with("line 1, column 10: there is no filter `Shout`; there are ")
    );
    // Names that merely begin like keywords are names.
    for text in [
        "#{iface}",
        "#{If.Not}",
        "#{eachOne}",
        "#{calculator}",
        "#{unlesss}",
    ] {
        assert!(Template::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn blocks_say_what_they_read() {
    let template = Template::parse(
        "#{if A == \"x\"}#{B | Append #{C}}#{elseif D}#{/if}#{each e in F}#{e.G}#{e}#{/each}",
    )
    .unwrap();
    assert_eq!(
        template.references(),
        ["A", "B", "C", "D", "F", "F[*].G", "F[*]"]
    );
}

#[test]
fn mistakes_are_errors_with_their_place() {
    assert_eq!(
        Template::parse("a\nb #{Name"),
        Err(ParseError::Unclosed { at: at(2, 3) })
    );
    for text in ["#{}", "#{ }", "#{.}", "#{[x]}"] {
        assert_eq!(
            Template::parse(text),
            Err(ParseError::Empty { at: at(1, 1) }),
            "{text}"
        );
    }
    assert_eq!(
        Template::parse("#{a$b}"),
        Err(ParseError::Unexpected {
            at: at(1, 4),
            found: '$'
        })
    );
    let deep = format!("{}B{}", "#{A[".repeat(100), "]}".repeat(100));
    assert!(matches!(
        Template::parse(&deep),
        Err(ParseError::TooDeep { .. })
    ));
}

proptest! {
    #[test]
    fn any_text_parses_or_fails_and_never_panics(text in "([#{}\\[\\]|.a* \n\"=!]|##\\{|#\\{|#\\{if |#\\{each a in |#\\{/if\\}|#\\{/each\\}|#\\{else\\}|\\PC){0,60}") {
        if let Ok(template) = Template::parse(&text) {
            prop_assert_eq!(template.source(), text);
        }
    }

    #[test]
    fn text_without_an_opening_is_itself(text in "[^#]{0,60}") {
        let template = Template::parse(&text).unwrap();
        prop_assert!(template.references().is_empty());
    }
}
