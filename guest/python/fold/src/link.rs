//! Who belongs together, and what each of their imports really is.
//!
//! Libraries that were linked by `wit-component` share the memory and the table of one instance, here called home. The members are
//! the instances whose modules import that table; they find each other by way of home's exports, of its table, and of aliases.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result, bail, ensure};
use wasmparser::{ComponentAlias, ExternalKind, FuncType, Instance, Operator, TypeRef};

use crate::component::{Component, Item, Space};
use crate::module::{Module, Origin, is_function, is_i32, value};

/// A function, wherever it is imported from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Function {
    /// A member's own: which member, and which of its own functions.
    Own(usize, usize),
    /// One that no member has: its number in the component.
    Outer(u32),
}

/// A global, wherever it is imported from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Global {
    Own(usize, usize),
    /// Home's.
    Home(usize),
}

enum Found {
    Function(Function),
    Global(Global),
    Memory,
    Table,
}

/// An instance that is folded with others.
pub struct Member<'a> {
    /// Its number.
    pub instance: u32,
    pub module: Module<'a>,
    arguments: HashMap<&'a str, u32>,
}

pub struct Linked<'c, 'a> {
    component: &'c Component<'a>,
    pub home: Module<'a>,
    pub home_instance: u32,
    pub members: Vec<Member<'a>>,
    /// What the members put into the table, by slot.
    pub slots: HashMap<i32, Function>,
}

impl<'c, 'a> Linked<'c, 'a> {
    pub fn find(component: &'c Component<'a>) -> Result<Self> {
        let mut modules: HashMap<u32, &'a [u8]> = HashMap::new();
        let mut home_instance = None;
        let mut members = Vec::new();
        for number in 0.. {
            let Ok(instance) = component.instance(number) else {
                break;
            };
            let Instance::Instantiate { module_index, args } = instance else {
                continue;
            };
            let bytes = component.module(*module_index)?;
            modules.insert(number, bytes);
            let module = Module::read(bytes)?;
            let arguments: HashMap<&str, u32> =
                args.iter().map(|arg| (arg.name, arg.index)).collect();
            let table = module
                .imports
                .iter()
                .find(|import| matches!(import.ty, TypeRef::Table(_)) && !import.module.is_empty());
            let Some(table) = table else {
                // What home has of globals would have to stay one for both.
                let shares =
                    |import: &wasmparser::Import<'_>| matches!(import.ty, TypeRef::Global(_));
                ensure!(
                    !module.imports.iter().any(shares),
                    "an instance that is not folded shares a global"
                );
                continue;
            };
            let argument = arguments
                .get(table.module)
                .context("a table from nowhere")?;
            let from = exporter(component, *argument, table.name)?;
            ensure!(
                *home_instance.get_or_insert(from) == from,
                "there are two homes"
            );
            ensure!(
                !module.has_data
                    && !module.has_start
                    && module.tables.is_empty()
                    && module.memories.is_empty(),
                "a member has data, a start, a memory or a table of its own"
            );
            members.push(Member {
                instance: number,
                module,
                arguments,
            });
        }
        let home_instance = home_instance.context("nobody shares a table")?;
        let home = modules
            .get(&home_instance)
            .context("home is made of exports")?;
        let mut linked = Self {
            component,
            home: Module::read(home)?,
            home_instance,
            members,
            slots: HashMap::new(),
        };
        ensure!(
            linked.home.elements.is_empty() && linked.home.tables.len() == 1,
            "home's table is not as it should be"
        );
        linked.slots = linked.fill()?;
        Ok(linked)
    }

    /// Whether an instance is folded.
    pub fn member(&self, instance: u32) -> Option<usize> {
        self.members
            .iter()
            .position(|member| member.instance == instance)
    }

    fn fill(&self) -> Result<HashMap<i32, Function>> {
        // Stubs of home lead to slots, which may be filled with what leads to stubs: slots that are a member's own come first.
        let mut slots = HashMap::new();
        let mut left = Vec::new();
        for (member, one) in self.members.iter().enumerate() {
            for elements in &one.module.elements {
                let start = value(&elements.offset, |number| {
                    let global = self.global(member, number)?;
                    self.value(global)
                })?;
                for (slot, function) in (start..).zip(&elements.functions) {
                    match one.module.function(*function)? {
                        Origin::Own(own) => {
                            ensure!(
                                slots.insert(slot, Function::Own(member, own)).is_none(),
                                "slot {slot} is filled twice"
                            );
                        }
                        Origin::Import(_) => left.push((slot, member, *function)),
                    }
                }
            }
        }
        let mut unresolved = HashSet::new();
        while !left.is_empty() {
            let before = left.len();
            let mut later = Vec::new();
            for (slot, member, function) in left {
                match self.resolve(member, function, &slots) {
                    Ok(function) => {
                        ensure!(
                            slots.insert(slot, function).is_none(),
                            "slot {slot} is filled twice"
                        );
                    }
                    Err(error) => {
                        unresolved.insert(format!("{error:#}"));
                        later.push((slot, member, function));
                    }
                }
            }
            ensure!(
                later.len() < before,
                "slots that nothing fills: {unresolved:?}"
            );
            left = later;
        }
        Ok(slots)
    }

