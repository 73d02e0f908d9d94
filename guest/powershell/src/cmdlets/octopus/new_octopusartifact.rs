//! `New-OctopusArtifact`: collects a file as an artifact.
//!
//! [Custom scripts](https://octopus.com/docs/deployments/custom-scripts)

use ::octopus::message;

use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink};
use crate::place;
use crate::value::{R, Value};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "New-OctopusArtifact",
    aliases: &[],
    params: "Path/FullName@0|! Name@1",
    run: Run::Each(run),
};

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
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
