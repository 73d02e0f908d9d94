//! `Update-TypeData`: gives members to types, and says what is shown of their objects. Left out: type files, code in .NET,
//! and what serialization and sorting would ask.
//!
//! [Update-TypeData](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/update-typedata)

use std::rc::Rc;

use crate::cmdlets::objects::member::member;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{ErrorRecord, Exception, Prop, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Update-TypeData",
    aliases: &[],
    params: "TypeName@0|!^ MemberType MemberName Value SecondValue DefaultDisplayPropertySet Force? WhatIf? Confirm?",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let name = match item {
        Some(item) => item.text(),
        None => args.required("TypeName")?.text(),
    };
    // `-TypeName ([Int32])` is the type's full name.
    let name = match args.value("TypeName") {
        Some(Value::Type(of)) => of.full_name(),
        _ => name,
    };
    if let Some(value) = args.value("DefaultDisplayPropertySet") {
        let names = value.to_items();
        let names = names.iter().map(|name| Rc::from(name.text())).collect();
        let data = engine.type_table.of(&name);
        if data.shown.is_some() && !args.switch("Force") {
            return is_there(engine, &name, "DefaultDisplayPropertySet");
        }
        data.shown = Some(names);
    }
    let Some(member_name) = args.text("MemberName") else {
        return Ok(());
    };
    let kind = args.required("MemberType")?.text();
    let made = member(args, &kind, args.value("Value").unwrap_or_default())?;
    let data = engine.type_table.of(&name);
    let place = data.position(&member_name);
    let added = Prop {
        name: Rc::from(member_name.as_str()),
        kind: made,
    };
    match place {
        Some(_) if !args.switch("Force") => return is_there(engine, &name, &member_name),
        Some(at) => data.members[at] = added,
        None => data.members.push(added),
    }
    Ok(())
}

fn is_there(engine: &mut Engine, of: &str, member: &str) -> R<()> {
    let exception = Exception::new(
        "System.Management.Automation.RuntimeException",
        format!("Error in TypeData \"{of}\": The member {member} is already present."),
    );
    let id = "TypesDynamicUpdateException";
    engine.report(ErrorRecord::new(exception, id, "InvalidOperation"))
}
