//! `Write-*`: output and the other streams.

use std::rc::Rc;

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::types::exception::category_named;
use crate::value::{ErrorRecord, Exception, R, Value};

pub const OUTPUT: Cmdlet = Cmdlet {
    name: "Write-Output",
    aliases: &["echo", "write"],
    params: "InputObject@0|* NoEnumerate?",
    run: Run::Each(output),
};
pub const HOST: Cmdlet = Cmdlet {
    name: "Write-Host",
    aliases: &[],
    params: "Object/Msg/Message@0|* NoNewline? Separator ForegroundColor BackgroundColor",
    run: Run::Each(host),
};
pub const VERBOSE: Cmdlet = Cmdlet {
    name: "Write-Verbose",
    aliases: &[],
    params: "Message/Msg@0|!",
    run: Run::Each(verbose),
};
pub const DEBUG: Cmdlet = Cmdlet {
    name: "Write-Debug",
    aliases: &[],
    params: "Message/Msg@0|!",
    run: Run::Each(debug),
};
pub const WARNING: Cmdlet = Cmdlet {
    name: "Write-Warning",
    aliases: &[],
    params: "Message/Msg@0|!",
    run: Run::Each(warning),
};
pub const INFORMATION: Cmdlet = Cmdlet {
    name: "Write-Information",
    aliases: &[],
    params: "MessageData/Msg/Message@0|! Tags@1",
    run: Run::Each(information),
};
pub const PROGRESS: Cmdlet = Cmdlet {
    name: "Write-Progress",
    aliases: &[],
    params: "Activity@0 Status@1 Id@2 PercentComplete SecondsRemaining CurrentOperation ParentId Completed? SourceId",
    run: Run::Each(progress),
};
pub const ERROR: Cmdlet = Cmdlet {
    name: "Write-Error",
    aliases: &[],
    params: "Message/Msg@0| Exception ErrorRecord Category ErrorId TargetObject RecommendedAction CategoryActivity",
    run: Run::Each(error),
};

fn output(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let value = match item {
        Some(item) => item,
        None => args.get("InputObject").cloned().unwrap_or(Value::Nothing),
    };
    if args.switch("NoEnumerate") {
        return out.put(engine, value);
    }
    engine.put_value(value, out)
}

/// Objects as `Write-Host` prints them: collections joined by the separator.
fn joined(engine: &mut Engine, value: &Value, separator: &str) -> R<String> {
    match value {
        Value::Array(_) | Value::List(_) => {
            let mut parts = Vec::new();
            for item in value.to_items() {
                parts.push(joined(engine, &item, separator)?);
            }
            Ok(parts.join(separator))
        }
        other => engine.text(other),
    }
}

fn host(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let value = item
        .or_else(|| args.get("Object").cloned())
        .unwrap_or_default();
    let separator = args.text("Separator").unwrap_or_else(|| " ".to_owned());
    let text = joined(engine, &value, &separator)?;
    engine.host(&text, !args.switch("NoNewline"))
}

fn message(engine: &mut Engine, args: &Args, item: Option<Value>, name: &str) -> R<String> {
    let value = item.or_else(|| args.get(name).cloned()).unwrap_or_default();
    engine.text(&value)
}

fn verbose(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let text = message(engine, args, item, "Message")?;
    engine.verbose(&text)
}

fn debug(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let text = message(engine, args, item, "Message")?;
    engine.debug(&text)
}

fn warning(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let text = message(engine, args, item, "Message")?;
    engine.warning(&text)
}

fn information(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let text = message(engine, args, item, "MessageData")?;
    let is_merged = !matches!(engine.streams.information, crate::eval::Dest::Host);
    if is_merged || engine.preference_shows("InformationPreference") {
        engine.host(&text, true)?;
    }
    Ok(())
}

/// A progress bar has no place in a log; Octopus is told where it listens.
fn progress(_: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    if let Some(percent) = args.int("PercentComplete")? {
        let text = args
            .text("Status")
            .or_else(|| args.text("Activity"))
            .unwrap_or_default();
        crate::octopus::message::send_to_host(
            "progress",
            &[("percentage", &percent.to_string()), ("message", &text)],
        );
    }
    Ok(())
}

fn error(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
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
    let category = args
        .text("Category")
        .map_or("NotSpecified", |name| category_named(&name));
    let id = args
        .text("ErrorId")
        .unwrap_or_else(|| "Microsoft.PowerShell.Commands.WriteErrorException".to_owned());
    report(
        engine,
        exception,
        &id,
        category,
        args.value("TargetObject").unwrap_or_default(),
    )
}

fn report(
    engine: &mut Engine,
    exception: Rc<Exception>,
    id: &str,
    category: &'static str,
    target: Value,
) -> R<()> {
    let mut record = ErrorRecord::new(Exception::new("", ""), id, category);
    record.exception = exception;
    record.target = target;
    engine.report(record)
}
