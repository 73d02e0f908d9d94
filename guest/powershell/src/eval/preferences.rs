//! The common parameters of an advanced function: they set its own preference variables (about_CommonParameters).
//!
//! What collects a stream acts in `settings.rs`, and is only named here. A cmdlet's are in `settings.rs` too.

use super::binding::ArgValue;
use super::{Action, Engine};
use crate::parse::ast::{Body, Expr, ExprKind};
use crate::value::{R, Sym, Value, intern, to_bool};

/// The common parameters that an advanced function has, in the order of `.Parameters`.
const COMMON: [&str; 14] = [
    "Verbose",
    "Debug",
    "ErrorAction",
    "WarningAction",
    "InformationAction",
    "ProgressAction",
    "ErrorVariable",
    "WarningVariable",
    "InformationVariable",
    "OutVariable",
    "OutBuffer",
    "PipelineVariable",
    "WhatIf",
    "Confirm",
];

pub fn is_common(name: &str) -> bool {
    COMMON
        .iter()
        .any(|common| common.eq_ignore_ascii_case(name))
}

/// Those that a function has: none if it isn't advanced.
pub fn common(body: &Body) -> impl Iterator<Item = &'static str> {
    let (is_advanced, asks) = (body.is_advanced, supports_should_process(body));
    COMMON
        .into_iter()
        .filter(move |common| is_advanced && (asks || !matches!(*common, "WhatIf" | "Confirm")))
}

/// Whether it stands without a value.
pub fn is_flag(common: &str) -> bool {
    matches!(common, "Verbose" | "Debug" | "WhatIf" | "Confirm")
}

/// The common parameter called `name`, by its alias or an unambiguous beginning too.
pub fn named(body: &Body, name: &str) -> Option<&'static str> {
    let lower = match name.to_ascii_lowercase().as_str() {
        "ea" => "erroraction".to_owned(),
        "wa" => "warningaction".to_owned(),
        "vb" => "verbose".to_owned(),
        "db" => "debug".to_owned(),
        "ev" => "errorvariable".to_owned(),
        "ov" => "outvariable".to_owned(),
        "wv" => "warningvariable".to_owned(),
        "iv" => "informationvariable".to_owned(),
        "pv" => "pipelinevariable".to_owned(),
        "ob" => "outbuffer".to_owned(),
        "proga" => "progressaction".to_owned(),
        "infa" => "informationaction".to_owned(),
        other => other.to_owned(),
    };
    COMMON.into_iter().find(|common| {
        let is_of_should_process = matches!(*common, "WhatIf" | "Confirm");
        common.to_ascii_lowercase().starts_with(&lower)
            && (!is_of_should_process || supports_should_process(body))
    })
}

impl Engine {
    /// `-Verbose`, `-ErrorAction` and so on set the function's own preference variables; the value for `$PSBoundParameters`.
    pub fn common_parameter(
        &mut self,
        common: &'static str,
        value: Option<Value>,
        args: &mut std::iter::Peekable<impl Iterator<Item = ArgValue>>,
    ) -> R<Value> {
        let is_flag = is_flag(common);
        let value = match value {
            Some(value) => value,
            None if is_flag => Value::Bool(true),
            None => match args.next() {
                Some(ArgValue::Value(value)) => value,
                _ => Value::Null,
            },
        };
        let value = if is_flag {
            crate::types::switch::value(to_bool(&value))
        } else {
            value
        };
        let given = value.clone();
        if matches!(
            common,
            "ErrorAction" | "WarningAction" | "InformationAction"
        ) {
            Action::given(common, &value)?;
        }
        let shown = |on: bool| Value::from(if on { "Continue" } else { "SilentlyContinue" });
        match common {
            "ErrorAction" => {
                self.scope.put(Sym::ERROR_ACTION, value);
            }
            "WarningAction" => self.scope.put(intern("WarningPreference"), value),
            "InformationAction" => self.scope.put(intern("InformationPreference"), value),
            "ProgressAction" => self.scope.put(intern("ProgressPreference"), value),
            "Verbose" => self
                .scope
                .put(intern("VerbosePreference"), shown(to_bool(&value))),
            "Debug" => self
                .scope
                .put(intern("DebugPreference"), shown(to_bool(&value))),
            "WhatIf" => self
                .scope
                .put(intern("WhatIfPreference"), Value::Bool(to_bool(&value))),
            "Confirm" => {
                let from = if to_bool(&value) { "Low" } else { "None" };
                self.scope
                    .put(intern("ConfirmPreference"), Value::from(from));
            }
            // The rest is `settings.rs`'s, or has nothing to act on.
            _ => {}
        }
        Ok(given)
    }
}

/// `[CmdletBinding(ConfirmImpact = 'High')]`, as it is written.
pub fn confirm_impact(body: &Body) -> Impact {
    let written = body.binding.as_ref().and_then(|binding| {
        let (_, value) = binding
            .named
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("ConfirmImpact"))?;
        match &value.as_ref()?.kind {
            ExprKind::Const(value) => Impact::parse(&value.text()),
            // `[System.Management.Automation.ConfirmImpact]::High`
            ExprKind::Member { name, .. } => match &name.kind {
                ExprKind::Word(word) => Impact::parse(word),
                _ => None,
            },
            _ => None,
        }
    });
    written.unwrap_or(Impact::Medium)
}

/// How much a command changes, and from where on `$ConfirmPreference` has it ask.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    None,
    Low,
    Medium,
    High,
}

impl Impact {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().as_str() {
            "none" => Self::None,
            "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            _ => return None,
        })
    }
}

/// `[CmdletBinding(SupportsShouldProcess)]`
fn supports_should_process(body: &Body) -> bool {
    body.binding.as_ref().is_some_and(|binding| {
        binding.named.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("SupportsShouldProcess")
                && !matches!(value, Some(Expr { kind: ExprKind::Var(variable), .. }) if variable.name == Sym::FALSE)
        })
    })
}
