//! Commands: which one a name means, and the stage of a pipeline that runs it.

use std::cell::RefCell;
use std::rc::Rc;

use super::binding::{ArgValue, Args};
use super::call::FunctionStage;
use super::pipeline::{Routed, Sink, Stage, stage_id};
use super::scope::{Scope, ScopeKind};
use super::{Action, Engine};
use crate::cmdlets::{self, Cmdlet, Run};
use crate::parse::ast::{Command, ExprKind, Invoke};
use crate::value::{Ctl, R, Value, fail, intern, to_bool};

/// The cmdlet of that name, or that the alias stands for.
pub fn find_cmdlet(name: &str) -> Option<&'static Cmdlet> {
    cmdlets::find(name)
}

impl Engine {
    pub fn command_stage(&mut self, command: &Command, has_input: bool) -> R<Box<dyn Stage>> {
        let stage = self.command_stage_at(command, has_input);
        stage.map_err(|ctl| self.placed(ctl, command.span))
    }

    fn command_stage_at(&mut self, command: &Command, has_input: bool) -> R<Box<dyn Stage>> {
        let target = self.eval(&command.name)?;
        let args = self.arguments(command)?;
        let routed = Routed::new(self, &command.redirects)?;
        let is_dot = command.invoke == Invoke::Dot;
        let stage = match &target {
            Value::Script(script) => {
                let scope = if is_dot {
                    Rc::clone(&self.scope)
                } else {
                    Scope::new(
                        ScopeKind::Local,
                        Some(
                            script
                                .home
                                .clone()
                                .unwrap_or_else(|| Rc::clone(&self.scope)),
                        ),
                    )
                };
                Inner::Stage(Box::new(FunctionStage::block(
                    "<ScriptBlock>",
                    &script.body,
                    scope,
                    args,
                    has_input,
                )))
            }
            Value::Object(object) if object.note("Name").is_some() => {
                let name = object.note("Name").unwrap_or_default().text();
                self.named(&name, args, has_input, is_dot, command)?
            }
            _ => {
                let name = self.text(&target)?;
                self.named(&name, args, has_input, is_dot, command)?
            }
        };
        Ok(Box::new(CommandStage {
            inner: stage,
            routed,
            span: command.span,
            settings: None,
            kept: RefCell::default(),
        }))
    }

    fn named(
        &mut self,
        name: &str,
        args: Vec<ArgValue>,
        has_input: bool,
        is_dot: bool,
        command: &Command,
    ) -> R<Inner> {
        let mut name = name.to_owned();
        if let Some(alias) = self.scope.alias(intern(&name)) {
            name = alias.to_string();
        }
        let bare = name.rsplit('\\').next().unwrap_or(&name).to_owned();
        if let Some(function) = self.scope.function(intern(&bare)) {
            return Ok(Inner::Stage(Box::new(FunctionStage::new(
                self,
                &function.name.text(),
                &function,
                args,
                has_input,
            ))));
        }
        if let Some(cmdlet) = cmdlets::find(&bare) {
            return self.cmdlet(cmdlet, args, has_input);
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
            return self.script_file(&name, args, has_input, is_dot);
        }
        if name.is_empty() {
            return Err(fail(
                "System.Management.Automation.RuntimeException",
                "BadExpression",
                "The expression after '&' in a pipeline element produced an object that was not valid. It must result in a command name, a script block, or a CommandInfo object.",
            ));
        }
        let is_written = matches!(&command.name.kind, ExprKind::Word(_) | ExprKind::Const(_));
        if is_written || crate::check::hints::is_known_elsewhere(&bare) {
            return Err(crate::value::refuse(crate::check::hints::unknown_command(
                &name,
            )));
        }
        Err(command_not_found(&name))
    }

