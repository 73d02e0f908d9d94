//! Strings: verbatim, expandable, here-strings, and the pieces of expandable ones (specification 2.3.5.2).

use std::rc::Rc;

use super::ast::{Expr, ExprKind, Piece, VarRef, VarScope};
use super::parser::{Parsed, Parser};
use crate::lex::{Span, word};
use crate::value::{Value, intern, intern_exactly};

impl Parser<'_> {
    /// `'…'`, with `''` for a quote.
    pub fn single_quoted(&mut self) -> Parsed<String> {
        let from = self.cur.mark();
        self.cur.bump();
        let mut text = String::new();
        loop {
            match self.cur.bump() {
                Some(c) if word::is_single_quote(c) => {
                    if !self.peek().is_some_and(word::is_single_quote) {
                        return Ok(text);
                    }
                    text.push(c);
                    self.cur.bump();
                }
                Some(c) => text.push(c),
                None => return self.fail(from, "The string is missing the terminator: '."),
            }
        }
    }

    /// `"…"`
    pub fn double_quoted(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        self.cur.bump();
        let mut pieces = Pieces::default();
        loop {
            let Some(c) = self.peek() else {
                return self.fail(from, "The string is missing the terminator: \".");
            };
            if word::is_double_quote(c) {
                self.cur.bump();
                if !self.peek().is_some_and(word::is_double_quote) {
                    return Ok(pieces.finish(self.cur.span(from)));
                }
                pieces.text.push(c);
                self.cur.bump();
            } else {
                self.piece(&mut pieces)?;
            }
        }
    }

    /// One character, escape, variable or sub-expression of an expandable string.
    pub fn piece(&mut self, pieces: &mut Pieces) -> Parsed<()> {
        self.piece_of(pieces, false)
    }

    /// The same, of a here-string or not.
    fn piece_of(&mut self, pieces: &mut Pieces, is_here: bool) -> Parsed<()> {
        match self.peek() {
            Some('`') => {
                self.cur.bump();
                self.escaped(&mut pieces.text)
            }
            Some('$') => self.dollar(pieces, is_here),
            Some(c) => {
                self.cur.bump();
                pieces.text.push(c);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// What follows a backtick.
    pub fn escaped(&mut self, text: &mut String) -> Parsed<()> {
        let from = self.cur.mark();
        let Some(c) = self.cur.bump() else {
            return Ok(());
        };
        if c == 'u' {
            let is_open = self.cur.eat("{");
            let digits = self.cur.eat_while(|c| c.is_ascii_hexdigit()).to_owned();
            let found = u32::from_str_radix(&digits, 16)
                .ok()
                .and_then(char::from_u32);
            let (Some(found), true) = (found, is_open && self.cur.eat("}")) else {
                return self.fail(
                    from,
                    "The Unicode escape sequence is not valid: `u{hex digits}.",
                );
            };
            text.push(found);
            return Ok(());
        }
        text.push(word::escape(c).unwrap_or(c));
        Ok(())
    }

    fn dollar(&mut self, pieces: &mut Pieces, is_here: bool) -> Parsed<()> {
        let from = self.cur.mark();
        if self.is_at("$(") {
            let block = self.subexpression(is_here)?;
            let span = self.cur.span(from);
            pieces.push(Expr {
                kind: ExprKind::Sub(block),
                span,
            });
            return Ok(());
        }
        match self.variable(true)? {
            Some(variable) => {
                let span = self.cur.span(from);
                pieces.push(Expr {
                    kind: ExprKind::Var(variable),
                    span,
                });
            }
            None => {
                self.cur.bump();
                pieces.text.push('$');
            }
        }
        Ok(())
    }

    /// A variable after `$` or `@`, `None` if what follows makes none. Takes the sign too.
    pub fn variable(&mut self, is_in_string: bool) -> Parsed<Option<VarRef>> {
        let from = self.cur.mark();
        let sign = self.cur;
        self.cur.bump();
        match self.peek() {
            Some('{') => {
                self.cur.bump();
                let mut name = String::new();
                loop {
                    match self.cur.bump() {
                        Some('}') => break,
                        Some('`') => name.extend(self.cur.bump()),
                        Some(c) => name.push(c),
                        None => {
                            return self.fail(
                                from,
                                "The braced variable name is missing its closing '}'.",
                            );
                        }
                    }
                }
                Ok(Some(qualified(&name)))
            }
            Some(c @ ('$' | '^' | '?')) => {
                self.cur.bump();
                Ok(Some(VarRef {
                    scope: VarScope::None,
                    name: intern(&c.to_string()),
                }))
            }
            Some(c) if word::is_variable(c) => {
                let start = self.cur.at();
                self.cur.eat_while(word::is_variable);
                let is_qualified = self.peek() == Some(':') && self.cur.peek_at(1) != Some(':');
                if is_qualified {
                    let after = self.cur.peek_at(1);
                    if after.is_some_and(word::is_variable) {
                        self.cur.bump();
                        self.cur.eat_while(word::is_variable);
                    } else if is_in_string {
                        return self.fail(
                            from,
                            "Variable reference is not valid. ':' was not followed by a valid variable name character. \
                             Consider using ${} to delimit the name.",
                        );
                    }
                }
                Ok(Some(qualified(self.cur.slice(start))))
            }
            _ => {
                self.cur = sign;
                Ok(None)
            }
        }
    }

    /// `@'…'@` and `@"…"@`
    pub fn here_string(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        self.cur.bump();
        let quote = self.cur.bump().unwrap_or('"');
        self.cur.eat_while(word::is_blank);
        if !self.peek().is_some_and(word::is_newline) {
            return self.fail(from, "No characters are allowed after a here-string header but before the end of the line.");
        }
        if !self.cur.eat("\r\n") {
            self.cur.bump();
        }
        let is_expandable = word::is_double_quote(quote);
        let mut pieces = Pieces::default();
        // The first line may already be the end: then the string is empty.
        let mut is_line_start = true;
        loop {
            let Some(c) = self.peek() else {
                return self.fail(
                    from,
                    format!("The string is missing the terminator: {quote}@."),
                );
            };
            let closes = |c: char| {
                if is_expandable {
                    word::is_double_quote(c)
                } else {
                    word::is_single_quote(c)
                }
            };
            if is_line_start && closes(c) && self.cur.peek_at(1) == Some('@') {
                self.cur.bump_n(2);
                pieces.drop_last_newline();
                return Ok(pieces.finish(self.cur.span(from)));
            }
            is_line_start = word::is_newline(c);
            if is_expandable && matches!(c, '`' | '$') {
                self.piece_of(&mut pieces, true)?;
            } else {
                self.cur.bump();
                pieces.text.push(c);
            }
        }
    }
}

/// Splits `scope:name`.
pub fn qualified(text: &str) -> VarRef {
    let (scope, name) = match text.split_once(':') {
        Some((prefix, name)) => match prefix.to_ascii_lowercase().as_str() {
            "global" => (VarScope::Global, name),
            "script" => (VarScope::Script, name),
            "local" => (VarScope::Local, name),
            "private" => (VarScope::Private, name),
            "using" => (VarScope::Using, name),
            "env" => (VarScope::Env, name),
            "function" => (VarScope::Function, name),
            "variable" => (VarScope::Variable, name),
            _ => (VarScope::None, text),
        },
        None => (VarScope::None, text),
    };
    let name = match scope {
        VarScope::Env => intern_exactly(name),
        _ => intern(name),
    };
    VarRef { scope, name }
}

/// The parts of an expandable string so far.
#[derive(Default)]
pub struct Pieces {
    pub text: String,
    done: Vec<Piece>,
}

impl Pieces {
    pub fn push(&mut self, expr: Expr) {
        self.flush();
        self.done.push(Piece::Expr(expr));
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.done
                .push(Piece::Text(Rc::from(std::mem::take(&mut self.text))));
        }
    }

    /// The line end before a here-string's terminator isn't part of it.
    fn drop_last_newline(&mut self) {
        if self.text.ends_with('\n') {
            self.text.pop();
            if self.text.ends_with('\r') {
                self.text.pop();
            }
        } else if self.text.ends_with('\r') {
            self.text.pop();
        }
    }

    pub fn is_plain(&self) -> bool {
        self.done.is_empty()
    }

    pub fn finish(mut self, span: Span) -> Expr {
        if self.is_plain() {
            return Expr {
                kind: ExprKind::Const(Value::from(self.text)),
                span,
            };
        }
        self.flush();
        Expr {
            kind: ExprKind::Expand(self.done),
            span,
        }
    }
}
