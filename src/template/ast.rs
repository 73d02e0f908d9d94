//! What a parsed template is: literal text and symbols, in order.
//!
//! The tree keeps each token's own text, because a missing variable is left exactly as written.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cursor::Position;
use super::filter::Filter;
use super::fold_name;
use super::parse::{self, ParseError};

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
    /// `#{Name | Filter}`: replaced by the variable's value.
    Substitution(Substitution),
    /// `#{if A}…#{elseif B}…#{else}…#{/if}`, and `unless`: the first body whose condition holds.
    Conditional {
        branches: Vec<Branch>,
        otherwise: Vec<Part>,
    },
    /// `#{each item in Collection}…#{/each}`: the body, once for each item.
    Each {
        item: String,
        collection: Symbol,
        body: Vec<Part>,
    },
}

/// A variable's value, filtered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Substitution {
    pub symbol: Symbol,
    pub filters: Vec<Call>,
    /// The token as written, `#{` and `}` included; in conditions, without them.
    pub written: String,
    pub position: Position,
}

/// `| Filter argument …`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    pub filter: Filter,
    pub arguments: Vec<Operand>,
}

/// Text, or what a variable holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operand {
    Text(String),
    Substitution(Substitution),
}

/// One `if`, `unless` or `elseif`, and what follows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Branch {
    pub condition: Condition,
    pub body: Vec<Part>,
}

/// When a branch is taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    pub left: Operand,
    pub test: Test,
    /// Whether the test has to fail: `unless`, and `!=`.
    pub is_negated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// Neither undefined nor empty, `0`, `no` or `false`.
    Holds,
    Equals(Operand),
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
    /// `A[*].C`, and so does `#{each x in A}#{x.C}#{/each}`. What the values of those variables refer
    /// to in turn is not included.
    pub fn references(&self) -> Vec<String> {
        let mut references = References::default();
        references.parts(&self.parts);
        references.names
    }
}

/// Collects names. An item of an iteration stands for any element of its collection.
#[derive(Default)]
struct References {
    names: Vec<String>,
    /// Folded names of items, and the collections they come from.
    items: Vec<(String, String)>,
}

impl References {
    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Literal(_) => {}
                Part::Substitution(substitution) => self.substitution(substitution),
                Part::Conditional {
                    branches,
                    otherwise,
                } => {
                    for Branch { condition, body } in branches {
                        self.operand(&condition.left);
                        if let Test::Equals(right) = &condition.test {
                            self.operand(right);
                        }
                        self.parts(body);
                    }
                    self.parts(otherwise);
                }
                Part::Each {
                    item,
                    collection,
                    body,
                } => {
                    self.symbol(collection);
                    let collection = self.name(collection);
                    self.items.push((fold_name(item), collection));
                    self.parts(body);
                    self.items.pop();
                }
            }
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Text(_) => {}
            Operand::Substitution(substitution) => self.substitution(substitution),
        }
    }

    fn substitution(&mut self, substitution: &Substitution) {
        self.symbol(&substitution.symbol);
        for call in &substitution.filters {
            call.arguments
                .iter()
                .for_each(|argument| self.operand(argument));
        }
    }

    fn symbol(&mut self, symbol: &Symbol) {
        for step in &symbol.steps {
            if let Step::Index(Index::Symbol(inner)) = step {
                self.symbol(inner);
            }
        }
        let name = self.name(symbol);
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    fn name(&self, symbol: &Symbol) -> String {
        let mut steps = symbol.steps.iter();
        let mut name = String::new();
        if let Some(Step::Name(first)) = symbol.steps.first() {
            let folded = fold_name(first);
            let item = self.items.iter().rev().find(|(item, _)| *item == folded);
            if let Some((_, collection)) = item {
                name = format!("{collection}[*]");
                steps.next();
            }
        }
        for step in steps {
            match step {
                Step::Name(text) => push_name(&mut name, text),
                Step::Index(Index::Literal(text)) => push_index(&mut name, text),
                Step::Index(Index::Symbol(_)) => push_index(&mut name, "*"),
            }
        }
        name
    }
}

/// Adds `.text` to the name of a variable.
pub(super) fn push_name(name: &mut String, text: &str) {
    if !name.is_empty() {
        name.push('.');
    }
    name.push_str(text);
}

/// Adds `[text]` to the name of a variable.
pub(super) fn push_index(name: &mut String, text: &str) {
    name.push('[');
    name.push_str(text);
    name.push(']');
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
