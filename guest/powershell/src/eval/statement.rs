//! Statements: blocks, loops, conditions, `try`.

use std::rc::Rc;

use super::scope::{Function, Scope, ScopeKind};
use super::{Action, Engine, Sink};
use crate::parse::ast::{Block, Catch, Expr, FunctionDef, Stmt, StmtKind, VarScope};
use crate::types::enumerator::Enumerator;
use crate::value::{Ctl, ErrorRecord, R, Sym, Value, intern, to_int};

/// Whether a loop goes on after its body ended as it did.
enum Turn {
    Next,
    Leave,
}

impl Engine {
    pub fn run_block(&mut self, block: &Block, out: &mut dyn Sink) -> R<()> {
        // What is called from here leaves its errors to the traps, as it does to a `catch`.
        let has_traps = usize::from(!block.traps.is_empty());
        for statement in &block.statements {
            self.n_try += has_traps;
            let result = self.run_statement(statement, out);
            self.n_try -= has_traps;
            match result {
                Ok(()) => {}
                Err(Ctl::Throw(record)) if has_traps > 0 && !record.leaves_function.get() => {
                    self.trap(block, &record, out)?
                }
                Err(Ctl::Throw(record)) => self.survive(record)?,
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    /// An error that ends only its statement is shown, and the block goes on.
    fn survive(&mut self, record: Rc<ErrorRecord>) -> R<()> {
        if record.is_stop || record.leaves_function.get() || self.n_try > 0 {
            return Err(Ctl::Throw(record));
        }
        self.is_ok = false;
        match self.preference("ErrorActionPreference") {
            Action::Stop => Err(Ctl::Throw(record)),
            // Where errors are silenced, `throw` ends nothing either (about_Throw).
            Action::Continue if record.is_thrown => Err(Ctl::Throw(record)),
            Action::Continue => {
                self.keep(&record);
                self.show_error(&record)?;
                self.is_ok = false;
                Ok(())
            }
            Action::SilentlyContinue | Action::Ignore => {
                self.keep(&record);
                Ok(())
            }
        }
    }

    fn trap(&mut self, block: &Block, record: &Rc<ErrorRecord>, out: &mut dyn Sink) -> R<()> {
        let mut chosen = None;
        for trap in &block.traps {
            let exception = match &trap.types {
                None => Some(Rc::clone(&record.exception)),
                Some(name) => {
                    let of = self.type_ref(name)?;
                    self.caught_as(record, &of)
                }
            };
            if let Some(exception) = exception
                && (chosen.is_none() || trap.types.is_some())
            {
                chosen = Some((trap, exception));
            }
        }
        let Some((trap, exception)) = chosen else {
            return self.survive(Rc::clone(record));
        };
        self.keep(record);
        // What a trap sets is its own (about_Trap, "Trapping errors and scope").
        let scope = Scope::new(ScopeKind::Local, Some(Rc::clone(&self.scope)));
        scope.put(
            Sym::ITEM,
            Value::Net(Self::caught(record, exception) as Rc<dyn crate::value::Net>),
        );
        let body = Rc::clone(&trap.body);
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = self.run_block(&body.end, out);
        self.scope = outer;
        match result {
            Err(Ctl::Continue(_)) => Ok(()),
            Err(Ctl::Break(_)) => Err(Ctl::Throw(Rc::clone(record))),
            // ExceptionHandlingOps.ProcessTraps: the preference decides.
            Ok(()) => match self.preference("ErrorActionPreference") {
                Action::Stop => Err(Ctl::Throw(Rc::clone(record))),
                Action::Continue => self.show_error(record),
                Action::SilentlyContinue | Action::Ignore => Ok(()),
            },
            Err(other) => Err(other),
        }
    }

    pub fn run_statement(&mut self, statement: &Stmt, out: &mut dyn Sink) -> R<()> {
        self.streams.at = statement.span;
        match &statement.kind {
            StmtKind::Pipeline(pipeline) => self
                .run_pipeline(pipeline, out)
                .map_err(|ctl| self.placed(ctl, statement.span)),
            StmtKind::Assign { target, op, value } => self
                .assign(target, *op, value)
                .map(drop)
                .map_err(|ctl| self.placed(ctl, statement.span)),
            StmtKind::Chain(first, rest) => self.chain(first, rest, out),
            StmtKind::If { clauses, otherwise } => {
                for (condition, block) in clauses {
                    if self.condition(condition)? {
                        return self.run_block(block, out);
                    }
                }
                match otherwise {
                    Some(block) => self.run_block(block, out),
                    None => Ok(()),
                }
            }
            StmtKind::While {
                label,
                condition,
                body,
            } => {
                while self.condition(condition)? {
                    if let Turn::Leave = self.turn(body, *label, out)? {
                        break;
                    }
                }
                Ok(())
            }
            StmtKind::Do {
                label,
                condition,
                body,
                is_until,
            } => loop {
                if let Turn::Leave = self.turn(body, *label, out)? {
                    return Ok(());
                }
                if self.condition(condition)? == *is_until {
                    return Ok(());
                }
            },
            StmtKind::For {
                label,
                init,
                condition,
                step,
                body,
            } => {
                if let Some(init) = init {
                    self.run_statement(init, &mut super::Discard)?;
                }
                loop {
                    if let Some(condition) = condition
                        && !self.condition(condition)?
                    {
                        return Ok(());
                    }
                    if let Turn::Leave = self.turn(body, *label, out)? {
                        return Ok(());
                    }
                    if let Some(step) = step {
                        self.run_statement(step, &mut super::Discard)?;
                    }
                }
            }
            StmtKind::Foreach {
                label,
                variable,
                items,
                body,
            } => self.foreach(*label, *variable, items, body, out),
            StmtKind::Switch(switch) => self.switch(switch, out),
            StmtKind::Try {
                body,
                catches,
                finally,
            } => self.try_statement(body, catches, finally.as_ref(), out),
            StmtKind::Throw(value) => self.throw(value.as_deref(), statement),
            StmtKind::Return(value) => {
                out.returning();
                if let Some(value) = value {
                    self.run_statement(value, out)?;
                }
                Err(Ctl::Return)
            }
            StmtKind::Exit(value) => {
                let code = match value {
                    Some(value) => {
                        let value = self.statement_value(value)?;
                        if value.is_null() {
                            0
                        } else {
                            to_int(&value).unwrap_or(1)
                        }
                    }
                    None => self.last_exit.unwrap_or(0),
                };
                Err(Ctl::Exit(code))
            }
            StmtKind::Break(label) => Err(Ctl::Break(self.jump(label.as_ref())?)),
            StmtKind::Continue(label) => Err(Ctl::Continue(self.jump(label.as_ref())?)),
            StmtKind::Function(definition) => {
                self.define_function(definition);
                Ok(())
            }
            // The body's types are there before it runs.
            StmtKind::Class(_) | StmtKind::Enum(_) => Ok(()),
            StmtKind::UsingNamespace(name) => {
                self.namespaces.push(name.clone());
                Ok(())
            }
        }
    }

    fn define_function(&mut self, definition: &Rc<FunctionDef>) {
        let scope = match definition.scope {
            VarScope::Global => Rc::clone(&self.global),
            VarScope::Script => self.scope.script(),
            _ => Rc::clone(&self.scope),
        };
        let function = Function {
            name: definition.name,
            written: Rc::clone(&definition.written),
            body: Rc::clone(&definition.body),
            home: None,
            session: self.module_here(),
        };
        for alias in &definition.body.aliases {
            let target = Rc::clone(&definition.written);
            scope.aliases.borrow_mut().insert(intern(alias), target);
        }
        scope
            .functions
            .borrow_mut()
            .insert(definition.name, Rc::new(function));
    }

    fn chain(&mut self, first: &Stmt, rest: &[(bool, Stmt)], out: &mut dyn Sink) -> R<()> {
        self.chain_part(first, out)?;
        for (is_and, next) in rest {
            if self.is_ok == *is_and {
                self.chain_part(next, out)?;
            }
        }
        Ok(())
    }

    fn chain_part(&mut self, statement: &Stmt, out: &mut dyn Sink) -> R<()> {
        self.is_ok = true;
        match self.run_statement(statement, out) {
            Err(Ctl::Throw(record)) => self.survive(record),
            other => other,
        }
    }

    /// One run of a loop's body.
    fn turn(&mut self, body: &Block, label: Option<Sym>, out: &mut dyn Sink) -> R<Turn> {
        match self.run_block(body, out) {
            Ok(()) => Ok(Turn::Next),
            Err(Ctl::Break(target)) if target.is_none() || target == label => Ok(Turn::Leave),
            Err(Ctl::Continue(target)) if target.is_none() || target == label => Ok(Turn::Next),
            Err(other) => Err(other),
        }
    }

    fn foreach(
        &mut self,
        label: Option<Sym>,
        variable: Sym,
        items: &Stmt,
        body: &Block,
        out: &mut dyn Sink,
    ) -> R<()> {
        let value = self.statement_value(items)?;
        if value.is_null() {
            return Ok(());
        }
        // A hash table is one item.
        let items = Enumerator::over(value.to_items(), value.watch());
        self.with_enumerator(Sym::FOREACH, &items, |engine| {
            while let Some(item) = items.advance()? {
                let scope = Rc::clone(&engine.scope);
                engine.set_in(&scope, variable, item)?;
                if let Turn::Leave = engine.turn(body, label, out)? {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Runs a loop that its own enumerator drives: `$foreach`, `$switch` (about_Automatic_Variables, "Using Enumerators").
    pub(super) fn with_enumerator(
        &mut self,
        name: Sym,
        items: &Rc<Enumerator>,
        run: impl FnOnce(&mut Self) -> R<()>,
    ) -> R<()> {
        let scope = Rc::clone(&self.scope);
        let before = scope.get_here(name);
        scope.put(
            name,
            Value::Net(Rc::clone(items) as Rc<dyn crate::value::Net>),
        );
        let result = run(self);
        scope.restore(name, before);
        result
    }

    fn jump(&mut self, label: Option<&Expr>) -> R<Option<Sym>> {
        match label {
            Some(expr) => {
                let value = self.eval(expr)?;
                Ok(Some(intern(value.text().trim_start_matches(':'))))
            }
            None => Ok(None),
        }
    }

    fn try_statement(
        &mut self,
        body: &Block,
        catches: &[Catch],
        finally: Option<&Block>,
        out: &mut dyn Sink,
    ) -> R<()> {
        self.n_try += usize::from(!catches.is_empty());
        let depth = (self.frames.len(), self.depth);
        let streams = self.streams.clone();
        let scope = Rc::clone(&self.scope);
        let result = self.run_block(body, out);
        self.n_try -= usize::from(!catches.is_empty());
        let result = match result {
            Err(Ctl::Throw(record)) => {
                debug_assert_eq!(
                    depth,
                    (self.frames.len(), self.depth),
                    "every enter has its leave"
                );
                self.streams = streams;
                self.scope = scope;
                self.catch(record, catches, out)
            }
            other => other,
        };
        if let Some(finally) = finally {
            self.run_block(finally, out)?;
        }
        result
    }

    fn catch(&mut self, record: Rc<ErrorRecord>, catches: &[Catch], out: &mut dyn Sink) -> R<()> {
        // `$PSCmdlet.ThrowTerminatingError` ends the whole function.
        if record.leaves_function.get() {
            return Err(Ctl::Throw(record));
        }
        let mut chosen = None;
        'search: for catch in catches {
            if catch.types.is_empty() {
                chosen = Some((catch, Rc::clone(&record)));
                break;
            }
            for name in &catch.types {
                let of = self.type_ref(name)?;
                if let Some(exception) = self.caught_as(&record, &of) {
                    chosen = Some((catch, Self::caught(&record, exception)));
                    break 'search;
                }
            }
        }
        let Some((catch, caught)) = chosen else {
            return Err(Ctl::Throw(record));
        };
        self.keep(&record);
        let before = self.scope.get_here(Sym::ITEM);
        self.scope
            .put(Sym::ITEM, Value::Net(caught as Rc<dyn crate::value::Net>));
        let rethrow = self.streams.rethrow.replace(record);
        let result = self.run_block(&catch.body, out);
        self.streams.rethrow = rethrow;
        self.scope.restore(Sym::ITEM, before);
        result
    }
}
