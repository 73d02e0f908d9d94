//! Items that have a name and are no files: `env:PATH`, `variable:x`, `function:Get-X`.
//!
//! [about_Providers](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_providers). The
//! cmdlets of [`TAKING`] know them; the others refuse such a path, which would else be a file of that name. Left out: the
//! drive `alias:`.

use std::rc::Rc;

use crate::cmdlets::Cmdlet;
use crate::cmdlets::items::change::is_dry;
use crate::cmdlets::paths::given::given;
use crate::eval::{Args, Engine, pattern};
use crate::place;
use crate::value::{Ctl, Object, R, Script, Value, intern, refuse};

/// The cmdlets that take such paths.
const TAKING: [&str; 8] = [
    "Clear-Item",
    "Get-ChildItem",
    "Get-Content",
    "Get-Item",
    "New-Item",
    "Remove-Item",
    "Set-Item",
    "Test-Path",
];

/// What the providers' names begin with, where an item says its own path.
const CORE: &str = "Microsoft.PowerShell.Core\\";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Drive {
    Env,
    Variable,
    Function,
}

/// One item, or a pattern of them.
pub struct Named {
    drive: Drive,
    name: String,
}

/// The item that a path names.
pub fn of(path: &str) -> Option<Named> {
    let path = path.strip_prefix(CORE).unwrap_or(path);
    let (drive, name) = path.split_once(':')?;
    let drive = match drive.to_ascii_lowercase().as_str() {
        "env" | "environment" => Drive::Env,
        "variable" => Drive::Variable,
        "function" => Drive::Function,
        _ => return None,
    };
    let name = name.trim_start_matches([':', '/', '\\']).to_owned();
    Some(Named { drive, name })
}

/// The items among what a cmdlet was given.
pub fn all(args: &Args, item: Option<&Value>) -> Vec<Named> {
    given(args, item)
        .iter()
        .filter_map(|path| of(path))
        .collect()
}

/// Whether the path is such an item's, which the cmdlet deals with; refused where it doesn't.
pub fn is_named(args: &Args, path: &str) -> R<bool> {
    if of(path).is_none() {
        return Ok(false);
    }
    match TAKING.contains(&args.cmdlet.name) {
        true => Ok(true),
        false => Err(refused(args.cmdlet.name, path)),
    }
}

pub fn refused(cmdlet: &str, path: &str) -> Ctl {
    refuse(format!(
        "{cmdlet} on '{path}' is not supported: it takes files and folders. Use $env:, $variable: and $function: for what is none."
    ))
}

impl Named {
    /// `env:PATH`, as it is called in errors.
    fn missing(&self) -> String {
        format!(
            "Cannot find path '{}' because it does not exist.",
            self.name
        )
    }

    /// The names that are there, of all or of those that the pattern matches.
    pub fn names(&self, engine: &Engine) -> Vec<String> {
        let mut names: Vec<String> = match self.drive {
            Drive::Env => place::environment()
                .into_iter()
                .map(|(name, _)| name)
                .collect(),
            Drive::Variable => engine.scope.variable_names(),
            Drive::Function => {
                let functions = engine.scope.functions_all();
                functions
                    .iter()
                    .map(|found| found.name.text().to_string())
                    .collect()
            }
        };
        if !self.name.is_empty() {
            names.retain(|name| pattern::wildcard(&self.name, name, false));
        }
        names.sort_by_key(|name| name.to_lowercase());
        names
    }

    /// The items that the path means; a name that isn't there is reported.
    pub fn found(&self, engine: &mut Engine) -> R<Vec<(String, Value)>> {
        if self.name.is_empty() || pattern::has_wildcards(&self.name) {
            let names = self.names(engine);
            return Ok(names
                .into_iter()
                .filter_map(|name| self.value(engine, &name).map(|value| (name, value)))
                .collect());
        }
        match self.value(engine, &self.name) {
            Some(value) => Ok(vec![(self.name.clone(), value)]),
            None if self.is_built_in() => Err(refuse(format!(
                "The function '{}' has no text: it is built in. Use Test-Path or Get-Command.",
                self.name
            ))),
            None => {
                engine.soft_error(
                    "System.Management.Automation.ItemNotFoundException",
                    "PathNotFound",
                    "ObjectNotFound",
                    self.missing(),
                    Value::from(self.name.as_str()),
                )?;
                Ok(Vec::new())
            }
        }
    }

    pub fn exists(&self, engine: &Engine) -> bool {
        if self.name.is_empty() {
            return true;
        }
        if pattern::has_wildcards(&self.name) {
            return !self.names(engine).is_empty();
        }
        self.value(engine, &self.name).is_some() || self.is_built_in()
    }

    /// Whether it is a function that every script has, which has no text.
    fn is_built_in(&self) -> bool {
        let found = crate::cmdlets::find(&self.name);
        self.drive == Drive::Function && found.is_some_and(Cmdlet::is_function)
    }

    fn value(&self, engine: &Engine, name: &str) -> Option<Value> {
        match self.drive {
            Drive::Env => place::env(name).map(Value::from),
            Drive::Variable => engine.scope.get(intern(name)),
            Drive::Function => engine
                .scope
                .function(intern(name))
                .map(|function| Value::Script(Rc::new(Script::of_function(&function)))),
        }
    }

    /// The name without its drive.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What `Get-Item` puts out for an item.
    pub fn shown(&self, name: &str, value: Value) -> Value {
        let text = Value::from(name);
        let provider = match self.drive {
            Drive::Env => "Environment",
            Drive::Variable => "Variable",
            Drive::Function => "Function",
        };
        let path = Value::from(format!("{CORE}{provider}::{name}"));
        match self.drive {
            Drive::Env => Object::with(
                "System.Collections.DictionaryEntry",
                [
                    ("PSPath", path),
                    ("Name", text.clone()),
                    ("Key", text),
                    ("Value", value),
                ],
            ),
            Drive::Variable => Object::with(
                "System.Management.Automation.PSVariable",
                [("PSPath", path), ("Name", text), ("Value", value)],
            ),
            Drive::Function => Object::with(
                "System.Management.Automation.FunctionInfo",
                [
                    ("PSPath", path),
                    ("CommandType", Value::from("Function")),
                    ("Name", text),
                    ("Version", Value::from("")),
                    ("Source", Value::from("")),
                    ("Definition", Value::from(value.text())),
                    ("ScriptBlock", value),
                ],
            ),
        }
    }

    pub fn set(&self, engine: &mut Engine, value: Value) -> R<()> {
        match self.drive {
            Drive::Env => place::set_env(&self.name, &value),
            Drive::Variable => engine.set_here(&self.name, value),
            Drive::Function => engine.set_function(intern(&self.name), &value)?,
        }
        Ok(())
    }

    /// Takes the items away; one that isn't there is reported.
    pub fn remove(&self, engine: &mut Engine, args: &Args) -> R<()> {
        for (name, _) in self.found(engine)? {
            if is_dry(engine, args, "Remove Item", &format!("Item: {name}"))? {
                continue;
            }
            match self.drive {
                Drive::Env => place::set_env(&name, &Value::Null),
                Drive::Variable => engine.scope.forget_variable(intern(&name)),
                Drive::Function => engine.scope.forget_function(intern(&name)),
            }
        }
        Ok(())
    }
}
