//! `[Activator]`: objects of a type that is known only while running.

use super::{TypeInfo, TypeRef};
use crate::eval::Engine;
use crate::value::{R, Value};

pub const INFO: TypeInfo = TypeInfo {
    statics: &["CreateInstance"],
    call: Some(call),
    ..TypeInfo::named("System.Activator", &["activator"])
};

fn call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    match (name, args) {
        ("createinstance", [Value::Type(of), rest @ ..]) => {
            // The arguments may come as one array; for an array's length that is no difference.
            let args = match (of, rest) {
                (TypeRef::Array(_), rest) => rest.to_vec(),
                (_, [Value::Array(all)]) => all.items.borrow().clone(),
                (_, rest) => rest.to_vec(),
            };
            Some(engine.create(of, args))
        }
        _ => None,
    }
}
