//! Statements and blocks.

use std::rc::Rc;

use super::ast::{
    Block, Body, Catch, Expr, ExprKind, FunctionDef, Param, Source, Stmt, StmtKind, Switch,
    SwitchMode, Trap, VarScope,
};
use super::parser::{Parsed, Parser};
use super::string::qualified;
use crate::lex::{Span, word};
use crate::value::{Sym, intern};

/// Constructs that exist in some PowerShell but not here, and what to use instead.
const REFUSED: [(&str, &str); 5] = [
    (
        "workflow",
        "Workflows exist only in Windows PowerShell; use a function.",
    ),
    (
        "configuration",
        "DSC configurations are not supported; run the step on an external worker with PowerShell.",
    ),
    (
        "parallel",
        "Use foreach, which runs one item after the other.",
    ),
    ("sequence", "Use a script block."),
    ("inlinescript", "Use a script block."),
];

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
            begin: None,
            process: None,
            end: Block::default(),
            has_named_blocks: false,
            is_filter: false,
        };
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
                    return self.fail(
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
        body.span = self.cur.span(from);
        Ok(body)
    }

    fn is_block_next(&self, skip: usize) -> bool {
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
                return self.fail(
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
        let bookmark = self.cur;
        let mut binding = None;
        while self.peek() == Some('[') {
            let Ok(attribute) = self.attribute() else {
                self.cur = bookmark;
                return Ok(());
            };
            if attribute.name.eq_ignore_ascii_case("cmdletbinding") {
                binding = Some(attribute);
            }
            self.skip_separators()?;
        }
        if !(self.peek_word().eq_ignore_ascii_case("param")
            && self.cur.rest()[5..].trim_start().starts_with('('))
        {
            self.cur = bookmark;
            return Ok(());
        }
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
            let Some(variable) = self.variable(false)? else {
                return self.fail_here("Missing parameter name after '$'.");
            };
            self.skip_lines()?;
            let default = if self.cur.eat("=") {
                self.skip_lines()?;
                Some(self.argument_expression()?)
            } else {
                None
            };
            params.push(Param {
                name: variable.name,
                types,
                attributes,
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

    /// Statements up to `close`, which is taken.
    pub fn block_until(&mut self, close: &str, open: Span, within: &str) -> Parsed<Block> {
        let mut block = Block::default();
        self.statements_into(&mut block)?;
        self.expect_close(close, open, within)?;
        Ok(block)
    }

    /// `{ statements }`
    pub fn braced_block(&mut self) -> Parsed<Block> {
        self.skip_lines()?;
        let open = self.cur.mark();
        if !self.cur.eat("{") {
            return self.fail_here("Missing statement block: '{' was expected.");
        }
        self.deeper(|parser| parser.block_until("}", open, "statement block"))
    }

    fn statements_into(&mut self, block: &mut Block) -> Parsed<()> {
        loop {
            self.skip_separators()?;
            if matches!(self.peek(), None | Some(')' | '}')) {
                return Ok(());
            }
            if self.peek_word().eq_ignore_ascii_case("trap") && self.eat_keyword("trap") {
                block.traps.push(self.trap()?);
                continue;
            }
            let statement = self.deeper(Self::statement)?;
            let needs_end = matches!(
                statement.kind,
                StmtKind::Pipeline(_)
                    | StmtKind::Assign { .. }
                    | StmtKind::Chain(..)
                    | StmtKind::Throw(_)
                    | StmtKind::Return(_)
                    | StmtKind::Exit(_)
                    | StmtKind::Break(_)
                    | StmtKind::Continue(_)
            );
            block.statements.push(statement);
            self.skip_blanks()?;
            match self.peek() {
                Some(c) if needs_end && !(word::is_newline(c) || matches!(c, ';' | ')' | '}')) => {
                    return self.unexpected(c);
                }
                _ => {}
            }
        }
    }

    fn unexpected<T>(&self, c: char) -> Parsed<T> {
        match c {
            '&' => self.fail_here(
                "Background jobs ('&' at the end) are not supported. Run the command without '&'.",
            ),
            '<' => self.fail_here("The '<' operator is reserved for future use."),
            _ => {
                let word: String = self
                    .cur
                    .rest()
                    .chars()
                    .take_while(|c| !c.is_whitespace())
                    .take(30)
                    .collect();
                self.fail_here(format!(
                    "Unexpected token '{word}' in expression or statement."
                ))
            }
        }
    }

    fn trap(&mut self) -> Parsed<Trap> {
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

    pub fn statement(&mut self) -> Parsed<Stmt> {
        self.skip_lines()?;
        let from = self.cur.mark();
        if self.peek() == Some('[') {
            if let Some(found) = self.attributed(from)? {
                return Ok(found);
            }
        }
        let label = self.label()?;
        let keyword = self.peek_word().to_ascii_lowercase();
        if let Some(kind) = self.keyword_statement(&keyword, from, label)? {
            return Ok(Stmt {
                kind,
                span: self.cur.span(from),
            });
        }
        self.pipeline_statement()
    }

    /// `[Flags()] enum …`, `[Attribute()] class …`
    fn attributed(&mut self, from: Span) -> Parsed<Option<Stmt>> {
        let bookmark = self.cur;
        let Ok(attribute) = self.attribute() else {
            self.cur = bookmark;
            return Ok(None);
        };
        self.skip_lines()?;
        let kind = if self.eat_keyword("enum") {
            let is_flags = attribute.name.to_ascii_lowercase().starts_with("flags");
            StmtKind::Enum(Rc::new(self.enumeration(from, is_flags)?))
        } else if self.eat_keyword("class") {
            StmtKind::Class(Rc::new(self.class(from)?))
        } else {
            self.cur = bookmark;
            return Ok(None);
        };
        Ok(Some(Stmt {
            kind,
            span: self.cur.span(from),
        }))
    }

    /// `:name` before a loop.
    fn label(&mut self) -> Parsed<Option<Sym>> {
        if self.peek() != Some(':') || !self.cur.peek_at(1).is_some_and(word::is_name_start) {
            return Ok(None);
        }
        self.cur.bump();
        let name = intern(self.cur.eat_while(word::is_name));
        self.skip_lines()?;
        Ok(Some(name))
    }

    fn keyword_statement(
        &mut self,
        keyword: &str,
        from: Span,
        label: Option<Sym>,
    ) -> Parsed<Option<StmtKind>> {
        if let Some((name, hint)) = REFUSED.iter().find(|(name, _)| *name == keyword) {
            if self.is_block_next(keyword.len()) || matches!(*name, "workflow" | "configuration") {
                return self.fail(from, format!("'{name}' is not supported. {hint}"));
            }
        }
        const KEYWORDS: [&str; 19] = [
            "if", "while", "do", "for", "foreach", "switch", "try", "throw", "return", "exit",
            "break", "continue", "function", "filter", "class", "enum", "data", "until", "param",
        ];
        if !KEYWORDS.contains(&keyword) || !self.eat_keyword(keyword) {
            return Ok(None);
        }
        self.skip_blanks()?;
        let kind = match keyword {
            "if" => self.if_statement()?,
            "while" => {
                let condition = self.condition()?;
                StmtKind::While {
                    label,
                    condition,
                    body: self.braced_block()?,
                }
            }
            "do" => self.do_statement(label)?,
            "for" => self.for_statement(label)?,
            "foreach" => self.foreach_statement(label)?,
            "switch" => self.switch_statement(label)?,
            "try" => self.try_statement()?,
            "throw" => StmtKind::Throw(self.optional_value()?),
            "return" => StmtKind::Return(self.optional_value()?),
            "exit" => StmtKind::Exit(self.optional_value()?),
            "break" => StmtKind::Break(self.jump_target()?),
            "continue" => StmtKind::Continue(self.jump_target()?),
            "function" | "filter" => self.function(from, keyword == "filter")?,
            "class" => StmtKind::Class(Rc::new(self.class(from)?)),
            "enum" => StmtKind::Enum(Rc::new(self.enumeration(from, false)?)),
            "data" => {
                return self.fail(
                    from,
                    "'data' sections are not supported. Use an assignment.",
                );
            }
            "param" => return self.fail(from, "'param' must come before the first statement."),
            _ => return self.fail(from, format!("Unexpected token '{keyword}'.")),
        };
        Ok(Some(kind))
    }

    /// `( statement )`
    fn condition(&mut self) -> Parsed<Box<Stmt>> {
        self.skip_lines()?;
        let open = self.cur.mark();
        self.expect("(", "the condition")?;
        let statement = self.deeper(Self::statement)?;
        self.expect_close(")", open, "the condition")?;
        Ok(Box::new(statement))
    }

    fn if_statement(&mut self) -> Parsed<StmtKind> {
        let mut clauses = vec![(*self.condition()?, self.braced_block()?)];
        let mut otherwise = None;
        loop {
            let bookmark = self.cur;
            self.skip_lines()?;
            if self.eat_keyword("elseif") {
                clauses.push((*self.condition()?, self.braced_block()?));
            } else if self.eat_keyword("else") {
                otherwise = Some(self.braced_block()?);
                break;
            } else {
                self.cur = bookmark;
                break;
            }
        }
        Ok(StmtKind::If { clauses, otherwise })
    }

    fn do_statement(&mut self, label: Option<Sym>) -> Parsed<StmtKind> {
        let body = self.braced_block()?;
        self.skip_lines()?;
        let is_until = self.eat_keyword("until");
        if !is_until && !self.eat_keyword("while") {
            return self.fail_here("The while or until keyword is missing after a do block.");
        }
        Ok(StmtKind::Do {
            label,
            condition: self.condition()?,
            body,
            is_until,
        })
    }

    fn for_statement(&mut self, label: Option<Sym>) -> Parsed<StmtKind> {
        self.skip_lines()?;
        let open = self.cur.mark();
        self.expect("(", "the for statement")?;
        let init = self.for_part()?;
        let condition = self.for_part()?;
        let step = self.for_part()?;
        self.expect_close(")", open, "the for statement")?;
        Ok(StmtKind::For {
            label,
            init,
            condition,
            step,
            body: self.braced_block()?,
        })
    }

    fn for_part(&mut self) -> Parsed<Option<Box<Stmt>>> {
        self.skip_lines()?;
        let found = match self.peek() {
            Some(';' | ')') => None,
            _ => Some(Box::new(self.deeper(Self::pipeline_statement)?)),
        };
        self.skip_blanks()?;
        if self.peek().is_some_and(word::is_newline) {
            self.cur.bump();
        } else {
            self.cur.eat(";");
        }
        Ok(found)
    }

    fn foreach_statement(&mut self, label: Option<Sym>) -> Parsed<StmtKind> {
        let open = self.cur.mark();
        if self.peek() == Some('-') {
            return self.fail_here("foreach -parallel is not supported. Use foreach without it.");
        }
        self.expect("(", "the foreach statement")?;
        self.skip_lines()?;
        let variable = match self.peek() {
            Some('$') => self.variable(false)?,
            _ => None,
        };
        let Some(variable) = variable else {
            return self.fail_here("Missing variable name after foreach.");
        };
        self.skip_lines()?;
        if !self.eat_keyword("in") {
            return self.fail_here("Missing 'in' after variable in foreach loop.");
        }
        let items = Box::new(self.deeper(Self::statement)?);
        self.expect_close(")", open, "the foreach statement")?;
        Ok(StmtKind::Foreach {
            label,
            variable: variable.name,
            items,
            body: self.braced_block()?,
        })
    }

    fn switch_statement(&mut self, label: Option<Sym>) -> Parsed<StmtKind> {
        let (mut mode, mut is_case_sensitive, mut is_file) = (SwitchMode::Exact, false, false);
        while self.cur.eat("-") {
            let option = self.cur.eat_while(word::is_name).to_ascii_lowercase();
            match option.as_str() {
                "regex" => mode = SwitchMode::Regex,
                "wildcard" => mode = SwitchMode::Wildcard,
                "exact" => mode = SwitchMode::Exact,
                "casesensitive" => is_case_sensitive = true,
                "file" => is_file = true,
                _ => {
                    return self
                        .fail_here(format!("The switch option '-{option}' is not supported."));
                }
            }
            self.skip_blanks()?;
        }
        let subject = if is_file && self.peek() != Some('(') {
            self.deeper(Self::pipeline_statement)?
        } else {
            *self.condition()?
        };
        self.skip_lines()?;
        let open = self.cur.mark();
        self.expect("{", "the switch statement")?;
        let (mut cases, mut default) = (Vec::new(), None);
        loop {
            self.skip_separators()?;
            if self.cur.eat("}") {
                break;
            }
            if self.peek().is_none() {
                return self.fail(open, "Missing closing '}' in switch statement.");
            }
            let bookmark = self.cur;
            if self.eat_keyword("default") && self.cur.rest().trim_start().starts_with('{') {
                default = Some(self.braced_block()?);
                continue;
            }
            self.cur = bookmark;
            let case = self.switch_case()?;
            cases.push((case, self.braced_block()?));
        }
        let switch = Switch {
            label,
            mode,
            is_case_sensitive,
            is_file,
            subject,
            cases,
            default,
        };
        Ok(StmtKind::Switch(Box::new(switch)))
    }

    /// A case's condition: a bare word is a string.
    fn switch_case(&mut self) -> Parsed<Expr> {
        match self.peek() {
            Some(c)
                if word::is_name_start(c) || matches!(c, '*' | '?' | '.' | '^' | '/' | '\\') =>
            {
                self.word_argument()
            }
            Some(c) if c.is_ascii_digit() => self.deeper(Self::argument),
            Some('{') => self.deeper(Self::primary),
            _ => self.deeper(Self::argument_expression),
        }
    }

    fn try_statement(&mut self) -> Parsed<StmtKind> {
        let body = self.braced_block()?;
        let (mut catches, mut finally) = (Vec::new(), None);
        loop {
            let bookmark = self.cur;
            self.skip_lines()?;
            if self.eat_keyword("catch") {
                let types = self.catch_types()?;
                catches.push(Catch {
                    types,
                    body: self.braced_block()?,
                });
            } else if self.eat_keyword("finally") {
                finally = Some(self.braced_block()?);
                break;
            } else {
                self.cur = bookmark;
                break;
            }
        }
        if catches.is_empty() && finally.is_none() {
            return self.fail_here("The Try statement is missing its Catch or Finally block.");
        }
        Ok(StmtKind::Try {
            body,
            catches,
            finally,
        })
    }

    fn catch_types(&mut self) -> Parsed<Vec<super::ast::TypeName>> {
        let mut types = Vec::new();
        loop {
            self.skip_lines()?;
            if self.peek() != Some('[') {
                return Ok(types);
            }
            types.push(self.bracketed_type()?);
            self.skip_lines()?;
            self.cur.eat(",");
        }
    }

    fn optional_value(&mut self) -> Parsed<Option<Box<Stmt>>> {
        self.skip_blanks()?;
        match self.peek() {
            None | Some(';' | ')' | '}') => Ok(None),
            Some(c) if word::is_newline(c) => Ok(None),
            Some(_) => Ok(Some(Box::new(self.deeper(Self::statement)?))),
        }
    }

    fn jump_target(&mut self) -> Parsed<Option<Expr>> {
        self.skip_blanks()?;
        match self.peek() {
            None | Some(';' | ')' | '}') => Ok(None),
            Some(c) if word::is_newline(c) => Ok(None),
            Some(c) if word::is_name_start(c) => {
                let from = self.cur.mark();
                let name = self.cur.eat_while(word::is_name).into();
                Ok(Some(Expr {
                    kind: ExprKind::Word(name),
                    span: self.cur.span(from),
                }))
            }
            Some(_) => Ok(Some(self.expression()?)),
        }
    }

    fn function(&mut self, from: Span, is_filter: bool) -> Parsed<StmtKind> {
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
        if let Some(params) = params {
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
            scope,
            body: Rc::new(body),
            span: self.cur.span(from),
        };
        Ok(StmtKind::Function(Rc::new(definition)))
    }
}
