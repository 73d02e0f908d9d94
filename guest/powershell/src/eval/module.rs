//! The modules that were imported: what they brought, and where it was put.

use std::rc::Rc;

use super::scope::{Function, Scope};
use crate::types::TypeRef;
use crate::types::version::Version;
use crate::value::{Hash, HashKind, Object, Sym, Value};

pub struct Module {
    /// The file's name without its end.
    pub name: String,
    pub path: String,
    /// Where its functions and aliases are to be found.
    pub into: Rc<Scope>,
    pub functions: Vec<Rc<Function>>,
    /// Each with what it stands for.
    pub aliases: Vec<(Sym, Rc<str>)>,
}

impl Module {
    /// Takes what the module brought away again, apart from what was defined anew since.
    pub fn withdraw(&self) {
        let mut functions = self.into.functions.borrow_mut();
        for own in &self.functions {
            let is_it = functions
                .get(&own.name)
                .is_some_and(|it| Rc::ptr_eq(it, own));
            if is_it {
                functions.remove(&own.name);
            }
        }
        let mut aliases = self.into.aliases.borrow_mut();
        for (name, target) in &self.aliases {
            if aliases.get(name).is_some_and(|it| it == target) {
                aliases.remove(name);
            }
        }
    }

    /// `PSModuleInfo`
    pub fn shown(&self) -> Value {
        let functions: Vec<String> = self
            .functions
            .iter()
            .map(|it| it.written.to_string())
            .collect();
        let aliases: Vec<String> = self
            .aliases
            .iter()
            .map(|(it, _)| it.text().to_string())
            .collect();
        let all = functions.iter().chain(&aliases);
        Object::with(
            "System.Management.Automation.PSModuleInfo",
            [
                ("Name", Value::from(self.name.as_str())),
                ("Path", Value::from(self.path.as_str())),
                ("ModuleBase", Value::from(crate::place::parent(&self.path))),
                ("ModuleType", Value::from("Script")),
                ("Version", Value::net(Version::of_parts([0, 0, -1]))),
                ("ExportedFunctions", named(functions.iter())),
                ("ExportedAliases", named(aliases.iter())),
                ("ExportedCommands", named(all)),
            ],
        )
    }
}

/// A dictionary by name; what a command is, `Get-Command` tells.
fn named<'a>(names: impl Iterator<Item = &'a String>) -> Value {
    let kind = HashKind::Dictionary(TypeRef::named("string"), TypeRef::named("object"));
    let all = Hash::new(kind).minding_case(false);
    for name in names {
        all.insert(Value::from(name.as_str()), Value::from(name.as_str()));
    }
    Value::Hash(Rc::new(all))
}
