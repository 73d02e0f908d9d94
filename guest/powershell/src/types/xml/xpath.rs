//! XPath 1.0, the part that scripts use: location paths, predicates, comparisons, the common functions.

use std::rc::Rc;

use super::tree::{Kind, Node};

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
    let mut parser = Parser {
        text: path,
        at: 0,
        depth: 0,
    };
    let context = Context {
        node: Rc::clone(node),
        position: 1,
        size: 1,
        spaces,
    };
    let found = parser.or(&context, true)?;
    parser.blanks();
    if parser.at < path.len() {
        return Err(format!(
            "'{path}' has an invalid token, or one that is not supported, at '{}'.",
            &path[parser.at..]
        ));
    }
    match found {
        Found::Nodes(nodes) => Ok(nodes),
        _ => Err("Expression must evaluate to a node-set.".to_owned()),
    }
}

struct Parser<'p> {
    text: &'p str,
    at: usize,
    depth: usize,
}

impl<'p> Parser<'p> {
    fn rest(&self) -> &'p str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.blanks();
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    fn eat_word(&mut self, word: &str) -> bool {
        self.blanks();
        let is_next = self
            .rest()
            .strip_prefix(word)
            .is_some_and(|rest| rest.starts_with([' ', '(', '\t', '\n']));
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    fn name(&mut self) -> &'p str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn or(&mut self, context: &Context, _: bool) -> Result<Found, String> {
        self.depth += 1;
        if self.depth > 40 {
            return Err("The XPath expression is nested too deeply.".to_owned());
        }
        let mut left = self.and(context)?;
        while self.eat_word("or") {
            let right = self.and(context)?;
            left = Found::Bool(left.truth() || right.truth());
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self, context: &Context) -> Result<Found, String> {
        let mut left = self.comparison(context)?;
        while self.eat_word("and") {
            let right = self.comparison(context)?;
            left = Found::Bool(left.truth() && right.truth());
        }
        Ok(left)
    }

    fn comparison(&mut self, context: &Context) -> Result<Found, String> {
        let left = self.union(context)?;
        for operator in ["!=", "<=", ">=", "=", "<", ">"] {
            if self.eat(operator) {
                let right = self.union(context)?;
                return Ok(Found::Bool(compared(&left, operator, &right)));
            }
        }
        Ok(left)
    }

    fn union(&mut self, context: &Context) -> Result<Found, String> {
        let mut left = self.primary(context)?;
        while self.eat("|") {
            let right = self.primary(context)?;
            let (Found::Nodes(mut nodes), Found::Nodes(more)) = (left, right) else {
                return Err("Only node-sets can be united.".to_owned());
            };
            for node in more {
                push_new(&mut nodes, node);
            }
            left = Found::Nodes(nodes);
        }
        Ok(left)
    }

    fn primary(&mut self, context: &Context) -> Result<Found, String> {
        self.blanks();
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Err("The XPath expression ends too early.".to_owned());
        };
        if first == '\'' || first == '"' {
            let end = rest[1..].find(first).ok_or("A string isn't closed.")?;
            self.at += end + 2;
            return Ok(Found::Text(rest[1..=end].to_owned()));
        }
        if first.is_ascii_digit() {
            let end = rest
                .find(|c: char| !(c.is_ascii_digit() || c == '.'))
                .unwrap_or(rest.len());
            self.at += end;
            return rest[..end]
                .parse()
                .map(Found::Number)
                .map_err(|_| "A number is malformed.".to_owned());
        }
        if first == '(' {
            self.at += 1;
            let found = self.or(context, false)?;
            if !self.eat(")") {
                return Err("A ')' is missing.".to_owned());
            }
            return Ok(found);
        }
        let bookmark = self.at;
        let name = self.name();
        if !name.is_empty()
            && self.rest().starts_with('(')
            && !matches!(name, "text" | "node" | "comment")
        {
            self.at += 1;
            return self.function(name, context);
        }
        self.at = bookmark;
        self.path(context).map(Found::Nodes)
    }

