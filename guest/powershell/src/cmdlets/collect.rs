//! `Group-Object`, `Measure-Object`, `Compare-Object`, `Get-Unique`, `Tee-Object`.

use std::rc::Rc;

use super::select::{chosen, same, selectors};
use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{Hash, HashKind, Object, R, Value, compare, equal, fail, to_double};

pub const GROUP: Cmdlet = Cmdlet {
    name: "Group-Object",
    aliases: &["group"],
    params: "Property@0 InputObject| NoElement? AsHashTable/AHT? AsString? CaseSensitive?",
    run: Run::Whole(group),
};
pub const MEASURE: Cmdlet = Cmdlet {
    name: "Measure-Object",
    aliases: &["measure"],
    params: "Property@0 InputObject| Sum? Average? Maximum? Minimum? AllStats? StandardDeviation? Line? Word? Character? IgnoreWhiteSpace?",
    run: Run::Whole(measure),
};
pub const COMPARE: Cmdlet = Cmdlet {
    name: "Compare-Object",
    aliases: &["compare", "diff"],
    params: "ReferenceObject@0! DifferenceObject@1! Property IncludeEqual? ExcludeDifferent? PassThru? CaseSensitive? SyncWindow",
    run: Run::Whole(compare_objects),
};
pub const UNIQUE: Cmdlet = Cmdlet {
    name: "Get-Unique",
    aliases: &["gu"],
    params: "InputObject| AsString? OnType? CaseInsensitive?",
    run: Run::Whole(unique),
};
pub const TEE: Cmdlet = Cmdlet {
    name: "Tee-Object",
    aliases: &["tee"],
    params: "FilePath@0 Variable LiteralPath Append? InputObject| Encoding",
    run: Run::Whole(tee),
};

