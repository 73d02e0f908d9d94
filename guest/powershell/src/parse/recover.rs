//! Going on after a statement that can't be read, so that a script's author learns of several slips at once.
//!
//! The statement is passed over by its brackets, quotes and comments alone, from where it began to the first line end
//! after the slip that is outside of them all. Where brackets or quotes don't close, nothing that follows can be
//! trusted, and the reading ends.

use super::Problem;
use super::parser::{Parsed, Parser};
use crate::lex::{Cursor, word};

/// How many problems are told: enough to see what a script is about.
pub const MAX_PROBLEMS: usize = 10;

impl Parser<'_> {
    /// Notes the problem of the statement that began at `from` and passes over the rest of it.
    ///
    /// # Errors
    /// The problem itself, where its statement has no end.
    pub fn recover(&mut self, problem: Problem, from: Cursor<'_>) -> Parsed<()> {
        let Some(end) = statement_end(self.cur.text(), from.at(), self.cur.at()) else {
            return Err(problem);
        };
        self.problems.push(problem);
        self.read_ahead = None;
        while self.cur.at() < end && self.cur.bump().is_some() {}
        if self.problems.len() >= MAX_PROBLEMS {
            return self.too_many();
        }
        Ok(())
    }

    /// Ends the reading: the last problem is the one that is given back.
    fn too_many(&mut self) -> Parsed<()> {
        match self.problems.pop() {
            Some(last) => Err(last),
            None => Ok(()),
        }
    }
}

/// Where the statement that begins at `from` ends, at or after `slip`; `None` if it doesn't.
fn statement_end(text: &str, from: usize, slip: usize) -> Option<usize> {
    let mut open: Vec<char> = Vec::new();
    let mut at = from;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let is_word_start = text[..at].chars().next_back().is_none_or(|before| {
            before.is_whitespace() || matches!(before, ';' | '{' | '}' | '(' | ')' | ',' | '|')
        });
        let is_past = at >= slip && open.is_empty();
        match c {
            _ if is_past && (word::is_newline(c) || matches!(c, ';' | ')' | '}' | ']')) => {
                return Some(at);
            }
            '`' => at += c.len_utf8(),
            '@' if rest[1..].starts_with(['\'', '"']) => {
                at += here_string(rest)?;
                continue;
            }
            '<' if rest.starts_with("<#") => {
                at += rest.find("#>")? + 2;
                continue;
            }
            '#' if is_word_start => {
                at += rest.find(word::is_newline).unwrap_or(rest.len());
                continue;
            }
            _ if word::is_single_quote(c) || word::is_double_quote(c) => {
                at += quoted(rest)?;
                continue;
            }
            '(' => open.push(')'),
            '{' => open.push('}'),
            '[' => open.push(']'),
            ')' | '}' | ']' if open.last() == Some(&c) => {
                open.pop();
            }
            // A bracket that closes what wasn't opened is the slip; a square one in a bare word is text.
            ')' | '}' if at < slip => return None,
            _ => {}
        }
        // What a backtick escapes goes with it.
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    (open.is_empty() && at >= slip).then_some(at)
}

/// The length of a text in quotes, with them; `None` if it doesn't end.
fn quoted(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices();
    let (_, quote) = chars.next()?;
    let is_single = word::is_single_quote(quote);
    while let Some((at, c)) = chars.next() {
        match c {
            '`' if !is_single => {
                chars.next();
            }
            // Two in a row end one text and begin another, which comes to the same.
            _ if is_single && word::is_single_quote(c) => return Some(at + c.len_utf8()),
            _ if !is_single && word::is_double_quote(c) => return Some(at + c.len_utf8()),
            _ => {}
        }
    }
    None
}

/// The length of a here-string: up to its closing mark at the beginning of a line.
fn here_string(rest: &str) -> Option<usize> {
    let close = if rest.starts_with("@'") {
        "\n'@"
    } else {
        "\n\"@"
    };
    rest.find(close).map(|at| at + close.len())
}

#[cfg(test)]
mod tests {
    use super::statement_end;

    #[test]
    fn a_statement_ends_at_a_line_end_outside_of_brackets() {
        let end = |text: &str, slip: usize| statement_end(text, 0, slip);
        assert_eq!(end("$x = = 1\n$y", 5), Some(8));
        assert_eq!(end("if ($a -eq) {\n b\n}\n$y", 10), Some(18));
        assert_eq!(end("f ')' # }\n$y", 0), Some(9));
        assert_eq!(end("f @'\n}\n'@\n$y", 2), Some(9));
        assert_eq!(end("f `\n g\n$y", 2), Some(6));
        assert_eq!(end("a } b", 0), Some(2));
    }

    #[test]
    fn what_never_closes_has_no_end() {
        for text in ["f (\n$y", "f 'a\n$y", "f @'\n", "f <# a", "f {"] {
            assert_eq!(statement_end(text, 0, 2), None, "{text}");
        }
    }
}
