//! `Select-Object`, and the calculated properties that other cmdlets take too.

use std::rc::Rc;

use super::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, Stage, pattern};
use crate::format::view::properties;
use crate::value::{Ctl, Object, PropKind, R, Script, Value, equal, fail};

pub const SELECT: Cmdlet = Cmdlet {
    name: "Select-Object",
    aliases: &["select"],
    params: "Property@0 InputObject| First Last Skip SkipLast Unique? ExpandProperty ExcludeProperty Index Wait? CaseInsensitive?",
    run: Run::Stage(select),
};

/// A property by name (with wildcards) or `@{ Name = …; Expression = … }`.
#[derive(Clone)]
pub enum Selector {
    Name(String),
    Block(String, Rc<Script>),
    /// `Expression = 'Other'`
    Renamed(String, String),
}

pub fn selectors(value: Option<Value>) -> R<Vec<Selector>> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    value.to_items().into_iter().map(selector).collect()
}

fn selector(value: Value) -> R<Selector> {
    match value {
        Value::Hash(hash) => {
            let find = |names: &[&str]| {
                hash.entries()
                    .into_iter()
                    .find(|(key, _)| {
                        let key = key.text().to_ascii_lowercase();
                        names
                            .iter()
                            .any(|name| !key.is_empty() && name.starts_with(&key))
                    })
                    .map(|(_, value)| value)
            };
            let name = find(&["name", "label"]).map(|name| name.text());
            match find(&["expression"]) {
                Some(Value::Script(block)) => Ok(Selector::Block(
                    name.unwrap_or_else(|| block.text().trim().to_owned()),
                    block,
                )),
                Some(other) => Ok(Selector::Renamed(
                    name.unwrap_or_else(|| other.text()),
                    other.text(),
                )),
                None => match name {
                    Some(name) => Ok(Selector::Name(name)),
                    None => Err(fail(
                        "System.NotSupportedException",
                        "DictionaryKeyUnknown",
                        "The key of a calculated property must be Name, Label or Expression.",
                    )),
                },
            }
        }
        Value::Script(block) => Ok(Selector::Block(block.text().trim().to_owned(), block)),
        other => Ok(Selector::Name(other.text())),
    }
}

/// The properties that a selector takes from an item.
pub fn chosen(engine: &mut Engine, item: &Value, selector: &Selector) -> R<Vec<(Rc<str>, Value)>> {
    Ok(match selector {
        Selector::Name(name) if pattern::has_wildcards(name) => {
            let mut found = Vec::new();
            for (own, _) in all_properties(engine, item)? {
                if pattern::wildcard(name, &own, false) {
                    let value = engine.find_member(item, &own)?.unwrap_or_default();
                    found.push((own, value));
                }
            }
            found
        }
        Selector::Name(name) => {
            let value = engine.find_member(item, name)?.unwrap_or_default();
            // The object's own spelling of the name is kept.
            let own = properties(item)
                .into_iter()
                .map(|(own, _)| own)
                .find(|own| own.eq_ignore_ascii_case(name));
            vec![(own.unwrap_or_else(|| Rc::from(name.as_str())), value)]
        }
        Selector::Renamed(name, from) => vec![(
            Rc::from(name.as_str()),
            engine.find_member(item, from)?.unwrap_or_default(),
        )],
        Selector::Block(name, block) => {
            let value = match engine.call_with_item(block, item.clone()) {
                Ok(Value::Nothing) => Value::Null,
                Ok(value) => value,
                // An error in a calculated property gives null.
                Err(Ctl::Throw(_)) => Value::Null,
                Err(other) => return Err(other),
            };
            vec![(Rc::from(name.as_str()), value)]
        }
    })
}

/// All properties, script properties evaluated.
pub fn all_properties(engine: &mut Engine, item: &Value) -> R<Vec<(Rc<str>, Value)>> {
    if let Value::Object(object) = item {
        let mut found = Vec::new();
        for name in object.names() {
            let value = engine.object_get(object, &name)?.unwrap_or_default();
            found.push((name, value));
        }
        return Ok(found);
    }
    Ok(properties(item))
}

struct Select {
    args: Args,
    selectors: Vec<Selector>,
    first: Option<usize>,
    last: Option<usize>,
    skip: usize,
    skip_last: usize,
    index: Option<Vec<usize>>,
    n_seen: usize,
    n_put: usize,
    kept: Vec<Value>,
    seen: Vec<Value>,
}

fn select(args: Args) -> R<Box<dyn Stage>> {
    let count = |name: &str| -> R<Option<usize>> { Ok(args.int(name)?.map(|n| n.max(0) as usize)) };
    let index = match args.value("Index") {
        Some(value) => Some(
            value
                .to_items()
                .iter()
                .map(|n| crate::value::to_int(n).map(|n| n as usize))
                .collect::<R<Vec<usize>>>()?,
        ),
        None => None,
    };
    Ok(Box::new(Select {
        selectors: selectors(args.value("Property"))?,
        first: count("First")?,
        last: count("Last")?,
        skip: count("Skip")?.unwrap_or(0),
        skip_last: count("SkipLast")?.unwrap_or(0),
        index,
        n_seen: 0,
        n_put: 0,
        kept: Vec::new(),
        seen: Vec::new(),
        args,
    }))
}

