//! Text → parts. One pass, no backtracking, bounded nesting.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ast::{Index, Part, Step, Symbol};

/// Substitutions inside indexes inside substitutions: more than this is a mistake or an attack.
const MAX_NESTING: usize = 16;

/// Where in a template something is. Both count from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Why text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ParseError {
    #[error("{at}: `#{{` is never closed; write `##{{` to print it")]
    Unclosed { at: Position },
    #[error("{at}: there is no variable name between `#{{` and `}}`")]
    Empty { at: Position },
    #[error("{at}: {found:?} can't be part of a variable name")]
    Unexpected { at: Position, found: char },
    #[error("{at}: {feature} not yet supported in templates")]
    NotYetSupported { at: Position, feature: Feature },
    #[error("{at}: substitutions are nested more than {MAX_NESTING} deep")]
    TooDeep { at: Position },
}

/// What the full language has and this one doesn't yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feature {
    Conditional,
    Iteration,
    Calculation,
    Filter,
}

impl fmt::Display for Feature {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Feature::Conditional => "conditionals (`#{if …}`, `#{unless …}`) are",
            Feature::Iteration => "iteration (`#{each …}`) is",
            Feature::Calculation => "calculation (`#{calc …}`) is",
            Feature::Filter => "filters (`#{Name | Filter}`) are",
        })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}", self.line, self.column)
    }
}

pub(super) fn parts(text: &str) -> Result<Vec<Part>, ParseError> {
    let mut cursor = Cursor::new(text);
    let mut parts = Vec::new();
    let mut literal = String::new();
    loop {
        let rest = cursor.rest();
        if rest.starts_with("##{") {
            cursor.skip(3);
            literal.push_str("#{");
        } else if rest.starts_with("#{") {
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            let position = cursor.position();
            let start = cursor.offset;
            let symbol = substitution(&mut cursor, 0)?;
            let written = text[start..cursor.offset].to_owned();
            parts.push(Part::Substitution {
                symbol,
                written,
                position,
            });
        } else if let Some(character) = cursor.next() {
            literal.push(character);
        } else {
            break;
        }
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(parts)
}

/// Parses from `#{` to its `}`.
fn substitution(cursor: &mut Cursor<'_>, depth: usize) -> Result<Symbol, ParseError> {
    let at = cursor.position();
    if depth == MAX_NESTING {
        return Err(ParseError::TooDeep { at });
    }
    cursor.skip(2);
    if let Some(feature) = keyword(cursor.rest()) {
        return Err(ParseError::NotYetSupported { at, feature });
    }
    let mut steps = Vec::new();
    let mut name = String::new();
    loop {
        let here = cursor.position();
        match cursor.peek() {
            None => return Err(ParseError::Unclosed { at }),
            Some('}') => {
                cursor.next();
                push_name(&mut steps, &mut name);
                break;
            }
            Some('.') => {
                cursor.next();
                push_name(&mut steps, &mut name);
            }
            Some('[') => {
                push_name(&mut steps, &mut name);
                steps.push(Step::Index(index(cursor, at, depth)?));
            }
            Some('|') => {
                let feature = Feature::Filter;
                return Err(ParseError::NotYetSupported { at: here, feature });
            }
            Some(character) if is_name_character(character) => {
                cursor.next();
                name.push(character);
            }
            Some(found) => return Err(ParseError::Unexpected { at: here, found }),
        }
    }
    // `#{}`, `#{ }` and `#{[x]}` name nothing.
    match steps.first() {
        Some(Step::Name(_)) => Ok(Symbol { steps }),
        Some(Step::Index(_)) | None => Err(ParseError::Empty { at }),
    }
}

/// Parses from `[` to its `]`.
fn index(cursor: &mut Cursor<'_>, opened: Position, depth: usize) -> Result<Index, ParseError> {
    cursor.next();
    if cursor.rest().starts_with("#{") {
        let symbol = substitution(cursor, depth + 1)?;
        let at = cursor.position();
        return match cursor.next() {
            Some(']') => Ok(Index::Symbol(symbol)),
            Some(found) => Err(ParseError::Unexpected { at, found }),
            None => Err(ParseError::Unclosed { at: opened }),
        };
    }
    let mut text = String::new();
    loop {
        let at = cursor.position();
        match cursor.next() {
            Some(']') => return Ok(Index::Literal(text)),
            Some(found @ ('[' | '}' | '\n')) => return Err(ParseError::Unexpected { at, found }),
            Some(character) => text.push(character),
            None => return Err(ParseError::Unclosed { at: opened }),
        }
    }
}

fn push_name(steps: &mut Vec<Step>, name: &mut String) {
    let text = name.trim();
    if !text.is_empty() {
        steps.push(Step::Name(text.to_owned()));
    }
    name.clear();
}

/// The characters of Octostache's identifiers (TemplateParser.cs), spaces included.
fn is_name_character(character: char) -> bool {
    character.is_alphanumeric()
        || matches!(
            character,
            ' ' | '_' | '-' | ':' | '/' | '~' | '(' | ')' | '@'
        )
}

/// Recognises the words that open, divide or close a block, so that none is taken for a name.
fn keyword(inside: &str) -> Option<Feature> {
    let inside = inside.trim_start();
    let end = inside
        .find(|c: char| !(c.is_ascii_alphabetic() || c == '/'))
        .unwrap_or(inside.len());
    let (word, rest) = inside.split_at(end);
    let followed_by_argument = rest.starts_with(char::is_whitespace);
    let closed = rest.starts_with('}');
    match word {
        "if" | "unless" | "elseif" if followed_by_argument => Some(Feature::Conditional),
        "else" | "/if" | "/unless" if closed => Some(Feature::Conditional),
        "each" if followed_by_argument => Some(Feature::Iteration),
        "/each" if closed => Some(Feature::Iteration),
        "calc" if followed_by_argument => Some(Feature::Calculation),
        _ => None,
    }
}

/// A place in the text that knows its line and column.
struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Cursor<'t> {
        Cursor {
            text,
            offset: 0,
            line: 1,
            column: 1,
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.offset..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.offset += character.len_utf8();
        if character == '\n' {
            self.line = self.line.saturating_add(1);
            self.column = 1;
        } else {
            self.column = self.column.saturating_add(1);
        }
        Some(character)
    }

    fn skip(&mut self, n_characters: usize) {
        for _ in 0..n_characters {
            self.next();
        }
    }

    fn position(&self) -> Position {
        Position {
            line: self.line,
            column: self.column,
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn the_rest_of_the_language_is_refused_with_its_place() {
        for (text, feature, column) in [
            ("#{if A}x#{/if}", Feature::Conditional, 1),
            ("ab #{unless A}x#{/unless}", Feature::Conditional, 4),
            ("x#{/if}", Feature::Conditional, 2),
            ("#{else}", Feature::Conditional, 1),
            ("#{each a in B}#{a}#{/each}", Feature::Iteration, 1),
            ("#{calc 1+2}", Feature::Calculation, 1),
            ("#{Name | ToLower}", Feature::Filter, 8),
        ] {
            let expected = ParseError::NotYetSupported {
                at: at(1, column),
                feature,
            };
            assert_eq!(Template::parse(text), Err(expected), "{text}");
        }
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
        fn any_text_parses_or_fails_and_never_panics(text in "([#{}\\[\\]|.a* \n]|##\\{|#\\{|\\PC){0,60}") {
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
}
