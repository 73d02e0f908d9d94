//! Text → parts. One pass, no backtracking, bounded nesting.

use super::ast::{Branch, Call, Condition, Index, Operand, Part, Step, Substitution, Symbol, Test};
use super::cursor::{Cursor, Position};
use super::filter::Filter;

/// Substitutions inside indexes inside substitutions: more than this is a mistake or an attack.
const MAX_NESTING: usize = 16;

/// Why text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ParseError {
    #[error("{at}: `#{{` is never closed; write `##{{` to print it")]
    Unclosed { at: Position },
    #[error("{at}: there is no variable name between `#{{` and `}}`")]
    Empty { at: Position },
    #[error("{at}: {found:?} can't be part of a variable name")]
    Unexpected { at: Position, found: char },
    #[error("{at}: calculation (`#{{calc …}}`) is not yet supported in templates")]
    Calculation { at: Position },
    #[error("{at}: there is no filter `{name}`; there are {}", Filter::names())]
    NoFilter { at: Position, name: String },
    #[error("{at}: `{filter}` takes {} arguments, not {found}", .filter.takes_in_words())]
    Arguments {
        at: Position,
        filter: Filter,
        found: usize,
    },
    #[error("{at}: `#{{{opening}}}` has no `#{{/{opening}}}`")]
    NoEnd { at: Position, opening: &'static str },
    #[error("{at}: `#{{{word}}}` closes or divides nothing that is open here")]
    NothingOpen { at: Position, word: &'static str },
    #[error("{at}: expected {expected}")]
    Expected {
        at: Position,
        expected: &'static str,
    },
    #[error("{at}: substitutions and blocks are nested more than {MAX_NESTING} deep")]
    TooDeep { at: Position },
}

pub(super) fn parts(text: &str) -> Result<Vec<Part>, ParseError> {
    let mut cursor = Cursor::new(text);
    let (parts, end) = body(&mut cursor, 0)?;
    match end {
        End::OfText => Ok(parts),
        End::Word { at, word } => Err(ParseError::NothingOpen {
            at,
            word: word.as_str(),
        }),
    }
}

/// What a body ended with.
enum End {
    OfText,
    /// `#{word`: for `elseif` the condition is still to come, otherwise the token is read.
    Word {
        at: Position,
        word: Keyword,
    },
}

fn body(cursor: &mut Cursor<'_>, depth: usize) -> Result<(Vec<Part>, End), ParseError> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let end = loop {
        let rest = cursor.rest();
        if rest.starts_with("##{") {
            cursor.skip(3);
            literal.push_str("#{");
            continue;
        }
        if !rest.starts_with("#{") {
            match cursor.next() {
                Some(character) => literal.push(character),
                None => break End::OfText,
            }
            continue;
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(std::mem::take(&mut literal)));
        }
        let at = cursor.position();
        if depth == MAX_NESTING {
            return Err(ParseError::TooDeep { at });
        }
        parts.push(match keyword(&rest[2..]) {
            None => Part::Substitution(substitution(cursor, depth)?),
            Some((Keyword::If | Keyword::Unless, length)) => {
                cursor.skip(2);
                conditional(cursor, at, length, depth)?
            }
            Some((Keyword::Each, length)) => {
                cursor.skip(2 + length);
                each(cursor, at, depth)?
            }
            Some((Keyword::Calc, _)) => return Err(ParseError::Calculation { at }),
            Some((Keyword::ElseIf, length)) => {
                cursor.skip(2 + length);
                let word = Keyword::ElseIf;
                break End::Word { at, word };
            }
            Some((
                word @ (Keyword::Else | Keyword::EndIf | Keyword::EndUnless | Keyword::EndEach),
                length,
            )) => {
                cursor.skip(2 + length + 1);
                break End::Word { at, word };
            }
        });
    };
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok((parts, end))
}

