//! `Task`: what came of a call, or why nothing came.

use std::rc::Rc;

use crate::eval::Engine;
use crate::net_any;
use crate::types::enumeration::EnumValue;
use crate::value::{Ctl, ErrorRecord, Exception, Net, R, Value};

const AWAITER: &str = "System.Runtime.CompilerServices.TaskAwaiter";
const WAIT_HANDLE: &str = "System.Threading.WaitHandle";

pub struct Task {
    done: Result<Value, Rc<Exception>>,
}

impl Task {
    /// The task of what was done; what isn't an exception goes its own way.
    pub fn value(done: R<Value>) -> R<Value> {
        let done = match done {
            Ok(value) => Ok(value),
            Err(Ctl::Throw(record)) => Err(record.carrier()),
            Err(other) => return Err(other),
        };
        Ok(Value::net(Self { done }))
    }

    /// What waiting throws: the exception in a collection of one.
    fn aggregate(inner: &Rc<Exception>) -> Exception {
        let message = format!("One or more errors occurred. ({})", inner.message);
        let mut exception = Exception::new("System.AggregateException", message);
        let all = vec![Rc::clone(inner).value()];
        exception.props.push(("InnerExceptions", Value::from(all)));
        exception.inner = Some(Rc::clone(inner));
        exception
    }

    fn status(&self) -> Value {
        let status = if self.done.is_ok() { 5 } else { 7 };
        EnumValue::builtin("System.Threading.Tasks.TaskStatus", status)
    }
}

fn thrown(exception: Exception) -> Ctl {
    let name = exception.type_name.rsplit('.').next().unwrap_or_default();
    let id = name.to_owned();
    let mut record = ErrorRecord::new(exception, &id, "NotSpecified");
    record.is_raw = true;
    Ctl::Throw(Rc::new(record))
}

impl Net for Task {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Threading.Tasks.Task"
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match (name, &self.done) {
            ("result", Ok(value)) => value.clone(),
            ("iscompleted", _) => Value::Bool(true),
            ("iscompletedsuccessfully", done) => Value::Bool(done.is_ok()),
            ("isfaulted", done) => Value::Bool(done.is_err()),
            ("iscanceled", _) => Value::Bool(false),
            ("status", _) => self.status(),
            ("exception", Ok(_)) => Value::Null,
            ("exception", Err(inner)) => Rc::new(Self::aggregate(inner)).value(),
            ("asyncwaithandle", _) => Value::net(Done(WAIT_HANDLE, Ok(Value::Nothing))),
            _ => return None,
        })
    }

    fn thrown_by(&self, name: &str) -> Option<Exception> {
        let inner = self.done.as_ref().err()?;
        (name == "result").then(|| Self::aggregate(inner))
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args) {
            ("wait", [] | [_]) => match &self.done {
                Ok(_) if args.is_empty() => Ok(Value::Nothing),
                Ok(_) => Ok(Value::Bool(true)),
                Err(inner) => Err(thrown(Self::aggregate(inner))),
            },
            ("getawaiter", []) => Ok(Value::net(Done(AWAITER, self.done.clone()))),
            ("configureawait", [_]) => Ok(Value::Net(self)),
            ("dispose", []) => Ok(Value::Nothing),
            _ => return None,
        })
    }

    fn properties(&self) -> Vec<String> {
        ["Result", "Status", "IsCompleted", "IsFaulted", "Exception"]
            .map(String::from)
            .to_vec()
    }
}

/// What is waited for, which is there already.
struct Done(&'static str, Result<Value, Rc<Exception>>);

impl Net for Done {
    net_any!();

    fn type_name(&self) -> &str {
        self.0
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "iscompleted" && self.0 == AWAITER).then_some(Value::Bool(true))
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        Some(match (name, args, &self.1) {
            ("getresult", [], Ok(value)) if self.0 == AWAITER => Ok(value.clone()),
            // Without the collection around it.
            ("getresult", [], Err(inner)) if self.0 == AWAITER => {
                let mut copy = Exception::new(&inner.type_name, inner.message.as_str());
                copy.props.clone_from(&inner.props);
                copy.inner.clone_from(&inner.inner);
                Err(thrown(copy))
            }
            ("waitone", [] | [_], _) if self.0 == WAIT_HANDLE => Ok(Value::Bool(true)),
            ("close" | "dispose", [], _) if self.0 == WAIT_HANDLE => Ok(Value::Nothing),
            _ => return None,
        })
    }
}
