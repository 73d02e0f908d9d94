//! The parser's state and the small steps that every part of the grammar uses.

use std::rc::Rc;

use super::ast::{Attribute, Source, TypeDef};
use super::{MAX_DEPTH, MAX_HEIGHT, Problem, ProblemKind, requires};
use crate::lex::{Cursor, Span, word};

pub type Parsed<T> = Result<T, Problem>;

pub struct Parser<'a> {
    pub source: Rc<Source>,
    pub cur: Cursor<'a>,
    depth: usize,
    /// How tall the tree is that has been built at this level: a chain of operators grows without going deeper.
    height: usize,
    /// Attributes that were read before it was known what they belong to, and where they began.
    pub read_ahead: Option<(usize, Vec<Attribute>)>,
    /// The types of the body that is being read.
    pub types: Vec<TypeDef>,
    /// What was wrong with statements that were passed over.
    pub problems: Vec<Problem>,
}

impl<'a> Parser<'a> {
    pub fn new(source: &'a Rc<Source>) -> Self {
        Self {
            source: Rc::clone(source),
            cur: Cursor::new(&source.text),
            depth: 0,
            height: 0,
            read_ahead: None,
            types: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// Reads another text of the same source, as deep as this one is. What it finds is to be taken over.
    pub fn over<'b>(&mut self, cur: Cursor<'b>) -> Parser<'b> {
        Parser {
            source: Rc::clone(&self.source),
            cur,
            depth: self.depth,
            height: 0,
            read_ahead: None,
            types: std::mem::take(&mut self.types),
            problems: std::mem::take(&mut self.problems),
        }
    }

    pub fn fail<T>(&self, span: Span, message: impl Into<String>) -> Parsed<T> {
        Err(Problem {
            kind: ProblemKind::Syntax,
            span: self.cur.span(span),
            message: message.into(),
        })
    }

    /// Refuses what PowerShell has and we don't; the message says what to use instead.
    pub fn refuse<T>(&self, span: Span, message: impl Into<String>) -> Parsed<T> {
        Err(Problem {
            kind: ProblemKind::Unsupported,
            span: self.cur.span(span),
            message: message.into(),
        })
    }

    pub fn refuse_here<T>(&self, message: impl Into<String>) -> Parsed<T> {
        self.refuse(self.cur.mark(), message)
    }

    pub fn fail_here<T>(&self, message: impl Into<String>) -> Parsed<T> {
        self.fail(self.cur.mark(), message)
    }

    /// Runs `part` one level deeper.
    pub fn deeper<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return self.refuse_here(format!(
                "The script is nested more than {MAX_DEPTH} levels deep."
            ));
        }
        self.depth += 1;
        let beside = std::mem::take(&mut self.height);
        let result = part(self);
        self.height = beside.max(self.height + 1);
        self.depth -= 1;
        result
    }

    /// Notes one more operator on top of what it joins, or refuses: what walks the tree later has only so much stack.
    pub fn taller(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height > MAX_HEIGHT {
            return self.refuse_here(format!(
                "An expression of more than {MAX_HEIGHT} operators is not supported. Use -join or a here-string."
            ));
        }
        Ok(())
    }

    pub fn peek(&self) -> Option<char> {
        self.cur.peek()
    }

    pub fn is_at(&self, text: &str) -> bool {
        self.cur.starts_with(text)
    }

    /// A backtick at the end of its line; blanks, and a comment after them, may follow.
    fn continues_line(&self) -> bool {
        let after = &self.cur.rest()[1..];
        let rest = after.trim_start_matches(word::is_blank);
        rest.starts_with(word::is_newline) || rest.len() < after.len() && rest.starts_with('#')
    }

    /// Blanks, comments and continued lines, but not the end of a line.
    pub fn skip_blanks(&mut self) -> Parsed<()> {
        loop {
            match self.peek() {
                Some(c) if word::is_blank(c) => {
                    self.cur.bump();
                }
                Some('`') if self.continues_line() => {
                    self.cur.bump();
                    self.cur.eat_while(word::is_blank);
                    if self.peek() == Some('#') {
                        self.comment()?;
                    }
                    if !self.cur.eat("\r\n") {
                        self.cur.bump();
                    }
                }
                Some('#') => self.comment()?,
                Some('<') if self.is_at("<#") => self.block_comment()?,
                _ => return Ok(()),
            }
        }
    }

    /// To the end of the line; a `#requires` that can't be met is refused.
    fn comment(&mut self) -> Parsed<()> {
        let from = self.cur.mark();
        let text = self.cur.eat_while(|c| !word::is_newline(c));
        let is_requires = text
            .get(1..10)
            .is_some_and(|word| word.eq_ignore_ascii_case("requires "));
        if is_requires && let Some(problem) = requires::unmet(&text[10..]) {
            return self.refuse(from, problem);
        }
        Ok(())
    }

    fn block_comment(&mut self) -> Parsed<()> {
        let from = self.cur.mark();
        while !self.cur.eat("#>") {
            if self.cur.bump().is_none() {
                return self.fail(
                    from,
                    "The terminator '#>' is missing from the multiline comment.",
                );
            }
        }
        Ok(())
    }

    /// Blanks, comments and line ends.
    pub fn skip_lines(&mut self) -> Parsed<()> {
        loop {
            self.skip_blanks()?;
            if !self.peek().is_some_and(word::is_newline) {
                return Ok(());
            }
            self.cur.bump();
        }
    }

    /// Line ends and `;`.
    pub fn skip_separators(&mut self) -> Parsed<()> {
        loop {
            self.skip_lines()?;
            if !self.cur.eat(";") {
                return Ok(());
            }
        }
    }

    pub fn expect(&mut self, text: &str, within: &str) -> Parsed<()> {
        if self.cur.eat(text) {
            return Ok(());
        }
        self.fail_here(format!("Missing '{text}' in {within}."))
    }

    /// The closing bracket of what began at `from`.
    pub fn expect_close(&mut self, text: &str, from: Span, within: &str) -> Parsed<()> {
        self.skip_lines()?;
        if self.cur.eat(text) {
            return Ok(());
        }
        match self.peek() {
            None => self.fail(from, format!("Missing closing '{text}' in {within}.")),
            Some(c) => self.fail_here(format!(
                "Unexpected '{c}', missing closing '{text}' in {within}."
            )),
        }
    }

    /// The keyword-like word that comes next, without taking it; empty if none.
    pub fn peek_word(&self) -> &'a str {
        let rest = self.cur.rest();
        let end = rest.find(|c: char| !word::is_name(c)).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Takes the word `keyword`, in any case, if it comes next and ends there.
    pub fn eat_keyword(&mut self, keyword: &str) -> bool {
        let found = self.peek_word();
        let is_next = found.eq_ignore_ascii_case(keyword)
            && !self.cur.rest()[found.len()..].starts_with(['-', ':', '.', '\\', '/']);
        if is_next {
            self.cur.bump_n(found.chars().count());
        }
        is_next
    }

    pub fn name(&mut self, what: &str) -> Parsed<String> {
        if !self.peek().is_some_and(word::is_name_start) {
            return self.fail_here(format!("Missing {what}."));
        }
        Ok(self.cur.eat_while(word::is_name).to_owned())
    }
}
