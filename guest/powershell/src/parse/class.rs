//! `class` and `enum` (about_Classes, about_Enum).

use std::rc::Rc;

use super::ast::{
    Attribute, ClassDef, EnumDef, Expr, MethodDef, PropertyDef, StmtKind, TypeDef, TypeName,
};
use super::parser::{Parsed, Parser};
use crate::lex::Span;

/// What may stand before a member.
#[derive(Default)]
struct Modifiers {
    is_static: bool,
    is_hidden: bool,
}

impl Parser<'_> {
    pub fn class(&mut self, from: Span) -> Parsed<StmtKind> {
        self.skip_blanks()?;
        let name = self.name("the class's name")?;
        let mut found = ClassDef {
            name,
            source: Rc::clone(&self.source),
            bases: Vec::new(),
            properties: Vec::new(),
            methods: Vec::new(),
            span: from,
        };
        self.skip_lines()?;
        if self.cur.eat(":") {
            loop {
                found.bases.push(self.type_name()?);
                self.skip_lines()?;
                if !self.cur.eat(",") {
                    break;
                }
            }
        }
        let open = self.cur.mark();
        self.expect("{", "class definition")?;
        loop {
            self.skip_separators()?;
            if self.peek() == Some('}') || self.peek().is_none() {
                break;
            }
            self.class_member(&mut found)?;
        }
        self.expect_close("}", open, "class definition")?;
        found.span = self.cur.span(from);
        let found = Rc::new(found);
        self.types.push(TypeDef::Class(Rc::clone(&found)));
        Ok(StmtKind::Class(found))
    }

    fn class_member(&mut self, class: &mut ClassDef) -> Parsed<()> {
        let from = self.cur.mark();
        let mut modifiers = Modifiers::default();
        let (mut types, mut attributes) = (Vec::new(), Vec::new());
        loop {
            let (more, others) = self.annotations()?;
            types.extend(more);
            attributes.extend(others);
            let at = self.cur.mark();
            let is_twice = if self.eat_keyword("static") {
                std::mem::replace(&mut modifiers.is_static, true)
            } else if self.eat_keyword("hidden") {
                std::mem::replace(&mut modifiers.is_hidden, true)
            } else {
                break;
            };
            if is_twice {
                return self.fail(at, "Duplicate qualifier on a class member.");
            }
        }
        if self.peek() == Some('$') {
            class
                .properties
                .push(self.property(modifiers, types, attributes)?);
        } else {
            class.methods.push(self.method(
                from,
                modifiers,
                (types, attributes),
                &class.name.clone(),
            )?);
        }
        Ok(())
    }

    fn property(
        &mut self,
        modifiers: Modifiers,
        types: Vec<TypeName>,
        attributes: Vec<Attribute>,
    ) -> Parsed<PropertyDef> {
        let from = self.cur.mark();
        self.cur.bump();
        let name = self.name("the property's name")?;
        self.skip_blanks()?;
        let default = if self.cur.eat("=") {
            self.skip_lines()?;
            Some(self.expression()?)
        } else {
            None
        };
        Ok(PropertyDef {
            name,
            types,
            attributes,
            default,
            is_static: modifiers.is_static,
            is_hidden: modifiers.is_hidden,
            span: self.cur.span(from),
        })
    }

    fn method(
        &mut self,
        from: Span,
        modifiers: Modifiers,
        (mut types, attributes): (Vec<TypeName>, Vec<Attribute>),
        class: &str,
    ) -> Parsed<MethodDef> {
        let name = self.name("the member's name")?;
        self.skip_blanks()?;
        let open = self.cur.mark();
        self.expect("(", "method definition")?;
        let params = self.params_until_close(open)?;
        self.skip_lines()?;
        let is_constructor = name.eq_ignore_ascii_case(class);
        let base_args = if is_constructor && !modifiers.is_static && self.cur.eat(":") {
            Some(self.base_arguments()?)
        } else {
            None
        };
        self.skip_lines()?;
        let brace = self.cur.mark();
        self.expect("{", "method definition")?;
        let mut body = self.deeper(|parser| parser.body_until_brace(brace))?;
        if !body.params.is_empty() {
            return self.fail(brace, "A 'param' block is not allowed in a method.");
        }
        body.params = params;
        Ok(MethodDef {
            name,
            returns: types.pop(),
            attributes,
            body: Rc::new(body),
            is_static: modifiers.is_static,
            is_constructor,
            base_args,
            span: self.cur.span(from),
        })
    }

    fn base_arguments(&mut self) -> Parsed<Vec<Expr>> {
        self.skip_lines()?;
        if !self.eat_keyword("base") {
            return self.fail_here("Only ': base(…)' may follow a constructor's parameters.");
        }
        self.skip_lines()?;
        let open = self.cur.mark();
        self.expect("(", "base constructor call")?;
        self.arguments(open)
    }

    pub fn enumeration(&mut self, from: Span, is_flags: bool) -> Parsed<StmtKind> {
        self.skip_blanks()?;
        let name = self.name("the enum's name")?;
        self.skip_lines()?;
        let mut underlying = None;
        if self.cur.eat(":") {
            self.skip_lines()?;
            underlying = Some(self.type_name()?);
            self.skip_lines()?;
        }
        let open = self.cur.mark();
        self.expect("{", "enum definition")?;
        let mut members = Vec::new();
        loop {
            self.skip_separators()?;
            if self.peek() == Some('}') || self.peek().is_none() {
                break;
            }
            let member = self.name("the enum member's name")?;
            self.skip_blanks()?;
            let value = if self.cur.eat("=") {
                self.skip_lines()?;
                Some(self.expression()?)
            } else {
                None
            };
            members.push((member, value));
        }
        self.expect_close("}", open, "enum definition")?;
        let found = Rc::new(EnumDef {
            name,
            is_flags,
            underlying,
            members,
            span: self.cur.span(from),
        });
        self.types.push(TypeDef::Enum(Rc::clone(&found)));
        Ok(StmtKind::Enum(found))
    }
}
