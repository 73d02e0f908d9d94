//! `Add-Member`: adds properties and methods to custom objects. Left out: members on .NET objects.
//!
//! [Add-Member](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/add-member)

use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{PropKind, R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Add-Member",
    aliases: &[],
    params: "MemberType/Type@0 Name@1 Value@2 SecondValue@3 InputObject|^ NotePropertyName NotePropertyValue NotePropertyMembers TypeName PassThru? Force?",
    run: Run::Each(run),
};

/// What can be added; any other first word is a note property's name.
const KINDS: [&str; 8] = [
    "AliasProperty",
    "CodeMethod",
    "CodeProperty",
    "MemberSet",
    "NoteProperty",
    "PropertySet",
    "ScriptMethod",
    "ScriptProperty",
];

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
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
            (Some(_), None) if !KINDS.iter().any(|known| kind.eq_ignore_ascii_case(known)) => {
                let value = args.value("Name").unwrap_or_default();
                ("NoteProperty".to_owned(), kind, value)
            }
            (Some(name), None) => (kind, name, Value::Null),
            _ => return Err(crate::value::argument_error("Name", "It is missing.")),
        };
        let made = match (kind.to_ascii_lowercase().as_str(), &value) {
            ("noteproperty" | "scriptmethod", _) if args.has("SecondValue") => {
                return Err(fail(
                    "System.InvalidOperationException",
                    "Value2ShouldNotBeSpecified",
                    format!("Cannot add a member of type {kind} with a second value."),
                ));
            }
            ("noteproperty", _) => PropKind::Note(value),
            ("scriptmethod", Value::Script(script)) => PropKind::Method(Rc::clone(script)),
            ("scriptproperty", Value::Script(script)) => {
                PropKind::Script(Rc::clone(script), args.script("SecondValue")?)
            }
            ("aliasproperty", _) if args.has("SecondValue") => {
                return Err(crate::value::refuse(
                    "Add-Member -MemberType AliasProperty with -SecondValue, a type, is not supported.",
                ));
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
            engine.soft_error(
                "System.InvalidOperationException",
                "MemberAlreadyExists",
                "InvalidOperation",
                format!(
                    "Cannot add a member with the name \"{name}\" because a member with that name already exists. To overwrite the member anyway, add the Force parameter to your command."
                ),
                target.clone(),
            )?;
            continue;
        }
        object.put(&name, kind);
    }
    if args.switch("PassThru") {
        out.put(engine, target)?;
    }
    Ok(())
}
