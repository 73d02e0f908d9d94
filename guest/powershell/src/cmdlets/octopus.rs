//! Octopus's PowerShell helpers.

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::octopus::{level, message};
use crate::place;
use crate::value::{R, Value};

pub const SET_VARIABLE: Cmdlet = Cmdlet {
    name: "Set-OctopusVariable",
    aliases: &[],
    params: "Name@0! Value@1 Sensitive?",
    run: Run::Each(set_variable),
};
pub const ARTIFACT: Cmdlet = Cmdlet {
    name: "New-OctopusArtifact",
    aliases: &[],
    params: "Path/FullName@0|! Name@1",
    run: Run::Each(artifact),
};
pub const PROGRESS: Cmdlet = Cmdlet {
    name: "Update-Progress",
    aliases: &[],
    params: "Percentage@0! Message@1",
    run: Run::Each(progress),
};
pub const HIGHLIGHT: Cmdlet = Cmdlet {
    name: "Write-Highlight",
    aliases: &[],
    params: "Message@0|",
    run: Run::Each(|e, a, i, _| say(e, a, i, "highlight")),
};
pub const WAIT: Cmdlet = Cmdlet {
    name: "Write-Wait",
    aliases: &[],
    params: "Message@0|",
    run: Run::Each(|e, a, i, _| say(e, a, i, "wait")),
};
pub const FAIL: Cmdlet = Cmdlet {
    name: "Fail-Step",
    aliases: &[],
    params: "Message@0",
    run: Run::Each(fail_step),
};

fn set_variable(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    engine.printer.flush_pending()?;
    let name = args.text("Name").unwrap_or_default();
    let value = args.value("Value").unwrap_or_default();
    let text = engine.text(&value)?;
    let mut attributes = vec![("name", name.as_str()), ("value", text.as_str())];
    if args.switch("Sensitive") {
        attributes.push(("sensitive", "True"));
    }
    message::send("setVariable", &attributes);
    Ok(())
}

fn artifact(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let path = match item {
        Some(item) => crate::eval::path_of(&item),
        None => args.paths("Path").pop().unwrap_or_default(),
    };
    let full = place::absolute(&engine.location, &path);
    let Ok(seen) = std::fs::metadata(place::real(&full)) else {
        return engine.path_not_found(&path);
    };
    let name = args
        .text("Name")
        .unwrap_or_else(|| place::file_name(&full).to_owned());
    engine
        .printer
        .write_text(&format!("Collecting {full} as an artifact..."), true)?;
    let length = seen.len().to_string();
    message::send(
        "createArtifact",
        &[("path", &full), ("name", &name), ("length", &length)],
    );
    Ok(())
}

fn progress(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    engine.printer.flush_pending()?;
    let percentage = args.int("Percentage")?.unwrap_or(0).to_string();
    message::send(
        "progress",
        &[
            ("percentage", &percentage),
            ("message", &args.text("Message").unwrap_or_default()),
        ],
    );
    Ok(())
}

fn say(engine: &mut Engine, args: &Args, item: Option<Value>, name: &str) -> R<()> {
    engine.printer.flush_pending()?;
    let value = item.or_else(|| args.value("Message")).unwrap_or_default();
    let text = engine.text(&value)?;
    level::at(name, &text);
    Ok(())
}

fn fail_step(engine: &mut Engine, args: &Args, _: Option<Value>, _: &mut dyn Sink) -> R<()> {
    engine.printer.flush_pending()?;
    match args.text("Message").filter(|text| !text.is_empty()) {
        Some(text) => message::send("resultMessage", &[("message", &text)]),
        None => message::send("resultMessage", &[]),
    }
    engine.exit(1)
}
