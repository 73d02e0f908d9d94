//! PowerShell's values.
//!
//! Plain values are held directly; what has identity in .NET (arrays, tables, objects) is shared by [`Rc`], so that
//! assigning it shares it, as scripts expect. Everything else of .NET is a [`Net`] object, one type a file in
//! [`crate::types`].

mod compare;
mod convert;
mod error;
mod hash;
mod list;
mod net;
mod number;
mod object;
mod sort;
mod sym;
mod text;
mod watch;

use std::rc::Rc;

use rust_decimal::Decimal;

pub use compare::{compare, equal, fold};
pub use convert::{to_bool, to_char, to_decimal, to_double, to_int, to_long, to_number};
pub use error::{
    Binding, Ctl, ErrorRecord, Exception, Position, R, Refusal, argument_error, fail, fail_binding,
    method_error, out_of_method, refuse,
};
pub use hash::{Hash, HashKey, HashKind};
pub use list::{Array, BEYOND, List, ListKind, place_of};
pub use net::Net;
pub use number::double_text;
pub use object::{Added, Object, Prop, PropKind};
pub use sort::{introsorted, sort, sorted};
pub use sym::{Sym, intern, intern_exactly};
pub use watch::{Changes, MODIFIED, Walk, Watch};

pub use crate::eval::closure::Script;
pub use crate::types::TypeRef;

/// One value.
#[derive(Clone, Default)]
pub enum Value {
    #[default]
    Null,
    /// What a command without output leaves: null as an operand, nothing in a pipeline.
    Nothing,
    Bool(bool),
    Char(char),
    Int(i32),
    Long(i64),
    Double(f64),
    Num(Num),
    Str(Rc<str>),
    Array(Rc<Array>),
    List(Rc<List>),
    Hash(Rc<Hash>),
    Object(Rc<Object>),
    Script(Rc<Script>),
    Type(TypeRef),
    Net(Rc<dyn Net>),
}

/// The numbers that scripts meet less often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Num {
    Byte(u8),
    SByte(i8),
    Short(i16),
    UShort(u16),
    UInt(u32),
    ULong(u64),
    Float(f32),
    Decimal(Decimal),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}({})", self.type_name(), self.text())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(Rc::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(Rc::from(text))
    }
}

impl From<bool> for Value {
    fn from(claim: bool) -> Self {
        Self::Bool(claim)
    }
}

impl From<i32> for Value {
    fn from(n: i32) -> Self {
        Self::Int(n)
    }
}

impl From<i64> for Value {
    fn from(n: i64) -> Self {
        Self::Long(n)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Self::Double(n)
    }
}

