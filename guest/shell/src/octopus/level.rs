//! `write_verbose`, `write_highlight`, `write_wait`, `write_warning`: a line of output at another level.

use bashkit::{Command, CommandContext, CommandStatus, Result, async_trait};
use octopus::message;

/// Named as in the message: `stdout-<name>`.
pub struct Level(pub &'static str);

#[async_trait]
impl Command for Level {
    async fn execute(&self, ctx: CommandContext<'_>) -> Result<CommandStatus> {
        message::send(&format!("stdout-{}", self.0), &[]);
        // As Octopus's `echo "$1"` does: the first argument only.
        let text = ctx.args.first().map_or("", String::as_str);
        let written = ctx.stdout.write_all(format!("{text}\n").as_bytes()).await;
        message::send("stdout-default", &[]);
        written.map(|()| CommandStatus::success())
    }
}
