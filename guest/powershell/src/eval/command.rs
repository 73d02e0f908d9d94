//! Commands: which one a name means, and the stage of a pipeline that runs it.

use std::rc::Rc;

use super::Engine;
use super::binding::ArgValue;
use super::call::FunctionStage;
use super::cmdlet;
use super::pipeline::Routed;
use super::scope::{Scope, ScopeKind};
use super::settings::Settings;
use super::stage::{CommandStage, Inner};
use crate::check::Loaded;
use crate::cmdlets::{self, Cmdlet};
use crate::parse::ast::{Arg, Command, Element, ExprKind, Invoke, Source, StmtKind};
use crate::value::{Ctl, ErrorRecord, Exception, R, Value, fail, intern};

/// The cmdlet of that name, or that the alias stands for.
pub fn find_cmdlet(name: &str) -> Option<&'static Cmdlet> {
    cmdlets::find(name)
}

impl Engine {
    pub fn command_stage(&mut self, command: &Command, has_input: bool) -> R<CommandStage> {
        let stage = self.command_stage_at(command, has_input);
        stage.map_err(|ctl| self.placed(ctl, command.span))
    }

    fn command_stage_at(&mut self, command: &Command, has_input: bool) -> R<CommandStage> {
        if is_like_method(command) && self.scope.is_strict(2) {
            return Err(fail(
                "System.Management.Automation.RuntimeException",
                "StrictModeFunctionCallWithParens",
                "The function or command was called as if it were a method. Parameters should be separated by spaces. For information about parameters, see the about_Parameters Help topic.",
            ));
        }
        let target = self.eval(&command.name)?;
        let args = self.arguments(command)?;
        let routed = Routed::new(self, &command.redirects)?;
        let is_dot = command.invoke == Invoke::Dot;
        let mut settings = Settings::default();
        let stage = match &target {
            Value::Script(script) => {
                if script.body.is_advanced {
                    settings.read_collectors(&script.body, &args);
                }
                let scope = if is_dot {
                    self.foreign_scope(script)
                        .unwrap_or_else(|| Rc::clone(&self.scope))
                } else {
                    Scope::new(ScopeKind::Local, Some(self.around(script)))
                };
                let stage =
                    FunctionStage::block("<ScriptBlock>", &script.body, scope, args, has_input);
                Inner::Stage(Box::new(stage.written(written(command.invoke, "&"))))
            }
            Value::Object(object) if object.note("Name").is_some() => {
                let name = object.note("Name").unwrap_or_default().text();
                self.named(&name, args, has_input, command, &mut settings)?
            }
            _ => {
                let name = self.text(&target)?;
                self.named(&name, args, has_input, command, &mut settings)?
            }
        };
        Ok(CommandStage::new(
            self,
            stage,
            routed,
            command.span,
            settings,
        ))
    }

    fn named(
        &mut self,
        name: &str,
        args: Vec<ArgValue>,
        has_input: bool,
        command: &Command,
        settings: &mut Settings,
    ) -> R<Inner> {
        let is_dot = command.invoke == Invoke::Dot;
        let written = written(command.invoke, name);
        let mut name = name.to_owned();
        if let Some(alias) = self.scope.alias(intern(&name)) {
            name = alias.to_string();
        }
        let bare = name.rsplit('\\').next().unwrap_or(&name).to_owned();
        if let Some(function) = self.scope.function(intern(&bare)) {
            if function.body.is_advanced {
                settings.read_collectors(&function.body, &args);
            }
            let stage = FunctionStage::new(self, &function.written, &function, args, has_input);
            return Ok(Inner::Stage(Box::new(stage.written(written))));
        }
        if let Some(cmdlet) = cmdlets::find(&bare) {
            let defaults = self.defaults_of_cmdlet(cmdlet)?;
            let stage = cmdlet::stage(cmdlet, args, &defaults, has_input, settings)?;
            return Ok(Inner::Cmdlet(stage, cmdlet.name));
        }
        let looks_like_path = name.contains('/')
            || name.contains('\\')
            || name.to_ascii_lowercase().ends_with(".ps1")
            || name.to_ascii_lowercase().ends_with(".psm1");
        if looks_like_path
            && matches!(
                name.rsplit('.')
                    .next()
                    .map(str::to_ascii_lowercase)
                    .as_deref(),
                Some("ps1" | "psm1")
            )
        {
            return self.script_file(&name, args, has_input, is_dot, written);
        }
        if name.is_empty() {
            return Err(fail(
                "System.Management.Automation.RuntimeException",
                "BadExpression",
                "The expression after '&' in a pipeline element produced an object that was not valid. It must result in a command name, a script block, or a CommandInfo object.",
            ));
        }
        let is_written = matches!(&command.name.kind, ExprKind::Word(_) | ExprKind::Const(_));
        let lower = bare.to_lowercase();
        let defines = |source: &Rc<Source>| {
            let names = source.functions.get();
            names.is_some_and(|names| names.contains(&lower))
        };
        if defines(&self.source) || self.sources.iter().any(defines) {
            // It is defined further down, or is out of sight, as what a module keeps to itself.
            return Err(command_not_found(&name));
        }
        if is_written && crate::check::hints::is_of_powershell(&bare) {
            return Err(crate::value::refuse(crate::check::hints::unknown_command(
                &name,
            )));
        }
        // A name that comes up only now, or that a file was to define, is the script's own to deal with, as where the program isn't installed.
        Err(unknown_here(&name))
    }

