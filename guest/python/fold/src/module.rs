//! A core module, as far as folding needs it. What it may not have is refused: memory or data of its own, a start function, tags.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use wasmparser::{
    CompositeInnerType, ConstExpr, ElementItems, ElementKind, ExternalKind, FuncType, FunctionBody,
    GlobalType, Import, KnownCustom, MemoryType, Name, NameSectionReader, Operator, Parser,
    Payload, TableType, TypeRef, ValType,
};

#[derive(Default)]
pub struct Module<'a> {
    pub types: Vec<FuncType>,
    pub imports: Vec<Import<'a>>,
    /// The types of the functions that are its own.
    pub functions: Vec<u32>,
    pub bodies: Vec<FunctionBody<'a>>,
    pub tables: Vec<TableType>,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<(GlobalType, ConstExpr<'a>)>,
    pub exports: HashMap<&'a str, (ExternalKind, u32)>,
    pub elements: Vec<Elements<'a>>,
    /// What its functions are called, for people.
    pub names: HashMap<u32, &'a str>,
    pub has_data: bool,
    pub has_start: bool,
}

/// Functions for a part of a table.
pub struct Elements<'a> {
    pub offset: ConstExpr<'a>,
    pub functions: Vec<u32>,
}

impl<'a> Module<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        for one in group?.into_types() {
                            match one.composite_type.inner {
                                CompositeInnerType::Func(function) => module.types.push(function),
                                _ => bail!("only functions' types are known here"),
                            }
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    module.imports = section.into_imports().collect::<Result<_, _>>()?;
                }
                Payload::FunctionSection(section) => {
                    module.functions = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::TableSection(section) => {
                    for table in section {
                        module.tables.push(table?.ty);
                    }
                }
                Payload::MemorySection(section) => {
                    module.memories = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        let global = global?;
                        module.globals.push((global.ty, global.init_expr));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        module
                            .exports
                            .insert(export.name, (export.kind, export.index));
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        module.elements.push(elements(element?)?);
                    }
                }
                Payload::CodeSectionEntry(body) => module.bodies.push(body),
                Payload::DataSection(_) => module.has_data = true,
                Payload::StartSection { .. } => module.has_start = true,
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        module.names = function_names(names)?;
                    }
                }
                Payload::TagSection(_) => bail!("tags are not known here"),
                _ => {}
            }
        }
        Ok(module)
    }

    /// The import that has this number, or else the number among its own.
    pub fn function(&self, number: u32) -> Result<Origin<'_, 'a>> {
        self.origin(number, is_function)
    }

    pub fn global(&self, number: u32) -> Result<Origin<'_, 'a>> {
        self.origin(number, |ty| matches!(ty, TypeRef::Global(_)))
    }

    /// The name of one of its own functions.
    pub fn name(&self, own: usize) -> Option<&'a str> {
        let number = u32::try_from(n_imported(self) + own).ok()?;
        self.names.get(&number).copied()
    }

    fn origin(&self, number: u32, is: impl Fn(&TypeRef) -> bool) -> Result<Origin<'_, 'a>> {
        let number = usize::try_from(number)?;
        let mut imports = self.imports.iter().filter(|import| is(&import.ty));
        Ok(match imports.clone().nth(number) {
            Some(import) => Origin::Import(import),
            None => Origin::Own(number - imports.by_ref().count()),
        })
    }
}

/// Where what a module speaks of comes from.
pub enum Origin<'m, 'a> {
    Import(&'m Import<'a>),
    /// Its number among the module's own.
    Own(usize),
}

fn function_names(section: NameSectionReader<'_>) -> Result<HashMap<u32, &str>> {
    let mut names = HashMap::new();
    for part in section {
        if let Name::Function(functions) = part? {
            for one in functions {
                let one = one?;
                names.insert(one.index, one.name);
            }
        }
    }
    Ok(names)
}

fn elements(element: wasmparser::Element<'_>) -> Result<Elements<'_>> {
    let ElementKind::Active {
        table_index: None | Some(0),
        offset_expr: offset,
    } = element.kind
    else {
        bail!("elements that are not for the first table are not known here");
    };
    let ElementItems::Functions(functions) = element.items else {
        bail!("elements that are no plain functions are not known here");
    };
    Ok(Elements {
        offset,
        functions: functions.into_iter().collect::<Result<_, _>>()?,
    })
}

/// What an expression for an `i32` comes to, with the globals' values from `global`.
pub fn value(
    expression: &ConstExpr<'_>,
    mut global: impl FnMut(u32) -> Result<i32>,
) -> Result<i32> {
    let mut stack: Vec<i32> = Vec::new();
    for operator in expression.get_operators_reader() {
        match operator? {
            Operator::I32Const { value } => stack.push(value),
            Operator::GlobalGet { global_index } => stack.push(global(global_index)?),
            Operator::I32Add => {
                let (right, left) = (stack.pop(), stack.pop());
                let sum = left
                    .zip(right)
                    .map(|(left, right)| left.wrapping_add(right));
                stack.push(sum.context("an addition of nothing")?);
            }
            Operator::End => {}
            other => bail!("{other:?} in a constant is not known here"),
        }
    }
    stack.pop().context("an expression without a value")
}

/// How many functions a module imports: its own are counted from there.
fn n_imported(module: &Module<'_>) -> usize {
    let imports = module.imports.iter();
    imports.filter(|import| is_function(&import.ty)).count()
}

pub fn is_function(ty: &TypeRef) -> bool {
    matches!(ty, TypeRef::Func(_) | TypeRef::FuncExact(_))
}

/// Refuses a global that is no `i32`.
pub fn is_i32(global: &GlobalType) -> Result<()> {
    match global.content_type {
        ValType::I32 => Ok(()),
        other => bail!("a global of type {other} is not known here"),
    }
}
