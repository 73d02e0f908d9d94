//! What the pipeline gives to a function's parameters, item by item (about_Functions_Advanced_Parameters).
//!
//! A script block for a parameter that takes input is delay-bound: it runs for every item, with the item in `$_`
//! (about_Script_Blocks).

use std::rc::Rc;

use super::Engine;
use super::param::{Traits, aliases, param_type};
use crate::parse::ast::{Body, Param};
use crate::value::{Ctl, ErrorRecord, Exception, Hash, R, Script, Sym, Value};

const NOT_BOUND: &str = "The input object cannot be bound to any parameters for the command either because the command does not take pipeline input or the input and its properties do not match any of the parameters that take pipeline input.";
const BINDING: &str = "System.Management.Automation.ParameterBindingException";
const MISSING: &str = "The input object cannot be bound because it did not contain the information required to bind all mandatory parameters:";

/// What a function's scope knows of its pipeline.
#[derive(Default)]
pub struct Pipe {
    /// Parameters whose value came through the pipe: the next item may change them.
    came: Vec<Piped>,
    plan: Option<Rc<Plan>>,
    /// The parameter set of the item before.
    set: Option<Rc<str>>,
}

/// A parameter whose value comes through the pipe.
struct Piped {
    name: Sym,
    /// What makes the value of an item.
    block: Option<Rc<Script>>,
}

/// What the arguments left open.
pub struct Plan {
    pub traits: Vec<Traits>,
    /// Which parameters an argument gave their value.
    pub fixed: Vec<bool>,
    /// The parameter sets that an item may still choose from.
    pub sets: Vec<Rc<str>>,
    pub default: Option<Rc<str>>,
}

/// One item's binding.
struct Attempt<'a> {
    plan: &'a Plan,
    body: &'a Body,
    item: &'a Value,
    given: &'a Hash,
    left: Vec<Rc<str>>,
    taken: Vec<Sym>,
}

impl Attempt<'_> {
    /// Whether the parameter has a value from an argument or from this item.
    fn has_value(&self, at: usize) -> bool {
        self.plan.fixed[at] || self.taken.contains(&self.body.params[at].name)
    }

    /// Whether a parameter that takes input is still without a value.
    fn is_open(&self) -> bool {
        let mut all = self.plan.traits.iter().enumerate();
        all.any(|(at, traits)| traits.pipe_input() != (false, false) && !self.has_value(at))
    }
}

/// How a value may reach a parameter, in the order of the attempts.
const WAYS: [Way; 4] = [
    Way {
        by_name: false,
        converts: false,
    },
    Way {
        by_name: true,
        converts: false,
    },
    Way {
        by_name: false,
        converts: true,
    },
    Way {
        by_name: true,
        converts: true,
    },
];

#[derive(Clone, Copy)]
struct Way {
    by_name: bool,
    converts: bool,
}

impl Plan {
    /// The one set that waits for a mandatory parameter of its own from the pipe: it is tried before all others
    /// (CmdletParameterBinderController, `_parameterSetToBePrioritizedInPipelineBinding`).
    fn first(&self, is_bound: impl Fn(usize) -> bool) -> Option<Rc<str>> {
        if self.sets.len() < 2 {
            return None;
        }
        let waits = |set: &&Rc<str>| {
            self.traits.iter().enumerate().any(|(at, traits)| {
                let says = traits.within(set);
                !traits.is_in_all()
                    && traits.is_in(set)
                    && says.is_mandatory
                    && says.takes_input()
                    && !is_bound(at)
            })
        };
        let mut waiting = self.sets.iter().filter(waits);
        match (waiting.next(), waiting.next()) {
            (Some(one), None) => Some(Rc::clone(one)),
            _ => None,
        }
    }

    /// Mandatory parameters of the set without a value.
    fn missing(&self, set: &str, is_bound: impl Fn(usize) -> bool) -> Vec<usize> {
        let all = 0..self.traits.len();
        all.filter(|at| {
            let traits = &self.traits[*at];
            traits.is_in(set) && traits.within(set).is_mandatory && !is_bound(*at)
        })
        .collect()
    }

    /// The set that is meant, of those that are left: by default, or the first that lacks nothing.
    fn chosen<'a>(
        &self,
        left: &'a [Rc<str>],
        is_bound: impl Fn(usize) -> bool,
    ) -> Option<&'a Rc<str>> {
        let is_default = |set: &&Rc<str>| {
            self.default
                .as_ref()
                .is_some_and(|it| it.eq_ignore_ascii_case(set))
        };
        let is_complete = |set: &&Rc<str>| self.missing(set, &is_bound).is_empty();
        left.iter()
            .find(|set| is_default(set) && is_complete(set))
            .or_else(|| left.iter().find(is_complete))
            .or_else(|| left.iter().find(is_default))
            .or_else(|| left.first())
    }
}

