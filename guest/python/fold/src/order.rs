//! The component again, with the folded module in the place of its members: what only they used is gone, and what needs the folded
//! module comes after it.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::{Context as _, Result, anyhow, bail};
use wasm_encoder::reencode::{Error as Reencoding, Reencode, ReencodeComponent};
use wasm_encoder::{
    Alias, ComponentAliasSection, ElementSection, Elements, EntityType, ExportKind, ImportSection,
    InstanceSection, ModuleArg, RawSection, TypeSection,
};
use wasmparser::{CanonicalFunction, ComponentAlias, ExternalKind, Instance};

use crate::component::{Component, HEADER, Item, MODULE, Space, section, write};
use crate::folded::{self, Folded, HOME, MEMORY, OUTSIDE};
use crate::link::{Function, Linked};

/// Folds a component. Its new bytes, and a line for people.
pub fn fold(bytes: &[u8]) -> Result<(Vec<u8>, String)> {
    let component = Component::read(bytes)?;
    let linked = Linked::find(&component)?;
    let needed = Needed::find(&component, &linked)?;
    let folded = folded::fold(&linked, &needed.exported())?;
    let mut writer = Writer {
        component: &component,
        linked: &linked,
        needed: &needed,
        numbers: Numbers::default(),
        folded_instance: None,
        bytes: HEADER.to_vec(),
    };
    writer.write_all(&folded)?;
    let report = format!(
        "guest/python: {} modules are one: {} functions, {} left out that nothing reaches, {} globals that are constants",
        linked.members.len(),
        folded.n_functions,
        folded.n_left_out,
        folded.n_constants
    );
    Ok((writer.bytes, report))
}

/// What is left of the component, and what it needs of the members.
struct Needed {
    /// Items that stay, by their places.
    stays: HashSet<usize>,
    /// Functions of members that others have aliases of: by the place of the alias, with their names as exports.
    exports: HashMap<usize, (String, Function)>,
    /// Home's stubs that others use: which slots lead where.
    stubs: BTreeMap<i32, (String, Function)>,
}

impl Needed {
    fn find(component: &Component<'_>, linked: &Linked<'_, '_>) -> Result<Self> {
        let mut needed = Self {
            stays: HashSet::new(),
            exports: HashMap::new(),
            stubs: BTreeMap::new(),
        };
        // What others don't need is a number alone: whatever has none is needed, and instances act when they are made.
        let mut next = Vec::new();
        for (at, item) in component.items.iter().enumerate() {
            let is_root = match item {
                Item::Instance(Instance::Instantiate { .. }) => {
                    let number = component.number(at).map(|(_, number)| number);
                    number.is_some_and(|number| linked.member(number).is_none())
                }
                Item::Section { .. } | Item::Canonical(CanonicalFunction::Lift { .. }) => true,
                Item::Alias(ComponentAlias::CoreInstanceExport { .. }) => false,
                Item::Alias(_) => true,
                Item::Module(_) | Item::Instance(_) | Item::Canonical(_) => false,
            };
            if is_root {
                next.push(at);
            }
        }
        // What members import from outside stays, too; all of it, though some may be imported by what nothing reaches.
        for member in 0..linked.members.len() {
            for number in linked.outer(member) {
                next.push(component.maker(Space::Func, number)?);
            }
        }
        while let Some(at) = next.pop() {
            if !needed.stays.insert(at) {
                continue;
            }
            let item = &component.items[at];
            if let Item::Alias(ComponentAlias::CoreInstanceExport {
                kind,
                instance_index,
                name,
            }) = item
            {
                if let Some(member) = linked.member(*instance_index) {
                    let function = linked.exported(member, name, *kind)?;
                    let unique = format!("{member}:{name}");
                    needed.exports.insert(at, (unique, function));
                    continue;
                }
                let is_home = *instance_index == linked.home_instance;
                if is_home
                    && *kind == ExternalKind::Func
                    && let Some(slot) = linked.stub(name)?
                {
                    let function = linked
                        .slots
                        .get(&slot)
                        .context("a stub that leads nowhere")?;
                    needed
                        .stubs
                        .insert(slot, (format!("stub:{name}"), *function));
                }
            }
            for (space, number) in item.uses()? {
                next.push(component.maker(space, number)?);
            }
        }
        Ok(needed)
    }

