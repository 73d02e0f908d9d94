//! The value of an expression.

use std::rc::Rc;

use super::{Engine, arith, bits, operator};
use crate::parse::ast::{
    BinaryOp, Block, Element, Expr, ExprKind, Piece, Stmt, StmtKind, TypeName, UnaryOp,
};
use crate::value::{
    Hash, HashKind, List, ListKind, Object, R, Sym, TypeRef, Value, is_type_name, refuse, to_bool,
};

impl Engine {
    pub fn eval(&mut self, expr: &Expr) -> R<Value> {
        match &expr.kind {
            ExprKind::Const(value) => Ok(value.clone()),
            ExprKind::Var(variable) => self.variable(*variable, expr.span),
            ExprKind::Binary(op, sides) => self
                .binary(*op, &sides.0, &sides.1)
                .map_err(|ctl| self.placed(ctl, expr.span)),
            ExprKind::Word(text) => Ok(Value::Str(Rc::clone(text))),
            ExprKind::Expand(pieces) => self.expand(pieces),
            ExprKind::Paren(inner) => self.eval_paren(inner),
            ExprKind::Index {
                target,
                index,
                is_conditional,
            } => {
                let target = self.eval(target)?;
                if *is_conditional && target.is_null() {
                    return Ok(Value::Null);
                }
                let key = self.eval(index)?;
                // `$ordered[[object]1]` is the key, not the place.
                if let (ExprKind::Cast(name, _), Value::Hash(hash)) = (&index.kind, &target)
                    && name.name.eq_ignore_ascii_case("object")
                {
                    return Ok(hash.get(&key).unwrap_or_default());
                }
                self.index(&target, &key)
                    .map_err(|ctl| self.placed(ctl, expr.span))
            }
            ExprKind::Member {
                target,
                name,
                is_static,
                is_conditional,
            } => self
                .eval_member(target, name, *is_static, *is_conditional)
                .map_err(|ctl| self.placed(ctl, expr.span)),
            ExprKind::Call {
                target,
                name,
                args,
                is_static,
                is_conditional,
            } => self
                .eval_call(target, name, args, (*is_static, *is_conditional))
                .map_err(|ctl| self.placed(ctl, expr.span)),
            ExprKind::Array(block) => self.eval_array(block),
            // Nothing at all in it is `$null`, which goes down a pipeline; what only gives nothing does not.
            ExprKind::Sub(block) if block.statements.is_empty() => Ok(Value::Null),
            ExprKind::Sub(block) => {
                let mut items = Vec::new();
                self.run_block(block, &mut items)?;
                Ok(Value::collapse(items))
            }
            ExprKind::Hash(entries) => self.eval_hash(entries, HashKind::Table),
            ExprKind::Script(body) => Ok(Value::Script(Rc::new(self.script_here(body)))),
            ExprKind::Comma(parts) => {
                let mut items = Vec::with_capacity(parts.len());
                for part in parts {
                    let value = self.eval(part)?;
                    items.push(if let Value::Nothing = value {
                        Value::Null
                    } else {
                        value
                    });
                }
                Ok(Value::from(items))
            }
            ExprKind::Unary(op, operand) => self
                .unary(*op, operand)
                .map_err(|ctl| self.placed(ctl, expr.span)),
            ExprKind::Ternary(parts) => {
                let (condition, yes, no) = &**parts;
                if to_bool(&self.eval(condition)?) {
                    self.eval(yes)
                } else {
                    self.eval(no)
                }
            }
            ExprKind::IncDec {
                target,
                delta,
                is_prefix,
            } => self
                .increment(target, *delta, *is_prefix)
                .map_err(|ctl| self.placed(ctl, expr.span)),
            ExprKind::Type(name) => Ok(Value::Type(self.type_ref(name)?)),
            ExprKind::Checked(_, target) => self.eval(target),
            ExprKind::Cast(name, operand) => self
                .eval_cast(name, operand)
                .map_err(|ctl| self.placed(ctl, expr.span)),
        }
    }