    /// `& ./other.ps1`, `. ./functions.ps1`
    fn script_file(
        &mut self,
        name: &str,
        args: Vec<ArgValue>,
        has_input: bool,
        is_dot: bool,
    ) -> R<Inner> {
        let path = crate::place::absolute(&self.location, name);
        let Ok(text) = crate::place::read_text(&path) else {
            return Err(command_not_found(name));
        };
        let body = crate::check::load(&path, text).map_err(crate::value::refuse)?;
        let scope = if is_dot {
            Rc::clone(&self.scope)
        } else {
            Scope::new(ScopeKind::Script, Some(Rc::clone(&self.scope)))
        };
        if !is_dot {
            self.last_exit = Some(0);
        }
        let stage = FunctionStage::block(
            crate::place::file_name(&path),
            &body,
            scope,
            args,
            has_input,
        );
        Ok(Inner::Script(Box::new(stage)))
    }

    fn cmdlet(
        &mut self,
        cmdlet: &'static Cmdlet,
        args: Vec<ArgValue>,
        has_input: bool,
    ) -> R<Inner> {
        let (args, settings) = bind_cmdlet(cmdlet, args, has_input)?;
        let stage: Box<dyn Stage> = match cmdlet.run {
            Run::Each(run) => Box::new(Each {
                args,
                run,
                is_named: false,
            }),
            Run::Whole(run) => Box::new(Whole {
                args,
                run,
                input: Vec::new(),
            }),
            Run::Stage(make) => make(args)?,
        };
        Ok(Inner::Cmdlet(stage, cmdlet.name, settings))
    }
}

pub fn command_not_found(name: &str) -> Ctl {
    let mut record = crate::value::ErrorRecord::new(
        crate::value::Exception::new(
            "System.Management.Automation.CommandNotFoundException",
            format!(
                "The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again."
            ),
        ),
        "CommandNotFoundException",
        "ObjectNotFound",
    );
    record.target = Value::from(name);
    Ctl::Throw(Rc::new(record))
}

/// What the common parameters of one call say.
#[derive(Clone, Default)]
struct Settings {
    error_action: Option<Action>,
    warning_action: Option<Action>,
    is_verbose: Option<bool>,
    is_debug: Option<bool>,
    error_variable: Option<String>,
    out_variable: Option<String>,
}

fn bind_cmdlet(
    cmdlet: &'static Cmdlet,
    args: Vec<ArgValue>,
    has_input: bool,
) -> R<(Args, Settings)> {
    let params = cmdlet.parameters();
    let mut bound = Args {
        cmdlet,
        values: Vec::new(),
        has_input,
    };
    let mut settings = Settings::default();
    let mut positional = Vec::new();
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        let (name, value) = match arg {
            ArgValue::Value(value) => {
                positional.push(value);
                continue;
            }
            ArgValue::Named(name, value) => (name, value),
        };
        let param = cmdlets::parameter(cmdlet, &name).map_err(|message| {
            fail(
                "System.Management.Automation.ParameterBindingException",
                "NamedParameterNotFound",
                message,
            )
        })?;
        let value = match value {
            Some(value) => value,
            None if param.is_switch => Value::Bool(true),
            None => match args.next() {
                Some(ArgValue::Value(value)) => value,
                _ => {
                    return Err(fail(
                        "System.Management.Automation.ParameterBindingException",
                        "MissingArgument",
                        format!(
                            "Missing an argument for parameter '{}'. Specify a parameter and try again.",
                            param.name
                        ),
                    ));
                }
            },
        };
        if !common(&mut settings, param.name, &value)? {
            bound.set(param.name, value);
        }
    }
    let mut free: Vec<_> = params
        .iter()
        .filter(|param| param.position.is_some() && !bound.has(param.name))
        .collect();
    free.sort_by_key(|param| param.position);
    let mut free = free.into_iter();
    let mut rest = Vec::new();
    for value in positional {
        match free.next() {
            Some(param) => bound.set(param.name, value),
            None => rest.push(value),
        }
    }
    if let Some(taker) = params.iter().find(|param| param.takes_rest) {
        if !rest.is_empty() {
            let mut all = bound
                .get(taker.name)
                .cloned()
                .map(|first| vec![first])
                .unwrap_or_default();
            all.extend(rest);
            bound.set(taker.name, Value::from(all));
        }
    } else if let Some(extra) = rest.first() {
        return Err(fail(
            "System.Management.Automation.ParameterBindingException",
            "PositionalParameterNotFound",
            format!(
                "A positional parameter cannot be found that accepts argument '{}'.",
                extra.text()
            ),
        ));
    }
    for param in params
        .iter()
        .filter(|param| param.is_mandatory && !bound.has(param.name))
    {
        if !(has_input && param.takes_input) {
            return Err(super::binding::missing(&[param.name]));
        }
    }
    Ok((bound, settings))
}

