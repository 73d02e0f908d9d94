//! Binding arguments to a function's parameters (about_Functions_Advanced_Parameters).

use std::rc::Rc;

use super::binding::ArgValue;
use super::{Action, Engine, Var};
use crate::parse::ast::{Attribute, Body, Expr, ExprKind, Param};
use crate::value::{Ctl, Hash, HashKind, R, Sym, TypeRef, Value, fail, intern, to_bool, to_int};

/// The common parameters that an advanced function has.
const COMMON: [&str; 13] = [
    "ErrorAction",
    "WarningAction",
    "InformationAction",
    "ProgressAction",
    "Verbose",
    "Debug",
    "ErrorVariable",
    "WarningVariable",
    "InformationVariable",
    "OutVariable",
    "OutBuffer",
    "WhatIf",
    "Confirm",
];

/// What `[Parameter(…)]` says.
#[derive(Default)]
struct Traits {
    is_mandatory: bool,
    position: Option<i32>,
    by_value: bool,
    by_name: bool,
    takes_rest: bool,
}

impl Engine {
    fn traits(&mut self, param: &Param) -> R<Traits> {
        let mut traits = Traits::default();
        for attribute in param
            .attributes
            .iter()
            .filter(|attribute| is(attribute, "parameter"))
        {
            for (name, value) in &attribute.named {
                let is_set = match value {
                    Some(expr) => self.eval(expr)?,
                    None => Value::Bool(true),
                };
                match name.to_ascii_lowercase().as_str() {
                    "mandatory" => traits.is_mandatory |= to_bool(&is_set),
                    "position" => traits.position = Some(to_int(&is_set)?),
                    "valuefrompipeline" => traits.by_value |= to_bool(&is_set),
                    "valuefrompipelinebypropertyname" => traits.by_name |= to_bool(&is_set),
                    "valuefromremainingarguments" => traits.takes_rest |= to_bool(&is_set),
                    _ => {}
                }
            }
        }
        Ok(traits)
    }

    /// Binds `args` in the current scope.
    pub fn bind(&mut self, body: &Rc<Body>, args: Vec<ArgValue>, has_input: bool) -> R<()> {
        if body.params.is_empty() && !body.is_advanced {
            if !args.is_empty() || !has_input {
                let rest: Vec<Value> = args.into_iter().flat_map(plain).collect();
                self.scope.put(Sym::ARGS, Value::from(rest));
            }
            return Ok(());
        }
        let mut bound: Vec<Option<Value>> = body.params.iter().map(|_| None).collect();
        let (positional, mut rest) = self.bind_named(body, args, &mut bound)?;
        self.bind_positional(body, positional, &mut bound, &mut rest)?;
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
        self.finish_binding(body, bound, rest, has_input)
    }

