//! The state of one run, and the way in: [`Engine::run_file`].

use std::rc::Rc;

use super::binding::ArgValue;
use super::module::Module;
use super::own_types::OwnTypes;
use super::pipeline::Sink;
use super::scope::{Scope, ScopeKind};
use super::streams::Streams;
use super::type_data::TypeTable;
use crate::format::Printer;
use crate::lex::Span;
use crate::parse::ast::{Body, Source};
use crate::value::{Ctl, List, ListKind, R, Sym, Value, intern};

/// One call that is under way.
pub struct Frame {
    /// The function's name, the script's path, or `<ScriptBlock>`.
    pub name: Rc<str>,
    /// What the call wrote: an alias, or `&` and `.`; the name where a call wrote nothing.
    pub written: Rc<str>,
    pub source: Rc<Source>,
    /// Where it was called.
    pub at: Span,
    /// Its caller's scope.
    pub scope: Rc<Scope>,
    pub body: Rc<Body>,
    pub is_function: bool,
    /// Which of its blocks runs, where it has named ones: `<Process>`.
    pub block: &'static str,
    /// Whether it is at the receiving end of a pipe.
    pub has_input: bool,
    /// `$PSCmdlet.WriteError` was called: `$?` is false after it.
    pub has_failed: bool,
}

/// A block that a command runs for its items, in its caller's scope: no call, but a line of a trace.
pub struct Turn {
    /// The calls that were under way.
    pub n_frames: usize,
    /// Where it was run from.
    pub at: Span,
    pub source: Rc<Source>,
    pub block: &'static str,
}

pub struct Engine {
    pub scope: Rc<Scope>,
    pub global: Rc<Scope>,
    /// The scope in which a block runs that has none of its own: one of `ForEach-Object`, or dot-sourced.
    pub dotted: *const Scope,
    pub frames: Vec<Frame>,
    pub turns: Vec<Turn>,
    pub source: Rc<Source>,
    /// What was loaded while the script ran and defines functions.
    pub sources: Vec<Rc<Source>>,
    /// `$Error`, newest first.
    pub errors: Rc<List>,
    /// `$?`
    pub is_ok: bool,
    /// `$LASTEXITCODE`
    pub last_exit: Option<i32>,
    /// How many `try` blocks are around what runs.
    pub n_try: usize,
    /// Nested calls of everything that uses the stack.
    pub depth: usize,
    pub next_pipeline: u64,
    pub streams: Streams,
    /// Classes and enums of scripts.
    pub own_types: OwnTypes,
    /// What `Update-TypeData` said.
    pub type_table: TypeTable,
    pub namespaces: Vec<String>,
    /// `Get-Location`: absolute.
    pub location: String,
    pub location_stack: Vec<String>,
    /// Where `Set-Location -` goes back to, and `Set-Location +` from there.
    pub location_history: (Vec<String>, Vec<String>),
    pub printer: Printer,
    /// Modules that were imported: a second import does nothing.
    pub modules: Vec<Module>,
    /// Whether there ever was a module, a closure's own among them: from then on blocks know where they are from.
    pub has_modules: bool,
}

impl Engine {
    pub fn new() -> Self {
        let global = Scope::new(ScopeKind::Global, None);
        let location = crate::place::start();
        let mut engine = Self {
            scope: Rc::clone(&global),
            global,
            dotted: std::ptr::null(),
            frames: Vec::new(),
            turns: Vec::new(),
            source: Rc::default(),
            sources: Vec::new(),
            errors: Rc::new(List::new(ListKind::ArrayList, Vec::new())),
            is_ok: true,
            last_exit: None,
            n_try: 0,
            depth: 0,
            next_pipeline: 0,
            streams: Streams::default(),
            own_types: OwnTypes::default(),
            type_table: TypeTable::default(),
            namespaces: Vec::new(),
            location,
            location_stack: Vec::new(),
            location_history: Default::default(),
            printer: Printer::default(),
            modules: Vec::new(),
            has_modules: false,
        };
        engine.set_preferences();
        engine
    }

    fn set_preferences(&mut self) {
        // `$ErrorActionPreference` is automatic: see `default_error_action`.
        const DEFAULTS: [(&str, &str); 7] = [
            ("WarningPreference", "Continue"),
            ("VerbosePreference", "SilentlyContinue"),
            ("DebugPreference", "SilentlyContinue"),
            ("InformationPreference", "SilentlyContinue"),
            ("ProgressPreference", "Continue"),
            ("ConfirmPreference", "High"),
            ("ErrorView", "ConciseView"),
        ];
        for (name, value) in DEFAULTS {
            self.global.put(intern(name), Value::from(value));
        }
        self.global
            .put(intern("WhatIfPreference"), Value::Bool(false));
    }

