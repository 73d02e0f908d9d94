//! What holds a native process, in words: which grants this isolation enforces, and which it can't.
//!
//! A sandbox enforces every grant. A process is held by its account, by limits of the system, and by Landlock as far
//! as the kernel has it; the rest of its policy is only an intention, and a plan says so before anything runs.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::policy::{Grants, InBand, Traffic};

/// How much of Landlock a kernel has. Each holds what those before it hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Landlock {
    /// It is another machine's kernel: its receipt will say.
    #[default]
    Unknown,
    Absent,
    /// Linux 5.13: files, but a file that can't be written can be emptied if the account may.
    FilesInPart,
    /// Linux 6.2.
    Files,
    /// Linux 6.7: TCP, too.
    Ports,
    /// Linux 6.12: signals and abstract sockets, too.
    Signals,
}

/// Whether a process may run that its kernel doesn't hold to its policy's files and ports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unheld {
    #[default]
    Accepted,
    /// The machine's operator wants none.
    Refused,
}

impl Landlock {
    /// Why no process is started on a kernel with this much of Landlock, if it is not.
    pub fn refusal(self, unheld: Unheld) -> Option<&'static str> {
        match (unheld, self) {
            (Unheld::Accepted, _) | (Unheld::Refused, Self::Ports | Self::Signals) => None,
            (Unheld::Refused, Self::Unknown | Self::Absent | Self::FilesInPart | Self::Files) => {
                self.lack()
            }
        }
    }

    /// What a process is not held to, for whoever reads its log; `None` if the kernel has everything that is used.
    pub fn lack(self) -> Option<&'static str> {
        match self {
            Self::Unknown | Self::Absent => Some(
                "this kernel has no Landlock: the process is held to its account and its limits, not to its policy's files and ports",
            ),
            Self::FilesInPart => Some(
                "this kernel's Landlock is of the first kind: the process is not held to its policy's ports, and can empty files that its account may write",
            ),
            Self::Files => Some(
                "this kernel's Landlock knows no network: the process is not held to its policy's ports",
            ),
            Self::Ports => Some(
                "this kernel's Landlock knows no signals: the process can signal others of its account",
            ),
            Self::Signals => None,
        }
    }
}

/// What of a policy holds a process, and what doesn't. Prints as lines of a plan.
pub struct Enforcement {
    held: Vec<String>,
    open: Vec<String>,
}

impl Enforcement {
    /// For a process under `grants`, on a kernel with this much of Landlock.
    pub fn new(landlock: Landlock, grants: &Grants) -> Self {
        let Grants {
            policy: _,
            ceiling: _,
            files: _,
            network,
            // Only what is granted is ever handed over.
            variables: _,
            env: _,
            limits: _,
            process: _,
            messages,
        } = grants;
        let mut held = Vec::new();
        let mut open = Vec::new();
        let on = match landlock {
            Landlock::Unknown => ", if the worker's kernel has Landlock",
            _ => "",
        };
        let files = "files: its workspace, these mounts, and what interpreters need of the system";
        match landlock {
            Landlock::Absent => open.push("files: whatever the account can reach".to_owned()),
            Landlock::FilesInPart => held.push(format!("{files}; not: emptying files")),
            Landlock::Unknown | Landlock::Files | Landlock::Ports | Landlock::Signals => {
                held.push(format!("{files}{on}"));
            }
        }
        let ports: BTreeSet<u16> = network
            .rules()
            .iter()
            .flat_map(|rule| rule.ports.iter().copied())
            .collect();
        let listed: Vec<String> = ports.iter().map(u16::to_string).collect();
        match (landlock, listed.is_empty()) {
            (Landlock::Absent | Landlock::FilesInPart | Landlock::Files, _) => {
                open.push("network: whatever this machine can reach".to_owned());
            }
            (Landlock::Unknown | Landlock::Ports | Landlock::Signals, true) => {
                held.push(format!("no TCP{on}"));
            }
            (Landlock::Unknown | Landlock::Ports | Landlock::Signals, false) => {
                held.push(format!("TCP only to ports {}{on}", listed.join(", ")));
                open.push(
                    "hosts, methods and paths of its network rules: any host can be reached on these ports, this machine included"
                        .to_owned(),
                );
            }
        }
        held.push(
            "limits: wall-time, output and output-rate; cpu-time, memory and handles for each process, disk for each file"
                .to_owned(),
        );
        open.push(
            "UDP; limits: files, random, requests, request-time, response-body, response-headers"
                .to_owned(),
        );
        let is_injected = |traffic: &Traffic| {
            matches!(
                traffic,
                Traffic::Http {
                    inject: Some(_),
                    ..
                }
            )
        };
        if network
            .rules()
            .iter()
            .any(|rule| is_injected(&rule.traffic))
        {
            open.push("inject: nobody adds credentials to its requests".to_owned());
        }
        if messages.in_band == InBand::Refuse {
            open.push(
                "in-band messages are refused, and it has no other way to set output variables or make artifacts"
                    .to_owned(),
            );
        }
        Self { held, open }
    }
}