    fn bind_named(
        &mut self,
        body: &Body,
        args: Vec<ArgValue>,
        bound: &mut [Option<Value>],
    ) -> R<(Vec<Value>, Vec<Value>)> {
        let (mut positional, mut rest) = (Vec::new(), Vec::new());
        let mut args = args.into_iter().peekable();
        while let Some(arg) = args.next() {
            let (name, value) = match arg {
                ArgValue::Value(value) => {
                    positional.push(value);
                    continue;
                }
                ArgValue::Named(name, value) => (name, value),
            };
            let Some(at) = self.param_named(body, &name)? else {
                if body.is_advanced {
                    self.common_parameter(&name, value, &mut args)?;
                } else {
                    rest.push(Value::from(format!("-{name}")));
                    rest.extend(value);
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
                        return Err(fail(
                            "System.Management.Automation.ParameterBindingException",
                            "MissingArgument",
                            format!(
                                "Missing an argument for parameter '{}'. Specify a parameter of type '{}' and try again.",
                                body.params[at].name,
                                type_of(&body.params[at])
                            ),
                        ));
                    }
                },
            };
            if bound[at].is_some() {
                return Err(fail(
                    "System.Management.Automation.ParameterBindingException",
                    "ParameterAlreadyBound",
                    format!(
                        "Cannot bind parameter because parameter '{}' is specified more than once.",
                        body.params[at].name
                    ),
                ));
            }
            bound[at] = Some(value);
        }
        Ok((positional, rest))
    }

    /// The parameter called `name`, by an alias or an unambiguous beginning too.
    fn param_named(&mut self, body: &Body, name: &str) -> R<Option<usize>> {
        let exact = body.params.iter().position(|param| {
            param.name.text().eq_ignore_ascii_case(name) || has_alias(param, name)
        });
        if exact.is_some() {
            return Ok(exact);
        }
        if body.is_advanced
            && COMMON
                .iter()
                .any(|common| common.eq_ignore_ascii_case(name))
        {
            return Ok(None);
        }
        let lower = name.to_ascii_lowercase();
        let found: Vec<usize> = (0..body.params.len())
            .filter(|at| {
                body.params[*at]
                    .name
                    .text()
                    .to_ascii_lowercase()
                    .starts_with(&lower)
            })
            .collect();
        match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            several => {
                let names: Vec<String> = several
                    .iter()
                    .map(|at| format!("-{}", body.params[*at].name))
                    .collect();
                Err(fail(
                    "System.Management.Automation.ParameterBindingException",
                    "AmbiguousParameter",
                    format!(
                        "Parameter cannot be processed because the parameter name '{name}' is ambiguous. Possible matches include: {}.",
                        names.join(" ")
                    ),
                ))
            }
        }
    }

    /// `-Verbose`, `-ErrorAction` and so on set the function's own preference variables.
    fn common_parameter(
        &mut self,
        name: &str,
        value: Option<Value>,
        args: &mut std::iter::Peekable<impl Iterator<Item = ArgValue>>,
    ) -> R<()> {
        let lower = match name.to_ascii_lowercase().as_str() {
            "ea" => "erroraction".to_owned(),
            "wa" => "warningaction".to_owned(),
            "vb" => "verbose".to_owned(),
            "db" => "debug".to_owned(),
            "ev" => "errorvariable".to_owned(),
            "ov" => "outvariable".to_owned(),
            "infa" => "informationaction".to_owned(),
            other => other.to_owned(),
        };
        let matching: Vec<&&str> = COMMON
            .iter()
            .filter(|common| common.to_ascii_lowercase().starts_with(&lower))
            .collect();
        let Some(common) = matching.first() else {
            return Err(fail(
                "System.Management.Automation.ParameterBindingException",
                "NamedParameterNotFound",
                format!("A parameter cannot be found that matches parameter name '{name}'."),
            ));
        };
        let is_flag = matches!(**common, "Verbose" | "Debug" | "WhatIf" | "Confirm");
        let value = match value {
            Some(value) => value,
            None if is_flag => Value::Bool(true),
            None => match args.next() {
                Some(ArgValue::Value(value)) => value,
                _ => Value::Null,
            },
        };
        let shown = |on: bool| Value::from(if on { "Continue" } else { "SilentlyContinue" });
        match **common {
            "ErrorAction" => {
                if Action::parse(&value.text()).is_none() {
                    return Err(crate::value::argument_error(
                        "ErrorAction",
                        format!("\"{}\" is not an action.", value.text()),
                    ));
                }
                self.scope.put(Sym::ERROR_ACTION, value);
            }
            "WarningAction" => self.scope.put(intern("WarningPreference"), value),
            "InformationAction" => self.scope.put(intern("InformationPreference"), value),
            "ProgressAction" => self.scope.put(intern("ProgressPreference"), value),
            "Verbose" => self
                .scope
                .put(intern("VerbosePreference"), shown(to_bool(&value))),
            "Debug" => self
                .scope
                .put(intern("DebugPreference"), shown(to_bool(&value))),
            "WhatIf" => self
                .scope
                .put(intern("WhatIfPreference"), Value::Bool(to_bool(&value))),
            "Confirm" | "OutBuffer" => {}
            other => {
                return Err(crate::value::refuse(format!(
                    "The common parameter -{other} is not supported for functions. Assign the output instead."
                )));
            }
        }
        Ok(())
    }

    fn bind_positional(
        &mut self,
        body: &Body,
        values: Vec<Value>,
        bound: &mut [Option<Value>],
        rest: &mut Vec<Value>,
    ) -> R<()> {
        let mut order: Vec<(i32, usize)> = Vec::new();
        let mut has_positions = false;
        let mut taker = None;
        let is_off = body.binding.as_ref().is_some_and(|binding| {
            binding.named.iter().any(|(name, value)| {
                name.eq_ignore_ascii_case("PositionalBinding")
                    && matches!(value, Some(Expr { kind: ExprKind::Var(variable), .. }) if variable.name == Sym::FALSE)
            })
        });
        for (at, param) in body.params.iter().enumerate() {
            let traits = self.traits(param)?;
            if traits.takes_rest {
                taker = Some(at);
                continue;
            }
            if is_switch(param) {
                continue;
            }
            match traits.position {
                Some(position) => {
                    has_positions = true;
                    order.push((position, at));
                }
                None => order.push((1000 + at as i32, at)),
            }
        }
        if has_positions || is_off {
            // With explicit positions the others are by name only.
            order.retain(|(position, _)| *position < 1000);
        }
        order.sort_unstable();
        let mut free: Vec<usize> = order
            .into_iter()
            .map(|(_, at)| at)
            .filter(|at| bound[*at].is_none())
            .collect();
        free.reverse();
        let mut left = Vec::new();
        for value in values {
            match free.pop() {
                Some(at) => bound[at] = Some(value),
                None => left.push(value),
            }
        }
        match taker {
            Some(at) if bound[at].is_none() && !left.is_empty() => {
                bound[at] = Some(Value::from(left))
            }
            _ => rest.extend(left),
        }
        Ok(())
    }

    fn finish_binding(
        &mut self,
        body: &Rc<Body>,
        bound: Vec<Option<Value>>,
        rest: Vec<Value>,
        has_input: bool,
    ) -> R<()> {
        let given = Rc::new(Hash::new(HashKind::Table));
        for (param, value) in body.params.iter().zip(bound) {
            let traits = self.traits(param)?;
            match value {
                Some(value) => {
                    let value = self.param_value(param, value)?;
                    given.insert(Value::from(&*param.name.text()), value.clone());
                    self.declare(param, value)?;
                }
                None if traits.is_mandatory
                    && !(has_input && (traits.by_value || traits.by_name)) =>
                {
                    return Err(super::binding::missing(&[&param.name.text()]));
                }
                None => {
                    let value = self.default_value(param)?;
                    self.declare(param, value)?;
                }
            }
        }
        self.scope.put(Sym::BOUND, Value::Hash(given));
        if !body.is_advanced {
            self.scope.put(Sym::ARGS, Value::from(rest));
        } else {
            self.scope
                .put(Sym::CMDLET, crate::types::cmdlet_context::context());
        }
        Ok(())
    }

    fn default_value(&mut self, param: &Param) -> R<Value> {
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
        Ok(match param_type(self, param)? {
            Some(of) => of.default_value(),
            None => Value::Null,
        })
    }

    /// A given value, converted and validated.
    fn param_value(&mut self, param: &Param, value: Value) -> R<Value> {
        if is_switch(param) {
            return Ok(crate::types::switch::value(to_bool(&value)));
        }
        let value = match param_type(self, param)? {
            // A mandatory string takes no empty one unless it says so.
            Some(of) => self
                .cast(&value, &of)
                .map_err(|ctl| not_bound(ctl, param))?,
            None => value,
        };
        let traits = self.traits(param)?;
        self.validate(param, &value, traits.is_mandatory)?;
        Ok(value)
    }

    fn declare(&mut self, param: &Param, value: Value) -> R<()> {
        let of = if is_switch(param) {
            None
        } else {
            param_type(self, param)?
        };
        self.scope.vars.borrow_mut().insert(
            param.name,
            Var {
                value,
                of,
                ..Var::default()
            },
        );
        Ok(())
    }

    /// One item of the pipeline: `$_`, and the parameters that take it.
    pub fn bind_item(&mut self, body: &Rc<Body>, item: &Value) -> R<()> {
        self.scope.put(Sym::ITEM, item.clone());
        for param in &body.params {
            if param.attributes.is_empty() {
                continue;
            }
            let traits = self.traits(param)?;
            let given = match self.scope.get_here(Sym::BOUND) {
                Some(Value::Hash(given)) => given,
                _ => continue,
            };
            let name = param.name.text();
            let is_fixed = given.contains(&Value::from(&*name))
                && self
                    .scope
                    .get_here(intern(&format!("pipeline:{name}")))
                    .is_none();
            if is_fixed {
                continue;
            }
            let mut found = None;
            if traits.by_name && !matches!(item, Value::Str(_)) {
                found = self.find_member(item, &name)?;
                if found.is_none() {
                    for alias in aliases(param) {
                        found = self.find_member(item, &alias)?;
                        if found.is_some() {
                            break;
                        }
                    }
                }
            }
            if found.is_none() && traits.by_value {
                found = Some(item.clone());
            }
            if let Some(value) = found {
                let value = self.param_value(param, value)?;
                given.insert(Value::from(&*name), value.clone());
                self.scope
                    .put(intern(&format!("pipeline:{name}")), Value::Bool(true));
                self.scope.put(param.name, value);
            } else if traits.is_mandatory && !given.contains(&Value::from(&*name)) {
                return Err(fail(
                    "System.Management.Automation.ParameterBindingException",
                    "InputObjectNotBound",
                    "The input object cannot be bound to any parameters for the command either because the command does not take pipeline input or the input and its properties do not match any of the parameters that take pipeline input.",
                ));
            }
        }
        Ok(())
    }
}

