//! `Group-Object`: groups objects by properties, sorted by their values. Left out: `-Culture`.
//!
//! [Group-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/group-object)

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::cmdlets::objects::order::{likeness, order};
use crate::cmdlets::objects::selector::{chosen, selectors};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::TypeRef;
use crate::value::{Hash, HashKind, List, ListKind, Object, R, Value, equal, fail, sorted};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Group-Object",
    aliases: &["group"],
    params: "Property@0 InputObject| NoElement? AsHashTable/AHT? AsString? CaseSensitive?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    if args.switch("AsString") && !args.switch("AsHashTable") {
        return Err(fail(
            "System.ArgumentException",
            "ArgumentException",
            "The AsString parameter is for the keys of a table: it needs the AsHashTable parameter.",
        ));
    }
    let selectors = selectors(args.value("Property"))?;
    let minds_case = args.switch("CaseSensitive");
    let mut groups: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    let mut by_likeness: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for item in crate::cmdlets::input_or_one(args, input) {
        let mut key = Vec::new();
        for selector in &selectors {
            key.push(
                chosen(engine, &item, selector)?
                    .pop()
                    .map(|(_, value)| value)
                    .unwrap_or_default(),
            );
        }
        if selectors.is_empty() {
            key.push(item.clone());
        }
        let likeness: Vec<String> = key.iter().map(likeness).collect();
        let alike = by_likeness.entry(likeness.join("\0")).or_default();
        let found = alike.iter().copied().find(|at| {
            let (seen, _): &(Vec<Value>, Vec<Value>) = &groups[*at];
            seen.iter()
                .zip(&key)
                .all(|(a, b)| a.is_null() == b.is_null() && equal(a, b, minds_case))
        });
        match found {
            Some(at) => groups[at].1.push(item),
            None => {
                alike.push(groups.len());
                groups.push((key, vec![item]));
            }
        }
    }
    if args.switch("AsHashTable") {
        let mut hash = Hash::new(HashKind::Table);
        hash.minds_case = minds_case;
        for (key, items) in groups {
            let key = if args.switch("AsString") || key.len() > 1 {
                Value::from(joined(engine, &key)?)
            } else {
                key[0].clone()
            };
            hash.insert(key, collection(items));
        }
        return out.put(engine, Value::Hash(Rc::new(hash)));
    }
    // PowerShell sorts the groups by their values.
    let groups = sorted(groups, &mut |a, b| {
        a.0.iter()
            .zip(&b.0)
            .map(|(x, y)| order(x, y, minds_case))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    for (key, items) in groups {
        let name = joined(engine, &key)?;
        let mut props = vec![
            ("Count", Value::from(items.len())),
            ("Name", Value::from(name)),
        ];
        let mut kind = "Microsoft.PowerShell.Commands.GroupInfo";
        if args.switch("NoElement") {
            kind = "Microsoft.PowerShell.Commands.GroupInfoNoElement";
        } else {
            props.push(("Group", collection(items)));
        }
        props.push(("Values", Value::from(key)));
        out.put(engine, Object::with(kind, props))?;
    }
    Ok(())
}

fn joined(engine: &mut Engine, key: &[Value]) -> R<String> {
    let mut parts = Vec::new();
    for value in key {
        parts.push(engine.text(value)?);
    }
    Ok(parts.join(", "))
}

/// `GroupInfo.Group`: a `Collection<PSObject>`.
fn collection(items: Vec<Value>) -> Value {
    let kind = ListKind::Collection(TypeRef::named("psobject"));
    Value::List(Rc::new(List::new(kind, items)))
}
