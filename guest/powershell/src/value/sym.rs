//! Names as small numbers: variables and functions are looked up by [`Sym`], without regard to case.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

/// An interned name; two spellings that differ only in case are the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(u32);

impl Sym {
    pub const NULL: Self = Self(0);
    pub const TRUE: Self = Self(1);
    pub const FALSE: Self = Self(2);
    /// `$_`
    pub const ITEM: Self = Self(3);
    pub const PS_ITEM: Self = Self(4);
    pub const SUCCESS: Self = Self(5);
    pub const ARGS: Self = Self(6);
    pub const INPUT: Self = Self(7);
    pub const THIS: Self = Self(8);
    pub const MATCHES: Self = Self(9);
    pub const ERROR_ACTION: Self = Self(10);
    pub const BOUND: Self = Self(11);
    pub const CMDLET: Self = Self(12);
    pub const SWITCH: Self = Self(13);
    pub const FOREACH: Self = Self(14);
    pub const OFS: Self = Self(15);
    /// `$PSDefaultParameterValues`
    pub const DEFAULTS: Self = Self(16);
}

/// The names of the constants above, in their order.
const FIXED: [&str; 17] = [
    "null",
    "true",
    "false",
    "_",
    "PSItem",
    "?",
    "args",
    "input",
    "this",
    "Matches",
    "ErrorActionPreference",
    "PSBoundParameters",
    "PSCmdlet",
    "switch",
    "foreach",
    "OFS",
    "PSDefaultParameterValues",
];

struct Names {
    /// In lower case; after a NUL as it is, where the case counts.
    by_key: FxHashMap<Rc<str>, u32>,
    /// As first written.
    spelt: Vec<Rc<str>>,
}

impl Names {
    fn known_as(&mut self, key: String, spelt: &str) -> Sym {
        if let Some(found) = self.by_key.get(key.as_str()) {
            return Sym(*found);
        }
        let id = self.spelt.len() as u32;
        self.by_key.insert(Rc::from(key), id);
        self.spelt.push(Rc::from(spelt));
        Sym(id)
    }
}

impl Default for Names {
    fn default() -> Self {
        let mut names = Self {
            by_key: FxHashMap::default(),
            spelt: Vec::new(),
        };
        for (id, name) in FIXED.iter().enumerate() {
            names
                .by_key
                .insert(Rc::from(name.to_lowercase()), id as u32);
            names.spelt.push(Rc::from(*name));
        }
        names
    }
}

thread_local! {
    static NAMES: RefCell<Names> = RefCell::default();
}

pub fn intern(name: &str) -> Sym {
    NAMES.with_borrow_mut(|names| names.known_as(name.to_lowercase(), name))
}

/// A name whose case counts: an environment variable's.
pub fn intern_exactly(name: &str) -> Sym {
    NAMES.with_borrow_mut(|names| names.known_as(format!("\0{name}"), name))
}

impl Sym {
    /// The name as it was first written.
    pub fn text(self) -> Rc<str> {
        NAMES.with_borrow(|names| Rc::clone(&names.spelt[self.0 as usize]))
    }
}

impl std::fmt::Debug for Sym {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.text())
    }
}

impl std::fmt::Display for Sym {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.text())
    }
}
