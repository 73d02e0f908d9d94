//! Validation attributes of parameters and variables (about_Functions_Advanced_Parameters).

use std::cmp::Ordering;
use std::rc::Rc;

use super::class::Class;
use super::param::is;
use super::{Engine, pattern};
use crate::parse::ast::{Attribute, Expr, ExprKind, Param};
use crate::types::TypeRef;
use crate::value::{
    Binding, Ctl, ErrorRecord, Exception, R, Sym, Value, compare, equal, fail, fail_binding,
    to_bool,
};

impl Engine {
    /// What the parameter's attributes say, then whether a mandatory one has something (ParameterBinderBase.ValidateArgument).
    pub fn validate(&mut self, param: &Param, value: &Value, is_mandatory: bool) -> R<()> {
        for attribute in param.attributes.iter() {
            if let Some(reason) = self.objection(attribute, value)? {
                let prefix = format!("Cannot validate argument on parameter '{}'.", param.written);
                return Err(invalid_because(
                    &param.written,
                    format!("{prefix} {reason}"),
                    reason,
                ));
            }
        }
        match is_mandatory {
            true => not_empty(param, value),
            false => Ok(()),
        }
    }

    /// A variable's new value against the attributes that it was declared with.
    pub fn check_variable(&mut self, name: Sym, checks: &[Attribute], value: &Value) -> R<()> {
        for attribute in checks {
            if self.objection(attribute, value)?.is_some() {
                return Err(fail(
                    "System.Management.Automation.ValidationMetadataException",
                    "ValidateSetFailure",
                    format!(
                        "The variable cannot be validated because the value {} is not a valid value for the {name} variable.",
                        value.text()
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Why the attribute doesn't take the value; `None` if it does.
    pub fn objection(&mut self, attribute: &Attribute, value: &Value) -> R<Option<String>> {
        let name = attribute.name.to_ascii_lowercase();
        let Some(kind) = name
            .rsplit('.')
            .next()
            .unwrap_or(&name)
            .strip_prefix("validate")
        else {
            return Ok(None);
        };
        let kind = kind.strip_suffix("attribute").unwrap_or(kind);
        if matches!(kind, "notnull" | "notnullorempty" | "notnullorwhitespace") {
            return Ok(emptiness(kind, value));
        }
        let mut settings = Vec::new();
        for expr in &attribute.positional {
            settings.extend(self.eval(expr)?.to_items());
        }
        if let ("set", [Value::Type(TypeRef::Class(class))]) = (kind, settings.as_slice()) {
            settings = self.generated(&Rc::clone(class))?;
            if settings.is_empty() {
                return Ok(Some(
                    "Valid values generator return a null value.".to_owned(),
                ));
            }
        }
        let own_message = match named(attribute, "ErrorMessage") {
            Some(expr) => Some(self.eval(expr)?.text()),
            None => None,
        };
        let items = value.to_items();
        if kind == "count" {
            return count(&settings, items.len());
        }
        for item in &items {
            let found = match kind {
                "set" => {
                    let minds_case = named(attribute, "IgnoreCase").is_some_and(is_false);
                    outside_set(&settings, item, minds_case)
                }
                "range" => outside_range(&settings, item),
                "pattern" => mismatch(&settings, item)?,
                "length" => length(&settings, item)?,
                "script" => self.script_objection(&settings, item)?,
                _ => None,
            };
            if let Some(reason) = found {
                return Ok(Some(match (&own_message, kind) {
                    (Some(own), "set") => own
                        .replace("{0}", &item.text())
                        .replace("{1}", &texts(&settings).join(",")),
                    (Some(own), _) => own.replace("{0}", &item.text()).replace(
                        "{1}",
                        &settings.first().map(Value::text).unwrap_or_default(),
                    ),
                    (None, _) => reason,
                }));
            }
        }
        Ok(None)
    }

    /// The values of a set that a class generates: `IValidateSetValuesGenerator`.
    fn generated(&mut self, class: &Rc<Class>) -> R<Vec<Value>> {
        let generator = self.instantiate(class, Vec::new())?;
        let values = self.call_method(&generator, "GetValidValues", Vec::new(), false)?;
        Ok(values.to_items())
    }

    /// `[ValidateScript({ … })]`: the block must give true; what it throws is the reason.
    fn script_objection(&mut self, settings: &[Value], item: &Value) -> R<Option<String>> {
        let Some(Value::Script(script)) = settings.first() else {
            return Ok(None);
        };
        self.n_try += 1;
        let verdict = self.call_with_item(script, item.clone());
        self.n_try -= 1;
        match verdict {
            Ok(verdict) if to_bool(&verdict) => Ok(None),
            Ok(_) => Ok(Some(format!(
                "The \"{}\" validation script for the argument with value \"{}\" did not return a result of True. Determine why the validation script failed, and then try the command again.",
                script.text(),
                item.text()
            ))),
            Err(Ctl::Throw(record)) => Ok(Some(record.message())),
            Err(other) => Err(other),
        }
    }
}

/// A mandatory parameter takes neither null nor what is empty, unless it says so.
fn not_empty(param: &Param, value: &Value) -> R<()> {
    let has = |name: &str| param.attributes.iter().any(|attribute| is(attribute, name));
    let is_text = param
        .types
        .last()
        .is_some_and(|name| name.name.eq_ignore_ascii_case("string"));
    let is_empty_text = |value: &Value| matches!(value, Value::Str(text) if text.is_empty());
    let (mut holds_none, mut holds_empty_text) = (false, is_empty_text(value));
    if let Value::Array(array) = value {
        holds_none = array.items.borrow().is_empty();
        holds_empty_text = array.items.borrow().iter().any(is_empty_text);
    }
    if value.is_null() && !has("allownull") {
        return Err(not_allowed(param, "NullNotAllowed", "null"));
    }
    if is_text && !has("allowemptystring") && holds_empty_text {
        return Err(not_allowed(
            param,
            "EmptyStringNotAllowed",
            "an empty string",
        ));
    }
    if holds_none && !has("allowemptycollection") && !has("allownull") {
        return Err(not_allowed(param, "EmptyArrayNotAllowed", "an empty array"));
    }
    Ok(())
}

fn named<'a>(attribute: &'a Attribute, wanted: &str) -> Option<&'a Expr> {
    let mut named = attribute.named.iter();
    let (_, value) = named.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
    value.as_ref()
}

fn is_false(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Var(variable) if variable.name == Sym::FALSE)
}

fn texts(values: &[Value]) -> Vec<String> {
    values.iter().map(Value::text).collect()
}

fn emptiness(kind: &str, value: &Value) -> Option<String> {
    if kind == "notnull" {
        return value.is_null().then(|| {
            "The argument is null. Provide a valid value for the argument, and then try running the command again."
                .to_owned()
        });
    }
    let is_empty = match value {
        Value::Str(text) => text.is_empty(),
        Value::Array(_) | Value::List(_) => {
            let items = value.to_items();
            items.is_empty()
                || items
                    .iter()
                    .any(|item| matches!(item, Value::Str(text) if text.is_empty()))
        }
        Value::Hash(_) => value.to_items().is_empty(),
        other => other.is_null(),
    };
    if is_empty {
        return Some("The argument is null or empty. Provide an argument that is not null or empty, and then try the command again.".to_owned());
    }
    let is_blank = matches!(value, Value::Str(text) if text.trim().is_empty());
    (kind == "notnullorwhitespace" && is_blank).then(|| {
        "The argument is null, empty, or consists of only white-space characters. Provide an argument that contains non white-space characters, and then try the command again."
            .to_owned()
    })
}

fn outside_set(settings: &[Value], item: &Value, minds_case: bool) -> Option<String> {
    let text = Value::from(item.text());
    let mut allowed = settings.iter().map(|allowed| Value::from(allowed.text()));
    if allowed.any(|allowed| equal(&allowed, &text, minds_case)) {
        return None;
    }
    Some(format!(
        "The argument \"{}\" does not belong to the set \"{}\" specified by the ValidateSet attribute. Supply an argument that is in the set and then try the command again.",
        item.text(),
        texts(settings).join(",")
    ))
}

fn outside_range(settings: &[Value], item: &Value) -> Option<String> {
    if let [kind] = settings {
        let order = compare(item, &Value::Int(0), false)?;
        let (is_inside, what) = match kind.text().to_ascii_lowercase().as_str() {
            "positive" => (order.is_gt(), "greater than zero"),
            "nonnegative" => (order.is_ge(), "greater than or equal to zero"),
            "negative" => (order.is_lt(), "less than zero"),
            _ => (order.is_le(), "less than or equal to zero"),
        };
        return (!is_inside).then(|| {
            format!(
                "The argument \"{}\" cannot be validated because its value is not {what}.",
                item.text()
            )
        });
    }
    let [low, high] = settings else { return None };
    if compare(item, low, false).is_some_and(Ordering::is_lt) {
        return Some(format!(
            "The {} argument is less than the minimum allowed range of {low}. Supply an argument that is greater than or equal to {low} and then try the command again.",
            item.text(),
            low = low.text()
        ));
    }
    compare(item, high, false)
        .is_some_and(Ordering::is_gt)
        .then(|| {
            format!(
                "The {} argument is greater than the maximum allowed range of {high}. Supply an argument that is less than or equal to {high} and then try the command again.",
                item.text(),
                high = high.text()
            )
        })
}

fn mismatch(settings: &[Value], item: &Value) -> R<Option<String>> {
    let written = settings.first().map(Value::text).unwrap_or_default();
    let regex = pattern::regex(&written, false)?;
    let is_match = regex.is_match(&item.text()).map_err(pattern::too_hard)?;
    Ok((!is_match).then(|| {
        format!(
            "The argument \"{}\" does not match the \"{written}\" pattern. Supply an argument that matches \"{written}\" and try the command again.",
            item.text()
        )
    }))
}

fn bounds(settings: &[Value]) -> R<(i64, i64)> {
    let at = |n: usize| settings.get(n).map_or(Ok(i64::MAX), crate::value::to_long);
    Ok((at(0)?, at(1)?))
}

fn length(settings: &[Value], item: &Value) -> R<Option<String>> {
    let (low, high) = bounds(settings)?;
    let n = item.text().encode_utf16().count() as i64;
    Ok(if n < low {
        Some(format!(
            "The character length ({n}) of the argument is too short. Specify an argument with a length that is greater than or equal to \"{low}\", and then try the command again."
        ))
    } else if n > high {
        Some(format!(
            "The character length of the {n} argument is too long. Shorten the character length of the argument so it is fewer than or equal to \"{high}\" characters, and then try the command again."
        ))
    } else {
        None
    })
}

fn count(settings: &[Value], n: usize) -> R<Option<String>> {
    let (low, high) = bounds(settings)?;
    let is_inside = (low..=high).contains(&(n as i64));
    Ok((!is_inside).then(|| {
        format!(
            "The parameter requires at least {low} value(s) and no more than {high} value(s) - {n} value(s) were provided."
        )
    }))
}

/// What a mandatory parameter takes only where its attributes say so (ValidateNullOrEmptyArgument).
fn not_allowed(param: &Param, kind: &str, what: &str) -> Ctl {
    let name = &param.written;
    fail_binding(
        Binding::Validated,
        &format!("ParameterArgumentValidationError{kind}"),
        name,
        format!("Cannot bind argument to parameter '{name}' because it is {what}."),
    )
}

/// What the attribute said is inside.
fn invalid_because(parameter: &str, message: String, reason: String) -> Ctl {
    let mut exception = Exception::new(Binding::Validated.type_name(), message);
    exception.name_parameter(parameter);
    exception.inner = Some(Rc::new(Exception::new(
        "System.Management.Automation.ValidationMetadataException",
        reason,
    )));
    Ctl::Throw(Rc::new(ErrorRecord::new(
        exception,
        "ParameterArgumentValidationError",
        "InvalidData",
    )))
}
