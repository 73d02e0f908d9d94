//! Methods of script classes: which overload is meant, how it runs, and those that the language itself calls.

use std::cmp::Ordering;
use std::rc::Rc;

use super::binding::ArgValue;
use super::class::Class;
use super::scope::{Scope, ScopeKind};
use super::{Engine, Sink};
use crate::parse::ast::MethodDef;
use crate::types::{TypeRef, numbers};
use crate::value::{Ctl, Object, PropKind, R, Sym, Value, fail, to_bool, to_int};

/// The method of that name that takes so many arguments, here or in a base class.
fn method(
    class: &Rc<Class>,
    lower: &str,
    n_args: usize,
    is_static: bool,
) -> Option<(Rc<Class>, usize)> {
    let found = class.def.methods.iter().position(|method| {
        !method.is_constructor
            && method.is_static == is_static
            && method.name.eq_ignore_ascii_case(lower)
            && method.body.params.len() == n_args
    });
    if let Some(at) = found {
        return Some((Rc::clone(class), at));
    }
    method(class.base.as_ref()?, lower, n_args, is_static)
}

/// What a parameter's type is worth that the argument is assignable to; conversions are worth less.
const ASSIGNABLE: usize = 1000;

/// Of two base classes the nearer one is the better.
fn nearness(arg: &Value, of: &TypeRef) -> usize {
    let (Value::Object(object), TypeRef::Class(of)) = (arg, of) else {
        return 0;
    };
    let classes = std::iter::successors(object.class.as_ref(), |class| class.base.as_ref());
    let distance = classes.take_while(|class| !Rc::ptr_eq(class, of)).count();
    (ASSIGNABLE / 2).saturating_sub(distance)
}

/// Only what `return` gives leaves a method.
#[derive(Default)]
struct Returned {
    items: Vec<Value>,
    is_returning: bool,
}

impl Sink for Returned {
    fn put(&mut self, _: &mut Engine, value: Value) -> R<()> {
        if self.is_returning {
            self.items.push(value);
        }
        Ok(())
    }

    fn returning(&mut self) {
        self.is_returning = true;
    }
}

impl Engine {
    /// Of the overloads that take so many arguments, the first whose types fit best.
    ///
    /// Roughly the ranks of PowerShell's conversions: its own type, one that it is assignable to, a wider number, any other.
    pub fn best_overload(&mut self, methods: &[&MethodDef], args: &[Value]) -> Option<usize> {
        let mut best: Option<(usize, usize)> = None;
        for (at, method) in methods.iter().enumerate() {
            let params = &method.body.params;
            let n_required = params
                .iter()
                .filter(|param| param.default.is_none())
                .count();
            if args.len() > params.len() || args.len() < n_required {
                continue;
            }
            let mut score = 1;
            let mut fits = true;
            for (param, arg) in params.iter().zip(args) {
                let Some(name) = param.types.last() else {
                    score += ASSIGNABLE;
                    continue;
                };
                let Ok(of) = self.type_ref(name) else {
                    continue;
                };
                if arg.type_name() == of.full_name() {
                    score += 2 * ASSIGNABLE;
                } else if self.is_a(arg, &of) {
                    score += ASSIGNABLE + nearness(arg, &of);
                } else if self.cast(arg, &of).is_err() {
                    fits = false;
                } else if arg.is_number() && numbers::is_number(&of.full_name()) {
                    score += 2;
                } else {
                    score += 1;
                }
            }
            if fits && best.is_none_or(|(_, seen)| score > seen) {
                best = Some((at, score));
            }
        }
        best.map(|(at, _)| at)
    }

    /// A method of a class instance; `None` if the class has none of that name and count.
    pub fn class_call(
        &mut self,
        object: &Rc<Object>,
        lower: &str,
        args: &[Value],
        is_super: bool,
    ) -> Option<R<Value>> {
        let mut class = Rc::clone(object.class.as_ref()?);
        if is_super {
            class = self.super_of(&class)?;
        }
        let this = Value::Object(Rc::clone(object));
        self.class_method(&class, lower, args, Some(this), false)
    }

