//! Which nodes a step of a path leads to.

use std::rc::Rc;

use super::super::tree::{Kind, Node};
use super::Namespaces;

/// What a step asks of a node.
pub enum Test {
    Any,
    Kind(Option<Kind>),
    Name(Option<String>, String),
}

impl Test {
    pub fn takes(&self, node: &Node, spaces: &Namespaces) -> bool {
        match self {
            Self::Any => matches!(node.kind, Kind::Element | Kind::Attribute),
            Self::Kind(None) => true,
            Self::Kind(Some(Kind::Text)) => matches!(node.kind, Kind::Text | Kind::CData),
            Self::Kind(Some(kind)) => node.kind == *kind,
            Self::Name(prefix, name) => {
                if !matches!(node.kind, Kind::Element | Kind::Attribute)
                    || name != "*" && node.local_name() != name
                {
                    return false;
                }
                match prefix {
                    // A name without a prefix is in no namespace.
                    None => node.namespace().is_empty(),
                    Some(prefix) => {
                        let uri = spaces
                            .iter()
                            .find(|(own, _)| own == prefix)
                            .map(|(_, uri)| uri.as_str());
                        uri == Some(node.namespace().as_str())
                    }
                }
            }
        }
    }
}

/// Every axis; one whose name begins with another's stands before it.
pub const ALL: [&str; 12] = [
    "ancestor-or-self",
    "ancestor",
    "attribute",
    "child",
    "descendant-or-self",
    "descendant",
    "following-sibling",
    "following",
    "parent",
    "preceding-sibling",
    "preceding",
    "self",
];

/// The nodes along an axis, the nearest first.
pub fn along(node: &Rc<Node>, axis: &str) -> Vec<Rc<Node>> {
    match axis {
        "child" => node.children.borrow().clone(),
        "attribute" => node.attributes.borrow().clone(),
        "self" => vec![Rc::clone(node)],
        "parent" => node.parent().into_iter().collect(),
        "descendant" => below(&node.children.borrow()),
        "descendant-or-self" => below(std::slice::from_ref(node)),
        "following-sibling" => siblings(node, true),
        "preceding-sibling" => siblings(node, false),
        "following" => lineage(node)
            .iter()
            .flat_map(|own| below(&siblings(own, true)))
            .collect(),
        "preceding" => {
            let mut found = Vec::new();
            for own in lineage(node) {
                for sibling in siblings(&own, false) {
                    found.extend(below(&[sibling]).into_iter().rev());
                }
            }
            found
        }
        "ancestor" => lineage(node).split_off(1),
        "ancestor-or-self" => lineage(node),
        _ => Vec::new(),
    }
}

pub fn is_reverse(axis: &str) -> bool {
    axis.starts_with("ancestor") || axis.starts_with("preceding")
}

/// The node and what it is in, up to the document.
fn lineage(node: &Rc<Node>) -> Vec<Rc<Node>> {
    std::iter::successors(Some(Rc::clone(node)), |node| node.parent()).collect()
}

fn siblings(node: &Rc<Node>, are_after: bool) -> Vec<Rc<Node>> {
    let Some(parent) = node.parent() else {
        return Vec::new();
    };
    let Some(at) = parent.position(node) else {
        return Vec::new();
    };
    let children = parent.children.borrow();
    if are_after {
        children[at + 1..].to_vec()
    } else {
        children[..at].iter().rev().cloned().collect()
    }
}

/// The nodes and all below them, in document order.
pub fn below(nodes: &[Rc<Node>]) -> Vec<Rc<Node>> {
    let mut found = Vec::new();
    for node in nodes {
        found.push(Rc::clone(node));
        let children = node.children.borrow().clone();
        found.extend(below(&children));
    }
    found
}

pub fn push_new(nodes: &mut Vec<Rc<Node>>, node: Rc<Node>) {
    if !nodes.iter().any(|own| Rc::ptr_eq(own, &node)) {
        nodes.push(node);
    }
}
