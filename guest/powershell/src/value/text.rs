//! Values as strings: what `"$value"`, `[string]` and `Write-Output` of a plain value show.

use super::number::{double_text, float_text};
use super::{Num, Object, PropKind, Value};

impl Num {
    pub fn text(self) -> String {
        match self {
            Self::Byte(n) => n.to_string(),
            Self::SByte(n) => n.to_string(),
            Self::Short(n) => n.to_string(),
            Self::UShort(n) => n.to_string(),
            Self::UInt(n) => n.to_string(),
            Self::ULong(n) => n.to_string(),
            Self::Float(n) => float_text(n),
            Self::Decimal(n) => n.to_string(),
        }
    }
}

impl Value {
    /// The value converted to a string.
    pub fn text(&self) -> String {
        match self {
            Self::Null | Self::Nothing => String::new(),
            Self::Bool(claim) => if *claim { "True" } else { "False" }.to_owned(),
            Self::Char(c) => c.to_string(),
            Self::Int(n) => n.to_string(),
            Self::Long(n) => n.to_string(),
            Self::Double(n) => double_text(*n),
            Self::Num(num) => num.text(),
            Self::Str(text) => text.to_string(),
            Self::Array(array) => joined(&array.items.borrow()),
            Self::List(list) => joined(&list.items.borrow()),
            Self::Hash(hash) => hash.type_name(),
            Self::Object(object) => object_text(object),
            Self::Script(script) => script.text(),
            Self::Type(of) => of.short_name(),
            Self::Net(object) => object.text(),
        }
    }

    /// What `.ToString()` gives, where that differs from a conversion.
    pub fn method_text(&self) -> String {
        match self {
            Self::Array(_) => self.type_name(),
            Self::List(_) | Self::Hash(_) => of_type(&self.type_name()),
            Self::Type(of) => of.full_name(),
            Self::Object(object) if object.is_custom() => String::new(),
            _ => self.text(),
        }
    }
}

/// A type's name as its `ToString` has it: arguments stand in one pair of brackets, without their assemblies.
fn of_type(full_name: &str) -> String {
    match full_name.split_once("`") {
        Some((name, rest)) => {
            let rest = rest.replace("],[", ",").replacen("[[", "[", 1);
            let rest = rest.strip_suffix(']').unwrap_or(&rest);
            format!("{name}`{rest}")
        }
        None => full_name.to_owned(),
    }
}

fn joined(items: &[Value]) -> String {
    let texts: Vec<String> = items
        .iter()
        .map(|item| match item {
            // An array in an array isn't flattened.
            _ if item.is_collection() => item.type_name(),
            _ => item.text(),
        })
        .collect();
    texts.join(" ")
}

fn object_text(object: &Object) -> String {
    if !object.is_custom() {
        return match object.type_name().as_str() {
            "Microsoft.PowerShell.Commands.MatchInfo" => {
                crate::cmdlets::data::select_string::lines_of(object)
            }
            "System.Management.Automation.ErrorCategoryInfo" => {
                crate::types::exception::category_text(object)
            }
            "Microsoft.PowerShell.Commands.BasicHtmlWebResponseObject" => {
                object.note("Content").unwrap_or_default().text()
            }
            name => name.to_owned(),
        };
    }
    let props = object.props.borrow();
    let parts: Vec<String> = props
        .iter()
        .filter_map(|prop| match &prop.kind {
            PropKind::Note(value) => {
                let text = match value {
                    _ if value.is_collection() => value.type_name(),
                    // A nested object shows as nothing inside another.
                    Value::Object(inner) if inner.is_custom() => String::new(),
                    _ => value.text(),
                };
                Some(format!("{}={text}", prop.name))
            }
            _ => None,
        })
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    format!("@{{{}}}", parts.join("; "))
}
