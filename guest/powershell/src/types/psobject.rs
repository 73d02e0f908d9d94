//! `.PSObject`: an object's properties and methods as objects, and the names of its types.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;

use super::enumeration::EnumValue;
use super::hash_methods;
use crate::net_any;
use crate::value::{Net, Object, PropKind, R, Value};

/// `.PSObject`
pub struct Members {
    of: Value,
    /// What script properties gave when the members were asked for.
    computed: Rc<[(Rc<str>, Value)]>,
}

pub fn members(value: &Value, computed: Vec<(Rc<str>, Value)>) -> Value {
    Value::net(Members {
        of: value.clone(),
        computed: Rc::from(computed),
    })
}

pub fn members_of(value: &Value) -> Option<Value> {
    (!value.is_null()).then(|| members(value, Vec::new()))
}

/// `.PSTypeNames`, `.PSObject.TypeNames`
pub fn type_names(value: &Value) -> Value {
    match value {
        Value::Object(object) => super::type_names::of(object),
        other => Value::strings(super::type_names::chain(other)),
    }
}

/// The kind of a member: `NoteProperty`, `ScriptMethod`.
pub fn member_type(kind: &str) -> Value {
    let of = super::enumeration::builtin("System.Management.Automation.PSMemberTypes");
    let member = of.and_then(|of| EnumValue::convert(&of, &Value::from(kind)).ok());
    member.unwrap_or_else(|| Value::from(kind))
}

/// What a [`Collection`] is of.
trait Kind: Sized + 'static {
    /// In the object's own order.
    fn all(of: &Collection<Self>) -> Vec<Value>;

    fn call(_: &Collection<Self>, _name: &str, _args: &[Value]) -> Option<R<Value>> {
        None
    }
}

/// `.PSObject.Properties` and `.PSObject.Methods`: found by name, without regard to case.
struct Collection<K> {
    of: Value,
    computed: Rc<[(Rc<str>, Value)]>,
    /// Which of them it has, after `Match`.
    pattern: Option<Rc<str>>,
    kind: PhantomData<K>,
}

/// What a table has of .NET's; its keys are none of its properties.
const TABLE_PROPERTIES: [&str; 7] = [
    "IsReadOnly",
    "IsFixedSize",
    "IsSynchronized",
    "Keys",
    "Values",
    "SyncRoot",
    "Count",
];

struct Properties;

struct Methods;

/// One of them: reading and writing goes through to the object.
pub struct Property {
    of: Value,
    name: Rc<str>,
    value: RefCell<Value>,
    kind: &'static str,
}

