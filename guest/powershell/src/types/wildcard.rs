//! `[WildcardPattern]`: patterns as values (about_Wildcards). Left out: options other than `IgnoreCase`.

use std::rc::Rc;

use super::{TypeInfo, enumeration};
use crate::eval::Engine;
use crate::eval::pattern;
use crate::net_any;
use crate::value::{Net, R, Value};

pub const INFO: TypeInfo = TypeInfo {
    statics: &["Escape", "Unescape", "ContainsWildcardCharacters", "Get"],
    create: Some(|_, args| made(args)),
    call: Some(|_, name, args| match (name, args) {
        ("escape", [text]) => Some(Ok(Value::from(escaped(&text.text())))),
        ("unescape", [text]) => Some(Ok(Value::from(unescaped(&text.text())))),
        ("containswildcardcharacters", [text]) => {
            Some(Ok(Value::Bool(pattern::has_wildcards(&text.text()))))
        }
        ("get", args) => made(args),
        _ => None,
    }),
    ..TypeInfo::named(
        "System.Management.Automation.WildcardPattern",
        &["WildcardPattern", "Management.Automation.WildcardPattern"],
    )
};

struct Pattern {
    text: String,
    minds_case: bool,
}

fn made(args: &[Value]) -> Option<R<Value>> {
    let (text, options) = match args {
        [text] => (text, "None".to_owned()),
        [text, options] => {
            let of = "System.Management.Automation.WildcardOptions";
            match enumeration::argument(of, options) {
                Ok(options) => (text, options),
                Err(ctl) => return Some(Err(ctl)),
            }
        }
        _ => return None,
    };
    // `CultureInvariant` and `Compiled` change nothing here.
    let minds_case = !options.split(", ").any(|option| option == "IgnoreCase");
    Some(Ok(Value::net(Pattern {
        text: text.text(),
        minds_case,
    })))
}

/// With a backtick before what would be a wildcard; a backtick itself stays as it is.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '`') {
            escaped.push('`');
        }
        escaped.push(c);
    }
    escaped
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_escape = c == '`'
            && chars
                .peek()
                .is_some_and(|next| matches!(next, '*' | '?' | '[' | ']'));
        // A backtick before another one stands for it.
        if c == '`' && chars.peek() == Some(&'`') {
            chars.next();
            plain.push(c);
        } else if !is_escape {
            plain.push(c);
        }
    }
    plain
}

impl Net for Pattern {
    net_any!();

    fn type_name(&self) -> &str {
        INFO.name
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        match (name, args) {
            ("ismatch", [text]) => {
                let is_match = pattern::wildcard(&self.text, &text.text(), self.minds_case);
                Some(Ok(Value::Bool(is_match)))
            }
            _ => None,
        }
    }
}
