//! The scope that `-Scope` names.

use std::rc::Rc;

use crate::eval::{Args, Engine, Scope};
use crate::value::R;

pub fn scope(engine: &Engine, args: &Args) -> R<Rc<Scope>> {
    Ok(
        match args
            .text("Scope")
            .map(|name| name.to_ascii_lowercase())
            .as_deref()
        {
            None | Some("local") | Some("0") => Rc::clone(&engine.scope),
            Some("global") => Rc::clone(&engine.global),
            Some("script") => engine.scope.script(),
            Some(n) => {
                let n: usize = n.parse().map_err(|_| {
                    crate::value::argument_error("Scope", format!("'{n}' is not a scope."))
                })?;
                let mut scope = Rc::clone(&engine.scope);
                for _ in 0..n {
                    scope = scope.parent.clone().unwrap_or(scope);
                }
                scope
            }
        },
    )
}