impl From<usize> for Value {
    /// .NET counts with Int32.
    fn from(n: usize) -> Self {
        i32::try_from(n).map_or(Self::Long(n as i64), Self::Int)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::Array(Rc::new(Array::new(items)))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Value {
    pub fn net(object: impl Net + 'static) -> Self {
        Self::Net(Rc::new(object))
    }

    pub fn strings<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Self {
        let items = items
            .into_iter()
            .map(|item| Self::from(item.as_ref()))
            .collect();
        Self::Array(Rc::new(Array::typed(items, TypeRef::named("string"))))
    }

    pub fn bytes(bytes: &[u8]) -> Self {
        let items = bytes
            .iter()
            .map(|byte| Self::Num(Num::Byte(*byte)))
            .collect();
        Self::Array(Rc::new(Array::typed(items, TypeRef::named("byte"))))
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null | Self::Nothing)
    }

    pub fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Int(_) | Self::Long(_) | Self::Double(_) | Self::Num(_)
        )
    }

    /// The object as `T`, if that is what it is.
    pub fn downcast<T: Net + 'static>(&self) -> Option<&T> {
        match self {
            Self::Net(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// The object, shared, as `T`.
    pub fn downcast_rc<T: Net + 'static>(&self) -> Option<Rc<T>> {
        match self {
            Self::Net(object) if object.as_any().is::<T>() => {
                let any: Rc<dyn std::any::Any> = Rc::clone(object).into_any();
                any.downcast().ok()
            }
            _ => None,
        }
    }

    /// What a pipeline makes of it: `None` if it is one item.
    pub fn enumerate(&self) -> Option<Vec<Value>> {
        match self {
            Self::Nothing => Some(Vec::new()),
            Self::Array(array) => Some(array.items.borrow().clone()),
            Self::List(list) => Some(list.items.borrow().clone()),
            Self::Net(object) => object.items(),
            _ => None,
        }
    }

    /// What tells whether the collection was changed since; `None` of one that isn't, or can't be.
    pub fn watch(&self) -> Option<Watch> {
        match self {
            Self::List(list) => Some(list.changes.watch()),
            Self::Net(object) => object.watch(),
            _ => None,
        }
    }

    /// The items as a pipeline goes through them: `None` if it is one item.
    pub fn walk(&self) -> Option<Walk> {
        Some(Walk::new(self.enumerate()?, self.watch()))
    }

    /// Whether a pipeline enumerates it.
    pub fn is_enumerated(&self) -> bool {
        match self {
            Self::Nothing | Self::Array(_) | Self::List(_) => true,
            Self::Net(object) => object.is_enumerated(),
            _ => false,
        }
    }

    /// Whether operators and formats go into its items.
    pub fn is_collection(&self) -> bool {
        match self {
            Self::Array(_) | Self::List(_) => true,
            Self::Net(object) => object.is_collection(),
            _ => false,
        }
    }

    /// All items: of a collection its own, nothing for null, else the value itself.
    pub fn to_items(&self) -> Vec<Value> {
        match self.enumerate() {
            Some(items) => items,
            None if self.is_null() => Vec::new(),
            None => vec![self.clone()],
        }
    }

    /// What a pipeline's output is as one value.
    pub fn collapse(mut items: Vec<Value>) -> Self {
        match items.len() {
            0 => Self::Nothing,
            1 => items.remove(0),
            _ => Self::from(items),
        }
    }

    /// The .NET name of the value's type; empty for null.
    pub fn type_name(&self) -> String {
        match self {
            Self::Null | Self::Nothing => String::new(),
            Self::Bool(_) => "System.Boolean".into(),
            Self::Char(_) => "System.Char".into(),
            Self::Int(_) => "System.Int32".into(),
            Self::Long(_) => "System.Int64".into(),
            Self::Double(_) => "System.Double".into(),
            Self::Num(num) => num.type_name().into(),
            Self::Str(_) => "System.String".into(),
            Self::Array(array) => array.type_name(),
            Self::List(list) => list.type_name(),
            Self::Hash(hash) => hash.type_name(),
            Self::Object(object) => object.type_name(),
            Self::Script(_) => "System.Management.Automation.ScriptBlock".into(),
            Self::Type(_) => "System.RuntimeType".into(),
            Self::Net(object) => object.type_name().to_owned(),
        }
    }

    /// Whether both are the same object.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Array(a), Self::Array(b)) => Rc::ptr_eq(a, b),
            (Self::List(a), Self::List(b)) => Rc::ptr_eq(a, b),
            (Self::Hash(a), Self::Hash(b)) => Rc::ptr_eq(a, b),
            (Self::Object(a), Self::Object(b)) => Rc::ptr_eq(a, b),
            (Self::Script(a), Self::Script(b)) => Rc::ptr_eq(a, b),
            (Self::Net(a), Self::Net(b)) => std::ptr::addr_eq(Rc::as_ptr(a), Rc::as_ptr(b)),
            _ => false,
        }
    }
}

impl Num {
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Byte(_) => "System.Byte",
            Self::SByte(_) => "System.SByte",
            Self::Short(_) => "System.Int16",
            Self::UShort(_) => "System.UInt16",
            Self::UInt(_) => "System.UInt32",
            Self::ULong(_) => "System.UInt64",
            Self::Float(_) => "System.Single",
            Self::Decimal(_) => "System.Decimal",
        }
    }
}
pub use compare::texts as compare_texts;
pub use convert::{no_cast, num_to_double, out_of_range, to_integer, to_wide};
pub use object::{CUSTOM, is_type_name};
