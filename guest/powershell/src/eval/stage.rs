//! A command with what is around it: redirections, common parameters, its place, `$?`.

use std::cell::RefCell;
use std::rc::Rc;

use super::Engine;
use super::pipeline::{Routed, Sink, Stage, stage_id};
use super::scope::Scope;
use super::settings::Settings;
use super::streams::{Collectors, Kept};
use crate::lex::Span;
use crate::parse::ast::Source;
use crate::value::{Ctl, R, Sym, Value, intern};

pub enum Inner {
    /// A function or block.
    Stage(Box<dyn Stage>),
    /// A script file: `exit` ends it alone.
    Script(Box<dyn Stage>),
    Cmdlet(Box<dyn Stage>, &'static str),
}

pub struct CommandStage {
    inner: Inner,
    routed: Routed,
    span: Span,
    settings: Settings,
    collected: Collected,
    /// What `-OutBuffer` holds back.
    held: Vec<Value>,
    /// Whether its output is the pipeline's: then the calls around collect what it says.
    is_last: bool,
    /// Where the pipeline stands. A function upstream that puts out an item is still running, in its own scope.
    home: Home,
}

struct Home {
    scope: Rc<Scope>,
    source: Rc<Source>,
    n_frames: usize,
}

/// What `-ErrorVariable` and the like have seen so far.
#[derive(Default)]
struct Collected {
    errors: Option<Kept>,
    warnings: Option<Kept>,
    information: Option<Kept>,
    output: RefCell<Vec<Value>>,
}

/// What comes after a command: its redirections are its own, and `-PipelineVariable` holds the item that is under way.
struct Downstream<'a> {
    routed: &'a mut Routed,
    variable: Option<Sym>,
    scope: &'a Rc<Scope>,
    out_buffer: Option<usize>,
    held: &'a mut Vec<Value>,
    /// Who collects there: the calls around the pipeline, not the command before.
    collected: &'a Collectors,
    out: &'a mut dyn Sink,
}

/// What `-OutVariable` keeps of the output; other streams that are merged into it aren't output.
struct Observed<'a> {
    kept: &'a RefCell<Vec<Value>>,
    to: &'a mut dyn Sink,
}

impl Sink for Observed<'_> {
    fn put(&mut self, engine: &mut Engine, value: Value) -> R<()> {
        self.kept.borrow_mut().push(value.clone());
        self.to.put(engine, value)
    }
}

impl Downstream<'_> {
    fn pass_on(&mut self, engine: &mut Engine, value: Value) -> R<()> {
        if let Some(name) = self.variable {
            self.scope.put(name, value.clone());
        }
        self.routed.leave(engine);
        let own = engine.quiet();
        let collected = std::mem::replace(&mut engine.streams.collected, self.collected.clone());
        let result = self.out.put(engine, value);
        engine.streams.collected = collected;
        engine.unquiet(own);
        self.routed.enter(engine);
        result
    }

    /// What was held back goes on.
    fn release(&mut self, engine: &mut Engine) -> R<()> {
        let held = std::mem::take(self.held);
        held.into_iter()
            .try_for_each(|value| self.pass_on(engine, value))
    }
}

impl Sink for Downstream<'_> {
    fn put(&mut self, engine: &mut Engine, value: Value) -> R<()> {
        let Some(n) = self.out_buffer else {
            return self.pass_on(engine, value);
        };
        self.held.push(value);
        if self.held.len() > n {
            return self.release(engine);
        }
        Ok(())
    }

    fn returning(&mut self) {
        self.out.returning();
    }
}

/// What the command is asked to do.
enum Ask {
    Begin,
    Process(Value),
    End,
}

impl CommandStage {
    pub fn new(
        engine: &Engine,
        inner: Inner,
        routed: Routed,
        span: Span,
        settings: Settings,
    ) -> Self {
        let kept = |name: &Option<String>| name.as_ref().map(|_| Kept::default());
        let collected = Collected {
            errors: kept(&settings.error_variable),
            warnings: kept(&settings.warning_variable),
            information: kept(&settings.information_variable),
            output: RefCell::default(),
        };
        Self {
            inner,
            routed,
            span,
            settings,
            collected,
            held: Vec::new(),
            is_last: true,
            home: Home {
                scope: Rc::clone(&engine.scope),
                source: Rc::clone(&engine.source),
                n_frames: engine.frames.len(),
            },
        }
    }

