//! Pipelines, commands and their arguments (argument mode).

use std::rc::Rc;

use super::ast::{
    Arg, Command, Element, Expr, ExprKind, Invoke, Pipeline, Redirect, RedirectTo, Stmt, StmtKind,
    Stream,
};
use super::parser::{Parsed, Parser};
use super::string::Pieces;
use crate::lex::{Span, number, word};
use crate::value::Value;

impl Parser<'_> {
    /// An assignment, a pipeline, or pipelines chained by `&&` and `||`.
    pub fn pipeline_statement(&mut self) -> Parsed<Stmt> {
        self.skip_lines()?;
        let from = self.cur.mark();
        let first = self.assignment_or_pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks()?;
            let is_and = self.is_at("&&");
            if !is_and && !self.is_at("||") {
                break;
            }
            self.cur.bump_n(2);
            self.skip_lines()?;
            let keyword = self.peek_word().to_ascii_lowercase();
            let next = if matches!(
                keyword.as_str(),
                "exit" | "throw" | "return" | "break" | "continue"
            ) {
                self.statement()?
            } else {
                self.assignment_or_pipeline()?
            };
            rest.push((is_and, next));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Stmt {
            kind: StmtKind::Chain(Box::new(first), rest),
            span: self.cur.span(from),
        })
    }

    pub(super) fn pipeline_rest(&mut self, from: Span, first: Element) -> Parsed<Stmt> {
        let mut elements = vec![first];
        loop {
            self.skip_blanks()?;
            if self.peek().is_some_and(word::is_newline) {
                // PowerShell 7 continues a pipeline whose next line begins with `|`.
                let bookmark = self.cur;
                self.skip_lines()?;
                if !self.is_at("|") || self.is_at("||") {
                    self.cur = bookmark;
                    break;
                }
                // Comments may stand between, an empty line may not.
                let between = &bookmark.rest()[..self.cur.at() - bookmark.at()];
                let is_empty = |line: &str| line.chars().all(word::is_blank);
                let n_lines = between.lines().count();
                if between
                    .lines()
                    .take(n_lines.saturating_sub(1))
                    .skip(1)
                    .any(is_empty)
                {
                    return self.fail_here("An empty pipe element is not allowed.");
                }
            }
            if !self.is_at("|") || self.is_at("||") {
                break;
            }
            self.cur.bump();
            self.skip_lines()?;
            if matches!(self.peek(), None | Some('|' | ')' | '}' | ';')) {
                return self.fail_here("An empty pipe element is not allowed.");
            }
            let element = self.element()?;
            if let Element::Expr(expr, _) = &element {
                return self.fail(
                    expr.span,
                    "Expressions are only allowed as the first element of a pipeline.",
                );
            }
            elements.push(element);
        }
        let span = self.cur.span(from);
        Ok(Stmt {
            kind: StmtKind::Pipeline(Pipeline { elements, span }),
            span,
        })
    }

    pub(super) fn element(&mut self) -> Parsed<Element> {
        self.skip_blanks()?;
        if self.begins_expression() {
            let expr = self.expression()?;
            let redirects = self.redirects()?;
            return Ok(Element::Expr(expr, redirects));
        }
        Ok(Element::Command(self.deeper(Self::command)?))
    }

    /// Whether a pipeline's element is an expression rather than a command.
    fn begins_expression(&self) -> bool {
        let Some(c) = self.peek() else { return false };
        let next = self.cur.peek_at(1);
        match c {
            '$' | '(' | '[' | '{' | ',' | '!' => true,
            '@' => {
                matches!(next, Some('(' | '{' | '\'' | '"')) || next.is_some_and(word::is_variable)
            }
            '+' => {
                self.is_at("++")
                    || next.is_some_and(|c| {
                        c.is_ascii_digit()
                            || c.is_whitespace()
                            || matches!(c, '$' | '(' | '[' | '-' | '.' | '\'' | '"')
                    })
            }
            c if word::is_single_quote(c) || word::is_double_quote(c) => true,
            c if word::is_dash(c) => self.begins_dash_expression(),
            c if c.is_ascii_digit() || (c == '.' && next.is_some_and(|c| c.is_ascii_digit())) => {
                self.begins_number()
            }
            _ => false,
        }
    }

    fn begins_dash_expression(&self) -> bool {
        let rest = &self.cur.rest()[self.peek().map_or(0, char::len_utf8)..];
        let name: String = rest.chars().take_while(|c| word::is_name(*c)).collect();
        rest.starts_with(|c: char| {
            c.is_ascii_digit()
                || c.is_whitespace()
                || matches!(c, '$' | '(' | '[' | '-' | '.' | '\'' | '"')
        }) || matches!(
            name.to_ascii_lowercase().as_str(),
            "not" | "bnot" | "split" | "isplit" | "csplit" | "join"
        )
    }

    /// `5`, `1..3`, `2kb` but not `7z` or `2?3:4`.
    fn begins_number(&self) -> bool {
        let rest = self.cur.rest();
        let n = number::length(rest);
        number::parse(&rest[..n]).is_some()
            && rest[n..].chars().next().is_none_or(word::ends_number)
    }

    fn command(&mut self) -> Parsed<Command> {
        let from = self.cur.mark();
        let (invoke, name) = self.command_name()?;
        let mut command = Command {
            invoke,
            name,
            args: Vec::new(),
            redirects: Vec::new(),
            span: from,
        };
        let mut is_past_names = false;
        loop {
            self.skip_blanks()?;
            if let Some(redirect) = self.redirect()? {
                self.add_redirect(&mut command.redirects, redirect)?;
                continue;
            }
            match self.peek() {
                None | Some('|' | ';' | ')' | '}' | '&') => break,
                Some(c) if word::is_newline(c) => break,
                Some(_)
                    if self.is_at("--") && self.cur.peek_at(2).is_none_or(char::is_whitespace) =>
                {
                    // What follows are values, whatever they begin with.
                    self.cur.bump_n(2);
                    is_past_names = true;
                }
                Some(c) if word::is_dash(c) && !is_past_names => {
                    let arg = self.dashed()?;
                    command.args.push(arg);
                }
                Some('@') if self.cur.peek_at(1).is_some_and(word::is_variable) => {
                    let at = self.cur.mark();
                    if let Some(variable) = self.variable(false)? {
                        command.args.push(Arg::Splat(variable, self.cur.span(at)));
                    }
                }
                Some(_) => {
                    let value = self.argument_list()?;
                    command.args.push(Arg::Value(value));
                }
            }
        }
        command.span = self.cur.span(from);
        Ok(command)
    }

    fn command_name(&mut self) -> Parsed<(Invoke, Expr)> {
        let invoke = match self.peek() {
            Some('&') => Invoke::Call,
            Some('.')
                if self.cur.peek_at(1).is_some_and(|c| {
                    c.is_whitespace() || matches!(c, '$' | '(' | '{' | '"' | '\'')
                }) =>
            {
                Invoke::Dot
            }
            _ => Invoke::Name,
        };
        if invoke != Invoke::Name {
            self.cur.bump();
            self.skip_blanks()?;
            let name = match self.peek() {
                Some('{') => self.deeper(Self::postfix)?,
                None => return self.fail_here("Missing command after the call operator."),
                Some(_) => self.deeper(Self::argument)?,
            };
            return Ok((invoke, name));
        }
        let name = self.word_argument()?;
        if matches!(&name.kind, ExprKind::Word(text) if text.is_empty()) {
            let c = self.peek().unwrap_or(' ');
            return self.fail_here(format!(
                "Unexpected token '{c}' in expression or statement."
            ));
        }
        Ok((invoke, name))
    }

    /// Something that begins with a dash: a parameter, a negative number or a word.
    fn dashed(&mut self) -> Parsed<Arg> {
        let from = self.cur.mark();
        let next = self.cur.peek_at(1);
        if !next.is_some_and(|c| word::is_name_start(c) || c == '?') {
            if self.is_at("--%") {
                return self.refuse_here("The stop-parsing token --% is not supported.");
            }
            return Ok(Arg::Value(self.argument_list()?));
        }
        self.cur.bump();
        let name = self
            .cur
            .eat_while(|c| {
                !word::ends_word(c) && !matches!(c, ':' | '.' | '[' | '"' | '\'' | '=' | '$')
            })
            .to_owned();
        let span = self.cur.span(from);
        let value = if self.cur.eat(":") {
            self.skip_blanks()?;
            Some(self.argument_list()?)
        } else {
            None
        };
        Ok(Arg::Named { name, value, span })
    }

    /// An argument, or several with commas between them: an array.
    fn argument_list(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        let mut items = vec![self.deeper(Self::argument)?];
        loop {
            let bookmark = self.cur;
            self.skip_blanks()?;
            if !self.cur.eat(",") {
                self.cur = bookmark;
                break;
            }
            self.skip_lines()?;
            if self.peek() == Some(',') {
                return self.fail_here("Missing argument in parameter list.");
            }
            items.push(self.deeper(Self::argument)?);
        }
        if items.len() == 1 {
            return Ok(items.remove(0));
        }
        Ok(Expr {
            kind: ExprKind::Comma(items),
            span: self.cur.span(from),
        })
    }

    /// One argument.
    pub fn argument(&mut self) -> Parsed<Expr> {
        let Some(c) = self.peek() else {
            return self.fail_here("Missing argument.");
        };
        let next = self.cur.peek_at(1);
        let is_primary = matches!(c, '(' | '{')
            || (c == '@' && matches!(next, Some('(' | '{' | '\'' | '"')))
            || (c == '$'
                && next.is_some_and(|c| {
                    word::is_variable(c) || matches!(c, '(' | '{' | '$' | '^' | '?')
                }));
        let is_quote = word::is_single_quote(c) || word::is_double_quote(c);
        if is_quote || (is_primary && !self.is_word_with_variable()) {
            return self.postfix_of_argument();
        }
        self.word_argument()
    }

    /// Whether the variable that comes next begins a word, as in `$root/bin`.
    fn is_word_with_variable(&self) -> bool {
        if self.peek() != Some('$') || self.is_at("$(") {
            return false;
        }
        let mut ahead = self.cur;
        ahead.bump();
        if ahead.eat("{") {
            ahead.eat_while(|c| c != '}');
            ahead.bump();
        } else {
            ahead.eat_while(|c| word::is_variable(c) || c == ':' || matches!(c, '$' | '^'));
        }
        let next = ahead.peek_at(1);
        match ahead.peek() {
            None | Some('[' | ']') => false,
            Some('.') => {
                !next.is_some_and(|c| word::is_name(c) || matches!(c, '$' | '(' | '\'' | '"'))
            }
            Some('?') => !matches!(next, Some('.' | '[')),
            Some('+') => next != Some('+'),
            Some('-') => next != Some('-'),
            Some(c) => !word::ends_word(c),
        }
    }

    /// A bare word: a number if it is one, else a string in which variables are expanded.
    pub fn word_argument(&mut self) -> Parsed<Expr> {
        let from = self.cur.mark();
        let start = self.cur.at();
        let mut pieces = Pieces::default();
        while let Some(c) = self.peek() {
            if c == '$' && self.cur.peek_at(1) == Some('(') {
                self.piece(&mut pieces)?;
            } else if word::ends_word(c) {
                break;
            } else if word::is_single_quote(c) {
                let text = self.single_quoted()?;
                pieces.text.push_str(&text);
            } else if word::is_double_quote(c) {
                match self.double_quoted()?.kind {
                    ExprKind::Expand(inner) => {
                        for piece in inner {
                            match piece {
                                super::ast::Piece::Text(text) => pieces.text.push_str(&text),
                                super::ast::Piece::Expr(expr) => pieces.push(expr),
                            }
                        }
                    }
                    ExprKind::Const(text) => pieces.text.push_str(&text.text()),
                    _ => {}
                }
            } else if c == '`' && self.cur.peek_at(1).is_some_and(word::is_newline) {
                break;
            } else {
                self.piece(&mut pieces)?;
            }
        }
        let span = self.cur.span(from);
        let written = self.cur.slice(start);
        // `-9` is a text as an argument: what begins with a sign is no number there.
        let is_unsigned = written.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        if let Some(value) = number::parse(written).filter(|_| is_unsigned) {
            return Ok(Expr {
                kind: ExprKind::Const(value),
                span,
            });
        }
        if pieces.is_plain() {
            let is_bare = !written.contains(['\'', '"', '`']);
            let text: Rc<str> = Rc::from(std::mem::take(&mut pieces.text));
            let kind = if is_bare {
                ExprKind::Word(text)
            } else {
                ExprKind::Const(Value::Str(text))
            };
            if written.is_empty()
                && let Some(c @ ('<' | '>')) = self.peek()
            {
                return self.fail_here(format!(
                    "Unexpected token '{c}' in expression or statement."
                ));
            }
            return Ok(Expr { kind, span });
        }
        Ok(pieces.finish(span))
    }

    pub fn redirects(&mut self) -> Parsed<Vec<Redirect>> {
        let mut found = Vec::new();
        loop {
            self.skip_blanks()?;
            match self.redirect()? {
                Some(redirect) => self.add_redirect(&mut found, redirect)?,
                None => return Ok(found),
            }
        }
    }

    /// A stream goes one way.
    fn add_redirect(&self, all: &mut Vec<Redirect>, redirect: Redirect) -> Parsed<()> {
        if all.iter().any(|known| known.from == redirect.from) {
            let stream = match redirect.from {
                Stream::All => "all streams".to_owned(),
                other => format!("{other:?} stream").to_lowercase(),
            };
            let message = format!("The {stream} for this command is already redirected.");
            return self.fail(redirect.span, message);
        }
        all.push(redirect);
        Ok(())
    }

    /// `>`, `2>>`, `*>&1` and so on.
    fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let from = self.cur.mark();
        let (stream, n) = match (self.peek(), self.cur.peek_at(1)) {
            (Some('>'), _) => (Stream::Output, 0),
            (Some(c), Some('>')) => match c {
                '1' => (Stream::Output, 1),
                '2' => (Stream::Error, 1),
                '3' => (Stream::Warning, 1),
                '4' => (Stream::Verbose, 1),
                '5' => (Stream::Debug, 1),
                '6' => (Stream::Information, 1),
                '*' => (Stream::All, 1),
                _ => return Ok(None),
            },
            (Some('<'), _) => {
                return self.fail_here("The '<' operator is reserved for future use.");
            }
            _ => return Ok(None),
        };
        self.cur.bump_n(n + 1);
        let is_append = self.cur.eat(">");
        if self.cur.eat("&") {
            if !self.cur.eat("1") {
                return self.fail(from, "Only '>&1' is supported when streams are merged.");
            }
            return Ok(Some(Redirect {
                from: stream,
                to: RedirectTo::Output,
                span: self.cur.span(from),
            }));
        }
        self.skip_blanks()?;
        if self.peek().is_none_or(|c| word::ends_word(c) && c != '(') {
            return self.fail(
                from,
                "Missing file specification after redirection operator.",
            );
        }
        let path = self.deeper(Self::argument)?;
        Ok(Some(Redirect {
            from: stream,
            to: RedirectTo::File { path, is_append },
            span: self.cur.span(from),
        }))
    }
}
