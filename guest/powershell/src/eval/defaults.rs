//! `$PSDefaultParameterValues`: values for parameters that a call leaves out (about_Parameters_Default_Values).
//!
//! Cmdlets and advanced functions heed it; what a call says itself always counts more. Of several entries for one
//! parameter the first counts. An entry that names a parameter which a cmdlet lacks here is refused, not ignored.

use std::rc::Rc;

use super::param::Traits;
use super::param_sets::Sets;
use super::pattern::wildcard;
use super::{Engine, preferences};
use crate::cmdlets::{self, Cmdlet};
use crate::parse::ast::Body;
use crate::value::{Hash, HashKind, R, Sym, Value, refuse, to_bool};

/// Entries that are meant for one command: the parameter's name or a pattern for it, and the value.
#[derive(Default)]
pub struct Defaults(Vec<(String, Value)>);

impl Defaults {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value for the parameter of one of these names.
    pub fn of(&self, names: &[&str]) -> Option<&Value> {
        let found = self
            .0
            .iter()
            .find(|(written, _)| names.iter().any(|name| wildcard(written, name, false)));
        found.map(|(_, value)| value)
    }
}

impl Engine {
    /// The table that `$PSDefaultParameterValues` is from the start: an empty one.
    pub(super) fn default_parameters(&mut self) -> Value {
        let table = Value::Hash(Rc::new(Hash::new(HashKind::Table)));
        self.global.put(Sym::DEFAULTS, table.clone());
        table
    }

    /// What the script says of a command that has these names.
    pub(super) fn defaults_of(&mut self, names: &[&str]) -> R<Defaults> {
        let Some(Value::Hash(table)) = self.scope.get(Sym::DEFAULTS) else {
            return Ok(Defaults::default());
        };
        let mut found = Vec::new();
        for (key, value) in table.entries() {
            let key = key.text();
            if key.eq_ignore_ascii_case("Disabled") && to_bool(&value) {
                return Ok(Defaults::default());
            }
            let Some((command, parameter)) = key.split_once(':') else {
                continue;
            };
            let command = unquoted(command);
            if !names.iter().any(|name| wildcard(command, name, false)) {
                continue;
            }
            let value = match value {
                Value::Script(block) => self.call_script(&block, Vec::new(), None)?,
                other => other,
            };
            // A block that gives nothing says nothing.
            if !matches!(value, Value::Nothing) {
                found.push((unquoted(parameter).to_owned(), value));
            }
        }
        Ok(Defaults(found))
    }

    /// What the script says of a cmdlet.
    pub(super) fn defaults_of_cmdlet(&mut self, cmdlet: &Cmdlet) -> R<Defaults> {
        // Nearly no script has the table, and every call of a cmdlet comes through here.
        if self.scope.get(Sym::DEFAULTS).is_none() {
            return Ok(Defaults::default());
        }
        let mut names = vec![cmdlet.name];
        names.extend(cmdlet.aliases);
        let defaults = self.defaults_of(&names)?;
        for (parameter, _) in &defaults.0 {
            let is_name = !super::pattern::has_wildcards(parameter);
            if let (true, Err(message)) = (is_name, cmdlets::parameter(cmdlet, parameter)) {
                return Err(refuse(format!(
                    "$PSDefaultParameterValues has '{parameter}' for {}. {message}",
                    cmdlet.name
                )));
            }
        }
        Ok(defaults)
    }

    /// What `$PSDefaultParameterValues` says of parameters that have no value yet.
    pub(super) fn bind_defaults(
        &mut self,
        body: &Body,
        traits: &[Traits],
        sets: &mut Sets,
        bound: &mut [Option<Value>],
        common: &mut Vec<(&'static str, Value)>,
    ) -> R<()> {
        let Some(name) = self.frames.last().map(|frame| Rc::clone(&frame.name)) else {
            return Ok(());
        };
        let defaults = self.defaults_of(&[&name])?;
        if defaults.is_empty() {
            return Ok(());
        }
        for (at, param) in body.params.iter().enumerate() {
            if bound[at].is_none() && sets.allows(&traits[at]) {
                bound[at] = defaults.of(&[&param.written]).cloned();
            }
        }
        sets.narrow(traits, bound);
        for name in preferences::common(body) {
            let is_given = common.iter().any(|(given, _)| *given == name);
            if let (false, Some(value)) = (is_given, defaults.of(&[name])) {
                let value = Some(value.clone());
                let value =
                    self.common_parameter(name, value, &mut std::iter::empty().peekable())?;
                common.push((name, value));
            }
        }
        Ok(())
    }
}

/// A part of a key, which may stand in quotes.
fn unquoted(part: &str) -> &str {
    let part = part.trim();
    let inner = |quote| part.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'').or_else(|| inner('"')).unwrap_or(part)
}
