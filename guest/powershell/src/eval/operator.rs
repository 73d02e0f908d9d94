//! Comparison, text and type operators (about_Comparison_Operators, about_Split, about_Join).

use std::cmp::Ordering;
use std::rc::Rc;

use super::element::{beyond, cannot_index, outside, to_index};
use super::groups::net_groups;
use super::{Engine, pattern};
use crate::parse::ast::Comparison;
use crate::value::{
    Hash, HashKind, ListKind, R, Sym, Value, compare, equal, fail, place_of, to_int, to_long,
};

/// `a..b`, down too; characters when both sides are.
pub fn range(left: &Value, right: &Value) -> R<Value> {
    if let (Some(from), Some(to)) = (range_char(left), range_char(right)) {
        let codes: Vec<u32> = if from <= to {
            (from..=to).collect()
        } else {
            (to..=from).rev().collect()
        };
        return Ok(Value::from(
            codes
                .into_iter()
                .filter_map(char::from_u32)
                .map(Value::Char)
                .collect::<Vec<_>>(),
        ));
    }
    let (from, to) = (to_int(left)?, to_int(right)?);
    let items: Vec<Value> = if from <= to {
        (from..=to).map(Value::Int).collect()
    } else {
        (to..=from).rev().map(Value::Int).collect()
    };
    Ok(Value::from(items))
}

fn range_char(value: &Value) -> Option<u32> {
    match value {
        Value::Char(c) => Some(*c as u32),
        Value::Str(text)
            if text.chars().count() == 1 && !text.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            text.chars().next().map(|c| c as u32)
        }
        _ => None,
    }
}

impl Engine {
    pub fn comparison(
        &mut self,
        op: Comparison,
        minds_case: bool,
        left: &Value,
        right: &Value,
    ) -> R<Value> {
        if let (Value::Int(a), Value::Int(b)) = (left, right) {
            // What most loops ask.
            match op {
                Comparison::Eq => return Ok(Value::Bool(a == b)),
                Comparison::Ne => return Ok(Value::Bool(a != b)),
                Comparison::Gt => return Ok(Value::Bool(a > b)),
                Comparison::Ge => return Ok(Value::Bool(a >= b)),
                Comparison::Lt => return Ok(Value::Bool(a < b)),
                Comparison::Le => return Ok(Value::Bool(a <= b)),
                _ => {}
            }
        }
        match op {
            Comparison::Contains => {
                return self.contains(left, right, minds_case).map(Value::Bool);
            }
            Comparison::NotContains => {
                return Ok(Value::Bool(!self.contains(left, right, minds_case)?));
            }
            Comparison::In => return self.contains(right, left, minds_case).map(Value::Bool),
            Comparison::NotIn => {
                return Ok(Value::Bool(!self.contains(right, left, minds_case)?));
            }
            _ => {}
        }
        // A collection on the left is filtered.
        if let (true, Some(items)) = (left.is_collection(), left.enumerate()) {
            let mut kept = Vec::new();
            for item in items {
                if self.compare_one(op, minds_case, &item, right, false)? {
                    kept.push(item);
                }
            }
            return Ok(Value::from(kept));
        }
        self.compare_one(op, minds_case, left, right, true)
            .map(Value::Bool)
    }

