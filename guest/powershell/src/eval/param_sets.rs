//! Which parameter set a call means (about_Parameter_Sets).

use std::rc::Rc;

use super::param::{Traits, is_switch};
use crate::parse::ast::{Body, ExprKind};
use crate::value::{R, Sym, Value, fail};

/// The set of functions that name none.
const ALL: &str = "__AllParameterSets";

/// The sets that a call can still mean.
pub struct Sets {
    left: Vec<Rc<str>>,
    default: Option<Rc<str>>,
    /// Not with `PositionalBinding = $false`, and not where some parameter names its position or its set.
    is_positional: bool,
}

impl Sets {
    pub fn new(body: &Body, traits: &[Traits]) -> Self {
        let setting = |wanted: &str| {
            let named = &body.binding.as_ref()?.named;
            let (_, value) = named
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            value.as_ref()
        };
        let default = setting("DefaultParameterSetName").and_then(|expr| match &expr.kind {
            ExprKind::Const(name) => Some(Rc::from(name.text())),
            _ => None,
        });
        let is_off = setting("PositionalBinding").is_some_and(
            |expr| matches!(&expr.kind, ExprKind::Var(variable) if variable.name == Sym::FALSE),
        );
        let mut left: Vec<Rc<str>> = Vec::new();
        for name in default.iter().chain(traits.iter().flat_map(Traits::sets)) {
            if !left.iter().any(|seen| seen.eq_ignore_ascii_case(name)) {
                left.push(Rc::clone(name));
            }
        }
        let has_own_order = traits
            .iter()
            .any(|traits| traits.has_position() || traits.sets().next().is_some());
        if left.is_empty() {
            left.push(Rc::from(ALL));
        }
        Self {
            left,
            default,
            is_positional: !is_off && !has_own_order,
        }
    }

    /// Whether a set that the call can still mean has the parameter.
    pub fn allows(&self, traits: &Traits) -> bool {
        self.left.iter().any(|set| traits.is_in(set))
    }

    /// Drops the sets that lack a parameter which has a value.
    pub fn narrow(&mut self, traits: &[Traits], bound: &[Option<Value>]) {
        let given = || {
            traits
                .iter()
                .zip(bound)
                .filter(|(_, value)| value.is_some())
        };
        self.left
            .retain(|set| given().all(|(traits, _)| traits.is_in(set)));
    }

    /// The parameter that the next value without a name is for.
    pub fn next_position(
        &self,
        body: &Body,
        traits: &[Traits],
        bound: &[Option<Value>],
    ) -> R<Option<usize>> {
        let mut best: Option<(i32, usize, usize)> = None;
        let mut rival = None;
        for (rank, set) in self.left.iter().enumerate() {
            for (at, own) in traits.iter().enumerate() {
                if bound[at].is_some()
                    || own.takes_rest()
                    || !own.is_in(set)
                    || is_switch(&body.params[at])
                {
                    continue;
                }
                let position = match own.within(set).position {
                    Some(position) => position,
                    None if self.is_positional => i32::MAX,
                    None => continue,
                };
                let found = (position, rank, at);
                if best.is_some_and(|best| (best.0, best.1) == (position, rank))
                    && position != i32::MAX
                {
                    rival = Some((position, rank));
                }
                best = Some(best.map_or(found, |best| best.min(found)));
            }
        }
        match best {
            Some((position, rank, _)) if rival == Some((position, rank)) => Err(fail(
                "System.Management.Automation.ParameterBindingException",
                "AmbiguousPositionalParameterNoName",
                "Cannot bind positional parameters because no names were given.",
            )),
            _ => Ok(best.map(|(_, _, at)| at)),
        }
    }

    /// The sets that are left, and the one that is meant by default.
    pub fn open(self) -> (Vec<Rc<str>>, Option<Rc<str>>) {
        (self.left, self.default)
    }

    /// The set that is meant.
    pub fn chosen(&self, traits: &[Traits], bound: &[Option<Value>], has_input: bool) -> R<String> {
        let is_complete = |set: &Rc<str>| {
            let mut all = traits.iter().zip(bound);
            !all.any(|(traits, value)| value.is_none() && traits.must_come(set, has_input))
        };
        let is_default = |set: &&Rc<str>| {
            let default = self.default.as_ref();
            default.is_some_and(|default| default.eq_ignore_ascii_case(set))
        };
        let complete: Vec<&Rc<str>> = self.left.iter().filter(|set| is_complete(set)).collect();
        let by_default = || complete.iter().copied().find(is_default);
        let found = match (complete.as_slice(), self.left.as_slice()) {
            (_, [one]) => Some(one),
            ([one], _) => Some(*one),
            ([], left) => left.iter().find(is_default),
            ([first, ..], _) if has_input => Some(by_default().unwrap_or(first)),
            _ => by_default(),
        };
        found.map(ToString::to_string).ok_or_else(|| {
            fail(
                "System.Management.Automation.ParameterBindingException",
                "AmbiguousParameterSet",
                "Parameter set cannot be resolved using the specified named parameters. One or more parameters issued cannot be used together or an insufficient number of parameters were provided.",
            )
        })
    }
}
