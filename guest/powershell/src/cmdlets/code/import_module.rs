//! `Import-Module`: loads a `.psm1` below a mount. Left out: manifests (`.psd1`) and modules by name from a search path.
//!
//! [Import-Module](https://learn.microsoft.com/powershell/module/microsoft.powershell.core/import-module)

use std::rc::Rc;

use super::export_modulemember;
use crate::check::Loaded;
use crate::check::written::is_own_module;
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::module::Module;
use crate::eval::pattern::wildcard;
use crate::eval::{ArgValue, Args, Discard, Engine, Function, Scope, ScopeKind, Sink};
use crate::place;
use crate::value::{R, Value, intern};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Import-Module",
    aliases: &["ipmo"],
    params: "Name@0|! Force? PassThru? Global? DisableNameChecking? Function Alias Prefix ArgumentList/Args",
    run: Run::Each(run),
};

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

fn run(engine: &mut Engine, args: &Args, item: Option<Value>, out: &mut dyn Sink) -> R<()> {
    let names = item.map_or_else(
        || args.texts("Name"),
        |item| vec![crate::eval::path_of(&item)],
    );
    for name in names {
        if is_own_module(&name) {
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
        let known = engine.modules.iter().position(|it| it.path == path);
        let module = match known {
            Some(at) if !args.switch("Force") => engine.modules[at].shown(),
            _ => {
                if let Some(at) = known {
                    engine.modules.remove(at).withdraw();
                }
                let module = load_module(engine, args, &path)?;
                let shown = module.shown();
                engine.modules.push(module);
                shown
            }
        };
        if args.switch("PassThru") {
            out.put(engine, module)?;
        }
    }
    Ok(())
}

fn load_module(engine: &mut Engine, args: &Args, path: &str) -> R<Module> {
    let text = place::read_text(path).map_err(|error| place::fault(&error, path))?;
    let body = engine.load(path, text, Loaded::Library)?;
    engine.has_modules = true;
    let scope = Scope::new(ScopeKind::Module, Some(Rc::clone(&engine.global)));
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
    let into = if args.switch("Global") {
        Rc::clone(&engine.global)
    } else {
        engine.scope.script()
    };
    let is_wanted = |kind: &str, parameter: &str, name: &str| {
        let asked = args.has(parameter).then(|| args.texts(parameter));
        [export_modulemember::exported(&scope, kind), asked]
            .into_iter()
            .flatten()
            .all(|patterns| {
                patterns
                    .iter()
                    .any(|pattern| wildcard(pattern, name, false))
            })
    };
    let prefix = args.text("Prefix").unwrap_or_default();
    let leaf = place::file_name(path);
    let name = leaf.rsplit_once('.').map_or(leaf, |(name, _)| name);
    let mut module = Module {
        name: name.to_owned(),
        path: path.to_owned(),
        into,
        functions: Vec::new(),
        aliases: Vec::new(),
    };
    for (name, function) in scope.functions.borrow().iter() {
        if is_wanted(export_modulemember::FUNCTIONS, "Function", &name.text()) {
            let written = prefixed(&function.written, &prefix);
            let name = intern(&written);
            let own = Function {
                name,
                written: Rc::from(written),
                body: Rc::clone(&function.body),
                home: Some(Rc::clone(&scope)),
                session: Some(Rc::clone(&scope)),
            };
            let own = Rc::new(own);
            module.functions.push(Rc::clone(&own));
            module.into.functions.borrow_mut().insert(name, own);
        }
    }
    for (name, target) in scope.aliases.borrow().iter() {
        if is_wanted(export_modulemember::ALIASES, "Alias", &name.text()) {
            let target: Rc<str> = Rc::from(prefixed(target, &prefix));
            module.aliases.push((*name, Rc::clone(&target)));
            module.into.aliases.borrow_mut().insert(*name, target);
        }
    }
    module
        .functions
        .sort_by_key(|function| function.written.to_lowercase());
    Ok(module)
}

/// `Get-Thing` with the prefix `My` is `Get-MyThing`.
fn prefixed(name: &str, prefix: &str) -> String {
    match name.split_once('-') {
        Some((verb, noun)) => format!("{verb}-{prefix}{noun}"),
        None => format!("{prefix}{name}"),
    }
}