    fn contains(&mut self, items: &Value, wanted: &Value, minds_case: bool) -> R<bool> {
        let Some(items) = items.enumerate() else {
            return self.is_equal(items, wanted, minds_case);
        };
        for item in &items {
            if self.is_equal(item, wanted, minds_case)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `-eq` of two single values: a class may have an `Equals` of its own.
    fn is_equal(&mut self, left: &Value, right: &Value, minds_case: bool) -> R<bool> {
        match self.class_equal(left, right)? {
            Some(verdict) => Ok(verdict),
            None => Ok(equal(left, right, minds_case)),
        }
    }

    fn compare_one(
        &mut self,
        op: Comparison,
        minds_case: bool,
        left: &Value,
        right: &Value,
        sets_matches: bool,
    ) -> R<bool> {
        Ok(match op {
            Comparison::Eq | Comparison::Ne => {
                self.is_equal(left, right, minds_case)? == (op == Comparison::Eq)
            }
            Comparison::Gt => self
                .order(left, right, minds_case)?
                .is_some_and(Ordering::is_gt),
            Comparison::Ge => self
                .order(left, right, minds_case)?
                .is_some_and(Ordering::is_ge),
            Comparison::Lt => self
                .order(left, right, minds_case)?
                .is_some_and(Ordering::is_lt),
            Comparison::Le => self
                .order(left, right, minds_case)?
                .is_some_and(Ordering::is_le),
            Comparison::Like | Comparison::NotLike => {
                let (text, pattern) = (self.text(left)?, self.text(right)?);
                pattern::wildcard(&pattern, &text, minds_case) == (op == Comparison::Like)
            }
            _ => {
                let text = self.text(left)?;
                self.matches(&text, right, minds_case, sets_matches)? == (op == Comparison::Match)
            }
        })
    }

    fn order(&mut self, left: &Value, right: &Value, minds_case: bool) -> R<Option<Ordering>> {
        if let (Value::Double(a), Ok(b)) = (left, crate::value::to_double(right))
            && (a.is_nan() || b.is_nan())
        {
            return Ok(None);
        }
        if let Some(order) = compare(left, right, minds_case) {
            return Ok(Some(order));
        }
        if let Some(order) = self.class_compare(left, right)? {
            return Ok(Some(order));
        }
        if left.is_number() {
            return Err(fail(
                "System.Management.Automation.RuntimeException",
                "ComparisonFailure",
                format!(
                    "Could not compare \"{}\" to \"{}\". Error: \"Cannot convert value \"{}\" to type \"{}\".\"",
                    left.text(),
                    right.text(),
                    right.text(),
                    left.type_name()
                ),
            ));
        }
        Err(fail(
            "System.Management.Automation.RuntimeException",
            "NotIcomparable",
            format!(
                "Cannot compare \"{}\" because it is not IComparable.",
                left.text()
            ),
        ))
    }

    /// `-match`: sets `$Matches` where it succeeds.
    pub fn matches(
        &mut self,
        text: &str,
        pattern: &Value,
        minds_case: bool,
        sets_matches: bool,
    ) -> R<bool> {
        let regex = match crate::types::regex::pattern_of(pattern) {
            Some(regex) => regex,
            None => pattern::regex(&self.text(pattern)?, minds_case)?,
        };
        let found = regex.captures(text).map_err(pattern::too_hard)?;
        let Some(captures) = found else {
            return Ok(false);
        };
        if sets_matches {
            let hash = Hash::new(HashKind::Table);
            for group in net_groups(&regex) {
                let Some(taken) = group.of(&captures) else {
                    continue;
                };
                let key = match group.name.parse::<usize>() {
                    Ok(number) => Value::from(number),
                    Err(_) => Value::from(group.name),
                };
                hash.insert(key, Value::from(taken.as_str()));
            }
            self.scope.put(Sym::MATCHES, Value::Hash(Rc::new(hash)));
        }
        Ok(true)
    }

    pub fn join(&mut self, left: &Value, right: &Value) -> R<Value> {
        let glue = self.text(right)?;
        let mut parts = Vec::new();
        for item in left.to_items() {
            // An array in an array isn't flattened (PSObject.ToStringEnumerable).
            parts.push(match item {
                item if item.is_collection() => item.type_name(),
                item => self.text(&item)?,
            });
        }
        Ok(Value::from(parts.join(&glue)))
    }

    pub fn replace(&mut self, left: &Value, right: &Value, minds_case: bool) -> R<Value> {
        let (pattern, with) = match right {
            Value::Array(array) => {
                let items = array.items.borrow();
                if items.len() > 2 {
                    return Err(fail(
                        "System.Management.Automation.RuntimeException",
                        "BadReplaceArgument",
                        format!(
                            "The -replace operator allows only two elements to follow it, not {}.",
                            items.len()
                        ),
                    ));
                }
                (
                    items.first().cloned().unwrap_or_default(),
                    items.get(1).cloned().unwrap_or_default(),
                )
            }
            other => (other.clone(), Value::Null),
        };
        let regex = match crate::types::regex::pattern_of(&pattern) {
            Some(regex) => regex,
            None => {
                let written = self.text(&pattern)?;
                pattern::regex(&written, minds_case)
                    .map_err(|ctl| pattern::not_valid(ctl, &written))?
            }
        };
        let one = |engine: &mut Self, item: &Value| -> R<Value> {
            let text = engine.text(item)?;
            crate::types::regex::replace(engine, &regex, &text, &with, -1).map(Value::from)
        };
        match left {
            _ if left.is_collection() => {
                let mut items = Vec::new();
                for item in left.to_items() {
                    items.push(one(self, &item)?);
                }
                Ok(Value::from(items))
            }
            _ => one(self, left),
        }
    }

    /// `target[index]`
    pub fn index(&mut self, target: &Value, index: &Value) -> R<Value> {
        match target {
            Value::Null | Value::Nothing => Err(fail(
                "System.Management.Automation.RuntimeException",
                "NullArray",
                "Cannot index into a null array.",
            )),
            Value::Hash(hash) => {
                if let (Value::Array(keys), false) = (index, hash.contains(index)) {
                    let keys = keys.items.borrow().clone();
                    return Ok(Value::from(
                        keys.iter()
                            .map(|key| self.hash_get(hash, key))
                            .collect::<Vec<_>>(),
                    ));
                }
                Ok(self.hash_get(hash, index))
            }
            Value::Array(array) if let Some(lengths) = &array.lengths => {
                let index = index.to_items();
                if index.iter().any(Value::is_enumerated) {
                    return crate::types::grid::slice(array, lengths, &index);
                }
                match crate::types::grid::get(array, lengths, &index)? {
                    Some(found) => Ok(found),
                    None if self.scope.is_strict(3) => Err(outside()),
                    None => Ok(Value::Null),
                }
            }
            Value::Array(array) => {
                if let Value::Int(n) = index {
                    return self.nth(&array.items.borrow(), i64::from(*n));
                }
                self.index_items(&array.items.borrow().clone(), index)
            }
            Value::List(list) => {
                let items = list.items.borrow();
                if let (Value::Int(n), ListKind::List(_) | ListKind::Collection(_)) =
                    (index, &list.kind)
                {
                    return match place_of(i64::from(*n), items.len()) {
                        Some(at) => Ok(items[at].clone()),
                        // `PSGetIndexBinder.SafeIndexResult`
                        None if !self.scope.is_strict(3) => Ok(Value::Null),
                        None => Err(beyond()),
                    };
                }
                self.index_items(&items, index)
            }
            Value::Str(text) => {
                let chars: Vec<Value> = text.chars().map(Value::Char).collect();
                self.index_items(&chars, index)
            }
            Value::Net(object) => match object.index(index) {
                Some(found) => found,
                None => match object.items() {
                    Some(items) => self.index_items(&items, index),
                    None => self.index_scalar(target, index),
                },
            },
            _ => self.index_scalar(target, index),
        }
    }

    /// A single value is indexed as an array of one.
    fn index_scalar(&mut self, target: &Value, index: &Value) -> R<Value> {
        match (to_long(index), target) {
            (Ok(0 | -1), _) if !matches!(index, Value::Str(_)) => Ok(target.clone()),
            // `ArrayOps.GetNonIndexable`
            _ if !self.scope.is_strict(2) => Ok(Value::Nothing),
            _ => Err(cannot_index(&target.type_name())),
        }
    }

    /// The item at `n`, from the end if it is negative; beyond is null, and an error in strict mode.
    fn nth(&self, items: &[Value], n: i64) -> R<Value> {
        match place_of(n, items.len()) {
            Some(at) => Ok(items[at].clone()),
            None if self.scope.is_strict(3) => Err(outside()),
            None => Ok(Value::Null),
        }
    }

    fn index_items(&mut self, items: &[Value], index: &Value) -> R<Value> {
        match index {
            _ if index.is_collection() => {
                let mut found = Vec::new();
                for n in index.to_items() {
                    // What is out of range is left out.
                    let at = place_of(to_long(&n)?, items.len());
                    found.extend(at.map(|at| items[at].clone()));
                }
                Ok(Value::from(found))
            }
            Value::Null | Value::Nothing => Err(fail(
                "System.Management.Automation.RuntimeException",
                "NullArrayIndex",
                "Index operation failed; the array index evaluated to null.",
            )),
            other => self.nth(items, to_index(other)?),
        }
    }

    pub fn hash_get(&mut self, hash: &Rc<Hash>, key: &Value) -> Value {
        if let HashKind::Parameters = hash.kind {
            crate::octopus::variables::report_read(&key.text());
        }
        // A number is a place in an ordered table, even where it is a key, too.
        if let (true, Value::Int(n)) = (hash.is_ordered(), key) {
            return hash.at(*n).map(|(_, value)| value).unwrap_or_default();
        }
        hash.get(key).unwrap_or_default()
    }
}
