//! One try at running something, self-contained: what to run, and everything it may touch.
//!
//! An attempt holds filled-in values, secrets among them. It is handed to [`super::run`] and gone
//! afterwards; it is never stored or printed.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::variables::Variables;
use crate::plan::Isolation;
use crate::policy::{Grants, MountPath};

/// What to run and what it may touch.
pub struct Attempt {
    pub program: Program,
    /// What follows the program's own name in its `argv`.
    pub arguments: Vec<String>,
    pub stdin: Stdin,
    pub grants: Arc<Grants>,
    /// How it is confined.
    pub isolation: Isolation,
    pub sources: Sources,
    pub variables: Variables,
}

/// What runs.
pub enum Program {
    /// A script for one of our interpreters. `name` is a file name, without any directory.
    Script {
        language: Language,
        name: String,
        text: Vec<u8>,
    },
    /// A user's own WebAssembly: a core module for WASI preview 1, or a `wasi:cli/command` component.
    Module { name: String, bytes: Vec<u8> },
    /// A guest of ours that is not an interpreter: the probes of `seawall doctor`.
    Builtin { guest: String },
}

/// The languages that our interpreters run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    Shell,
    PowerShell,
    Python,
    JavaScript,
}

impl Language {
    /// All languages, in the order in which they are listed to people.
    pub const ALL: [Self; 4] = [
        Self::Shell,
        Self::PowerShell,
        Self::Python,
        Self::JavaScript,
    ];

    /// The guest that interprets it, and the name that `--lang` takes.
    pub fn guest(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::PowerShell => "powershell",
            Self::Python => "python",
            Self::JavaScript => "javascript",
        }
    }

    /// The program that runs it where it is a process.
    pub fn interpreter(self) -> &'static str {
        match self {
            Self::Shell => "bash",
            Self::PowerShell => "pwsh",
            Self::Python => "python3",
            Self::JavaScript => "node",
        }
    }

    /// The language of a script, from its file name's extension or else its `#!` line.
    pub fn detect(file_name: &str, text: &[u8]) -> Option<Self> {
        let extension = file_name.rsplit_once('.').map(|(_, extension)| extension);
        match extension {
            Some("sh" | "bash") => Some(Self::Shell),
            Some("ps1") => Some(Self::PowerShell),
            Some("py") => Some(Self::Python),
            Some("js" | "mjs" | "cjs" | "ts" | "mts") => Some(Self::JavaScript),
            _ => Self::from_shebang(text),
        }
    }

    /// `#!/usr/bin/env -S python3 -u`, `#!/bin/bash -e` …: the first word whose file name we know.
    fn from_shebang(text: &[u8]) -> Option<Self> {
        let line = text.strip_prefix(b"#!")?;
        let end = line.iter().position(|byte| *byte == b'\n');
        let line = std::str::from_utf8(&line[..end.unwrap_or(line.len())]).ok()?;
        line.split_whitespace()
            .filter_map(|word| word.rsplit('/').next())
            .find_map(Self::named)
    }

    /// The language that an interpreter's name or a `--lang` value stands for.
    pub fn named(name: &str) -> Option<Self> {
        match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.') {
            "sh" | "bash" | "dash" | "shell" => Some(Self::Shell),
            "pwsh" | "powershell" | "ps" => Some(Self::PowerShell),
            "python" | "py" => Some(Self::Python),
            "node" | "nodejs" | "javascript" | "js" | "deno" | "bun" | "typescript" | "ts" => {
                Some(Self::JavaScript)
            }
            _ => None,
        }
    }
}

/// Standard input of a run.
pub enum Stdin {
    Empty,
    /// The process's own, read as the script asks for it.
    Inherited,
    Bytes(Vec<u8>),
    /// Somebody else's, such as a log that a step follows.
    Stream(Box<dyn tokio::io::AsyncRead + Send + Sync + Unpin>),
}

/// Where on this host the directories are that grants name by other words.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// By mount: `--mount /pkg=./package`, or a package that was extracted for this attempt.
    pub mounts: HashMap<MountPath, PathBuf>,
    /// The workspace, if the attempt's scripts share one; see `worker/shared.rs`.
    pub workspace: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_language_comes_from_the_extension_or_else_the_first_line() {
        let cases: &[(&str, &str, Option<Language>)] = &[
            ("a.sh", "", Some(Language::Shell)),
            ("a.py", "#!/bin/bash\n", Some(Language::Python)),
            ("a.mjs", "", Some(Language::JavaScript)),
            ("a.ts", "", Some(Language::JavaScript)),
            ("deploy", "#!/bin/bash -e\n", Some(Language::Shell)),
            ("deploy", "#!/usr/bin/env python3\n", Some(Language::Python)),
            (
                "deploy",
                "#!/usr/bin/env -S node --x\n",
                Some(Language::JavaScript),
            ),
            ("deploy", "#!/usr/bin/python3.14", Some(Language::Python)),
            ("deploy", "#!/usr/bin/perl\n", None),
            ("deploy", "echo hi\n", None),
            ("deploy.v2", "#!/bin/sh\n", Some(Language::Shell)),
        ];
        for (name, text, expected) in cases {
            assert_eq!(
                Language::detect(name, text.as_bytes()),
                *expected,
                "{name}: {text:?}"
            );
        }
    }
}