    fn expand(&mut self, pieces: &[Piece]) -> R<Value> {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Expr(expr) => {
                    let value = match &expr.kind {
                        ExprKind::Var(variable) => self.variable_in_text(*variable, expr.span)?,
                        _ => self.eval(expr)?,
                    };
                    text.push_str(&self.text(&value)?);
                }
            }
        }
        Ok(Value::from(text))
    }

    /// `( … )`: an expression keeps its value, a pipeline gives its output, an assignment what it assigned.
    pub fn eval_paren(&mut self, inner: &Stmt) -> R<Value> {
        match &inner.kind {
            StmtKind::Pipeline(pipeline) => match pipeline.elements.as_slice() {
                [Element::Expr(expr, redirects)] if redirects.is_empty() => self.eval(expr),
                _ => self.collected(inner),
            },
            StmtKind::Assign { target, op, value } => self.assign(target, *op, value),
            _ => self.collected(inner),
        }
    }

    /// `( … )` as a statement: the items of its value, also of one array that a command put out whole.
    pub fn put_paren(&mut self, inner: &Stmt, out: &mut dyn super::Sink) -> R<()> {
        let value = self.eval_paren(inner)?;
        self.put_value(value, out)
    }

    /// A statement's output as a value.
    pub fn collected(&mut self, statement: &Stmt) -> R<Value> {
        let mut items = Vec::new();
        self.run_statement(statement, &mut items)?;
        Ok(Value::collapse(items))
    }

    /// The value that a statement gives where one is needed: an expression's own, else its output.
    pub fn statement_value(&mut self, statement: &Stmt) -> R<Value> {
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
            StmtKind::Assign { target, op, value } => self.assign(target, *op, value),
            _ => self.collected(statement),
        }
    }

    fn eval_array(&mut self, block: &Block) -> R<Value> {
        // `@($array)` copies nothing that matters: one expression's items are the array.
        let mut items = Vec::new();
        self.run_block(block, &mut items)?;
        Ok(Value::from(items))
    }

    pub fn eval_hash(&mut self, entries: &[(Expr, Stmt)], kind: HashKind) -> R<Value> {
        let mut hash = Hash::new(kind);
        hash.minds_case = false;
        for (key, value) in entries {
            let key_value = self.eval(key)?;
            if key_value.is_null() {
                return Err(self.placed(
                    crate::value::fail(
                        "System.Management.Automation.RuntimeException",
                        "InvalidNullKey",
                        "A null key is not allowed in a hash literal.",
                    ),
                    key.span,
                ));
            }
            let value = match self.statement_value(value)? {
                Value::Nothing => Value::Null,
                other => other,
            };
            hash.insert(key_value, value);
        }
        Ok(Value::Hash(Rc::new(hash)))
    }

    fn eval_cast(&mut self, name: &TypeName, operand: &Expr) -> R<Value> {
        let lower = name.name.to_ascii_lowercase();
        if name.n_array == 0
            && let ExprKind::Hash(entries) = &operand.kind
        {
            match lower.as_str() {
                "ordered" => return self.eval_hash(entries, HashKind::Ordered),
                "pscustomobject" | "system.management.automation.pscustomobject" => {
                    return self.custom_object(entries);
                }
                _ => {}
            }
        }
        if let ("ref", ExprKind::Var(variable)) = (lower.as_str(), &operand.kind) {
            return Ok(Value::net(crate::types::record::Reference {
                scope: self.scope_for(variable.scope),
                name: variable.name,
            }));
        }
        let value = self.eval(operand)?;
        // A table is a PSObject as it is: only `[pscustomobject]` makes an object of it (Compiler).
        if name.n_array == 0 && is_ps_object(&lower) && matches!(value, Value::Hash(_)) {
            return Ok(value);
        }
        let of = self.type_ref(name)?;
        self.cast(&value, &of)
    }

    /// `[pscustomobject]@{ … }`
    fn custom_object(&mut self, entries: &[(Expr, Stmt)]) -> R<Value> {
        let object = Object::custom();
        for (key, value) in entries {
            let key = self.eval(key)?;
            let value = match self.statement_value(value)? {
                Value::Nothing => Value::Null,
                other => other,
            };
            match &key {
                // The parser refuses a name that is there twice.
                Value::Str(name) if !is_type_name(name) => object.push(name, value),
                other => {
                    let name = self.text(other)?;
                    object.put_entry(&name, value);
                }
            }
        }
        Ok(Value::Object(Rc::new(object)))
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> R<Value> {
        match op {
            BinaryOp::And => {
                let yes = to_bool(&self.eval(left)?) && to_bool(&self.eval(right)?);
                return Ok(Value::Bool(yes));
            }
            BinaryOp::Or => {
                let yes = to_bool(&self.eval(left)?) || to_bool(&self.eval(right)?);
                return Ok(Value::Bool(yes));
            }
            BinaryOp::Coalesce => {
                let value = self.eval(left)?;
                return if value.is_null() {
                    self.eval(right)
                } else {
                    Ok(value)
                };
            }
            _ => {}
        }
        let is_literal =
            matches!(&right.kind, ExprKind::Var(variable) if variable.name == Sym::NULL);
        let left = self.eval(left)?;
        if is_literal && matches!(op, BinaryOp::Is | BinaryOp::IsNot) {
            // `-is $null` asks whether there is anything; null that comes from elsewhere is no type.
            return Ok(Value::Bool(left.is_null() == (op == BinaryOp::Is)));
        }
        let right = self.eval(right)?;
        self.operate(op, &left, &right)
    }

    /// A binary operator that needs both sides.
    pub fn operate(&mut self, op: BinaryOp, left: &Value, right: &Value) -> R<Value> {
        if let (Value::Object(_), _) | (_, Value::Object(_)) = (left, right)
            && let Some(result) = self.overloaded(op, left, right)
        {
            return result;
        }
        match op {
            BinaryOp::Add
                if matches!(
                    (left, right),
                    (
                        Value::Str(_),
                        Value::Object(_) | Value::Array(_) | Value::List(_)
                    )
                ) =>
            {
                let text = self.text(right)?;
                Ok(Value::from(format!("{}{text}", left.text())))
            }
            BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Modulo => arith::arith(op, left, right),
            BinaryOp::Compare(comparison, minds_case) => {
                self.comparison(comparison, minds_case, left, right)
            }
            BinaryOp::Range => operator::range(left, right),
            BinaryOp::Format => crate::format::composite::format(self, left, right),
            BinaryOp::Xor => Ok(Value::Bool(to_bool(left) != to_bool(right))),
            BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor
            | BinaryOp::ShiftLeft
            | BinaryOp::ShiftRight => bits::bits(op, left, right),
            BinaryOp::Is | BinaryOp::IsNot => {
                let of = self.operand_type(right, "-is")?;
                Ok(Value::Bool(self.is_a(left, &of) == (op == BinaryOp::Is)))
            }
            BinaryOp::As => {
                let of = self.operand_type(right, "-as")?;
                match self.cast(left, &of) {
                    Ok(value) => Ok(value),
                    Err(crate::value::Ctl::Throw(_)) => Ok(Value::Null),
                    Err(other) => Err(other),
                }
            }
            BinaryOp::Join => self.join(left, right),
            BinaryOp::Split(minds_case) => self.split(left, right, minds_case),
            BinaryOp::Replace(minds_case) => self.replace(left, right, minds_case),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce => Ok(Value::Null),
        }
    }

    fn operand_type(&mut self, value: &Value, operator: &str) -> R<TypeRef> {
        match value {
            Value::Type(of) => Ok(of.clone()),
            Value::Null | Value::Nothing => Err(crate::value::fail(
                "System.Management.Automation.RuntimeException",
                match operator {
                    "-as" => "AsOperatorRequiresType",
                    _ => "IsOperatorRequiresType",
                },
                format!("The right operand of '{operator}' must be a type."),
            )),
            other => self.type_by_name(&other.text()),
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr) -> R<Value> {
        let value = self.eval(operand)?;
        match op {
            UnaryOp::Not => Ok(Value::Bool(!to_bool(&value))),
            UnaryOp::Negate => arith::negate(&value),
            UnaryOp::Plus => arith::arith(BinaryOp::Add, &Value::Int(0), &value),
            UnaryOp::BitNot => bits::invert(&value),
            UnaryOp::Array => Ok(Value::from(vec![value])),
            UnaryOp::Join => {
                let mut text = String::new();
                for item in value.to_items() {
                    text.push_str(&self.text(&item)?);
                }
                Ok(Value::from(text))
            }
            UnaryOp::Split | UnaryOp::CaseSplit => {
                let mut parts = Vec::new();
                for item in value.to_items() {
                    parts.extend(self.text(&item)?.split_whitespace().map(Value::from));
                }
                Ok(Value::from(parts))
            }
        }
    }

    /// A type as written, found once. What isn't there by now is refused: a class that no file brought, or a type of .NET.
    pub fn type_ref(&mut self, name: &TypeName) -> R<TypeRef> {
        if let Some(found) = name.resolved.get() {
            return Ok(found.clone());
        }
        let place = Some((&self.source, name.span));
        let own = |lower: &str| self.own_types.find(lower, place);
        let found = crate::types::resolve(name, &own, &self.namespaces).map_err(|_| {
            let message = crate::check::type_hints::unknown_type(&name.to_string());
            self.placed(refuse(message), name.span)
        })?;
        let _ = name.resolved.set(found.clone());
        Ok(found)
    }

    /// A type by a name that comes up while running.
    pub fn type_by_name(&mut self, name: &str) -> R<TypeRef> {
        let found = crate::types::parse_name(name).and_then(|written| {
            let own = |lower: &str| self.own_types.find(lower, None);
            crate::types::resolve(&written, &own, &self.namespaces).ok()
        });
        found.ok_or_else(|| {
            crate::value::fail(
                "System.Management.Automation.RuntimeException",
                "TypeNotFound",
                format!("Unable to find type [{name}]."),
            )
        })
    }

    /// An empty `List<object>`, for collecting.
    pub fn list_of(items: Vec<Value>) -> Value {
        Value::List(Rc::new(List::new(ListKind::ArrayList, items)))
    }
}

fn is_ps_object(name: &str) -> bool {
    matches!(name, "psobject" | "system.management.automation.psobject")
}