    /// The function that has this number within a member.
    pub fn function(&self, member: usize, number: u32) -> Result<Function> {
        self.resolve(member, number, &self.slots)
    }

    fn resolve(
        &self,
        member: usize,
        number: u32,
        slots: &HashMap<i32, Function>,
    ) -> Result<Function> {
        let one = &self.members[member];
        match one.module.function(number)? {
            Origin::Own(own) => Ok(Function::Own(member, own)),
            Origin::Import(import) => {
                match self.import(
                    member,
                    import.module,
                    import.name,
                    ExternalKind::Func,
                    slots,
                )? {
                    Found::Function(function) => Ok(function),
                    _ => bail!("{} is no function", import.name),
                }
            }
        }
    }

    /// What a member exports by this name.
    pub fn exported(&self, member: usize, name: &str, kind: ExternalKind) -> Result<Function> {
        let exports = &self.members[member].module.exports;
        match exports.get(name) {
            Some((ExternalKind::Func, number)) if kind == ExternalKind::Func => {
                self.function(member, *number)
            }
            _ => bail!("others need `{name}` of a member, which is no function"),
        }
    }

    /// The functions from outside that a member imports.
    pub fn outer(&self, member: usize) -> Vec<u32> {
        let imports = &self.members[member].module.imports;
        let functions = imports.iter().filter(|import| is_function(&import.ty));
        let found =
            (0..)
                .zip(functions)
                .filter_map(|(number, _)| match self.function(member, number) {
                    Ok(Function::Outer(outer)) => Some(outer),
                    Ok(Function::Own(..)) | Err(_) => None,
                });
        found.collect()
    }

    /// The type of a member's function.
    pub fn ty(&self, function: Function) -> Result<&FuncType> {
        let Function::Own(member, own) = function else {
            bail!("a stub of home leads outside");
        };
        let module = &self.members[member].module;
        let ty = usize::try_from(module.functions[own])?;
        module.types.get(ty).context("a function without a type")
    }

    /// The name by which home exports its memory, or its table.
    pub fn shared(&self, kind: ExternalKind) -> Result<&str> {
        let mut exports = self.home.exports.iter();
        let export = exports.find(|(_, (of, _))| *of == kind);
        let (name, _) = export.with_context(|| format!("home exports no {kind:?}"))?;
        Ok(name)
    }

    /// The global that has this number within a member.
    pub fn global(&self, member: usize, number: u32) -> Result<Global> {
        let one = &self.members[member];
        match one.module.global(number)? {
            Origin::Own(own) => Ok(Global::Own(member, own)),
            Origin::Import(import) => {
                let slots = HashMap::new();
                match self.import(
                    member,
                    import.module,
                    import.name,
                    ExternalKind::Global,
                    &slots,
                )? {
                    Found::Global(global) => Ok(global),
                    _ => bail!("{} is no global", import.name),
                }
            }
        }
    }

    /// What a global has at the start.
    pub fn value(&self, global: Global) -> Result<i32> {
        match global {
            Global::Home(number) => {
                let (ty, expression) = &self.home.globals[number];
                is_i32(ty)?;
                value(expression, |_| bail!("home's globals are constants"))
            }
            Global::Own(member, number) => {
                let (ty, expression) = &self.members[member].module.globals[number];
                is_i32(ty)?;
                value(expression, |number| {
                    self.value(self.global(member, number)?)
                })
            }
        }
    }

    fn import(
        &self,
        member: usize,
        module: &str,
        name: &str,
        kind: ExternalKind,
        slots: &HashMap<i32, Function>,
    ) -> Result<Found> {
        let arguments = &self.members[member].arguments;
        let argument = *arguments
            .get(module)
            .with_context(|| format!("`{module}` is given to nobody"))?;
        match self.component.instance(argument)? {
            Instance::Instantiate { .. } => self.export(argument, name, kind, slots),
            Instance::FromExports(exports) => {
                let export = exports
                    .iter()
                    .find(|export| export.name == name && export.kind == kind);
                let export = export.with_context(|| format!("`{module}` has no `{name}`"))?;
                self.numbered(kind, export.index, slots)
            }
        }
    }