/// What is said of an item that leaves mandatory parameters without a value.
pub fn missing_of_item(names: &[&str]) -> ErrorRecord {
    let message = format!("{MISSING}  {}", names.join(" "));
    of_item("InputObjectMissingMandatory", message)
}

fn of_item(id: &str, message: String) -> ErrorRecord {
    ErrorRecord::new(Exception::new(BINDING, message), id, "InvalidArgument")
}

impl Engine {
    /// Whether the argument is a block that makes a value of every item; then it is noted.
    pub fn is_delayed(&mut self, param: &Param, traits: &Traits, value: &Value) -> R<bool> {
        let Value::Script(block) = value else {
            return Ok(false);
        };
        let takes_block = match param_type(self, param)? {
            Some(of) => matches!(
                of.full_name().as_str(),
                "System.Object" | "System.Management.Automation.ScriptBlock"
            ),
            None => true,
        };
        let (by_value, by_name) = traits.pipe_input();
        if takes_block || !(by_value || by_name) {
            return Ok(false);
        }
        self.scope.pipe.borrow_mut().came.push(Piped {
            name: param.name,
            block: Some(Rc::clone(block)),
        });
        Ok(true)
    }

    fn delayed_block(&self, name: Sym) -> Option<Rc<Script>> {
        let pipe = self.scope.pipe.borrow();
        pipe.came
            .iter()
            .find(|piped| piped.name == name)?
            .block
            .clone()
    }

    /// Notes what the pipeline may give to the parameters.
    pub fn expect_items(&mut self, plan: Plan) {
        self.scope.pipe.borrow_mut().plan = Some(Rc::new(plan));
    }

    /// One item of the pipeline: `$_`, and the parameters that take it; false if an advanced function has none.
    pub fn bind_item(&mut self, body: &Rc<Body>, item: &Value) -> R<bool> {
        self.scope.put(Sym::ITEM, item.clone());
        let given = match self.scope.get_here(Sym::BOUND) {
            Some(Value::Hash(given)) => given,
            _ => return Ok(!body.is_advanced),
        };
        let plan = self.scope.pipe.borrow().plan.clone();
        let Some(plan) = plan else {
            return Ok(!body.is_advanced);
        };
        let mut attempt = Attempt {
            plan: &plan,
            body,
            item,
            given: &given,
            left: plan.sets.clone(),
            taken: Vec::new(),
        };
        if !self.bind_delayed(&mut attempt)? {
            return Ok(false);
        }
        let first = plan.first(|at| attempt.has_value(at));
        if let Some(first) = &first {
            let all = std::mem::replace(&mut attempt.left, vec![Rc::clone(first)]);
            self.bind_ways(&mut attempt)?;
            // Without a parameter of its own it wasn't meant.
            if plan.missing(first, |at| attempt.has_value(at)).is_empty() {
                attempt.left = vec![Rc::clone(first)];
            } else {
                attempt.left = all.into_iter().filter(|set| set != first).collect();
                self.bind_ways(&mut attempt)?;
            }
        } else {
            self.bind_ways(&mut attempt)?;
        }
        let set = plan.chosen(&attempt.left, |at| attempt.has_value(at));
        let set = set.map(Rc::clone);
        let missing = set.as_ref().map_or_else(Vec::new, |set| {
            plan.missing(set, |at| attempt.has_value(at))
        });
        let taken = attempt.taken;
        let is_taken = !taken.is_empty();
        self.forget_piped(body, taken)?;
        if !body.is_advanced {
            return Ok(true);
        }
        if !is_taken {
            self.report_for_function(&of_item("InputObjectNotBound", NOT_BOUND.to_owned()))?;
            return Ok(false);
        }
        if !missing.is_empty() {
            let names: Vec<&str> = missing
                .iter()
                .map(|at| &*body.params[*at].written)
                .collect();
            self.report_for_function(&missing_of_item(&names))?;
            return Ok(false);
        }
        if let Some(set) = set {
            self.enter_set(body, set);
        }
        Ok(true)
    }

    /// `$PSCmdlet.ParameterSetName` is the item's.
    fn enter_set(&mut self, body: &Body, set: Rc<str>) {
        let before = self.scope.pipe.borrow_mut().set.replace(Rc::clone(&set));
        if before.as_ref() != Some(&set) {
            let context = crate::types::cmdlet_context::context(set.to_string(), body);
            self.scope.put(Sym::CMDLET, context);
        }
    }

