//! `Compare-Object`: what only one of two lists has. Left out: `-Culture`; `-SyncWindow` is taken and the whole list searched.
//!
//! [Compare-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/compare-object)

use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{Object, PropKind, R, Value, equal};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Compare-Object",
    aliases: &["compare", "diff"],
    params: "ReferenceObject@0! DifferenceObject@1! Property IncludeEqual? ExcludeDifferent? PassThru? CaseSensitive? SyncWindow",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    for name in ["ReferenceObject", "DifferenceObject"] {
        if args.get(name).is_some_and(Value::is_null) {
            return Err(crate::cmdlets::null_argument(name));
        }
    }
    let left = args.required("ReferenceObject")?.to_items();
    let mut right = args.required("DifferenceObject")?.to_items();
    right.extend(input);
    let names = args.texts("Property");
    let minds_case = args.switch("CaseSensitive");
    let key = |engine: &mut Engine, item: &Value| -> R<Vec<Value>> {
        if names.is_empty() {
            return Ok(vec![item.clone()]);
        }
        names
            .iter()
            .map(|name| Ok(engine.find_member(item, name)?.unwrap_or_default()))
            .collect()
    };
    let mut right_left: Vec<(Vec<Value>, Value)> = Vec::new();
    for item in right {
        right_left.push((key(engine, &item)?, item));
    }
    let (mut both, mut only_left) = (Vec::new(), Vec::new());
    for item in left {
        let own = key(engine, &item)?;
        let at = right_left.iter().position(|(other, _)| {
            own.iter()
                .zip(other)
                .all(|(a, b)| same_for_compare(a, b, minds_case))
        });
        match at {
            Some(at) => {
                right_left.remove(at);
                both.push((own, item, "=="));
            }
            None => only_left.push((own, item, "<=")),
        }
    }
    let mut found = Vec::new();
    if args.switch("IncludeEqual") {
        found.extend(both);
    }
    if !args.switch("ExcludeDifferent") {
        found.extend(right_left.into_iter().map(|(own, item)| (own, item, "=>")));
        found.extend(only_left);
    }
    for (own, item, side) in found {
        if args.switch("PassThru") {
            if let Value::Object(object) = &item {
                object.put("SideIndicator", PropKind::Note(Value::from(side)));
            }
            out.put(engine, item)?;
            continue;
        }
        let object = Object::custom();
        if names.is_empty() {
            object.push("InputObject", item);
        } else {
            for (name, value) in names.iter().zip(own) {
                object.push(name, value);
            }
        }
        object.push("SideIndicator", Value::from(side));
        out.put(engine, Value::Object(Rc::new(object)))?;
    }
    Ok(())
}

fn same_for_compare(a: &Value, b: &Value, minds_case: bool) -> bool {
    match (a, b) {
        (Value::Object(_), Value::Object(_)) => a.text() == b.text(),
        _ => equal(a, b, minds_case),
    }
}
