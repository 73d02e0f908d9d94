//! `-split` (about_Split): by pattern or by a block, the number of parts, the options.

use std::rc::Rc;

use super::closure::Script;
use super::{Engine, pattern};
use crate::value::{R, Value, fail, to_bool, to_int};

/// What stands after the pattern and the number.
#[derive(Default)]
struct Options {
    is_simple: bool,
    minds_case: bool,
    /// Unnamed groups are no parts.
    is_explicit: bool,
    /// `s`, `m`, `x` of a pattern.
    flags: String,
}

impl Options {
    fn read(given: Option<&Value>, minds_case: bool) -> R<Self> {
        let mut options = Self {
            minds_case,
            ..Self::default()
        };
        let written = given.map(Value::text).unwrap_or_default();
        let mut is_pattern = false;
        for flag in written
            .split([',', ' '])
            .map(str::trim)
            .filter(|flag| !flag.is_empty())
        {
            let lower = flag.to_ascii_lowercase();
            is_pattern |= !matches!(lower.as_str(), "simplematch" | "ignorecase" | "0");
            match lower.as_str() {
                "simplematch" => options.is_simple = true,
                "ignorecase" => options.minds_case = false,
                "singleline" => options.flags.push('s'),
                "multiline" => options.flags.push('m'),
                "ignorepatternwhitespace" => options.flags.push('x'),
                "explicitcapture" => options.is_explicit = true,
                // The culture is invariant here.
                "regexmatch" | "cultureinvariant" | "0" => {}
                _ => {
                    return Err(crate::value::refuse(format!(
                        "The -split option '{flag}' is not supported."
                    )));
                }
            }
        }
        if options.is_simple && is_pattern {
            return Err(fail(
                "System.Management.Automation.RuntimeException",
                "InvalidSplitOptionCombination",
                "The split options cannot be combined: SimpleMatch goes with IgnoreCase only.",
            ));
        }
        Ok(options)
    }
}

impl Engine {
    pub fn split(&mut self, left: &Value, right: &Value, minds_case: bool) -> R<Value> {
        let given = match right {
            Value::Array(array) => array.items.borrow().clone(),
            other => vec![other.clone()],
        };
        let limit = match given.get(1) {
            Some(n) => to_int(n)?,
            None => 0,
        };
        let options = Options::read(given.get(2), minds_case)?;
        let mut parts = Vec::new();
        for item in left.to_items() {
            let text = self.text(&item)?;
            match given.first() {
                Some(Value::Script(_)) if given.len() > 2 => {
                    return Err(fail(
                        "System.Management.Automation.RuntimeException",
                        "InvalidSplitOptionWithPredicate",
                        "Split options can't be used with a script block.",
                    ));
                }
                Some(Value::Script(block)) => {
                    parts.extend(self.split_by_block(&text, block, limit)?);
                }
                Some(by) => parts.extend(self.split_by_pattern(&text, by, limit, &options)?),
                None => {}
            }
        }
        Ok(Value::from(parts))
    }

    fn split_by_pattern(
        &mut self,
        text: &str,
        by: &Value,
        limit: i32,
        options: &Options,
    ) -> R<Vec<Value>> {
        let written = self.text(by)?;
        let written = if options.is_simple {
            pattern::escape(&written)
        } else {
            written
        };
        let regex = pattern::regex_with(&written, options.minds_case, &options.flags)?;
        let parts = pattern::split(&regex, text, limit, options.is_explicit)?;
        Ok(parts.into_iter().map(Value::from).collect())
    }

    /// A character is a delimiter where the block says so. A negative limit counts from the end.
    fn split_by_block(&mut self, text: &str, block: &Rc<Script>, limit: i32) -> R<Vec<Value>> {
        let mut cuts = Vec::new();
        for (at, c) in text.char_indices() {
            if to_bool(&self.call_with_item(block, Value::from(c.to_string()))?) {
                cuts.push((at, at + c.len_utf8()));
            }
        }
        Ok(pattern::parts(text, pattern::within(&cuts, limit))
            .into_iter()
            .map(Value::from)
            .collect())
    }
}
