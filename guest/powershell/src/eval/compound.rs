//! Blocks that set variables by name (`Set-Variable`): PowerShell doesn't compile their variables as locals, so that
//! `$n += 1` reads `$n` where any other expression would (VariableAnalysis, "pessimizing cmdlets").

use super::Engine;
use crate::check::Locals;

/// The cmdlets, by all their names.
const CMDLETS: [&str; 7] = [
    "New-Variable",
    "nv",
    "Remove-Variable",
    "rv",
    "Set-Variable",
    "sv",
    "set",
];

impl Engine {
    /// Whether the function or block that runs is one of those.
    pub fn sets_by_name(&self) -> bool {
        self.frames.last().is_some_and(|frame| {
            *frame.body.sets_by_name.get_or_init(|| {
                let commands = Locals::of_body(&frame.body).commands;
                let is_one = |name: &str| CMDLETS.iter().any(|own| own.eq_ignore_ascii_case(name));
                commands.iter().any(|name| is_one(name))
            })
        })
    }
}
