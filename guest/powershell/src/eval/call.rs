//! Calls: functions, scripts and script blocks, with their scopes.

use std::rc::Rc;

use super::binding::ArgValue;
use super::engine::Turn;
use super::pipeline::{Sink, Stage};
use super::scope::{Scope, ScopeKind};
use super::{Engine, Function};
use crate::parse::ast::{Block, Body};
use crate::types::enumerator;
use crate::value::{Ctl, R, Script, Sym, Value};

impl Engine {
    /// Runs a body in `scope`: arguments are bound, then its blocks run.
    pub fn run_in(
        &mut self,
        scope: Rc<Scope>,
        body: &Rc<Body>,
        args: Vec<ArgValue>,
        input: Option<Vec<Value>>,
        out: &mut dyn Sink,
    ) -> R<()> {
        let dotted = self.enters(&scope);
        let outer = std::mem::replace(&mut self.scope, scope);
        let result = self.run_bound(body, args, input, out);
        self.scope = outer;
        self.dotted = dotted;
        match result {
            Err(Ctl::Return) => Ok(()),
            other => other,
        }
    }

    /// Notes a body that is about to run in `scope`, the current one if it is dot-sourced; what was noted before.
    fn enters(&mut self, scope: &Rc<Scope>) -> *const Scope {
        let before = self.dotted;
        if Rc::ptr_eq(scope, &self.scope) {
            self.dotted = Rc::as_ptr(scope);
        }
        before
    }

    fn run_bound(
        &mut self,
        body: &Rc<Body>,
        args: Vec<ArgValue>,
        input: Option<Vec<Value>>,
        out: &mut dyn Sink,
    ) -> R<()> {
        self.bind(body, args, input.is_some())?;
        if let Some(begin) = &body.begin {
            self.run_block(begin, out)?;
        }
        let is_piped = input.is_some();
        let items = input.unwrap_or_default();
        if let Some(process) = &body.process {
            for item in &items {
                if !self.bind_item(body, item)? {
                    continue;
                }
                self.put_input(body, vec![item.clone()]);
                self.run_process(process, out)?;
            }
            if !is_piped {
                self.run_process(process, out)?;
            }
        }
        let is_left = body.process.is_none();
        self.put_last_input(body, if is_left { items } else { Vec::new() });
        self.run_block(&body.end, out)
    }

    /// `process`, for an item or, without a pipe, once: `return` ends this turn only.
    fn run_process(&mut self, process: &Block, out: &mut dyn Sink) -> R<()> {
        match self.run_block(process, out) {
            Err(Ctl::Return) => Ok(()),
            other => other,
        }
    }

    /// `$input`: it can be gone through once, until `Reset()`. An advanced function has a list of it (PSScriptCmdlet).
    fn put_input(&self, body: &Body, items: Vec<Value>) {
        let input = if body.is_advanced {
            Self::list_of(items)
        } else {
            enumerator::input(items)
        };
        self.scope.put(Sym::INPUT, input);
    }

    /// `$input` of `end`: an advanced function's is an array.
    fn put_last_input(&self, body: &Body, items: Vec<Value>) {
        if body.is_advanced {
            self.scope.put(Sym::INPUT, Value::from(items));
        } else {
            self.put_input(body, items);
        }
    }

    /// Calls a script block in a new scope; its output as one value.
    pub fn call_script(
        &mut self,
        script: &Rc<Script>,
        args: Vec<Value>,
        item: Option<Value>,
    ) -> R<Value> {
        let mut items = Vec::new();
        let args = args.into_iter().map(ArgValue::Value).collect();
        self.run_script_block(script, args, None, item, &mut items)?;
        Ok(Value::collapse(items))
    }

    /// Calls a script block in a new scope.
    pub fn run_script_block(
        &mut self,
        script: &Rc<Script>,
        args: Vec<ArgValue>,
        input: Option<Vec<Value>>,
        item: Option<Value>,
        out: &mut dyn Sink,
    ) -> R<()> {
        let scope = Scope::new(ScopeKind::Local, Some(self.around(script)));
        if let Some(item) = item {
            scope.put(Sym::ITEM, item);
        }
        self.run_script_block_in(scope, script, args, input, out)
    }

    /// Calls a script block in `scope`.
    pub fn run_script_block_in(
        &mut self,
        scope: Rc<Scope>,
        script: &Rc<Script>,
        args: Vec<ArgValue>,
        input: Option<Vec<Value>>,
        out: &mut dyn Sink,
    ) -> R<()> {
        self.enter(Rc::from("<ScriptBlock>"), &script.body, false)?;
        let saved = self.quiet();
        let result = self.run_in(scope, &script.body, args, input, out);
        self.unquiet(saved);
        self.leave();
        result
    }

