//! `[string]`'s static members.

use super::TypeInfo;
use crate::eval::Engine;
use crate::value::{R, Value, to_int};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "IsNullOrEmpty",
        "IsNullOrWhiteSpace",
        "Join",
        "Format",
        "Concat",
        "Compare",
        "CompareOrdinal",
        "Equals",
        "Empty",
    ],
    create: Some(create),
    call: Some(call),
    get: Some(|name| (name == "empty").then(|| Value::from(""))),
    ..TypeInfo::named("System.String", &["string"])
};

/// `[string]::new('-', 20)`, `[string]::new($chars)`
fn create(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    match args {
        [items] => Some(Ok(Value::from(
            items.to_items().iter().map(Value::text).collect::<String>(),
        ))),
        [c, n] if n.is_number() => {
            Some(to_int(n).map(|n| Value::from(c.text().repeat(n.max(0) as usize))))
        }
        _ => None,
    }
}

fn call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    Some(match (name, args) {
        ("isnullorempty", [text]) => Ok(Value::Bool(text.text().is_empty())),
        ("isnullorwhitespace", [text]) => Ok(Value::Bool(text.text().trim().is_empty())),
        ("join", [glue, rest @ ..]) => {
            let items = match rest {
                [one] => one.to_items(),
                several => several.to_vec(),
            };
            engine.join(&Value::from(items), glue)
        }
        // The culture is the invariant one anyway.
        ("format", [culture, rest @ ..])
            if super::culture::is_provider(culture) && !rest.is_empty() =>
        {
            return call(engine, name, rest);
        }
        ("format", [_]) => {
            crate::format::composite::format(engine, &args[0], &Value::from(Vec::new()))
        }
        ("format", [template, Value::Array(items)]) => {
            let items = Value::from(items.items.borrow().clone());
            crate::format::composite::format(engine, template, &items)
        }
        ("format", [template, rest @ ..]) => {
            crate::format::composite::format(engine, template, &Value::from(rest.to_vec()))
        }
        ("concat", _) => {
            let mut text = String::new();
            for arg in args {
                for item in arg.to_items() {
                    match engine.text(&item) {
                        Ok(part) => text.push_str(&part),
                        Err(ctl) => return Some(Err(ctl)),
                    }
                }
            }
            Ok(Value::from(text))
        }
        ("compare", [a, b, rest @ ..]) => {
            let folds = super::string::ignores_case(rest);
            Ok(Value::Int(
                crate::value::compare_texts(&a.text(), &b.text(), !folds) as i32,
            ))
        }
        ("compareordinal", [a, b]) => Ok(Value::Int(a.text().cmp(&b.text()) as i32)),
        ("equals", [a, b, rest @ ..]) => {
            let folds = super::string::ignores_case(rest);
            Ok(Value::Bool(super::string::same(
                &a.text(),
                &b.text(),
                folds,
            )))
        }
        _ => return None,
    })
}
