//! `Get-Command`: the functions, aliases, cmdlets and scripts of a name. Left out: modules, programs, and what a command
//! without a name would list.
//!
//! [Get-Command](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/get-command)

use std::rc::Rc;

use crate::check::Loaded;
use crate::cmdlets::{CMDLETS, Cmdlet, Parameter, Run};
use crate::eval::{Args, Engine, Function, Sink, pattern, preferences};
use crate::parse::ast::Body;
use crate::place;
use crate::types::TypeRef;
use crate::value::{Hash, HashKind, Object, R, Script, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Get-Command",
    aliases: &["gcm"],
    params: "Name@0|! CommandType/Type",
    run: Run::Each(run),
};

/// A command that a name means.
enum Found {
    Function(Rc<Function>),
    Alias {
        name: String,
        target: String,
    },
    Cmdlet(&'static Cmdlet),
    /// A script file, by its path.
    Script(String),
}

impl Found {
    fn kind(&self) -> &'static str {
        match self {
            Self::Function(_) => "Function",
            Self::Alias { .. } => "Alias",
            Self::Cmdlet(cmdlet) if cmdlet.is_function() => "Function",
            Self::Cmdlet(_) => "Cmdlet",
            Self::Script(_) => "ExternalScript",
        }
    }
}

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let kinds = args.text("CommandType").unwrap_or_default();
    let kinds: Vec<&str> = kinds.split(", ").filter(|kind| !kind.is_empty()).collect();
    let names = item.map_or_else(|| args.texts("Name"), |item| vec![item.text()]);
    for name in names {
        let is_pattern = pattern::has_wildcards(&name);
        let mut found = if is_pattern {
            matching(engine, &name)
        } else {
            named(engine, &name).into_iter().collect()
        };
        found.retain(|found| {
            kinds.is_empty()
                || kinds
                    .iter()
                    .any(|kind| *kind == "All" || *kind == found.kind())
        });
        if found.is_empty() && !is_pattern {
            not_found(engine, &name)?;
        }
        for found in found {
            let value = described(engine, &found)?;
            out.put(engine, value)?;
        }
    }
    Ok(())
}

fn not_found(engine: &mut Engine, name: &str) -> R<()> {
    engine.soft_error(
        "System.Management.Automation.CommandNotFoundException",
        "CommandNotFoundException",
        "ObjectNotFound",
        format!("The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable program.\nCheck the spelling of the name, or if a path was included, verify that the path is correct and try again."),
        Value::from(name),
    )
}

/// The command that is run by that name: aliases come before functions, those before cmdlets.
fn named(engine: &Engine, name: &str) -> Option<Found> {
    if let Some(target) = engine.scope.alias(intern(name)) {
        return Some(Found::Alias {
            name: name.to_owned(),
            target: target.to_string(),
        });
    }
    if let Some(function) = engine.scope.function(intern(name)) {
        return Some(Found::Function(function));
    }
    let Some(cmdlet) = crate::cmdlets::find(name) else {
        return script(engine, name);
    };
    Some(if cmdlet.name.eq_ignore_ascii_case(name) {
        Found::Cmdlet(cmdlet)
    } else {
        Found::Alias {
            name: name.to_owned(),
            target: cmdlet.name.to_owned(),
        }
    })
}

/// A script is run by its path, the current folder's too.
fn script(engine: &Engine, name: &str) -> Option<Found> {
    let is_path = name.contains(['/', '\\']) && name.to_ascii_lowercase().ends_with(".ps1");
    let full = place::absolute(&engine.location, name);
    (is_path && place::exists(&full) && !place::is_folder(&full)).then_some(Found::Script(full))
}

/// The functions and cmdlets that a pattern matches, by name.
fn matching(engine: &Engine, pattern: &str) -> Vec<Found> {
    let is_like = |name: &str| pattern::wildcard(pattern, name, false);
    let functions = engine.scope.functions_all();
    let functions = functions
        .into_iter()
        .filter(|found| is_like(&found.written));
    let cmdlets = CMDLETS.iter().filter(|cmdlet| is_like(cmdlet.name));
    let mut found: Vec<(String, Found)> = functions
        .map(|function| {
            (
                function.name.text().to_lowercase(),
                Found::Function(function),
            )
        })
        .chain(cmdlets.map(|cmdlet| (cmdlet.name.to_lowercase(), Found::Cmdlet(cmdlet))))
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found.into_iter().map(|(_, found)| found).collect()
}