    /// Whether a function or an alias of that name is in sight, or is defined by the script that runs.
    pub fn has_command(&self, name: &str) -> bool {
        let sym = intern(name);
        self.scope.function(sym).is_some()
            || self.scope.alias(sym).is_some()
            || self
                .source
                .functions
                .get()
                .is_some_and(|names| names.contains(&name.to_lowercase()))
    }

    /// `& ./other.ps1`, `. ./functions.ps1`
    fn script_file(
        &mut self,
        name: &str,
        args: Vec<ArgValue>,
        has_input: bool,
        is_dot: bool,
        written: &str,
    ) -> R<Inner> {
        let path = crate::place::absolute(&self.location, name);
        let Ok(text) = crate::place::read_text(&path) else {
            return Err(command_not_found(name));
        };
        let what = if is_dot {
            Loaded::Library
        } else {
            Loaded::Script
        };
        let body = self.load(&path, text, what)?;
        let scope = if is_dot {
            Rc::clone(&self.scope)
        } else {
            Scope::new(ScopeKind::Script, Some(Rc::clone(&self.scope)))
        };
        if !is_dot {
            self.set_last_exit(0);
        }
        let stage = FunctionStage::block(
            crate::place::file_name(&path),
            &body,
            scope,
            args,
            has_input,
        );
        Ok(Inner::Script(Box::new(stage.written(written))))
    }
}

/// `Name(1, 2)`: several values in parentheses right behind the name (Compiler.VisitCommand).
fn is_like_method(command: &Command) -> bool {
    let [Arg::Value(arg)] = command.args.as_slice() else {
        return false;
    };
    let ExprKind::Paren(inner) = &arg.kind else {
        return false;
    };
    let StmtKind::Pipeline(pipeline) = &inner.kind else {
        return false;
    };
    let is_list = matches!(
        pipeline.elements.as_slice(),
        [Element::Expr(expr, _)] if matches!(expr.kind, ExprKind::Comma(_))
    );
    is_list && command.name.span.end == arg.span.start
}

/// `$MyInvocation.InvocationName`: the operator where there is one (PipelineOps.AddCommand).
fn written(invoke: Invoke, name: &str) -> &str {
    match invoke {
        Invoke::Dot => ".",
        Invoke::Call => "&",
        Invoke::Name => name,
    }
}

pub fn command_not_found(name: &str) -> Ctl {
    not_found(name, "")
}

/// The same for a command that PowerShell would find elsewhere: the message says why it isn't here.
fn unknown_here(name: &str) -> Ctl {
    use crate::check::hints;
    if !hints::is_known_elsewhere(name) {
        return command_not_found(name);
    }
    let why = hints::elsewhere(&hints::unknown_command(name));
    not_found(name, &format!("\n{why}"))
}

fn not_found(name: &str, why: &str) -> Ctl {
    let mut exception = Exception::new(
        "System.Management.Automation.CommandNotFoundException",
        format!(
            "The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again.{why}"
        ),
    );
    exception.props.push(("CommandName", Value::from(name)));
    let mut record = ErrorRecord::new(exception, "CommandNotFoundException", "ObjectNotFound");
    *record.invoked.borrow_mut() = name.to_owned();
    record.target = Value::from(name);
    Ctl::Throw(Rc::new(record))
}