    /// What has this number in the component.
    fn numbered(
        &self,
        kind: ExternalKind,
        number: u32,
        slots: &HashMap<i32, Function>,
    ) -> Result<Found> {
        let maker = self.component.maker(Space::of(kind)?, number)?;
        match &self.component.items[maker] {
            Item::Alias(ComponentAlias::CoreInstanceExport {
                instance_index,
                name,
                ..
            }) if self.is_inside(*instance_index, name, kind)? => {
                self.export(*instance_index, name, kind, slots)
            }
            _ if kind == ExternalKind::Func => Ok(Found::Function(Function::Outer(number))),
            _ => bail!("a {kind:?} from outside is not known here"),
        }
    }

    /// Whether something is home's or a member's.
    fn is_inside(&self, instance: u32, name: &str, kind: ExternalKind) -> Result<bool> {
        if instance == self.home_instance {
            return Ok(kind != ExternalKind::Func || self.stub(name)?.is_some());
        }
        Ok(self.member(instance).is_some())
    }

    fn export(
        &self,
        instance: u32,
        name: &str,
        kind: ExternalKind,
        slots: &HashMap<i32, Function>,
    ) -> Result<Found> {
        if instance == self.home_instance {
            return self.home_export(name, kind, slots);
        }
        let member = self
            .member(instance)
            .context("an instance from outside is not known here")?;
        let (_, number) = self.members[member]
            .module
            .exports
            .get(name)
            .with_context(|| format!("nobody exports `{name}`"))?;
        Ok(match kind {
            ExternalKind::Func => Found::Function(self.resolve(member, *number, slots)?),
            ExternalKind::Global => Found::Global(self.global(member, *number)?),
            _ => bail!("a {kind:?} of a member is not known here"),
        })
    }

    fn home_export(
        &self,
        name: &str,
        kind: ExternalKind,
        slots: &HashMap<i32, Function>,
    ) -> Result<Found> {
        Ok(match kind {
            ExternalKind::Memory => Found::Memory,
            ExternalKind::Table => Found::Table,
            ExternalKind::Global => {
                let (_, number) = self
                    .home
                    .exports
                    .get(name)
                    .with_context(|| format!("home has no `{name}`"))?;
                match self.home.global(*number)? {
                    Origin::Own(own) => Found::Global(Global::Home(own)),
                    Origin::Import(_) => bail!("home's globals are its own"),
                }
            }
            _ => {
                let slot = self.stub(name)?;
                let slot = slot.context("what home imports itself is given on as it is")?;
                let function = slots
                    .get(&slot)
                    .with_context(|| format!("slot {slot} is empty"))?;
                Found::Function(*function)
            }
        })
    }

    /// The slot whose function a function of home calls, and does nothing else; `None` for one that home imports itself.
    pub fn stub(&self, name: &str) -> Result<Option<i32>> {
        let (_, number) = self
            .home
            .exports
            .get(name)
            .with_context(|| format!("home has no `{name}`"))?;
        let Origin::Own(own) = self.home.function(*number)? else {
            return Ok(None);
        };
        let mut slot = None;
        for operator in self.home.bodies[own].get_operators_reader()? {
            match operator? {
                Operator::LocalGet { .. } | Operator::End => {}
                Operator::I32Const { value } => slot = Some(value),
                Operator::CallIndirect { table_index: 0, .. } => {}
                other => bail!("home's `{name}` is no stub: {other:?}"),
            }
        }
        ensure!(slot.is_some(), "home's `{name}` calls nothing");
        Ok(slot)
    }
}

/// Which instance an item of an argument was exported by.
fn exporter(component: &Component<'_>, argument: u32, name: &str) -> Result<u32> {
    let Instance::FromExports(exports) = component.instance(argument)? else {
        return Ok(argument);
    };
    let export = exports.iter().find(|export| export.name == name);
    let export = export.with_context(|| format!("nothing is called `{name}`"))?;
    let maker = component.maker(Space::of(export.kind)?, export.index)?;
    match &component.items[maker] {
        Item::Alias(ComponentAlias::CoreInstanceExport { instance_index, .. }) => {
            Ok(*instance_index)
        }
        _ => bail!("`{name}` is no alias"),
    }
}
