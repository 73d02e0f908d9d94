//! Delegates: `[Predicate[int]]{ … }`, `[Func[int, string]]{ … }`, `[Comparison[object]]{ … }`.
//!
//! Each is a script block with what it returns; a method that asks for one takes a bare block as well. The block has
//! `$args` or its parameters, `$_` isn't set for it (ScriptBlock.CreateDelegate). Handlers of events aren't there.

use std::rc::Rc;

use super::{TypeInfo, TypeRef};
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Script, Value, no_cast};

pub const PREDICATE: TypeInfo = TypeInfo::named("System.Predicate", &[]);
pub const COMPARISON: TypeInfo = TypeInfo::named("System.Comparison", &[]);
pub const CONVERTER: TypeInfo = TypeInfo::named("System.Converter", &[]);
pub const FUNC: TypeInfo = TypeInfo::named("System.Func", &[]);
pub const ACTION: TypeInfo = TypeInfo {
    convert: Some(|value| match block_of(value) {
        Some(block) => Ok(Value::net(Delegate {
            type_name: "System.Action".to_owned(),
            block,
            returned: None,
        })),
        None => Err(no_cast(value, "System.Action")),
    }),
    ..TypeInfo::named("System.Action", &[])
};

pub struct Delegate {
    type_name: String,
    block: Rc<Script>,
    /// `None` where it returns nothing.
    returned: Option<TypeRef>,
}

/// `value` as the generic delegate; `None` if the type isn't one or the value no block.
pub fn generic(info: &'static TypeInfo, of: &[TypeRef], value: &Value) -> Option<Value> {
    let returned = match info.name {
        "System.Predicate" => Some(TypeRef::named("bool")),
        "System.Comparison" => Some(TypeRef::named("int")),
        "System.Converter" | "System.Func" => Some(of.last()?.clone()),
        "System.Action" => None,
        _ => return None,
    };
    Some(Value::net(Delegate {
        type_name: TypeRef::Generic(info, Rc::from(of)).full_name(),
        block: block_of(value)?,
        returned,
    }))
}

/// The block that a value is, as it stands or as a delegate.
pub fn block_of(value: &Value) -> Option<Rc<Script>> {
    match value {
        Value::Script(block) => Some(Rc::clone(block)),
        other => other
            .downcast::<Delegate>()
            .map(|delegate| Rc::clone(&delegate.block)),
    }
}

/// What a delegate says that it returns; a bare block says nothing.
pub fn returned(value: &Value) -> Option<TypeRef> {
    value.downcast::<Delegate>()?.returned.clone()
}

impl Net for Delegate {
    net_any!();

    fn type_name(&self) -> &str {
        &self.type_name
    }

    fn call(self: Rc<Self>, engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        if name != "invoke" {
            return None;
        }
        let result = engine.call_script(&self.block, args.to_vec(), None);
        Some(result.and_then(|value| match &self.returned {
            Some(of) => engine.cast(&value, of),
            None => Ok(Value::Nothing),
        }))
    }
}