    fn function(&mut self, name: &str, context: &Context) -> Result<Found, String> {
        let mut args = Vec::new();
        while !self.eat(")") {
            args.push(self.or(context, false)?);
            self.eat(",");
            if self.rest().is_empty() {
                return Err("A ')' is missing.".to_owned());
            }
        }
        let text = |at: usize| {
            args.get(at)
                .map_or_else(|| context.node.inner_text(), Found::text)
        };
        let named = |full: bool| {
            let node = match args.first() {
                Some(Found::Nodes(nodes)) => nodes.first().cloned(),
                _ => Some(Rc::clone(&context.node)),
            };
            node.map(|node| {
                if full {
                    node.name.clone()
                } else {
                    node.local_name().to_owned()
                }
            })
            .unwrap_or_default()
        };
        Ok(match name {
            "last" => Found::Number(context.size as f64),
            "position" => Found::Number(context.position as f64),
            "count" => match args.first() {
                Some(Found::Nodes(nodes)) => Found::Number(nodes.len() as f64),
                _ => return Err("count() takes a node-set.".to_owned()),
            },
            "not" => Found::Bool(!args.first().is_some_and(Found::truth)),
            "true" => Found::Bool(true),
            "false" => Found::Bool(false),
            "contains" => Found::Bool(text(0).contains(&text(1))),
            "starts-with" => Found::Bool(text(0).starts_with(&text(1))),
            "string" => Found::Text(text(0)),
            "number" => Found::Number(args.first().map_or(f64::NAN, Found::number)),
            "string-length" => Found::Number(text(0).chars().count() as f64),
            "normalize-space" => {
                Found::Text(text(0).split_whitespace().collect::<Vec<_>>().join(" "))
            }
            "concat" => Found::Text(args.iter().map(Found::text).collect()),
            "translate" => {
                let (from, to): (Vec<char>, Vec<char>) =
                    (text(1).chars().collect(), text(2).chars().collect());
                Found::Text(
                    text(0)
                        .chars()
                        .filter_map(|c| match from.iter().position(|own| *own == c) {
                            Some(at) => to.get(at).copied(),
                            None => Some(c),
                        })
                        .collect(),
                )
            }
            "name" => Found::Text(named(true)),
            "local-name" => Found::Text(named(false)),
            other => return Err(format!("The XPath function {other}() is not supported.")),
        })
    }

    fn path(&mut self, context: &Context) -> Result<Vec<Rc<Node>>, String> {
        let mut nodes = vec![Rc::clone(&context.node)];
        if self.eat("//") {
            nodes = below(&[root(&context.node)]);
        } else if self.eat("/") {
            nodes = vec![root(&context.node)];
            self.blanks();
            if self.rest().is_empty() || self.rest().starts_with(['|', ')', ']']) {
                return Ok(nodes);
            }
        }
        loop {
            nodes = self.step(&nodes, context)?;
            if self.eat("//") {
                nodes = below(&nodes);
            } else if !self.eat("/") {
                return Ok(nodes);
            }
        }
    }

    fn step(&mut self, from: &[Rc<Node>], context: &Context) -> Result<Vec<Rc<Node>>, String> {
        self.blanks();
        if self.eat("..") {
            let mut parents = Vec::new();
            for parent in from.iter().filter_map(|node| node.parent()) {
                push_new(&mut parents, parent);
            }
            return Ok(parents);
        }
        if self.eat(".") {
            return Ok(from.to_vec());
        }
        let mut axis = "child";
        if self.eat("@") {
            axis = "attribute";
        } else {
            for known in [
                "ancestor",
                "parent",
                "child",
                "descendant",
                "self",
                "attribute",
                "following-sibling",
                "preceding-sibling",
            ] {
                if self.eat(&format!("{known}::")) {
                    axis = known;
                    break;
                }
            }
        }
        let test = self.node_test()?;
        let begin = self.at;
        let mut found = Vec::new();
        let mut end = begin;
        for node in from {
            self.at = begin;
            let candidates: Vec<Rc<Node>> = on_axis(node, axis)?
                .into_iter()
                .filter(|node| test.takes(node, context.spaces))
                .collect();
            for node in self.predicates(candidates, context)? {
                push_new(&mut found, node);
            }
            end = self.at;
        }
        if from.is_empty() {
            self.predicates(Vec::new(), context)?;
            end = self.at;
        }
        self.at = end;
        Ok(found)
    }

