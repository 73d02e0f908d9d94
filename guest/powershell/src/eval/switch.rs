//! `switch` (about_Switch).

use super::{Engine, Sink, pattern};
use crate::parse::ast::{Block, Expr, ExprKind, Switch, SwitchMode};
use crate::types::enumerator::Enumerator;
use crate::value::{Ctl, R, Sym, Value, equal, to_bool};

impl Engine {
    pub fn switch(&mut self, switch: &Switch, out: &mut dyn Sink) -> R<()> {
        let subject = self.statement_value(&switch.subject)?;
        let watch = if switch.is_file {
            None
        } else {
            subject.watch()
        };
        let items = if switch.is_file {
            let path = self.text(&subject)?;
            let text = crate::place::read_text(&crate::place::absolute(&self.location, &path))
                .map_err(|error| crate::place::fault(&error, &path))?;
            text.lines().map(Value::from).collect()
        } else {
            match subject.enumerate() {
                Some(items) if items.is_empty() && !matches!(subject, Value::Nothing) => {
                    return Ok(());
                }
                Some(items) if !items.is_empty() => items,
                _ => vec![subject],
            }
        };
        let before = self.scope.get_here(Sym::ITEM);
        let items = Enumerator::over(items, watch);
        let result = self.with_enumerator(Sym::SWITCH, &items, |engine| {
            engine.switch_items(switch, &items, out)
        });
        self.scope.restore(Sym::ITEM, before);
        result
    }

    fn switch_items(&mut self, switch: &Switch, items: &Enumerator, out: &mut dyn Sink) -> R<()> {
        let is_own = |label: Option<Sym>| label.is_none() || label == switch.label;
        'items: while let Some(item) = items.advance()? {
            self.scope.put(Sym::ITEM, item.clone());
            let mut is_matched = false;
            for (case, block) in &switch.cases {
                if !self.case_matches(switch, case, &item)? {
                    continue;
                }
                is_matched = true;
                self.scope.put(Sym::ITEM, item.clone());
                match self.run_case(block, out) {
                    Ok(()) => {}
                    Err(Ctl::Break(label)) if is_own(label) => return Ok(()),
                    Err(Ctl::Continue(label)) if is_own(label) => continue 'items,
                    Err(other) => return Err(other),
                }
            }
            if let (false, Some(block)) = (is_matched, &switch.default) {
                match self.run_case(block, out) {
                    Ok(()) => {}
                    Err(Ctl::Break(label)) if is_own(label) => return Ok(()),
                    Err(Ctl::Continue(label)) if is_own(label) => {}
                    Err(other) => return Err(other),
                }
            }
        }
        Ok(())
    }

    fn run_case(&mut self, block: &Block, out: &mut dyn Sink) -> R<()> {
        self.run_block(block, out)
    }

    fn case_matches(&mut self, switch: &Switch, case: &Expr, item: &Value) -> R<bool> {
        if let ExprKind::Script(body) = &case.kind {
            let script = std::rc::Rc::new(self.script_here(body));
            let verdict = self.call_with_item(&script, item.clone())?;
            return Ok(to_bool(&verdict));
        }
        let wanted = self.eval(case)?;
        if let Value::Script(script) = &wanted {
            let verdict = self.call_with_item(script, item.clone())?;
            return Ok(to_bool(&verdict));
        }
        Ok(match switch.mode {
            // Null is itself; all else is compared as text (PSSwitchClauseEvalBinder).
            SwitchMode::Exact if wanted.is_null() => item.is_null(),
            SwitchMode::Exact => {
                let (text, wanted) = (self.text(item)?, self.text(&wanted)?);
                let (text, wanted) = (Value::from(text), Value::from(wanted));
                equal(&text, &wanted, switch.is_case_sensitive)
            }
            SwitchMode::Wildcard => {
                let (text, wanted) = (self.text(item)?, self.text(&wanted)?);
                pattern::wildcard(&wanted, &text, switch.is_case_sensitive)
            }
            SwitchMode::Regex => {
                let text = self.text(item)?;
                // A [regex] that minds case as the switch does is itself, another one only its text (SwitchOps).
                let wanted = match crate::types::regex::minds_case(&wanted) {
                    Some(own) if own != switch.is_case_sensitive => {
                        Value::from(self.text(&wanted)?)
                    }
                    _ => wanted,
                };
                self.matches(&text, &wanted, switch.is_case_sensitive, true)
                    .map_err(|ctl| pattern::not_valid(ctl, &wanted.text()))?
            }
        })
    }
}
