//! `Write-Error`: an error that does not end the script by itself.
//!
//! [Write-Error](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/write-error)

use std::rc::Rc;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::exception::category_named;
use crate::value::{ErrorRecord, Exception, R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Write-Error",
    aliases: &[],
    params: "Message/Msg@0| Exception ErrorRecord Category ErrorId TargetObject",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    if let Some(given) = args
        .value("ErrorRecord")
        .and_then(|value| value.downcast_rc::<ErrorRecord>())
    {
        return report(
            engine,
            Rc::clone(&given.exception),
            &given.id,
            given.category,
            given.target.clone(),
            None,
        );
    }
    let text = item
        .or_else(|| args.get("Message").cloned())
        .unwrap_or_default();
    if let Some(given) = text.downcast_rc::<ErrorRecord>() {
        return report(
            engine,
            Rc::clone(&given.exception),
            &given.id,
            given.category,
            given.target.clone(),
            None,
        );
    }
    let exception = match args
        .value("Exception")
        .and_then(|value| value.downcast_rc::<Exception>())
    {
        Some(found) => found,
        None => Rc::new(Exception::new(
            "Microsoft.PowerShell.Commands.WriteErrorException",
            engine.text(&text)?,
        )),
    };
    // Beside an exception, the message is what is said of it.
    let details = match args.has("Exception") && !text.is_null() {
        true => Some(engine.text(&text)?),
        false => None,
    };
    let category = args
        .text("Category")
        .map_or("NotSpecified", |name| category_named(&name));
    let id = args
        .text("ErrorId")
        .filter(|id| !id.is_empty())
        .unwrap_or_else(|| exception.type_name.to_string());
    report(
        engine,
        exception,
        &id,
        category,
        args.value("TargetObject").unwrap_or_default(),
        details,
    )
}

fn report(
    engine: &mut Engine,
    exception: Rc<Exception>,
    id: &str,
    category: &'static str,
    target: Value,
    details: Option<String>,
) -> R<()> {
    let mut record = ErrorRecord::new(Exception::new("", ""), id, category);
    record.exception = exception;
    record.target = target;
    *record.details.borrow_mut() = details;
    engine.report(record)
}
