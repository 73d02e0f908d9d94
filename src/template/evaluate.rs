//! Parts → text. Recursive, because values are templates; bounded, because values are user input.

use serde_json::Value as Json;

use super::ast::{
    Branch, Condition, Index, Operand, Part, Step, Substitution, Symbol, Template, Test,
};
use super::element::{
    Element, Filled, Found, after_folded, children, extended, holds, name_of, special, text_of,
    walk,
};
use super::filter::TooLarge;
use super::fold_name;
use super::parse::ParseError;

/// Where values come from. Names arrive as written in the template: fold them to compare.
pub trait Variables {
    /// Returns the variable's raw value (a template itself), or `None` if there is no such variable.
    fn value(&self, name: &str) -> Option<&str>;

    /// Returns every variable's name, in the order in which `#{each}` shall see their indexes.
    fn names(&self) -> Vec<&str>;
}

/// Substitutions in one evaluation, those inside values included. Each costs well under a
/// microsecond; chains that double (A = BB, B = CC, …) reach it in a moment.
const MAX_SUBSTITUTIONS: usize = 200_000;

/// Every level of a chain copies its value once: all copies together may be this many times the
/// largest result.
const MAX_COPIES: usize = 8;

/// How far an evaluation may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Variables whose values refer to variables whose values … .
    pub max_depth: usize,
    /// The size of the result, and of every intermediate result.
    pub max_bytes: usize,
}

impl Default for Bounds {
    /// 32 deep: Octopus projects seldom chain more than five. 16 MiB: the largest file anyone
    /// substitutes in, and far below what would hurt the server.
    fn default() -> Bounds {
        Bounds {
            max_depth: 32,
            max_bytes: 16 << 20,
        }
    }
}

/// The result of an evaluation.
#[derive(Clone, PartialEq, Eq)]
pub struct Evaluated {
    pub text: String,
    /// Variables that don't exist, in order, without repeats. Their tokens are in `text` as written.
    pub missing: Vec<String>,
}

// The text may hold secrets.
impl std::fmt::Debug for Evaluated {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Evaluated { text, missing } = self;
        write!(out, "Evaluated({} bytes, missing {missing:?})", text.len())
    }
}

/// Why a template has no result. Names variables, never shows their values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    #[error("the variable `{name}` refers to itself: {}", .chain.join(" → "))]
    Recursion { name: String, chain: Vec<String> },
    #[error("variables refer to each other more than {max_depth} deep, at `{name}`")]
    TooDeep { name: String, max_depth: usize },
    #[error("the result is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: usize },
    #[error("more than {MAX_SUBSTITUTIONS} substitutions")]
    TooMany,
    #[error("the value of the variable `{name}` is not a template")]
    Value {
        name: String,
        #[source]
        source: ParseError,
    },
}

impl Template {
    /// Replaces every substitution by its variable's value.
    ///
    /// # Errors
    /// [`EvaluateError`]. A missing variable is not an error: see [`Evaluated::missing`].
    pub fn evaluate(
        &self,
        variables: &impl Variables,
        bounds: Bounds,
    ) -> Result<Evaluated, EvaluateError> {
        let mut run = Run {
            variables,
            bounds,
            chain: Vec::new(),
            missing: Vec::new(),
            items: Vec::new(),
            n_bytes_made: 0,
            n_substitutions: 0,
        };
        let mut text = String::new();
        run.parts(self.parts(), &mut text)?;
        Ok(Evaluated {
            text,
            missing: run.missing,
        })
    }
}

struct Run<'v, V> {
    variables: &'v V,
    bounds: Bounds,
    /// The variables being evaluated, outermost first: (folded, as written).
    chain: Vec<(String, String)>,
    missing: Vec<String>,
    /// What iterations stand at, outermost first.
    items: Vec<Item>,
    n_bytes_made: usize,
    n_substitutions: usize,
}

/// Where an iteration stands.
struct Item {
    /// Folded.
    name: String,
    element: Element,
    index: usize,
    is_last: bool,
}

