//! Binding arguments to a function's parameters (about_Functions_Advanced_Parameters).

use std::rc::Rc;

use super::binding::ArgValue;
use super::delay_bound::without_input;
use super::param::{Traits, has_alias, is_switch, param_type};
use super::param_sets::Sets;
use super::piped::Plan;
use super::{Engine, Var, preferences};
use crate::parse::ast::{Body, Param};
use crate::value::{Ctl, Hash, HashKind, R, Sym, TypeRef, Value, fail, to_bool};

/// What binding by name leaves: arguments without a parameter so far, and the common parameters with their values.
struct Named {
    loose: Vec<Loose>,
    common: Vec<(&'static str, Value)>,
    /// Parameters and common parameters in the order of the call, as `$PSBoundParameters` has them.
    order: Vec<Rc<str>>,
}

enum Loose {
    /// For a parameter with a position.
    Value(Value),
    /// `-name` that no parameter has, and its value: never for a position, only for what takes the rest.
    Unknown(Vec<Value>),
}

/// What was bound by name in the order of the call, then what was bound by position.
fn in_order(given: &Hash, order: &[Rc<str>]) -> Rc<Hash> {
    let kind = HashKind::Dictionary(TypeRef::named("string"), TypeRef::named("object"));
    let sorted = Rc::new(Hash::new(kind).minding_case(false));
    for name in order {
        let key = Value::from(&**name);
        if let Some(value) = given.get(&key) {
            sorted.insert(key, value);
        }
    }
    for (key, value) in given.entries() {
        if !sorted.contains(&key) {
            sorted.insert(key, value);
        }
    }
    sorted
}

impl Engine {
    /// Binds `args` in the current scope.
    pub fn bind(&mut self, body: &Rc<Body>, args: Vec<ArgValue>, has_input: bool) -> R<()> {
        if !body.types.is_empty() {
            self.define_types(body)?;
        }
        if body.params.is_empty() && !body.is_advanced {
            if !args.is_empty() || !has_input {
                let rest: Vec<Value> = args.into_iter().flat_map(plain).collect();
                self.scope.put(Sym::ARGS, Value::from(rest));
            }
            return Ok(());
        }
        let mut traits = Vec::with_capacity(body.params.len());
        for param in &body.params {
            traits.push(self.traits(param)?);
        }
        let mut bound: Vec<Option<Value>> = body.params.iter().map(|_| None).collect();
        let takes_rest = traits.iter().any(Traits::takes_rest);
        let Named {
            loose,
            mut common,
            order,
        } = self.bind_named(body, args, takes_rest, &mut bound)?;
        let mut sets = Sets::new(body, &traits);
        sets.narrow(&traits, &bound);
        let rest = bind_positional(body, &traits, loose, &mut sets, &mut bound)?;
        if body.is_advanced && !rest.is_empty() {
            return Err(fail(
                "System.Management.Automation.ParameterBindingException",
                "PositionalParameterNotFound",
                format!(
                    "A positional parameter cannot be found that accepts argument '{}'.",
                    rest[0].text()
                ),
            ));
        }
        if body.is_advanced {
            self.bind_defaults(body, &traits, &mut sets, &mut bound, &mut common)?;
        }
        let set = sets.chosen(&traits, &bound, has_input)?;
        let fixed: Vec<bool> = bound.iter().map(Option::is_some).collect();
        let given = self.declare_params(body, &traits, bound, &set, has_input)?;
        if has_input {
            let (sets, default) = sets.open();
            self.expect_items(Plan {
                traits,
                fixed,
                sets,
                default,
            });
        }
        for (name, value) in common {
            given.insert(Value::from(name), value);
        }
        self.scope
            .put(Sym::BOUND, Value::Hash(in_order(&given, &order)));
        if body.is_advanced {
            self.scope.put(
                Sym::CMDLET,
                crate::types::cmdlet_context::context(set, body),
            );
        } else {
            self.scope.put(Sym::ARGS, Value::from(rest));
        }
        Ok(())
    }

