//! The order that .NET's `Sort` methods go by: the items' own, a `StringComparer`'s, or a script block's.
//!
//! Objects of a class that implements `IComparer` aren't taken.

use std::cmp::Ordering;
use std::rc::Rc;

use super::delegate;
use crate::eval::Engine;
use crate::value::{R, Script, Value, compare, introsorted, refuse, to_int};

pub enum Order {
    Own,
    Ordinal {
        minds_case: bool,
    },
    IgnoresCase,
    /// `Comparison<T>`
    Block(Rc<Script>),
}

impl Order {
    /// The order that an argument of `Sort` means.
    pub fn of(by: Option<&Value>) -> R<Self> {
        let Some(by) = by.filter(|by| !by.is_null()) else {
            return Ok(Self::Own);
        };
        if let Some(block) = delegate::block_of(by) {
            return Ok(Self::Block(block));
        }
        let named = by.downcast::<super::record::Named>();
        match named.as_ref().map(|named| named.name.as_str()) {
            Some("ordinal") => Ok(Self::Ordinal { minds_case: true }),
            Some("ordinalignorecase") => Ok(Self::Ordinal { minds_case: false }),
            Some("invariantculture" | "currentculture") => Ok(Self::Own),
            Some("invariantcultureignorecase" | "currentcultureignorecase") => {
                Ok(Self::IgnoresCase)
            }
            _ => Err(refuse(format!(
                "Sorting by a [{}] is not supported. Use a script block that compares two items, or Sort-Object.",
                by.type_name()
            ))),
        }
    }

    pub fn compare(&self, engine: &mut Engine, a: &Value, b: &Value) -> R<Ordering> {
        Ok(match self {
            Self::Own => match engine.class_compare(a, b)? {
                Some(order) => order,
                None => compare(a, b, true).unwrap_or(Ordering::Equal),
            },
            Self::IgnoresCase => compare(a, b, false).unwrap_or(Ordering::Equal),
            Self::Ordinal { minds_case: true } => a.text().cmp(&b.text()),
            Self::Ordinal { minds_case: false } => {
                a.text().to_uppercase().cmp(&b.text().to_uppercase())
            }
            Self::Block(block) => {
                let verdict = engine.call_script(block, vec![a.clone(), b.clone()], None)?;
                to_int(&verdict)?.cmp(&0)
            }
        })
    }

    /// The items, sorted by what `key` takes of them, as .NET leaves them.
    pub fn sorted<T>(
        &self,
        engine: &mut Engine,
        items: Vec<T>,
        key: impl Fn(&T) -> &Value,
    ) -> R<Vec<T>> {
        let mut failed = None;
        let sorted = introsorted(items, &mut |a, b| {
            if failed.is_some() {
                return Ordering::Equal;
            }
            self.compare(engine, key(a), key(b)).unwrap_or_else(|ctl| {
                failed = Some(ctl);
                Ordering::Equal
            })
        });
        match failed {
            Some(ctl) => Err(ctl),
            None => Ok(sorted),
        }
    }
}
