//! Validation attributes of parameters.

use super::bound::is;
use super::{Engine, pattern};
use crate::parse::ast::{Attribute, Param};
use crate::value::{Ctl, R, Value, compare, equal, fail, to_bool};

impl Engine {
    pub fn validate(&mut self, param: &Param, value: &Value, is_mandatory: bool) -> R<()> {
        let has = |name: &str| param.attributes.iter().any(|attribute| is(attribute, name));
        if is_mandatory {
            let is_text = param
                .types
                .last()
                .is_some_and(|name| name.name.eq_ignore_ascii_case("string"));
            if value.is_null() && !has("allownull") {
                return Err(invalid(
                    param,
                    "null",
                    format!(
                        "Cannot bind argument to parameter '{}' because it is null.",
                        param.name
                    ),
                ));
            }
            if is_text
                && !has("allowemptystring")
                && matches!(value, Value::Str(text) if text.is_empty())
            {
                return Err(invalid(
                    param,
                    "empty",
                    format!(
                        "Cannot bind argument to parameter '{}' because it is an empty string.",
                        param.name
                    ),
                ));
            }
            if !has("allowemptycollection")
                && !has("allownull")
                && matches!(value, Value::Array(items) if items.items.borrow().is_empty())
            {
                return Err(invalid(
                    param,
                    "empty",
                    format!(
                        "Cannot bind argument to parameter '{}' because it is an empty array.",
                        param.name
                    ),
                ));
            }
        }
        for attribute in &param.attributes {
            self.validate_one(param, attribute, value)?;
        }
        Ok(())
    }

    fn validate_one(&mut self, param: &Param, attribute: &Attribute, value: &Value) -> R<()> {
        let name = attribute.name.to_ascii_lowercase();
        let mut settings = Vec::new();
        if name.starts_with("validate") && name != "validatescript" {
            for expr in &attribute.positional {
                settings.extend(self.eval(expr)?.to_items());
            }
        }
        let items = value.to_items();
        let prefix = format!("Cannot validate argument on parameter '{}'.", param.name);
        let first = |at: usize| settings.get(at).cloned().unwrap_or_default();
        match name.as_str() {
            "validatenotnull" if value.is_null() => Err(invalid(
                param,
                &name,
                format!(
                    "{prefix} The argument is null. Provide a valid value for the argument, and then try running the command again."
                ),
            )),
            "validatenotnullorempty" | "validatenotnullorwhitespace" => {
                let is_empty = value.is_null()
                    || matches!(value, Value::Str(text) if text.is_empty() || (name.ends_with("space") && text.trim().is_empty()))
                    || matches!(value, Value::Array(_) | Value::List(_)) && items.is_empty();
                if is_empty {
                    return Err(invalid(
                        param,
                        &name,
                        format!(
                            "{prefix} The argument is null or empty. Provide an argument that is not null or empty, and then try the command again."
                        ),
                    ));
                }
                Ok(())
            }
            "validateset" => {
                for item in &items {
                    if !settings.iter().any(|allowed| {
                        equal(
                            &Value::from(allowed.text()),
                            &Value::from(item.text()),
                            false,
                        )
                    }) {
                        let names: Vec<String> = settings.iter().map(Value::text).collect();
                        return Err(invalid(
                            param,
                            &name,
                            format!(
                                "{prefix} The argument \"{}\" does not belong to the set \"{}\" specified by the ValidateSet attribute. Supply an argument that is in the set and then try the command again.",
                                item.text(),
                                names.join(",")
                            ),
                        ));
                    }
                }
                Ok(())
            }
            "validaterange" => {
                let (low, high) = match first(0) {
                    Value::Str(kind) => match kind.to_ascii_lowercase().as_str() {
                        "positive" => (Value::Int(1), Value::Double(f64::INFINITY)),
                        "nonnegative" => (Value::Int(0), Value::Double(f64::INFINITY)),
                        "negative" => (Value::Double(f64::NEG_INFINITY), Value::Int(-1)),
                        _ => (Value::Double(f64::NEG_INFINITY), Value::Int(0)),
                    },
                    low => (low, first(1)),
                };
                for item in &items {
                    if compare(item, &low, false).is_some_and(std::cmp::Ordering::is_lt) {
                        return Err(invalid(
                            param,
                            &name,
                            format!(
                                "{prefix} The {} argument is less than the minimum allowed range of {}. Supply an argument that is greater than or equal to {} and then try the command again.",
                                item.text(),
                                low.text(),
                                low.text()
                            ),
                        ));
                    }
                    if compare(item, &high, false).is_some_and(std::cmp::Ordering::is_gt) {
                        return Err(invalid(
                            param,
                            &name,
                            format!(
                                "{prefix} The {} argument is greater than the maximum allowed range of {}. Supply an argument that is less than or equal to {} and then try the command again.",
                                item.text(),
                                high.text(),
                                high.text()
                            ),
                        ));
                    }
                }
                Ok(())
            }
            "validatepattern" => {
                let regex = pattern::regex(&first(0).text(), false)?;
                for item in &items {
                    if !regex.is_match(&item.text()).map_err(pattern::too_hard)? {
                        return Err(invalid(
                            param,
                            &name,
                            format!(
                                "{prefix} The argument \"{}\" does not match the \"{}\" pattern. Supply an argument that matches \"{}\" and try the command again.",
                                item.text(),
                                first(0).text(),
                                first(0).text()
                            ),
                        ));
                    }
                }
                Ok(())
            }
            "validatelength" => {
                let (low, high) = (
                    crate::value::to_long(&first(0))?,
                    crate::value::to_long(&first(1))?,
                );
                for item in &items {
                    let n = item.text().encode_utf16().count() as i64;
                    if n < low || n > high {
                        let side = if n < low {
                            format!(
                                "The character length ({n}) of the argument is too short. Specify an argument with a length that is greater than or equal to \"{low}\""
                            )
                        } else {
                            format!(
                                "The character length of the {n} argument is too long. Shorten the character length of the argument so it is fewer than or equal to \"{high}\" characters"
                            )
                        };
                        return Err(invalid(
                            param,
                            &name,
                            format!("{prefix} {side}, and then try the command again."),
                        ));
                    }
                }
                Ok(())
            }
            "validatecount" => {
                let (low, high) = (
                    crate::value::to_long(&first(0))?,
                    crate::value::to_long(&first(1))?,
                );
                let n = items.len() as i64;
                if n < low || n > high {
                    return Err(invalid(
                        param,
                        &name,
                        format!(
                            "{prefix} The parameter requires at least {low} value(s) and no more than {high} value(s) - {n} value(s) were provided."
                        ),
                    ));
                }
                Ok(())
            }
            "validatescript" => {
                let Some(expr) = attribute.positional.first() else {
                    return Ok(());
                };
                let Value::Script(script) = self.eval(expr)? else {
                    return Ok(());
                };
                for item in &items {
                    if !to_bool(&self.call_with_item(&script, item.clone())?) {
                        return Err(invalid(
                            param,
                            &name,
                            format!(
                                "{prefix} The \"{}\" validation script for the argument with value \"{}\" did not return a result of True. Determine why the validation script failed, and then try the command again.",
                                script.text(),
                                item.text()
                            ),
                        ));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn invalid(_: &Param, _: &str, message: String) -> Ctl {
    fail(
        "System.Management.Automation.ParameterBindingValidationException",
        "ParameterArgumentValidationError",
        message,
    )
}
