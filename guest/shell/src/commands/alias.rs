//! Commands that are another command with options in front: `zcat` is `gzip -dc`.

use bashkit::{
    Builtin, BuiltinContext, ExecResult, ExecutionPlan, Result, SubCommand, async_trait,
};

/// Runs `name` with `options` before the arguments it was given.
pub struct Alias {
    pub name: &'static str,
    pub options: &'static [&'static str],
}

#[async_trait]
impl Builtin for Alias {
    async fn execute(&self, _: BuiltinContext<'_>) -> Result<ExecResult> {
        // Never reached: the plan below always replaces it.
        Ok(ExecResult::err(format!("{}: not run\n", self.name), 1))
    }

    async fn execution_plan(&self, ctx: &BuiltinContext<'_>) -> Result<Option<ExecutionPlan>> {
        let own = self.options.iter().map(|option| (*option).to_owned());
        let command = SubCommand {
            name: self.name.to_owned(),
            args: own.chain(ctx.args.iter().cloned()).collect(),
            stdin: ctx.stdin.cloned(),
            assignments: Vec::new(),
        };
        Ok(Some(ExecutionPlan::Batch {
            commands: vec![command],
        }))
    }
}
