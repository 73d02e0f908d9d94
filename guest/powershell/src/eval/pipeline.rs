//! Pipelines: items pushed from stage to stage, one at a time.

use std::cell::RefCell;
use std::rc::Rc;

use super::Engine;
use super::streams::{Dest, Streams};
use crate::parse::ast::{Element, Expr, Pipeline, Redirect, RedirectTo, Stream};
use crate::value::{Ctl, R, Value, Walk};

/// Takes what is put out.
pub trait Sink {
    fn put(&mut self, engine: &mut Engine, value: Value) -> R<()>;

    /// What comes now is what `return` gives: only a class's method cares.
    fn returning(&mut self) {}
}

impl Sink for Vec<Value> {
    fn put(&mut self, _: &mut Engine, value: Value) -> R<()> {
        self.push(value);
        Ok(())
    }
}

/// For what nobody wants.
pub struct Discard;

impl Sink for Discard {
    fn put(&mut self, _: &mut Engine, _: Value) -> R<()> {
        Ok(())
    }
}

/// One command of a pipeline.
pub trait Stage {
    fn begin(&mut self, _engine: &mut Engine, _out: &mut dyn Sink) -> R<()> {
        Ok(())
    }

    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()>;

    fn end(&mut self, _engine: &mut Engine, _out: &mut dyn Sink) -> R<()> {
        Ok(())
    }
}

/// The stages after one, as where it puts its output.
struct Rest<'a, 'b> {
    stages: &'a mut [Box<dyn Stage>],
    last: &'b mut dyn Sink,
}

impl Sink for Rest<'_, '_> {
    fn put(&mut self, engine: &mut Engine, value: Value) -> R<()> {
        match self.stages.split_first_mut() {
            None => self.last.put(engine, value),
            Some((head, rest)) => {
                let mut out = Rest {
                    stages: rest,
                    last: self.last,
                };
                head.process(engine, value, &mut out)
            }
        }
    }
}

impl Engine {
    pub fn run_pipeline(&mut self, pipeline: &Pipeline, out: &mut dyn Sink) -> R<()> {
        match pipeline.elements.as_slice() {
            [Element::Expr(expr, redirects)] if redirects.is_empty() => self.put_expr(expr, out),
            [Element::Expr(expr, redirects)] => {
                let mut stages: Vec<Box<dyn Stage>> = Vec::new();
                self.run_first_expr(expr, redirects, &mut stages, out)
            }
            [Element::Expr(expr, redirects), rest @ ..] => {
                let mut stages = self.stages(rest, true)?;
                self.run_first_expr(expr, redirects, &mut stages, out)
            }
            elements => {
                let mut stages = self.stages(elements, false)?;
                self.drive(&mut stages, None, out)
            }
        }
    }