/// Parses from `if` or `unless` to the end of the block.
fn conditional(
    cursor: &mut Cursor<'_>,
    at: Position,
    length: usize,
    depth: usize,
) -> Result<Part, ParseError> {
    let is_unless = cursor.rest().trim_start().starts_with("unless");
    let (opening, closing) = match is_unless {
        true => ("unless", Keyword::EndUnless),
        false => ("if", Keyword::EndIf),
    };
    cursor.skip(length);
    let mut condition = condition(cursor, at, depth)?;
    condition.is_negated ^= is_unless;
    let mut branches = Vec::new();
    loop {
        let (parts, end) = body(cursor, depth + 1)?;
        branches.push(Branch {
            condition,
            body: parts,
        });
        match end {
            End::OfText => return Err(ParseError::NoEnd { at, opening }),
            End::Word { word, .. } if word == closing => {
                let otherwise = Vec::new();
                return Ok(Part::Conditional {
                    branches,
                    otherwise,
                });
            }
            End::Word {
                at: here,
                word: Keyword::ElseIf,
            } if !is_unless => condition = self::condition(cursor, here, depth)?,
            End::Word {
                word: Keyword::Else,
                ..
            } => {
                let (otherwise, end) = body(cursor, depth + 1)?;
                return match end {
                    End::OfText => Err(ParseError::NoEnd { at, opening }),
                    End::Word { word, .. } if word == closing => Ok(Part::Conditional {
                        branches,
                        otherwise,
                    }),
                    End::Word { at, word } => Err(ParseError::NothingOpen {
                        at,
                        word: word.as_str(),
                    }),
                };
            }
            End::Word { at, word } => {
                return Err(ParseError::NothingOpen {
                    at,
                    word: word.as_str(),
                });
            }
        }
    }
}

/// Parses `A`, `A == "text"` or `"text" != A`, up to and with `}`.
fn condition(
    cursor: &mut Cursor<'_>,
    opened: Position,
    depth: usize,
) -> Result<Condition, ParseError> {
    let left = operand(cursor, opened, depth)?;
    cursor.skip_spaces();
    let is_negated = cursor.rest().starts_with("!=");
    let test = if is_negated || cursor.rest().starts_with("==") {
        cursor.skip(2);
        Test::Equals(operand(cursor, opened, depth)?)
    } else {
        Test::Holds
    };
    cursor.skip_spaces();
    let at = cursor.position();
    match cursor.next() {
        Some('}') => Ok(Condition {
            left,
            test,
            is_negated,
        }),
        Some(found) => Err(ParseError::Unexpected { at, found }),
        None => Err(ParseError::Unclosed { at: opened }),
    }
}

fn operand(cursor: &mut Cursor<'_>, opened: Position, depth: usize) -> Result<Operand, ParseError> {
    cursor.skip_spaces();
    if cursor.rest().starts_with("#{") {
        return Ok(Operand::Substitution(substitution(cursor, depth + 1)?));
    }
    match cursor.peek() {
        Some('"') => Ok(Operand::Text(quoted(cursor, opened)?)),
        _ => Ok(Operand::Substitution(expression(cursor, opened, depth)?)),
    }
}

/// Parses from behind `each` to the end of the block.
fn each(cursor: &mut Cursor<'_>, at: Position, depth: usize) -> Result<Part, ParseError> {
    cursor.skip_spaces();
    let here = cursor.position();
    let mut item = String::new();
    while let Some(character) = cursor.peek().filter(|c| c.is_alphanumeric() || *c == '_') {
        item.push(character);
        cursor.next();
    }
    cursor.skip_spaces();
    if item.is_empty() || !cursor.rest().starts_with("in ") {
        let expected = "`#{each NAME in COLLECTION}`";
        return Err(ParseError::Expected { at: here, expected });
    }
    cursor.skip(3);
    let collection = symbol(cursor, at, depth)?;
    let here = cursor.position();
    match cursor.next() {
        Some('}') => {}
        Some(found) => return Err(ParseError::Unexpected { at: here, found }),
        None => return Err(ParseError::Unclosed { at }),
    }
    let (parts, end) = body(cursor, depth + 1)?;
    match end {
        End::OfText => Err(ParseError::NoEnd {
            at,
            opening: "each",
        }),
        End::Word {
            word: Keyword::EndEach,
            ..
        } => Ok(Part::Each {
            item,
            collection,
            body: parts,
        }),
        End::Word { at, word } => Err(ParseError::NothingOpen {
            at,
            word: word.as_str(),
        }),
    }
}

