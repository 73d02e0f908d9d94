//! Bodies: of a script, a function, a script block, a trap, with their parameters and named blocks.

use std::cell::OnceCell;
use std::rc::Rc;

use super::ast::{
    Attribute, Block, Body, FunctionDef, Param, Source, Stmt, StmtKind, Trap, VarScope,
};
use super::parser::{Parsed, Parser};
use super::string::qualified;
use crate::lex::{Span, word};

impl Parser<'_> {
    pub fn body_until_end(&mut self) -> Parsed<Body> {
        let from = self.cur.mark();
        let body = self.body(from)?;
        if let Some(c) = self.peek() {
            return self.fail_here(format!(
                "Unexpected token '{c}' in expression or statement."
            ));
        }
        Ok(body)
    }

    /// The body of `{`, which was taken at `open`, and the `}`.
    pub fn body_until_brace(&mut self, open: Span) -> Parsed<Body> {
        let mut body = self.body(open)?;
        self.expect_close("}", open, "statement block")?;
        body.span = self.cur.span(open);
        Ok(body)
    }

    fn body(&mut self, from: Span) -> Parsed<Body> {
        let mut body = Body {
            source: Rc::<Source>::clone(&self.source),
            span: from,
            params: Vec::new(),
            is_advanced: false,
            binding: None,
            aliases: Vec::new(),
            begin: None,
            process: None,
            end: Block::default(),
            has_named_blocks: false,
            is_filter: false,
            types: Vec::new(),
            sets_by_name: OnceCell::new(),
        };
        let outer = std::mem::take(&mut self.types);
        self.usings(&mut body.end)?;
        self.param_block(&mut body)?;
        loop {
            self.skip_separators()?;
            let start = self.cur.mark();
            let keyword = self.peek_word().to_ascii_lowercase();
            let is_named = matches!(
                keyword.as_str(),
                "begin" | "process" | "end" | "dynamicparam" | "clean"
            ) && self.is_block_next(keyword.len());
            if !is_named {
                break;
            }
            self.eat_keyword(&keyword);
            self.skip_lines()?;
            let block = self.braced_block()?;
            body.has_named_blocks = true;
            match keyword.as_str() {
                "begin" => body.begin = Some(block),
                "process" => body.process = Some(block),
                "end" => body.end.statements.extend(block.statements),
                _ => {
                    return self.refuse(
                        start,
                        format!(
                            "The block '{keyword}' is not supported. Use begin, process and end."
                        ),
                    );
                }
            }
        }
        if !body.has_named_blocks {
            self.statements_into(&mut body.end)?;
        }
        body.types = std::mem::replace(&mut self.types, outer);
        body.span = self.cur.span(from);
        Ok(body)
    }

    pub fn is_block_next(&self, skip: usize) -> bool {
        self.cur.rest()[skip..].trim_start().starts_with('{')
    }

    /// `using namespace X` lines, which must come first.
    fn usings(&mut self, block: &mut Block) -> Parsed<()> {
        loop {
            self.skip_separators()?;
            let from = self.cur.mark();
            if !self.peek_word().eq_ignore_ascii_case("using") {
                return Ok(());
            }
            self.eat_keyword("using");
            self.skip_blanks()?;
            if !self.eat_keyword("namespace") {
                return self.refuse(
                    from,
                    "Only 'using namespace' is supported. Use Import-Module for modules.",
                );
            }
            self.skip_blanks()?;
            let name = self
                .cur
                .eat_while(|c| word::is_name(c) || c == '.')
                .to_owned();
            block.statements.push(Stmt {
                kind: StmtKind::UsingNamespace(name),
                span: self.cur.span(from),
            });
        }
    }

    fn param_block(&mut self, body: &mut Body) -> Parsed<()> {
        self.skip_separators()?;
        let from = self.cur;
        let mut attributes = Vec::new();
        while self.begins_attribute() {
            attributes.push(self.attribute()?);
            self.skip_separators()?;
        }
        if !(self.peek_word().eq_ignore_ascii_case("param")
            && self.cur.rest()[5..].trim_start().starts_with('('))
        {
            // They belong to what comes first in the body. Reading them twice would double the work at every level.
            self.read_ahead = (!attributes.is_empty()).then_some((from.at(), attributes));
            return Ok(());
        }
        if let Some(unknown) = attributes.iter().find(|attribute| !is_of_block(attribute)) {
            let message = format!("The attribute [{}] is not supported.", unknown.name);
            return self.refuse(unknown.span, message);
        }
        body.aliases = crate::eval::alias_names(&attributes);
        let binding = attributes
            .into_iter()
            .find(|attribute| attribute.name.eq_ignore_ascii_case("cmdletbinding"));
        self.eat_keyword("param");
        self.skip_lines()?;
        let open = self.cur.mark();
        self.expect("(", "param block")?;
        body.params = self.params_until_close(open)?;
        body.is_advanced = binding.is_some()
            || body.params.iter().any(|param| {
                param
                    .attributes
                    .iter()
                    .any(|attribute| attribute.name.eq_ignore_ascii_case("parameter"))
            });
        body.binding = binding;
        Ok(())
    }

    /// Parameters up to `)`, which is taken.
    pub fn params_until_close(&mut self, open: Span) -> Parsed<Vec<Param>> {
        let mut params = Vec::new();
        loop {
            self.skip_lines()?;
            if self.cur.eat(")") {
                return Ok(params);
            }
            let from = self.cur.mark();
            let (types, attributes) = self.annotations()?;
            if self.peek() != Some('$') {
                return self.fail_here("Missing parameter name, '$name', in the parameter list.");
            }
            let start = self.cur.at();
            let Some(variable) = self.variable(false)? else {
                return self.fail_here("Missing parameter name after '$'.");
            };
            let written = self.cur.slice(start).trim_start_matches('$');
            let written = Rc::from(written.trim_matches(['{', '}']));
            self.skip_lines()?;
            let default = if self.cur.eat("=") {
                self.skip_lines()?;
                Some(self.argument_expression()?)
            } else {
                None
            };
            params.push(Param {
                name: variable.name,
                written,
                types,
                attributes: attributes.into(),
                default,
                span: self.cur.span(from),
            });
            self.skip_lines()?;
            if !self.cur.eat(",") {
                self.expect_close(")", open, "parameter list")?;
                return Ok(params);
            }
        }
    }

    pub fn function(&mut self, from: Span, is_filter: bool) -> Parsed<StmtKind> {
        let written = self
            .cur
            .eat_while(|c| {
                !c.is_whitespace() && !matches!(c, '(' | ')' | '{' | '}' | ';' | '|' | ',')
            })
            .to_owned();
        if written.is_empty() {
            return self.fail_here("Missing name after function keyword.");
        }
        let variable = qualified(&written);
        let scope = if variable.scope == VarScope::None {
            VarScope::Local
        } else {
            variable.scope
        };
        self.skip_lines()?;
        let open = self.cur.mark();
        let params = if self.cur.eat("(") {
            Some(self.params_until_close(open)?)
        } else {
            None
        };
        self.skip_lines()?;
        let brace = self.cur.mark();
        if !self.cur.eat("{") {
            return self.fail_here("Missing function body in function declaration.");
        }
        let mut body = self.deeper(|parser| parser.body_until_brace(brace))?;
        // `function f() { param($a) }` has the parameters of its block: empty brackets say nothing (FunctionDefinitionAst).
        if let Some(params) = params
            && !params.is_empty()
        {
            body.params = params;
        }
        body.is_filter = is_filter;
        body.is_advanced |= body.params.iter().any(|param| {
            param
                .attributes
                .iter()
                .any(|attribute| attribute.name.eq_ignore_ascii_case("parameter"))
        });
        let definition = FunctionDef {
            name: variable.name,
            written: Rc::from(written.rsplit(':').next().unwrap_or(&written)),
            scope,
            body: Rc::new(body),
            span: self.cur.span(from),
        };
        Ok(StmtKind::Function(Rc::new(definition)))
    }

    pub fn trap(&mut self) -> Parsed<Trap> {
        self.skip_lines()?;
        let types = if self.peek() == Some('[') {
            Some(self.bracketed_type()?)
        } else {
            None
        };
        self.skip_lines()?;
        let open = self.cur.mark();
        self.expect("{", "trap statement")?;
        let body = self.deeper(|parser| parser.body_until_brace(open))?;
        Ok(Trap {
            types,
            body: Rc::new(body),
        })
    }
}

/// Whether an attribute before `param` is one that changes nothing here, or `[CmdletBinding()]`.
fn is_of_block(attribute: &Attribute) -> bool {
    let name = attribute.name.to_ascii_lowercase();
    let name = name.strip_suffix("attribute").unwrap_or(&name);
    let name = name.rsplit('.').next().unwrap_or(name);
    matches!(
        name,
        "cmdletbinding" | "outputtype" | "alias" | "obsolete" | "suppressmessage"
    )
}