    /// Runs a block with `$_` in the scope that is current, as `ForEach-Object` does.
    pub fn run_with_item(&mut self, script: &Rc<Script>, item: Value, out: &mut dyn Sink) -> R<()> {
        if script.home.is_some() || !script.body.params.is_empty() {
            return self.run_script_block(script, Vec::new(), None, Some(item), out);
        }
        let outer = self
            .foreign_scope(script)
            .map(|scope| std::mem::replace(&mut self.scope, scope));
        let dotted = std::mem::replace(&mut self.dotted, Rc::as_ptr(&self.scope));
        let before = self.scope.get_here(Sym::ITEM);
        self.scope.put(Sym::ITEM, item);
        let saved = self.quiet();
        let result = self.in_turn(&script.body, |engine| match &script.body.process {
            Some(process) => engine.run_block(process, out),
            None => engine.run_block(&script.body.end, out),
        });
        self.unquiet(saved);
        self.scope.restore(Sym::ITEM, before);
        if let Some(outer) = outer {
            self.scope = outer;
        }
        self.dotted = dotted;
        match result {
            Err(Ctl::Return) => Ok(()),
            other => other,
        }
    }

    /// Runs a body where its command stands: no call, but one level deeper, and a line of a trace.
    pub fn in_turn(&mut self, body: &Body, run: impl FnOnce(&mut Self) -> R<()>) -> R<()> {
        self.deeper()?;
        let source = std::mem::replace(&mut self.source, Rc::clone(&body.source));
        let at = self.streams.at;
        self.turns.push(Turn {
            n_frames: self.frames.len(),
            at,
            source: Rc::clone(&source),
            block: match body.process {
                Some(_) => "<Process>",
                None => "",
            },
        });
        let result = run(self);
        self.turns.pop();
        self.streams.at = at;
        self.source = source;
        self.depth -= 1;
        result
    }

    /// The value of a block with `$_`.
    pub fn call_with_item(&mut self, script: &Rc<Script>, item: Value) -> R<Value> {
        let mut items = Vec::new();
        self.run_with_item(script, item, &mut items)?;
        Ok(Value::collapse(items))
    }

    /// A script method or property: `$this`.
    pub fn call_with_this(
        &mut self,
        script: &Rc<Script>,
        this: Value,
        args: Vec<Value>,
    ) -> R<Value> {
        self.enter(Rc::from("<ScriptBlock>"), &script.body, false)?;
        let scope = Scope::new(ScopeKind::Local, Some(self.around(script)));
        scope.put(Sym::THIS, this);
        let mut items = Vec::new();
        let args = args.into_iter().map(ArgValue::Value).collect();
        let result = self.run_in(scope, &script.body, args, None, &mut items);
        self.leave();
        result.map(|()| Value::collapse(items))
    }

    /// Calls a function by name, with values for its parameters in order.
    pub fn call_function(&mut self, name: &str, args: Vec<ArgValue>, out: &mut dyn Sink) -> R<()> {
        let Some(function) = self.scope.function(crate::value::intern(name)) else {
            return Err(crate::value::refuse(format!(
                "The function '{name}' isn't defined."
            )));
        };
        let mut stage = FunctionStage::new(self, &function.written, &function, args, false);
        stage.begin(self, out)?;
        stage.end(self, out)
    }
}

/// What a function stage runs.
pub struct FunctionStage {
    name: Rc<str>,
    /// What the call wrote in its place.
    written: Rc<str>,
    body: Rc<Body>,
    scope: Rc<Scope>,
    args: Vec<ArgValue>,
    has_input: bool,
    input: Vec<Value>,
    /// `. { … }`: the caller's scope, not to be changed.
    is_returned: bool,
    is_function: bool,
    /// Whether it called `$PSCmdlet.WriteError`.
    has_failed: bool,
}

impl FunctionStage {
    pub fn new(
        engine: &Engine,
        name: &Rc<str>,
        function: &Function,
        args: Vec<ArgValue>,
        has_input: bool,
    ) -> Self {
        let parent = engine.around_function(function);
        Self {
            name: Rc::clone(name),
            written: Rc::clone(name),
            body: Rc::clone(&function.body),
            scope: Scope::new(ScopeKind::Local, Some(parent)),
            args,
            has_input,
            input: Vec::new(),
            is_returned: false,
            is_function: true,
            has_failed: false,
        }
    }

