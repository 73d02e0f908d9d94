//! Statements that choose, repeat or catch: `if`, loops, `switch`, `try`.

use super::ast::{Catch, Element, Expr, Pipeline, Stmt, StmtKind, Switch, SwitchMode, TypeName};
use super::parser::{Parsed, Parser};
use crate::lex::word;
use crate::value::Sym;

impl Parser<'_> {
    /// `( statement )`
    pub fn condition(&mut self) -> Parsed<Box<Stmt>> {
        self.skip_lines()?;
        let open = self.cur.mark();
        self.expect("(", "the condition")?;
        let statement = self.deeper(Self::statement)?;
        self.expect_close(")", open, "the condition")?;
        Ok(Box::new(statement))
    }

    pub fn if_statement(&mut self) -> Parsed<StmtKind> {
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

    pub fn do_statement(&mut self, label: Option<Sym>) -> Parsed<StmtKind> {
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

    pub fn for_statement(&mut self, label: Option<Sym>) -> Parsed<StmtKind> {
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

    pub fn foreach_statement(&mut self, label: Option<Sym>) -> Parsed<StmtKind> {
        let open = self.cur.mark();
        if self.peek() == Some('-') {
            return self.refuse_here("foreach -parallel is not supported. Use foreach without it.");
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

    pub fn switch_statement(&mut self, label: Option<Sym>) -> Parsed<StmtKind> {
        let (mut mode, mut is_case_sensitive, mut is_file) = (SwitchMode::Exact, false, false);
        let mut file = None;
        while self.cur.eat("-") {
            let option = self.cur.eat_while(word::is_name).to_ascii_lowercase();
            let is = |name: &str| !option.is_empty() && name.starts_with(&option);
            match option.as_str() {
                _ if is("regex") => mode = SwitchMode::Regex,
                _ if is("wildcard") => mode = SwitchMode::Wildcard,
                _ if is("exact") => mode = SwitchMode::Exact,
                _ if is("casesensitive") => is_case_sensitive = true,
                _ if is("file") => {
                    is_file = true;
                    self.skip_blanks()?;
                    // Other options may follow the path.
                    file = match self.peek() {
                        Some('-') => None,
                        Some('(') => Some(*self.condition()?),
                        _ => Some(self.file_argument()?),
                    };
                }
                _ => {
                    return self
                        .refuse_here(format!("The switch option '-{option}' is not supported."));
                }
            }
            self.skip_blanks()?;
        }
        let subject = match file {
            Some(path) => path,
            None if is_file && self.peek() != Some('(') => self.file_argument()?,
            None => *self.condition()?,
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
                if default.is_some() {
                    let message = "A switch statement must have only one default clause.";
                    return self.fail_here(message);
                }
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

    /// The path after `switch -File`, as a command's argument.
    fn file_argument(&mut self) -> Parsed<Stmt> {
        let path = self.deeper(Self::argument)?;
        let span = path.span;
        let pipeline = Pipeline {
            elements: vec![Element::Expr(path, Vec::new())],
            span,
        };
        Ok(Stmt {
            kind: StmtKind::Pipeline(pipeline),
            span,
        })
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

    pub fn try_statement(&mut self) -> Parsed<StmtKind> {
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

    fn catch_types(&mut self) -> Parsed<Vec<TypeName>> {
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
}
