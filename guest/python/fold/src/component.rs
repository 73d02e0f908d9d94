//! A component as a list of items, with the index spaces of what is core WebAssembly: what has which number, and which item made it.
//!
//! Items that only speak of components are kept as the sections that they came in. Nested components are such items.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use wasm_encoder::reencode::{Error as Reencoding, Reencode, ReencodeComponent};
use wasmparser::{
    BinaryReader, CanonicalFunction, ComponentAlias, ComponentAliasSectionReader,
    ComponentCanonicalSectionReader, ExternalKind, Instance, InstanceSectionReader,
};

/// The numbers that core items have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Space {
    Module,
    Instance,
    Func,
    Table,
    Memory,
    Global,
}

impl Space {
    pub fn of(kind: ExternalKind) -> Result<Self> {
        Ok(match kind {
            ExternalKind::Func | ExternalKind::FuncExact => Self::Func,
            ExternalKind::Table => Self::Table,
            ExternalKind::Memory => Self::Memory,
            ExternalKind::Global => Self::Global,
            ExternalKind::Tag => bail!("tags are not known here"),
        })
    }
}

pub enum Item<'a> {
    Module(&'a [u8]),
    Instance(Instance<'a>),
    Alias(ComponentAlias<'a>),
    Canonical(CanonicalFunction),
    Section { id: u8, bytes: &'a [u8] },
}

impl Item<'_> {
    /// In which space it makes a number.
    fn space(&self) -> Result<Option<Space>> {
        Ok(match self {
            Self::Module(_) => Some(Space::Module),
            Self::Instance(_) => Some(Space::Instance),
            Self::Alias(ComponentAlias::CoreInstanceExport { kind, .. }) => Some(Space::of(*kind)?),
            Self::Canonical(CanonicalFunction::Lift { .. })
            | Self::Alias(_)
            | Self::Section { .. } => None,
            Self::Canonical(_) => Some(Space::Func),
        })
    }

    /// The numbers that it speaks of.
    pub fn uses(&self) -> Result<Vec<(Space, u32)>> {
        let mut uses = Uses::default();
        write(self, &mut uses)?;
        Ok(uses.0)
    }
}

pub struct Component<'a> {
    pub items: Vec<Item<'a>>,
    /// The items by the numbers that they made.
    made: HashMap<(Space, u32), usize>,
    /// The numbers that items made.
    numbers: HashMap<usize, (Space, u32)>,
}

/// How a component begins.
pub const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";

pub const MODULE: u8 = 1;
const INSTANCES: u8 = 2;
const ALIASES: u8 = 6;
const CANONICALS: u8 = 8;

impl<'a> Component<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = BinaryReader::new(bytes, 0);
        if reader.read_bytes(HEADER.len())? != HEADER {
            bail!("this is no component");
        }
        let mut items = Vec::new();
        while !reader.eof() {
            let id = reader.read_u8()?;
            let size = usize::try_from(reader.read_var_u32()?)?;
            let bytes = reader.read_bytes(size)?;
            let section = || BinaryReader::new(bytes, 0);
            match id {
                MODULE => items.push(Item::Module(bytes)),
                INSTANCES => {
                    for one in InstanceSectionReader::new(section())? {
                        items.push(Item::Instance(one?));
                    }
                }
                ALIASES => {
                    for one in ComponentAliasSectionReader::new(section())? {
                        items.push(Item::Alias(one?));
                    }
                }
                CANONICALS => {
                    for one in ComponentCanonicalSectionReader::new(section())? {
                        items.push(Item::Canonical(one?));
                    }
                }
                // Names of numbers that will be others.
                0 if bytes.starts_with(b"\x0ecomponent-name") => {}
                id => items.push(Item::Section { id, bytes }),
            }
        }
        let (mut made, mut numbers) = (HashMap::new(), HashMap::new());
        let mut next: HashMap<Space, u32> = HashMap::new();
        for (at, item) in items.iter().enumerate() {
            if let Some(space) = item.space()? {
                let number = next.entry(space).or_default();
                made.insert((space, *number), at);
                numbers.insert(at, (space, *number));
                *number += 1;
            }
        }
        Ok(Self {
            items,
            made,
            numbers,
        })
    }

    /// The place of the item that made this number.
    pub fn maker(&self, space: Space, number: u32) -> Result<usize> {
        let maker = self.made.get(&(space, number));
        maker
            .copied()
            .with_context(|| format!("nothing made {space:?} {number}"))
    }

    /// The number that the item at this place made.
    pub fn number(&self, at: usize) -> Option<(Space, u32)> {
        self.numbers.get(&at).copied()
    }

    pub fn instance(&self, number: u32) -> Result<&Instance<'a>> {
        match &self.items[self.maker(Space::Instance, number)?] {
            Item::Instance(instance) => Ok(instance),
            _ => bail!("{number} is no instance"),
        }
    }

    pub fn module(&self, number: u32) -> Result<&'a [u8]> {
        match self.items[self.maker(Space::Module, number)?] {
            Item::Module(bytes) => Ok(bytes),
            _ => bail!("{number} is no module"),
        }
    }
}

/// One item as a section of its own, its numbers as `numbers` has them.
pub fn write<N: ReencodeComponent>(
    item: &Item<'_>,
    numbers: &mut N,
) -> Result<Vec<u8>, Reencoding<N::Error>> {
    Ok(match item {
        Item::Module(bytes) => section(&wasm_encoder::RawSection {
            id: MODULE,
            data: bytes,
        }),
        Item::Instance(instance) => {
            let mut instances = wasm_encoder::InstanceSection::new();
            numbers.parse_instance(&mut instances, instance.clone())?;
            section(&instances)
        }
        Item::Alias(alias) => {
            let mut aliases = wasm_encoder::ComponentAliasSection::new();
            aliases.alias(numbers.component_alias(alias.clone())?);
            section(&aliases)
        }
        Item::Canonical(function) => {
            let mut functions = wasm_encoder::CanonicalFunctionSection::new();
            numbers.parse_component_canonical(&mut functions, function.clone())?;
            section(&functions)
        }
        Item::Section { id, bytes } => section(&wasm_encoder::RawSection {
            id: *id,
            data: bytes,
        }),
    })
}

/// A section's bytes.
pub fn section(section: &impl wasm_encoder::ComponentSection) -> Vec<u8> {
    let mut component = wasm_encoder::Component::new();
    component.section(section);
    component.finish().split_off(HEADER.len())
}

/// Notes which numbers are spoken of.
#[derive(Default)]
struct Uses(Vec<(Space, u32)>);

impl Uses {
    fn note(&mut self, space: Space, number: u32) -> u32 {
        self.0.push((space, number));
        number
    }
}

impl Reencode for Uses {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, number: u32) -> Result<u32, Reencoding> {
        Ok(self.note(Space::Func, number))
    }

    fn table_index(&mut self, number: u32) -> Result<u32, Reencoding> {
        Ok(self.note(Space::Table, number))
    }

    fn memory_index(&mut self, number: u32) -> Result<u32, Reencoding> {
        Ok(self.note(Space::Memory, number))
    }

    fn global_index(&mut self, number: u32) -> Result<u32, Reencoding> {
        Ok(self.note(Space::Global, number))
    }
}

impl ReencodeComponent for Uses {
    fn module_index(&mut self, number: u32) -> u32 {
        self.note(Space::Module, number)
    }

    fn instance_index(&mut self, number: u32) -> u32 {
        self.note(Space::Instance, number)
    }
}