    fn stages(&mut self, elements: &[Element], has_input: bool) -> R<Vec<Box<dyn Stage>>> {
        let mut stages: Vec<Box<dyn Stage>> = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            if let Element::Command(command) = element {
                let stage = self.command_stage(command, has_input || at > 0)?;
                let is_last = at + 1 == elements.len();
                stages.push(Box::new(match is_last {
                    true => stage,
                    false => stage.before_others(),
                }));
            }
        }
        Ok(stages)
    }

    /// Puts an expression's items out, as a statement does.
    pub fn put_expr(&mut self, expr: &Expr, out: &mut dyn Sink) -> R<()> {
        use crate::parse::ast::ExprKind;
        match &expr.kind {
            // `$i++` as a statement says nothing.
            ExprKind::IncDec { .. } => self.eval(expr).map(drop),
            ExprKind::Sub(block) if !block.statements.is_empty() => self.run_block(block, out),
            ExprKind::Paren(inner) => self.put_paren(inner, out),
            _ => {
                let value = self.eval(expr)?;
                self.is_ok = true;
                self.put_value(value, out)
            }
        }
    }

    pub fn put_value(&mut self, value: Value, out: &mut dyn Sink) -> R<()> {
        match value {
            Value::Nothing => Ok(()),
            Value::Null | Value::Int(_) | Value::Str(_) | Value::Bool(_) => out.put(self, value),
            _ => match value.walk() {
                Some(items) => {
                    for item in items {
                        out.put(self, item?)?;
                    }
                    Ok(())
                }
                None => out.put(self, value),
            },
        }
    }

    fn run_first_expr(
        &mut self,
        expr: &Expr,
        redirects: &[Redirect],
        stages: &mut [Box<dyn Stage>],
        out: &mut dyn Sink,
    ) -> R<()> {
        if redirects.is_empty() && is_pure(expr) {
            let value = self.eval(expr)?;
            self.is_ok = true;
            let items = match value.walk() {
                Some(items) => items,
                None => Walk::new(vec![value], None),
            };
            return self.drive(stages, Some(items), out);
        }
        let mut routed = Routed::new(self, redirects)?;
        let mut items: Vec<Value> = Vec::new();
        routed.enter(self);
        let result = match routed.merged() {
            Some(mut queue) => self.put_expr(expr, &mut queue),
            None => self.put_expr(expr, &mut items),
        };
        routed.leave(self);
        items.extend(routed.take_merged());
        let items = routed.keep(self, items)?;
        routed.finish(self)?;
        result?;
        self.drive(stages, Some(Walk::new(items, None)), out)
    }

    /// Begins all stages, feeds the input, ends them in order.
    pub fn drive(
        &mut self,
        stages: &mut [Box<dyn Stage>],
        input: Option<Walk>,
        out: &mut dyn Sink,
    ) -> R<()> {
        if stages.is_empty() {
            for item in input.into_iter().flatten() {
                out.put(self, item?)?;
            }
            return Ok(());
        }
        self.next_pipeline += 1;
        for at in 0..stages.len() {
            let (head, rest) = stages[at..].split_first_mut().expect("within bounds");
            head.begin(
                self,
                &mut Rest {
                    stages: rest,
                    last: out,
                },
            )?;
        }
        // What comes after a stage that stopped still gets to its end.
        let mut from = 0;
        if let Some(items) = input {
            let mut head = Rest { stages, last: out };
            for item in items {
                match item.and_then(|item| head.put(self, item)) {
                    Ok(()) => {}
                    Err(Ctl::Stop(id)) => match stop_at(head.stages, id) {
                        Some(at) => {
                            from = at;
                            break;
                        }
                        None => return Err(Ctl::Stop(id)),
                    },
                    Err(other) => return Err(other),
                }
            }
        }
        let mut at = from;
        // `$?` is about all of them (PipelineProcessor.ExecutionFailed).
        let mut is_ok = true;
        while at < stages.len() {
            let (head, rest) = stages[at..].split_first_mut().expect("within bounds");
            match head.end(
                self,
                &mut Rest {
                    stages: rest,
                    last: out,
                },
            ) {
                Ok(()) => {
                    is_ok &= self.is_ok;
                    at += 1;
                }
                Err(Ctl::Stop(id)) => match stop_at(stages, id) {
                    Some(stopped) => at = stopped.max(at + 1),
                    None => return Err(Ctl::Stop(id)),
                },
                Err(other) => return Err(other),
            }
        }
        self.is_ok = is_ok;
        Ok(())
    }
}

/// Whether the expression's own value is what a pipeline goes through: not what statements in it put out.
fn is_pure(expr: &Expr) -> bool {
    use crate::parse::ast::{ExprKind, StmtKind};
    match &expr.kind {
        ExprKind::Sub(_) | ExprKind::IncDec { .. } => false,
        ExprKind::Paren(inner) => match &inner.kind {
            StmtKind::Pipeline(pipeline) => match pipeline.elements.as_slice() {
                [Element::Expr(inner, redirects)] => redirects.is_empty() && is_pure(inner),
                _ => false,
            },
            _ => false,
        },
        _ => true,
    }
}

/// The stage that stopped the pipeline: stages are known by their address.
fn stop_at(stages: &[Box<dyn Stage>], id: u64) -> Option<usize> {
    stages
        .iter()
        .position(|stage| stage_id(stage.as_ref()) == id)
}

/// What a stage gives in [`Ctl::Stop`].
pub fn stage_id(stage: &dyn Stage) -> u64 {
    std::ptr::from_ref(stage).cast::<u8>() as usize as u64
}

/// What a stream said, and the file that it goes to.
struct ToFile {
    queue: Rc<RefCell<Vec<Value>>>,
    path: String,
    is_append: bool,
}

/// Output that is kept beside the records of merged streams.
pub struct Queue(Rc<RefCell<Vec<Value>>>);

impl Sink for Queue {
    fn put(&mut self, _: &mut Engine, value: Value) -> R<()> {
        self.0.borrow_mut().push(value);
        Ok(())
    }
}

/// Streams as an element's redirections have them.
pub struct Routed {
    streams: Option<Streams>,
    merged: Option<Rc<RefCell<Vec<Value>>>>,
    /// Streams that go to files.
    files: Vec<ToFile>,
    output: Option<(String, bool)>,
    kept: Vec<Value>,
}

