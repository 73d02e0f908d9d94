//! The members as one module: calls between them are plain calls, what never changes is a constant, and the table is its own, so that
//! an engine can fill it as it is used. What nobody can reach is left out.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use anyhow::{Context as _, Result, anyhow};
use wasm_encoder::reencode::{Error as Reencoding, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    FunctionSection, GlobalSection, GlobalType, ImportSection, NameMap, NameSection, TableSection,
    TableType, TypeSection, ValType,
};
use wasmparser::{FuncType, Operator, TypeRef};

use crate::link::{Function, Global, Linked};

/// What is imported besides the memory: all of it from one instance, named by its number.
pub const OUTSIDE: &str = "outside";
pub const HOME: &str = "home";
pub const MEMORY: &str = "memory";

pub struct Folded {
    pub bytes: Vec<u8>,
    /// Functions from outside, by their numbers in the component.
    pub outer: Vec<u32>,
    pub n_functions: usize,
    pub n_left_out: usize,
    pub n_constants: usize,
}

/// What can be reached from the roots.
struct Reach {
    functions: BTreeSet<Function>,
    globals: BTreeSet<Global>,
    set: HashSet<Global>,
}

/// The numbers of one member, as they are in the folded module.
struct Numbers<'m> {
    functions: HashMap<u32, u32>,
    globals: HashMap<u32, u32>,
    types: &'m [u32],
}

impl Reencode for Numbers<'_> {
    type Error = anyhow::Error;

    fn function_index(&mut self, number: u32) -> Result<u32, Reencoding<anyhow::Error>> {
        let found = self.functions.get(&number).copied();
        found.ok_or_else(|| Reencoding::UserError(anyhow!("function {number} was not reached")))
    }

    fn global_index(&mut self, number: u32) -> Result<u32, Reencoding<anyhow::Error>> {
        let found = self.globals.get(&number).copied();
        found.ok_or_else(|| Reencoding::UserError(anyhow!("global {number} was not reached")))
    }

    fn type_index(&mut self, number: u32) -> Result<u32, Reencoding<anyhow::Error>> {
        let found = usize::try_from(number)
            .ok()
            .and_then(|number| self.types.get(number));
        found
            .copied()
            .ok_or_else(|| Reencoding::UserError(anyhow!("type {number} is not there")))
    }
}

/// The functions and globals that a member's function speaks of, by the member's numbers.
#[derive(Default)]
struct Spoken {
    functions: BTreeSet<u32>,
    globals: BTreeSet<u32>,
    set: BTreeSet<u32>,
}

fn spoken(linked: &Linked<'_, '_>, member: usize, own: usize) -> Result<Spoken> {
    let mut spoken = Spoken::default();
    let body = &linked.members[member].module.bodies[own];
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index }
            | Operator::ReturnCall { function_index }
            | Operator::RefFunc { function_index } => {
                spoken.functions.insert(function_index);
            }
            Operator::GlobalGet { global_index } => {
                spoken.globals.insert(global_index);
            }
            Operator::GlobalSet { global_index } => {
                spoken.globals.insert(global_index);
                spoken.set.insert(global_index);
            }
            _ => {}
        }
    }
    Ok(spoken)
}

fn reach(linked: &Linked<'_, '_>, roots: impl Iterator<Item = Function>) -> Result<Reach> {
    let mut reach = Reach {
        functions: BTreeSet::new(),
        globals: BTreeSet::new(),
        set: HashSet::new(),
    };
    let mut next: Vec<Function> = roots.collect();
    while let Some(function) = next.pop() {
        if !reach.functions.insert(function) {
            continue;
        }
        let Function::Own(member, own) = function else {
            continue;
        };
        let spoken = spoken(linked, member, own)?;
        for number in spoken.functions {
            next.push(linked.function(member, number)?);
        }
        for number in spoken.globals {
            reach.globals.insert(linked.global(member, number)?);
        }
        for number in spoken.set {
            reach.set.insert(linked.global(member, number)?);
        }
    }
    Ok(reach)
}

/// Types, each once.
#[derive(Default)]
struct Types {
    section: TypeSection,
    numbers: HashMap<FuncType, u32>,
}

impl Types {
    fn number(&mut self, function: &FuncType) -> Result<u32> {
        if let Some(number) = self.numbers.get(function) {
            return Ok(*number);
        }
        let number = u32::try_from(self.numbers.len())?;
        let ty = RoundtripReencoder.func_type(function.clone())?;
        self.section.ty().func_type(&ty);
        self.numbers.insert(function.clone(), number);
        Ok(number)
    }
}

