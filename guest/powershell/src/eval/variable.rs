//! Reading variables, the automatic ones included (about_Automatic_Variables).

use std::rc::Rc;

use super::Engine;
use super::closure::Script;
use crate::lex::Span;
use crate::parse::ast::{VarRef, VarScope};
use crate::value::{Hash, HashKind, Object, R, Sym, Value, fail, refuse};

/// Automatic variables that exist elsewhere but mean nothing here.
const REFUSED: [(&str, &str); 3] = [
    ("Profile", "There are no profiles behind the wall."),
    ("PSSenderInfo", "There is no remoting."),
    ("PSStyle", "There are no colors in a log."),
];

/// Why a variable is refused, whoever asks for it.
pub fn refusal(name: &str) -> Option<String> {
    let (known, hint) = REFUSED
        .iter()
        .find(|(refused, _)| name.eq_ignore_ascii_case(refused))?;
    Some(format!("The variable ${known} is not supported. {hint}"))
}

/// Whether an automatic variable is there for good, in every scope (`SessionStateInternal.InitializeFixedVariables`).
pub fn is_constant(name: Sym) -> bool {
    const NAMES: [&str; 13] = [
        "Host",
        "HOME",
        "PSHOME",
        "PSVersionTable",
        "PSEdition",
        "PID",
        "PSCulture",
        "PSUICulture",
        "ShellId",
        "IsLinux",
        "IsWindows",
        "IsMacOS",
        "IsCoreCLR",
    ];
    let name = name.text();
    NAMES.iter().any(|own| name.eq_ignore_ascii_case(own))
}

impl Engine {
    pub fn variable(&mut self, variable: VarRef, span: Span) -> R<Value> {
        self.variable_unless(variable, span, 1)
    }

    /// Within a text, which strict mode minds from its second version on (Set-StrictMode -Version).
    pub fn variable_in_text(&mut self, variable: VarRef, span: Span) -> R<Value> {
        self.variable_unless(variable, span, 2)
    }

    /// One that isn't set is null, unless strict mode is on in that version.
    fn variable_unless(&mut self, variable: VarRef, span: Span, strict: u8) -> R<Value> {
        if variable.scope == VarScope::None
            && let Some(found) = self.scope.get(variable.name)
        {
            return Ok(found);
        }
        if let Some(found) = self.lookup(variable) {
            return Ok(found);
        }
        let name = variable.name.text();
        if let Some(message) = refusal(&name) {
            return Err(self.placed(refuse(message), span));
        }
        if variable.scope == VarScope::Using {
            return Err(self.placed(
                fail(
                    "System.Management.Automation.RuntimeException",
                    "UsingWithoutInvokeCommand",
                    "A Using variable cannot be retrieved. A Using variable can be used only with Invoke-Command, Start-Job, or InlineScript in the script workflow.",
                ),
                span,
            ));
        }
        if self.scope.is_strict(strict) && variable.scope != VarScope::Env {
            let scope = match variable.scope {
                VarScope::Global => "global:",
                VarScope::Script => "script:",
                VarScope::Local => "local:",
                VarScope::Private => "private:",
                _ => "",
            };
            return Err(self.placed(
                fail(
                    "System.Management.Automation.RuntimeException",
                    "VariableIsUndefined",
                    format!(
                        "The variable '${scope}{name}' cannot be retrieved because it has not been set."
                    ),
                ),
                span,
            ));
        }
        Ok(Value::Null)
    }

    /// The variable's value; `None` if it isn't set.
    pub fn lookup(&mut self, variable: VarRef) -> Option<Value> {
        match variable.scope {
            VarScope::None | VarScope::Variable => self
                .scope
                .get(variable.name)
                .or_else(|| self.automatic(variable.name)),
            VarScope::Global => self
                .global
                .get_here(variable.name)
                .or_else(|| self.automatic(variable.name)),
            VarScope::Script => self.scope.script().get_here(variable.name),
            VarScope::Local | VarScope::Private => self.scope.get_here(variable.name),
            VarScope::Using => None,
            VarScope::Env => crate::place::env(&variable.name.text()).map(Value::from),
            VarScope::Function => {
                let found = self.scope.function(variable.name)?;
                Some(Value::Script(Rc::new(Script::of_function(&found))))
            }
        }
    }