impl Routed {
    pub fn new(engine: &mut Engine, redirects: &[Redirect]) -> R<Self> {
        let mut routed = Self {
            streams: None,
            merged: None,
            files: Vec::new(),
            output: None,
            kept: Vec::new(),
        };
        for redirect in redirects {
            routed.add(engine, redirect)?;
        }
        Ok(routed)
    }

    fn add(&mut self, engine: &mut Engine, redirect: &Redirect) -> R<()> {
        let dest = match &redirect.to {
            RedirectTo::Output => Dest::Queue(Rc::clone(self.merged.get_or_insert_default())),
            RedirectTo::File { path, is_append } => {
                let value = engine.eval(path)?;
                if value.is_null() {
                    if matches!(redirect.from, Stream::Output | Stream::All) {
                        self.output = Some((String::new(), false));
                    }
                    Dest::Null
                } else {
                    let path = engine.text(&value)?;
                    // It is there, and empty, before the command begins.
                    crate::cmdlets::content::file::write_or_fail(engine, &path, b"", *is_append)?;
                    if matches!(redirect.from, Stream::Output | Stream::All) {
                        let before = self.output.replace((path, *is_append));
                        self.leave_others(before);
                        if redirect.from == Stream::Output {
                            return Ok(());
                        }
                        Dest::Queue(Rc::clone(self.merged.get_or_insert_default()))
                    } else {
                        let queue: Rc<RefCell<Vec<Value>>> = Rc::default();
                        self.files.push(ToFile {
                            queue: Rc::clone(&queue),
                            path,
                            is_append: *is_append,
                        });
                        Dest::Queue(queue)
                    }
                }
            }
        };
        let streams = self.streams.get_or_insert_with(|| engine.streams.clone());
        match redirect.from {
            Stream::Output => {}
            Stream::Error => streams.error = dest,
            Stream::Warning => streams.warning = dest,
            Stream::Verbose => streams.verbose = dest,
            Stream::Debug => streams.debug = dest,
            Stream::Information => streams.information = dest,
            Stream::All => {
                streams.error = dest.clone();
                streams.warning = dest.clone();
                streams.verbose = dest.clone();
                streams.debug = dest.clone();
                streams.information = dest;
            }
        }
        Ok(())
    }

    /// Output goes elsewhere than `*>` said before: the other streams stay where they were sent.
    fn leave_others(&mut self, before: Option<(String, bool)>) {
        let is_file = |(path, _): &(String, bool)| !path.is_empty();
        if let (Some((path, is_append)), Some(queue)) = (before.filter(is_file), &self.merged) {
            self.files.push(ToFile {
                queue: Rc::clone(queue),
                path,
                is_append,
            });
            self.merged = None;
        }
    }

    pub fn is_plain(&self) -> bool {
        self.streams.is_none() && self.output.is_none()
    }

    /// Whether output goes to a file, or other streams go where output goes.
    pub fn takes_output(&self) -> bool {
        self.output.is_some() || self.merged.is_some()
    }

    /// Swaps the streams in; [`Self::leave`] swaps them back.
    pub fn enter(&mut self, engine: &mut Engine) {
        if let Some(streams) = &mut self.streams {
            std::mem::swap(streams, &mut engine.streams);
            engine.streams.at = streams.at;
        }
    }

    pub fn leave(&mut self, engine: &mut Engine) {
        if let Some(streams) = &mut self.streams {
            std::mem::swap(streams, &mut engine.streams);
        }
    }

    /// Where output joins the streams that are merged into it.
    pub fn merged(&self) -> Option<Queue> {
        self.merged.clone().map(Queue)
    }

    pub fn take_merged(&self) -> Vec<Value> {
        self.merged
            .as_ref()
            .map(|queue| std::mem::take(&mut *queue.borrow_mut()))
            .unwrap_or_default()
    }

    /// Output that is redirected is kept for its file; other output is given back.
    pub fn keep(&mut self, _: &mut Engine, items: Vec<Value>) -> R<Vec<Value>> {
        if self.output.is_none() {
            return Ok(items);
        }
        self.kept.extend(items);
        Ok(Vec::new())
    }

    /// Writes the files.
    pub fn finish(&mut self, engine: &mut Engine) -> R<()> {
        if let Some((path, is_append)) = self.output.take()
            && !path.is_empty()
        {
            let items = std::mem::take(&mut self.kept);
            crate::cmdlets::content::file::write(engine, &path, &items, is_append)?;
        }
        for ToFile {
            queue,
            path,
            is_append,
        } in std::mem::take(&mut self.files)
        {
            let items = std::mem::take(&mut *queue.borrow_mut());
            crate::cmdlets::content::file::write(engine, &path, &items, is_append)?;
        }
        Ok(())
    }
}