/// Takes a common parameter; false if it is none.
fn common(settings: &mut Settings, name: &str, value: &Value) -> R<bool> {
    let action = || {
        Action::parse(&value.text()).ok_or_else(|| {
            crate::value::argument_error(name, format!("\"{}\" is not an action.", value.text()))
        })
    };
    match name {
        "ErrorAction" => settings.error_action = Some(action()?),
        "WarningAction" => settings.warning_action = Some(action()?),
        "Verbose" => settings.is_verbose = Some(to_bool(value)),
        "Debug" => settings.is_debug = Some(to_bool(value)),
        "ErrorVariable" => settings.error_variable = Some(value.text()),
        "OutVariable" => settings.out_variable = Some(value.text()),
        "InformationAction" | "ProgressAction" => {}
        _ => return Ok(false),
    }
    Ok(true)
}

enum Inner {
    /// A function or block.
    Stage(Box<dyn Stage>),
    /// A script file: `exit` ends it alone.
    Script(Box<dyn Stage>),
    Cmdlet(Box<dyn Stage>, &'static str, Settings),
}

/// A command with what is around it: redirections, common parameters, its place, `$?`.
struct CommandStage {
    inner: Inner,
    routed: Routed,
    span: crate::lex::Span,
    settings: Option<Rc<RefCell<Vec<Value>>>>,
    /// Output for `-OutVariable`.
    kept: RefCell<Vec<Value>>,
}

/// What the command is asked to do.
enum Ask {
    Begin,
    Process(Value),
    End,
}

impl CommandStage {
    fn ask(&mut self, engine: &mut Engine, ask: Ask, out: &mut dyn Sink) -> R<()> {
        let is_end = matches!(ask, Ask::End);
        engine.streams.at = self.span;
        let id = stage_id(self);
        let result = if self.routed.is_plain() && matches!(self.inner, Inner::Stage(_)) {
            let Inner::Stage(stage) = &mut self.inner else {
                return Ok(());
            };
            if is_end {
                engine.is_ok = true;
            }
            run(stage.as_mut(), engine, ask, out)
        } else {
            self.ask_routed(engine, ask, out)
        };
        match result {
            Ok(()) => Ok(()),
            Err(Ctl::Stop(0)) => Err(Ctl::Stop(id)),
            Err(ctl) => {
                let ctl = match (&self.inner, ctl) {
                    (Inner::Cmdlet(_, name, _), Ctl::Throw(record)) => {
                        if record.position.borrow().is_none() && record.activity.borrow().is_empty()
                        {
                            *record.activity.borrow_mut() = (*name).to_owned();
                        }
                        Ctl::Throw(record)
                    }
                    (_, ctl) => ctl,
                };
                Err(engine.placed(ctl, self.span))
            }
        }
    }