/// Parses from `#{` to its `}`.
fn substitution(cursor: &mut Cursor<'_>, depth: usize) -> Result<Substitution, ParseError> {
    let at = cursor.position();
    if depth >= MAX_NESTING {
        return Err(ParseError::TooDeep { at });
    }
    let start = cursor.offset;
    cursor.skip(2);
    let inside = expression(cursor, at, depth)?;
    let here = cursor.position();
    match cursor.next() {
        Some('}') => Ok(Substitution {
            written: cursor.text[start..cursor.offset].to_owned(),
            position: at,
            ..inside
        }),
        Some(found) => Err(ParseError::Unexpected { at: here, found }),
        None => Err(ParseError::Unclosed { at }),
    }
}

/// Parses `Name | Filter argument | …`, up to what can't belong to it.
fn expression(
    cursor: &mut Cursor<'_>,
    opened: Position,
    depth: usize,
) -> Result<Substitution, ParseError> {
    let position = cursor.position();
    let start = cursor.offset;
    let symbol = symbol(cursor, opened, depth)?;
    let mut filters = Vec::new();
    while cursor.peek() == Some('|') {
        cursor.next();
        filters.push(call(cursor, opened, depth)?);
    }
    Ok(Substitution {
        symbol,
        filters,
        written: cursor.text[start..cursor.offset].to_owned(),
        position,
    })
}

/// Parses from behind `|` to the next `|`, `}` or comparison.
fn call(cursor: &mut Cursor<'_>, opened: Position, depth: usize) -> Result<Call, ParseError> {
    cursor.skip_spaces();
    let at = cursor.position();
    let name = word(cursor);
    let filter = Filter::named(&name).ok_or(ParseError::NoFilter { at, name })?;
    let mut arguments = Vec::new();
    loop {
        cursor.skip_spaces();
        let rest = cursor.rest();
        if rest.starts_with("==") || rest.starts_with("!=") {
            break;
        }
        match cursor.peek() {
            None => return Err(ParseError::Unclosed { at: opened }),
            Some('|' | '}') => break,
            Some('"') => arguments.push(Operand::Text(quoted(cursor, opened)?)),
            Some('#') if rest.starts_with("#{") => {
                arguments.push(Operand::Substitution(substitution(cursor, depth + 1)?));
            }
            Some(_) => arguments.push(Operand::Text(word(cursor))),
        }
    }
    let found = arguments.len();
    if !filter.takes().contains(&found) {
        return Err(ParseError::Arguments { at, filter, found });
    }
    Ok(Call { filter, arguments })
}

/// A run of characters without a space, `|` or `}`; at least one, whatever it is.
fn word(cursor: &mut Cursor<'_>) -> String {
    let mut text: String = cursor.next().into_iter().collect();
    while let Some(character) = cursor
        .peek()
        .filter(|c| !c.is_whitespace() && !matches!(c, '|' | '}'))
    {
        text.push(character);
        cursor.next();
    }
    text
}

/// Parses `"text"`; `\"` is a quote, and any other backslash is itself.
fn quoted(cursor: &mut Cursor<'_>, opened: Position) -> Result<String, ParseError> {
    cursor.next();
    let mut text = String::new();
    loop {
        if cursor.rest().starts_with("\\\"") {
            cursor.skip(2);
            text.push('"');
            continue;
        }
        match cursor.next() {
            Some('"') => return Ok(text),
            Some(character) => text.push(character),
            None => return Err(ParseError::Unclosed { at: opened }),
        }
    }
}

