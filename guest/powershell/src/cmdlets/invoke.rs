//! `Invoke-Expression`, `Invoke-Command`, `Import-Module`, `Get-Command`, `Measure-Command`.

use std::rc::Rc;

use super::{Cmdlet, Run};
use crate::eval::{ArgValue, Args, Discard, Engine, Function, Scope, ScopeKind, Sink};
use crate::place;
use crate::types::timespan::TimeSpan;
use crate::value::{Ctl, Object, R, Value, intern};

pub const EXPRESSION: Cmdlet = Cmdlet {
    name: "Invoke-Expression",
    aliases: &["iex"],
    params: "Command@0|!",
    run: Run::Each(invoke_expression),
};
pub const COMMAND: Cmdlet = Cmdlet {
    name: "Invoke-Command",
    aliases: &["icm"],
    params: "ScriptBlock/Command@0! ArgumentList/Args InputObject| NoNewScope?",
    run: Run::Whole(invoke_command),
};
pub const IMPORT_MODULE: Cmdlet = Cmdlet {
    name: "Import-Module",
    aliases: &["ipmo"],
    params: "Name@0|! Force? PassThru? Global? DisableNameChecking? Scope Function Cmdlet Variable Alias Prefix ArgumentList/Args",
    run: Run::Each(import_module),
};
pub const EXPORT_MODULE: Cmdlet = Cmdlet {
    name: "Export-ModuleMember",
    aliases: &[],
    params: "Function@0 Cmdlet Variable Alias",
    run: Run::Each(export_module_member),
};
pub const GET_COMMAND: Cmdlet = Cmdlet {
    name: "Get-Command",
    aliases: &["gcm"],
    params: "Name@0| CommandType/Type Module All? Syntax?",
    run: Run::Each(get_command),
};
pub const MEASURE_COMMAND: Cmdlet = Cmdlet {
    name: "Measure-Command",
    aliases: &[],
    params: "Expression@0! InputObject|",
    run: Run::Whole(measure_command),
};

fn invoke_expression(
    engine: &mut Engine,
    args: &Args,
    item: Option<Value>,
    out: &mut dyn Sink,
) -> R<()> {
    let text = item
        .or_else(|| args.value("Command"))
        .unwrap_or_default()
        .text();
    let Value::Script(script) = engine.compile(&text)? else {
        return Ok(());
    };
    // In the current scope, as if it stood there.
    let scope = Rc::clone(&engine.scope);
    engine.deeper()?;
    let result = engine.run_in(scope, &script.body, Vec::new(), Some(Vec::new()), out);
    engine.depth -= 1;
    result
}

fn invoke_command(
    engine: &mut Engine,
    args: &Args,
    input: Vec<Value>,
    out: &mut dyn Sink,
) -> R<()> {
    let Some(script) = args.script("ScriptBlock")? else {
        return Ok(());
    };
    let given = args
        .value("ArgumentList")
        .map(|value| value.to_items())
        .unwrap_or_default();
    let items = if args.has_input || args.has("InputObject") {
        Some(super::inputs(args, input))
    } else {
        None
    };
    engine.run_script_block(
        &script,
        given.into_iter().map(ArgValue::Value).collect(),
        items,
        None,
        out,
    )
}

/// The file that a module's name means: a path, or a folder with a file of its name.
fn module_path(engine: &Engine, name: &str) -> Option<String> {
    let full = place::absolute(&engine.location, name);
    let leaf = place::file_name(&full).to_owned();
    [
        full.clone(),
        format!("{full}.psm1"),
        format!("{full}/{leaf}.psm1"),
    ]
    .into_iter()
    .find(|path| path.to_ascii_lowercase().ends_with("1") && std::path::Path::new(path).is_file())
}

fn import_module(engine: &mut Engine, args: &Args, item: Option<Value>, _: &mut dyn Sink) -> R<()> {
    let names = item.map_or_else(
        || args.texts("Name"),
        |item| vec![crate::eval::path_of(&item)],
    );
    for name in names {
        if matches!(
            name.to_ascii_lowercase().as_str(),
            "microsoft.powershell.utility"
                | "microsoft.powershell.management"
                | "microsoft.powershell.archive"
        ) {
            continue;
        }
        let Some(path) = module_path(engine, &name) else {
            engine.soft_error(
                "System.IO.FileNotFoundException",
                "Modules_ModuleNotFound",
                "ResourceUnavailable",
                format!("The specified module '{name}' was not loaded because no valid module file was found. Mount the module's folder and name its .psm1 file."),
                Value::from(name.as_str()),
            )?;
            continue;
        };
        if path.to_ascii_lowercase().ends_with(".psd1") {
            return Err(crate::value::refuse(format!(
                "Module manifests are not supported: import the .psm1 file instead of '{name}'."
            )));
        }
        if engine.modules.contains(&path) && !args.switch("Force") {
            continue;
        }
        load_module(engine, args, &path)?;
        engine.modules.push(path);
    }
    Ok(())
}