    /// Runs a script file's body in a scope of its own; what it puts out goes to `out`.
    pub fn run_script(
        &mut self,
        body: &Rc<Body>,
        args: Vec<ArgValue>,
        input: Option<Vec<Value>>,
        out: &mut dyn Sink,
    ) -> R<()> {
        let scope = Scope::new(ScopeKind::Script, Some(Rc::clone(&self.global)));
        self.in_script_scope(scope, body, args, input, out)
    }

    pub fn in_script_scope(
        &mut self,
        scope: Rc<Scope>,
        body: &Rc<Body>,
        args: Vec<ArgValue>,
        input: Option<Vec<Value>>,
        out: &mut dyn Sink,
    ) -> R<()> {
        let path: Rc<str> = Rc::from(body.source.path.as_str());
        let name: Rc<str> = Rc::from(crate::place::file_name(&path));
        self.enter(name, body, false)?;
        let result = self.run_in(scope, body, args, input, out);
        self.leave();
        result
    }

    /// Notes a call that begins. Every `enter` that succeeds needs a [`Self::leave`].
    pub fn enter(&mut self, name: Rc<str>, body: &Rc<Body>, is_function: bool) -> R<()> {
        self.deeper()?;
        let at = self.streams.at;
        self.frames.push(Frame {
            written: Rc::clone(&name),
            name,
            source: Rc::clone(&self.source),
            at,
            scope: Rc::clone(&self.scope),
            body: Rc::clone(body),
            is_function,
            block: "",
            has_input: false,
            has_failed: false,
        });
        self.source = Rc::clone(&body.source);
        Ok(())
    }

    /// Ends the call; whether it said that it failed.
    pub fn leave(&mut self) -> bool {
        self.depth -= 1;
        let Some(frame) = self.frames.pop() else {
            return false;
        };
        self.source = frame.source;
        self.streams.at = frame.at;
        frame.has_failed
    }

    /// Goes one call deeper, or fails as PowerShell does.
    pub fn deeper(&mut self) -> R<()> {
        if self.depth >= super::MAX_CALL_DEPTH {
            return Err(crate::value::fail(
                "System.Management.Automation.ScriptCallDepthException",
                "CallDepthOverflow",
                "The script failed due to call depth overflow.",
            ));
        }
        self.depth += 1;
        Ok(())
    }

    /// A value as text, with a class's own `ToString` and `$OFS`.
    pub fn text(&mut self, value: &Value) -> R<String> {
        match value {
            Value::Str(text) => Ok(text.to_string()),
            Value::Object(object) => {
                if let Some(found) = self.class_text(object)? {
                    return Ok(found);
                }
                Ok(value.text())
            }
            _ if value.is_collection() => {
                let items = value.to_items();
                let glue = self
                    .scope
                    .get(Sym::OFS)
                    .map_or_else(|| " ".to_owned(), |ofs| ofs.text());
                let mut parts = Vec::with_capacity(items.len());
                for item in &items {
                    parts.push(match item {
                        _ if item.is_collection() => item.type_name(),
                        _ => self.text(item)?,
                    });
                }
                Ok(parts.join(&glue))
            }
            _ => Ok(value.text()),
        }
    }

    /// The variable, by name, as PowerShell code sees it.
    pub fn variable_by_name(&mut self, name: &str) -> Option<Value> {
        self.scope.get(intern(name))
    }

    pub fn set_here(&mut self, name: &str, value: Value) {
        self.scope.put(intern(name), value);
    }

    /// The scope of a name that may say it, and the rest of the name: `-ErrorVariable script:problems`.
    pub fn scope_of_name<'a>(&self, name: &'a str) -> (Rc<Scope>, &'a str) {
        let (scope, rest) = name.split_once(':').unwrap_or(("", name));
        let scope = match scope.to_ascii_lowercase().as_str() {
            "global" => Rc::clone(&self.global),
            "script" => self.scope.script(),
            _ => Rc::clone(&self.scope),
        };
        (scope, rest)
    }

    /// Ends as `exit` does.
    pub fn exit<T>(&self, code: i32) -> R<T> {
        Err(Ctl::Exit(code))
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}
