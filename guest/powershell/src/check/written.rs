//! What can be told from a cmdlet's arguments as they are written, before anything runs.
//!
//! Only literals count: an argument in a variable or a splatted table is judged when the cmdlet gets it.

use crate::cmdlets::code::add_type;
use crate::cmdlets::items::change;
use crate::cmdlets::items::item_kind::{self, ItemKind};
use crate::cmdlets::paths::drive;
use crate::cmdlets::variables::set_variable;
use crate::cmdlets::{self, Cmdlet, Parameter};
use crate::lex::Span;
use crate::parse::ast::{Arg, Command, Expr, ExprKind};

/// The arguments of one call, by parameter.
pub struct Written<'a> {
    by_name: Vec<(&'static str, Option<&'a Expr>)>,
    has_splat: bool,
}

impl<'a> Written<'a> {
    pub fn of(cmdlet: &Cmdlet, command: &'a Command) -> Self {
        let mut by_name = Vec::new();
        let mut positional = Vec::new();
        let mut has_splat = false;
        let mut args = command.args.iter().peekable();
        while let Some(arg) = args.next() {
            match arg {
                Arg::Value(expr) => positional.push(expr),
                Arg::Splat(..) => has_splat = true,
                Arg::Named { name, value, .. } => {
                    let Ok(param) = cmdlets::parameter(cmdlet, name) else {
                        continue;
                    };
                    let mut value = value.as_ref();
                    if value.is_none()
                        && !param.is_switch
                        && let Some(Arg::Value(next)) = args.peek()
                    {
                        value = Some(next);
                        args.next();
                    }
                    by_name.push((param.name, value));
                }
            }
        }
        let params = cmdlet.parameters();
        let is_open = |param: &&Parameter| {
            param.position.is_some() && !by_name.iter().any(|(name, _)| *name == param.name)
        };
        let mut open: Vec<&Parameter> = params.iter().filter(is_open).collect();
        open.sort_by_key(|param| param.position);
        let placed: Vec<_> = open
            .iter()
            .zip(positional)
            .map(|(param, expr)| (param.name, Some(expr)))
            .collect();
        by_name.extend(placed);
        Self { by_name, has_splat }
    }

    fn has(&self, parameter: &str) -> bool {
        self.has_splat || self.by_name.iter().any(|(name, _)| *name == parameter)
    }

    /// The text that stands for the parameter, and where.
    pub fn text(&self, parameter: &str) -> Option<(String, Span)> {
        let (_, value) = self.by_name.iter().find(|(name, _)| *name == parameter)?;
        let expr = (*value)?;
        match &expr.kind {
            ExprKind::Word(text) => Some((text.to_string(), expr.span)),
            ExprKind::Const(value) => Some((value.text(), expr.span)),
            _ => None,
        }
    }
}

/// Modules of PowerShell's own, whose cmdlets are here without them.
pub fn is_own_module(name: &str) -> bool {
    const OWN: [&str; 3] = [
        "Microsoft.PowerShell.Utility",
        "Microsoft.PowerShell.Management",
        "Microsoft.PowerShell.Archive",
    ];
    OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// A path in the registry and the like. A disk's letter is judged when the path is used: `Test-Path C:\` has an answer.
fn on_drive_elsewhere(written: &Written<'_>) -> Option<(Span, String)> {
    let paths = ["Path", "LiteralPath", "Destination"];
    let (path, span) = paths.iter().find_map(|name| written.text(name))?;
    let why = drive::missing(&path).and_then(drive::why)?;
    Some((span, format!("The path '{path}' is not supported. {why}")))
}

/// Where `-Confirm` stands without a value, which asks.
fn asking(cmdlet: &Cmdlet, command: &Command) -> Option<Span> {
    command.args.iter().find_map(|arg| match arg {
        Arg::Named {
            name,
            value: None,
            span,
        } => {
            let param = cmdlets::parameter(cmdlet, name).ok()?;
            (param.name == "Confirm").then_some(*span)
        }
        _ => None,
    })
}

/// What is said of a parameter that isn't there, where the general words would mislead.
pub fn unknown_parameter(cmdlet: &Cmdlet, message: String) -> String {
    match cmdlet.name {
        "Add-Type" => add_type::COMPILES.to_owned(),
        _ => message,
    }
}

/// Why the call can't work, and which part of it is to blame.
pub fn objection(cmdlet: &Cmdlet, command: &Command) -> Option<(Span, String)> {
    let written = Written::of(cmdlet, command);
    if let Some(found) = on_drive_elsewhere(&written) {
        return Some(found);
    }
    if let Some(span) = asking(cmdlet, command) {
        return Some((span, change::CONFIRM.to_owned()));
    }
    match cmdlet.name {
        "Add-Type" => {
            let is_value = |arg: &Arg| matches!(arg, Arg::Value(_));
            if command.args.iter().all(is_value) {
                return Some((command.span, add_type::COMPILES.to_owned()));
            }
            let (name, span) = written.text("AssemblyName")?;
            add_type::missing(&name).map(|message| (span, message))
        }
        "Import-Module" => {
            let (name, span) = written.text("Name")?;
            let is_file = name.contains(['/', '\\']) || name.to_ascii_lowercase().ends_with(".psm1");
            if is_file || is_own_module(&name) {
                return None;
            }
            Some((
                span,
                format!("The module '{name}' is not supported. Mount the module and import its .psm1 by path."),
            ))
        }
        "New-Variable" | "Set-Variable" => {
            let (option, span) = written.text("Option")?;
            set_variable::unsupported(&option).map(|message| (span, message))
        }
        "New-Item" => {
            let (kind, span) = written.text("ItemType")?;
            let is_known = ItemKind::of(&kind).is_some();
            (!is_known).then(|| (span, item_kind::unsupported(&kind)))
        }
        "ConvertTo-SecureString" | "ConvertFrom-SecureString" => (!written.has("AsPlainText")).then(|| {
            let name = cmdlet.name;
            (
                command.span,
                format!("{name} is supported with -AsPlainText only: there are no keys in the sandbox."),
            )
        }),
        _ => None,
    }
}