fn load_module(engine: &mut Engine, args: &Args, path: &str) -> R<()> {
    let text = place::read_text(path).map_err(|error| place::fault(&error, path))?;
    let body = crate::check::load(path, text).map_err(crate::value::refuse)?;
    let scope = Scope::new(ScopeKind::Script, Some(Rc::clone(&engine.global)));
    let given = args
        .value("ArgumentList")
        .map(|value| value.to_items())
        .unwrap_or_default();
    engine.in_script_scope(
        Rc::clone(&scope),
        &body,
        given.into_iter().map(ArgValue::Value).collect(),
        None,
        &mut Discard,
    )?;
    let exported = scope
        .get_here(intern("module:exported"))
        .map(|names| names.to_items().iter().map(Value::text).collect::<Vec<_>>());
    let into = if args.switch("Global") {
        Rc::clone(&engine.global)
    } else {
        engine.scope.script()
    };
    let functions: Vec<(crate::value::Sym, Rc<Function>)> = scope
        .functions
        .borrow()
        .iter()
        .map(|(name, function)| (*name, Rc::clone(function)))
        .collect();
    for (name, function) in functions {
        let is_exported = exported.as_ref().is_none_or(|names| {
            names
                .iter()
                .any(|pattern| crate::eval::pattern::wildcard(pattern, &name.text(), false))
        });
        if is_exported {
            let own = Function {
                name,
                body: Rc::clone(&function.body),
                home: Some(Rc::clone(&scope)),
            };
            into.functions.borrow_mut().insert(name, Rc::new(own));
        }
    }
    let aliases: Vec<_> = scope
        .aliases
        .borrow()
        .iter()
        .map(|(name, target)| (*name, Rc::clone(target)))
        .collect();
    into.aliases.borrow_mut().extend(aliases);
    Ok(())
}

fn export_module_member(
    engine: &mut Engine,
    args: &Args,
    _: Option<Value>,
    _: &mut dyn Sink,
) -> R<()> {
    let scope = engine.scope.script();
    let mut names = scope
        .get_here(intern("module:exported"))
        .map(|names| names.to_items())
        .unwrap_or_default();
    names.extend(args.texts("Function").into_iter().map(Value::from));
    scope.put(intern("module:exported"), Value::from(names));
    Ok(())
}

fn get_command(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let names = item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]);
    for name in names {
        let found = if engine.scope.function(intern(&name)).is_some() {
            Some((name.clone(), "Function"))
        } else if let Some(target) = engine.scope.alias(intern(&name)) {
            Some((target.to_string(), "Alias"))
        } else {
            super::find(&name).map(|cmdlet| (cmdlet.name.to_owned(), "Cmdlet"))
        };
        match found {
            Some((name, kind)) => {
                let value = Object::with(
                    "System.Management.Automation.CommandInfo",
                    [
                        ("CommandType", Value::from(kind)),
                        ("Name", Value::from(name.as_str())),
                        ("Version", Value::from("")),
                        ("Source", Value::from(if kind == "Cmdlet" { "Seawall" } else { "" })),
                    ],
                );
                out.put(engine, value)?;
            }
            None if crate::eval::pattern::has_wildcards(&name) => {}
            None => engine.soft_error(
                "System.Management.Automation.CommandNotFoundException",
                "CommandNotFoundException",
                "ObjectNotFound",
                format!("The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again."),
                Value::from(name.as_str()),
            )?,
        }
    }
    Ok(())
}

fn measure_command(
    engine: &mut Engine,
    args: &Args,
    input: Vec<Value>,
    out: &mut dyn Sink,
) -> R<()> {
    let Some(script) = args.script("Expression")? else {
        return Ok(());
    };
    let from = std::time::Instant::now();
    let items = if args.has_input {
        input
    } else {
        vec![Value::Null]
    };
    for item in items {
        match engine.run_with_item(&script, item, &mut Discard) {
            Err(Ctl::Stop(_)) => break,
            other => other?,
        }
    }
    let ticks = (from.elapsed().as_nanos() / 100) as i64;
    out.put(engine, TimeSpan::value(ticks))
}