    pub(super) fn automatic(&mut self, name: Sym) -> Option<Value> {
        match name {
            Sym::NULL => return Some(Value::Null),
            Sym::TRUE => return Some(Value::Bool(true)),
            Sym::FALSE => return Some(Value::Bool(false)),
            Sym::SUCCESS => return Some(Value::Bool(self.is_ok)),
            Sym::DEFAULTS => return Some(self.default_parameters()),
            Sym::PS_ITEM => return self.scope.get(Sym::ITEM),
            _ => {}
        }
        let text = name.text().to_ascii_lowercase();
        Some(match text.as_str() {
            "lastexitcode" => self.last_exit.map_or(Value::Null, Value::Int),
            "erroractionpreference" => {
                Value::from(format!("{:?}", super::streams::default_error_action()))
            }
            "error" => Value::List(Rc::clone(&self.errors)),
            "pscommandpath" => Value::from(self.script_path()),
            "psscriptroot" => Value::from(crate::place::parent(&self.script_path())),
            "myinvocation" => self.invocation(),
            "pwd" => crate::types::path_info::PathInfo::value(&self.location),
            "home" => Value::from(crate::place::home()),
            "pid" => Value::Int(1),
            "pshome" => Value::from("/"),
            "executioncontext" => crate::types::execution_context::context(),
            "host" => crate::types::host::host(),
            "psversiontable" => version_table(),
            "psedition" => Value::from("Core"),
            "psculture" | "psuiculture" => Value::from("en-US"),
            "islinux" => Value::Bool(true),
            "iswindows" | "ismacos" => Value::Bool(false),
            "iscoreclr" => Value::Bool(true),
            "shellid" => Value::from("Microsoft.PowerShell"),
            "nestedpromptlevel" => Value::Int(0),
            "stacktrace" => Value::from(""),
            "octopusparameters" => crate::octopus::variables::parameters(),
            "maximumhistorycount" => Value::Int(4096),
            "outputencoding" => crate::types::encoding::utf8(),
            "args" => Value::from(Vec::new()),
            "input" => crate::types::enumerator::input(Vec::new()),
            "psboundparameters" => Value::Hash(Rc::new(Hash::new(HashKind::Table))),
            "formatenumerationlimit" => Value::Int(4),
            "env:" => return None,
            _ => return crate::octopus::variables::plain(&name.text()).map(Value::from),
        })
    }

    /// A script has ended: `$LASTEXITCODE`, also where a script has set `$global:LASTEXITCODE` itself.
    pub fn set_last_exit(&mut self, code: i32) {
        self.last_exit = Some(code);
        let name = crate::value::intern("LASTEXITCODE");
        if self.global.get_here(name).is_some() {
            self.global.put(name, Value::Int(code));
        }
    }

    /// The file that the running code comes from.
    pub fn script_path(&self) -> String {
        self.source.path.clone()
    }

    /// `$MyInvocation`
    pub fn invocation(&self) -> Value {
        let name = self
            .frames
            .last()
            .map_or_else(String::new, |frame| frame.name.to_string());
        let written = self.frames.last();
        let written = written.map_or_else(String::new, |frame| frame.written.to_string());
        let is_function = self.frames.last().is_some_and(|frame| frame.is_function);
        let at = self.frames.last().map(|frame| frame.at).unwrap_or_default();
        // What was called from nowhere, as the script itself, has no line.
        let text = self.frames.last().filter(|_| at.line > 0);
        let text = text.map_or("", |frame| frame.source.line(at.line));
        let path = self.script_path();
        let command = Object::with(
            "System.Management.Automation.CommandInfo",
            [
                ("Name", Value::from(name.as_str())),
                (
                    "Path",
                    if is_function {
                        Value::Null
                    } else {
                        Value::from(path.as_str())
                    },
                ),
                ("Definition", Value::from(path.as_str())),
                (
                    "CommandType",
                    Value::from(if is_function {
                        "Function"
                    } else {
                        "ExternalScript"
                    }),
                ),
            ],
        );
        Object::with(
            "System.Management.Automation.InvocationInfo",
            [
                ("MyCommand", command),
                ("ScriptName", Value::from(path.as_str())),
                ("PSCommandPath", Value::from(path.as_str())),
                ("PSScriptRoot", Value::from(crate::place::parent(&path))),
                ("InvocationName", Value::from(written)),
                ("ScriptLineNumber", Value::Int(at.line as i32)),
                ("OffsetInLine", Value::Int(at.column as i32)),
                (
                    "BoundParameters",
                    self.scope.get(Sym::BOUND).unwrap_or_default(),
                ),
                (
                    "UnboundArguments",
                    self.scope.get(Sym::ARGS).unwrap_or_default(),
                ),
                ("Line", Value::from(text)),
                (
                    "ExpectingInput",
                    Value::Bool(self.frames.last().is_some_and(|frame| frame.has_input)),
                ),
            ],
        )
    }
}

fn version_table() -> Value {
    let hash = Hash::new(HashKind::Ordered);
    let rows = [
        (
            "PSVersion",
            crate::types::semver::SemVer::value(crate::run::VERSION),
        ),
        ("PSEdition", Value::from("Core")),
        ("GitCommitId", Value::from("seawall")),
        ("OS", Value::from("WASI")),
        ("Platform", Value::from("Unix")),
    ];
    for (name, value) in rows {
        hash.insert(Value::from(name), value);
    }
    Value::Hash(Rc::new(hash))
}
