//! Whether a command is there, and its parameters: cmdlets, the script's own functions, and what files may bring.

use super::walk::Walk;
use super::written::{self, Written};
use super::{hints, type_hints};
use crate::cmdlets;
use crate::eval::Engine;
use crate::parse::MAX_PROBLEMS;
use crate::parse::ast::{Arg, Command, ExprKind, Invoke, TypeName};
use crate::types;

impl Walk<'_> {
    pub(super) fn command(&mut self, command: &Command) {
        let name = match &command.name.kind {
            ExprKind::Word(name) => name.to_string(),
            ExprKind::Const(value) if command.invoke != Invoke::Name => value.text(),
            _ => {
                // Functions of a file that is known only while running may be called.
                self.is_open |= self.is_collecting
                    && command.invoke == Invoke::Dot
                    && !matches!(command.name.kind, ExprKind::Script(_));
                return;
            }
        };
        if self.is_collecting {
            self.collect(&name, command);
            return;
        }
        self.used(&name, command);
    }

    pub(super) fn collect(&mut self, name: &str, command: &Command) {
        let lower = name.to_lowercase();
        if command.invoke == Invoke::Dot
            || matches!(
                lower.as_str(),
                "import-module" | "ipmo" | "invoke-expression" | "iex"
            ) && !imports_own(command)
        {
            self.is_open = true;
        }
        let Some(cmdlet) = cmdlets::find(&lower) else {
            return;
        };
        let written = Written::of(cmdlet, command);
        match cmdlet.name {
            "Set-Alias" | "New-Alias" => match written.text("Name") {
                Some((name, _)) => {
                    self.functions.insert(name.to_lowercase());
                }
                None => self.is_open = true,
            },
            // A function that is made by its path.
            "Set-Item" | "New-Item" => {
                let text = |parameter| written.text(parameter).map(|(text, _)| text.to_lowercase());
                let path = text("Path")
                    .or_else(|| text("LiteralPath"))
                    .unwrap_or_default();
                let Some(name) = path.strip_prefix("function:") else {
                    return;
                };
                let name = name.trim_start_matches(['/', '\\']);
                let name = Some(name.to_owned()).filter(|name| !name.is_empty());
                match name.or_else(|| text("Name")) {
                    Some(name) => {
                        self.functions.insert(name);
                    }
                    None => self.is_open = true,
                }
            }
            _ => {}
        }
    }

    pub(super) fn used(&mut self, name: &str, command: &Command) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let lower = name.to_lowercase();
        let bare = lower.rsplit('\\').next().unwrap_or(&lower);
        let is_script = lower.ends_with(".ps1") || lower.ends_with(".psm1");
        let is_around = |engine: &Engine| engine.has_command(bare);
        if self.functions.contains(bare) || is_script || self.around.is_some_and(is_around) {
            return;
        }
        if let Some(cmdlet) = cmdlets::find(bare) {
            for arg in &command.args {
                let Arg::Named { name, span, .. } = arg else {
                    continue;
                };
                if let Err(message) = cmdlets::parameter(cmdlet, name) {
                    self.refuse(*span, written::unknown_parameter(cmdlet, message));
                }
            }
            if let Some((span, message)) = written::objection(cmdlet, command) {
                self.refuse(span, message);
            }
            if cmdlet.name == "New-Object" {
                self.written_type(&Written::of(cmdlet, command));
            }
            return;
        }
        if !self.is_open || hints::is_known_elsewhere(bare) {
            self.refuse(command.span, hints::unknown_command(name));
        }
    }

    /// `New-Object Name`: the type as it would be checked in brackets.
    pub(super) fn written_type(&mut self, written: &Written) {
        let Some((text, span)) = written.text("TypeName") else {
            return;
        };
        match types::parse_name(&text) {
            Some(name) => {
                self.resolved(&TypeName { span, ..name });
            }
            None => self.refuse(span, type_hints::unknown_type(&text)),
        }
    }
}

/// `Import-Module Microsoft.PowerShell.Utility` brings nothing that isn't known.
fn imports_own(command: &Command) -> bool {
    let Some(cmdlet) = cmdlets::find("Import-Module") else {
        return false;
    };
    Written::of(cmdlet, command)
        .text("Name")
        .is_some_and(|(name, _)| written::is_own_module(&name))
}