    /// The functions that the folded module exports.
    fn exported(&self) -> BTreeMap<String, Function> {
        let all = self.exports.values().chain(self.stubs.values());
        all.cloned().collect()
    }
}

/// The new numbers of what was written.
#[derive(Default)]
struct Numbers {
    new: HashMap<(Space, u32), u32>,
    next: HashMap<Space, u32>,
    /// What was spoken of and isn't written yet.
    missing: Option<(Space, u32)>,
}

impl Numbers {
    fn take(&mut self, space: Space) -> u32 {
        let next = self.next.entry(space).or_default();
        *next += 1;
        *next - 1
    }

    fn get(&mut self, space: Space, number: u32) -> u32 {
        let found = self.new.get(&(space, number)).copied();
        found.unwrap_or_else(|| {
            self.missing = Some((space, number));
            0
        })
    }
}

impl Reencode for Numbers {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, number: u32) -> Result<u32, Reencoding> {
        Ok(self.get(Space::Func, number))
    }

    fn table_index(&mut self, number: u32) -> Result<u32, Reencoding> {
        Ok(self.get(Space::Table, number))
    }

    fn memory_index(&mut self, number: u32) -> Result<u32, Reencoding> {
        Ok(self.get(Space::Memory, number))
    }

    fn global_index(&mut self, number: u32) -> Result<u32, Reencoding> {
        Ok(self.get(Space::Global, number))
    }
}

impl ReencodeComponent for Numbers {
    fn module_index(&mut self, number: u32) -> u32 {
        self.get(Space::Module, number)
    }

    fn instance_index(&mut self, number: u32) -> u32 {
        self.get(Space::Instance, number)
    }
}

struct Writer<'w, 'a> {
    component: &'w Component<'a>,
    linked: &'w Linked<'w, 'a>,
    needed: &'w Needed,
    numbers: Numbers,
    /// The new number of the folded instance, once it is there.
    folded_instance: Option<u32>,
    bytes: Vec<u8>,
}

impl Writer<'_, '_> {
    fn write_all(&mut self, folded: &Folded) -> Result<()> {
        let last = self.linked.members.iter().map(|member| member.instance);
        let last = last.max().context("nothing to fold")?;
        let last = self.component.maker(Space::Instance, last)?;
        let mut waiting = Vec::new();
        for at in 0..self.component.items.len() {
            if self.needed.stays.contains(&at) && !self.item(at)? {
                waiting.push(at);
            }
            if at == last {
                self.folded(folded)?;
                for at in std::mem::take(&mut waiting) {
                    if !self.item(at)? {
                        bail!("what the folded module needs would have to come after it");
                    }
                }
            }
        }
        match waiting.is_empty() {
            true => Ok(()),
            false => bail!("something speaks of what is not there any more"),
        }
    }

    /// Writes an item, if all that it speaks of is written.
    fn item(&mut self, at: usize) -> Result<bool> {
        let written = match self.needed.exports.get(&at) {
            Some((name, _)) => {
                let Some(instance) = self.folded_instance else {
                    return Ok(false);
                };
                alias(instance, ExportKind::Func, name)
            }
            None => {
                self.numbers.missing = None;
                let written = write(&self.component.items[at], &mut self.numbers)
                    .map_err(|error| anyhow!("an item can't be written: {error}"))?;
                if self.numbers.missing.is_some() {
                    return Ok(false);
                }
                written
            }
        };
        self.bytes.extend(written);
        if let Some((space, number)) = self.component.number(at) {
            let new = self.numbers.take(space);
            self.numbers.new.insert((space, number), new);
        }
        Ok(true)
    }

