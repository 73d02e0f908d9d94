//! The granted variables: `$OctopusParameters`, and each under its own name.

use std::cell::RefCell;
use std::rc::Rc;

use super::message;
use crate::value::{Hash, HashKind, Value};

const VARIABLES: &str = "/seawall/variables.json";

thread_local! {
    /// Read at the first lookup; empty when there is no file.
    static ALL: RefCell<Option<Rc<Hash>>> = const { RefCell::new(None) };
}

/// Where the variables are; tests on the host name another file.
fn path() -> String {
    if cfg!(target_os = "wasi") {
        return VARIABLES.to_owned();
    }
    std::env::var("SEAWALL_TEST_VARIABLES").unwrap_or_else(|_| VARIABLES.to_owned())
}

/// Whether the run has variables, be it none that the script may read: every step has that file.
pub fn are_there() -> bool {
    std::fs::exists(path()).unwrap_or(false)
}

fn all() -> Rc<Hash> {
    ALL.with_borrow_mut(|all| {
        Rc::clone(all.get_or_insert_with(|| {
            let hash = Hash::new(HashKind::Parameters);
            let bytes = std::fs::read(path()).unwrap_or_default();
            let read: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(&bytes).unwrap_or_default();
            for (name, value) in read {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), String::from);
                hash.insert(Value::from(name), Value::from(text));
            }
            Rc::new(hash)
        }))
    })
}

/// `$OctopusParameters`
pub fn parameters() -> Value {
    Value::Hash(all())
}

/// Tells the host that a variable was asked for, whether or not it is there.
pub fn report_read(name: &str) {
    message::send_to_host("seawall-variable-read", &[("name", name)]);
}

/// A variable under its own name, letters and digits only, as Octopus defines them in PowerShell.
pub fn plain(name: &str) -> Option<String> {
    let found = all().entries().into_iter().find(|(key, _)| {
        let bare: String = key
            .text()
            .chars()
            .filter(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        bare.eq_ignore_ascii_case(name)
    });
    found.map(|(key, value)| {
        report_read(&key.text());
        value.text()
    })
}