impl fmt::Display for Enforcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.held {
            writeln!(f, "     held    {line}")?;
        }
        for line in &self.open {
            writeln!(f, "     open    {line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{grants, parse};

    fn said(landlock: Landlock, more: &str) -> String {
        let text = format!("schema = 1\nname = \"p\"\n[process]\nallow = true\n{more}");
        let (policy, _) = parse("p.toml", &text).expect("a policy");
        let grants = grants(&policy, None).expect("no ceiling");
        Enforcement::new(landlock, &grants).to_string()
    }

    const RULE: &str = "[[network]]\nhost = \"api.example.com\"\nports = [443, 8443]\nscheme = \"https\"\nmethods = [\"GET\"]\npaths = [\"/**\"]\n[network.inject]\nheader = \"Authorization\"\nvalue = \"x\"\n[messages]\nin-band = \"refuse\"\n";

    #[test]
    fn what_is_not_enforced_is_said() {
        let all = said(Landlock::Signals, RULE);
        for line in [
            "held    files:",
            "held    TCP only to ports 443, 8443\n",
            "open    hosts, methods and paths",
            "open    inject",
            "open    in-band",
            "open    UDP",
        ] {
            assert!(all.contains(line), "{line}: {all}");
        }
        let plain = said(Landlock::Signals, "");
        assert!(plain.contains("held    no TCP\n"), "{plain}");
        assert!(
            !plain.contains("hosts") && !plain.contains("inject"),
            "{plain}"
        );
    }

    #[test]
    fn who_requires_landlock_gets_no_process_that_it_does_not_hold_to_files_and_ports() {
        for (landlock, is_refused) in [
            (Landlock::Unknown, true),
            (Landlock::Absent, true),
            (Landlock::FilesInPart, true),
            (Landlock::Files, true),
            (Landlock::Ports, false),
            (Landlock::Signals, false),
        ] {
            let refusal = landlock.refusal(Unheld::Refused);
            assert_eq!(refusal.is_some(), is_refused, "{landlock:?}: {refusal:?}");
            assert_eq!(landlock.refusal(Unheld::Accepted), None, "{landlock:?}");
        }
    }

    #[test]
    fn a_kernel_without_landlock_holds_neither_files_nor_ports() {
        let none = said(Landlock::Absent, RULE);
        assert!(
            none.contains("open    files") && none.contains("open    network"),
            "{none}"
        );
        assert!(
            !none.contains("held    files") && !none.contains("held    TCP"),
            "{none}"
        );
        let old = said(Landlock::Files, RULE);
        assert!(
            old.contains("held    files") && old.contains("open    network"),
            "{old}"
        );
        let other = said(Landlock::Unknown, RULE);
        assert!(
            other.contains("if the worker's kernel has Landlock"),
            "{other}"
        );
        for kind in [
            Landlock::Unknown,
            Landlock::Absent,
            Landlock::FilesInPart,
            Landlock::Files,
            Landlock::Ports,
        ] {
            assert!(kind.lack().is_some(), "{kind:?} is silent");
        }
    }
}
