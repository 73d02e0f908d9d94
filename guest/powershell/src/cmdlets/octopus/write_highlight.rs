//! `Write-Highlight`: a highlighted line.
//!
//! [Custom scripts](https://octopus.com/docs/deployments/custom-scripts)

use crate::cmdlets::octopus::say::say;
use crate::cmdlets::{Cmdlet, Run};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Write-Highlight",
    aliases: &[],
    params: "Message@0|",
    run: Run::Each(|e, a, i, _| say(e, a, i, "highlight")),
};
