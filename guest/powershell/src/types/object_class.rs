//! Types that have little of their own: object, void, script blocks, hash tables; and casts to any type.

use std::rc::Rc;

use super::{TypeInfo, TypeRef, collections, enumeration, resolve, switch};
use crate::check::Loaded;
use crate::eval::Engine;
use crate::eval::class::Class;
use crate::parse::ast::TypeName;
use crate::value::{Array, Ctl, Hash, HashKind, Object, R, Script, Value, fail, no_cast};

/// `[nullable[int]]`: null, or what its argument takes.
pub const NULLABLE: TypeInfo = TypeInfo::named("System.Nullable", &[]);

pub const OBJECT: TypeInfo = TypeInfo {
    statics: &["ReferenceEquals", "Equals"],
    create: Some(create_object),
    call: Some(object_call),
    ..TypeInfo::named("System.Object", &["object"])
};
/// What `Select-String` and `Group-Object` put out, for parameters and `-is`.
pub const MATCH_INFO: TypeInfo = TypeInfo::named("Microsoft.PowerShell.Commands.MatchInfo", &[]);
pub const GROUP_INFO: TypeInfo = TypeInfo::named("Microsoft.PowerShell.Commands.GroupInfo", &[]);
/// What `Get-Variable` puts out.
pub const PS_VARIABLE: TypeInfo =
    TypeInfo::named("System.Management.Automation.PSVariable", &["psvariable"]);
pub const CMDLET_INFO: TypeInfo = TypeInfo::named("System.Management.Automation.CmdletInfo", &[]);
pub const FUNCTION_INFO: TypeInfo =
    TypeInfo::named("System.Management.Automation.FunctionInfo", &[]);
pub const ALIAS_INFO: TypeInfo = TypeInfo::named("System.Management.Automation.AliasInfo", &[]);
pub const VALUE_TYPE: TypeInfo = TypeInfo::named("System.ValueType", &["valuetype"]);
pub const VOID: TypeInfo = TypeInfo::named("System.Void", &["void"]);
pub const CUSTOM: TypeInfo = TypeInfo {
    create: Some(create_object),
    ..TypeInfo::named(
        "System.Management.Automation.PSCustomObject",
        &[
            "pscustomobject",
            "psobject",
            "System.Management.Automation.PSObject",
        ],
    )
};
pub const SCRIPT_BLOCK: TypeInfo = TypeInfo {
    statics: &["Create"],
    call: Some(script_call),
    ..TypeInfo::named("System.Management.Automation.ScriptBlock", &["scriptblock"])
};
pub const TYPE: TypeInfo = TypeInfo::named("System.Type", &["type", "System.RuntimeType"]);
pub const HASHTABLE: TypeInfo = TypeInfo {
    create: Some(create_hash),
    bases: &[
        "System.Collections.IDictionary",
        "System.Collections.IEnumerable",
        "System.Collections.ICollection",
    ],
    ..TypeInfo::named("System.Collections.Hashtable", &["hashtable"])
};
/// What `ConvertFrom-Json -AsHashtable` puts out.
pub const ORDERED_HASHTABLE: TypeInfo = TypeInfo {
    bases: &["System.Collections.Hashtable"],
    ..TypeInfo::named("System.Management.Automation.OrderedHashtable", &[])
};
pub const ORDERED: TypeInfo = TypeInfo {
    create: Some(create_ordered),
    ..TypeInfo::named(
        "System.Collections.Specialized.OrderedDictionary",
        &["ordered"],
    )
};
pub const ENUM: TypeInfo = TypeInfo {
    statics: &[
        "GetNames",
        "GetValues",
        "Parse",
        "IsDefined",
        "GetName",
        "GetUnderlyingType",
        "GetValuesAsUnderlyingType",
        "Format",
        "TryParse",
    ],
    call: Some(enum_call),
    ..TypeInfo::named("System.Enum", &["enum"])
};

