//! Structured configuration variables: a variable that is called like the place of a value takes its place.
//!
//! `Logging:Level` is the value of `Level` in the object `Logging`, `Hosts:0` the first of the list `Hosts` (octopus-
//! semantics 3.12). JSON only. The text is written anew: what it means stays, spaces and the order of names don't.

use serde_json::Value;

/// Puts values into the places that are called like variables, and says which those were.
///
/// A number stays a number and a boolean a boolean where the value is one; an object or a list is replaced by a value
/// that is JSON of the same kind. Variables of Octopus's own never name a place.
pub fn replace(document: &mut Value, value_of: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut replaced = Vec::new();
    visit(document, "", value_of, &mut replaced);
    replaced
}

fn visit(
    node: &mut Value,
    path: &str,
    value_of: &dyn Fn(&str) -> Option<String>,
    replaced: &mut Vec<String>,
) {
    let value = Some(path)
        .filter(|path| names_a_place(path))
        .and_then(value_of);
    if let Some(value) = value.and_then(|value| in_the_place_of(node, value)) {
        *node = value;
        replaced.push(path.to_owned());
        return;
    }
    let within = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}:{name}"),
    };
    match node {
        Value::Object(members) => {
            for (name, member) in members {
                visit(member, &within(name), value_of, replaced);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                visit(item, &within(&index.to_string()), value_of, replaced);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn names_a_place(path: &str) -> bool {
    let starts = |with: &str| {
        path.get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    !path.is_empty() && (!starts("Octopus") || starts("Octopus:"))
}

/// `None` if an object or a list can't become that.
fn in_the_place_of(node: &Value, value: String) -> Option<Value> {
    let parsed: Option<Value> = serde_json::from_str(&value).ok();
    match node {
        Value::Object(_) => parsed.filter(Value::is_object),
        Value::Array(_) => parsed.filter(Value::is_array),
        Value::Number(_) => Some(parsed.filter(Value::is_number).unwrap_or(value.into())),
        Value::Bool(_) => {
            let folded = value.trim().to_ascii_lowercase();
            Some(folded.parse().map_or(value.into(), Value::Bool))
        }
        Value::Null | Value::String(_) => Some(value.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_replaced_where_a_variable_names_their_place() {
        for (variable, value, expected) in [
            ("name", "web", json!({ "Name": "web" })),
            ("Port", "81", json!({ "Port": 81 })),
            ("Port", "none", json!({ "Port": "none" })),
            ("On", "False", json!({ "On": false })),
            ("Log:Level", "Debug", json!({ "Log": { "Level": "Debug" } })),
            ("Log", r#"{"A":1}"#, json!({ "Log": { "A": 1 } })),
            ("Log", "text", json!({})),
            ("Hosts:1", "c", json!({ "Hosts": ["a", "c"] })),
            ("Hosts", r#"["x"]"#, json!({ "Hosts": ["x"] })),
            ("Absent", "x", json!({})),
            ("OctopusKey", "x", json!({})),
            ("Octopus:Key", "x", json!({ "Octopus": { "Key": "x" } })),
        ] {
            let original = json!({ "Name": "x", "Port": 80, "On": true, "Log": { "Level": "Info" },
                "Hosts": ["a", "b"], "OctopusKey": "kept", "Octopus": { "Key": "k" } });
            let mut document = original.clone();
            let value_of = |path: &str| {
                path.eq_ignore_ascii_case(variable)
                    .then(|| value.to_owned())
            };
            let replaced = replace(&mut document, &value_of);
            let mut wanted = original.clone();
            for (name, member) in expected.as_object().expect("an object") {
                wanted[name] = member.clone();
            }
            assert_eq!(document, wanted, "{variable} = {value}");
            assert_eq!(
                replaced.len(),
                usize::from(wanted != original),
                "{variable}"
            );
        }
    }
}