    /// Writes the folded module, and what fills home's table for the stubs that are left.
    fn folded(&mut self, folded: &Folded) -> Result<()> {
        let home = self.numbers.get(Space::Instance, self.linked.home_instance);
        let mut outside = Vec::new();
        self.numbers.missing = None;
        for number in &folded.outer {
            let new = self.numbers.get(Space::Func, *number);
            outside.push((number.to_string(), ExportKind::Func, new));
        }
        if let Some(missing) = self.numbers.missing {
            bail!("{missing:?} comes after the modules that need it");
        }
        let memory = self.alias(
            home,
            ExportKind::Memory,
            Space::Memory,
            self.linked.shared(ExternalKind::Memory)?,
        );
        let memory = self.exports([(MEMORY.to_owned(), ExportKind::Memory, memory)]);
        let outside = self.exports(outside);
        let module = self.module(&folded.bytes);
        let instance = self.instantiate(module, &[(HOME, memory), (OUTSIDE, outside)]);
        self.folded_instance = Some(instance);

        let (fill, names) = fill(self.linked, self.needed)?;
        let table = self.alias(
            home,
            ExportKind::Table,
            Space::Table,
            self.linked.shared(ExternalKind::Table)?,
        );
        let table = self.exports([(TABLE.to_owned(), ExportKind::Table, table)]);
        let mut stubs = Vec::new();
        for name in names {
            let number = self.alias(instance, ExportKind::Func, Space::Func, &name);
            stubs.push((name, ExportKind::Func, number));
        }
        let stubs = self.exports(stubs);
        let module = self.module(&fill);
        self.instantiate(module, &[(HOME, table), (STUBS, stubs)]);
        Ok(())
    }

    fn module(&mut self, bytes: &[u8]) -> u32 {
        self.bytes.extend(section(&RawSection {
            id: MODULE,
            data: bytes,
        }));
        self.numbers.take(Space::Module)
    }

    fn alias(&mut self, instance: u32, kind: ExportKind, space: Space, name: &str) -> u32 {
        self.bytes.extend(alias(instance, kind, name));
        self.numbers.take(space)
    }

    fn exports(&mut self, items: impl IntoIterator<Item = (String, ExportKind, u32)>) -> u32 {
        let items: Vec<_> = items.into_iter().collect();
        let mut instances = InstanceSection::new();
        let items = items
            .iter()
            .map(|(name, kind, number)| (name.as_str(), *kind, *number));
        instances.export_items(items);
        self.bytes.extend(section(&instances));
        self.numbers.take(Space::Instance)
    }

    fn instantiate(&mut self, module: u32, arguments: &[(&str, u32)]) -> u32 {
        let mut instances = InstanceSection::new();
        let arguments = arguments.iter();
        let arguments = arguments.map(|(name, number)| (*name, ModuleArg::Instance(*number)));
        instances.instantiate(module, arguments);
        self.bytes.extend(section(&instances));
        self.numbers.take(Space::Instance)
    }
}

const TABLE: &str = "table";
const STUBS: &str = "stubs";

fn alias(instance: u32, kind: ExportKind, name: &str) -> Vec<u8> {
    let mut aliases = ComponentAliasSection::new();
    aliases.alias(Alias::CoreInstanceExport {
        instance,
        kind,
        name,
    });
    section(&aliases)
}