/// `[object]::ReferenceEquals(a, b)`: strings are the same object if they are one value here; numbers never are.
fn object_call(_: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let [left, right] = args else { return None };
    let claim = match (name, left, right) {
        (_, Value::Null, _) | (_, _, Value::Null) => left.is_null() && right.is_null(),
        ("referenceequals", Value::Str(a), Value::Str(b)) => Rc::ptr_eq(a, b),
        ("referenceequals", Value::Type(a), Value::Type(b)) => a == b,
        ("referenceequals", ..) => left.is_same(right),
        ("equals", ..) => {
            left.type_name() == right.type_name() && crate::value::equal(left, right, true)
        }
        _ => return None,
    };
    Some(Ok(Value::Bool(claim)))
}

/// `[Enum]::Parse([Color], 'Red')`: the type comes as the first argument.
fn enum_call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    let (of, rest) = args.split_first()?;
    let of = match of {
        Value::Type(of) => of.clone(),
        other => match engine.type_by_name(&other.text()) {
            Ok(of) => of,
            Err(ctl) => return Some(Err(ctl)),
        },
    };
    match &of {
        TypeRef::Enum(of) => enumeration::static_call(of, name, rest),
        _ => None,
    }
}

pub const DICTIONARY_ENTRY: TypeInfo = TypeInfo::named("System.Collections.DictionaryEntry", &[]);

fn create_object(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    match args {
        [] => Some(Ok(Value::Object(Rc::new(Object::custom())))),
        [one] => Some(Ok(one.clone())),
        _ => None,
    }
}

/// What isn't made by `@{ }` minds the case of its keys, unless it is told otherwise.
fn create_hash(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    let hash = Hash::new(HashKind::Table).minding_case(!collections::ignores_case(args));
    if let Some(Value::Hash(from)) = args.first() {
        for (key, value) in from.entries() {
            hash.insert(key, value);
        }
    }
    Some(Ok(Value::Hash(Rc::new(hash))))
}

fn create_ordered(_: &mut Engine, args: &[Value]) -> Option<R<Value>> {
    let hash = Hash::new(HashKind::Ordered).minding_case(!collections::ignores_case(args));
    Some(Ok(Value::Hash(Rc::new(hash))))
}

fn script_call(engine: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    match (name, args) {
        ("create", [text]) => Some(engine.compile(&text.text())),
        _ => None,
    }
}

/// Whether a constructor wants the table itself: then `[Name]@{ … }` is a call of it.
fn takes_table(class: &Class) -> bool {
    let is_table = |name: &TypeName| {
        let name = name.name.to_ascii_lowercase();
        name.ends_with("hashtable") || name.ends_with("dictionary")
    };
    class.def.methods.iter().any(|method| {
        let params = &method.body.params;
        method.is_constructor && params.len() == 1 && params[0].types.iter().any(is_table)
    })
}

/// A property in `[Name]@{ … }` that can't be set.
fn not_created(ctl: Ctl, class: &str) -> Ctl {
    match ctl {
        Ctl::Throw(record) => fail(
            "System.Management.Automation.PSInvalidCastException",
            "ObjectCreationError",
            format!(
                "Cannot create object of type \"{class}\". {}",
                record.exception.message
            ),
        ),
        other => other,
    }
}

impl Engine {
    /// A script block out of text.
    pub fn compile(&mut self, text: &str) -> R<Value> {
        let body = self.load("", text.to_owned(), Loaded::Library)?;
        Ok(Value::Script(Rc::new(Script::new(body))))
    }

