//! `Get-Member`: the members that an object has. Left out: static members, views, and the signatures of .NET's own
//! members in `Definition`.
//!
//! [Get-Member](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/get-member)

use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::view::{Row, properties};
use crate::types::members::kind;
use crate::types::psobject::member_type;
use crate::value::{Object, Prop, PropKind, R, Script, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Member",
    aliases: &["gm"],
    params: "Name@0 InputObject| MemberType/Type Force?",
    run: Run::Whole(run),
};

/// What it puts out.
pub const DEFINITION: &str = "Microsoft.PowerShell.Commands.MemberDefinition";

/// What every object has of .NET's.
const INHERITED: [(&str, &str); 4] = [
    ("Equals", "bool Equals(System.Object obj)"),
    ("GetHashCode", "int GetHashCode()"),
    ("GetType", "type GetType()"),
    ("ToString", "string ToString()"),
];

fn run(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let wanted = args.texts("Name");
    let kinds = args
        .text("MemberType")
        .map(|kind| kind.to_ascii_lowercase());
    let shows_hidden = args.switch("Force");
    let mut seen: Vec<String> = Vec::new();
    let items = crate::cmdlets::input_or_one(args, input);
    if items.iter().all(Value::is_null) {
        return engine.soft_error(
            "System.InvalidOperationException",
            "NoObjectInGetMember",
            "CloseError",
            "You must specify an object for the Get-Member cmdlet.",
            Value::Null,
        );
    }
    for item in items {
        let type_name = item.type_name();
        if seen.contains(&type_name) {
            continue;
        }
        seen.push(type_name.clone());
        let mut members: Vec<(String, &'static str, String)> = match &item {
            Value::Object(object) => object
                .props
                .borrow()
                .iter()
                .filter(|prop| {
                    let class = object.class.as_ref();
                    shows_hidden || class.is_none_or(|class| !class.is_hidden(&prop.name))
                })
                .map(|prop| described(prop, object.class.is_some()))
                .collect(),
            other => match crate::types::members::of(other) {
                Some(known) => known
                    .properties()
                    .map(|name| (name.to_owned(), kind(other, name), String::new()))
                    .chain(
                        known
                            .methods()
                            .map(|name| (name.to_owned(), "Method", String::new())),
                    )
                    .collect(),
                None => properties(other)
                    .into_iter()
                    .map(|(name, _)| (name.to_string(), kind(other, &name), String::new()))
                    .collect(),
            },
        };
        let added = engine.added_members(&item);
        members.extend(added.iter().map(|prop| described(prop, false)));
        if let Value::Net(net) = &item
            && let Some(added) = net.added().and_then(|added| added.get())
        {
            let props = added.props.borrow();
            members.retain(|(name, ..)| added.find(name).is_none());
            members.extend(props.iter().map(|prop| described(prop, false)));
        }
        if let Value::Object(object) = &item
            && let Some(class) = &object.class
        {
            members.extend(
                class
                    .def
                    .methods
                    .iter()
                    .filter(|method| !method.is_constructor && !method.is_static)
                    .map(|method| (method.name.clone(), "Method", String::new())),
            );
        }
        if let Value::Object(_) = &item {
            let inherited = INHERITED.iter();
            members.extend(
                inherited.map(|(name, of)| ((*name).to_owned(), "Method", (*of).to_owned())),
            );
        }
        members.sort_by_key(|(name, kind, _)| (*kind, name.to_lowercase()));
        // Overloads are one member.
        members.dedup_by(|a, b| a.0.eq_ignore_ascii_case(&b.0));
        for (name, kind, definition) in members {
            let is_kind = kinds.as_ref().is_none_or(|wanted| {
                wanted.split(',').any(|one| {
                    kind.eq_ignore_ascii_case(one.trim())
                        || one.trim() == "all"
                        || one.trim() == "properties" && kind.ends_with("Property")
                        || one.trim() == "methods" && kind.ends_with("Method")
                })
            });
            let is_named = wanted.is_empty()
                || wanted
                    .iter()
                    .any(|pattern| crate::eval::pattern::wildcard(pattern, &name, false));
            if is_kind && is_named {
                out.put(
                    engine,
                    Object::with(
                        DEFINITION,
                        [
                            ("TypeName", Value::from(type_name.as_str())),
                            ("Name", Value::from(name)),
                            ("MemberType", member_type(kind)),
                            ("Definition", Value::from(definition)),
                        ],
                    ),
                )?;
            }
        }
    }
    Ok(())
}

/// A row of the table below the name of the type.
pub fn row(definition: &Object) -> Row {
    ["Name", "MemberType", "Definition"]
        .map(|name| {
            let value = definition.note(name).unwrap_or_default();
            (Rc::from(name), Value::from(value.text()))
        })
        .to_vec()
}

/// A member that a script made, or a property of a class: its name, kind and definition.
fn described(prop: &Prop, is_class: bool) -> (String, &'static str, String) {
    let name = prop.name.to_string();
    match &prop.kind {
        PropKind::Note(value) => {
            let kind = if is_class { "Property" } else { "NoteProperty" };
            let short = accelerator(&value.type_name());
            let definition = format!("{short} {name}={}", value.text());
            (name, kind, definition)
        }
        PropKind::Script(getter, setter) => {
            let blocks = accessors(getter, setter.as_ref());
            let definition = format!("System.Object {name} {{{blocks}}}");
            (name, "ScriptProperty", definition)
        }
        PropKind::Method(_) => {
            let definition = format!("System.Object {name}();");
            (name, "ScriptMethod", definition)
        }
        PropKind::Alias(of) => {
            let definition = format!("{name} = {of}");
            (name, "AliasProperty", definition)
        }
    }
}

/// What a script property runs, as definitions have it.
fn accessors(getter: &Rc<Script>, setter: Option<&Rc<Script>>) -> String {
    let text = |script: &Rc<Script>| Value::Script(Rc::clone(script)).text();
    let set = setter.map_or_else(String::new, |script| format!("set={};", text(script)));
    format!("get={};{set}", text(getter))
}

/// A type's name as definitions have it: `int`, not `System.Int32`.
fn accelerator(type_name: &str) -> String {
    match type_name {
        "System.Int32" => "int".to_owned(),
        "System.Int64" => "long".to_owned(),
        "System.Boolean" => "bool".to_owned(),
        "System.Object[]" => "Object[]".to_owned(),
        "System.Management.Automation.PSCustomObject" => {
            "System.Management.Automation.PSCustomObject".to_owned()
        }
        "System.String" | "System.Double" | "System.Decimal" | "System.Char" | "System.Byte"
        | "System.DateTime" => type_name.trim_start_matches("System.").to_lowercase(),
        "System.Collections.Hashtable" => "hashtable".to_owned(),
        other => other.trim_start_matches("System.").to_owned(),
    }
}
