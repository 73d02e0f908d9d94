//! `[System.Threading.Thread]`: `Sleep` only, for there are no threads.

use std::time::Duration;

use super::TypeInfo;
use super::timespan::TimeSpan;
use crate::value::to_int;

pub const INFO: TypeInfo = TypeInfo {
    statics: &["Sleep"],
    call: Some(|engine, name, args| match (name, args) {
        ("sleep", [time]) => {
            let milliseconds = match TimeSpan::of(time) {
                Some(ticks) => Ok((ticks / 10_000).max(0).cast_unsigned()),
                None => to_int(time).map(|n| u64::from(n.max(0).cast_unsigned())),
            };
            Some(milliseconds.map(|milliseconds| {
                let duration = Duration::from_millis(milliseconds);
                engine.printer.before_waiting(duration);
                crate::host::pause(duration);
                crate::value::Value::Nothing
            }))
        }
        _ => None,
    }),
    ..TypeInfo::named("System.Threading.Thread", &[])
};
