//! Arrays of several dimensions: `[int[,]]::new(2, 3)`. Their items lie row by row, and a pipeline takes them so.
//!
//! An index has as many numbers as there are dimensions, each counted from the end if it is negative
//! (ArrayOps.GetMDArrayValue). Left out: several places at once, and lower bounds other than nought.

use std::rc::Rc;

use super::TypeRef;
use crate::eval::outside;
use crate::value::{Array, R, Value, fail, place_of, to_int};

/// An array of such a type with so many items in each dimension.
pub fn create(of: &TypeRef, rank: usize, args: &[Value]) -> Option<R<Value>> {
    if args.len() != rank {
        return None;
    }
    Some(made(of, args))
}

fn made(of: &TypeRef, args: &[Value]) -> R<Value> {
    let mut lengths = Vec::with_capacity(args.len());
    for arg in args {
        lengths.push(to_int(arg)?.max(0) as usize);
    }
    let n = lengths
        .iter()
        .try_fold(1_usize, |all, n| all.checked_mul(*n));
    let Some(n) = n.filter(|n| *n <= MAX_ITEMS) else {
        return Err(fail(
            "System.OutOfMemoryException",
            "System.OutOfMemoryException",
            "Array dimensions exceeded supported range.",
        ));
    };
    let mut array = Array::typed(vec![of.default_value(); n], of.clone());
    array.lengths = Some(Rc::from(lengths));
    Ok(Value::Array(Rc::new(array)))
}

/// More would only eat the memory.
const MAX_ITEMS: usize = 1 << 26;

/// Where the item at the index lies; `None` beyond.
fn place(lengths: &[usize], index: &[Value]) -> R<Option<usize>> {
    if index.len() != lengths.len() {
        let given: Vec<String> = index.iter().map(Value::text).collect();
        return Err(fail(
            "System.Management.Automation.RuntimeException",
            "NeedMultidimensionalIndex",
            format!(
                "You cannot index into a {} dimensional array with index [{}].",
                lengths.len(),
                given.join(",")
            ),
        ));
    }
    let mut place = 0;
    for (n, length) in index.iter().zip(lengths) {
        let Some(at) = place_of(i64::from(to_int(n)?), *length) else {
            return Ok(None);
        };
        place = place * length + at;
    }
    Ok(Some(place))
}

pub fn get(array: &Array, lengths: &[usize], index: &[Value]) -> R<Option<Value>> {
    let at = place(lengths, index)?;
    Ok(at.map(|at| array.items.borrow()[at].clone()))
}

/// `$array[(0, 0), (1, 1)]`: the items at several places, those that are there (`MultiDimArrayOps.GetMDArrayValueOrSlice`).
pub fn slice(array: &Array, lengths: &[usize], indexes: &[Value]) -> R<Value> {
    let mut found = Vec::with_capacity(indexes.len());
    for index in indexes {
        found.extend(get(array, lengths, &index.to_items())?);
    }
    Ok(Value::from(found))
}

pub fn set(array: &Array, lengths: &[usize], index: &[Value], value: Value) -> R<()> {
    let at = place(lengths, index)?.ok_or_else(outside)?;
    array.items.borrow_mut()[at] = value;
    Ok(())
}

/// `GetLength(0)`
pub fn length(array: &Array, dimension: &Value) -> R<usize> {
    let only = [array.items.borrow().len()];
    let lengths = array.lengths.as_deref().unwrap_or(&only);
    let at = usize::try_from(to_int(dimension)?).ok();
    at.and_then(|at| lengths.get(at))
        .copied()
        .ok_or_else(outside)
}
