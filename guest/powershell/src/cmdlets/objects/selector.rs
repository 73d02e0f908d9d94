//! Properties by name, wildcard or calculation, as many cmdlets take them.

use std::rc::Rc;

use crate::eval::{Engine, pattern};
use crate::format::view::properties;
use crate::value::{Ctl, Hash, R, Script, Value, fail};

/// A property by name (with wildcards) or `@{ Name = …; Expression = … }`.
#[derive(Clone)]
pub enum Selector {
    Name(String),
    Block(String, Rc<Script>),
    /// `Expression = 'Other'`
    Renamed(String, String),
}

pub fn selectors(value: Option<Value>) -> R<Vec<Selector>> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    value.to_items().into_iter().map(selector).collect()
}

/// The entry of a calculated property's table of one of those names, which may be shortened.
pub fn hash_entry(hash: &Hash, names: &[&str]) -> Option<Value> {
    hash.entries()
        .into_iter()
        .find(|(key, _)| {
            let key = key.text().to_ascii_lowercase();
            !key.is_empty() && names.iter().any(|name| name.starts_with(&key))
        })
        .map(|(_, value)| value)
}

pub fn selector(value: Value) -> R<Selector> {
    match value {
        Value::Hash(hash) => {
            let find = |names: &[&str]| hash_entry(&hash, names);
            let name = find(&["name", "label"]).map(|name| name.text());
            match find(&["expression"]) {
                Some(Value::Script(block)) => {
                    Ok(Selector::Block(name.unwrap_or_else(|| block.text()), block))
                }
                Some(other) => Ok(Selector::Renamed(
                    name.unwrap_or_else(|| other.text()),
                    other.text(),
                )),
                None => match name {
                    Some(name) => Ok(Selector::Name(name)),
                    None => Err(fail(
                        "System.NotSupportedException",
                        "DictionaryKeyUnknown",
                        "The key of a calculated property must be Name, Label or Expression.",
                    )),
                },
            }
        }
        Value::Script(block) => Ok(Selector::Block(block.text(), block)),
        other => Ok(Selector::Name(other.text())),
    }
}

/// The properties that a selector takes from an item.
pub fn chosen(engine: &mut Engine, item: &Value, selector: &Selector) -> R<Vec<(Rc<str>, Value)>> {
    Ok(match selector {
        Selector::Name(name) if pattern::has_wildcards(name) => {
            let mut found = Vec::new();
            for (own, _) in all_properties(engine, item)? {
                if pattern::wildcard(name, &own, false) {
                    let value = engine.shown_member(item, &own)?;
                    found.push((own, value));
                }
            }
            found
        }
        Selector::Name(name) => {
            let value = engine.shown_member(item, name)?;
            // The object's own spelling of the name is kept.
            let own = properties(item)
                .into_iter()
                .map(|(own, _)| own)
                .find(|own| own.eq_ignore_ascii_case(name));
            vec![(own.unwrap_or_else(|| Rc::from(name.as_str())), value)]
        }
        Selector::Renamed(name, from) => {
            vec![(Rc::from(name.as_str()), engine.shown_member(item, from)?)]
        }
        Selector::Block(name, block) => {
            // What goes wrong in it ends it, and isn't said (`PSPropertyExpression.GetValue`).
            engine.n_try += 1;
            let result = engine.call_with_item(block, item.clone());
            engine.n_try -= 1;
            let value = match result {
                Ok(Value::Nothing) => Value::Null,
                Ok(value) => value,
                // An error in a calculated property gives null.
                Err(Ctl::Throw(_)) => Value::Null,
                Err(other) => return Err(other),
            };
            vec![(Rc::from(name.as_str()), value)]
        }
    })
}

/// All properties, script properties evaluated.
pub fn all_properties(engine: &mut Engine, item: &Value) -> R<Vec<(Rc<str>, Value)>> {
    if let Value::Object(object) = item {
        let mut found = Vec::new();
        for name in object.names() {
            let value = engine.shown_property(object, &name)?;
            found.push((name, value));
        }
        found.extend(engine.added_values(item)?);
        return Ok(found);
    }
    let mut found = properties(item);
    // What a script computes of a file is asked, too.
    if let Value::Net(net) = item
        && net.added().is_some_and(|added| added.get().is_some())
    {
        for (name, value) in &mut found {
            *value = engine.find_member(item, name)?.unwrap_or_default();
        }
    }
    found.extend(engine.added_values(item)?);
    Ok(found)
}