    fn bind_named(
        &mut self,
        body: &Body,
        args: Vec<ArgValue>,
        takes_rest: bool,
        bound: &mut [Option<Value>],
    ) -> R<Named> {
        let (mut loose, mut common, mut order) = (Vec::new(), Vec::new(), Vec::new());
        let mut args = args.into_iter().peekable();
        while let Some(arg) = args.next() {
            let (name, value) = match arg {
                ArgValue::Value(value) => {
                    loose.push(Loose::Value(value));
                    continue;
                }
                ArgValue::Named(name, value) => (name, value),
            };
            let Some(at) = self.param_named(body, &name)? else {
                match body
                    .is_advanced
                    .then(|| preferences::named(body, &name))
                    .flatten()
                {
                    Some(found) => {
                        let value = self.common_parameter(found, value, &mut args)?;
                        common.push((found, value));
                        order.push(Rc::from(found));
                    }
                    None if body.is_advanced && !takes_rest => return Err(not_found(&name)),
                    None => loose.push(Loose::Unknown(plain(ArgValue::Named(name, value)))),
                }
                continue;
            };
            let value = match value {
                Some(value) => value,
                None if is_switch(&body.params[at]) => Value::Bool(true),
                None => match args.peek() {
                    Some(ArgValue::Value(_)) => match args.next() {
                        Some(ArgValue::Value(value)) => value,
                        _ => Value::Null,
                    },
                    _ => {
                        return Err(crate::value::fail_binding(
                            crate::value::Binding::Given,
                            "MissingArgument",
                            &body.params[at].written,
                            format!(
                                "Missing an argument for parameter '{}'. Specify a parameter of type '{}' and try again.",
                                body.params[at].written,
                                self.full_type_of(&body.params[at])
                            ),
                        ));
                    }
                },
            };
            if bound[at].is_some() {
                return Err(crate::value::fail_binding(
                    crate::value::Binding::Given,
                    "ParameterAlreadyBound",
                    &body.params[at].written,
                    format!(
                        "Cannot bind parameter because parameter '{}' is specified more than once. To provide multiple values to parameters that can accept multiple values, use the array syntax. For example, \"-parameter value1,value2,value3\".",
                        body.params[at].written
                    ),
                ));
            }
            bound[at] = Some(value);
            order.push(Rc::clone(&body.params[at].written));
        }
        Ok(Named {
            loose,
            common,
            order,
        })
    }

    /// The parameter called `name`, by an alias or an unambiguous beginning too.
    fn param_named(&mut self, body: &Body, name: &str) -> R<Option<usize>> {
        let exact = body.params.iter().position(|param| {
            param.name.text().eq_ignore_ascii_case(name) || has_alias(param, name)
        });
        if exact.is_some() {
            return Ok(exact);
        }
        if body.is_advanced && preferences::is_common(name) {
            return Ok(None);
        }
        let lower = name.to_ascii_lowercase();
        let begins = |text: &str| text.to_ascii_lowercase().starts_with(&lower);
        let found: Vec<usize> = (0..body.params.len())
            .filter(|at| {
                let param = &body.params[*at];
                begins(&param.name.text())
                    || super::aliases(param).iter().any(|alias| begins(alias))
            })
            .collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            several => {
                let names: Vec<String> = several
                    .iter()
                    .map(|at| format!("-{}", body.params[*at].written))
                    .collect();
                Err(crate::value::fail_binding(
                    crate::value::Binding::Given,
                    "AmbiguousParameter",
                    name,
                    format!(
                        "Parameter cannot be processed because the parameter name '{name}' is ambiguous. Possible matches include: {}.",
                        names.join(" ")
                    ),
                ))
            }
        }
    }

