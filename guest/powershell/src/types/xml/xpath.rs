//! XPath 1.0: location paths, predicates, operators and functions. Left out: variables, the axis `namespace`, and the
//! functions `id` and `lang`.
//!
//! [XML Path Language 1.0](https://www.w3.org/TR/1999/REC-xpath-19991116/)

mod axes;
mod functions;
mod parser;

use std::rc::Rc;

use super::tree::Node;
use parser::Parser;

/// Prefixes and what they stand for.
pub type Namespaces = Vec<(String, String)>;

/// What an expression gives.
#[derive(Clone)]
pub enum Found {
    Nodes(Vec<Rc<Node>>),
    Text(String),
    Number(f64),
    Bool(bool),
}

impl Found {
    fn text(&self) -> String {
        match self {
            Self::Nodes(nodes) => nodes
                .first()
                .map(|node| node.inner_text())
                .unwrap_or_default(),
            Self::Text(text) => text.clone(),
            Self::Number(n) => crate::value::double_text(*n),
            Self::Bool(claim) => claim.to_string(),
        }
    }

    fn number(&self) -> f64 {
        match self {
            Self::Number(n) => *n,
            Self::Bool(claim) => f64::from(u8::from(*claim)),
            other => other.text().trim().parse().unwrap_or(f64::NAN),
        }
    }

    fn truth(&self) -> bool {
        match self {
            Self::Nodes(nodes) => !nodes.is_empty(),
            Self::Text(text) => !text.is_empty(),
            Self::Number(n) => *n != 0.0 && !n.is_nan(),
            Self::Bool(claim) => *claim,
        }
    }
}

struct Context<'a> {
    node: Rc<Node>,
    position: usize,
    size: usize,
    spaces: &'a Namespaces,
}

/// The nodes that `path` selects from `node`.
pub fn select(node: &Rc<Node>, path: &str, spaces: &Namespaces) -> Result<Vec<Rc<Node>>, String> {
    let mut parser = Parser::new(path);
    let context = Context {
        node: Rc::clone(node),
        position: 1,
        size: 1,
        spaces,
    };
    let found = parser.or(&context)?;
    let rest = parser.end();
    if !rest.is_empty() {
        return Err(format!(
            "'{path}' has an invalid token, or one that is not supported, at '{rest}'."
        ));
    }
    match found {
        Found::Nodes(nodes) => Ok(nodes),
        _ => Err("Expression must evaluate to a node-set.".to_owned()),
    }
}

fn compared(left: &Found, operator: &str, right: &Found) -> bool {
    // A node-set compares if any of its nodes does.
    if let Found::Nodes(nodes) = left
        && !matches!(right, Found::Bool(_))
    {
        return nodes
            .iter()
            .any(|node| compared(&Found::Text(node.inner_text()), operator, right));
    }
    if let Found::Nodes(nodes) = right {
        return nodes
            .iter()
            .any(|node| compared(left, operator, &Found::Text(node.inner_text())));
    }
    let numeric = matches!(left, Found::Number(_))
        || matches!(right, Found::Number(_))
        || !matches!(operator, "=" | "!=");
    if numeric {
        let (a, b) = (left.number(), right.number());
        return match operator {
            "=" => a == b,
            "!=" => a != b,
            "<" => a < b,
            ">" => a > b,
            "<=" => a <= b,
            _ => a >= b,
        };
    }
    (left.text() == right.text()) == (operator == "=")
}