impl<V: Variables> Run<'_, V> {
    fn parts(&mut self, parts: &[Part], out: &mut String) -> Result<(), EvaluateError> {
        for part in parts {
            match part {
                Part::Literal(text) => self.push(out, text)?,
                Part::Substitution(substitution) => match self.substitution(substitution)? {
                    Some(value) => self.push(out, &value)?,
                    None => self.push(out, &substitution.written)?,
                },
                Part::Conditional {
                    branches,
                    otherwise,
                } => {
                    let mut taken = otherwise;
                    for Branch { condition, body } in branches {
                        if self.condition(condition)? {
                            taken = body;
                            break;
                        }
                    }
                    self.parts(taken, out)?;
                }
                Part::Each {
                    item,
                    collection,
                    body,
                } => self.each(item, collection, body, out)?,
            }
        }
        Ok(())
    }

    fn each(
        &mut self,
        item: &str,
        collection: &Symbol,
        body: &[Part],
        out: &mut String,
    ) -> Result<(), EvaluateError> {
        let elements = self.elements(collection)?;
        let n_elements = elements.len();
        for (index, element) in elements.into_iter().enumerate() {
            self.count()?;
            self.items.push(Item {
                name: fold_name(item),
                element,
                index,
                is_last: index + 1 == n_elements,
            });
            self.parts(body, out)?;
            self.items.pop();
        }
        Ok(())
    }

    /// What a collection consists of: indexed variables, else JSON, else a list with commas.
    fn elements(&mut self, collection: &Symbol) -> Result<Vec<Element>, EvaluateError> {
        let Some(steps) = self.steps(collection)? else {
            return Ok(Vec::new());
        };
        if let Some(Found::Json(json)) = self.item(&steps)? {
            return Ok(children(json));
        }
        let prefix = match self.item_prefix(&steps) {
            Some(prefix) => prefix,
            None => name_of(&steps),
        };
        let folded = format!("{}[", fold_name(&prefix));
        let mut keys: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for name in self.variables.names() {
            let Some(rest) = after_folded(name, &folded) else {
                continue;
            };
            let key = rest.split(']').next().unwrap_or_default();
            if rest.len() > key.len() && seen.insert(fold_name(key)) {
                keys.push(key.to_owned());
            }
        }
        if !keys.is_empty() {
            let element = |key: String| Element::Variables {
                prefix: format!("{prefix}[{key}]"),
                key,
            };
            return Ok(keys.into_iter().map(element).collect());
        }
        let Some(text) = self.symbol(collection)? else {
            return Ok(Vec::new());
        };
        Ok(match serde_json::from_str(&text) {
            Ok(json @ (Json::Array(_) | Json::Object(_))) => children(json),
            Ok(_) | Err(_) if text.is_empty() => Vec::new(),
            Ok(_) | Err(_) => text
                .split(',')
                .map(|piece| Element::Text(piece.to_owned()))
                .collect(),
        })
    }

    fn condition(&mut self, condition: &Condition) -> Result<bool, EvaluateError> {
        // A variable that doesn't exist is what conditions ask about, not a mistake to report.
        let n_missing = self.missing.len();
        let left = self.operand(&condition.left)?;
        let is_so = match &condition.test {
            Test::Holds => left.is_some_and(|text| holds(&text)),
            Test::Equals(right) => {
                let right = self.operand(right)?;
                left.unwrap_or_default() == right.unwrap_or_default()
            }
        };
        self.missing.truncate(n_missing);
        Ok(is_so != condition.is_negated)
    }

    fn operand(&mut self, operand: &Operand) -> Result<Option<String>, EvaluateError> {
        match operand {
            Operand::Text(text) => Ok(Some(text.clone())),
            Operand::Substitution(substitution) => self.substitution(substitution),
        }
    }

    /// Returns the filtered value, or `None` if something is missing or a filter can do nothing with it.
    fn substitution(
        &mut self,
        substitution: &Substitution,
    ) -> Result<Option<String>, EvaluateError> {
        let Some(mut value) = self.symbol(&substitution.symbol)? else {
            return Ok(None);
        };
        for call in &substitution.filters {
            let mut arguments = Vec::new();
            for argument in &call.arguments {
                match self.operand(argument)? {
                    Some(text) => arguments.push(text),
                    None => return Ok(None),
                }
            }
            let max_bytes = self.bounds.max_bytes;
            let filtered = call
                .filter
                .apply(&value, &arguments, max_bytes)
                .map_err(|TooLarge| EvaluateError::TooLarge { max_bytes })?;
            match filtered {
                Some(text) => value = text,
                None => return Ok(None),
            }
            if value.len() > max_bytes {
                return Err(EvaluateError::TooLarge { max_bytes });
            }
        }
        Ok(Some(value))
    }

    /// Returns the symbol's value, or `None` if it or one of its indexes is missing.
    fn symbol(&mut self, symbol: &Symbol) -> Result<Option<String>, EvaluateError> {
        let Some(steps) = self.steps(symbol)? else {
            return Ok(None);
        };
        if let Some(item) = self.items.last()
            && let Some(text) = special(&steps, item.index, item.is_last)
        {
            return Ok(Some(text));
        }
        match self.item(&steps)? {
            Some(Found::Text(text)) => return Ok(Some(text)),
            Some(Found::Json(json)) => return Ok(Some(text_of(json))),
            Some(Found::Nothing) => {
                self.report_missing(name_of(&steps));
                return Ok(None);
            }
            None => {}
        }
        let name = name_of(&steps);
        if self.variables.value(&name).is_none()
            && let Some(json) = self.inside_json("", &steps)?
        {
            return Ok(Some(text_of(json)));
        }
        self.variable(name)
    }

    /// The steps with their indexes filled in, or `None` if one is missing.
    fn steps(&mut self, symbol: &Symbol) -> Result<Option<Vec<Filled>>, EvaluateError> {
        let mut steps = Vec::new();
        for step in &symbol.steps {
            steps.push(match step {
                Step::Name(text) => Filled::Name(text.clone()),
                Step::Index(Index::Literal(text)) => Filled::Index(text.clone()),
                Step::Index(Index::Symbol(inner)) => match self.symbol(inner)? {
                    Some(value) => Filled::Index(value),
                    None => return Ok(None),
                },
            });
        }
        Ok(Some(steps))
    }

    fn element(&self, steps: &[Filled]) -> Option<Element> {
        let Some(Filled::Name(first)) = steps.first() else {
            return None;
        };
        let folded = fold_name(first);
        let item = self.items.iter().rev().find(|item| item.name == folded)?;
        Some(item.element.clone())
    }

    /// What `#{each}` binds these steps to, or `None` if they don't begin with an item.
    fn item(&mut self, steps: &[Filled]) -> Result<Option<Found>, EvaluateError> {
        let Some(element) = self.element(steps) else {
            return Ok(None);
        };
        let rest = &steps[1..];
        let walked = |json: &Json, rest: &[Filled]| match walk(json, rest) {
            Some(json) => Found::Json(json.clone()),
            None => Found::Nothing,
        };
        let first = match rest.first() {
            Some(Filled::Name(text)) => fold_name(text),
            Some(Filled::Index(_)) | None => String::new(),
        };
        Ok(Some(match element {
            Element::Text(text) if rest.is_empty() => Found::Text(text),
            Element::Text(_) => Found::Nothing,
            Element::Json(json) => walked(&json, rest),
            Element::Member { key, .. } if rest.is_empty() || first == "key" => Found::Text(key),
            Element::Member { value, .. } if first == "value" => walked(&value, &rest[1..]),
            Element::Member { value, .. } => walked(&value, rest),
            Element::Variables { prefix, key } => {
                let name = extended(prefix.clone(), rest);
                if self.variables.value(&name).is_some() {
                    return Ok(self.variable(name)?.map(Found::Text));
                }
                if rest.is_empty() {
                    Found::Text(key)
                } else if let Some(json) = self.inside_json(&prefix, rest)? {
                    Found::Json(json)
                } else {
                    Found::Nothing
                }
            }
        }))
    }

    /// The name of the variables that an item of indexed variables stands for, with the other steps.
    fn item_prefix(&self, steps: &[Filled]) -> Option<String> {
        match self.element(steps)? {
            Element::Variables { prefix, .. } => Some(extended(prefix, &steps[1..])),
            Element::Json(_) | Element::Member { .. } | Element::Text(_) => None,
        }
    }

    /// What the last steps lead to inside the JSON that the longest existing name before them holds.
    fn inside_json(
        &mut self,
        prefix: &str,
        steps: &[Filled],
    ) -> Result<Option<Json>, EvaluateError> {
        let least = usize::from(prefix.is_empty());
        for n_named in (least..steps.len()).rev() {
            let (named, rest) = steps.split_at(n_named);
            let name = extended(prefix.to_owned(), named);
            if self.variables.value(&name).is_none() {
                continue;
            }
            let Some(text) = self.variable(name)? else {
                return Ok(None);
            };
            let Ok(json) = serde_json::from_str::<Json>(&text) else {
                return Ok(None);
            };
            return Ok(walk(&json, rest).cloned());
        }
        Ok(None)
    }

    fn count(&mut self) -> Result<(), EvaluateError> {
        self.n_substitutions += 1;
        match self.n_substitutions > MAX_SUBSTITUTIONS {
            true => Err(EvaluateError::TooMany),
            false => Ok(()),
        }
    }

    fn report_missing(&mut self, name: String) {
        if !self.missing.contains(&name) {
            self.missing.push(name);
        }
    }

    fn variable(&mut self, name: String) -> Result<Option<String>, EvaluateError> {
        self.count()?;
        let Some(raw) = self.variables.value(&name) else {
            self.report_missing(name);
            return Ok(None);
        };
        let folded = fold_name(&name);
        if let Some(start) = self.chain.iter().position(|(seen, _)| *seen == folded) {
            let mut chain: Vec<String> = self.chain[start..]
                .iter()
                .map(|(_, written)| written.clone())
                .collect();
            chain.push(name.clone());
            return Err(EvaluateError::Recursion { name, chain });
        }
        let max_depth = self.bounds.max_depth;
        if self.chain.len() == max_depth {
            return Err(EvaluateError::TooDeep { name, max_depth });
        }
        let template = Template::parse(raw).map_err(|source| EvaluateError::Value {
            name: name.clone(),
            source,
        })?;
        self.chain.push((folded, name));
        // A value knows nothing of the iteration that asks for it.
        let items = std::mem::take(&mut self.items);
        let mut value = String::new();
        self.parts(template.parts(), &mut value)?;
        self.items = items;
        self.chain.pop();
        Ok(Some(value))
    }

    fn push(&mut self, out: &mut String, text: &str) -> Result<(), EvaluateError> {
        let max_bytes = self.bounds.max_bytes;
        let max_made = max_bytes.saturating_mul(MAX_COPIES);
        self.n_bytes_made = self.n_bytes_made.saturating_add(text.len());
        if out.len().saturating_add(text.len()) > max_bytes || self.n_bytes_made > max_made {
            return Err(EvaluateError::TooLarge { max_bytes });
        }
        out.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
