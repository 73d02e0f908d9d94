//! Path patterns by their leading plain segments, so that a thousand of them cost no more than one.

use std::collections::HashMap;

use super::path_pattern::{PathPattern, Tail};
use super::url_path::NormalPath;

/// The patterns of one host, port, scheme and method.
///
/// The nodes lie in one list: a chain of boxes would be dropped recursively, as deep as a pattern
/// has segments.
#[derive(Clone, Debug)]
pub(super) struct PathTree {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Node {
    children: HashMap<String, usize>,
    /// The rule that grants exactly this path.
    exact: Option<usize>,
    /// The rule that grants everything below: the rest of its pattern is `**`.
    below: Option<usize>,
    /// Patterns that go on with a wildcard, and their rules, in the order of the rules.
    patterns: Vec<(PathPattern, usize)>,
}

impl Default for PathTree {
    fn default() -> PathTree {
        PathTree {
            nodes: vec![Node::default()],
        }
    }
}

impl PathTree {
    /// Adds a pattern of rule `number`. Numbers never fall from one call to the next.
    pub(super) fn add(&mut self, pattern: &PathPattern, number: usize) {
        let mut at = 0;
        for segment in pattern.literal_prefix() {
            at = match self.nodes[at].children.get(segment) {
                Some(child) => *child,
                None => {
                    let child = self.nodes.len();
                    self.nodes.push(Node::default());
                    self.nodes[at].children.insert(segment.to_owned(), child);
                    child
                }
            };
        }
        let node = &mut self.nodes[at];
        match pattern.tail() {
            Tail::Nothing => node.exact = node.exact.or(Some(number)),
            Tail::Everything => node.below = node.below.or(Some(number)),
            Tail::Pattern => node.patterns.push((pattern.clone(), number)),
        }
    }

    /// Returns the first rule that grants `path`.
    pub(super) fn find(&self, path: &NormalPath) -> Option<usize> {
        let mut segments = path.segments();
        let mut node = &self.nodes[0];
        let mut first: Option<usize> = None;
        let mut keep = |found: usize| first = Some(first.map_or(found, |first| first.min(found)));
        let mut all: Option<Vec<&str>> = None;
        let mut n_known = 0;
        loop {
            if !node.patterns.is_empty() {
                let all = all.get_or_insert_with(|| path.segments().collect());
                let fitting = node
                    .patterns
                    .iter()
                    .find(|(pattern, _)| pattern.matches_segments(all, n_known));
                if let Some((_, number)) = fitting {
                    keep(*number);
                }
            }
            let Some(segment) = segments.next() else {
                if let Some(number) = node.exact {
                    keep(number);
                }
                return first;
            };
            if let Some(number) = node.below {
                keep(number);
            }
            match node.children.get(segment) {
                Some(child) => node = &self.nodes[*child],
                None => return first,
            }
            n_known += 1;
        }
    }
}
