//! `Add-Member`: adds properties and methods to objects, hash tables and files. Left out: members on other .NET objects, and
//! member sets, apart from the one that says what is shown by default.
//!
//! [Add-Member](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/add-member)

use std::rc::Rc;

use crate::cmdlets::objects::member::member;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::property_set::PropertySet;
use crate::value::{Object, PropKind, R, Value, refuse};

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
    let object = taker(&target)?;
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
        if kind.eq_ignore_ascii_case("MemberSet") {
            show_by_default(&object, &name, &value)?;
        } else {
            let made = member(args, &kind, value)?;
            added.push((name, made));
        }
    }
    for (name, kind) in added {
        let is_there = object.find(&name).is_some()
            || matches!(&target, Value::Net(net) if net.get(&name.to_ascii_lowercase()).is_some());
        if is_there && !args.switch("Force") {
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

/// `PSStandardMembers` with a `DefaultDisplayPropertySet`: what is shown of the object by default.
fn show_by_default(object: &Object, name: &str, members: &Value) -> R<()> {
    let members = members.to_items();
    let sets: Vec<&PropertySet> = members.iter().filter_map(Value::downcast).collect();
    let [set] = sets.as_slice() else {
        return Err(refuse(UNKNOWN_SET));
    };
    let is_it = name.eq_ignore_ascii_case("PSStandardMembers")
        && set.name.eq_ignore_ascii_case("DefaultDisplayPropertySet");
    if !is_it || members.len() > 1 {
        return Err(refuse(UNKNOWN_SET));
    }
    *object.shown.borrow_mut() = Some(Rc::clone(&set.names));
    Ok(())
}

const UNKNOWN_SET: &str = "Add-Member -MemberType MemberSet is supported only for PSStandardMembers with a DefaultDisplayPropertySet.";
/// What takes the members: the object itself, or what a table or an object of .NET's has for them.
fn taker(target: &Value) -> R<Rc<Object>> {
    let members = match target {
        Value::Object(object) => return Ok(Rc::clone(object)),
        // Its keys come before them.
        Value::Hash(hash) => Some(&hash.members),
        Value::Net(net) => net.added(),
        _ => None,
    };
    let members = members.ok_or_else(|| {
        refuse(format!(
            "Add-Member on a [{}] is not supported. Use a [pscustomobject].",
            target.type_name()
        ))
    })?;
    Ok(Rc::clone(members.get_or_init(|| Rc::new(Object::custom()))))
}
