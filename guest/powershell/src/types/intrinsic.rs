//! `.Where()` and `.ForEach()`, which the language gives to every value (about_Arrays, "Methods").

use std::rc::Rc;

use super::{TypeRef, enumeration};
use crate::eval::{ArgValue, Engine};
use crate::value::{List, ListKind, R, Script, Value, Walk, to_bool, to_int};

/// The result; `None` if the method is another one.
pub fn call(engine: &mut Engine, target: &Value, name: &str, args: &[Value]) -> Option<R<Value>> {
    let items = || match target.walk() {
        Some(items) => items,
        None => Walk::new(target.to_items(), None),
    };
    match (name, args) {
        ("where" | "pswhere", [Value::Script(block), rest @ ..]) => {
            Some(engine.apart(|engine| where_items(engine, items(), block, rest)))
        }
        ("foreach" | "psforeach", [what, rest @ ..]) => {
            Some(engine.apart(|engine| foreach_items(engine, items(), what, rest)))
        }
        _ => None,
    }
}

const MODES: &str = "System.Management.Automation.WhereOperatorSelectionMode";

fn where_items(engine: &mut Engine, items: Walk, block: &Rc<Script>, rest: &[Value]) -> R<Value> {
    let mode = match rest.first() {
        Some(mode) => enumeration::argument(MODES, mode)?.to_ascii_lowercase(),
        None => String::new(),
    };
    // Nought is as if it weren't there.
    let limit = match rest.get(1).map(to_int).transpose()?.unwrap_or(0) {
        n if n > 0 => n as usize,
        _ if matches!(mode.as_str(), "first" | "last") => 1,
        _ => usize::MAX,
    };
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    let mut is_on = mode == "until";
    for item in items {
        let item = item?;
        let matched = to_bool(&engine.call_with_item(block, item.clone())?);
        match mode.as_str() {
            "skipuntil" => {
                is_on |= matched;
                if is_on {
                    yes.push(item);
                }
            }
            "until" => {
                is_on &= !matched;
                if is_on {
                    yes.push(item);
                }
            }
            _ if matched => yes.push(item),
            _ => no.push(item),
        }
        if mode == "first" && yes.len() >= limit {
            break;
        }
    }
    Ok(match mode.as_str() {
        "split" => Value::from(vec![collection(yes), collection(no)]),
        "last" => {
            let from = yes.len().saturating_sub(limit);
            collection(yes.split_off(from))
        }
        "" | "default" | "first" | "skipuntil" | "until" => {
            yes.truncate(limit);
            collection(yes)
        }
        other => {
            return Err(crate::value::refuse(format!(
                "The mode '{other}' of .Where() is not supported."
            )));
        }
    })
}

fn foreach_items(engine: &mut Engine, items: Walk, what: &Value, rest: &[Value]) -> R<Value> {
    let mut found = Vec::new();
    for item in items {
        let item = item?;
        match what {
            Value::Script(block) if rest.is_empty() => {
                engine.run_with_item(block, item, &mut found)?
            }
            Value::Script(block) => {
                let args = rest.iter().cloned().map(ArgValue::Value).collect();
                engine.run_script_block(block, args, None, Some(item), &mut found)?;
            }
            Value::Type(of) => found.push(engine.cast(&item, of)?),
            name => {
                let name = name.text();
                let value = match engine.find_member(&item, &name)? {
                    Some(value) if rest.is_empty() => value,
                    Some(_) => {
                        engine.set_member(&item, &name, rest[0].clone(), false)?;
                        continue;
                    }
                    None => engine.call_method(&item, &name, rest.to_vec(), false)?,
                };
                found.push(value);
            }
        }
    }
    Ok(collection(found))
}

/// What `.Where()` and `.ForEach()` give.
fn collection(items: Vec<Value>) -> Value {
    let kind = ListKind::Collection(TypeRef::named("psobject"));
    Value::List(Rc::new(List::new(kind, items)))
}
