//! What preview 1 promises and the published adapter doesn't do: put into the module itself.
//!
//! The adapter traps over sockets, signals and paths that aren't text, says success for a write of
//! nothing to a closed descriptor, has no `notcapable`, and puts its own memory where a module's
//! allocator may take it for free. So the functions in `preview1.wat` are
//! appended to a module, and its calls go to them instead of to its imports. They are code of the
//! guest: they can do nothing that it couldn't. Runs in the compiling child only.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, FunctionSection, GlobalSection,
    ImportSection, Instruction, Module, TypeSection,
};
use wasmparser::{
    CodeSectionReader, ExportSectionReader, ExternalKind, FuncType, FunctionBody,
    FunctionSectionReader, GlobalSectionReader, ImportSectionReader, Operator, Parser, Payload,
    TypeRef, TypeSectionReader,
};

const PREVIEW1: &str = "wasi_snapshot_preview1";
/// What the adapter allocates with, if a module exports it (`wit-component` 0.254, `validation.rs`).
const REALLOC: &str = "cabi_realloc_adapter";
const TEXT: &str = include_str!("preview1.wat");

/// `module`, with its calls of preview 1 going through the functions of `preview1.wat`.
///
/// # Errors
/// A sentence for the module's author, if it is not a valid module.
pub fn completed(module: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let ours = wat::parse_str(TEXT).expect("a test parses it");
    let ours = Shape::of(&ours).expect("a test parses it");
    let theirs = Shape::of(module).map_err(|error| format!("it is not a valid module: {error}"))?;
    let Some(mut plan) = Plan::new(&ours, &theirs) else {
        return Ok(Cow::Borrowed(module));
    };
    let mut completed = Module::new();
    plan.parse_core_module(&mut completed, Parser::new(0), module)
        .map_err(|error| format!("it is not a valid module: {error}"))?;
    Ok(Cow::Owned(completed.finish()))
}

/// The functions of a module, by index.
struct Shape<'a> {
    n_types: u32,
    /// Name and type of each imported function; no name where it isn't preview 1's.
    imports: Vec<(Option<&'a str>, Option<FuncType>)>,
    /// Type and body of each function of its own.
    functions: Vec<(Option<FuncType>, FunctionBody<'a>)>,
    exports: BTreeMap<&'a str, u32>,
    n_globals: u32,
    globals: Option<GlobalSectionReader<'a>>,
    has_memory: bool,
}

impl<'a> Shape<'a> {
    fn of(module: &'a [u8]) -> wasmparser::Result<Self> {
        let mut types: Vec<Option<FuncType>> = Vec::new();
        let mut declared = Vec::new();
        let mut shape = Self {
            n_types: 0,
            imports: Vec::new(),
            functions: Vec::new(),
            exports: BTreeMap::new(),
            n_globals: 0,
            globals: None,
            has_memory: false,
        };
        let type_at =
            |types: &[Option<FuncType>], index: u32| types.get(index as usize).cloned().flatten();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        for found in group?.into_types() {
                            types.push(match &found.composite_type.inner {
                                wasmparser::CompositeInnerType::Func(found) => Some(found.clone()),
                                _ => None,
                            });
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        match import.ty {
                            TypeRef::Func(found) | TypeRef::FuncExact(found) => {
                                let name = (import.module == PREVIEW1).then_some(import.name);
                                shape.imports.push((name, type_at(&types, found)));
                            }
                            TypeRef::Memory(memory) => shape.has_memory |= !memory.memory64,
                            TypeRef::Global(_) => shape.n_globals += 1,
                            TypeRef::Table(_) | TypeRef::Tag(_) => {}
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    for function in section {
                        declared.push(type_at(&types, function?));
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        shape.has_memory |= !memory?.memory64;
                    }
                }
                Payload::GlobalSection(section) => {
                    shape.n_globals += section.count();
                    shape.globals = Some(section);
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            shape.exports.insert(export.name, export.index);
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let index = shape.functions.len();
                    let declared = declared.get(index).cloned().flatten();
                    shape.functions.push((declared, body));
                }
                _ => {}
            }
        }
        shape.n_types = u32::try_from(types.len()).unwrap_or(u32::MAX);
        Ok(shape)
    }

    fn n_imports(&self) -> u32 {
        u32::try_from(self.imports.len()).unwrap_or(u32::MAX)
    }

    fn import_named(&self, wanted: &str) -> Option<u32> {
        let at = |(name, _): &(Option<&str>, _)| *name == Some(wanted);
        let index = self.imports.iter().position(at)?;
        u32::try_from(index).ok()
    }

    /// The functions that `function` calls.
    fn calls(&self, function: u32) -> Vec<u32> {
        let Some(own) = function.checked_sub(self.n_imports()) else {
            return Vec::new();
        };
        let (_, body) = &self.functions[own as usize];
        let operators = body.get_operators_reader().expect("it was written here");
        operators
            .into_iter()
            .filter_map(|operator| match operator.expect("it was written here") {
                Operator::Call { function_index } => Some(function_index),
                _ => None,
            })
            .collect()
    }
}

