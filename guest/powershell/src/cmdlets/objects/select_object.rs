//! `Select-Object`: chooses properties and items.
//!
//! [Select-Object](https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/select-object)

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::cmdlets::objects::order::{likeness, same};
use crate::cmdlets::objects::selector::{Selector, all_properties, chosen, selectors};
use crate::cmdlets::{Cmdlet, Run};
use crate::eval::{Args, Engine, Sink, Stage, pattern};
use crate::value::{Ctl, Object, PropKind, R, Value, fail};

pub const CMDLET: Cmdlet = Cmdlet {
    name: "Select-Object",
    aliases: &["select"],
    params: "Property@0 InputObject| First Last Skip SkipLast Unique? ExpandProperty ExcludeProperty Index SkipIndex Wait? CaseInsensitive?",
    run: Run::Stage(stage),
};

struct Select {
    args: Args,
    selectors: Vec<Selector>,
    first: Option<usize>,
    last: Option<usize>,
    skip: usize,
    skip_last: usize,
    index: Option<Vec<usize>>,
    skip_index: Vec<usize>,
    n_seen: usize,
    n_put: usize,
    kept: Vec<Value>,
    /// For `-Unique`, by [`likeness`].
    seen: FxHashMap<String, Vec<Value>>,
}

fn stage(args: Args) -> R<Box<dyn Stage>> {
    let count = |name: &str| -> R<Option<usize>> { Ok(args.int(name)?.map(|n| n.max(0) as usize)) };
    let places = |name: &str| -> R<Option<Vec<usize>>> {
        let items = args.value(name).map(|value| value.to_items());
        items
            .map(|items| {
                items
                    .iter()
                    .map(|n| crate::value::to_int(n).map(|n| n as usize))
                    .collect()
            })
            .transpose()
    };
    let (index, skip_index) = (places("Index")?, places("SkipIndex")?);
    let selectors = selectors(args.value("Property"))?;
    if selectors.iter().any(is_nameless) {
        return Err(fail(
            "System.Management.Automation.PSArgumentException",
            "EmptyScriptBlockAndNoName",
            "A script block without any code needs a name for the property.",
        ));
    }
    Ok(Box::new(Select {
        selectors,
        first: count("First")?,
        last: count("Last")?,
        skip: count("Skip")?.unwrap_or(0),
        skip_last: count("SkipLast")?.unwrap_or(0),
        index,
        skip_index: skip_index.unwrap_or_default(),
        n_seen: 0,
        n_put: 0,
        kept: Vec::new(),
        seen: FxHashMap::default(),
        args,
    }))
}

/// An empty block, of which no name can be made.
fn is_nameless(selector: &Selector) -> bool {
    matches!(selector, Selector::Block(name, _) if name.trim().is_empty())
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
        let object = Object::selected(&item);
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
        let Some(value) = self.to_expand(engine, item, name)? else {
            return Ok(());
        };
        for value in value.to_items() {
            // What isn't there has nothing to expand.
            if value.is_null() {
                continue;
            }
            if let Value::Object(object) = &value {
                for selector in self.selectors.clone() {
                    for (name, value) in chosen(engine, item, &selector)? {
                        if object.find(&name).is_some() {
                            present_already(engine, &name, item)?;
                        } else {
                            object.put(&name, PropKind::Note(value));
                        }
                    }
                }
            }
            self.put(engine, value, out)?;
        }
        Ok(())
    }

    /// The value of the one property of that name; it is reported where there is none, or several.
    fn to_expand(&self, engine: &mut Engine, item: &Value, name: &str) -> R<Option<Value>> {
        let mut values = if pattern::has_wildcards(name) {
            let found = chosen(engine, item, &Selector::Name(name.to_owned()))?;
            found.into_iter().map(|(_, value)| value).collect()
        } else {
            Vec::from_iter(engine.find_member(item, name)?)
        };
        let (id, message) = match values.len() {
            1 => return Ok(values.pop()),
            0 => (
                "ExpandPropertyNotFound",
                format!("Property \"{name}\" cannot be found."),
            ),
            // The id is PowerShell's, as it spells it.
            _ => (
                "MutlipleExpandProperties",
                "Multiple properties cannot be expanded.".to_owned(),
            ),
        };
        engine.soft_error(
            "System.Management.Automation.PSArgumentException",
            id,
            "InvalidArgument",
            message,
            item.clone(),
        )?;
        Ok(None)
    }

    fn put(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        if self.args.switch("Unique") {
            let minds_case = !self.args.switch("CaseInsensitive");
            let alike = self.seen.entry(likeness(&item)).or_default();
            if alike.iter().any(|seen| same(seen, &item, minds_case)) {
                return Ok(());
            }
            alike.push(item.clone());
        }
        self.n_put += 1;
        out.put(engine, item)
    }
}

impl Stage for Select {
    fn begin(&mut self, _: &mut Engine, _: &mut dyn Sink) -> R<()> {
        Ok(())
    }

    fn process(&mut self, engine: &mut Engine, item: Value, out: &mut dyn Sink) -> R<()> {
        if item.is_null() {
            return Ok(());
        }
        let at = self.n_seen;
        self.n_seen += 1;
        if self.skip_index.contains(&at) {
            return Ok(());
        }
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
            Some(n) => {
                let taken = at - self.skip + 1;
                if taken <= n {
                    self.made(engine, item, out)?;
                }
                // `-Wait` lets what is upstream run to its end.
                if taken >= n && !self.args.switch("Wait") {
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

/// `-Property` beside `-ExpandProperty` adds to what is expanded, and replaces nothing of it.
fn present_already(engine: &mut Engine, name: &str, item: &Value) -> R<()> {
    engine.soft_error(
        "System.Management.Automation.PSArgumentException",
        "AlreadyExistingUserSpecifiedPropertyExpand",
        "InvalidOperation",
        format!("The property cannot be processed because the property \"{name}\" already exists."),
        item.clone(),
    )
}
