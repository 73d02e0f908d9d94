//! Sensitive values inside records: sealed on the way in, kept when a client writes back what it read.
//!
//! A sensitive value is an object with `HasValue` or `NewValue`, anywhere in a record. `NewValue` is sealed and
//! forgotten; `HasValue` without one keeps what is stored in the same place. Items of lists are in the same place
//! when their `Id` is the same, or, without ids, their `Name`.

use serde_json::{Map, Value, json};

use super::Error;
use super::vault::Vault;
use crate::model::names::SEALED;

/// Seals every sensitive value in `new`, or takes it over from `old`.
///
/// # Errors
/// [`Error::Invalid`] if the system can't seal.
pub fn tree(new: &mut Value, old: Option<&Value>, vault: &Vault) -> Result<(), Error> {
    match new {
        Value::Array(items) => {
            for item in items {
                tree(item, old.and_then(|old| counterpart(item, old)), vault)?;
            }
        }
        Value::Object(properties) if is_sensitive(properties) => {
            *new = sealed(properties, old, vault)?;
        }
        Value::Object(properties) => {
            for (name, value) in properties {
                tree(value, old.and_then(|old| old.get(name)), vault)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(())
}

fn is_sensitive(properties: &Map<String, Value>) -> bool {
    properties.get("HasValue").is_some_and(Value::is_boolean) || properties.contains_key("NewValue")
}

fn counterpart<'old>(item: &Value, old: &'old Value) -> Option<&'old Value> {
    let same = |key: &str| {
        let own = item.get(key)?.as_str().filter(|own| !own.is_empty())?;
        old.as_array()?
            .iter()
            .find(|old| old.get(key).and_then(Value::as_str) == Some(own))
    };
    same("Id").or_else(|| same("Name"))
}

fn sealed(
    properties: &Map<String, Value>,
    old: Option<&Value>,
    vault: &Vault,
) -> Result<Value, Error> {
    let hint = properties.get("Hint").cloned().unwrap_or_default();
    let new = properties.get("NewValue").and_then(Value::as_str);
    let keeps = properties.get("HasValue").and_then(Value::as_bool) == Some(true);
    let sealed = match new {
        Some("") => None,
        Some(secret) => Some(seal(vault, secret)?),
        None if keeps => old
            .and_then(|old| old.get(SEALED))
            .and_then(Value::as_str)
            .map(str::to_owned),
        None => None,
    };
    let mut result = json!({ "HasValue": sealed.is_some() });
    if let Some(sealed) = sealed {
        result[SEALED] = sealed.into();
    }
    if !hint.is_null() {
        result["Hint"] = hint;
    }
    Ok(result)
}

/// One secret, sealed.
///
/// # Errors
/// [`Error::Conflict`] if the system has no random numbers.
pub fn seal(vault: &Vault, secret: &str) -> Result<String, Error> {
    vault
        .seal(secret)
        .map_err(|error| Error::Conflict(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> Vault {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        Vault::from_text(key, "a test").expect("a key")
    }

    fn after(mut new: Value, old: Option<&Value>) -> Value {
        tree(&mut new, old, &vault()).expect("it can be sealed");
        new
    }

    #[test]
    fn a_new_value_is_sealed_and_opens_again() {
        let stored = after(
            json!({"Steps": [{"Name": "A", "Token": {"NewValue": "hunter2"}}]}),
            None,
        );
        assert!(!stored.to_string().contains("hunter2"));
        let sealed = stored["Steps"][0]["Token"][SEALED]
            .as_str()
            .expect("sealed");
        assert_eq!(&**vault().open(sealed).expect("opened"), "hunter2");
    }

    #[test]
    fn what_a_client_read_and_wrote_back_is_kept() {
        let stored = after(
            json!({"Steps": [{"Name": "A", "Token": {"NewValue": "hunter2"}}]}),
            None,
        );
        let back = json!({"Steps": [{"Name": "B"}, {"Name": "A", "Token": {"HasValue": true}}]});
        let stored_again = after(back, Some(&stored));
        assert_eq!(stored_again["Steps"][1], stored["Steps"][0]);
    }

    #[test]
    fn nothing_is_kept_for_something_else() {
        let stored = after(
            json!({"Steps": [{"Name": "A", "Token": {"NewValue": "hunter2"}}]}),
            None,
        );
        let other = json!({"Steps": [{"Name": "B", "Token": {"HasValue": true}}]});
        assert_eq!(
            after(other, Some(&stored))["Steps"][0]["Token"],
            json!({"HasValue": false})
        );
    }
}
