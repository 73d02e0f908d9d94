//! .NET's collections: which there are and how they are created.

use std::rc::Rc;

use super::{TypeInfo, TypeRef};
use crate::eval::Engine;
use crate::eval::method::no_overload;
use crate::value::{Hash, HashKind, List, ListKind, R, Value};

pub const ARRAY_LIST: TypeInfo = TypeInfo {
    create: Some(|_, args| Some(Ok(list(ListKind::ArrayList, args)))),
    ..TypeInfo::named("System.Collections.ArrayList", &[])
};
pub const LIST: TypeInfo = TypeInfo::named("System.Collections.Generic.List", &[]);
pub const COLLECTION: TypeInfo = TypeInfo::named("System.Collections.ObjectModel.Collection", &[]);
pub const HASH_SET: TypeInfo = TypeInfo::named("System.Collections.Generic.HashSet", &[]);
pub const SORTED_SET: TypeInfo = TypeInfo::named("System.Collections.Generic.SortedSet", &[]);
pub const QUEUE: TypeInfo = TypeInfo::named("System.Collections.Generic.Queue", &[]);
pub const STACK: TypeInfo = TypeInfo::named("System.Collections.Generic.Stack", &[]);
pub const DICTIONARY: TypeInfo = TypeInfo::named("System.Collections.Generic.Dictionary", &[]);
pub const SORTED_DICTIONARY: TypeInfo = TypeInfo::named(
    "System.Collections.Generic.SortedDictionary",
    &["System.Collections.Generic.SortedList"],
);
pub const PLAIN_QUEUE: TypeInfo = TypeInfo {
    create: Some(|_, args| Some(Ok(list(ListKind::PlainQueue, args)))),
    ..TypeInfo::named("System.Collections.Queue", &[])
};
pub const PLAIN_STACK: TypeInfo = TypeInfo {
    create: Some(|_, args| Some(Ok(list(ListKind::PlainStack, args)))),
    ..TypeInfo::named("System.Collections.Stack", &[])
};
pub const IENUMERABLE: TypeInfo = TypeInfo::named(
    "System.Collections.IEnumerable",
    &["System.Collections.Generic.IEnumerable"],
);
pub const ILIST: TypeInfo = TypeInfo::named(
    "System.Collections.IList",
    &["System.Collections.Generic.IList"],
);
pub const IDICTIONARY: TypeInfo = TypeInfo::named(
    "System.Collections.IDictionary",
    &["System.Collections.Generic.IDictionary"],
);
pub const ICOLLECTION: TypeInfo = TypeInfo::named("System.Collections.ICollection", &[]);
pub const ICOMPARABLE: TypeInfo = TypeInfo::named("System.IComparable", &[]);
pub const IDISPOSABLE: TypeInfo = TypeInfo::named("System.IDisposable", &[]);
pub const IEQUATABLE: TypeInfo = TypeInfo::named("System.IEquatable", &[]);
pub const IFORMATTABLE: TypeInfo = TypeInfo::named("System.IFormattable", &[]);
pub const IFORMAT_PROVIDER: TypeInfo = TypeInfo::named("System.IFormatProvider", &[]);
/// What `[ValidateSet([Class])]` asks for the values of the set.
pub const IVALIDATE_SET_VALUES: TypeInfo = TypeInfo::named(
    "System.Management.Automation.IValidateSetValuesGenerator",
    &["IValidateSetValuesGenerator"],
);
pub const STRING_COMPARER: TypeInfo = TypeInfo {
    statics: &[
        "CurrentCulture",
        "CurrentCultureIgnoreCase",
        "InvariantCulture",
        "InvariantCultureIgnoreCase",
        "Ordinal",
        "OrdinalIgnoreCase",
    ],
    get: Some(comparer),
    ..TypeInfo::named("System.StringComparer", &[])
};

fn comparer(name: &str) -> Option<Value> {
    match name {
        "ordinalignorecase"
        | "ordinal"
        | "invariantcultureignorecase"
        | "currentcultureignorecase"
        | "currentculture"
        | "invariantculture" => Some(super::record::named_object("System.StringComparer", name)),
        _ => None,
    }
}

pub fn ignores_case(args: &[Value]) -> bool {
    args.iter().any(|arg| {
        arg.downcast::<super::record::Named>()
            .is_some_and(|named| named.name.ends_with("ignorecase"))
    })
}

fn list(kind: ListKind, args: &[Value]) -> Value {
    let items = args
        .iter()
        .find(|arg| arg.is_enumerated())
        .map(Value::to_items)
        .unwrap_or_default();
    let made = List::new(kind, items);
    if made.is_stack() {
        made.change().reverse();
    }
    Value::List(Rc::new(made))
}