    /// `[of]value`
    pub fn cast(&mut self, value: &Value, of: &TypeRef) -> R<Value> {
        if let TypeRef::Generic(info, args) = of
            && info.name == NULLABLE.name
        {
            return match (value, args.first()) {
                (Value::Null | Value::Nothing, _) | (_, None) => Ok(Value::Null),
                (value, Some(of)) => self.cast(value, of),
            };
        }
        let value = &match value {
            Value::Nothing => Value::Null,
            other => other.clone(),
        };
        match of {
            TypeRef::Known(info) => match info.name {
                "System.Int32" if matches!(value, Value::Int(_)) => Ok(value.clone()),
                "System.String" => match value {
                    Value::Str(_) => Ok(value.clone()),
                    Value::Null => Ok(Value::from("")),
                    other => self.text(other).map(Value::from),
                },
                "System.Object" => Ok(value.clone()),
                "System.Void" => Ok(Value::Nothing),
                "System.Management.Automation.SwitchParameter" => {
                    Ok(switch::value(crate::value::to_bool(value)))
                }
                "System.Management.Automation.PSCustomObject" => Ok(custom(value)),
                "System.Management.Automation.ScriptBlock" => match value {
                    Value::Script(_) | Value::Null => Ok(value.clone()),
                    other => Err(no_cast(other, info.name)),
                },
                "System.Type" => match value {
                    Value::Type(_) | Value::Null => Ok(value.clone()),
                    other => self.type_by_name(&other.text()).map(Value::Type),
                },
                "System.Collections.Hashtable" => match value {
                    Value::Hash(hash) if !hash.is_table() => Ok(table_of(hash)),
                    Value::Hash(_) | Value::Null => Ok(value.clone()),
                    other => Err(no_cast(other, info.name)),
                },
                "System.Collections.IDictionary" => match value {
                    Value::Hash(_) | Value::Null => Ok(value.clone()),
                    other => Err(no_cast(other, info.name)),
                },
                "System.Array" => Ok(self.array_of(value, None)),
                "System.Collections.ArrayList" => match value {
                    Value::Null => Ok(Value::Null),
                    // ArrayList(ICollection): a table is a collection of entries.
                    Value::Hash(hash) => Ok(Self::list_of(super::hash_methods::entries(hash))),
                    other => Ok(Self::list_of(other.to_items())),
                },
                "System.Collections.Queue" | "System.Collections.Stack"
                    if value.is_collection() && value.type_name() != info.name =>
                {
                    self.create(of, vec![value.clone()])
                }
                _ => self.convert_known(value, of, info),
            },
            TypeRef::Array(inner) => {
                if value.is_null() {
                    return Ok(Value::Null);
                }
                if resolve::is_object(inner) {
                    return Ok(self.array_of(value, None));
                }
                if let (Value::Str(text), "System.Char") = (value, inner.full_name().as_str()) {
                    let chars = text.chars().map(Value::Char).collect();
                    return Ok(Value::Array(Rc::new(Array::typed(
                        chars,
                        (**inner).clone(),
                    ))));
                }
                let items = match value.enumerate() {
                    Some(items) => items,
                    None => vec![value.clone()],
                };
                let mut cast = Vec::with_capacity(items.len());
                for item in &items {
                    cast.push(self.cast(item, inner)?);
                }
                Ok(Value::Array(Rc::new(Array::typed(cast, (**inner).clone()))))
            }
            TypeRef::Grid(..) => match value.is_null() || self.is_a(value, of) {
                true => Ok(value.clone()),
                false => Err(no_cast(value, &of.full_name())),
            },
            TypeRef::Generic(info, args) => {
                if value.is_null() || self.is_a(value, of) {
                    return Ok(value.clone());
                }
                // What already is one item stays whole: an int[] is one of a List[int[]] (ConvertViaIEnumerableConstructor).
                let is_item = matches!(value, Value::Array(_))
                    && args.len() == 1
                    && !resolve::is_object(&args[0])
                    && self.is_a(value, &args[0]);
                let items = match is_item {
                    true => Value::from(vec![value.clone()]),
                    false => Value::from(value.to_items()),
                };
                if let Some(delegate) = super::delegate::generic(info, args, value) {
                    return Ok(delegate);
                }
                match collections::create_generic(self, info, args, &[items]) {
                    Some(result) => result,
                    None => Err(no_cast(value, &of.full_name())),
                }
            }
            TypeRef::Enum(of) => enumeration::EnumValue::convert(of, value),
            TypeRef::Class(class) => {
                if value.is_null() || self.is_a(value, of) {
                    return Ok(value.clone());
                }
                if let Value::Hash(hash) = value
                    && !takes_table(class)
                {
                    let created = self.instantiate(&Rc::clone(class), Vec::new());
                    let instance = created.map_err(|ctl| match ctl {
                        Ctl::Throw(record) if record.id == "MethodCountCouldNotFindBest" => {
                            no_cast(value, &class.name)
                        }
                        other => other,
                    })?;
                    for (key, value) in hash.entries() {
                        self.set_member(&instance, &key.text(), value, false)
                            .map_err(|ctl| not_created(ctl, &class.name))?;
                    }
                    return Ok(instance);
                }
                self.instantiate(&Rc::clone(class), vec![value.clone()])
                    .map_err(|_| no_cast(value, &class.name))
            }
            TypeRef::Output(name) => Err(no_cast(value, name)),
            TypeRef::Exception(name) => {
                if value.is_null() || self.is_a(value, of) {
                    return Ok(value.clone());
                }
                super::exception::create(name, &[Value::from(self.text(value)?)])
            }
        }
    }

