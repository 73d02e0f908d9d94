//! `Sort-Object`: sorts. Items that are equal are in the order in which .NET's sort leaves them, or with `-Stable` in
//! their own. Left out: cultures other than the invariant one.
//!
//! [Sort-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/sort-object)

use std::cmp::Ordering;

use crate::cmdlets::objects::order::order;
use crate::cmdlets::objects::selector::{Selector, chosen, hash_entry, selectors};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{R, Value, introsorted, sorted, to_bool};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Sort-Object",
    aliases: &["sort"],
    params: "Property@0 InputObject| Descending? Unique? CaseSensitive? Stable? Top Bottom",
    run: Run::Whole(run),
};

/// The key of an item that lacks the property, unlike one that has it and nothing in it.
const MISSING: Value = Value::Nothing;

fn is_missing(key: &Value) -> bool {
    matches!(key, Value::Nothing)
}

/// A key's order.
struct Key {
    selector: Selector,
    is_descending: bool,
}

fn keys(args: &Args) -> R<Vec<Key>> {
    let is_descending = args.switch("Descending");
    let items = args
        .value("Property")
        .map(|value| value.to_items())
        .unwrap_or_default();
    let mut keys = Vec::new();
    for item in items {
        let own = match &item {
            Value::Hash(hash) => {
                let says = |name: &str| hash_entry(hash, &[name]).map(|value| to_bool(&value));
                match (says("ascending"), says("descending")) {
                    // Both or neither: they say nothing.
                    (Some(up), Some(down)) if up == down => None,
                    (Some(up), _) => Some(!up),
                    (None, down) => down,
                }
            }
            _ => None,
        };
        for selector in selectors(Some(item))? {
            keys.push(Key {
                selector,
                is_descending: own.unwrap_or(is_descending),
            });
        }
    }
    Ok(keys)
}

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = crate::cmdlets::input_or_one(args, input);
    let keys = keys(args)?;
    let minds_case = args.switch("CaseSensitive");
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        let mut values = Vec::with_capacity(keys.len().max(1));
        if keys.is_empty() {
            values.push(item.clone());
        }
        for key in &keys {
            let value = match &key.selector {
                Selector::Name(name) => match engine.find_member(&item, name)? {
                    Some(Value::Nothing) => Value::Null,
                    Some(value) => value,
                    None => MISSING,
                },
                other => chosen(engine, &item, other)?
                    .pop()
                    .map(|(_, value)| value)
                    .unwrap_or_default(),
            };
            values.push(value);
        }
        keyed.push((values, item));
    }
    let all_descending = args.switch("Descending");
    let mut failure = None;
    let mut by = |(a, _): &(Vec<Value>, Value), (b, _): &(Vec<Value>, Value)| -> Ordering {
        for (at, (x, y)) in a.iter().zip(b).enumerate() {
            let is_descending = keys.get(at).map_or(all_descending, |key| key.is_descending);
            match (is_missing(x), is_missing(y)) {
                (false, false) => {}
                (true, true) => continue,
                // Items without the property are last, whatever the order.
                (first, _) => {
                    return if first {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    };
                }
            }
            let found = match engine.class_compare(x, y) {
                Ok(Some(found)) => found,
                Ok(None) => order(x, y, minds_case),
                Err(ctl) => {
                    failure.get_or_insert(ctl);
                    Ordering::Equal
                }
            };
            let found = if is_descending {
                found.reverse()
            } else {
                found
            };
            if found.is_ne() {
                return found;
            }
        }
        Ordering::Equal
    };
    let is_stable = ["Stable", "Top", "Bottom"]
        .iter()
        .any(|name| args.has(name));
    let mut keyed = if is_stable {
        sorted(keyed, &mut by)
    } else {
        introsorted(keyed, &mut by)
    };
    if args.switch("Unique") {
        keyed.dedup_by(|a, b| by(a, b).is_eq());
    }
    if let Some(ctl) = failure {
        return Err(ctl);
    }
    let mut items: Vec<Value> = keyed.into_iter().map(|(_, item)| item).collect();
    if let Some(n) = args.int("Top")? {
        items.truncate(n.max(0) as usize);
    }
    if let Some(n) = args.int("Bottom")? {
        let from = items.len().saturating_sub(n.max(0) as usize);
        items.drain(..from);
    }
    for item in items {
        out.put(engine, item)?;
    }
    Ok(())
}