/// What is appended where, and what becomes of each function's index.
struct Plan<'a> {
    n_types: u32,
    n_imports: u32,
    /// Imports that the module lacks.
    imports: Vec<(&'a str, FuncType)>,
    functions: Vec<(FuncType, FunctionBody<'a>)>,
    /// From the module's imports to the functions that stand in for them.
    replaced: BTreeMap<u32, u32>,
    memory: Option<Memory<'a>>,
    n_globals: u32,
    /// From the indices of `preview1.wat` to those of the module that is made.
    ours: BTreeMap<u32, u32>,
    is_ours: bool,
}

/// The functions that keep the adapter's memory from the module's allocator.
struct Memory<'a> {
    size: u32,
    grow: u32,
    realloc: u32,
    globals: GlobalSectionReader<'a>,
}

impl<'a> Plan<'a> {
    /// `None` if nothing is to be changed.
    fn new(ours: &Shape<'a>, theirs: &Shape<'_>) -> Option<Self> {
        if !theirs.has_memory || theirs.functions.is_empty() {
            return None;
        }
        let type_of = |shape: &Shape<'_>, index: u32| {
            let own = index.checked_sub(shape.n_imports());
            match own {
                Some(own) => shape.functions[own as usize].0.clone(),
                None => shape.imports[index as usize].1.clone(),
            }
        };
        // An import of another type is the adapter's to refuse.
        let wanted: BTreeMap<u32, u32> = ours
            .exports
            .iter()
            .filter_map(|(name, ours_index)| {
                let index = theirs.import_named(name)?;
                (type_of(theirs, index) == type_of(ours, *ours_index))
                    .then_some((index, *ours_index))
            })
            .collect();
        if !theirs.imports.iter().any(|(name, _)| name.is_some()) {
            return None;
        }
        let mut needed = BTreeSet::new();
        let mut pending: Vec<u32> = wanted.values().copied().collect();
        // A module that allocates for the adapter knows what it does.
        let allocates = ["cabi_realloc", "canonical_abi_realloc", REALLOC];
        let keeps_memory = theirs.globals.is_some()
            && allocates
                .iter()
                .all(|name| !theirs.exports.contains_key(name));
        if keeps_memory {
            pending.extend(["memory.size", "memory.grow", REALLOC].map(|name| ours.exports[name]));
        }
        while let Some(function) = pending.pop() {
            if needed.insert(function) {
                pending.extend(ours.calls(function));
            }
        }
        let mut plan = Self {
            n_types: theirs.n_types,
            n_imports: theirs.n_imports(),
            imports: Vec::new(),
            functions: Vec::new(),
            replaced: BTreeMap::new(),
            memory: None,
            n_globals: theirs.n_globals,
            ours: BTreeMap::new(),
            is_ours: false,
        };
        for index in needed.range(..ours.n_imports()) {
            let (name, found) = &ours.imports[*index as usize];
            let (name, found) = (name.expect("all are preview 1's"), found.clone());
            let at = theirs.import_named(name).unwrap_or_else(|| {
                plan.imports.push((name, found.expect("it is a function")));
                plan.n_imports + plan.n_added() - 1
            });
            plan.ours.insert(*index, at);
        }
        let first = u32::try_from(theirs.functions.len()).ok()? + plan.n_imports + plan.n_added();
        for (at, index) in (first..).zip(needed.range(ours.n_imports()..)) {
            let (found, body) = &ours.functions[(*index - ours.n_imports()) as usize];
            let found = found.clone().expect("it is a function");
            plan.functions.push((found, body.clone()));
            plan.ours.insert(*index, at);
        }
        plan.memory = ours
            .globals
            .clone()
            .filter(|_| keeps_memory)
            .map(|globals| {
                let at = |name| plan.ours[&ours.exports[name]];
                Memory {
                    size: at("memory.size"),
                    grow: at("memory.grow"),
                    realloc: at(REALLOC),
                    globals,
                }
            });
        plan.replaced = wanted
            .into_iter()
            .map(|(theirs, ours)| (theirs, plan.ours[&ours]))
            .collect();
        Some(plan)
    }

    /// How many imports are added.
    fn n_added(&self) -> u32 {
        u32::try_from(self.imports.len()).expect("there are few")
    }
}

