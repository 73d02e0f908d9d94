//! What a sandbox has mounted, and why; and guest paths as text, for reports.
//!
//! The order matters: preview 1 programs find their directories by number, so what the user
//! granted comes first and our own mounts last. Text paths here are for people and receipts
//! only: no decision about the host's files is made from them.

use crate::policy::FileGrant;

/// Where the script and the variables are, read-only.
pub const SEAWALL: &str = "/seawall";
/// Where the messages file is.
pub const MESSAGES: &str = "/seawall/out";
/// The one file in `/seawall/out`.
pub const MESSAGES_FILE: &str = "messages";
/// The fresh working directory, where the policy grants one.
pub const WORK: &str = "/work";

/// One preopened directory.
pub struct Mount {
    /// Where the guest sees it, absolute and normal.
    pub guest_path: String,
    pub purpose: Purpose,
}

/// Why a directory is mounted, which decides what may be done in it.
pub enum Purpose {
    /// A rule of the policy, or a flag of the command line.
    Granted(FileGrant),
    /// Script and variables.
    Seawall,
    /// The messages file: written to, and never stored.
    Messages,
    /// The empty directory that answers for everything that isn't mounted, so that the host sees
    /// what a script tried.
    Root,
}

/// `path`, seen from `base`, as one absolute path without `.`, `..` or doubled slashes.
///
/// Lexical on purpose: it names what the guest asked for, not where that led.
pub fn join(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let from_root = if path.starts_with('/') { "" } else { base };
    for part in from_root.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut joined = String::with_capacity(base.len() + path.len() + 1);
    for part in &parts {
        joined.push('/');
        joined.push_str(part);
    }
    if joined.is_empty() {
        joined.push('/');
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn a_path_is_named_as_the_guest_asked_for_it() {
        let cases = [
            ("/work", "a/b", "/work/a/b"),
            ("/work", "./a//b/.", "/work/a/b"),
            ("/work", "../etc/passwd", "/etc/passwd"),
            ("/work", "/etc/passwd", "/etc/passwd"),
            ("/", "etc/passwd", "/etc/passwd"),
            ("/", "", "/"),
            ("/work/sub", "", "/work/sub"),
            ("/", "../../..", "/"),
        ];
        for (base, path, expected) in cases {
            assert_eq!(join(base, path), expected, "{path} from {base}");
        }
    }
}
