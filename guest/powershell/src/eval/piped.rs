//! What the pipeline gives to a function's parameters, item by item (about_Functions_Advanced_Parameters).
//!
//! A script block for a parameter that takes input is delay-bound: it runs for every item, with the item in `$_`
//! (about_Script_Blocks).

use std::rc::Rc;

use super::Engine;
use super::param::{Traits, aliases, param_type};
use crate::parse::ast::{Body, Param};
use crate::value::{Ctl, ErrorRecord, Exception, R, Script, Sym, Value};

/// A parameter whose value comes through the pipe.
pub struct Piped {
    pub name: Sym,
    /// What makes the value of an item.
    pub block: Option<Rc<Script>>,
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
        self.scope.piped.borrow_mut().push(Piped {
            name: param.name,
            block: Some(Rc::clone(block)),
        });
        Ok(true)
    }

    fn delayed_block(&self, name: Sym) -> Option<Rc<Script>> {
        let piped = self.scope.piped.borrow();
        piped.iter().find(|piped| piped.name == name)?.block.clone()
    }

    /// One item of the pipeline: `$_`, and the parameters that take it; false if an advanced function has none.
    pub fn bind_item(&mut self, body: &Rc<Body>, item: &Value) -> R<bool> {
        self.scope.put(Sym::ITEM, item.clone());
        let given = match self.scope.get_here(Sym::BOUND) {
            Some(Value::Hash(given)) => given,
            _ => return Ok(!body.is_advanced),
        };
        let mut taken: Vec<Sym> = Vec::new();
        for param in body
            .params
            .iter()
            .filter(|param| !param.attributes.is_empty())
        {
            let traits = self.traits(param)?;
            let (by_value, by_name) = traits.pipe_input();
            let name = Value::from(&*param.written);
            let is_fixed = given.contains(&name) && !self.is_piped(param.name);
            if is_fixed || !(by_value || by_name) {
                continue;
            }
            if let Some(block) = self.delayed_block(param.name) {
                let value = self.call_with_item(&block, item.clone())?;
                let value = self.param_value(param, value, traits.is_ever_mandatory())?;
                given.insert(name, value.clone());
                self.scope.put(param.name, value);
                taken.push(param.name);
                continue;
            }
            // As it is, then by its property, then converted (CmdletParameterBinderController.BindPipelineParameters).
            let named = if by_name && !(by_value && self.fits(param, item)?) {
                self.property_for(param, item)?
            } else {
                None
            };
            let Some(value) = named.or_else(|| by_value.then(|| item.clone())) else {
                continue;
            };
            match self.param_value(param, value, traits.is_ever_mandatory()) {
                Ok(value) => {
                    given.insert(name, value.clone());
                    self.scope.put(param.name, value);
                    taken.push(param.name);
                }
                // What can't be converted wasn't meant for this parameter.
                Err(Ctl::Throw(record)) if record.id == "ParameterArgumentTransformationError" => {}
                Err(other) => return Err(other),
            }
        }
        let is_taken = !taken.is_empty();
        self.forget_piped(body, taken)?;
        if is_taken || !body.is_advanced {
            return Ok(true);
        }
        self.report_for_function(&ErrorRecord::new(
            Exception::new(
                "System.Management.Automation.ParameterBindingException",
                "The input object cannot be bound to any parameters for the command either because the command does not take pipeline input or the input and its properties do not match any of the parameters that take pipeline input.",
            ),
            "InputObjectNotBound",
            "InvalidArgument",
        ))?;
        Ok(false)
    }

    fn is_piped(&self, name: Sym) -> bool {
        let piped = self.scope.piped.borrow();
        piped.iter().any(|seen| seen.name == name)
    }

    /// What an earlier item gave and this one does not (it gives `taken`) has its default again.
    fn forget_piped(&mut self, body: &Body, taken: Vec<Sym>) -> R<()> {
        let stale: Vec<Sym> = {
            let mut piped = self.scope.piped.borrow_mut();
            for name in &taken {
                if !piped.iter().any(|seen| seen.name == *name) {
                    piped.push(Piped {
                        name: *name,
                        block: None,
                    });
                }
            }
            let names = piped.iter().map(|piped| piped.name);
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