impl Select {
    fn made(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        if let Some(name) = self.args.text("ExpandProperty") {
            return self.expanded(engine, &item, &name, out);
        }
        let exclude = self.args.texts("ExcludeProperty");
        if self.selectors.is_empty() && exclude.is_empty() {
            return self.put(engine, item, out);
        }
        let mut all = Vec::new();
        if self.selectors.is_empty() {
            all = all_properties(engine, &item)?;
        }
        for selector in &self.selectors {
            all.extend(chosen(engine, &item, selector)?);
        }
        all.retain(|(name, _)| {
            !exclude
                .iter()
                .any(|pattern| pattern::wildcard(pattern, name, false))
        });
        let object = Object::custom();
        for (name, value) in all {
            if object.find(&name).is_none() {
                object.push(&name, value);
            }
        }
        self.put(engine, Value::Object(Rc::new(object)), out)
    }

    fn expanded(
        &mut self,
        engine: &mut Engine,
        item: &Value,
        name: &str,
        out: &mut dyn Sink,
    ) -> R<()> {
        let Some(value) = engine.find_member(item, name)? else {
            return engine.soft_error(
                "System.Management.Automation.PSArgumentException",
                "ExpandPropertyNotFound",
                "InvalidArgument",
                format!("Property \"{name}\" cannot be found."),
                item.clone(),
            );
        };
        for value in value.to_items() {
            if let Value::Object(object) = &value {
                for selector in self.selectors.clone() {
                    for (name, value) in chosen(engine, item, &selector)? {
                        object.put(&name, PropKind::Note(value));
                    }
                }
            }
            self.put(engine, value, out)?;
        }
        Ok(())
    }

    fn put(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        if self.args.switch("Unique") {
            let minds_case = !self.args.switch("CaseInsensitive");
            if self.seen.iter().any(|seen| same(seen, &item, minds_case)) {
                return Ok(());
            }
            self.seen.push(item.clone());
        }
        self.n_put += 1;
        out.put(engine, item)
    }
}

/// Whether two items are the same to `-Unique`: by value, objects by their properties.
pub fn same(a: &Value, b: &Value, minds_case: bool) -> bool {
    match (a, b) {
        (Value::Object(_), Value::Object(_)) => {
            let (a, b) = (properties(a), properties(b));
            a.len() == b.len()
                && a.iter()
                    .zip(&b)
                    .all(|((n, x), (m, y))| n == m && equal(x, y, minds_case))
        }
        _ => equal(a, b, minds_case),
    }
}

impl Stage for Select {
    fn begin(&mut self, _: &mut Engine, _: &mut dyn Sink) -> R<()> {
        Ok(())
    }

    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        let at = self.n_seen;
        self.n_seen += 1;
        if let Some(index) = &self.index {
            return if index.contains(&at) {
                self.made(engine, item, out)
            } else {
                Ok(())
            };
        }
        if self.last.is_some() || self.skip_last > 0 {
            self.kept.push(item);
            return Ok(());
        }
        if at < self.skip {
            return Ok(());
        }
        match self.first {
            Some(0) => Err(Ctl::Stop(0)),
            Some(n) => {
                let taken = at - self.skip + 1;
                self.made(engine, item, out)?;
                if taken >= n {
                    Err(Ctl::Stop(0))
                } else {
                    Ok(())
                }
            }
            None => self.made(engine, item, out),
        }
    }

    fn end(&mut self, engine: &mut Engine, out: &mut dyn Sink) -> R<()> {
        if !self.args.has_input {
            let items = self
                .args
                .value("InputObject")
                .map(|value| vec![value])
                .unwrap_or_default();
            for item in items {
                match self.process(engine, item, out) {
                    Err(Ctl::Stop(0)) => break,
                    other => other?,
                }
            }
        }
        let mut items = std::mem::take(&mut self.kept);
        if let Some(n) = self.last {
            let to = items.len().saturating_sub(self.skip);
            let from = to.saturating_sub(n);
            // `-First` and `-Last` together take from both ends.
            let mut chosen: Vec<Value> = items[..self.first.unwrap_or(0).min(from)].to_vec();
            chosen.extend_from_slice(&items[from..to]);
            items = chosen;
        } else if self.skip_last > 0 {
            items.truncate(items.len().saturating_sub(self.skip_last));
            items.drain(..self.skip.min(items.len()));
            items.truncate(self.first.unwrap_or(usize::MAX));
        }
        for item in items {
            self.made(engine, item, out)?;
        }
        Ok(())
    }
}