    /// `([Base]$this).Method()`: the base class's own method.
    pub fn base_call(
        &mut self,
        target: &crate::parse::ast::Expr,
        value: &Value,
        name: &str,
        args: &[Value],
    ) -> R<Option<Value>> {
        use crate::parse::ast::{Element, ExprKind, StmtKind};
        let ExprKind::Paren(inner) = &target.kind else {
            return Ok(None);
        };
        let StmtKind::Pipeline(pipeline) = &inner.kind else {
            return Ok(None);
        };
        let [Element::Expr(expr, _)] = pipeline.elements.as_slice() else {
            return Ok(None);
        };
        let ExprKind::Cast(of, _) = &expr.kind else {
            return Ok(None);
        };
        let of = self.type_ref(of)?;
        let lower = name.to_ascii_lowercase();
        let is_plain = !matches!(value, Value::Object(_) | Value::Null | Value::Nothing);
        if crate::types::resolve::is_object(&of)
            && is_plain
            && lower == "tostring"
            && args.is_empty()
        {
            return Ok(Some(Value::from(value.type_name())));
        }
        let (TypeRef::Class(class), Value::Object(_)) = (of, value) else {
            return Ok(None);
        };
        self.class_method(&class, &lower, args, Some(value.clone()), false)
            .transpose()
    }

    /// `([Base]$this).Method()`: the class above the one whose method runs.
    fn super_of(&self, class: &Rc<Class>) -> Option<Rc<Class>> {
        Some(class.base.clone().unwrap_or_else(|| Rc::clone(class)))
    }

    pub fn class_method(
        &mut self,
        class: &Rc<Class>,
        lower: &str,
        args: &[Value],
        this: Option<Value>,
        is_static: bool,
    ) -> Option<R<Value>> {
        let mut owner = Rc::clone(class);
        let mut misfit = None;
        let at = loop {
            let candidates: Vec<usize> = (0..owner.def.methods.len())
                .filter(|at| {
                    let method = &owner.def.methods[*at];
                    !method.is_constructor
                        && method.is_static == is_static
                        && method.name.eq_ignore_ascii_case(lower)
                })
                .collect();
            let methods: Vec<&MethodDef> = candidates
                .iter()
                .map(|at| &owner.def.methods[*at])
                .collect();
            if let Some(best) = self.best_overload(&methods, args) {
                break candidates[best];
            }
            if let (None, Some(method)) = (&misfit, methods.first()) {
                misfit = Some(match methods.len() {
                    1 => self.misfit(&method.name, method, args),
                    _ => no_overload(&method.name, args.len()),
                });
            }
            match owner.base.clone() {
                Some(base) => owner = base,
                // Without a method of that name there is more to be looked at.
                None => return misfit.map(Err),
            }
        };
        Some(self.run_method(&owner, at, args, this))
    }

    /// Why the only candidate doesn't take the arguments: their number, or what it can't convert.
    pub fn misfit(&mut self, name: &str, method: &MethodDef, args: &[Value]) -> Ctl {
        let params = &method.body.params;
        if params.len() == args.len() {
            for (param, arg) in params.iter().zip(args) {
                let Some(Ok(of)) = param.types.last().map(|name| self.type_ref(name)) else {
                    continue;
                };
                if let Err(Ctl::Throw(record)) = self.cast(arg, &of) {
                    let message = format!(
                        "Cannot convert argument \"{}\", with value: \"{}\", for \"{name}\" to type \"{}\": \"{}\"",
                        param.written,
                        arg.text(),
                        of.full_name(),
                        record.exception.message
                    );
                    return method_failed("MethodArgumentConversionInvalidCastArgument", message);
                }
            }
        }
        no_overload(name, args.len())
    }