impl Net for Members {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSObject"
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "properties" | "members" => Some(Value::net(self.collection::<Properties>())),
            "methods" => Some(Value::net(self.collection::<Methods>())),
            "typenames" => Some(type_names(&self.of)),
            "baseobject" | "immediatebaseobject" => Some(self.of.clone()),
            _ => None,
        }
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match (name, args) {
            ("copy", []) => match &self.of {
                Value::Object(object) => {
                    let copy = Object::of_type(&object.type_name());
                    *copy.props.borrow_mut() = object.props.borrow().clone();
                    *copy.type_names.borrow_mut() = object.type_names.borrow().clone();
                    *copy.shown.borrow_mut() = object.shown.borrow().clone();
                    Some(Ok(Value::Object(Rc::new(copy))))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

impl Members {
    fn collection<K>(&self) -> Collection<K> {
        Collection {
            of: self.of.clone(),
            computed: Rc::clone(&self.computed),
            pattern: None,
            kind: PhantomData,
        }
    }
}

impl<K: Kind> Collection<K> {
    fn all(&self) -> Vec<Value> {
        let mut all = K::all(self);
        if let Some(pattern) = &self.pattern {
            let is_like = |name: Rc<str>| crate::eval::pattern::wildcard(pattern, &name, false);
            all.retain(|member| name_of(member).is_some_and(is_like));
        }
        all
    }

    /// Those whose names are wanted.
    fn named(&self, is_wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = Value> {
        let all = self.all().into_iter();
        all.filter(move |member| name_of(member).is_some_and(|name| is_wanted(&name)))
    }
}

/// The name of a property or method.
fn name_of(member: &Value) -> Option<Rc<str>> {
    match member {
        Value::Object(object) => object.note("Name").map(|name| Rc::from(name.text())),
        other => Some(Rc::clone(&other.downcast::<Property>()?.name)),
    }
}

impl<K: Kind> Net for Collection<K> {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSMemberInfoIntegratingCollection"
    }

    fn items(&self) -> Option<Vec<Value>> {
        Some(self.all())
    }

    fn index(&self, index: &Value) -> Option<R<Value>> {
        let Value::Str(wanted) = index else {
            return None;
        };
        let mut found = self.named(|name| name.eq_ignore_ascii_case(wanted));
        Some(Ok(found.next().unwrap_or_default()))
    }

    fn get(&self, name: &str) -> Option<Value> {
        match name {
            "count" => Some(Value::from(self.all().len())),
            _ => None,
        }
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match (name, args) {
            ("item", [name @ Value::Str(_)]) => self.index(name),
            ("match", [pattern]) => Some(Ok(Value::net(Self {
                of: self.of.clone(),
                computed: Rc::clone(&self.computed),
                pattern: Some(Rc::from(pattern.text())),
                kind: PhantomData,
            }))),
            _ => K::call(&self, name, args),
        }
    }
}

impl Collection<Properties> {
    /// What a script property gave.
    fn gave(&self, name: &str) -> Value {
        let mut computed = self.computed.iter();
        let found = computed.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

impl Kind for Properties {
    fn all(of: &Collection<Self>) -> Vec<Value> {
        let property = |name: Rc<str>, value: Value, kind: &'static str| {
            Value::net(Property {
                of: of.of.clone(),
                name,
                value: RefCell::new(value),
                kind,
            })
        };
        if let Value::Hash(hash) = &of.of {
            let value = |name: &str| hash_methods::property(hash, &name.to_ascii_lowercase());
            return TABLE_PROPERTIES
                .iter()
                .map(|name| {
                    // `SyncRoot`
                    let value = value(name).unwrap_or_else(|| of.of.clone());
                    property(Rc::from(*name), value, "Property")
                })
                .collect();
        }
        let Value::Object(object) = &of.of else {
            return crate::format::view::properties(&of.of)
                .into_iter()
                .map(|(name, value)| {
                    let kind = super::members::kind(&of.of, &name);
                    property(name, value, kind)
                })
                .collect();
        };
        let is_hidden = |name: &str| {
            let class = object.class.as_ref();
            class.is_some_and(|class| class.is_hidden(name))
        };
        let props = object.props.borrow();
        let shown = props.iter().filter(|prop| !is_hidden(&prop.name));
        shown
            .filter_map(|prop| {
                let (value, kind) = match &prop.kind {
                    PropKind::Note(value) if object.class.is_some() => (value.clone(), "Property"),
                    PropKind::Note(value) => (value.clone(), "NoteProperty"),
                    PropKind::Alias(target) => {
                        (object.note(target).unwrap_or_default(), "AliasProperty")
                    }
                    PropKind::Script(..) => (of.gave(&prop.name), "ScriptProperty"),
                    PropKind::Method(_) => return None,
                };
                Some(property(Rc::clone(&prop.name), value, kind))
            })
            .collect()
    }

    fn call(of: &Collection<Self>, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("remove", [name]) => {
                if let Value::Object(object) = &of.of {
                    object.remove(&name.text());
                }
                Some(Ok(Value::Nothing))
            }
            ("add", [property, ..]) => {
                let property = property.downcast::<Property>()?;
                if let Value::Object(object) = &of.of {
                    object.put(
                        &property.name,
                        PropKind::Note(property.value.borrow().clone()),
                    );
                }
                Some(Ok(Value::Nothing))
            }
            _ => None,
        }
    }
}

impl Net for Property {
    net_any!();

    fn type_name(&self) -> &str {
        match self.kind {
            "AliasProperty" => "System.Management.Automation.PSAliasProperty",
            "ScriptProperty" => "System.Management.Automation.PSScriptProperty",
            "CodeProperty" => "System.Management.Automation.PSCodeProperty",
            "Property" => "System.Management.Automation.PSProperty",
            _ => "System.Management.Automation.PSNoteProperty",
        }
    }

    fn text(&self) -> String {
        format!("{}={}", self.name, self.value.borrow().text())
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "name" => Value::from(&*self.name),
            "value" => self.value.borrow().clone(),
            "membertype" => member_type(self.kind),
            "typenameofvalue" => Value::from(self.value.borrow().type_name()),
            "isgettable" | "isinstance" => Value::Bool(true),
            "issettable" => Value::Bool(super::members::is_settable(&self.of, &self.name)),
            _ => return None,
        })
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        if name != "value" {
            return None;
        }
        *self.value.borrow_mut() = value.clone();
        if let Value::Object(object) = &self.of {
            object.put(&self.name, PropKind::Note(value.clone()));
        }
        Some(Ok(()))
    }

    fn properties(&self) -> Vec<String> {
        [
            "MemberType",
            "IsSettable",
            "IsGettable",
            "Value",
            "TypeNameOfValue",
            "Name",
            "IsInstance",
        ]
        .map(String::from)
        .to_vec()
    }
}

impl Kind for Methods {
    /// Those of the script's own making, then .NET's.
    fn all(of: &Collection<Self>) -> Vec<Value> {
        let mut found: Vec<(String, &str)> = Vec::new();
        if let Value::Object(object) = &of.of {
            let props = object.props.borrow();
            let own = props
                .iter()
                .filter(|prop| matches!(prop.kind, PropKind::Method(_)));
            found.extend(own.map(|prop| (prop.name.to_string(), "ScriptMethod")));
            let methods = object.class.iter().flat_map(|class| &class.def.methods);
            let methods = methods.filter(|method| !method.is_constructor && !method.is_static);
            found.extend(methods.map(|method| (method.name.clone(), "Method")));
        }
        let names = super::members::of(&of.of).into_iter();
        let names = names.flat_map(super::members::Members::methods);
        found.extend(names.map(|name| (name.to_owned(), "Method")));
        let described = |(name, kind): (String, &str)| {
            Object::with(
                "System.Management.Automation.PSMethodInfo",
                [
                    ("Name", Value::from(name)),
                    ("MemberType", member_type(kind)),
                ],
            )
        };
        found.into_iter().map(described).collect()
    }
}