pub fn is(attribute: &Attribute, name: &str) -> bool {
    let written = attribute.name.rsplit('.').next().unwrap_or_default();
    written.eq_ignore_ascii_case(name)
        || written.to_ascii_lowercase().strip_suffix("attribute") == Some(name)
}

fn is_switch(param: &Param) -> bool {
    param.types.iter().any(|name| {
        name.name.eq_ignore_ascii_case("switch")
            || name.name.to_ascii_lowercase().ends_with("switchparameter")
    })
}

fn aliases(param: &Param) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in param
        .attributes
        .iter()
        .filter(|attribute| is(attribute, "alias"))
    {
        for value in &attribute.positional {
            match &value.kind {
                ExprKind::Const(text) => found.push(text.text()),
                ExprKind::Comma(items) => {
                    found.extend(items.iter().filter_map(|item| match &item.kind {
                        ExprKind::Const(text) => Some(text.text()),
                        _ => None,
                    }))
                }
                _ => {}
            }
        }
    }
    found
}

fn has_alias(param: &Param, name: &str) -> bool {
    aliases(param)
        .iter()
        .any(|alias| alias.eq_ignore_ascii_case(name))
}

fn param_type(engine: &mut Engine, param: &Param) -> R<Option<TypeRef>> {
    match param.types.last() {
        Some(name) => engine.type_ref(name).map(Some),
        None => Ok(None),
    }
}

fn type_of(param: &Param) -> String {
    param
        .types
        .last()
        .map_or_else(|| "System.Object".to_owned(), ToString::to_string)
}

/// What is left over for `$args`.
fn plain(arg: ArgValue) -> Vec<Value> {
    match arg {
        ArgValue::Value(value) => vec![value],
        ArgValue::Named(name, None) => vec![Value::from(format!("-{name}"))],
        ArgValue::Named(name, Some(value)) => vec![Value::from(format!("-{name}:")), value],
    }
}

fn not_bound(ctl: Ctl, param: &Param) -> Ctl {
    match ctl {
        Ctl::Throw(record) => fail(
            "System.Management.Automation.ParameterBindingException",
            "ParameterArgumentTransformationError",
            format!(
                "Cannot process argument transformation on parameter '{}'. {}",
                param.name, record.exception.message
            ),
        ),
        other => other,
    }
}
