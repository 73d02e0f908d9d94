//! `$( … )` in an expandable string.
//!
//! PowerShell takes what is between the brackets out of the string before it reads it: a quote that is doubled there, or
//! stands behind a backtick, is one quote of the inner code (Tokenizer.ScanSubExpression). Where nothing is doubled, the
//! code is read where it stands; so is all of a here-string's. Unlike there, brackets in quotes needn't be in pairs then.

use super::ast::Block;
use super::parser::{Parsed, Parser};
use crate::lex::{Cursor, Part, word};

impl Parser<'_> {
    /// What `$(` begins, to its bracket.
    pub(super) fn subexpression(&mut self, is_here: bool) -> Parsed<Block> {
        let from = self.cur.mark();
        let mut after = self.cur;
        after.bump_n(2);
        let inner = match is_here {
            true => None,
            false => Undoubled::from(after),
        };
        let Some(inner) = inner else {
            self.cur = after;
            return self.deeper(|parser| parser.block_until(")", from, "subexpression"));
        };
        let block = self.deeper(|parser| {
            let mut within = parser.over(Cursor::of_parts(&inner.text, &inner.parts));
            let result = within.block_until(")", from, "subexpression");
            let is_whole = within.peek().is_none();
            let (types, problems) = (within.types, within.problems);
            (parser.types, parser.problems) = (types, problems);
            match result {
                Ok(_) if !is_whole => parser.fail(from, "Missing closing ')' in subexpression."),
                other => other,
            }
        })?;
        while self.cur.at() < inner.end && self.cur.bump().is_some() {}
        Ok(block)
    }
}

/// The inner code of a `$( … )` with its doubled quotes made single.
struct Undoubled {
    text: String,
    parts: Vec<Part>,
    /// Where the outer text goes on.
    end: usize,
}

impl Undoubled {
    /// From the place after `$(` to the bracket that closes it; `None` if nothing is doubled, or nothing closes it.
    fn from(mut cursor: Cursor<'_>) -> Option<Self> {
        let mut parts = vec![Part {
            at: 0,
            place: cursor.mark(),
        }];
        let mut text = String::new();
        let mut is_changed = false;
        let mut depth = 1;
        while depth > 0 {
            let before = cursor.source_at();
            let c = cursor.bump()?;
            let is_doubled = (c == '`' || word::is_double_quote(c))
                && cursor.peek().is_some_and(word::is_double_quote);
            if is_doubled {
                is_changed = true;
                parts.push(Part {
                    at: text.len(),
                    place: cursor.mark(),
                });
                text.extend(cursor.bump());
                continue;
            }
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            text.push(c);
            // The outer text may lack something, too.
            if cursor.source_at() != before + c.len_utf8() as u32 {
                parts.push(Part {
                    at: text.len(),
                    place: cursor.mark(),
                });
            }
        }
        is_changed.then(|| Self {
            text,
            parts,
            end: cursor.at(),
        })
    }
}
