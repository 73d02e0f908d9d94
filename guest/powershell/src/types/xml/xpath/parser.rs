//! An expression, evaluated as it is read; a predicate is read once for each node that it is asked about.

use std::rc::Rc;

use super::super::tree::{Kind, Node};
use super::axes::{self, Test, below, push_new};
use super::{Context, Found, compared, functions};

pub struct Parser<'p> {
    text: &'p str,
    at: usize,
    depth: usize,
}

impl<'p> Parser<'p> {
    pub fn new(text: &'p str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
        }
    }

    /// What no expression took.
    pub fn end(&mut self) -> &'p str {
        self.blanks();
        self.rest()
    }

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

    pub fn or(&mut self, context: &Context) -> Result<Found, String> {
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
        let mut left = self.relation(context)?;
        while let Some(operator) = self.operator(&["!=", "="]) {
            let right = self.relation(context)?;
            left = Found::Bool(compared(&left, operator, &right));
        }
        Ok(left)
    }

    fn relation(&mut self, context: &Context) -> Result<Found, String> {
        let mut left = self.sum(context)?;
        while let Some(operator) = self.operator(&["<=", ">=", "<", ">"]) {
            let right = self.sum(context)?;
            left = Found::Bool(compared(&left, operator, &right));
        }
        Ok(left)
    }

    fn sum(&mut self, context: &Context) -> Result<Found, String> {
        let mut left = self.product(context)?;
        while let Some(operator) = self.operator(&["+", "-"]) {
            let right = self.product(context)?.number();
            let left_number = left.number();
            left = Found::Number(match operator {
                "+" => left_number + right,
                _ => left_number - right,
            });
        }
        Ok(left)
    }

    fn product(&mut self, context: &Context) -> Result<Found, String> {
        let mut left = self.negation(context)?;
        loop {
            let work: fn(f64, f64) -> f64 = if self.eat("*") {
                |a, b| a * b
            } else if self.eat_word("div") {
                |a, b| a / b
            } else if self.eat_word("mod") {
                |a, b| a % b
            } else {
                return Ok(left);
            };
            let right = self.negation(context)?;
            left = Found::Number(work(left.number(), right.number()));
        }
    }

    fn negation(&mut self, context: &Context) -> Result<Found, String> {
        let mut is_negative = false;
        let mut has_sign = false;
        while self.eat("-") {
            has_sign = true;
            is_negative = !is_negative;
        }
        let found = self.union(context)?;
        Ok(match (has_sign, is_negative) {
            (false, _) => found,
            (true, false) => Found::Number(found.number()),
            (true, true) => Found::Number(-found.number()),
        })
    }

    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        operators
            .iter()
            .copied()
            .find(|operator| self.eat(operator))
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
            let found = self.or(context)?;
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
            let args = self.arguments(context)?;
            return functions::call(name, &args, context);
        }
        self.at = bookmark;
        self.path(context).map(Found::Nodes)
    }

    /// Up to the closing parenthesis.
    fn arguments(&mut self, context: &Context) -> Result<Vec<Found>, String> {
        let mut args = Vec::new();
        while !self.eat(")") {
            args.push(self.or(context)?);
            self.eat(",");
            if self.rest().is_empty() {
                return Err("A ')' is missing.".to_owned());
            }
        }
        Ok(args)
    }

    fn path(&mut self, context: &Context) -> Result<Vec<Rc<Node>>, String> {
        let mut nodes = vec![Rc::clone(&context.node)];
        if self.eat("//") {
            nodes = below(&[context.node.root()]);
        } else if self.eat("/") {
            nodes = vec![context.node.root()];
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
            for known in axes::ALL {
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
            let candidates: Vec<Rc<Node>> = axes::along(node, axis)
                .into_iter()
                .filter(|node| test.takes(node, context.spaces))
                .collect();
            let mut chosen = self.predicates(candidates, context)?;
            // Places count from the node, and what is found is in the document's order.
            if axes::is_reverse(axis) {
                chosen.reverse();
            }
            for node in chosen {
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
                let verdict = self.or(&inner)?;
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
