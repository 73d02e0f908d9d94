//! Literals with brackets: hash tables, arrays, sub-expressions, script blocks.

use std::collections::HashSet;
use std::rc::Rc;

use super::ast::{Expr, ExprKind, Stmt};
use super::parser::{Parsed, Parser};
use crate::lex::{number, word};
use crate::value::Value;

impl Parser<'_> {
    /// `@{ key = value; … }`
    pub fn hash_literal(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        self.cur.bump_n(2);
        let mut entries: Vec<(Expr, Stmt)> = Vec::new();
        let mut seen = HashSet::new();
        loop {
            self.skip_separators()?;
            if self.cur.eat("}") {
                break;
            }
            if self.peek().is_none() {
                return self.fail(
                    from,
                    "The hash literal was incomplete: missing closing '}'.",
                );
            }
            let key = self.hash_key()?;
            self.skip_lines()?;
            if !self.cur.eat("=") {
                return self.fail_here("Missing '=' operator after key in hash literal.");
            }
            self.skip_lines()?;
            let value = self.deeper(Self::statement)?;
            if let ExprKind::Const(found) = &key.kind
                && !seen.insert((found.type_name(), found.text().to_lowercase()))
            {
                return self.fail(
                    key.span,
                    format!(
                        "Duplicate keys '{}' are not allowed in hash literals.",
                        found.text()
                    ),
                );
            }
            entries.push((key, value));
            self.skip_blanks()?;
            match self.peek() {
                Some(c) if c == ';' || c == '}' || word::is_newline(c) => {}
                None => {}
                Some(c) => {
                    return self.fail_here(format!("Unexpected token '{c}' in hash literal."));
                }
            }
        }
        Ok(Expr {
            kind: ExprKind::Hash(entries),
            span: self.cur.span(from),
        })
    }

    fn hash_key(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        match self.peek() {
            Some(c) if word::is_name_start(c) => {
                let text = self
                    .cur
                    .eat_while(|c| word::is_name(c) || matches!(c, '-' | '.' | ':'));
                Ok(Expr {
                    kind: ExprKind::Const(Value::from(text)),
                    span: self.cur.span(from),
                })
            }
            Some(c) if c.is_ascii_digit() => self.number_literal(),
            _ => self.deeper(Self::unary),
        }
    }

    pub fn number_literal(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        let rest = self.cur.rest();
        let n = number::length(rest);
        let Some(value) = number::parse(&rest[..n]) else {
            let shown: String = rest
                .chars()
                .take_while(|c| word::is_name(*c) || *c == '.')
                .collect();
            return self.fail_here(format!("The numeric constant {shown} is not valid."));
        };
        self.cur.bump_n(n);
        Ok(Expr {
            kind: ExprKind::Const(value),
            span: self.cur.span(from),
        })
    }

    /// `@( … )`
    pub fn array_literal(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        self.cur.bump_n(2);
        let block = self.deeper(|parser| parser.block_until(")", from, "array expression"))?;
        Ok(Expr {
            kind: ExprKind::Array(block),
            span: self.cur.span(from),
        })
    }

    /// `$( … )`
    pub fn sub_expression(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        self.cur.bump_n(2);
        let block = self.deeper(|parser| parser.block_until(")", from, "subexpression"))?;
        Ok(Expr {
            kind: ExprKind::Sub(block),
            span: self.cur.span(from),
        })
    }

    /// `{ … }`
    pub fn script_literal(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        self.cur.bump();
        let body = self.deeper(|parser| parser.body_until_brace(from))?;
        Ok(Expr {
            kind: ExprKind::Script(Rc::new(body)),
            span: self.cur.span(from),
        })
    }
}
