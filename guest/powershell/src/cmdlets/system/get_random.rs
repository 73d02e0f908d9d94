//! `Get-Random`: random numbers and items; `-SetSeed` repeats them, with other numbers than .NET.
//!
//! [Get-Random](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-random)

use std::cell::RefCell;
use std::fmt::Display;
use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::random::Random;
use crate::value::{R, Value, fail, to_long, to_number};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Random",
    aliases: &[],
    params: "Maximum@0 InputObject| Minimum Count SetSeed Shuffle?",
    run: Run::Whole(run),
};

thread_local! {
    /// What `-SetSeed` began, for the calls that follow it.
    static SEEDED: RefCell<Option<Rc<Random>>> = const { RefCell::new(None) };
}

fn source(args: &Args) -> R<Rc<Random>> {
    if let Some(seed) = args.long("SetSeed")? {
        SEEDED.set(Some(Rc::new(Random::new(Some(seed as u64)))));
    }
    Ok(SEEDED
        .with_borrow(Clone::clone)
        .unwrap_or_else(|| Rc::new(Random::new(None))))
}

/// The lower bound has to be below the upper one.
fn check(is_below: bool, low: &dyn Display, high: &dyn Display) -> R<()> {
    if is_below {
        return Ok(());
    }
    Err(fail(
        "System.ArgumentException",
        "MinGreaterThanOrEqualMax",
        format!(
            "The Minimum value ({low}) cannot be greater than or equal to the Maximum value ({high})."
        ),
    ))
}

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let source = source(args)?;
    let mut items = crate::cmdlets::inputs(args, input);
    if !items.is_empty() || args.has_input || args.has("InputObject") {
        let n = if args.switch("Shuffle") {
            items.len()
        } else {
            args.int("Count")?.unwrap_or(1).max(0) as usize
        };
        for _ in 0..n.min(items.len()) {
            let at = source.between(0, items.len() as i64) as usize;
            let item = items.swap_remove(at);
            out.put(engine, item)?;
        }
        return Ok(());
    }
    let n = args.int("Count")?.unwrap_or(1);
    for _ in 0..n {
        let number = |name: &str| {
            args.value(name)
                .map(|value| to_number(&value).unwrap_or(value))
        };
        let (low, high) = (
            number("Minimum").unwrap_or(Value::Int(0)),
            number("Maximum"),
        );
        let is_long = [Some(&low), high.as_ref()]
            .iter()
            .any(|bound| matches!(bound, Some(Value::Long(_))));
        let value = if matches!(low, Value::Double(_)) || matches!(high, Some(Value::Double(_))) {
            let (low, high) = (
                crate::value::to_double(&low)?,
                high.map_or(Ok(f64::MAX), |high| crate::value::to_double(&high))?,
            );
            check(low < high, &low, &high)?;
            Value::Double(low + source.unit() * (high - low))
        } else {
            let (low, high) = (
                to_long(&low)?,
                high.map_or(Ok(i64::from(i32::MAX)), |high| to_long(&high))?,
            );
            check(low < high, &low, &high)?;
            let n = source.between(low, high);
            match i32::try_from(n) {
                Ok(n) if !is_long => Value::Int(n),
                _ => Value::Long(n),
            }
        };
        out.put(engine, value)?;
    }
    Ok(())
}