fn group(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let selectors = selectors(args.value("Property"))?;
    let minds_case = args.switch("CaseSensitive");
    let mut groups: Vec<(Vec<Value>, Vec<Value>)> = Vec::new();
    for item in super::inputs(args, input) {
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
        let found = groups.iter_mut().find(|(seen, _)| {
            seen.iter()
                .zip(&key)
                .all(|(a, b)| a.is_null() == b.is_null() && equal(a, b, minds_case))
        });
        match found {
            Some((_, items)) => items.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    if args.switch("AsHashTable") {
        let hash = Hash::new(HashKind::Table);
        for (key, items) in groups {
            let key = if args.switch("AsString") || key.len() > 1 {
                Value::from(joined(engine, &key)?)
            } else {
                key[0].clone()
            };
            hash.insert(key, Value::from(items));
        }
        return out.put(engine, Value::Hash(Rc::new(hash)));
    }
    // PowerShell sorts the groups by their values.
    groups.sort_by(|a, b| {
        a.0.iter()
            .zip(&b.0)
            .map(|(x, y)| super::sort::order(x, y, minds_case))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    for (key, items) in groups {
        let name = joined(engine, &key)?;
        let mut props = vec![
            ("Count", Value::from(items.len())),
            ("Name", Value::from(name)),
            ("Values", Value::from(key)),
        ];
        props.insert(
            2,
            (
                "Group",
                if args.switch("NoElement") {
                    Value::from(Vec::new())
                } else {
                    Value::from(items)
                },
            ),
        );
        out.put(
            engine,
            Object::with("Microsoft.PowerShell.Commands.GroupInfo", props),
        )?;
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

fn measure(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = super::inputs(args, input);
    if args.switch("Line") || args.switch("Word") || args.switch("Character") {
        return measure_text(engine, args, &items, out);
    }
    let names = args.texts("Property");
    if names.is_empty() {
        return measured(engine, args, items, None, out);
    }
    for name in names {
        let mut values = Vec::new();
        for item in &items {
            if let Some(value) = engine.find_member(item, &name)? {
                values.push(value);
            }
        }
        measured(engine, args, values, Some(name), out)?;
    }
    Ok(())
}

fn measured(
    engine: &mut Engine,
    args: &Args,
    values: Vec<Value>,
    property: Option<String>,
    out: &mut dyn Sink,
) -> R<()> {
    let has = |name: &str| args.switch(name) || args.switch("AllStats");
    let mut numbers = Vec::new();
    if has("Sum") || has("Average") || has("StandardDeviation") {
        for value in &values {
            numbers.push(to_double(value).map_err(|_| {
                fail(
                    "System.Management.Automation.PSInvalidOperationException",
                    "NonNumericInputObject",
                    format!("Input object \"{}\" is not numeric.", value.text()),
                )
            })?);
        }
    }
    let sum: f64 = numbers.iter().sum();
    let n = numbers.len() as f64;
    let extreme = |wants_max: bool| {
        values.iter().cloned().reduce(|best, value| {
            let order = compare(&value, &best, false).unwrap_or(std::cmp::Ordering::Equal);
            if (wants_max && order.is_gt()) || (!wants_max && order.is_lt()) {
                value
            } else {
                best
            }
        })
    };
    let numeric = |value: Option<Value>| match value {
        Some(value) if value.is_number() => {
            to_double(&value).map(Value::Double).unwrap_or_default()
        }
        Some(value) => value,
        None => Value::Null,
    };
    let deviation = (numbers.iter().map(|x| (x - sum / n).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let when = |is_on: bool, value: Value| if is_on { value } else { Value::Null };
    let props = [
        ("Count", Value::from(values.len())),
        (
            "Average",
            when(has("Average") && n > 0.0, Value::Double(sum / n)),
        ),
        ("Sum", when(has("Sum"), Value::Double(sum))),
        ("Maximum", when(has("Maximum"), numeric(extreme(true)))),
        ("Minimum", when(has("Minimum"), numeric(extreme(false)))),
        (
            "StandardDeviation",
            when(
                has("StandardDeviation") && n > 1.0,
                Value::Double(deviation),
            ),
        ),
        ("Property", property.map_or(Value::Null, Value::from)),
    ];
    out.put(
        engine,
        Object::with("Microsoft.PowerShell.Commands.GenericMeasureInfo", props),
    )
}

fn measure_text(engine: &mut Engine, args: &Args, items: &[Value], out: &mut dyn Sink) -> R<()> {
    let texts: Vec<String> = items.iter().map(Value::text).collect();
    let lines: usize = texts.iter().map(|text| text.lines().count().max(1)).sum();
    let words: usize = texts
        .iter()
        .map(|text| text.split_whitespace().count())
        .sum();
    let characters: usize = texts
        .iter()
        .map(|text| {
            text.chars()
                .filter(|c| !(args.switch("IgnoreWhiteSpace") && c.is_whitespace()))
                .count()
        })
        .sum();
    let when = |name: &str, n: usize| {
        if args.switch(name) {
            Value::from(n)
        } else {
            Value::Null
        }
    };
    let props = [
        ("Lines", when("Line", lines)),
        ("Words", when("Word", words)),
        ("Characters", when("Character", characters)),
        ("Property", Value::Null),
    ];
    out.put(
        engine,
        Object::with("Microsoft.PowerShell.Commands.TextMeasureInfo", props),
    )
}

fn compare_objects(
    engine: &mut Engine,
    args: &Args,
    input: Vec<Value>,
    out: &mut dyn Sink,
) -> R<()> {
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

fn unique(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let minds_case = !args.switch("CaseInsensitive");
    let mut last: Option<Value> = None;
    for item in super::inputs(args, input) {
        if last
            .as_ref()
            .is_some_and(|last| same(last, &item, minds_case))
        {
            continue;
        }
        last = Some(item.clone());
        out.put(engine, item)?;
    }
    Ok(())
}

fn tee(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let items = super::inputs(args, input);
    if let Some(name) = args.text("Variable") {
        engine.set_here(&name, Value::collapse(items.clone()));
    }
    if let Some(path) = args.text("FilePath").or_else(|| args.text("LiteralPath")) {
        super::out_file::write(engine, &path, &items, args.switch("Append"))?;
    }
    for item in items {
        out.put(engine, item)?;
    }
    Ok(())
}