    fn convert_known(&mut self, value: &Value, of: &TypeRef, info: &'static TypeInfo) -> R<Value> {
        if self.is_a(value, of) {
            return Ok(value.clone());
        }
        // Null is one of every class (`LanguagePrimitives.ConvertNullToRef`).
        if value.is_null() && !of.is_value() {
            return Ok(Value::Null);
        }
        // A collection of one converts as its item where a single value is asked for.
        if let Some(convert) = info.convert {
            return convert(value);
        }
        if let Some(create) = info.create {
            let args = match value {
                Value::Array(items) => items.items.borrow().clone(),
                other => vec![other.clone()],
            };
            if let Some(result) = create(self, &args) {
                return result;
            }
        }
        Err(no_cast(value, info.name))
    }

    fn array_of(&mut self, value: &Value, _: Option<()>) -> Value {
        match value {
            Value::Null | Value::Array(_) => value.clone(),
            other => match other.enumerate() {
                Some(items) => Value::from(items),
                None => Value::from(vec![other.clone()]),
            },
        }
    }

    /// `value -is [of]`
    pub fn is_a(&mut self, value: &Value, of: &TypeRef) -> bool {
        if value.is_null() {
            return false;
        }
        if resolve::is_object(of) {
            return true;
        }
        let wanted = of.full_name();
        if let Value::Object(object) = value {
            if let Some(class) = &object.class {
                return class.is_or_derives(&wanted);
            }
            return object
                .type_names
                .borrow()
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&wanted));
        }
        let own = value.type_name();
        if own.eq_ignore_ascii_case(&wanted) {
            return true;
        }
        let is_like = |name: &str| name.eq_ignore_ascii_case(&wanted);
        match value {
            Value::Net(object) => object.bases().iter().any(|base| is_like(base)),
            Value::Array(_) => {
                is_like("System.Array")
                    || is_like("System.Collections.IEnumerable")
                    || is_like("System.Collections.IList")
                    || is_like("System.Collections.ICollection")
            }
            Value::List(list) => {
                is_like("System.Collections.IEnumerable")
                    || is_like("System.Collections.IList")
                    || is_like("System.Collections.ICollection")
                    || matches!((list.kind.of(), of), (Some(a), TypeRef::Generic(info, args))
                        if own.starts_with(info.name) && args.first() == Some(a))
            }
            Value::Hash(hash) => {
                is_like("System.Collections.IDictionary")
                    || is_like("System.Collections.IEnumerable")
                    || is_like("System.Collections.ICollection")
                    || matches!(hash.kind, HashKind::Json)
                        && is_like("System.Collections.Hashtable")
                    || matches!((&hash.kind, of), (HashKind::Dictionary(..) | HashKind::Sorted(..), TypeRef::Generic(info, _)) if own.starts_with(info.name))
            }
            Value::Type(_) => is_like("System.Type"),
            Value::Str(_) => {
                is_like("System.Collections.IEnumerable") || is_like("System.IComparable")
            }
            _ => is_like("System.ValueType") || is_like("System.IComparable"),
        }
    }
}

/// `[hashtable]$ordered`: a table of its own with the same entries.
fn table_of(hash: &Hash) -> Value {
    let table = Hash::new(HashKind::Table);
    for (key, value) in hash.entries() {
        table.insert(key, value);
    }
    Value::Hash(Rc::new(table))
}

/// `[pscustomobject]$hash`
fn custom(value: &Value) -> Value {
    match value {
        Value::Hash(hash) => {
            let object = Object::custom();
            for (key, value) in hash.entries() {
                object.put_entry(&key.text(), value);
            }
            Value::Object(Rc::new(object))
        }
        other => other.clone(),
    }
}
