//! `New-Object`, `Add-Member`, `Get-Member`.

use std::rc::Rc;

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::format::view::properties;
use crate::value::{Object, PropKind, R, Value, fail};

pub const NEW_OBJECT: Cmdlet = Cmdlet {
    name: "New-Object",
    aliases: &[],
    params: "TypeName@0! ArgumentList/Args@1 Property",
    run: Run::Each(new_object),
};
pub const ADD_MEMBER: Cmdlet = Cmdlet {
    name: "Add-Member",
    aliases: &[],
    params: "MemberType/Type@0 Name@1 Value@2 SecondValue@3 InputObject| NotePropertyName NotePropertyValue NotePropertyMembers TypeName PassThru? Force?",
    run: Run::Each(add_member),
};
pub const GET_MEMBER: Cmdlet = Cmdlet {
    name: "Get-Member",
    aliases: &["gm"],
    params: "Name@0 InputObject| MemberType/Type Static? Force? View",
    run: Run::Whole(get_member),
};

fn new_object(engine: &mut Engine, args: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let name = args.text("TypeName").unwrap_or_default();
    let made = if matches!(
        name.to_ascii_lowercase().as_str(),
        "psobject" | "pscustomobject" | "object" | "system.management.automation.psobject"
    ) {
        Value::Object(Rc::new(Object::custom()))
    } else {
        let of = engine.type_by_name(&name)?;
        let given = args.value("ArgumentList").map(|value| match value {
            Value::Array(items) => items.items.borrow().clone(),
            other => vec![other],
        });
        engine.create(&of, given.unwrap_or_default())?
    };
    if let Some(Value::Hash(hash)) = args.value("Property") {
        for (key, value) in hash.entries() {
            match &made {
                Value::Object(object) if object.class.is_none() => {
                    object.put(&key.text(), PropKind::Note(value))
                }
                other => engine.set_member(other, &key.text(), value, false)?,
            }
        }
    }
    out.put(engine, made)
}

fn add_member(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let target = item
        .or_else(|| args.value("InputObject"))
        .unwrap_or_default();
    let Value::Object(object) = &target else {
        return Err(crate::value::refuse(format!(
            "Add-Member on a [{}] is not supported. Use a [pscustomobject].",
            target.type_name()
        )));
    };
    if let Some(name) = args.text("TypeName") {
        object.type_names.borrow_mut().insert(0, Rc::from(name));
    }
    let mut added: Vec<(String, PropKind)> = Vec::new();
    if let Some(Value::Hash(members)) = args.value("NotePropertyMembers") {
        added.extend(
            members
                .entries()
                .into_iter()
                .map(|(key, value)| (key.text(), PropKind::Note(value))),
        );
    }
    if let Some(name) = args.text("NotePropertyName") {
        added.push((
            name,
            PropKind::Note(args.value("NotePropertyValue").unwrap_or_default()),
        ));
    } else if let Some(Value::Hash(members)) = args.value("MemberType") {
        added.extend(
            members
                .entries()
                .into_iter()
                .map(|(key, value)| (key.text(), PropKind::Note(value))),
        );
    } else if let Some(kind) = args.text("MemberType") {
        // `Add-Member Name Value`: a note property by position.
        let (kind, name, value) = match (args.text("Name"), args.get("Value").cloned()) {
            (Some(name), Some(value)) => (kind, name, value),
            (Some(name), None)
                if !kind.to_ascii_lowercase().ends_with("property")
                    && !kind.eq_ignore_ascii_case("ScriptMethod") =>
            {
                ("NoteProperty".to_owned(), kind, Value::from(name))
            }
            (Some(name), None) => (kind, name, Value::Null),
            _ => return Err(crate::value::argument_error("Name", "It is missing.")),
        };
        let made = match (kind.to_ascii_lowercase().as_str(), &value) {
            ("noteproperty", _) => PropKind::Note(value),
            ("scriptmethod", Value::Script(script)) => PropKind::Method(Rc::clone(script)),
            ("scriptproperty", Value::Script(script)) => {
                PropKind::Script(Rc::clone(script), args.script("SecondValue")?)
            }
            ("aliasproperty", other) => PropKind::Alias(Rc::from(other.text())),
            (other, _) => {
                return Err(crate::value::refuse(format!(
                    "Add-Member -MemberType {other} is not supported."
                )));
            }
        };
        added.push((name, made));
    }
    for (name, kind) in added {
        if object.find(&name).is_some() && !args.switch("Force") {
            return Err(fail(
                "System.InvalidOperationException",
                "MemberAlreadyExists",
                format!(
                    "Cannot add a member with the name \"{name}\" because a member with that name already exists. To overwrite the member anyway, add the Force parameter to your command."
                ),
            ));
        }
        object.put(&name, kind);
    }
    if args.switch("PassThru") {
        out.put(engine, target)?;
    }
    Ok(())
}

fn get_member(engine: &mut Engine, args: &Args, input: Vec<Value>, out: &mut dyn Sink) -> R<()> {
    let wanted = args.texts("Name");
    let kinds = args
        .text("MemberType")
        .map(|kind| kind.to_ascii_lowercase());
    let mut seen: Vec<String> = Vec::new();
    for item in super::inputs(args, input) {
        let type_name = item.type_name();
        if seen.contains(&type_name) {
            continue;
        }
        seen.push(type_name.clone());
        let mut members: Vec<(String, &str, String)> = match &item {
            Value::Object(object) => object
                .props
                .borrow()
                .iter()
                .map(|prop| match &prop.kind {
                    PropKind::Note(value) => {
                        let kind = if object.class.is_some() {
                            "Property"
                        } else {
                            "NoteProperty"
                        };
                        let short = value.type_name();
                        (
                            prop.name.to_string(),
                            kind,
                            format!(
                                "{} {}={}",
                                short.rsplit('.').next().unwrap_or_default().to_lowercase(),
                                prop.name,
                                value.text()
                            ),
                        )
                    }
                    PropKind::Script(..) => {
                        (prop.name.to_string(), "ScriptProperty", String::new())
                    }
                    PropKind::Method(_) => (prop.name.to_string(), "ScriptMethod", String::new()),
                    PropKind::Alias(_) => (prop.name.to_string(), "AliasProperty", String::new()),
                })
                .collect(),
            other => properties(other)
                .into_iter()
                .map(|(name, _)| (name.to_string(), "Property", String::new()))
                .collect(),
        };
        if let Value::Object(object) = &item
            && let Some(class) = &object.class
        {
            members.extend(
                class
                    .def
                    .methods
                    .iter()
                    .filter(|method| !method.is_constructor)
                    .map(|method| (method.name.clone(), "Method", String::new())),
            );
        }
        members.sort_by_key(|a| a.0.to_lowercase());
        for (name, kind, definition) in members {
            let is_kind = kinds.as_ref().is_none_or(|wanted| {
                wanted.split(',').any(|one| {
                    kind.eq_ignore_ascii_case(one.trim())
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
                        "Microsoft.PowerShell.Commands.MemberDefinition",
                        [
                            ("Name", Value::from(name)),
                            ("MemberType", Value::from(kind)),
                            ("Definition", Value::from(definition)),
                            ("TypeName", Value::from(type_name.as_str())),
                        ],
                    ),
                )?;
            }
        }
    }
    Ok(())
}
