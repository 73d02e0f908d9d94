//! Octopus's bash helper functions as commands, so that existing scripts run unchanged.
//!
//! What a helper has to say goes to `/seawall/out/messages`, one service message a line; what people read goes
//! to stdout between those. Where that file can't be opened, messages go to stdout as Octopus has them. Nothing
//! is opened before the first helper that needs it.

use bashkit::BashBuilder;

mod level;
mod report;
mod variable;

pub use variable::prelude;

/// Registers every helper under the name that Octopus gives it.
pub fn register(builder: BashBuilder) -> BashBuilder {
    builder
        .command("get_octopusvariable", variable::Get)
        .command("set_octopusvariable", variable::Set)
        .command("encode_servicemessagevalue", variable::Encode)
        .command("decode_servicemessagevalue", variable::Decode)
        .command("write_verbose", level::Level("verbose"))
        .command("write_highlight", level::Level("highlight"))
        .command("write_wait", level::Level("wait"))
        .command("write_warning", level::Level("warning"))
        .command("new_octopusartifact", report::Artifact)
        .command("update_progress", report::Progress)
        .builtin("fail_step", Box::new(report::Fail))
        .command("set_environmentstate", report::EnvironmentState)
        .command("set_environmenturl", report::EnvironmentUrl)
        .command("new_octopustarget", report::NewTarget)
        .command("remove-octopustarget", report::RemoveTarget)
        .command("report_kubernetes_manifest", report::Manifest)
        .command("report_kubernetes_manifest_file", report::ManifestFile)
}
