//! Blocks of statements, and which kind of statement comes next.

use super::ast::{Attribute, Block, Expr, ExprKind, Stmt, StmtKind, TypeName};
use super::parser::{Parsed, Parser};
use crate::lex::{Span, word};
use crate::value::{Sym, intern};

/// Constructs that exist in some PowerShell but not here, and what to use instead.
const REFUSED: [(&str, &str); 5] = [
    (
        "workflow",
        "Workflows exist only in Windows PowerShell; use a function.",
    ),
    ("configuration", "There is no DSC in the sandbox."),
    (
        "parallel",
        "Use foreach, which runs one item after the other.",
    ),
    ("sequence", "Use a script block."),
    ("inlinescript", "Use a script block."),
];

impl Parser<'_> {
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

    pub fn statements_into(&mut self, block: &mut Block) -> Parsed<()> {
        loop {
            self.skip_separators()?;
            if matches!(self.peek(), None | Some(')' | '}')) {
                return Ok(());
            }
            let from = self.cur;
            if let Err(problem) = self.statement_into(block) {
                self.recover(problem, from)?;
            }
        }
    }

    /// One statement and what ends it.
    fn statement_into(&mut self, block: &mut Block) -> Parsed<()> {
        if self.peek_word().eq_ignore_ascii_case("trap") && self.eat_keyword("trap") {
            block.traps.push(self.trap()?);
            return Ok(());
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
                self.unexpected(c)
            }
            _ => Ok(()),
        }
    }

    fn unexpected<T>(&self, c: char) -> Parsed<T> {
        match c {
            '&' => self.refuse_here(
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

    pub fn statement(&mut self) -> Parsed<Stmt> {
        self.skip_lines()?;
        let from = self.cur.mark();
        let mut attributes = match self.read_ahead.take() {
            Some((_, attributes)) => attributes,
            None => Vec::new(),
        };
        while self.begins_attribute() {
            attributes.push(self.attribute()?);
            self.skip_lines()?;
        }
        if !attributes.is_empty() {
            return self.attributed(from, attributes);
        }
        if self.begins_typed_attribute() {
            let (types, attributes) = self.annotations()?;
            return self.checked_assignment(from, types, attributes);
        }
        let label = self.label()?;
        let keyword = self.peek_word().to_ascii_lowercase();
        if keyword == "using" && self.begins_using() {
            let message =
                "A 'using' statement must appear before any other statements in a script.";
            return self.fail(from, message);
        }
        let is_labelled = matches!(
            keyword.as_str(),
            "while" | "do" | "for" | "foreach" | "switch"
        );
        if label.is_some() && !is_labelled {
            return self.fail(from, "A label stands before a loop or a switch only.");
        }
        if let Some(kind) = self.keyword_statement(&keyword, from, label)? {
            return Ok(Stmt {
                kind,
                span: self.cur.span(from),
            });
        }
        self.pipeline_statement()
    }

    /// `[Flags()] enum …`, `[Attribute()] class …`, `[ValidateRange(1, 9)] [int]$n = …`
    fn attributed(&mut self, from: Span, mut attributes: Vec<Attribute>) -> Parsed<Stmt> {
        let is_type = matches!(
            self.peek_word().to_ascii_lowercase().as_str(),
            "enum" | "class"
        );
        let is_flags = |attribute: &Attribute| {
            let name = attribute.name.to_ascii_lowercase();
            matches!(name.as_str(), "flags" | "flagsattribute" | "system.flags")
        };
        if let Some(unknown) = attributes
            .iter()
            .find(|attribute| is_type && !is_flags(attribute))
        {
            let message = format!("The attribute [{}] is not supported.", unknown.name);
            return self.refuse(unknown.span, message);
        }
        let kind = if self.eat_keyword("enum") {
            let is_flags = attributes
                .iter()
                .any(|attribute| attribute.name.to_ascii_lowercase().starts_with("flags"));
            self.enumeration(from, is_flags)?
        } else if self.eat_keyword("class") {
            if let Some(flags) = attributes.iter().find(|it| is_flags(it)) {
                return self.fail(
                    flags.span,
                    "The attribute [Flags] is allowed on an enum only.",
                );
            }
            self.class(from)?
        } else {
            let (types, more) = self.annotations()?;
            attributes.extend(more);
            return self.checked_assignment(from, types, attributes);
        };
        Ok(Stmt {
            kind,
            span: self.cur.span(from),
        })
    }

    /// An assignment to a variable whose values are validated from then on.
    fn checked_assignment(
        &mut self,
        from: Span,
        types: Vec<TypeName>,
        attributes: Vec<Attribute>,
    ) -> Parsed<Stmt> {
        let at = self.cur.mark();
        let variable = match self.peek() {
            Some('$') => self.variable(false)?,
            _ => None,
        };
        let Some(variable) = variable else {
            let name = attributes.first().map_or("", |attribute| &attribute.name);
            return self.fail(from, format!("Unexpected attribute '{name}'."));
        };
        let mut target = Expr {
            kind: ExprKind::Var(variable),
            span: self.cur.span(at),
        };
        for name in types.into_iter().rev() {
            target = Expr {
                kind: ExprKind::Cast(name, Box::new(target)),
                span: self.cur.span(at),
            };
        }
        self.skip_blanks()?;
        if !self.cur.eat("=") {
            return self.fail_here("An attribute before a variable needs an assignment.");
        }
        self.skip_lines()?;
        let value = Box::new(self.deeper(Self::statement)?);
        let target = Expr {
            kind: ExprKind::Checked(attributes.into(), Box::new(target)),
            span: self.cur.span(at),
        };
        Ok(Stmt {
            kind: StmtKind::Assign {
                target,
                op: None,
                value,
            },
            span: self.cur.span(from),
        })
    }

    /// `using` with what it can be about, not a command of that name.
    fn begins_using(&self) -> bool {
        let kind = self.cur.rest()["using".len()..].split_whitespace().next();
        kind.is_some_and(|kind| {
            ["namespace", "module", "assembly"]
                .iter()
                .any(|known| kind.eq_ignore_ascii_case(known))
        })
    }

    /// `:name` before a loop.
    pub fn label(&mut self) -> Parsed<Option<Sym>> {
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
        if let Some((name, hint)) = REFUSED.iter().find(|(name, _)| *name == keyword)
            && (self.is_block_next(keyword.len()) || matches!(*name, "workflow" | "configuration"))
        {
            return self.refuse(from, format!("'{name}' is not supported. {hint}"));
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
            "class" => self.class(from)?,
            "enum" => self.enumeration(from, false)?,
            "data" => {
                return self.refuse(
                    from,
                    "'data' sections are not supported. Use an assignment.",
                );
            }
            "param" => return self.fail(from, "'param' must come before the first statement."),
            _ => return self.fail(from, format!("Unexpected token '{keyword}'.")),
        };
        Ok(Some(kind))
    }

    pub fn optional_value(&mut self) -> Parsed<Option<Box<Stmt>>> {
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
}