    pub fn run_method(
        &mut self,
        owner: &Rc<Class>,
        at: usize,
        args: &[Value],
        this: Option<Value>,
    ) -> R<Value> {
        let method = &owner.def.methods[at];
        self.enter(Rc::from(method.name.as_str()), &method.body, true)?;
        // What blocks in it don't know is looked for around the call, as in functions (ScriptBlock.InvokeAsMemberFunction).
        let is_home = Rc::ptr_eq(&self.scope.script(), &owner.home);
        let around = if is_home { &self.scope } else { &owner.home };
        let scope = Scope::new(ScopeKind::Local, Some(Rc::clone(around)));
        if let Some(this) = this {
            scope.put(Sym::THIS, this);
        }
        let mut returned = Returned::default();
        let args = args.iter().cloned().map(ArgValue::Value).collect();
        let n_try = self.n_try;
        // An error in a method ends the method.
        self.n_try += 1;
        let result =
            self.apart(|engine| engine.run_in(scope, &method.body, args, None, &mut returned));
        self.n_try = n_try;
        self.leave();
        result?;
        let is_void = method
            .returns
            .as_ref()
            .is_none_or(|name| name.name.eq_ignore_ascii_case("void"));
        if is_void && method.returns.is_some() {
            return Ok(Value::Nothing);
        }
        let value = match Value::collapse(returned.items) {
            Value::Nothing => Value::Null,
            other => other,
        };
        match &method.returns {
            Some(name) => {
                let of = self.type_ref(name)?;
                self.cast(&value, &of)
            }
            None => Ok(Value::Nothing),
        }
    }

    /// A class's own `ToString`.
    pub fn class_text(&mut self, object: &Rc<Object>) -> R<Option<String>> {
        let is_method = matches!(object.find("ToString"), Some(PropKind::Method(_)));
        if is_method {
            let found = self.call_method(
                &Value::Object(Rc::clone(object)),
                "ToString",
                Vec::new(),
                false,
            )?;
            return Ok(Some(found.text()));
        }
        let Some(class) = &object.class else {
            return Ok(None);
        };
        if let Some(text) = self.class_formatted(object, Value::Null)? {
            return Ok(Some(text));
        }
        if method(class, "tostring", 0, false).is_none() {
            return Ok(None);
        }
        match self.class_call(object, "tostring", &[], false) {
            Some(result) => result.map(|value| Some(value.text())),
            None => Ok(None),
        }
    }

    /// `IFormattable`: `-f` asks by a format, a string by none.
    pub fn class_formatted(&mut self, object: &Rc<Object>, format: Value) -> R<Option<String>> {
        let is_formattable = object.class.as_ref().is_some_and(|class| {
            ["System.IFormattable", "IFormattable"]
                .iter()
                .any(|name| class.is_or_derives(name))
        });
        if !is_formattable {
            return Ok(None);
        }
        let result = self.class_call(object, "tostring", &[format, Value::Null], false);
        result.map(|text| text.map(|text| text.text())).transpose()
    }

    /// `IComparable`
    pub fn class_compare(&mut self, left: &Value, right: &Value) -> R<Option<Ordering>> {
        let Value::Object(object) = left else {
            return Ok(None);
        };
        if object.class.is_none() {
            return Ok(None);
        }
        match self.class_call(object, "compareto", std::slice::from_ref(right), false) {
            Some(result) => Ok(Some(to_int(&result?)?.cmp(&0))),
            None => Ok(None),
        }
    }

    /// Whether a set takes two instances of the value's class for the same when they are equal: `GetHashCode` is its own.
    pub fn has_own_hash(value: &Value) -> bool {
        let Value::Object(object) = value else {
            return false;
        };
        let own = |class| method(class, "gethashcode", 0, false).is_some();
        object.class.as_ref().is_some_and(own)
    }

    /// `Equals` of a class.
    pub fn class_equal(&mut self, left: &Value, right: &Value) -> R<Option<bool>> {
        let Value::Object(object) = left else {
            return Ok(None);
        };
        if object.class.is_none() {
            return Ok(None);
        }
        match self.class_call(object, "equals", std::slice::from_ref(right), false) {
            Some(result) => Ok(Some(to_bool(&result?))),
            None => Ok(None),
        }
    }
}

fn method_failed(id: &str, message: String) -> Ctl {
    fail("System.Management.Automation.MethodException", id, message)
}

/// No candidate takes as many arguments, or takes these.
pub fn no_overload(name: &str, n_args: usize) -> Ctl {
    let message =
        format!("Cannot find an overload for \"{name}\" and the argument count: \"{n_args}\".");
    method_failed("MethodCountCouldNotFindBest", message)
}
