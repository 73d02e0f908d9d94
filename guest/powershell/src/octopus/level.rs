//! A line of output at another level.

use ::octopus::message;

/// `Write-Warning`, `Write-Verbose`: at Octopus's level where a server listens, else as PowerShell prints it.
pub fn say(level: &str, prefix: &str, text: &str) {
    if message::is_open() {
        at(level, text);
    } else {
        crate::host::stdout(&format!("{prefix}{text}\n"));
    }
}

/// `Write-Highlight`, `Write-Wait`: switch, text, switch back.
pub fn at(level: &str, text: &str) {
    message::send(&format!("stdout-{level}"), &[]);
    crate::host::stdout(&format!("{text}\n"));
    message::send("stdout-default", &[]);
}
