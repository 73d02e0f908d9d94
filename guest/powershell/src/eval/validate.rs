//! Validation attributes of parameters and variables (about_Functions_Advanced_Parameters).

use std::rc::Rc;

use super::Engine;
use super::class::Class;
use super::objection::{
    Objection, count, emptiness, length, mismatch, nothing, objection, outside_range, outside_set,
    texts,
};
use super::param::is;
use crate::parse::ast::{Attribute, Expr, ExprKind, Param};
use crate::types::TypeRef;
use crate::value::{
    Binding, Ctl, ErrorRecord, Exception, R, Sym, Value, fail, fail_binding, to_bool,
};

impl Engine {
    /// What the parameter's attributes say, then whether a mandatory one has something (ParameterBinderBase.ValidateArgument).
    pub fn validate(&mut self, param: &Param, value: &Value, is_mandatory: bool) -> R<()> {
        for attribute in param.attributes.iter() {
            if let Some(found) = self.objection(attribute, value)? {
                let prefix = format!("Cannot validate argument on parameter '{}'.", param.written);
                return Err(invalid_because(
                    &param.written,
                    format!("{prefix} {}", found.reason),
                    found,
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
    pub fn objection(&mut self, attribute: &Attribute, value: &Value) -> R<Option<Objection>> {
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
                return Ok(Some(objection(
                    "ValidateSetGeneratedValidValuesListIsNull",
                    "Valid values generator return a null value.",
                )));
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
        // ValidateEnumeratedArgumentsAttribute: what looks at each item takes no null.
        let is_each = matches!(kind, "set" | "range" | "pattern" | "length" | "script");
        if is_each && (value.is_null() || items.iter().any(Value::is_null)) {
            return Ok(Some(nothing(value)));
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
            if let Some(Objection { id, reason }) = found {
                let reason = match (&own_message, kind) {
                    (Some(own), "set") => own
                        .replace("{0}", &item.text())
                        .replace("{1}", &texts(&settings).join(",")),
                    (Some(own), _) => own.replace("{0}", &item.text()).replace(
                        "{1}",
                        &settings.first().map(Value::text).unwrap_or_default(),
                    ),
                    (None, _) => reason,
                };
                return Ok(Some(objection(id, reason)));
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
    fn script_objection(&mut self, settings: &[Value], item: &Value) -> R<Option<Objection>> {
        let Some(Value::Script(script)) = settings.first() else {
            return Ok(None);
        };
        self.n_try += 1;
        let verdict = self.call_with_item(script, item.clone());
        self.n_try -= 1;
        match verdict {
            Ok(verdict) if to_bool(&verdict) => Ok(None),
            Ok(_) => Ok(Some(objection(
                "ValidateScriptFailure",
                format!(
                    "The \"{}\" validation script for the argument with value \"{}\" did not return a result of True. Determine why the validation script failed, and then try the command again.",
                    script.text(),
                    item.text()
                ),
            ))),
            Err(Ctl::Throw(record)) => {
                Ok(Some(objection("ValidateScriptFailure", record.message())))
            }
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
    if let Value::List(list) = value
        && list.items.borrow().is_empty()
        && !has("allowemptycollection")
    {
        return Err(not_allowed(
            param,
            "EmptyCollectionNotAllowed",
            "an empty collection",
        ));
    }
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
fn invalid_because(parameter: &str, message: String, found: Objection) -> Ctl {
    let mut exception = Exception::new(Binding::Validated.type_name(), message);
    exception.name_parameter(parameter);
    let of = "System.Management.Automation.ValidationMetadataException";
    let mut inner = Exception::new(of, found.reason.as_str());
    let record = ErrorRecord::new(Exception::new(of, found.reason), found.id, "MetadataError");
    inner
        .props
        .push(("ErrorRecord", Value::Net(Rc::new(record))));
    exception.inner = Some(Rc::new(inner));
    Ctl::Throw(Rc::new(ErrorRecord::new(
        exception,
        "ParameterArgumentValidationError",
        "InvalidData",
    )))
}
