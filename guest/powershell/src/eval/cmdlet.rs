//! Cmdlets as stages of a pipeline: their arguments bound, then run for each item or for all of them.

use super::Engine;
use super::binding::{ArgValue, Args};
use super::defaults::Defaults;
use super::per_item::{PerItem, check_blocks};
use super::pipeline::{Sink, Stage};
use super::settings::Settings;
use crate::cmdlets::{self, Cmdlet, Parameter, Run, needed, ranges, words};
use crate::value::{Ctl, R, Value, fail};

/// The stage that runs the cmdlet with these arguments; common parameters go to `settings`.
pub fn stage(
    cmdlet: &'static Cmdlet,
    args: Vec<ArgValue>,
    defaults: &Defaults,
    has_input: bool,
    settings: &mut Settings,
) -> R<Box<dyn Stage>> {
    let args =
        bind(cmdlet, args, defaults, has_input, settings).inspect_err(|ctl| name(ctl, cmdlet))?;
    match PerItem::of(&args) {
        Some(stage) => Ok(Box::new(stage)),
        None => made(args),
    }
}

/// The stage that runs a cmdlet with arguments that are the same for every item.
pub fn made(args: Args) -> R<Box<dyn Stage>> {
    let cmdlet = args.cmdlet;
    let refuses_null = needed::from_pipe(cmdlet);
    Ok(match cmdlet.run {
        Run::Each(run) => Box::new(Each {
            args,
            run,
            refuses_null,
        }),
        Run::Whole(run) => Box::new(Whole {
            args,
            run,
            refuses_null,
            input: Vec::new(),
        }),
        Run::Stage(make) => make(args).inspect_err(|ctl| name(ctl, cmdlet))?,
    })
}

/// An error of binding is the cmdlet's.
fn name(ctl: &Ctl, cmdlet: &Cmdlet) {
    if let Ctl::Throw(record) = ctl {
        *record.activity.borrow_mut() = cmdlet.name.to_owned();
    }
}

/// Binds the arguments: by name, then by position; defaults go to what is left.
fn bind(
    cmdlet: &'static Cmdlet,
    args: Vec<ArgValue>,
    defaults: &Defaults,
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
    let mut common = Vec::new();
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
            crate::value::fail_binding(
                crate::value::Binding::Given,
                "NamedParameterNotFound",
                &name,
                message,
            )
        })?;
        let value = match value {
            Some(value) => value,
            None if param.is_switch => Value::Bool(true),
            None => match args.next() {
                Some(ArgValue::Value(value)) => value,
                _ => {
                    return Err(crate::value::fail_binding(
                        crate::value::Binding::Given,
                        "MissingArgument",
                        param.name,
                        format!(
                            "Missing an argument for parameter '{}'. Specify a parameter and try again.",
                            param.name
                        ),
                    ));
                }
            },
        };
        if settings.take(param.name, &value)? {
            common.push(param.name);
        } else {
            bound.set(param.name, words::checked(cmdlet, param.name, value)?);
        }
    }
    let mut free: Vec<_> = params
        .iter()
        .filter(|param| param.position.is_some() && !bound.has(param.name))
        // `-LiteralPath` stands for `-Path`.
        .filter(|param| !(param.name == "Path" && bound.has("LiteralPath")))
        .collect();
    free.sort_by_key(|param| param.position);
    let mut free = free.into_iter();
    let mut rest = Vec::new();
    for value in positional {
        match free.next() {
            Some(param) => bound.set(param.name, words::checked(cmdlet, param.name, value)?),
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
    if !defaults.is_empty() {
        for param in params.iter() {
            let mut names = vec![param.name];
            names.extend(&param.aliases);
            let Some(value) = defaults.of(&names) else {
                continue;
            };
            let is_given = bound.has(param.name) || common.contains(&param.name);
            if !is_given && !settings.take(param.name, value)? {
                let value = words::checked(cmdlet, param.name, value.clone())?;
                bound.set(param.name, value);
            }
        }
    }
    for param in params
        .iter()
        .filter(|param| param.is_mandatory && !bound.has(param.name))
    {
        if !(has_input && (param.takes_input || param.takes_property)) {
            return Err(super::binding::missing(&[param.name]));
        }
    }
    check_blocks(&bound, &params)?;
    check_values(&bound, &params)?;
    Ok(bound)
}

/// Nulls and empty paths are refused, and none of the parameters of which one is needed being there.
fn check_values(bound: &Args, params: &[Parameter]) -> R<()> {
    for param in params {
        if let Some(value) = bound.get(param.name) {
            needed::checked(bound.cmdlet, param, value)?;
            ranges::checked(bound.cmdlet, param.name, value)?;
        }
    }
    let mut needed = needed::one_of(params);
    let is_piped = bound.has_input
        && params
            .iter()
            .any(|param| param.takes_input || param.takes_property);
    match needed.clone().next() {
        Some(first) if !is_piped && !needed.any(|param| bound.has(param.name)) => {
            Err(super::binding::missing(&[first.name]))
        }
        _ => Ok(()),
    }
}

/// A cmdlet that does the same for every item, and once without a pipe.
struct Each {
    args: Args,
    run: cmdlets::EachFn,
    /// The parameter that takes no null from the pipe.
    refuses_null: Option<&'static str>,
}

impl Stage for Each {
    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        if item.is_null()
            && let Some(name) = self.refuses_null
        {
            return needed::report_null(engine, name);
        }
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
    /// The parameter that takes no null from the pipe.
    refuses_null: Option<&'static str>,
    input: Vec<Value>,
}

impl Stage for Whole {
    fn process(&mut self, engine: &mut Engine, item: Value, _: &mut dyn Sink) -> R<()> {
        if item.is_null()
            && let Some(name) = self.refuses_null
        {
            return needed::report_null(engine, name);
        }
        self.input.push(item);
        Ok(())
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        let input = std::mem::take(&mut self.input);
        (self.run)(engine, &self.args, input, out)
    }
}