pub fn create_generic(
    engine: &mut Engine,
    info: &'static TypeInfo,
    of: &[TypeRef],
    args: &[Value],
) -> Option<R<Value>> {
    let first = of.first()?.clone();
    let has_comparer = matches!(
        info.name.rsplit('.').next(),
        Some("HashSet" | "Dictionary" | "SortedDictionary")
    );
    if args.len() > 1 + usize::from(has_comparer) {
        return Some(Err(no_overload("new", args.len())));
    }
    let kind = match info.name {
        "System.Collections.Generic.List" => ListKind::List(first.clone()),
        "System.Collections.ObjectModel.Collection" => ListKind::Collection(first.clone()),
        "System.Collections.Generic.HashSet" => ListKind::HashSet(first.clone()),
        "System.Collections.Generic.SortedSet" => ListKind::SortedSet(first.clone()),
        "System.Collections.Generic.Queue" => ListKind::Queue(first.clone()),
        "System.Collections.Generic.Stack" => ListKind::Stack(first.clone()),
        "System.Collections.Generic.Dictionary" => {
            return Some(dictionary(
                engine,
                HashKind::Dictionary(first, of.get(1)?.clone()),
                args,
            ));
        }
        "System.Collections.Generic.SortedDictionary" => {
            return Some(dictionary(
                engine,
                HashKind::Sorted(first, of.get(1)?.clone()),
                args,
            ));
        }
        _ => return None,
    };
    let mut made = List::new(kind, Vec::new());
    made.ignores_case = ignores_case(args);
    let items = args.iter().find_map(|arg| match arg {
        Value::Int(_) => None,
        other if other.downcast::<super::record::Named>().is_some() => None,
        other => Some(other.to_items()),
    });
    for item in items.unwrap_or_default() {
        let item = match engine.cast(&item, &first) {
            Ok(item) => item,
            Err(ctl) => return Some(Err(ctl)),
        };
        match made.is_stack() {
            true => made.change().insert(0, item),
            false => made.change().push(item),
        }
    }
    if !made.is_set() {
        return Some(Ok(Value::List(Rc::new(made))));
    }
    let items = made.change().split_off(0);
    let made = Rc::new(made);
    let all = Value::from(items);
    let filled = super::set_methods::call(engine, &made, "unionwith", &[all])?;
    Some(filled.map(|_| Value::List(made)))
}

fn dictionary(engine: &mut Engine, kind: HashKind, args: &[Value]) -> R<Value> {
    let is_ordinal = |arg: &Value| {
        arg.downcast::<super::record::Named>()
            .is_some_and(|named| named.name.starts_with("ordinal"))
    };
    let mut hash = Hash::new(kind);
    hash.minds_case = !ignores_case(args);
    hash.is_ordinal = args.iter().any(is_ordinal);
    let made = Value::Hash(Rc::new(hash));
    if let Some(Value::Hash(from)) = args.iter().find(|arg| matches!(arg, Value::Hash(_))) {
        for (key, value) in from.entries() {
            engine.set_index(&made, &key, value)?;
        }
    }
    Ok(made)
}

pub fn type_of_list(list: &List) -> TypeRef {
    match &list.kind {
        ListKind::ArrayList => TypeRef::Known(&ARRAY_LIST),
        ListKind::List(of) => TypeRef::Generic(&LIST, Rc::from(vec![of.clone()])),
        ListKind::Collection(of) => TypeRef::Generic(&COLLECTION, Rc::from(vec![of.clone()])),
        ListKind::PlainQueue => TypeRef::Known(&PLAIN_QUEUE),
        ListKind::PlainStack => TypeRef::Known(&PLAIN_STACK),
        ListKind::HashSet(of) => TypeRef::Generic(&HASH_SET, Rc::from(vec![of.clone()])),
        ListKind::SortedSet(of) => TypeRef::Generic(&SORTED_SET, Rc::from(vec![of.clone()])),
        ListKind::Queue(of) => TypeRef::Generic(&QUEUE, Rc::from(vec![of.clone()])),
        ListKind::Stack(of) => TypeRef::Generic(&STACK, Rc::from(vec![of.clone()])),
    }
}

pub fn type_of_hash(hash: &Hash) -> TypeRef {
    match &hash.kind {
        HashKind::Table => TypeRef::Known(&super::object_class::HASHTABLE),
        HashKind::Json => TypeRef::Known(&super::object_class::ORDERED_HASHTABLE),
        HashKind::Ordered => TypeRef::Known(&super::object_class::ORDERED),
        HashKind::Parameters => TypeRef::Generic(
            &DICTIONARY,
            Rc::from(vec![TypeRef::named("string"), TypeRef::named("string")]),
        ),
        HashKind::Dictionary(key, value) => {
            TypeRef::Generic(&DICTIONARY, Rc::from(vec![key.clone(), value.clone()]))
        }
        HashKind::Sorted(key, value) => TypeRef::Generic(
            &SORTED_DICTIONARY,
            Rc::from(vec![key.clone(), value.clone()]),
        ),
    }
}
