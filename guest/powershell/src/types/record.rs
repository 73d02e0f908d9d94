//! Small objects: stream records, `[ref]`, named constants.

use std::rc::Rc;

use super::TypeInfo;
use crate::eval::Scope;
use crate::net_any;
use crate::value::{Net, R, Sym, Value};

pub const WARNING: TypeInfo = TypeInfo::named("System.Management.Automation.WarningRecord", &[]);
pub const VERBOSE: TypeInfo = TypeInfo::named("System.Management.Automation.VerboseRecord", &[]);
pub const DEBUG: TypeInfo = TypeInfo::named("System.Management.Automation.DebugRecord", &[]);

/// A warning, verbose or debug record, as `3>&1` sees it.
pub struct Record {
    kind: &'static str,
    message: String,
}

pub fn record(kind: &'static str, message: &str) -> Value {
    Value::net(Record {
        kind,
        message: message.to_owned(),
    })
}

impl Net for Record {
    net_any!();

    fn type_name(&self) -> &str {
        match self.kind {
            "Warning" => "System.Management.Automation.WarningRecord",
            "Verbose" => "System.Management.Automation.VerboseRecord",
            _ => "System.Management.Automation.DebugRecord",
        }
    }

    fn text(&self) -> String {
        self.message.clone()
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "message").then(|| Value::from(self.message.as_str()))
    }
}

/// `[ref]$variable`
pub struct Reference {
    pub scope: Rc<Scope>,
    pub name: Sym,
}

impl Reference {
    pub fn assign(&self, value: Value) {
        self.scope.put(self.name, value);
    }
}

impl Net for Reference {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.PSReference"
    }

    fn get(&self, name: &str) -> Option<Value> {
        (name == "value").then(|| self.scope.get(self.name).unwrap_or_default())
    }

    fn set(&self, name: &str, value: &Value) -> Option<R<()>> {
        (name == "value").then(|| {
            self.assign(value.clone());
            Ok(())
        })
    }
}

/// A constant that is only known by its name.
pub struct Named {
    type_name: &'static str,
    pub name: String,
}

pub fn named_object(type_name: &'static str, name: &str) -> Value {
    Value::net(Named {
        type_name,
        name: name.to_owned(),
    })
}

impl Net for Named {
    net_any!();

    fn type_name(&self) -> &str {
        self.type_name
    }

    fn bases(&self) -> Vec<String> {
        let is_culture = self.type_name.ends_with("CultureInfo");
        let provider = is_culture.then(|| "System.IFormatProvider".to_owned());
        provider.into_iter().collect()
    }

    fn text(&self) -> String {
        if self.type_name.ends_with("CultureInfo") {
            self.name.clone()
        } else {
            self.type_name.to_owned()
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        if name == "textinfo" && self.type_name.ends_with("CultureInfo") {
            return Some(named_object(TEXT_INFO, &self.name));
        }
        matches!(name, "name" | "displayname").then(|| Value::from(self.name.as_str()))
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        let [text] = args else { return None };
        let text = text.text();
        let changed = match (self.type_name, name) {
            (TEXT_INFO, "totitlecase") => title_case(&text),
            (TEXT_INFO, "toupper") => text.to_uppercase(),
            (TEXT_INFO, "tolower") => text.to_lowercase(),
            _ => return None,
        };
        Some(Ok(Value::from(changed)))
    }
}

const TEXT_INFO: &str = "System.Globalization.TextInfo";

/// Each word's first letter large, the others small; a word all in capitals is taken for an abbreviation and stays.
fn title_case(text: &str) -> String {
    let mut changed = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric() && c != '\'') {
        let is_abbreviation =
            word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase);
        let mut chars = word.chars();
        match chars.next() {
            Some(first) if !is_abbreviation => {
                changed.extend(first.to_uppercase());
                changed.push_str(&chars.as_str().to_lowercase());
            }
            _ => changed.push_str(word),
        }
    }
    changed
}