    /// `& { … }`, `. { … }`, `& $block` and scripts.
    pub fn block(
        name: &str,
        body: &Rc<Body>,
        scope: Rc<Scope>,
        args: Vec<ArgValue>,
        has_input: bool,
    ) -> Self {
        Self {
            name: Rc::from(name),
            written: Rc::from(name),
            body: Rc::clone(body),
            scope,
            args,
            has_input,
            input: Vec::new(),
            is_returned: false,
            is_function: false,
            has_failed: false,
        }
    }

    /// The same, called by another name: an alias, `&` or `.`.
    pub fn written(mut self, written: &str) -> Self {
        self.written = Rc::from(written);
        self
    }

    /// Runs a part of the function, in its scope.
    fn within(
        &mut self,
        engine: &mut Engine,
        block: &'static str,
        part: impl FnOnce(&mut Engine, &Self) -> R<()>,
    ) -> R<()> {
        engine.enter(Rc::clone(&self.name), &self.body, self.is_function)?;
        if let Some(frame) = engine.frames.last_mut() {
            frame.written = Rc::clone(&self.written);
            frame.has_input = self.has_input;
            frame.block = match self.body.has_named_blocks {
                true => block,
                false => "",
            };
        }
        let dotted = engine.enters(&self.scope);
        let outer = std::mem::replace(&mut engine.scope, Rc::clone(&self.scope));
        let result = part(engine, self);
        engine.scope = outer;
        engine.dotted = dotted;
        self.has_failed |= engine.leave();
        if let (true, Err(Ctl::Throw(record))) = (self.body.is_advanced, &result) {
            record.leaves_function.set(false);
        }
        result
    }

    /// An error in the arguments is the function's.
    fn named(&self, ctl: Ctl) -> Ctl {
        if let (true, Ctl::Throw(record)) = (self.is_function, &ctl)
            && record.activity.borrow().is_empty()
            && record.position.borrow().is_none()
        {
            *record.activity.borrow_mut() = self.name.to_string();
        }
        ctl
    }

    fn takes_items(&self) -> bool {
        self.body.process.is_some() || self.body.is_filter
    }
}

impl Stage for FunctionStage {
    fn begin(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        let args = std::mem::take(&mut self.args);
        let result = self.within(engine, "<Begin>", |engine, this| {
            let bound = engine.bind(&this.body, args, this.has_input);
            bound.map_err(|ctl| this.named(ctl))?;
            match &this.body.begin {
                Some(begin) => engine.run_block(begin, out),
                None => Ok(()),
            }
        });
        match result {
            Err(Ctl::Return) => {
                self.is_returned = self.body.process.is_none();
                Ok(())
            }
            other => other,
        }
    }

    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        let takes_items = self.takes_items();
        if !takes_items {
            self.input.push(item.clone());
            if !self.body.is_advanced {
                return Ok(());
            }
        }
        let result = self.within(engine, "<Process>", |engine, this| {
            if !engine.bind_item(&this.body, &item)? || !takes_items {
                return Ok(());
            }
            engine.put_input(&this.body, vec![item]);
            match &this.body.process {
                Some(process) => engine.run_block(process, out),
                None => engine.run_block(&this.body.end, out),
            }
        });
        match result {
            Err(Ctl::Return) => Ok(()),
            other => other,
        }
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        let items = std::mem::take(&mut self.input);
        let (has_input, takes_items) = (self.has_input, self.takes_items());
        let end = match !has_input && takes_items {
            true => "<Process>",
            false => "<End>",
        };
        let result = self.within(engine, end, |engine, this| {
            if !has_input && takes_items {
                engine.run_process(this.body.process.as_ref().unwrap_or(&this.body.end), out)?;
            }
            if this.body.is_filter && this.body.process.is_none() {
                return Ok(());
            }
            // A parameter of that name doesn't keep its value.
            let is_put = has_input || this.body.is_advanced;
            if is_put || engine.scope.get_here(Sym::INPUT).is_some() {
                engine.put_last_input(&this.body, items);
            }
            engine.run_block(&this.body.end, out)
        });
        match result {
            Ok(()) | Err(Ctl::Return) => {
                // What commands inside reported is theirs: only `WriteError` makes the call a failure.
                engine.is_ok = !self.has_failed;
                Ok(())
            }
            other => other,
        }
    }
}
