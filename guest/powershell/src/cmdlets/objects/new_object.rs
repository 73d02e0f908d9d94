//! `New-Object`: an object of a .NET type or a custom one. Left out: COM objects.
//!
//! [New-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/new-object)

use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::value::{Ctl, Object, PropKind, R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-Object",
    aliases: &[],
    params: "TypeName@0! ArgumentList/Args@1 Property",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, _: Option<Value>, out: &mut dyn Sink) -> R<()> {
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
        let given = given.unwrap_or_default();
        let n_args = given.len();
        let made = engine.create(&of, given);
        made.map_err(|ctl| not_made(ctl, &of.name(), n_args))?
    };
    if let Some(Value::Hash(hash)) = args.value("Property") {
        for (key, value) in hash.entries() {
            match &made {
                Value::Object(object) if object.class.is_none() => {
                    object.put(&key.text(), PropKind::Note(value))
                }
                other => engine
                    .set_member(other, &key.text(), value, false)
                    .map_err(not_set)?,
            }
        }
    }
    out.put(engine, made)
}

/// A type that has no constructor for so many arguments.
fn not_made(ctl: Ctl, of: &str, n_args: usize) -> Ctl {
    match ctl {
        Ctl::Throw(record) if record.id == "MethodCountCouldNotFindBest" => fail(
            "System.Management.Automation.MethodException",
            "ConstructorInvokedThrowException",
            format!("Cannot find an overload for \"{of}\" and the argument count: \"{n_args}\"."),
        ),
        other => other,
    }
}

/// A property that can't be set.
fn not_set(ctl: Ctl) -> Ctl {
    match ctl {
        Ctl::Throw(record) => fail(
            "System.InvalidOperationException",
            "InvalidOperationException",
            record.exception.message.clone(),
        ),
        other => other,
    }
}
