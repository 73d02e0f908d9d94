//! A position in the source that knows its line and column.

/// Where something stands: byte range, line and column (both from 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
    pub line: u32,
    pub column: u32,
}

impl Span {
    /// From where this begins to where `last` ends.
    pub fn to(self, last: Self) -> Self {
        Self {
            end: last.end.max(self.end),
            ..self
        }
    }
}

/// Reads a source from left to right; copies are cheap and serve as bookmarks.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    column: u32,
    parts: &'a [Part],
}

/// A part of a text that was made of a source's, and where in the source it begins.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub at: usize,
    pub place: Span,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        let mut cursor = Self {
            text,
            at: 0,
            line: 1,
            column: 1,
            parts: &[],
        };
        if text.starts_with('\u{feff}') {
            cursor.at = '\u{feff}'.len_utf8();
        }
        cursor
    }

    /// Over a text of parts of a source, whose places it tells. There is at least one part, and the first begins the text.
    pub fn of_parts(text: &'a str, parts: &'a [Part]) -> Self {
        let mut cursor = Self::new(text);
        (cursor.at, cursor.parts) = (0, parts);
        cursor.enter_part();
        cursor
    }

    /// Where a part begins, its line and column count on.
    fn enter_part(&mut self) {
        if let Ok(found) = self.parts.binary_search_by_key(&self.at, |part| part.at) {
            let place = self.parts[found].place;
            (self.line, self.column) = (place.line, place.column);
        }
    }

    /// The text that it reads.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Where it is in the source.
    pub fn source_at(&self) -> u32 {
        let n_begun = self.parts.partition_point(|part| part.at <= self.at);
        match n_begun.checked_sub(1).map(|last| self.parts[last]) {
            Some(part) => part.place.start + (self.at - part.at) as u32,
            None => self.at as u32,
        }
    }

    /// Where it is in its text.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub fn slice(&self, from: usize) -> &'a str {
        &self.text[from..self.at]
    }

    pub fn peek(&self) -> Option<char> {
        let byte = *self.text.as_bytes().get(self.at)?;
        if byte.is_ascii() {
            return Some(char::from(byte));
        }
        self.rest().chars().next()
    }

    pub fn peek_at(&self, n: usize) -> Option<char> {
        self.rest().chars().nth(n)
    }

    pub fn starts_with(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    pub fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        if c == '\n' || (c == '\r' && self.peek() != Some('\n')) {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        if !self.parts.is_empty() {
            self.enter_part();
        }
        Some(c)
    }

    pub fn bump_n(&mut self, n: usize) {
        for _ in 0..n {
            self.bump();
        }
    }

    /// Takes `text` if it comes next.
    pub fn eat(&mut self, text: &str) -> bool {
        let is_next = self.starts_with(text);
        if is_next {
            self.bump_n(text.chars().count());
        }
        is_next
    }

    pub fn eat_while(&mut self, accepts: impl Fn(char) -> bool) -> &'a str {
        let from = self.at;
        while self.peek().is_some_and(&accepts) {
            self.bump();
        }
        self.slice(from)
    }

    /// The span that begins here and, for now, ends here.
    pub fn mark(&self) -> Span {
        let at = self.source_at();
        Span {
            start: at,
            end: at,
            line: self.line,
            column: self.column,
        }
    }

    /// `from`, ending here.
    pub fn span(&self, from: Span) -> Span {
        Span {
            end: self.source_at(),
            ..from
        }
    }
}
