//! What of a cmdlet's arguments comes with each item of the pipeline: the item's properties that are called as a
//! parameter (by property name), and what a script block makes of the item (delay-bind).
//!
//! Every item is then a call of its own: `1..3 | Set-Content -Path { "$_.txt" }` writes three files. Which parameters
//! take their value so, their cmdlets say ([`Parameter`]); a path that comes as the item itself is the cmdlet's to read.
//!
//! [about_Script_Blocks](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_script_blocks),
//! "Using delay-bind script blocks with parameters"; CmdletParameterBinderController.

use std::rc::Rc;

use super::Engine;
use super::binding::Args;
use super::cmdlet;
use super::delay_bound::without_input;
use super::piped::missing_of_item;
use super::pipeline::{Sink, Stage};
use crate::cmdlets::{Parameter, needed, ranges, words};
use crate::value::{Ctl, R, Script, Value};

/// A cmdlet that gets arguments with each item.
pub struct PerItem {
    args: Args,
    delayed: Vec<(Parameter, Rc<Script>)>,
    /// Parameters that the call left open.
    open: Vec<Parameter>,
}

/// Refuses a script block that needs an item to work on where none will come.
pub fn check_blocks(args: &Args, params: &[Parameter]) -> R<()> {
    match blocks(args, params).next() {
        Some((param, _)) if !args.has_input => Err(without_input(param.name)),
        _ => Ok(()),
    }
}

/// The parameters that were given a script block to be run for every item.
fn blocks<'a>(
    args: &'a Args,
    params: &'a [Parameter],
) -> impl Iterator<Item = (&'a Parameter, &'a Rc<Script>)> {
    params
        .iter()
        .filter(|param| param.is_delayable())
        .filter_map(|param| match args.get(param.name) {
            Some(Value::Script(block)) => Some((param, block)),
            _ => None,
        })
}

impl PerItem {
    /// `None` if every item gets the same arguments.
    pub fn of(args: &Args) -> Option<Self> {
        if !args.has_input {
            return None;
        }
        let params = args.cmdlet.parameters();
        let owned = |(param, block): (&Parameter, &Rc<Script>)| (param.clone(), Rc::clone(block));
        let delayed: Vec<_> = blocks(args, &params).map(owned).collect();
        let is_open = |param: &&Parameter| {
            param.takes_property && !param.takes_input && !is_given(args, param.name)
        };
        let open: Vec<Parameter> = params.iter().filter(is_open).cloned().collect();
        (!delayed.is_empty() || !open.is_empty()).then(|| Self {
            args: args.clone(),
            delayed,
            open,
        })
    }

    /// The arguments with what the item has of them; `None` if it was reported why there are none.
    fn bound(&self, engine: &mut Engine, item: &Value) -> R<Option<Args>> {
        let mut args = self.args.clone();
        for (param, block) in &self.delayed {
            let value = engine.delay_bound(param.name, block, item)?;
            self.set(&mut args, param, value)?;
        }
        for param in &self.open {
            if is_given(&args, param.name) {
                continue;
            }
            if let Some(value) = property(engine, param, item)? {
                self.set(&mut args, param, value)?;
            }
        }
        let missing = missing(&args);
        if missing.is_empty() {
            return Ok(Some(args));
        }
        let mut record = missing_of_item(&missing);
        record.target = item.clone();
        engine.report(record).map(|()| None)
    }

    fn set(&self, args: &mut Args, param: &Parameter, value: Value) -> R<()> {
        let value = words::checked(args.cmdlet, param.name, value)?;
        needed::checked(args.cmdlet, param, &value)?;
        ranges::checked(args.cmdlet, param.name, &value)?;
        args.set(param.name, value);
        Ok(())
    }
}

/// Whether it has a value, or the other of `-Path` and `-LiteralPath` has.
fn is_given(args: &Args, name: &str) -> bool {
    let is_path = matches!(name, "Path" | "LiteralPath");
    args.has(name) || is_path && (args.has("Path") || args.has("LiteralPath"))
}

/// The item's property that is called as the parameter or one of its aliases.
fn property(engine: &mut Engine, param: &Parameter, item: &Value) -> R<Option<Value>> {
    if !matches!(item, Value::Object(_) | Value::Net(_)) {
        return Ok(None);
    }
    for name in std::iter::once(&param.name).chain(&param.aliases) {
        if let Some(value) = engine.own_property(item, name)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// Mandatory parameters that neither the call nor the item gave.
fn missing(args: &Args) -> Vec<&'static str> {
    let params = args.cmdlet.parameters();
    let lacks = |param: &&Parameter| !param.takes_input && !args.has(param.name);
    let alone = params.iter().filter(|param| param.is_mandatory);
    let mut names: Vec<_> = alone.filter(lacks).map(|param| param.name).collect();
    let group = needed::one_of(&params);
    if group.clone().all(|param| lacks(&param)) {
        names.extend(group.map(|param| param.name).next());
    }
    names
}

impl Stage for PerItem {
    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        if item.is_null()
            && let Some(name) = needed::from_pipe(self.args.cmdlet)
        {
            return needed::report_null(engine, name);
        }
        let bound = match self.bound(engine, &item) {
            // What a parameter can't take is this item's error alone (CommandProcessor.Read).
            Err(Ctl::Throw(record)) => {
                let mut record = record.copied();
                record.target = item;
                return engine.report(record);
            }
            bound => bound?,
        };
        let Some(mut args) = bound else {
            return Ok(());
        };
        let params = args.cmdlet.parameters();
        let takes_item = params
            .iter()
            .any(|param| param.takes_input && !is_given(&args, param.name));
        args.has_input = takes_item;
        let mut stage = cmdlet::made(args)?;
        stage.begin(engine, out)?;
        if takes_item {
            stage.process(engine, item, out)?;
        }
        stage.end(engine, out)
    }
}
