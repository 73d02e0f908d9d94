//! `Measure-Object`: counts, sums, and the words of texts.
//!
//! [Measure-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/measure-object)

use crate::cmdlets::objects::selector::{Selector, chosen};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, pattern};
use crate::format::view::properties;
use crate::value::{Ctl, Object, R, Value, compare, equal, to_double};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Measure-Object",
    aliases: &["measure"],
    params: "Property@0 InputObject| Sum? Average? Maximum? Minimum? AllStats? StandardDeviation? Line? Word? Character? IgnoreWhiteSpace?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let mut items = crate::cmdlets::input_or_one(args, input);
    items.retain(|item| !item.is_null());
    if args.switch("Line") || args.switch("Word") || args.switch("Character") {
        return measure_texts(engine, args, &items, out);
    }
    let asked = asked_for(engine, args, &items)?;
    for property in asked.iter().flatten() {
        let mut values = Vec::new();
        for item in &items {
            values.extend(property_of(engine, item, property)?);
        }
        // A property that nothing has is measured as nothing; strict mode says so.
        if values.is_empty() {
            if engine.scope.is_strict(2) && !items.is_empty() {
                not_found(engine, &property.text())?;
            }
            continue;
        }
        measured(engine, args, values, Some(property.text()), out)?;
    }
    if asked.is_none() {
        measured(engine, args, items, None, out)?;
    }
    Ok(())
}

/// The properties to measure, names with wildcards replaced by what the items have; `None` is for the items themselves.
fn asked_for(engine: &mut Engine, args: &Args, items: &[Value]) -> R<Option<Vec<Value>>> {
    let Some(given) = args.value("Property") else {
        return Ok(None);
    };
    let mut asked = Vec::new();
    for property in given.to_items() {
        match &property {
            Value::Str(name) if pattern::has_wildcards(name) => {
                let selector = Selector::Name(name.to_string());
                for item in items {
                    for (own, _) in chosen(engine, item, &selector)? {
                        let own = Value::from(&*own);
                        if !asked.iter().any(|seen| equal(seen, &own, false)) {
                            asked.push(own);
                        }
                    }
                }
            }
            // Under the name that the first item has for it.
            Value::Str(name) => {
                let mut names = items.iter().flat_map(properties).map(|(own, _)| own);
                let own = names.find(|own| own.eq_ignore_ascii_case(name));
                asked.push(own.map_or(property.clone(), |own| Value::from(&*own)));
            }
            _ => asked.push(property),
        }
    }
    Ok(Some(asked))
}

/// The item's property of that name, or what the block makes of the item; an error in the block gives nothing.
fn property_of(engine: &mut Engine, item: &Value, property: &Value) -> R<Option<Value>> {
    let Value::Script(block) = property else {
        return engine.find_member(item, &property.text());
    };
    match engine.call_with_item(block, item.clone()) {
        Ok(Value::Nothing) | Err(Ctl::Throw(_)) => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(other) => Err(other),
    }
}

fn not_found(engine: &mut Engine, property: &str) -> R<()> {
    engine.soft_error(
        "System.ArgumentException",
        "GenericMeasurePropertyNotFound",
        "InvalidArgument",
        format!("The property \"{property}\" cannot be found in the input for any objects."),
        Value::Null,
    )
}

/// What isn't a number is reported, and there is no sum of the rest.
fn not_numeric(engine: &mut Engine, value: &Value) -> R<()> {
    engine.soft_error(
        "System.Management.Automation.PSInvalidOperationException",
        "NonNumericInputObject",
        "InvalidType",
        format!("Input object \"{}\" is not numeric.", value.text()),
        value.clone(),
    )
}

/// A number or text that is one as a double; what else there is stays.
fn number(value: &Value) -> Value {
    match value {
        Value::Str(_) | Value::Bool(_) => {
            to_double(value).map_or_else(|_| value.clone(), Value::Double)
        }
        other if other.is_number() => to_double(other).map(Value::Double).unwrap_or_default(),
        other => other.clone(),
    }
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
            match to_double(value) {
                Ok(n) => numbers.push(n),
                Err(_) => not_numeric(engine, value)?,
            }
        }
    }
    let is_numeric = numbers.len() == values.len();
    // `sum` begins with -0.
    let sum = numbers.iter().fold(0.0, |sum, n| sum + n);
    let n = numbers.len() as f64;
    // Text that is a number counts as one, as what comes out of a CSV file does; beside other text it is text again.
    let ordered = |a: &Value, b: &Value| {
        let (x, y) = (number(a), number(b));
        let is_mixed = matches!(x, Value::Str(_)) != matches!(y, Value::Str(_));
        let (x, y) = match is_mixed {
            true => (Value::from(a.text()), Value::from(b.text())),
            false => (x, y),
        };
        compare(&x, &y, false).unwrap_or(std::cmp::Ordering::Equal)
    };
    let extreme = |wants_max: bool| {
        let found = values.iter().reduce(|best, value| {
            let order = ordered(value, best);
            if (wants_max && order.is_gt()) || (!wants_max && order.is_lt()) {
                value
            } else {
                best
            }
        });
        found.cloned()
    };
    let extreme_of = |name: &str, wants_max: bool| match has(name) {
        true => extreme(wants_max).unwrap_or_default(),
        false => Value::Null,
    };
    let (maximum, minimum) = (extreme_of("Maximum", true), extreme_of("Minimum", false));
    // They are numbers, unless one of them can't be.
    let (maximum, minimum) = match [&maximum, &minimum].map(to_double) {
        [Ok(_), Ok(_)] => (number(&maximum), number(&minimum)),
        _ => (maximum, minimum),
    };
    let deviation = (numbers.iter().map(|x| (x - sum / n).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let when = |is_on: bool, value: Value| if is_on { value } else { Value::Null };
    let props = [
        ("Count", Value::from(values.len())),
        (
            "Average",
            when(
                has("Average") && is_numeric && n > 0.0,
                Value::Double(sum / n),
            ),
        ),
        ("Sum", when(has("Sum") && is_numeric, Value::Double(sum))),
        ("Maximum", maximum),
        ("Minimum", minimum),
        (
            "StandardDeviation",
            when(
                has("StandardDeviation") && is_numeric && n > 1.0,
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

fn measure_texts(engine: &mut Engine, args: &Args, items: &[Value], out: &mut dyn Sink) -> R<()> {
    let Some(properties) = asked_for(engine, args, items)? else {
        return measured_texts(engine, args, items, Value::Null, out);
    };
    for property in properties {
        let mut values = Vec::new();
        for item in items {
            values.extend(property_of(engine, item, &property)?);
        }
        if !values.is_empty() {
            measured_texts(engine, args, &values, Value::from(property.text()), out)?;
        }
    }
    Ok(())
}

fn measured_texts(
    engine: &mut Engine,
    args: &Args,
    items: &[Value],
    property: Value,
    out: &mut dyn Sink,
) -> R<()> {
    let texts: Vec<String> = items.iter().map(Value::text).collect();
    // An empty text is no line (`TextCountUtilities.CountLine`).
    let lines: usize = texts.iter().map(|text| text.lines().count()).sum();
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
        ("Property", property),
    ];
    out.put(
        engine,
        Object::with("Microsoft.PowerShell.Commands.TextMeasureInfo", props),
    )
}
