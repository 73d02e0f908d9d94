//! Primary expressions and what may follow them: members, calls, indexes, `++`.

use super::ast::{Expr, ExprKind};
use super::parser::{Parsed, Parser};
use crate::lex::{Span, word};
use crate::value::Value;

impl Parser<'_> {
    /// A primary expression with its members and indexes.
    pub fn postfix(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        let first = self.primary()?;
        self.postfix_of(from, first)
    }

    /// An argument's: a blank after its dot ends it (`Tokenizer.GetMemberAccessOperator`).
    pub fn postfix_of_argument(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        let first = self.primary()?;
        self.members_of(from, first, true)
    }

    pub fn postfix_of(&mut self, from: Span, first: Expr) -> Parsed<Expr> {
        self.members_of(from, first, false)
    }

    fn members_of(&mut self, from: Span, first: Expr, is_argument: bool) -> Parsed<Expr> {
        let mut expr = first;
        let mut n = 0;
        loop {
            // A chain of calls nests the tree as deep as it is long.
            n += 1;
            if n > super::MAX_DEPTH {
                return self.fail(
                    from,
                    format!("More than {} members in a row.", super::MAX_DEPTH),
                );
            }
            let next = self.cur.peek_at(1);
            let kind = match self.peek() {
                Some('.') if next != Some('.') => {
                    if !next.is_some_and(|c| {
                        word::is_variable(c)
                            || matches!(c, '$' | '(' | '\'' | '"' | '\n' | '\r' | '{')
                            || word::is_blank(c) && !is_argument
                    }) {
                        return Ok(expr);
                    }
                    self.cur.bump();
                    self.member(expr, false, false)?
                }
                Some(':') if next == Some(':') => {
                    self.cur.bump_n(2);
                    self.member(expr, true, false)?
                }
                Some('?') if next == Some('.') => {
                    self.cur.bump_n(2);
                    self.member(expr, false, true)?
                }
                Some('?') if next == Some('[') => {
                    self.cur.bump();
                    self.index(expr, true)?
                }
                Some('[') => self.index(expr, false)?,
                Some('+') if next == Some('+') => {
                    self.cur.bump_n(2);
                    ExprKind::IncDec {
                        target: Box::new(expr),
                        delta: 1,
                        is_prefix: false,
                    }
                }
                Some('-') if next == Some('-') => {
                    self.cur.bump_n(2);
                    ExprKind::IncDec {
                        target: Box::new(expr),
                        delta: -1,
                        is_prefix: false,
                    }
                }
                Some(c) if word::is_newline(c) && self.is_chained_below() => {
                    self.skip_lines()?;
                    continue;
                }
                _ => return Ok(expr),
            };
            expr = Expr {
                kind,
                span: self.cur.span(from),
            };
        }
    }

    /// PowerShell 7 continues `$a` with `.Member` on the next line.
    fn is_chained_below(&self) -> bool {
        let rest = self.cur.rest().trim_start();
        let mut chars = rest.chars();
        chars.next() == Some('.') && chars.next().is_some_and(word::is_name_start)
    }

    fn index(&mut self, target: Expr, is_conditional: bool) -> Parsed<ExprKind> {
        let open = self.cur.mark();
        self.cur.bump();
        self.skip_lines()?;
        if self.peek() == Some(']') {
            return self.fail_here("Array index expression is missing or not valid.");
        }
        let index = Box::new(self.expression()?);
        self.expect_close("]", open, "index expression")?;
        Ok(ExprKind::Index {
            target: Box::new(target),
            index,
            is_conditional,
        })
    }

    fn member(&mut self, target: Expr, is_static: bool, is_conditional: bool) -> Parsed<ExprKind> {
        self.skip_lines()?;
        let from = self.cur.mark();
        let name = match self.peek() {
            Some('$') if self.is_at("$(") => self.sub_expression()?,
            Some('$') => match self.variable(false)? {
                Some(variable) => Expr {
                    kind: ExprKind::Var(variable),
                    span: self.cur.span(from),
                },
                None => return self.fail_here("Missing property name after reference operator."),
            },
            Some('(') => self.deeper(Self::primary)?,
            Some(c) if word::is_single_quote(c) => {
                let text = self.single_quoted()?;
                Expr {
                    kind: ExprKind::Const(Value::from(text)),
                    span: self.cur.span(from),
                }
            }
            Some(c) if word::is_double_quote(c) => self.double_quoted()?,
            Some(c) if word::is_name(c) => {
                let text = self.cur.eat_while(word::is_name);
                Expr {
                    kind: ExprKind::Word(text.into()),
                    span: self.cur.span(from),
                }
            }
            _ => return self.fail_here("Missing property name after reference operator."),
        };
        let (target, name) = (Box::new(target), Box::new(name));
        if self.peek() == Some('[') && self.is_generic_call() {
            return self.refuse_here("Generic method calls are not supported.");
        }
        if self.peek() == Some('(') {
            let open = self.cur.mark();
            self.cur.bump();
            let args = self.deeper(|parser| parser.arguments(open))?;
            return Ok(ExprKind::Call {
                target,
                name,
                args,
                is_static,
                is_conditional,
            });
        }
        let is_block_method = matches!(&name.kind, ExprKind::Word(text)
            if ["where", "foreach", "pswhere", "psforeach"].iter().any(|own| text.eq_ignore_ascii_case(own)));
        if is_block_method && self.peek() == Some('{') {
            let args = vec![self.script_literal()?];
            return Ok(ExprKind::Call {
                target,
                name,
                args,
                is_static,
                is_conditional,
            });
        }
        Ok(ExprKind::Member {
            target,
            name,
            is_static,
            is_conditional,
        })
    }

    /// `.Name[type](`
    fn is_generic_call(&self) -> bool {
        let rest = self.cur.rest();
        rest.starts_with('[')
            && rest.find("](").is_some_and(|end| {
                rest[1..end].chars().all(|c| word::is_name(c) || c == '.') && {
                    rest[1..end].starts_with(|c: char| c.is_alphabetic())
                }
            })
    }

    /// A method's arguments up to `)`, which is taken.
    pub fn arguments(&mut self, open: Span) -> Parsed<Vec<Expr>> {
        let mut args = Vec::new();
        loop {
            self.skip_lines()?;
            if self.cur.eat(")") {
                return Ok(args);
            }
            args.push(self.argument_expression()?);
            self.skip_lines()?;
            if !self.cur.eat(",") {
                self.expect_close(")", open, "the argument list")?;
                return Ok(args);
            }
        }
    }

    pub fn primary(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        let Some(c) = self.peek() else {
            return self.fail_here("Missing expression: the script ends here.");
        };
        let next = self.cur.peek_at(1);
        match c {
            '$' if next == Some('(') => self.sub_expression(),
            '$' => match self.variable(false)? {
                Some(variable) => Ok(Expr {
                    kind: ExprKind::Var(variable),
                    span: self.cur.span(from),
                }),
                None => self.fail_here("Unexpected token '$' in expression or statement."),
            },
            '(' => self.paren(from),
            '{' => self.script_literal(),
            '[' => self.deeper(Self::unary),
            '@' => match next {
                Some('(') => self.array_literal(),
                Some('{') => self.hash_literal(),
                Some(c) if word::is_single_quote(c) || word::is_double_quote(c) => {
                    self.here_string()
                }
                _ => self.fail_here(
                    "The splatting operator '@' can only be used to pass arguments to a command.",
                ),
            },
            c if word::is_single_quote(c) => {
                let text = self.single_quoted()?;
                Ok(Expr {
                    kind: ExprKind::Const(Value::from(text)),
                    span: self.cur.span(from),
                })
            }
            c if word::is_double_quote(c) => self.double_quoted(),
            c if c.is_ascii_digit() || (c == '.' && next.is_some_and(|c| c.is_ascii_digit())) => {
                self.number_literal()
            }
            _ => {
                let shown: String = self
                    .cur
                    .rest()
                    .chars()
                    .take_while(|c| !c.is_whitespace())
                    .take(30)
                    .collect();
                self.fail_here(format!(
                    "Unexpected token '{shown}' in expression or statement."
                ))
            }
        }
    }

    fn paren(&mut self, from: Span) -> Parsed<Expr> {
        self.cur.bump();
        self.skip_lines()?;
        if self.peek() == Some(')') {
            return self.fail_here("An expression was expected after '('.");
        }
        let statement = self.deeper(Self::pipeline_statement)?;
        self.expect_close(")", from, "expression")?;
        Ok(Expr {
            kind: ExprKind::Paren(Box::new(statement)),
            span: self.cur.span(from),
        })
    }
}
