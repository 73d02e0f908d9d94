//! What names and collections are made of once their indexes are known. Pure functions over them.

use serde_json::Value as Json;

use super::ast::{push_index, push_name};
use super::fold_name;

/// One element of a collection.
#[derive(Clone)]
pub enum Element {
    /// Variables called `A[key]` and `A[key].…`.
    Variables { prefix: String, key: String },
    /// An element of a JSON array.
    Json(Json),
    /// A member of a JSON object.
    Member { key: String, value: Json },
    /// A piece of a list with commas.
    Text(String),
}

/// A step of a name whose index is known.
pub enum Filled {
    Name(String),
    Index(String),
}

/// What an item of an iteration gives.
pub enum Found {
    Text(String),
    Json(Json),
    Nothing,
}

pub fn name_of(steps: &[Filled]) -> String {
    extended(String::new(), steps)
}

pub fn extended(mut name: String, steps: &[Filled]) -> String {
    for step in steps {
        match step {
            Filled::Name(text) => push_name(&mut name, text),
            Filled::Index(text) => push_index(&mut name, text),
        }
    }
    name
}

/// What stands behind `folded` in `name`, whatever the case of what stands before.
pub fn after_folded<'n>(name: &'n str, folded: &str) -> Option<&'n str> {
    let n_characters = folded.chars().count();
    let (end, _) = name.char_indices().nth(n_characters)?;
    let (start, rest) = name.split_at(end);
    (fold_name(start) == folded).then_some(rest)
}

/// Whether a value counts as true: not if it is empty, `0`, `no` or `false`, in any case.
pub fn holds(text: &str) -> bool {
    let text = text.trim();
    !(text.is_empty()
        || text == "0"
        || text.eq_ignore_ascii_case("no")
        || text.eq_ignore_ascii_case("false"))
}

/// `Octopus.Template.Each.Index`, `.First` and `.Last`.
pub fn special(steps: &[Filled], index: usize, is_last: bool) -> Option<String> {
    let said = |claim: bool| if claim { "True" } else { "False" };
    match fold_name(&name_of(steps)).as_str() {
        "octopus.template.each.index" => Some(index.to_string()),
        "octopus.template.each.first" => Some(said(index == 0).to_owned()),
        "octopus.template.each.last" => Some(said(is_last).to_owned()),
        _ => None,
    }
}

pub fn children(json: Json) -> Vec<Element> {
    match json {
        Json::Array(elements) => elements.into_iter().map(Element::Json).collect(),
        Json::Object(members) => members
            .into_iter()
            .map(|(key, value)| Element::Member { key, value })
            .collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
    }
}

pub fn walk<'j>(json: &'j Json, steps: &[Filled]) -> Option<&'j Json> {
    steps.iter().try_fold(json, |json, step| {
        let (Filled::Name(key) | Filled::Index(key)) = step;
        match json {
            Json::Array(elements) => elements.get(key.trim().parse::<usize>().ok()?),
            Json::Object(members) => members.get(key).or_else(|| {
                let folded = fold_name(key);
                let found = members.iter().find(|(name, _)| fold_name(name) == folded);
                found.map(|(_, value)| value)
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
        }
    })
}

/// Text is itself, everything else is JSON again, and null is nothing.
pub fn text_of(json: Json) -> String {
    match json {
        Json::String(text) => text,
        Json::Null => String::new(),
        other => other.to_string(),
    }
}