    /// Sets the parameters' variables, given or by default; what was given.
    fn declare_params(
        &mut self,
        body: &Rc<Body>,
        traits: &[Traits],
        bound: Vec<Option<Value>>,
        set: &str,
        has_input: bool,
    ) -> R<Rc<Hash>> {
        let missing: Vec<Rc<str>> = body
            .params
            .iter()
            .zip(traits)
            .zip(&bound)
            .filter(|((_, traits), value)| value.is_none() && traits.must_come(set, has_input))
            .map(|((param, _), _)| Rc::clone(&param.written))
            .collect();
        if !missing.is_empty() {
            let names: Vec<&str> = missing.iter().map(|name| &**name).collect();
            return Err(super::binding::missing(&names));
        }
        let given = Rc::new(Hash::new(HashKind::Table));
        // What is given is there before a default that refers to it is evaluated.
        for (at, value) in bound.iter().enumerate() {
            let Some(value) = value else { continue };
            let param = &body.params[at];
            if self.is_delayed(param, &traits[at], value)? {
                if !has_input {
                    return Err(without_input(&param.written));
                }
                let value = self.default_value(param)?;
                self.declare(param, value)?;
                continue;
            }
            let is_mandatory = traits[at].within(set).is_mandatory;
            self.exact_only(body, param, value)?;
            let value = self.param_value(param, value.clone(), is_mandatory)?;
            given.insert(Value::from(&*param.written), value.clone());
            self.declare(param, value)?;
        }
        for (param, _) in body
            .params
            .iter()
            .zip(bound)
            .filter(|(_, value)| value.is_none())
        {
            let value = self.default_value(param)?;
            self.declare(param, value)?;
        }
        Ok(given)
    }

    pub fn default_value(&mut self, param: &Param) -> R<Value> {
        if let Some(default) = &param.default {
            let value = self.eval(default)?;
            return match param_type(self, param)? {
                Some(of) => self.cast(&value, &of).map_err(|ctl| not_bound(ctl, param)),
                None => Ok(value),
            };
        }
        if is_switch(param) {
            return Ok(crate::types::switch::value(false));
        }
        // Numbers, booleans and strings have a value of their own; everything else is `$null`.
        let Some(of) = param_type(self, param)? else {
            return Ok(Value::Null);
        };
        Ok(match of.default_value() {
            Value::Null if of == TypeRef::named("string") => Value::from(""),
            Value::Net(_) | Value::Char(_) => Value::Null,
            value => value,
        })
    }

    /// A given value, converted and validated.
    pub fn param_value(&mut self, param: &Param, value: Value, is_mandatory: bool) -> R<Value> {
        if is_switch(param) {
            boolean_only(
                param,
                &value,
                "System.Management.Automation.SwitchParameter",
            )?;
            return Ok(crate::types::switch::value(to_bool(&value)));
        }
        let of = param_type(self, param)?;
        if of
            .as_ref()
            .is_some_and(|of| of.full_name() == "System.Boolean")
        {
            boolean_only(param, &value, "System.Boolean")?;
        }
        let value = match of {
            // A table is a PSObject as it is (LanguagePrimitives).
            Some(TypeRef::Known(of))
                if of.name == "System.Management.Automation.PSCustomObject"
                    && matches!(value, Value::Hash(_)) =>
            {
                value
            }
            // A mandatory string takes no empty one unless it says so.
            Some(of) => self
                .cast(&value, &of)
                .map_err(|ctl| not_bound(ctl, param))?,
            None => value,
        };
        super::typed::check(param, &value)?;
        self.validate(param, &value, is_mandatory)?;
        Ok(value)
    }

    /// In an advanced function, `[bool[]]` takes booleans and numbers only, as `[bool]` does, and `[string]` no array
    /// (ArgumentTypeConverterAttribute.Transform).
    fn exact_only(&mut self, body: &Body, param: &Param, value: &Value) -> R<()> {
        const BOOLEAN: &str = "System.Boolean";
        match param_type(self, param)? {
            Some(TypeRef::Known(of))
                if body.is_advanced
                    && of.name == "System.String"
                    && matches!(value, Value::Array(_)) =>
            {
                Err(not_bound(
                    fail(
                        "System.Management.Automation.PSInvalidCastException",
                        "InvalidCastFromAnyTypeToString",
                        "Cannot convert value to type System.String.",
                    ),
                    param,
                ))
            }
            Some(TypeRef::Array(of)) if body.is_advanced && of.full_name() == BOOLEAN => value
                .to_items()
                .iter()
                .try_for_each(|item| boolean_only(param, item, BOOLEAN)),
            _ => Ok(()),
        }
    }