    /// The same before another command.
    pub fn before_others(mut self) -> Self {
        self.is_last = false;
        self
    }

    fn collects(&self) -> bool {
        self.settings.out_variable.is_some()
            || self.settings.pipeline_variable.is_some()
            || self.settings.out_buffer.is_some()
            || self.collected.errors.is_some()
            || self.collected.warnings.is_some()
            || self.collected.information.is_some()
    }

    fn ask(&mut self, engine: &mut Engine, ask: Ask, out: &mut dyn Sink) -> R<()> {
        if Rc::ptr_eq(&engine.scope, &self.home.scope) {
            return self.ask_here(engine, ask, out);
        }
        let scope = std::mem::replace(&mut engine.scope, Rc::clone(&self.home.scope));
        let source = std::mem::replace(&mut engine.source, Rc::clone(&self.home.source));
        let n_frames = self.home.n_frames.min(engine.frames.len());
        let above = engine.frames.split_off(n_frames);
        let at = engine.streams.at;
        let result = self.ask_here(engine, ask, out);
        engine.streams.at = at;
        engine.frames.extend(above);
        engine.source = source;
        engine.scope = scope;
        result
    }

    fn ask_here(&mut self, engine: &mut Engine, ask: Ask, out: &mut dyn Sink) -> R<()> {
        engine.streams.at = self.span;
        let id = stage_id(self);
        let is_heard = self.is_last || engine.streams.collected.is_empty();
        let is_bare = self.routed.is_plain() && !self.collects() && is_heard;
        let result = match &mut self.inner {
            Inner::Stage(stage) if is_bare => run(stage.as_mut(), engine, ask, out),
            _ => self.ask_routed(engine, ask, out),
        };
        match result {
            Ok(()) => Ok(()),
            Err(Ctl::Stop(0)) => Err(Ctl::Stop(id)),
            Err(ctl) => {
                if matches!(ctl, Ctl::Throw(_)) {
                    engine.is_ok = false;
                }
                self.sign(&ctl);
                Err(engine.placed(ctl, self.span))
            }
        }
    }

    /// Names the cmdlet in an error of its own.
    fn sign(&self, ctl: &Ctl) {
        if let (Inner::Cmdlet(_, name), Ctl::Throw(record)) = (&self.inner, ctl)
            && record.position.borrow().is_none()
            && record.activity.borrow().is_empty()
        {
            *record.activity.borrow_mut() = (*name).to_owned();
        }
    }

    fn ask_routed(&mut self, engine: &mut Engine, ask: Ask, out: &mut dyn Sink) -> R<()> {
        let is_end = matches!(ask, Ask::End);
        self.routed.enter(engine);
        let before = engine.streams.collected.clone();
        if !self.is_last {
            engine.streams.collected = Collectors::default();
        }
        engine.streams.collect(
            &self.collected.errors,
            &self.collected.warnings,
            &self.collected.information,
        );
        let is_streamed = !self.routed.takes_output();
        // Where streams are merged, output joins the others in the order in which things were said.
        let mut merged = self.routed.merged();
        let mut own = Vec::new();
        let variable = self.settings.pipeline_variable.as_deref().map(intern);
        let scope = Rc::clone(&engine.scope);
        if let (Ask::Begin, Some(name)) = (&ask, variable) {
            scope.put(name, Value::Null);
        }
        let mut downstream = Downstream {
            routed: &mut self.routed,
            variable,
            scope: &scope,
            out_buffer: self.settings.out_buffer,
            held: &mut self.held,
            collected: &before,
            out: &mut *out,
        };
        let to: &mut dyn Sink = match &mut merged {
            Some(queue) => queue,
            None if is_streamed => &mut downstream,
            None => &mut own,
        };
        let mut observed = Observed {
            kept: &self.collected.output,
            to,
        };
        let to: &mut dyn Sink = match self.settings.out_variable {
            Some(_) => &mut observed,
            None => observed.to,
        };
        let mut result = match &mut self.inner {
            Inner::Stage(stage) => run(stage.as_mut(), engine, ask, to),
            Inner::Script(stage) => match run(stage.as_mut(), engine, ask, to) {
                Err(Ctl::Exit(code)) => {
                    engine.set_last_exit(code);
                    engine.is_ok = code == 0;
                    Ok(())
                }
                other => other,
            },
            Inner::Cmdlet(stage, name) => {
                run_cmdlet(stage.as_mut(), name, &self.settings, engine, ask, to)
            }
        };
        if is_end && result.is_ok() {
            result = downstream.release(engine);
        }
        engine.streams.collected = before.clone();
        if let Err(ctl) = &result {
            self.sign(ctl);
            self.keep_end(ctl);
        }
        self.routed.leave(engine);
        let mut items = own;
        items.extend(self.routed.take_merged());
        let items = self.routed.keep(engine, items)?;
        for item in items {
            if let Some(name) = variable {
                scope.put(name, item.clone());
            }
            out.put(engine, item)?;
        }
        if let (true, Some(name)) = (is_end || result.is_err(), variable) {
            // It is there for the pipeline only.
            scope.restore(name, None);
        }
        if is_end || result.is_err() {
            self.routed.finish(engine)?;
            self.assign_variables(engine);
        }
        result
    }

