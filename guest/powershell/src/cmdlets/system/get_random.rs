//! `Get-Random`: random numbers and items; `-SetSeed` repeats them, with other numbers than .NET.
//!
//! [Get-Random](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-random)

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::random::Random;
use crate::value::{R, Value, fail, to_long};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Random",
    aliases: &[],
    params: "Maximum@0 InputObject| Minimum Count SetSeed Shuffle?",
    run: Run::Whole(run),
};

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let source = Random::new(args.long("SetSeed")?.map(|seed| seed as u64));
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
        let (low, high) = (
            args.value("Minimum").unwrap_or(Value::Int(0)),
            args.value("Maximum"),
        );
        let value = if matches!(low, Value::Double(_)) || matches!(high, Some(Value::Double(_))) {
            let (low, high) = (
                crate::value::to_double(&low)?,
                high.map_or(Ok(f64::MAX), |high| crate::value::to_double(&high))?,
            );
            Value::Double(low + source.unit() * (high - low))
        } else {
            let (low, high) = (
                to_long(&low)?,
                high.map_or(Ok(i64::from(i32::MAX)), |high| to_long(&high))?,
            );
            if low >= high {
                return Err(fail(
                    "System.ArgumentException",
                    "MinGreaterThanOrEqualMax",
                    format!(
                        "The Minimum value ({low}) cannot be greater than or equal to the Maximum value ({high})."
                    ),
                ));
            }
            let n = source.between(low, high);
            i32::try_from(n).map_or(Value::Long(n), Value::Int)
        };
        out.put(engine, value)?;
    }
    Ok(())
}