/// A module that puts functions into home's table, and the names of these.
fn fill(linked: &Linked<'_, '_>, needed: &Needed) -> Result<(Vec<u8>, Vec<String>)> {
    use wasm_encoder::reencode::RoundtripReencoder;
    let mut types = TypeSection::new();
    let mut imports = ImportSection::new();
    let mut elements = ElementSection::new();
    let table = RoundtripReencoder.table_type(linked.home.tables[0])?;
    imports.import(HOME, TABLE, EntityType::Table(table));
    let mut names = Vec::new();
    for (number, (slot, (name, function))) in (0..).zip(&needed.stubs) {
        let ty = RoundtripReencoder.func_type(linked.ty(*function)?.clone())?;
        types.ty().func_type(&ty);
        imports.import(STUBS, name, EntityType::Function(number));
        let offset = wasm_encoder::ConstExpr::i32_const(*slot);
        elements.active(None, &offset, Elements::Functions(vec![number].into()));
        names.push(name.clone());
    }
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports).section(&elements);
    Ok((module.finish(), names))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two libraries that need each other, as `wit-component` links them: the first calls the second through a stub of home.
    fn linked(b: &str) -> Vec<u8> {
        let text = format!(
            r#"(component
  (core module $home
    (type (func (param i32) (result i32)))
    (memory (export "memory") 1)
    (table (export "table") 4 funcref)
    (global (export "a:base") i32 (i32.const 1))
    (global (export "got") (mut i32) (i32.const 7))
    (func (export "late") (param i32) (result i32)
      local.get 0 i32.const 2 call_indirect (type 0)))
  (core instance $home (instantiate $home))
  (core module $a
    (type (func (param i32) (result i32)))
    (import "env" "memory" (memory 1))
    (import "env" "table" (table 1 funcref))
    (import "env" "a:base" (global $base i32))
    (import "env" "got" (global $got (mut i32)))
    (import "env" "late" (func $late (type 0)))
    (func $unused (export "unused"))
    (func $one (export "one") (type 0) local.get 0 global.get $got i32.add call $late)
    (elem (global.get $base) func $one))
  (core instance $a (instantiate $a (with "env" (instance $home))))
  (core module $b
    (import "env" "table" (table 1 funcref))
    (import "env" "memory" (memory 1))
    (func (export "two") (param i32) (result i32) local.get 0 i32.load8_u drop i32.const 2)
    {b})
  (alias core export $home "memory" (core memory $memory))
  (alias core export $home "table" (core table $table))
  (core instance $b-env (export "table" (table $table)) (export "memory" (memory $memory)))
  (core instance $b (instantiate $b (with "env" (instance $b-env))))
  (core module $init
    (import "env" "table" (table 1 funcref))
    (import "b" "two" (func (param i32) (result i32)))
    (elem (i32.const 2) func 0))
  (core instance (instantiate $init (with "env" (instance $home)) (with "b" (instance $b))))
  (alias core export $a "one" (core func $one))
  (func (export "run") (param "x" u32) (result u32) (canon lift (core func $one)))
)"#
        );
        wat::parse_str(text).expect("the text is well-formed")
    }

    #[test]
    fn libraries_become_one_module_that_calls_itself() {
        let (bytes, report) = fold(&linked("")).expect("it folds");
        wasmparser::Validator::new()
            .validate_all(&bytes)
            .expect("it is valid");
        assert_eq!(
            report,
            "guest/python: 3 modules are one: 2 functions, 1 left out that nothing reaches, 1 globals that are constants"
        );
        let component = Component::read(&bytes).expect("a component");
        let folded = component.items.iter().find_map(|item| match item {
            Item::Module(module) => {
                let text = wasmprinter::print_bytes(module).expect("a module");
                text.contains("(elem").then_some(text)
            }
            _ => None,
        });
        let expected = r#"(module
  (type (;0;) (func (param i32) (result i32)))
  (type (;1;) (func))
  (import "home" "memory" (memory (;0;) 1))
  (table (;0;) 4 funcref)
  (global (;0;) i32 i32.const 7)
  (export "0:one" (func $one))
  (elem (;0;) (i32.const 1) func $one 1)
  (func $one (;0;) (type 0) (param i32) (result i32)
    local.get 0
    global.get 0
    i32.add
    call 1
  )
  (func (;1;) (type 0) (param i32) (result i32)
    local.get 0
    i32.load8_u
    drop
    i32.const 2
  )
)
"#;
        assert_eq!(folded.as_deref(), Some(expected));
    }

    #[test]
    fn a_library_that_does_something_when_it_starts_is_refused() {
        let refused = fold(&linked("(func $start) (start $start)")).map(|_| ());
        let message = refused.expect_err("it doesn't fold").to_string();
        assert!(message.contains("a start"), "{message}");
    }

    #[test]
    fn what_is_no_component_is_refused() {
        for bytes in [
            &b""[..],
            b"\0asm\x01\0\0\0",
            b"\0asm\x0d\0\x01\0",
            b"#!/bin/sh",
        ] {
            assert!(fold(bytes).is_err(), "{bytes:?}");
        }
    }
}