impl Reencode for Plan<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, index: u32) -> Result<u32, reencode::Error<Self::Error>> {
        Ok(if self.is_ours {
            self.ours[&index]
        } else if let Some(replaced) = self.replaced.get(&index) {
            *replaced
        } else if index < self.n_imports {
            index
        } else {
            index + self.n_added()
        })
    }

    fn global_index(&mut self, index: u32) -> Result<u32, reencode::Error<Self::Error>> {
        Ok(match self.is_ours {
            true => index + self.n_globals,
            false => index,
        })
    }

    fn instruction<'b>(
        &mut self,
        operator: Operator<'b>,
    ) -> Result<Instruction<'b>, reencode::Error<Self::Error>> {
        match (&operator, &self.memory) {
            (Operator::MemorySize { mem: 0 }, Some(memory)) if !self.is_ours => {
                Ok(Instruction::Call(memory.size))
            }
            (Operator::MemoryGrow { mem: 0 }, Some(memory)) if !self.is_ours => {
                Ok(Instruction::Call(memory.grow))
            }
            _ => utils::instruction(self, operator),
        }
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: GlobalSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        utils::parse_global_section(self, globals, section)?;
        match self.memory.as_ref().map(|memory| memory.globals.clone()) {
            Some(ours) => utils::parse_global_section(self, globals, ours),
            None => Ok(()),
        }
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        utils::parse_export_section(self, exports, section)?;
        if let Some(memory) = &self.memory {
            exports.export(REALLOC, ExportKind::Func, memory.realloc);
        }
        Ok(())
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        utils::parse_type_section(self, types, section)?;
        let imports = self.imports.iter().map(|(_, found)| found);
        let functions = self.functions.iter().map(|(found, _)| found);
        for found in imports.chain(functions).cloned().collect::<Vec<_>>() {
            types.ty().func_type(&self.func_type(found)?);
        }
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        utils::parse_import_section(self, imports, section)?;
        for (at, (name, _)) in (self.n_types..).zip(&self.imports) {
            imports.import(PREVIEW1, name, EntityType::Function(at));
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        utils::parse_function_section(self, functions, section)?;
        let first = self.n_types + self.n_added();
        for (at, _) in (first..).zip(&self.functions) {
            functions.function(at);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        utils::parse_code_section(self, code, section)?;
        self.is_ours = true;
        for (_, body) in self.functions.clone() {
            utils::parse_function_body(self, code, body)?;
        }
        self.is_ours = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_for(text: &str) -> Option<(usize, usize)> {
        let ours = wat::parse_str(TEXT).expect("it is right");
        let theirs = wat::parse_str(text).expect("it is right");
        let ours = Shape::of(&ours).expect("it is right");
        let theirs = Shape::of(&theirs).expect("it is right");
        Plan::new(&ours, &theirs).map(|plan| (plan.imports.len(), plan.functions.len()))
    }

    #[test]
    fn each_function_has_the_type_of_the_import_it_calls() {
        let ours = wat::parse_str(TEXT).expect("it is right");
        let ours = Shape::of(&ours).expect("it is right");
        for (name, index) in &ours.exports {
            let own = (*index - ours.n_imports()) as usize;
            if let Some(import) = ours.import_named(name) {
                assert_eq!(
                    ours.imports[import as usize].1, ours.functions[own].0,
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn only_what_a_module_imports_is_put_in() {
        let nothing = r#"(module (memory 1) (global i32 (i32.const 0)) (func))"#;
        assert_eq!(plan_for(nothing), None);
        let raise = r#"(module (import "wasi_snapshot_preview1" "proc_raise" (func (param i32) (result i32)))
            (memory 1) (func))"#;
        assert_eq!(plan_for(raise), Some((0, 1)));
        let shutdown = r#"(module (import "wasi_snapshot_preview1" "sock_shutdown" (func (param i32 i32) (result i32)))
            (memory 1) (func))"#;
        assert_eq!(plan_for(shutdown), Some((2, 3)));
        let of_another_type = r#"(module (import "wasi_snapshot_preview1" "proc_raise" (func (param i64)))
            (memory 1) (func))"#;
        assert_eq!(plan_for(of_another_type), Some((0, 0)));
        let with_a_heap = r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
            (memory 1) (global i32 (i32.const 0)) (func))"#;
        assert_eq!(plan_for(with_a_heap), Some((0, 4)));
    }
}
