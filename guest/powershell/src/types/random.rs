//! `[System.Random]` and the generator behind `Get-Random`.

use std::cell::Cell;
use std::rc::Rc;

use super::TypeInfo;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, to_int, to_long};

pub const INFO: TypeInfo = TypeInfo {
    create: Some(|_, args| match args {
        [] => Some(Ok(Value::net(Random::new(None)))),
        [seed] => Some(to_long(seed).map(|seed| Value::net(Random::new(Some(seed as u64))))),
        _ => None,
    }),
    ..TypeInfo::named("System.Random", &["random"])
};

/// SplitMix64: good enough for scripts, never for secrets.
pub struct Random {
    state: Cell<u64>,
}

impl Random {
    /// Without a seed, one out of the host's random bytes.
    pub fn new(seed: Option<u64>) -> Self {
        Self {
            state: Cell::new(
                seed.unwrap_or_else(|| u64::from_le_bytes(crate::host::random_bytes())),
            ),
        }
    }

    pub fn next(&self) -> u64 {
        let state = self.state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.state.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` up to, not including, `high`.
    pub fn between(&self, low: i64, high: i64) -> i64 {
        let span = (i128::from(high) - i128::from(low)).max(1);
        (i128::from(low) + i128::from(self.next()) % span) as i64
    }

    /// From 0 up to 1.
    pub fn unit(&self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

impl Net for Random {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Random"
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("next", []) => Ok(Value::Int(self.between(0, i64::from(i32::MAX)) as i32)),
            ("next", [high]) => {
                to_int(high).map(|high| Value::Int(self.between(0, i64::from(high)) as i32))
            }
            ("next", [low, high]) => to_int(low).and_then(|low| {
                Ok(Value::Int(
                    self.between(i64::from(low), i64::from(to_int(high)?)) as i32,
                ))
            }),
            ("nextdouble", []) => Ok(Value::Double(self.unit())),
            _ => return None,
        })
    }
}
