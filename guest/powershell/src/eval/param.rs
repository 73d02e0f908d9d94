//! What a parameter's attributes say about it (about_Functions_Advanced_Parameters).

use std::rc::Rc;

use super::Engine;
use crate::parse::ast::{Attribute, ExprKind, Param};
use crate::value::{R, TypeRef, Value, to_bool, to_int};

/// What the `[Parameter(…)]` attributes of one parameter say.
#[derive(Default)]
pub struct Traits {
    /// One for each attribute: the set that it is about (`None`: all), and what it says.
    by_set: Vec<(Option<Rc<str>>, InSet)>,
}

/// A parameter as one parameter set has it.
#[derive(Clone, Copy, Default)]
pub struct InSet {
    pub is_mandatory: bool,
    pub position: Option<i32>,
    by_value: bool,
    by_name: bool,
    takes_rest: bool,
}

impl InSet {
    /// Whether it takes items of the pipeline, or with `by_name` their properties.
    pub fn takes(&self, by_name: bool) -> bool {
        match by_name {
            true => self.by_name,
            false => self.by_value,
        }
    }

    pub fn takes_input(&self) -> bool {
        self.by_value || self.by_name
    }
}

impl Traits {
    pub fn is_in_all(&self) -> bool {
        self.by_set.iter().all(|(set, _)| set.is_none())
    }

    /// The names of the sets that it is in; none if it is in all.
    pub fn sets(&self) -> impl Iterator<Item = &Rc<str>> {
        self.by_set.iter().filter_map(|(set, _)| set.as_ref())
    }

    pub fn is_in(&self, set: &str) -> bool {
        self.by_set.is_empty()
            || self
                .by_set
                .iter()
                .any(|(own, _)| own.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(set)))
    }

    /// What holds in `set`.
    pub fn within(&self, set: &str) -> InSet {
        let about = |(own, _): &&(Option<Rc<str>>, InSet)| {
            own.as_ref()
                .is_some_and(|own| own.eq_ignore_ascii_case(set))
        };
        let general = |(own, _): &&(Option<Rc<str>>, InSet)| own.is_none();
        let found = self.by_set.iter().find(about);
        let found = found.or_else(|| self.by_set.iter().find(general));
        found.map(|(_, says)| *says).unwrap_or_default()
    }

    /// Whether a call in `set` is incomplete without it.
    pub fn must_come(&self, set: &str, has_input: bool) -> bool {
        let says = self.within(set);
        self.is_in(set) && says.is_mandatory && !(has_input && (says.by_value || says.by_name))
    }

    pub fn is_ever_mandatory(&self) -> bool {
        self.by_set.iter().any(|(_, says)| says.is_mandatory)
    }

    /// Whether it takes items of the pipeline, and whether it takes their properties.
    pub fn pipe_input(&self) -> (bool, bool) {
        let any = |wanted: fn(&InSet) -> bool| self.by_set.iter().any(|(_, says)| wanted(says));
        (any(|says| says.by_value), any(|says| says.by_name))
    }

    pub fn takes_rest(&self) -> bool {
        self.by_set.iter().any(|(_, says)| says.takes_rest)
    }

    pub fn has_position(&self) -> bool {
        self.by_set.iter().any(|(_, says)| says.position.is_some())
    }
}

impl Engine {
    /// The full name of the parameter's type, for messages.
    pub fn full_type_of(&mut self, param: &Param) -> String {
        match param_type(self, param) {
            Ok(Some(of)) => of.full_name(),
            _ => "System.Object".to_owned(),
        }
    }

    pub fn traits(&mut self, param: &Param) -> R<Traits> {
        let mut traits = Traits::default();
        for attribute in param.attributes.iter() {
            if is(attribute, "parameter") {
                let said = self.parameter_attribute(attribute)?;
                traits.by_set.push(said);
            }
        }
        Ok(traits)
    }

    fn parameter_attribute(&mut self, attribute: &Attribute) -> R<(Option<Rc<str>>, InSet)> {
        let (mut set, mut says) = (None, InSet::default());
        for (name, value) in &attribute.named {
            let value = match value {
                Some(expr) => self.eval(expr)?,
                None => Value::Bool(true),
            };
            match name.to_ascii_lowercase().as_str() {
                "mandatory" => says.is_mandatory = to_bool(&value),
                "position" => says.position = Some(to_int(&value)?),
                "valuefrompipeline" => says.by_value = to_bool(&value),
                "valuefrompipelinebypropertyname" => says.by_name = to_bool(&value),
                "valuefromremainingarguments" => says.takes_rest = to_bool(&value),
                "parametersetname" => set = Some(Rc::from(value.text())),
                _ => {}
            }
        }
        Ok((set, says))
    }
}

pub fn is(attribute: &Attribute, name: &str) -> bool {
    let written = attribute.name.rsplit('.').next().unwrap_or_default();
    written.eq_ignore_ascii_case(name)
        || written.to_ascii_lowercase().strip_suffix("attribute") == Some(name)
}

pub fn is_switch(param: &Param) -> bool {
    param.types.iter().any(|name| {
        name.name.eq_ignore_ascii_case("switch")
            || name.name.to_ascii_lowercase().ends_with("switchparameter")
    })
}

pub fn aliases(param: &Param) -> Vec<String> {
    alias_names(&param.attributes)
}

/// What `[Alias()]` among the attributes says.
pub fn alias_names(attributes: &[Attribute]) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in attributes.iter().filter(|attribute| is(attribute, "alias")) {
        for value in &attribute.positional {
            match &value.kind {
                ExprKind::Const(text) => found.push(text.text()),
                ExprKind::Comma(items) => {
                    found.extend(items.iter().filter_map(|item| match &item.kind {
                        ExprKind::Const(text) => Some(text.text()),
                        _ => None,
                    }))
                }
                _ => {}
            }
        }
    }
    found
}

pub fn has_alias(param: &Param, name: &str) -> bool {
    aliases(param)
        .iter()
        .any(|alias| alias.eq_ignore_ascii_case(name))
}

pub fn param_type(engine: &mut Engine, param: &Param) -> R<Option<TypeRef>> {
    match param.types.last() {
        // `[ref]` takes a reference as it is: there is nothing to convert.
        Some(name) if name.is_reference() => Ok(None),
        Some(name) => engine.type_ref(name).map(Some),
        None => Ok(None),
    }
}
