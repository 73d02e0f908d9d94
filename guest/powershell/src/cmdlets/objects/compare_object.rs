//! `Compare-Object`: what only one of two lists has. Left out: `-Culture`.
//!
//! The two lists are walked side by side, as PowerShell walks them, because that decides the order of what is put out: an
//! item waits among those of its own side until one of the other side equals it; `-SyncWindow` is how many wait at most.
//!
//! [Compare-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/compare-object)

use std::rc::Rc;

use crate::cmdlets::objects::selector::{Selector, chosen, selectors};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{Object, PropKind, R, Value, equal};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Compare-Object",
    aliases: &["compare", "diff"],
    params: "ReferenceObject@0! DifferenceObject@1! Property IncludeEqual? ExcludeDifferent? PassThru? CaseSensitive? SyncWindow",
    run: Run::Whole(run),
};

/// An item and what of it is compared.
struct Entry {
    key: Vec<Value>,
    item: Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Reference,
    Difference,
}

impl Side {
    fn indicator(self) -> &'static str {
        match self {
            Self::Both => "==",
            Self::Reference => "<=",
            Self::Difference => "=>",
        }
    }
}

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    for name in ["ReferenceObject", "DifferenceObject"] {
        if args.get(name).is_some_and(Value::is_null) {
            return Err(crate::cmdlets::needed::null_argument(name));
        }
    }
    let mut differences = args.required("DifferenceObject")?.to_items();
    differences.extend(input);
    let selectors = selectors(args.value("Property"))?;
    let references = args.required("ReferenceObject")?.to_items();
    let references = entries(engine, &selectors, references)?;
    let differences = entries(engine, &selectors, differences)?;
    let window = match args.int("SyncWindow")? {
        Some(n) => usize::try_from(n).unwrap_or(0),
        None => usize::MAX,
    };
    let minds_case = args.switch("CaseSensitive");
    // `-ExcludeDifferent` alone asks for what is equal.
    let shows_equal = match args.get("IncludeEqual") {
        Some(_) => args.switch("IncludeEqual"),
        None => args.switch("ExcludeDifferent"),
    };
    for (side, entry) in walk(references, differences, window, minds_case) {
        let is_shown = match side {
            Side::Both => shows_equal,
            Side::Reference | Side::Difference => !args.switch("ExcludeDifferent"),
        };
        if is_shown {
            let shown = if args.switch("PassThru") {
                marked(entry.item, side)
            } else {
                described(&selectors, entry, side)
            };
            out.put(engine, shown)?;
        }
    }
    Ok(())
}

fn entries(engine: &mut Engine, selectors: &[Selector], items: Vec<Value>) -> R<Vec<Entry>> {
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let mut key = Vec::new();
        if selectors.is_empty() {
            key.push(item.clone());
        }
        for selector in selectors {
            let value = match selector {
                Selector::Name(name) => engine.find_member(&item, name)?,
                other => chosen(engine, &item, other)?.pop().map(|(_, value)| value),
            };
            key.push(value.unwrap_or_default());
        }
        found.push(Entry { key, item });
    }
    Ok(found)
}

/// Every entry with its side, in the order in which that is settled.
fn walk(
    references: Vec<Entry>,
    differences: Vec<Entry>,
    window: usize,
    minds_case: bool,
) -> Vec<(Side, Entry)> {
    let (mut waiting_references, mut waiting_differences) = (Vec::new(), Vec::new());
    let mut settled = Vec::new();
    let (mut references, mut differences) = (references.into_iter(), differences.into_iter());
    loop {
        let (reference, difference) = match (references.next(), differences.next()) {
            (None, None) => break,
            (Some(reference), Some(difference)) if same(&reference, &difference, minds_case) => {
                settled.push((Side::Both, reference));
                continue;
            }
            pair => pair,
        };
        let difference =
            difference.and_then(
                |own| match taken(&mut waiting_references, &own, minds_case) {
                    Some(reference) => {
                        settled.push((Side::Both, reference));
                        None
                    }
                    None => Some(own),
                },
            );
        let reference =
            reference.and_then(
                |own| match taken(&mut waiting_differences, &own, minds_case) {
                    Some(_) => {
                        settled.push((Side::Both, own));
                        None
                    }
                    None => Some(own),
                },
            );
        for (side, entry, waiting) in [
            (Side::Difference, difference, &mut waiting_differences),
            (Side::Reference, reference, &mut waiting_references),
        ] {
            if let Some(entry) = entry {
                waiting.push(entry);
                let n_over = waiting.len().saturating_sub(window);
                settled.extend(waiting.drain(..n_over).map(|entry| (side, entry)));
            }
        }
    }
    let left = waiting_differences.into_iter();
    settled.extend(left.map(|entry| (Side::Difference, entry)));
    let left = waiting_references.into_iter();
    settled.extend(left.map(|entry| (Side::Reference, entry)));
    settled
}

/// Takes the first entry that equals `own` out of those that wait.
fn taken(waiting: &mut Vec<Entry>, own: &Entry, minds_case: bool) -> Option<Entry> {
    let at = waiting
        .iter()
        .position(|entry| same(own, entry, minds_case))?;
    Some(waiting.remove(at))
}

fn same(a: &Entry, b: &Entry, minds_case: bool) -> bool {
    let mut pairs = a.key.iter().zip(&b.key);
    pairs.all(|(a, b)| equal(a, b, minds_case) || is_same_text(a, b, minds_case))
}

/// What has no order of its own is compared as text (`ObjectCommandComparer`): two tables are equal, whatever is in them.
fn is_same_text(a: &Value, b: &Value, minds_case: bool) -> bool {
    let has_no_order = |value: &Value, other: &Value| match value {
        Value::Object(_) | Value::Hash(_) | Value::Array(_) | Value::List(_) | Value::Script(_) => {
            true
        }
        Value::Net(net) => net.compare(other).is_none(),
        _ => false,
    };
    has_no_order(a, b)
        && has_no_order(b, a)
        && equal(&Value::from(a.text()), &Value::from(b.text()), minds_case)
}

/// `-PassThru`: the item itself; it says its side if it can carry a property.
fn marked(item: Value, side: Side) -> Value {
    if let Value::Object(object) = &item {
        object.put(
            "SideIndicator",
            PropKind::Note(Value::from(side.indicator())),
        );
    }
    item
}

fn described(selectors: &[Selector], entry: Entry, side: Side) -> Value {
    let object = Object::custom();
    if selectors.is_empty() {
        object.push("InputObject", entry.item);
    }
    for (selector, value) in selectors.iter().zip(entry.key) {
        // A calculated property is called what its expression is; a name in the table doesn't count here.
        match selector {
            Selector::Name(name) => object.push(name, value),
            Selector::Renamed(_, from) => object.push(from, value),
            Selector::Block(_, block) => object.push(&block.text(), value),
        }
    }
    object.push("SideIndicator", Value::from(side.indicator()));
    Value::Object(Rc::new(object))
}