    fn ask_routed(&mut self, engine: &mut Engine, ask: Ask, out: &mut dyn Sink) -> R<()> {
        let is_end = matches!(ask, Ask::End);
        self.routed.enter(engine);
        let mut own = Vec::new();
        let result = match &mut self.inner {
            Inner::Stage(stage) => {
                if is_end {
                    engine.is_ok = true;
                }
                run(stage.as_mut(), engine, ask, &mut own)
            }
            Inner::Script(stage) => match run(stage.as_mut(), engine, ask, &mut own) {
                Err(Ctl::Exit(code)) => {
                    engine.last_exit = Some(code);
                    engine.is_ok = code == 0;
                    Ok(())
                }
                other => other,
            },
            Inner::Cmdlet(stage, name, settings) => {
                let is_streamed = self.routed.is_plain() && settings.out_variable.is_none();
                let errors = settings
                    .error_variable
                    .as_ref()
                    .map(|_| Rc::clone(self.settings.get_or_insert_default()));
                let saved = (
                    engine.streams.error_action,
                    engine.streams.warning_action,
                    engine.streams.is_verbose,
                    engine.streams.is_debug,
                    std::mem::replace(&mut engine.streams.activity, Rc::from(*name)),
                    std::mem::replace(&mut engine.streams.error_variable, errors),
                );
                engine.streams.error_action = settings.error_action;
                engine.streams.warning_action = settings.warning_action.or(saved.1);
                engine.streams.is_verbose = settings.is_verbose.or(saved.2);
                engine.streams.is_debug = settings.is_debug.or(saved.3);
                let had_error = std::mem::take(&mut engine.streams.had_error);
                let result = if is_streamed {
                    run(stage.as_mut(), engine, ask, out)
                } else {
                    run(stage.as_mut(), engine, ask, &mut own)
                };
                let failed = std::mem::replace(&mut engine.streams.had_error, had_error);
                engine.streams.had_error |= failed;
                engine.streams.error_action = saved.0;
                engine.streams.warning_action = saved.1;
                engine.streams.is_verbose = saved.2;
                engine.streams.is_debug = saved.3;
                engine.streams.activity = saved.4;
                engine.streams.error_variable = saved.5;
                if is_end {
                    engine.is_ok = !std::mem::take(&mut engine.streams.had_error);
                }
                result
            }
        };
        self.routed.leave(engine);
        let mut items = own;
        items.extend(self.routed.take_merged());
        let items = self.routed.keep(engine, items)?;
        if let Inner::Cmdlet(_, _, settings) = &self.inner
            && settings.out_variable.is_some()
        {
            self.kept.borrow_mut().extend(items.iter().cloned());
        }
        for item in items {
            out.put(engine, item)?;
        }
        if is_end || result.is_err() {
            self.routed.finish(engine)?;
        }
        if is_end {
            self.assign_variables(engine);
        }
        result
    }

    fn assign_variables(&mut self, engine: &mut Engine) {
        let Inner::Cmdlet(_, _, settings) = &self.inner else {
            return;
        };
        if let Some(name) = &settings.out_variable {
            let items = self.kept.borrow().clone();
            engine.set_here(name, Engine::list_of(items));
        }
        if let Some(name) = &settings.error_variable {
            let items = self
                .settings
                .as_ref()
                .map(|kept| kept.borrow().clone())
                .unwrap_or_default();
            let (name, mut all) = match name.strip_prefix('+') {
                Some(name) => (
                    name,
                    engine
                        .variable_by_name(name)
                        .map(|before| before.to_items())
                        .unwrap_or_default(),
                ),
                None => (name.as_str(), Vec::new()),
            };
            all.extend(items);
            engine.set_here(name, Engine::list_of(all));
        }
    }
}

fn run(stage: &mut dyn Stage, engine: &mut Engine, ask: Ask, out: &mut dyn Sink) -> R<()> {
    match ask {
        Ask::Begin => stage.begin(engine, out),
        Ask::Process(item) => stage.process(engine, item, out),
        Ask::End => stage.end(engine, out),
    }
}

impl Stage for CommandStage {
    fn begin(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        self.ask(engine, Ask::Begin, out)
    }

    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        self.ask(engine, Ask::Process(item), out)
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        self.ask(engine, Ask::End, out)
    }
}

/// A cmdlet that does the same for every item, and once without a pipe.
struct Each {
    args: Args,
    run: cmdlets::EachFn,
    is_named: bool,
}

impl Stage for Each {
    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        self.is_named = true;
        (self.run)(engine, &self.args, Some(item), out)
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        if self.args.has_input {
            return Ok(());
        }
        (self.run)(engine, &self.args, None, out)
    }
}

/// A cmdlet that needs all its input first.
struct Whole {
    args: Args,
    run: cmdlets::WholeFn,
    input: Vec<Value>,
}

impl Stage for Whole {
    fn process(&mut self, _: &mut Engine, item: Value, _: &mut dyn Sink) -> R<()> {
        self.input.push(item);
        Ok(())
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        let input = std::mem::take(&mut self.input);
        (self.run)(engine, &self.args, input, out)
    }
}