    fn declare(&mut self, param: &Param, value: Value) -> R<()> {
        let of = if is_switch(param) {
            None
        } else {
            param_type(self, param)?
        };
        let has_checks = param
            .attributes
            .iter()
            .any(|attribute| attribute.name.to_ascii_lowercase().starts_with("validate"));
        self.scope.vars.borrow_mut().insert(
            param.name,
            Var {
                value,
                of,
                checks: has_checks.then(|| Rc::clone(&param.attributes)),
                ..Var::default()
            },
        );
        Ok(())
    }
}

/// Gives values to the parameters that have a position, in its order, and the rest to the one that takes it;
/// what nothing takes.
fn bind_positional(
    body: &Body,
    traits: &[Traits],
    loose: Vec<Loose>,
    sets: &mut Sets,
    bound: &mut [Option<Value>],
) -> R<Vec<Value>> {
    let mut left = Vec::new();
    let mut loose = loose.into_iter().peekable();
    while let Some(argument) = loose.next() {
        let value = match argument {
            Loose::Value(value) => value,
            Loose::Unknown(parts) => {
                left.extend(parts);
                // What follows is taken for its value (`GetNextPositionalArgument`).
                if let Some(Loose::Value(value)) =
                    loose.next_if(|next| matches!(next, Loose::Value(_)))
                {
                    left.push(value);
                }
                continue;
            }
        };
        match sets.next_position(body, traits, bound)? {
            Some(at) => {
                bound[at] = Some(value);
                sets.narrow(traits, bound);
            }
            None => left.push(value),
        }
    }
    match traits.iter().position(Traits::takes_rest) {
        Some(at) if bound[at].is_none() && !left.is_empty() => {
            // A single list is the rest itself.
            bound[at] = Some(match left.as_slice() {
                [list @ (Value::Array(_) | Value::List(_))] => list.clone(),
                _ => Value::from(left),
            });
            Ok(Vec::new())
        }
        _ => Ok(left),
    }
}

fn not_found(name: &str) -> Ctl {
    crate::value::fail_binding(
        crate::value::Binding::Given,
        "NamedParameterNotFound",
        name,
        format!("A parameter cannot be found that matches parameter name '{name}'."),
    )
}

/// What is left over for `$args`.
fn plain(arg: ArgValue) -> Vec<Value> {
    match arg {
        ArgValue::Value(value) => vec![value],
        ArgValue::Named(name, None) => vec![Value::from(format!("-{name}"))],
        ArgValue::Named(name, Some(value)) => vec![Value::from(format!("-{name}:")), value],
    }
}

/// A parameter takes no text for a boolean, which elsewhere would be true (ArgumentTypeConverterAttribute.CheckBoolValue).
fn boolean_only(param: &Param, value: &Value, to: &str) -> R<()> {
    let from = match value {
        Value::Bool(_) => return Ok(()),
        Value::Null | Value::Nothing if to != "System.Boolean" => return Ok(()),
        Value::Null | Value::Nothing => String::new(),
        number if number.is_number() => return Ok(()),
        other => other.type_name(),
    };
    if from == "System.Management.Automation.SwitchParameter" {
        return Ok(());
    }
    Err(not_bound(
        fail(
            "System.Management.Automation.PSInvalidCastException",
            "InvalidCast",
            format!(
                "Cannot convert value \"{from}\" to type \"{to}\". Boolean parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0."
            ),
        ),
        param,
    ))
}

fn not_bound(ctl: Ctl, param: &Param) -> Ctl {
    match ctl {
        Ctl::Throw(record) => crate::value::fail_binding(
            crate::value::Binding::Transformed,
            "ParameterArgumentTransformationError",
            &param.written,
            format!(
                "Cannot process argument transformation on parameter '{}'. {}",
                param.written, record.exception.message
            ),
        ),
        other => other,
    }
}
