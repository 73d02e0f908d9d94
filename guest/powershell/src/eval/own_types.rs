//! The classes and enums that scripts define, and which of them a name means.
//!
//! A name means what is defined around the place where it is written, the innermost first (SymbolResolver: a script block is
//! a scope of types). Elsewhere it means what a file defined last, then what any block did.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::lex::Span;
use crate::parse::ast::{Body, ClassDef, Source};
use crate::types::TypeRef;

#[derive(Default)]
pub struct OwnTypes {
    /// By lower-case name, in the order of their definition.
    by_name: FxHashMap<String, Vec<Defined>>,
}

struct Defined {
    of: TypeRef,
    source: Rc<Source>,
    /// The body that it stands in.
    within: Span,
}

impl Defined {
    fn is_around(&self, source: &Rc<Source>, place: Span) -> bool {
        Rc::ptr_eq(&self.source, source)
            && self.within.start <= place.start
            && place.end <= self.within.end
    }

    fn is_of_file(&self) -> bool {
        self.within.end as usize == self.source.text.len()
    }

    fn length(&self) -> u32 {
        self.within.end - self.within.start
    }
}

impl OwnTypes {
    pub fn contains(&self, lower: &str) -> bool {
        self.by_name.contains_key(lower)
    }

    /// Whether the class is there already: a body that runs again defines nothing new.
    pub fn has_class(&self, def: &Rc<ClassDef>) -> bool {
        let is_it = |found: &Defined| matches!(&found.of, TypeRef::Class(class) if Rc::ptr_eq(&class.def, def));
        let found = self.by_name.get(&def.name.to_lowercase());
        found.is_some_and(|all| all.iter().any(is_it))
    }

    /// Adds a type that stands in the body.
    pub fn define(&mut self, name: &str, of: TypeRef, body: &Body) {
        let all = self.by_name.entry(name.to_lowercase()).or_default();
        // An enum that is defined anew takes the place of the one before.
        all.retain(|found| {
            let is_there = Rc::ptr_eq(&found.source, &body.source) && found.within == body.span;
            !is_there
        });
        all.push(Defined {
            of,
            source: Rc::clone(&body.source),
            within: body.span,
        });
    }

    /// What the name means there; `None` is a place that isn't known.
    pub fn find(&self, lower: &str, place: Option<(&Rc<Source>, Span)>) -> Option<TypeRef> {
        let all = self.by_name.get(lower)?;
        let around = place.and_then(|(source, span)| {
            let mut candidates: Vec<&Defined> = all
                .iter()
                .filter(|found| found.is_around(source, span))
                .collect();
            candidates.sort_by_key(|found| found.length());
            candidates.first().copied()
        });
        around
            .or_else(|| all.iter().rev().find(|found| found.is_of_file()))
            .or_else(|| all.last())
            .map(|found| found.of.clone())
    }
}
