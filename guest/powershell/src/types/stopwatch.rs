//! `[System.Diagnostics.Stopwatch]`

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::TypeInfo;
use super::timespan::TimeSpan;
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value};

pub const INFO: TypeInfo = TypeInfo {
    statics: &["StartNew"],
    create: Some(|_, args| {
        args.is_empty()
            .then(|| Ok(Value::net(Stopwatch::default())))
    }),
    call: Some(|_, name, args| match (name, args) {
        ("startnew", []) => Some(Ok(Value::net(Stopwatch {
            since: Cell::new(Some(Instant::now())),
            ..Stopwatch::default()
        }))),
        _ => None,
    }),
    ..TypeInfo::named("System.Diagnostics.Stopwatch", &[])
};

#[derive(Default)]
pub struct Stopwatch {
    since: Cell<Option<Instant>>,
    before: Cell<Duration>,
}

impl Stopwatch {
    fn elapsed(&self) -> Duration {
        self.before.get()
            + self
                .since
                .get()
                .map(|since| since.elapsed())
                .unwrap_or_default()
    }
}

impl Net for Stopwatch {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Diagnostics.Stopwatch"
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "elapsed" => TimeSpan::value((self.elapsed().as_nanos() / 100) as i64),
            "elapsedmilliseconds" => Value::Long(self.elapsed().as_millis() as i64),
            "elapsedticks" => Value::Long((self.elapsed().as_nanos() / 100) as i64),
            "isrunning" => Value::Bool(self.since.get().is_some()),
            _ => return None,
        })
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        if !args.is_empty() {
            return None;
        }
        match name {
            "start" if self.since.get().is_none() => self.since.set(Some(Instant::now())),
            "start" => {}
            "stop" => {
                self.before.set(self.elapsed());
                self.since.set(None);
            }
            "reset" => {
                self.before.set(Duration::ZERO);
                self.since.set(None);
            }
            "restart" => {
                self.before.set(Duration::ZERO);
                self.since.set(Some(Instant::now()));
            }
            _ => return None,
        }
        Some(Ok(Value::Nothing))
    }

    fn properties(&self) -> Vec<String> {
        [
            "IsRunning",
            "Elapsed",
            "ElapsedMilliseconds",
            "ElapsedTicks",
        ]
        .map(String::from)
        .to_vec()
    }
}
