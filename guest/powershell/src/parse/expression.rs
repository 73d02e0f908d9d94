//! Expressions: operators by strength, unary ones, the comma, casts.

use super::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use super::operator;
use super::parser::{Parsed, Parser};
use crate::lex::{Span, number, word};

/// Whether `a, b` makes an array here, or separates arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comma {
    Array,
    Separator,
}

impl Parser<'_> {
    pub fn expression(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| parser.ternary(Comma::Array))
    }

    /// An expression in a list of arguments, where a comma ends it.
    pub fn argument_expression(&mut self) -> Parsed<Expr> {
        self.deeper(|parser| parser.ternary(Comma::Separator))
    }

    fn ternary(&mut self, comma: Comma) -> Parsed<Expr> {
        let from = self.cur.mark();
        let condition = self.binary(operator::LOGICAL, comma)?;
        let bookmark = self.cur;
        self.skip_blanks()?;
        if self.peek() != Some('?') || self.is_at("??") || self.is_at("?.") || self.is_at("?[") {
            self.cur = bookmark;
            return Ok(condition);
        }
        self.cur.bump();
        self.skip_lines()?;
        let yes = self.deeper(|parser| parser.ternary(comma))?;
        self.skip_lines()?;
        self.expect(":", "the ternary expression")?;
        self.skip_lines()?;
        let no = self.deeper(|parser| parser.ternary(comma))?;
        Ok(self.made(from, ExprKind::Ternary(Box::new((condition, yes, no)))))
    }

    fn made(&self, from: Span, kind: ExprKind) -> Expr {
        Expr {
            kind,
            span: self.cur.span(from),
        }
    }

    /// Operators of at least `strength`; all are left-associative.
    fn binary(&mut self, strength: u8, comma: Comma) -> Parsed<Expr> {
        let from = self.cur.mark();
        let mut left = self.comma(comma)?;
        loop {
            let bookmark = self.cur;
            self.skip_blanks()?;
            let Some((op, binds, n)) = self.binary_operator() else {
                self.cur = bookmark;
                return Ok(left);
            };
            if binds < strength {
                self.cur = bookmark;
                return Ok(left);
            }
            let (sign, start) = (self.cur.mark(), self.cur.at());
            self.cur.bump_n(n);
            let written = self.cur.slice(start).to_owned();
            self.skip_lines()?;
            if matches!(self.peek(), None | Some(')' | '}' | ']' | ';' | '|')) {
                return self.fail(
                    sign,
                    format!(
                        "You must provide a value expression following the '{written}' operator."
                    ),
                );
            }
            let right = self.deeper(|parser| parser.binary(binds + 1, comma))?;
            self.taller()?;
            left = self.made(from, ExprKind::Binary(op, Box::new((left, right))));
        }
    }

    /// The operator that comes next: itself, its strength, its length in characters.
    fn binary_operator(&self) -> Option<(BinaryOp, u8, usize)> {
        let c = self.peek()?;
        let next = self.cur.peek_at(1);
        if word::is_dash(c) {
            let rest = &self.cur.rest()[c.len_utf8()..];
            let name: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
            if let Some((op, binds)) = (!name.is_empty())
                .then(|| operator::binary(&name))
                .flatten()
            {
                return Some((op, binds, 1 + name.len()));
            }
        }
        if next == Some('=') && c != '.' && c != '=' {
            return None;
        }
        Some(match c {
            '+' => (BinaryOp::Add, operator::ADDITIVE, 1),
            c if word::is_dash(c) => (BinaryOp::Subtract, operator::ADDITIVE, 1),
            // `( … ) *>&1` sends everything away.
            '*' if next == Some('>') => return None,
            '*' => (BinaryOp::Multiply, operator::MULTIPLICATIVE, 1),
            '/' => (BinaryOp::Divide, operator::MULTIPLICATIVE, 1),
            '%' => (BinaryOp::Modulo, operator::MULTIPLICATIVE, 1),
            '.' if next == Some('.') => (BinaryOp::Range, operator::RANGE, 2),
            '?' if next == Some('?') && self.cur.peek_at(2) != Some('=') => {
                (BinaryOp::Coalesce, operator::COALESCE, 2)
            }
            _ => return None,
        })
    }

    fn comma(&mut self, comma: Comma) -> Parsed<Expr> {
        let from = self.cur.mark();
        let first = self.deeper(Self::unary)?;
        if comma == Comma::Separator {
            return Ok(first);
        }
        let mut items = vec![first];
        loop {
            let bookmark = self.cur;
            self.skip_blanks()?;
            if !self.cur.eat(",") {
                self.cur = bookmark;
                break;
            }
            let sign = self.cur.mark();
            self.skip_lines()?;
            if matches!(self.peek(), None | Some(')' | '}' | ']' | ';' | '|')) {
                return self.fail(sign, "Missing expression after ','.");
            }
            items.push(self.deeper(Self::unary)?);
        }
        if items.len() == 1 {
            return Ok(items.remove(0));
        }
        Ok(self.made(from, ExprKind::Comma(items)))
    }

    pub fn unary(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        match self.peek() {
            Some('!') => self.prefixed(from, UnaryOp::Not, 1),
            Some(',') => self.prefixed(from, UnaryOp::Array, 1),
            Some('+') if self.is_at("++") => self.increment(from, 1),
            Some('-') if self.is_at("--") => self.increment(from, -1),
            Some('+') => self.plus_unary(from),
            Some(c) if word::is_dash(c) => self.dash_unary(from),
            Some('[') => self.cast_or_type(from),
            _ => {
                let operand = self.postfix()?;
                Ok(self.stepped(from, operand))
            }
        }
    }

    /// `$n ++`: blanks may stand before the sign.
    fn stepped(&mut self, from: Span, operand: Expr) -> Expr {
        let is_place = matches!(
            operand.kind,
            ExprKind::Var(_) | ExprKind::Member { .. } | ExprKind::Index { .. }
        );
        let mut ahead = self.cur;
        ahead.eat_while(word::is_blank);
        let delta = match (is_place, ahead.eat("++"), ahead.eat("--")) {
            (true, true, _) => 1,
            (true, _, true) => -1,
            _ => return operand,
        };
        self.cur = ahead;
        let kind = ExprKind::IncDec {
            target: Box::new(operand),
            delta,
            is_prefix: false,
        };
        self.made(from, kind)
    }

    fn prefixed(&mut self, from: Span, op: UnaryOp, n: usize) -> Parsed<Expr> {
        self.cur.bump_n(n);
        self.skip_lines()?;
        let operand = self.deeper(Self::unary)?;
        Ok(self.made(from, ExprKind::Unary(op, Box::new(operand))))
    }

    fn increment(&mut self, from: Span, delta: i32) -> Parsed<Expr> {
        self.cur.bump_n(2);
        let target = Box::new(self.deeper(Self::unary)?);
        Ok(self.made(
            from,
            ExprKind::IncDec {
                target,
                delta,
                is_prefix: true,
            },
        ))
    }

    /// The sign of a literal belongs to it, so that `+1y` stays an sbyte.
    fn plus_unary(&mut self, from: Span) -> Parsed<Expr> {
        let after = &self.cur.rest()[1..];
        if after.starts_with(|c: char| c.is_ascii_digit() || c == '.') && number::length(after) > 0
        {
            self.cur.bump();
            return self.postfix();
        }
        self.prefixed(from, UnaryOp::Plus, 1)
    }

    fn dash_unary(&mut self, from: Span) -> Parsed<Expr> {
        let rest = self.cur.rest();
        let after = &rest[self.peek().map_or(0, char::len_utf8)..];
        if after.starts_with(|c: char| c.is_ascii_digit() || c == '.') && number::length(after) > 0
        {
            self.cur.bump();
            let n = number::length(after);
            if let Some(value) = number::parse(&format!("-{}", &after[..n])) {
                self.cur.bump_n(n);
                let literal = self.made(from, ExprKind::Const(value));
                return self.postfix_of(from, literal);
            }
            return self.fail(from, "Missing expression after unary operator '-'.");
        }
        let name: String = after.chars().take_while(|c| c.is_alphabetic()).collect();
        let op = match name.to_ascii_lowercase().as_str() {
            "not" => UnaryOp::Not,
            "bnot" => UnaryOp::BitNot,
            "split" | "isplit" => UnaryOp::Split,
            "csplit" => UnaryOp::CaseSplit,
            "join" => UnaryOp::Join,
            "" => return self.prefixed(from, UnaryOp::Negate, 1),
            _ => {
                return self.fail_here(format!(
                    "Unexpected token '-{name}' in expression or statement."
                ));
            }
        };
        self.prefixed(from, op, 1 + name.len())
    }

    /// `[type]` alone, before `::`, or as a cast of what follows.
    fn cast_or_type(&mut self, from: Span) -> Parsed<Expr> {
        let name = self.bracketed_type()?;
        let bookmark = self.cur;
        self.skip_blanks()?;
        if self.begins_operand() && !self.is_at("::") {
            let operand = self.deeper(Self::unary)?;
            return Ok(self.made(from, ExprKind::Cast(name, Box::new(operand))));
        }
        self.cur = bookmark;
        let literal = self.made(from, ExprKind::Type(name));
        self.postfix_of(from, literal)
    }

    /// Whether what comes next can be a cast's operand.
    fn begins_operand(&self) -> bool {
        let Some(c) = self.peek() else { return false };
        match c {
            '$' | '(' | '@' | '{' | '!' => true,
            '[' => true,
            '+' => self.is_at("++"),
            ',' => false,
            c if word::is_single_quote(c) || word::is_double_quote(c) || c.is_ascii_digit() => true,
            '.' => self.cur.peek_at(1).is_some_and(|c| c.is_ascii_digit()),
            c if word::is_dash(c) => {
                let rest = &self.cur.rest()[c.len_utf8()..];
                let name: String = rest.chars().take_while(|c| c.is_alphabetic()).collect();
                rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '$' | '('))
                    || matches!(
                        name.to_ascii_lowercase().as_str(),
                        "not" | "bnot" | "split" | "join"
                    ) && operator::binary(&name).is_none()
            }
            _ => false,
        }
    }
}
