//! Assignments: to variables, elements, properties, several at once.

use std::rc::Rc;

use super::members::key_of;
use super::scope::{Scope, ScopeKind, Var};
use super::{Engine, arith};
use crate::parse::ast::{
    Attribute, BinaryOp, Element, Expr, ExprKind, Stmt, StmtKind, TypeName, VarRef, VarScope,
};
use crate::types;
use crate::value::{R, Sym, Value, fail, refuse};

impl Engine {
    /// `target op= value`; gives what was assigned.
    pub fn assign(&mut self, target: &Expr, op: Option<BinaryOp>, value: &Stmt) -> R<Value> {
        let result = self.assign_from(target, op, value);
        // What goes wrong without a place of its own is the whole assignment's fault.
        result.map_err(|ctl| self.placed(ctl, target.span.to(value.span)))
    }

    fn assign_from(&mut self, target: &Expr, op: Option<BinaryOp>, value: &Stmt) -> R<Value> {
        let Some(op) = op else {
            let value = self.assigned_value(value)?;
            self.store(target, value.clone())?;
            // `([bool]$on = 42)` is what the variable has now.
            return match &target.kind {
                ExprKind::Cast(_, inner) if matches!(inner.kind, ExprKind::Var(_)) => {
                    self.eval(inner)
                }
                _ => Ok(value),
            };
        };
        let before = match (&target.kind, op) {
            (ExprKind::Var(variable), _) if self.is_own(*variable) => {
                self.scope.get_here(variable.name).unwrap_or_default()
            }
            (ExprKind::Var(variable), BinaryOp::Coalesce) => {
                self.lookup(*variable).unwrap_or_default()
            }
            _ => self.eval(target)?,
        };
        if op == BinaryOp::Coalesce {
            if !before.is_null() {
                return Ok(before);
            }
            let value = self.assigned_value(value)?;
            self.store(target, value.clone())?;
            return Ok(value);
        }
        let right = self.assigned_value(value)?;
        let after = match (&before, &right) {
            (Value::Int(_) | Value::Double(_), Value::Int(_) | Value::Double(_)) => {
                arith::arith(op, &before, &right)
            }
            _ => self.operate(op, &before, &right),
        }?;
        self.store(target, after.clone())?;
        Ok(after)
    }

    /// Whether `variable op= …` reads the current scope's own variable only (about_Assignment_Operators, "Using compound
    /// assignment operators"): in a function's or a block's own scope, where a dot-sourced block sees its callers' too. Not
    /// in a block that sets variables by name, whose variables aren't locals (VariableAnalysis).
    fn is_own(&mut self, variable: VarRef) -> bool {
        variable.scope == VarScope::None
            && self.scope.kind == ScopeKind::Local
            && self.dotted != Rc::as_ptr(&self.scope)
            && (self.scope.has(variable.name)
                || self.automatic(variable.name).is_none() && !self.sets_by_name())
    }

    fn assigned_value(&mut self, statement: &Stmt) -> R<Value> {
        match &statement.kind {
            StmtKind::Pipeline(pipeline) => match pipeline.elements.as_slice() {
                [Element::Expr(expr, redirects)] if redirects.is_empty() => {
                    let value = self.eval(expr)?;
                    // Only now: the expression may be `$?` itself.
                    self.is_ok = true;
                    Ok(value)
                }
                _ => self.collected(statement),
            },
            _ => self.statement_value(statement),
        }
    }

