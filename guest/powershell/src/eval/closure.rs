//! Script blocks as values.

use std::rc::Rc;

use super::Scope;
use crate::parse::ast::Body;

/// `{ … }`
pub struct Script {
    pub body: Rc<Body>,
    /// The scope that `GetNewClosure()` captured, or a module's.
    pub home: Option<Rc<Scope>>,
}

impl Script {
    /// What is between the braces.
    pub fn text(&self) -> String {
        let span = self.body.span;
        let written = &self.body.source.text[span.start as usize..span.end as usize];
        match written
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(inner) => inner.to_owned(),
            None => written.to_owned(),
        }
    }
}