fn described(engine: &mut Engine, found: &Found) -> R<Value> {
    let kind = found.kind();
    let (name, source) = match found {
        Found::Function(function) => (function.written.to_string(), module_of(engine, function)),
        Found::Alias { name, .. } => (name.clone(), String::new()),
        Found::Cmdlet(cmdlet) => (cmdlet.name.to_owned(), home(cmdlet).to_owned()),
        Found::Script(path) => (place::file_name(path).to_owned(), path.clone()),
    };
    let mut properties = vec![
        ("CommandType", Value::from(kind)),
        ("Name", Value::from(name)),
        ("Version", Value::from("")),
        ("Source", Value::from(source.as_str())),
        ("ModuleName", Value::from(source)),
    ];
    match found {
        Found::Function(function) => {
            let script = Value::Script(Rc::new(Script::of_function(function)));
            let (verb, noun) = function.written.split_once('-').unwrap_or_default();
            properties.push(("Verb", Value::from(verb)));
            properties.push(("Noun", Value::from(noun)));
            properties.push(("Definition", Value::from(script.text())));
            properties.push(("ScriptBlock", script));
            properties.push(("Parameters", of_function(engine, &function.body)?));
        }
        Found::Alias { name, target } => return Ok(alias(name, target)),
        Found::Cmdlet(cmdlet) => {
            let (verb, noun) = cmdlet.name.split_once('-').unwrap_or_default();
            properties.push(("Verb", Value::from(verb)));
            properties.push(("Noun", Value::from(noun)));
            let parameters = cmdlet.parameters();
            let all = parameters.iter().map(of_cmdlet).collect();
            properties.push(("Parameters", table(all)));
        }
        Found::Script(path) => {
            let text = place::read_text(path).map_err(|error| place::fault(&error, path))?;
            properties.push(("Path", Value::from(path.as_str())));
            properties.push(("Definition", Value::from(path.as_str())));
            properties.push(("ScriptContents", Value::from(text.as_str())));
            let body = engine.load(path, text, Loaded::Library)?;
            properties.push(("Parameters", of_function(engine, &body)?));
        }
    }
    Ok(info(kind, properties))
}

/// The module that brought a function; none for one of the script's own.
fn module_of(engine: &Engine, function: &Rc<Function>) -> String {
    let brought = |it: &Rc<Function>| Rc::ptr_eq(it, function);
    let mut all = engine.modules.iter();
    all.find(|module| module.functions.iter().any(brought))
        .map_or_else(String::new, |module| module.name.clone())
}

/// `AliasInfo`
pub fn alias(name: &str, target: &str) -> Value {
    let properties = vec![
        ("CommandType", Value::from("Alias")),
        ("Name", Value::from(name)),
        ("Version", Value::from("")),
        ("Source", Value::from("")),
        ("DisplayName", Value::from(format!("{name} -> {target}"))),
        ("Definition", Value::from(target)),
        ("ResolvedCommandName", Value::from(target)),
    ];
    info("Alias", properties)
}

fn info(kind: &str, properties: Vec<(&str, Value)>) -> Value {
    let object = Object::of_type("System.Management.Automation.CommandInfo");
    let of = format!("System.Management.Automation.{kind}Info");
    object.type_names.borrow_mut().insert(0, Rc::from(of));
    for (name, value) in properties {
        object.push(name, value);
    }
    Value::Object(Rc::new(object))
}

/// Its own parameters, then the common ones if it is advanced.
fn of_function(engine: &mut Engine, body: &Body) -> R<Value> {
    let mut all = Vec::with_capacity(body.params.len());
    for param in &body.params {
        let of = match param.types.last() {
            Some(name) => engine.type_ref(name)?,
            None => TypeRef::named("object"),
        };
        let is_switch = of == TypeRef::named("switch");
        let name = param.written.to_string();
        all.push((name, Value::Type(of), is_switch));
    }
    for common in preferences::common(body) {
        let is_switch = preferences::is_flag(common);
        let of = TypeRef::named(if is_switch { "switch" } else { "object" });
        all.push((common.to_owned(), Value::Type(of), is_switch));
    }
    Ok(table(all))
}

/// The type of a cmdlet's parameter is known only as far as whether it is a switch.
fn of_cmdlet(parameter: &Parameter) -> (String, Value, bool) {
    let of = if parameter.is_switch {
        "switch"
    } else {
        "object"
    };
    let of = Value::Type(TypeRef::named(of));
    (parameter.name.to_owned(), of, parameter.is_switch)
}

/// `Parameters`: a dictionary that doesn't mind case.
fn table(all: Vec<(String, Value, bool)>) -> Value {
    let kind = HashKind::Dictionary(TypeRef::named("string"), TypeRef::named("object"));
    let parameters = Hash::new(kind).minding_case(false);
    for (name, of, is_switch) in all {
        let described = Object::with(
            "System.Management.Automation.ParameterMetadata",
            [
                ("Name", Value::from(name.as_str())),
                ("ParameterType", of),
                ("SwitchParameter", Value::Bool(is_switch)),
            ],
        );
        parameters.insert(Value::from(name), described);
    }
    Value::Hash(Rc::new(parameters))
}

/// The module that a cmdlet is in, in PowerShell.
fn home(cmdlet: &Cmdlet) -> &'static str {
    const CORE: [&str; 12] = [
        "Get-Command",
        "Get-Module",
        "Import-Module",
        "Remove-Module",
        "Export-ModuleMember",
        "Invoke-Command",
        "ForEach-Object",
        "Where-Object",
        "Set-StrictMode",
        "Out-Default",
        "Out-Host",
        "Out-Null",
    ];
    const OCTOPUS: [&str; 6] = [
        "Fail-Step",
        "New-OctopusArtifact",
        "Set-OctopusVariable",
        "Update-Progress",
        "Write-Highlight",
        "Write-Wait",
    ];
    let noun = cmdlet.name.split_once('-').map_or("", |(_, noun)| noun);
    match noun {
        _ if CORE.contains(&cmdlet.name) => "Microsoft.PowerShell.Core",
        _ if OCTOPUS.contains(&cmdlet.name) => "Seawall",
        "Archive" => "Microsoft.PowerShell.Archive",
        "SecureString" => "Microsoft.PowerShell.Security",
        "Content" | "Item" | "ChildItem" | "Location" | "Path" => "Microsoft.PowerShell.Management",
        "" => "",
        _ => "Microsoft.PowerShell.Utility",
    }
}