    pub fn store(&mut self, target: &Expr, value: Value) -> R<()> {
        match &target.kind {
            ExprKind::Var(variable) => self.set_variable(*variable, value),
            ExprKind::Cast(name, inner) => self.store_typed(name, inner, value),
            ExprKind::Checked(checks, inner) => self.store_checked(checks, inner, value),
            ExprKind::Comma(targets) => self.store_each(targets, value),
            ExprKind::Index {
                target: holder,
                index,
                ..
            } => {
                let holder = self.eval(holder)?;
                let index = self.eval(index)?;
                self.set_index(&holder, &index, value)
            }
            ExprKind::Call {
                target: holder,
                args,
                ..
            } => {
                let holder = self.eval(holder)?;
                let index = args.first().map(|index| self.eval(index)).transpose()?;
                self.set_index(&holder, &index.unwrap_or_default(), value)
            }
            ExprKind::Member {
                target: holder,
                name,
                is_static,
                ..
            } => {
                let holder = self.eval(holder)?;
                let name = self.member_key(name)?;
                let value = if let Value::Nothing = value {
                    Value::Null
                } else {
                    value
                };
                if let (Value::Hash(table), Some(key)) = (&holder, key_of(&name)) {
                    table.insert(key.clone(), value);
                    return Ok(());
                }
                let name = self.text(&name)?;
                self.set_member(&holder, &name, value, *is_static)
            }
            ExprKind::Paren(inner) => match &inner.kind {
                StmtKind::Pipeline(pipeline) => match pipeline.elements.as_slice() {
                    [Element::Expr(inner, _)] => self.store(inner, value),
                    _ => Err(refuse("This can't be assigned to.")),
                },
                _ => Err(refuse("This can't be assigned to.")),
            },
            _ => Err(refuse("This can't be assigned to.")),
        }
    }

    /// `[int]$n = …`: the variable keeps the type.
    fn store_typed(&mut self, name: &TypeName, inner: &Expr, value: Value) -> R<()> {
        if name.name.eq_ignore_ascii_case("ordered") {
            return self.store(inner, value);
        }
        let of = self.type_ref(name)?;
        let ExprKind::Var(variable) = &inner.kind else {
            let value = self.cast(&value, &of)?;
            return self.store(inner, value);
        };
        let value = self.cast(&value, &of).map_err(transformed)?;
        self.set_variable(*variable, value.clone())?;
        let scope = self.scope_for(variable.scope);
        if let Some(var) = scope.vars.borrow_mut().get_mut(&variable.name) {
            var.of = Some(of);
            var.value = value;
        }
        Ok(())
    }

    /// `$a, $b = …`: the last one takes what is left.
    fn store_each(&mut self, targets: &[Expr], value: Value) -> R<()> {
        let mut items = match value.enumerate() {
            Some(items) => items,
            None => vec![value],
        };
        for (at, target) in targets.iter().enumerate() {
            if at + 1 == targets.len() && items.len() > 1 {
                return self.store(target, Value::from(std::mem::take(&mut items)));
            }
            let item = if items.is_empty() {
                Value::Null
            } else {
                items.remove(0)
            };
            self.store(target, item)?;
        }
        Ok(())
    }

    pub fn scope_for(&self, scope: VarScope) -> Rc<Scope> {
        match scope {
            VarScope::Global => Rc::clone(&self.global),
            VarScope::Script => self.scope.script(),
            _ => Rc::clone(&self.scope),
        }
    }

    pub fn set_variable(&mut self, variable: VarRef, value: Value) -> R<()> {
        if variable.name == Sym::ERROR_ACTION && !value.is_null() {
            super::Action::preferred(&value)?;
        }
        let value = match variable.scope {
            VarScope::None => match self.scope.assign(variable.name, value) {
                Some(value) => value,
                None => return Ok(()),
            },
            _ => value,
        };
        match variable.scope {
            VarScope::Env => {
                crate::place::set_env(&variable.name.text(), &value);
                return Ok(());
            }
            VarScope::Function => return self.set_function(variable.name, &value),
            VarScope::Private => {
                let scope = Rc::clone(&self.scope);
                self.set_in(&scope, variable.name, value)?;
                if let Some(var) = scope.vars.borrow_mut().get_mut(&variable.name) {
                    var.is_private = true;
                }
                return Ok(());
            }
            VarScope::Using => return Err(refuse("A $using: variable cannot be assigned.")),
            _ => {}
        }
        if variable.name == Sym::NULL {
            return Ok(());
        }
        let scope = self.scope_for(variable.scope);
        self.set_in(&scope, variable.name, value)
    }

    /// `$function:name = { … }`
    pub fn set_function(&mut self, name: Sym, value: &Value) -> R<()> {
        let Value::Script(script) = value else {
            return Err(refuse("Only a script block can be assigned to $function:."));
        };
        let function = super::Function {
            name,
            written: name.text(),
            body: Rc::clone(&script.body),
            home: script.home.clone(),
            session: self.module_here(),
        };
        let scope = Rc::clone(&self.scope);
        scope.functions.borrow_mut().insert(name, Rc::new(function));
        Ok(())
    }