/// Folds the members. `exported` is what others need of them, with the names that it gets.
pub fn fold(linked: &Linked<'_, '_>, exported: &BTreeMap<String, Function>) -> Result<Folded> {
    let roots = exported.values().chain(linked.slots.values()).copied();
    let reach = reach(linked, roots)?;
    let mut types = Types::default();
    let member_types = linked
        .members
        .iter()
        .map(|member| {
            let of_member = member.module.types.iter();
            of_member.map(|one| types.number(one)).collect()
        })
        .collect::<Result<Vec<Vec<u32>>>>()?;
    let outer: Vec<u32> = reach
        .functions
        .iter()
        .filter_map(|function| match function {
            Function::Outer(number) => Some(*number),
            Function::Own(..) => None,
        })
        .collect();
    let own: Vec<(usize, usize)> = reach
        .functions
        .iter()
        .filter_map(|function| match function {
            Function::Own(member, own) => Some((*member, *own)),
            Function::Outer(_) => None,
        })
        .collect();
    let functions: HashMap<Function, u32> = outer
        .iter()
        .map(|number| Function::Outer(*number))
        .chain(own.iter().map(|(member, own)| Function::Own(*member, *own)))
        .zip(0..)
        .collect();
    let globals: HashMap<Global, u32> = reach.globals.iter().copied().zip(0..).collect();

    let mut imports = ImportSection::new();
    let memory = linked.home.memories.first().copied();
    let memory = memory.context("home has no memory")?;
    imports.import(HOME, MEMORY, RoundtripReencoder.memory_type(memory)?);
    let outer_types = outer_types(linked, &outer, &member_types)?;
    for (number, ty) in outer.iter().zip(outer_types) {
        imports.import(OUTSIDE, &number.to_string(), EntityType::Function(ty));
    }
    let mut declared = FunctionSection::new();
    for (member, own) in &own {
        let ty = linked.members[*member].module.functions[*own];
        declared.function(member_types[*member][usize::try_from(ty)?]);
    }
    let mut tables = TableSection::new();
    let table: TableType = RoundtripReencoder.table_type(linked.home.tables[0])?;
    tables.table(table);
    let mut global_section = GlobalSection::new();
    for global in &reach.globals {
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: reach.set.contains(global),
            shared: false,
        };
        global_section.global(ty, &ConstExpr::i32_const(linked.value(*global)?));
    }
    let mut exports = ExportSection::new();
    for (name, function) in exported {
        exports.export(name, ExportKind::Func, functions[function]);
    }
    let mut elements = ElementSection::new();
    for (start, run) in runs(&linked.slots) {
        let run: Vec<u32> = run.iter().map(|function| functions[function]).collect();
        elements.active(
            None,
            &ConstExpr::i32_const(start),
            Elements::Functions(run.into()),
        );
    }
    let mut code = CodeSection::new();
    for (member, own) in &own {
        let spoken = spoken(linked, *member, *own)?;
        let mut numbers = Numbers {
            functions: HashMap::new(),
            globals: HashMap::new(),
            types: &member_types[*member],
        };
        for number in spoken.functions {
            let function = linked.function(*member, number)?;
            numbers.functions.insert(number, functions[&function]);
        }
        for number in spoken.globals {
            let global = linked.global(*member, number)?;
            numbers.globals.insert(number, globals[&global]);
        }
        let body = linked.members[*member].module.bodies[*own].clone();
        numbers
            .parse_function_body(&mut code, body)
            .map_err(|error| anyhow!("a function can't be written: {error:#}"))?;
    }
    let mut module = wasm_encoder::Module::new();
    module
        .section(&types.section)
        .section(&imports)
        .section(&declared)
        .section(&tables)
        .section(&global_section)
        .section(&exports)
        .section(&elements)
        .section(&code)
        .section(&names(linked, &own, outer.len())?);
    let n_all: usize = linked
        .members
        .iter()
        .map(|member| member.module.functions.len())
        .sum();
    Ok(Folded {
        bytes: module.finish(),
        outer,
        n_functions: own.len(),
        n_left_out: n_all - own.len(),
        n_constants: reach.globals.len() - reach.set.len(),
    })
}

/// What functions are called, as far as their modules say so: backtraces have it.
fn names(linked: &Linked<'_, '_>, own: &[(usize, usize)], n_outer: usize) -> Result<NameSection> {
    let mut functions = NameMap::new();
    for (number, (member, own)) in (u32::try_from(n_outer)?..).zip(own) {
        if let Some(name) = linked.members[*member].module.name(*own) {
            functions.append(number, name);
        }
    }
    let mut names = NameSection::new();
    names.functions(&functions);
    Ok(names)
}

/// The types of functions from outside, as the members that import them have them.
fn outer_types(
    linked: &Linked<'_, '_>,
    outer: &[u32],
    member_types: &[Vec<u32>],
) -> Result<Vec<u32>> {
    let mut found = HashMap::new();
    for (member, types) in member_types.iter().enumerate() {
        let imports = linked.members[member].module.imports.iter();
        let imported = imports.filter_map(|import| match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => Some(ty),
            _ => None,
        });
        for (number, ty) in (0..).zip(imported) {
            if let Ok(Function::Outer(outer)) = linked.function(member, number) {
                found.insert(outer, types[usize::try_from(ty)?]);
            }
        }
    }
    let ty = |number| found.get(number).copied();
    let types = outer
        .iter()
        .map(|number| ty(number).context("a function of no type"));
    types.collect()
}

/// Slots that follow one another, with where they start.
fn runs(slots: &HashMap<i32, Function>) -> Vec<(i32, Vec<Function>)> {
    let mut runs: Vec<(i32, Vec<Function>)> = Vec::new();
    let mut next = None;
    for (slot, function) in slots.iter().collect::<BTreeMap<_, _>>() {
        match runs.last_mut() {
            Some((_, run)) if next == Some(*slot) => run.push(*function),
            _ => runs.push((*slot, vec![*function])),
        }
        next = Some(slot + 1);
    }
    runs
}
