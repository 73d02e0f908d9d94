//! What a parsed template is: literal text and symbols, in order.
//!
//! The tree keeps each token's own text, because a missing variable is left exactly as written.
//! Conditionals, iteration and filters will become further [`Part`]s.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::parse::{self, ParseError, Position};

/// A parsed template. Printing it gives the text it was parsed from.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    source: Arc<str>,
    parts: Arc<[Part]>,
}

/// One piece of a template.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Text that is copied. Escapes are resolved already.
    Literal(String),
    /// `#{…}`: replaced by the variable's value.
    Substitution {
        symbol: Symbol,
        /// The token as written, `#{` and `}` included.
        written: String,
        position: Position,
    },
}

/// The name inside a substitution, in steps: `Octopus.Action[Web].Url`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Symbol {
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// `.Url`, or the first name.
    Name(String),
    /// `[…]`.
    Index(Index),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Index {
    /// `[Deploy web]`, `[*]`: as written.
    Literal(String),
    /// `[#{B}]`: the value of another variable.
    Symbol(Symbol),
}

impl Template {
    /// Parses `text`.
    ///
    /// # Errors
    /// [`ParseError`], each variant with the position it is about. Text without `#{` never fails.
    pub fn parse(text: &str) -> Result<Template, ParseError> {
        Ok(Template {
            source: text.into(),
            parts: parse::parts(text)?.into(),
        })
    }

    /// The text this was parsed from.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns the names of the variables this template reads by itself, in order, without repeats.
    ///
    /// An index that is only known when evaluated shows as `*`: `#{A[#{B}].C}` reads `B` and
    /// `A[*].C`. What the values of those variables refer to in turn is not included.
    pub fn references(&self) -> Vec<String> {
        let mut names = Vec::new();
        for part in self.parts.iter() {
            if let Part::Substitution { symbol, .. } = part {
                symbol.collect_references(&mut names);
            }
        }
        names
    }
}

impl Symbol {
    fn collect_references(&self, names: &mut Vec<String>) {
        for step in &self.steps {
            if let Step::Index(Index::Symbol(inner)) = step {
                inner.collect_references(names);
            }
        }
        let name = self.name_with(|_| "*".to_owned());
        if !names.contains(&name) {
            names.push(name);
        }
    }

    /// Writes the name out, asking `index` for what an inner symbol stands for.
    pub(super) fn name_with(&self, mut index: impl FnMut(&Symbol) -> String) -> String {
        let mut name = String::new();
        for step in &self.steps {
            match step {
                Step::Name(text) => {
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(text);
                }
                Step::Index(Index::Literal(text)) => {
                    name.push('[');
                    name.push_str(text);
                    name.push(']');
                }
                Step::Index(Index::Symbol(inner)) => {
                    name.push('[');
                    name.push_str(&index(inner));
                    name.push(']');
                }
            }
        }
        name
    }
}

impl TryFrom<String> for Template {
    type Error = ParseError;

    fn try_from(text: String) -> Result<Template, ParseError> {
        Template::parse(&text)
    }
}

impl From<Template> for String {
    fn from(template: Template) -> String {
        template.source.as_ref().to_owned()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.source)
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Template({:?})", self.source)
    }
}