/// Parses a name with its dots and indexes, up to what can't belong to it.
fn symbol(cursor: &mut Cursor<'_>, opened: Position, depth: usize) -> Result<Symbol, ParseError> {
    let mut steps = Vec::new();
    let mut name = String::new();
    loop {
        let here = cursor.position();
        let rest = cursor.rest();
        match cursor.peek() {
            None => return Err(ParseError::Unclosed { at: opened }),
            Some('}' | '|') => break,
            Some('=' | '!') if rest.starts_with("==") || rest.starts_with("!=") => break,
            Some('.') => {
                cursor.next();
                push_name(&mut steps, &mut name);
            }
            Some('[') => {
                push_name(&mut steps, &mut name);
                steps.push(Step::Index(index(cursor, opened, depth)?));
            }
            Some(character) if is_name_character(character) => {
                cursor.next();
                name.push(character);
            }
            Some(found) => return Err(ParseError::Unexpected { at: here, found }),
        }
    }
    push_name(&mut steps, &mut name);
    // `#{}`, `#{ }` and `#{[x]}` name nothing.
    match steps.first() {
        Some(Step::Name(_)) => Ok(Symbol { steps }),
        Some(Step::Index(_)) | None => Err(ParseError::Empty { at: opened }),
    }
}

/// Parses from `[` to its `]`.
fn index(cursor: &mut Cursor<'_>, opened: Position, depth: usize) -> Result<Index, ParseError> {
    cursor.next();
    if cursor.rest().starts_with("#{") {
        let inner = substitution(cursor, depth + 1)?;
        if !inner.filters.is_empty() {
            let expected = "a name without filters";
            return Err(ParseError::Expected {
                at: inner.position,
                expected,
            });
        }
        let at = cursor.position();
        return match cursor.next() {
            Some(']') => Ok(Index::Symbol(inner.symbol)),
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

/// The words that open, divide or close a block, so that none is taken for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keyword {
    If,
    Unless,
    ElseIf,
    Else,
    EndIf,
    EndUnless,
    Each,
    EndEach,
    Calc,
}

impl Keyword {
    fn as_str(self) -> &'static str {
        match self {
            Keyword::If => "if",
            Keyword::Unless => "unless",
            Keyword::ElseIf => "elseif",
            Keyword::Else => "else",
            Keyword::EndIf => "/if",
            Keyword::EndUnless => "/unless",
            Keyword::Each => "each",
            Keyword::EndEach => "/each",
            Keyword::Calc => "calc",
        }
    }
}

/// The keyword that what stands behind `#{` begins with, and how many characters it takes, spaces
/// before it and the space behind it included.
fn keyword(inside: &str) -> Option<(Keyword, usize)> {
    let word_and_rest = inside.trim_start();
    let n_before = inside.chars().count() - word_and_rest.chars().count();
    let end = word_and_rest
        .find(|c: char| !(c.is_ascii_alphabetic() || c == '/'))
        .unwrap_or(word_and_rest.len());
    let (word, rest) = word_and_rest.split_at(end);
    let has_argument = rest.starts_with(char::is_whitespace);
    let is_closed = rest.starts_with('}');
    let (keyword, n_behind) = match word {
        "if" if has_argument => (Keyword::If, 1),
        "unless" if has_argument => (Keyword::Unless, 1),
        "elseif" if has_argument => (Keyword::ElseIf, 1),
        "each" if has_argument => (Keyword::Each, 1),
        "calc" if has_argument => (Keyword::Calc, 1),
        "else" if is_closed => (Keyword::Else, 0),
        "/if" if is_closed => (Keyword::EndIf, 0),
        "/unless" if is_closed => (Keyword::EndUnless, 0),
        "/each" if is_closed => (Keyword::EndEach, 0),
        _ => return None,
    };
    Some((keyword, n_before + word.len() + n_behind))
}

#[cfg(test)]
mod tests;
