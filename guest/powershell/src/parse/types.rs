//! Type names and attributes between brackets.

use std::cell::OnceCell;

use super::ast::{Attribute, TypeName};
use super::parser::{Parsed, Parser};
use crate::lex::{Cursor, word};

impl Parser<'_> {
    /// `[Name]`, bracket included.
    pub fn bracketed_type(&mut self) -> Parsed<TypeName> {
        let from = self.cur.mark();
        self.expect("[", "type name")?;
        let name = self.deeper(Self::type_name)?;
        self.expect_close("]", from, "type name")?;
        Ok(name)
    }

    /// `Name`, `Name[]`, `Name[Arg, Arg]`.
    pub fn type_name(&mut self) -> Parsed<TypeName> {
        self.skip_lines()?;
        let from = self.cur.mark();
        let name = self
            .cur
            .eat_while(|c| word::is_name(c) || matches!(c, '.' | '+' | '`'))
            .to_owned();
        if name.is_empty() {
            return self.fail_here("Missing type name after '['.");
        }
        let mut found = TypeName {
            name,
            args: Vec::new(),
            n_array: 0,
            n_commas: 0,
            span: from,
            resolved: OnceCell::new(),
        };
        loop {
            let mut ahead = self.cur;
            ahead.eat_while(word::is_blank);
            if ahead.peek() == Some('[') {
                self.cur = ahead;
            }
            let open = self.cur.mark();
            if !self.cur.eat("[") {
                break;
            }
            self.skip_lines()?;
            if self.cur.eat("]") {
                found.n_array += 1;
                continue;
            }
            if self.peek() == Some(',') {
                while self.cur.eat(",") {
                    found.n_commas += 1;
                    self.skip_lines()?;
                }
                self.expect_close("]", open, "type name")?;
                break;
            }
            loop {
                found.args.push(self.deeper(|parser| {
                    // `List[[string]]` is the same as `List[string]`.
                    if parser.peek() == Some('[') {
                        parser.bracketed_type()
                    } else {
                        parser.type_name()
                    }
                })?);
                self.skip_lines()?;
                if !self.cur.eat(",") {
                    break;
                }
                self.skip_lines()?;
            }
            self.expect_close("]", open, "type arguments")?;
        }
        found.span = self.cur.span(from);
        Ok(found)
    }

    /// What stands before a parameter or property: types and attributes, in any order.
    pub fn annotations(&mut self) -> Parsed<(Vec<TypeName>, Vec<Attribute>)> {
        let (mut types, mut attributes) = (Vec::new(), Vec::new());
        loop {
            self.skip_lines()?;
            if self.peek() != Some('[') {
                return Ok((types, attributes));
            }
            let bookmark = self.cur;
            let found = self.bracketed_type();
            match found {
                Ok(found) => types.push(found),
                Err(_) => {
                    self.cur = bookmark;
                    attributes.push(self.attribute()?);
                }
            }
        }
    }

    /// Whether `[Name(` comes next: a type has no parenthesis there.
    pub fn begins_attribute(&self) -> bool {
        is_attribute(self.cur)
    }

    /// Whether types come next and an attribute behind them: `[int][ValidateRange(1, 9)]`.
    pub fn begins_typed_attribute(&self) -> bool {
        let mut ahead = self.cur;
        while ahead.eat("[") {
            let mut depth = 1;
            while depth > 0 {
                ahead.eat_while(|c| word::is_name(c) || matches!(c, '.' | '+' | '`' | ',' | ' '));
                match ahead.bump() {
                    Some('[') => depth += 1,
                    Some(']') => depth -= 1,
                    _ => return false,
                }
            }
            ahead.eat_while(char::is_whitespace);
            if is_attribute(ahead) {
                return true;
            }
        }
        false
    }

    /// `[Name(args)]`
    pub fn attribute(&mut self) -> Parsed<Attribute> {
        let from = self.cur.mark();
        self.expect("[", "attribute")?;
        self.skip_lines()?;
        let name = self
            .cur
            .eat_while(|c| word::is_name(c) || c == '.')
            .to_owned();
        let mut found = Attribute {
            name,
            positional: Vec::new(),
            named: Vec::new(),
            span: from,
        };
        self.skip_lines()?;
        let open = self.cur.mark();
        self.expect("(", "attribute")?;
        loop {
            self.skip_lines()?;
            if self.cur.eat(")") {
                break;
            }
            self.attribute_argument(&mut found)?;
            self.skip_lines()?;
            if !self.cur.eat(",") {
                self.expect_close(")", open, "attribute")?;
                break;
            }
        }
        self.expect_close("]", from, "attribute")?;
        found.span = self.cur.span(from);
        Ok(found)
    }

    fn attribute_argument(&mut self, into: &mut Attribute) -> Parsed<()> {
        let bookmark = self.cur;
        if self.peek().is_some_and(word::is_name_start) {
            let key = self.cur.eat_while(word::is_name).to_owned();
            self.skip_lines()?;
            if self.peek() == Some('=') {
                self.cur.bump();
                self.skip_lines()?;
                let value = self.argument_expression()?;
                into.named.push((key, Some(value)));
                return Ok(());
            }
            if matches!(self.peek(), Some(',' | ')')) {
                into.named.push((key, None));
                return Ok(());
            }
            self.cur = bookmark;
        }
        let value = self.argument_expression()?;
        into.positional.push(value);
        Ok(())
    }
}

/// Whether the text from here on is `[Name(`.
fn is_attribute(mut ahead: Cursor<'_>) -> bool {
    if !ahead.eat("[") {
        return false;
    }
    ahead.eat_while(word::is_blank);
    let name = ahead.eat_while(|c| word::is_name(c) || c == '.');
    ahead.eat_while(word::is_blank);
    !name.is_empty() && ahead.peek() == Some('(')
}
