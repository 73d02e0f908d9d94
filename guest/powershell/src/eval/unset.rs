//! Why a property cannot be set: it isn't there, .NET has no setter for it, or the setter isn't supported here; and what it
//! said of a value that it doesn't take. And why a method can't be read as a property.

use super::property::Access;
use crate::types;
use crate::value::{Ctl, Exception, PropKind, Value, fail, refuse};

/// Types whose properties are all without a setter.
const FIXED: [&str; 8] = [
    "System.String",
    "System.DateTime",
    "System.DateTimeOffset",
    "System.TimeSpan",
    "System.Version",
    "System.Uri",
    "System.RuntimeType",
    "System.Text.RegularExpressions.Match",
];

/// What of a file or folder stays as it is; times and attributes have setters in .NET.
const OF_FILES: [&str; 8] = [
    "Name",
    "FullName",
    "Length",
    "BaseName",
    "Directory",
    "DirectoryName",
    "Exists",
    "Extension",
];

/// An array's and a list's own properties, which their items don't have a say in.
pub fn is_of_list(name: &str) -> bool {
    ["Count", "Length", "LongLength", "Rank"]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(name))
}

pub fn reason(target: &Value, name: &str) -> Ctl {
    let is_it = |own: &str| own.eq_ignore_ascii_case(name);
    let has_it = types::members::of(target).is_some_and(|members| members.properties().any(is_it));
    if !has_it {
        return no_property(name);
    }
    let of = target.type_name();
    let is_of_file = matches!(
        of.as_str(),
        "System.IO.FileInfo" | "System.IO.DirectoryInfo"
    );
    if FIXED.contains(&of.as_str()) || is_of_file && OF_FILES.into_iter().any(is_it) {
        return read_only(name);
    }
    refuse(format!(
        "Setting the property '{name}' of a [{of}] is not supported."
    ))
}

/// PropertyIsReadOnly of `ExtendedTypeSystem.resx`.
pub fn read_only(name: &str) -> Ctl {
    fail(
        "System.Management.Automation.RuntimeException",
        "PropertyAssignmentException",
        format!("'{name}' is a ReadOnly property."),
    )
}

/// A script property with a getter alone (PSScriptProperty.Value).
pub fn no_setter(name: &str) -> Ctl {
    fail(
        "System.Management.Automation.SetValueException",
        "SetWithoutSetterFromScriptProperty",
        format!("Set accessor for property \"{name}\" is unavailable."),
    )
}

/// Whether the name is that of a method, which without `()` would be a value of its own.
pub fn is_method(target: &Value, name: &str) -> bool {
    let is_it = |known: &str| known.eq_ignore_ascii_case(name);
    if let Value::Object(object) = target {
        if let Some(PropKind::Method(_)) = object.find(name) {
            return true;
        }
        let mut class = object.class.clone();
        while let Some(found) = class {
            let mut methods = found.def.methods.iter();
            if methods
                .any(|method| !method.is_static && !method.is_constructor && is_it(&method.name))
            {
                return true;
            }
            class = found.base.clone();
        }
    }
    let known = crate::types::members::of(target);
    known.is_some_and(|known| known.methods().any(is_it))
}

/// A method without `()`.
pub fn uncalled(of: &str, name: &str) -> Ctl {
    refuse(format!(
        "The method '{name}' of a [{of}] as a value is not supported. Call it: .{name}()"
    ))
}

pub fn no_property(name: &str) -> Ctl {
    fail(
        "System.Management.Automation.RuntimeException",
        "PropertyNotFound",
        format!(
            "The property '{name}' cannot be found on this object. Verify that the property exists and can be set."
        ),
    )
}

/// What setting a property said, with the property's name before it.
pub fn not_taken(ctl: Ctl, property: &str) -> Ctl {
    match ctl {
        Ctl::Throw(record) => {
            Access::Set.failed(NOT_TAKEN, property, std::rc::Rc::clone(&record.exception))
        }
        other => other,
    }
}

/// What an attribute of the property said of the value.
pub fn not_valid(property: &str, reason: &str) -> Ctl {
    let of = "System.Management.Automation.ValidationMetadataException";
    let inner = Exception::new(of, reason);
    Access::Set.failed(NOT_TAKEN, property, std::rc::Rc::new(inner))
}

const NOT_TAKEN: &str = "ExceptionWhenSetting";