    /// Runs the blocks for the item; false if one failed, which is this item's error alone (CommandProcessor.Read).
    fn bind_delayed(&mut self, attempt: &mut Attempt<'_>) -> R<bool> {
        for at in 0..attempt.body.params.len() {
            let param = &attempt.body.params[at];
            let Some(block) = self.delayed_block(param.name) else {
                continue;
            };
            let value = match self.delay_bound(&param.written, &block, attempt.item) {
                Err(Ctl::Throw(record)) => {
                    return self.report_for_function(&record).map(|()| false);
                }
                made => made?,
            };
            let is_mandatory = attempt.plan.traits[at].is_ever_mandatory();
            let value = self.param_value(param, value, is_mandatory)?;
            self.take(attempt, at, value);
        }
        Ok(true)
    }

    /// The ways in their order; a set that a parameter chose holds for those that come after.
    fn bind_ways(&mut self, attempt: &mut Attempt<'_>) -> R<()> {
        for way in WAYS {
            if !attempt.is_open() {
                break;
            }
            let default = attempt.plan.default.clone();
            let default = default.filter(|set| attempt.left.contains(set));
            if let Some(default) = default
                && self.bind_way(attempt, way, std::slice::from_ref(&default))?
            {
                continue;
            }
            let left = attempt.left.clone();
            self.bind_way(attempt, way, &left)?;
        }
        Ok(())
    }

    /// Whether a parameter of one of the sets took the item that way.
    fn bind_way(&mut self, attempt: &mut Attempt<'_>, way: Way, sets: &[Rc<str>]) -> R<bool> {
        let mut is_bound = false;
        for at in 0..attempt.body.params.len() {
            let traits = &attempt.plan.traits[at];
            let takes = |set: &Rc<str>| {
                let says = traits.within(set);
                traits.is_in(set) && says.takes(way.by_name) && attempt.left.contains(set)
            };
            if !sets.iter().any(takes) || attempt.has_value(at) {
                continue;
            }
            let param = &attempt.body.params[at];
            let value = match way.by_name {
                true => self.property_for(param, attempt.item)?,
                false => Some(attempt.item.clone()),
            };
            let Some(value) = value else { continue };
            if !way.converts && !self.fits(param, &value)? {
                continue;
            }
            match self.param_value(param, value, traits.is_ever_mandatory()) {
                Ok(value) => {
                    self.take(attempt, at, value);
                    is_bound = true;
                }
                // What can't be converted wasn't meant for this parameter.
                Err(Ctl::Throw(record))
                    if record.id == "ParameterArgumentTransformationError"
                        || record.id == super::typed::MISMATCH => {}
                Err(other) => return Err(other),
            }
        }
        Ok(is_bound)
    }

    fn take(&mut self, attempt: &mut Attempt<'_>, at: usize, value: Value) {
        let param = &attempt.body.params[at];
        let traits = &attempt.plan.traits[at];
        attempt
            .given
            .insert(Value::from(&*param.written), value.clone());
        self.scope.put(param.name, value);
        attempt.taken.push(param.name);
        attempt.left.retain(|set| traits.is_in(set));
    }

    /// What an earlier item gave and this one does not (it gives `taken`) has its default again.
    fn forget_piped(&mut self, body: &Body, taken: Vec<Sym>) -> R<()> {
        let stale: Vec<Sym> = {
            let came = &mut self.scope.pipe.borrow_mut().came;
            for name in &taken {
                if !came.iter().any(|seen| seen.name == *name) {
                    came.push(Piped {
                        name: *name,
                        block: None,
                    });
                }
            }
            let names = came.iter().map(|piped| piped.name);
            names.filter(|name| !taken.contains(name)).collect()
        };
        for param in body
            .params
            .iter()
            .filter(|param| stale.contains(&param.name))
        {
            let value = self.default_value(param)?;
            self.scope.put(param.name, value);
        }
        Ok(())
    }

    /// Whether the parameter takes the item without a conversion.
    fn fits(&mut self, param: &Param, item: &Value) -> R<bool> {
        Ok(match param_type(self, param)? {
            Some(of) => self.is_a(item, &of),
            None => true,
        })
    }

    /// The item's property that is called as the parameter or one of its aliases.
    fn property_for(&mut self, param: &Param, item: &Value) -> R<Option<Value>> {
        let mut names = vec![param.written.to_string()];
        names.extend(aliases(param));
        for name in names {
            let found = self.own_property(item, &name)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}
