//! Cmdlets as stages of a pipeline: their arguments bound, then run for each item or for all of them.

use super::Engine;
use super::binding::{ArgValue, Args};
use super::pipeline::{Sink, Stage};
use super::settings::Settings;
use crate::cmdlets::{self, Cmdlet, Run};
use crate::value::{R, Value, fail};

/// The stage that runs the cmdlet with these arguments; common parameters go to `settings`.
pub fn stage(
    cmdlet: &'static Cmdlet,
    args: Vec<ArgValue>,
    has_input: bool,
    settings: &mut Settings,
) -> R<Box<dyn Stage>> {
    let args = bind(cmdlet, args, has_input, settings)?;
    Ok(match cmdlet.run {
        Run::Each(run) => Box::new(Each { args, run }),
        Run::Whole(run) => Box::new(Whole {
            args,
            run,
            input: Vec::new(),
        }),
        Run::Stage(make) => make(args)?,
    })
}

/// Binds the arguments: by name, then by position.
fn bind(
    cmdlet: &'static Cmdlet,
    args: Vec<ArgValue>,
    has_input: bool,
    settings: &mut Settings,
) -> R<Args> {
    let params = cmdlet.parameters();
    let mut bound = Args {
        cmdlet,
        values: Vec::new(),
        has_input,
    };
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
        if !settings.take(param.name, &value)? {
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
    Ok(bound)
}

/// A cmdlet that does the same for every item, and once without a pipe.
struct Each {
    args: Args,
    run: cmdlets::EachFn,
}

impl Stage for Each {
    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
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
