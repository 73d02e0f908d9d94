//! The granted variables: `$OctopusParameters`, and each under its own name.

use std::cell::RefCell;
use std::rc::Rc;

use ::octopus::message;

use crate::value::{Hash, HashKind, Value};

thread_local! {
    /// Read at the first lookup; empty when there is no file.
    static ALL: RefCell<Option<Rc<Hash>>> = const { RefCell::new(None) };
}

fn all() -> Rc<Hash> {
    ALL.with_borrow_mut(|all| {
        Rc::clone(all.get_or_insert_with(|| {
            let hash = Hash::new(HashKind::Parameters);
            for (name, value) in ::octopus::variables::read() {
                hash.insert(Value::from(name), Value::from(value));
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