    fn node_test(&mut self) -> Result<Test, String> {
        for (word, kind) in [
            ("text()", Some(Kind::Text)),
            ("comment()", Some(Kind::Comment)),
            ("node()", None),
        ] {
            if self.eat(word) {
                return Ok(Test::Kind(kind));
            }
        }
        if self.eat("*") {
            return Ok(Test::Any);
        }
        let name = self.name().to_owned();
        if name.is_empty() {
            return Err(format!(
                "'{}' has an invalid token, or one that is not supported.",
                self.text
            ));
        }
        if self.rest().starts_with(':') && !self.rest().starts_with("::") {
            self.at += 1;
            if self.eat("*") {
                return Ok(Test::Name(Some(name), "*".to_owned()));
            }
            return Ok(Test::Name(Some(name), self.name().to_owned()));
        }
        Ok(Test::Name(None, name))
    }

    fn predicates(
        &mut self,
        nodes: Vec<Rc<Node>>,
        context: &Context,
    ) -> Result<Vec<Rc<Node>>, String> {
        let mut nodes = nodes;
        while self.eat("[") {
            let begin = self.at;
            let size = nodes.len();
            let mut kept = Vec::new();
            // The predicate is read even where there is nothing to test.
            let probe = nodes.is_empty().then(|| Rc::clone(&context.node));
            let mut end = begin;
            for (at, node) in nodes.into_iter().chain(probe.clone()).enumerate() {
                self.at = begin;
                let inner = Context {
                    node: Rc::clone(&node),
                    position: at + 1,
                    size,
                    spaces: context.spaces,
                };
                let verdict = self.or(&inner, false)?;
                end = self.at;
                let is_kept = match verdict {
                    Found::Number(n) => n == (at + 1) as f64,
                    other => other.truth(),
                };
                if is_kept && probe.is_none() {
                    kept.push(node);
                }
            }
            self.at = end;
            if !self.eat("]") {
                return Err("A ']' is missing.".to_owned());
            }
            nodes = kept;
        }
        Ok(nodes)
    }
}

enum Test {
    Any,
    Kind(Option<Kind>),
    Name(Option<String>, String),
}

impl Test {
    fn takes(&self, node: &Node, spaces: &Namespaces) -> bool {
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

fn on_axis(node: &Rc<Node>, axis: &str) -> Result<Vec<Rc<Node>>, String> {
    let siblings = |after: bool| -> Vec<Rc<Node>> {
        let Some(parent) = node.parent() else {
            return Vec::new();
        };
        let Some(at) = parent.position(node) else {
            return Vec::new();
        };
        let children = parent.children.borrow();
        if after {
            children[at + 1..].to_vec()
        } else {
            children[..at].iter().rev().cloned().collect()
        }
    };
    Ok(match axis {
        "child" => node.children.borrow().clone(),
        "attribute" => node.attributes.borrow().clone(),
        "self" => vec![Rc::clone(node)],
        "parent" => node.parent().into_iter().collect(),
        "descendant" => below(std::slice::from_ref(node))
            .into_iter()
            .skip(1)
            .collect(),
        "following-sibling" => siblings(true),
        "preceding-sibling" => siblings(false),
        "ancestor" => {
            let mut found = Vec::new();
            let mut at = node.parent();
            while let Some(parent) = at {
                at = parent.parent();
                found.push(parent);
            }
            found
        }
        other => return Err(format!("The XPath axis {other}:: is not supported.")),
    })
}

fn root(node: &Rc<Node>) -> Rc<Node> {
    let mut at = Rc::clone(node);
    while let Some(parent) = at.parent() {
        at = parent;
    }
    at
}

/// The nodes and all below them, in document order.
fn below(nodes: &[Rc<Node>]) -> Vec<Rc<Node>> {
    let mut found = Vec::new();
    for node in nodes {
        found.push(Rc::clone(node));
        let children = node.children.borrow().clone();
        found.extend(below(&children));
    }
    found
}

fn push_new(nodes: &mut Vec<Rc<Node>>, node: Rc<Node>) {
    if !nodes.iter().any(|own| Rc::ptr_eq(own, &node)) {
        nodes.push(node);
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