    /// An error that ends a cmdlet is in its `-ErrorVariable` as the exception that carries it.
    fn keep_end(&self, ctl: &Ctl) {
        if let (Inner::Cmdlet(..), Ctl::Throw(record)) = (&self.inner, ctl)
            && let Some(kept) = &self.collected.errors
            && !record.is_stop
        {
            kept.borrow_mut().push(Value::Net(record.carrier()));
        }
    }

    fn assign_variables(&self, engine: &mut Engine) {
        let taken = |kept: &Option<Kept>| {
            kept.as_ref()
                .map(|kept| kept.borrow().clone())
                .unwrap_or_default()
        };
        let (settings, collected) = (&self.settings, &self.collected);
        assign(
            engine,
            &settings.out_variable,
            collected.output.borrow().clone(),
        );
        assign(engine, &settings.error_variable, taken(&collected.errors));
        assign(
            engine,
            &settings.warning_variable,
            taken(&collected.warnings),
        );
        assign(
            engine,
            &settings.information_variable,
            taken(&collected.information),
        );
    }
}

/// Sets the variable to the list of `items`; `+name` adds them to what it has.
fn assign(engine: &mut Engine, name: &Option<String>, items: Vec<Value>) {
    let Some(written) = name else { return };
    let (name, mut all) = match written.strip_prefix('+') {
        Some(name) => {
            let (scope, bare) = engine.scope_of_name(name);
            let before = scope.get(intern(bare));
            (name, before.map(|value| value.to_items()))
        }
        None => (written.as_str(), None),
    };
    let mut list = all.take().unwrap_or_default();
    list.extend(items);
    let (scope, bare) = engine.scope_of_name(name);
    scope.put(intern(bare), Engine::list_of(list));
}

/// Runs a cmdlet under its own settings; afterwards `$?` says whether it reported an error.
fn run_cmdlet(
    stage: &mut dyn Stage,
    name: &'static str,
    settings: &Settings,
    engine: &mut Engine,
    ask: Ask,
    out: &mut dyn Sink,
) -> R<()> {
    let is_end = matches!(ask, Ask::End);
    let streams = &mut engine.streams;
    let saved = (
        streams.error_action,
        streams.warning_action,
        streams.information_action,
        streams.is_verbose,
        streams.is_debug,
        std::mem::replace(&mut streams.activity, Rc::from(name)),
    );
    streams.error_action = settings.error_action;
    streams.warning_action = settings.warning_action;
    streams.information_action = settings.information_action;
    streams.is_verbose = settings.is_verbose;
    streams.is_debug = settings.is_debug;
    let had_error = std::mem::take(&mut streams.had_error);
    let result = run(stage, engine, ask, out);
    let streams = &mut engine.streams;
    streams.had_error |= had_error;
    streams.error_action = saved.0;
    streams.warning_action = saved.1;
    streams.information_action = saved.2;
    streams.is_verbose = saved.3;
    streams.is_debug = saved.4;
    streams.activity = saved.5;
    if is_end {
        engine.is_ok = !std::mem::take(&mut engine.streams.had_error);
    }
    result
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
