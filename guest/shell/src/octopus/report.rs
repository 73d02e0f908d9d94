//! Helpers that tell the server something: artifacts, progress, failure, targets, environment state, manifests.

use bashkit::{
    Builtin, BuiltinContext, Command, CommandContext, CommandStatus, ControlFlow, ExecResult,
    Result, async_trait,
};
use octopus::message;

/// The argument at `at`, empty if it isn't there.
fn argument<'a>(ctx: &'a CommandContext<'_>, at: usize) -> &'a str {
    ctx.args.get(at).map_or("", String::as_str)
}

async fn refuse(ctx: &CommandContext<'_>, text: &str) -> Result<CommandStatus> {
    ctx.stderr
        .write_all(format!("{}: {text}\n", ctx.name).as_bytes())
        .await?;
    Ok(CommandStatus::with_code(1))
}

pub struct Artifact;

#[async_trait]
impl Command for Artifact {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let path = ctx.cwd.join(argument(&ctx, 0));
        let Ok(seen) = ctx.fs.stat(&path).await else {
            return refuse(
                &ctx,
                &format!("{}: No such file or directory", argument(&ctx, 0)),
            )
            .await;
        };
        let shown = path.to_string_lossy().into_owned();
        let name = match argument(&ctx, 1) {
            "" => path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            name => name.to_owned(),
        };
        ctx.stdout
            .write_all(format!("Collecting {shown} as an artifact...\n").as_bytes())
            .await?;
        let length = seen.size.to_string();
        message::send(
            "createArtifact",
            &[("path", &shown), ("name", &name), ("length", &length)],
        );
        Ok(CommandStatus::success())
    }
}

pub struct Progress;

#[async_trait]
impl Command for Progress {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        message::send(
            "progress",
            &[
                ("percentage", argument(&ctx, 0)),
                ("message", argument(&ctx, 1)),
            ],
        );
        Ok(CommandStatus::success())
    }
}

/// Ends the script: the only helper that does, so the only one that needs the interpreter's control flow.
pub struct Fail;

#[async_trait]
impl Builtin for Fail {
    async fn execute(&self, ctx: BuiltinContext<'_>) -> Result<ExecResult> {
        match ctx.args.first().filter(|text| !text.is_empty()) {
            Some(text) => message::send("resultMessage", &[("message", text)]),
            None => message::send("resultMessage", &[]),
        }
        let mut result = ExecResult::with_control_flow(ControlFlow::Exit(1));
        result.exit_code = 1;
        Ok(result)
    }
}

pub struct EnvironmentState;

#[async_trait]
impl Command for EnvironmentState {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let rest = ctx.args.get(2..).unwrap_or_default();
        let kind = rest
            .iter()
            .find(|text| *text != "-sensitive")
            .map_or("State", String::as_str);
        let mut attributes = vec![
            ("key", argument(&ctx, 0)),
            ("value", argument(&ctx, 1)),
            ("type", kind),
        ];
        if rest.iter().any(|text| text == "-sensitive") {
            attributes.push(("sensitive", "True"));
        }
        message::send("set-environmentstate", &attributes);
        Ok(CommandStatus::success())
    }
}

pub struct EnvironmentUrl;

#[async_trait]
impl Command for EnvironmentUrl {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        let attributes = [
            ("key", argument(&ctx, 0)),
            ("value", argument(&ctx, 1)),
            ("type", "Url"),
        ];
        message::send("set-environmentstate", &attributes);
        Ok(CommandStatus::success())
    }
}

pub struct NewTarget;

#[async_trait]
impl Command for NewTarget {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        const OPTIONS: [(&str, &str, &str); 5] = [
            ("--name", "-n", "name"),
            ("--target-id", "-t", "targetId"),
            ("--inputs", "", "inputs"),
            ("--roles", "", "octopusRoles"),
            ("--worker-pool", "", "octopusDefaultWorkerPoolIdOrName"),
        ];
        let mut attributes = Vec::new();
        let mut rest = ctx.args.iter();
        while let Some(arg) = rest.next() {
            if arg == "--update-if-existing" {
                attributes.push(("updateIfExisting", "true"));
                continue;
            }
            let known = OPTIONS
                .iter()
                .find(|(long, short, _)| arg == long || (!short.is_empty() && arg == short));
            let (Some((_, _, attribute)), Some(value)) = (known, rest.next()) else {
                return refuse(&ctx, &format!("unknown argument or missing value: {arg}")).await;
            };
            attributes.push((attribute, value.as_str()));
        }
        if !attributes.iter().any(|(name, _)| *name == "name") {
            return refuse(&ctx, "--name is required").await;
        }
        message::send("createStepPackageTarget", &attributes);
        Ok(CommandStatus::success())
    }
}

pub struct RemoveTarget;

#[async_trait]
impl Command for RemoveTarget {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        message::send("delete-target", &[("machine", argument(&ctx, 0))]);
        Ok(CommandStatus::success())
    }
}

pub struct Manifest;

#[async_trait]
impl Command for Manifest {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        applied(argument(&ctx, 0), argument(&ctx, 1));
        Ok(CommandStatus::success())
    }
}

pub struct ManifestFile;

#[async_trait]
impl Command for ManifestFile {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        match ctx.fs.read_file(&ctx.cwd.join(argument(&ctx, 0))).await {
            Ok(bytes) => {
                applied(&String::from_utf8_lossy(&bytes), argument(&ctx, 1));
                Ok(CommandStatus::success())
            }
            Err(_) => {
                refuse(
                    &ctx,
                    &format!("{}: No such file or directory", argument(&ctx, 0)),
                )
                .await
            }
        }
    }
}

/// One message for each document of a manifest.
fn applied(manifest: &str, namespace: &str) {
    let documents = format!("\n{manifest}");
    for document in documents
        .split("\n---")
        .map(str::trim)
        .filter(|document| !document.is_empty())
    {
        let mut attributes = vec![("manifest", document)];
        if !namespace.is_empty() {
            attributes.push(("ns", namespace));
        }
        message::send("k8s-manifest-applied", &attributes);
    }
}