    /// `[ValidateRange(1, 9)] $n = …`: this and later values are validated.
    fn store_checked(&mut self, checks: &Rc<[Attribute]>, target: &Expr, value: Value) -> R<()> {
        let mut inner = target;
        while let ExprKind::Cast(_, next) = &inner.kind {
            inner = next;
        }
        let ExprKind::Var(variable) = &inner.kind else {
            return Err(refuse("Only a variable can have attributes."));
        };
        let scope = self.scope_for(variable.scope);
        // A value that is refused is not kept: the variable is tried out first.
        let value = match &target.kind {
            ExprKind::Cast(name, _) => {
                let of = self.type_ref(name)?;
                self.cast(&value, &of)?
            }
            _ => value,
        };
        self.check_variable(variable.name, checks, &value)?;
        self.store(target, value)?;
        if let Some(var) = scope.vars.borrow_mut().get_mut(&variable.name) {
            var.checks = Some(Rc::clone(checks));
        }
        Ok(())
    }

    pub fn set_in(&mut self, scope: &Rc<Scope>, name: Sym, value: Value) -> R<()> {
        if matches!(name, Sym::TRUE | Sym::FALSE | Sym::SUCCESS) {
            return Err(read_only(name));
        }
        let (of, checks) = {
            let mut vars = scope.vars.borrow_mut();
            match vars.get_mut(&name) {
                None if super::variable::is_constant(name) => return Err(read_only(name)),
                None => {
                    vars.insert(
                        name,
                        Var {
                            value,
                            ..Var::default()
                        },
                    );
                    return Ok(());
                }
                Some(var) if var.is_read_only => return Err(read_only(name)),
                Some(var) => match (&var.of, &var.checks) {
                    (None, None) => {
                        var.value = value;
                        return Ok(());
                    }
                    (of, checks) => (of.clone(), checks.clone()),
                },
            }
        };
        let value = match of {
            Some(of) => self.cast(&value, &of).map_err(transformed)?,
            None => value,
        };
        if let Some(checks) = checks {
            self.check_variable(name, &checks, &value)?;
        }
        scope.put(name, value);
        Ok(())
    }

    pub fn increment(&mut self, target: &Expr, delta: i32, is_prefix: bool) -> R<Value> {
        let before = self.eval(target)?;
        if let (Value::Int(n), ExprKind::Var(variable)) = (&before, &target.kind)
            && let Some(after) = n.checked_add(delta)
        {
            self.set_variable(*variable, Value::Int(after))?;
            return Ok(if is_prefix { Value::Int(after) } else { before });
        }
        let number = match &before {
            Value::Null | Value::Nothing => Value::Int(0),
            other if other.is_number() || types::bigint::is_one(other) => other.clone(),
            other => {
                return Err(fail(
                    "System.Management.Automation.RuntimeException",
                    "OperatorRequiresNumber",
                    format!(
                        "The '{}' operator works only on numbers. The operand is a '{}'.",
                        if delta > 0 { "++" } else { "--" },
                        other.type_name()
                    ),
                ));
            }
        };
        let after = arith::arith(BinaryOp::Add, &number, &Value::Int(delta))?;
        self.store(target, after.clone())?;
        Ok(if is_prefix { after } else { number })
    }
}

pub fn read_only(name: Sym) -> crate::value::Ctl {
    fail(
        "System.Management.Automation.SessionStateUnauthorizedAccessException",
        "VariableNotWritable",
        format!("Cannot overwrite variable {name} because it is read-only or constant."),
    )
}

/// A value that the type of the variable doesn't take: the conversion's own message, as an attribute's fault.
fn transformed(ctl: crate::value::Ctl) -> crate::value::Ctl {
    match ctl {
        crate::value::Ctl::Throw(record) => fail(
            "System.Management.Automation.ArgumentTransformationMetadataException",
            "RuntimeException",
            record.exception.message.clone(),
        ),
        other => other,
    }
}
