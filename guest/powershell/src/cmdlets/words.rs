//! Parameters that take words out of a few (the members of an enumeration, or a set), one character, or a date.
//!
//! Anything else is an error when the parameter is bound, as in PowerShell; a cmdlet sees the word in full.

use super::Cmdlet;
use crate::types::datetime;
use crate::types::enumeration::{EnumValue, builtin};
use crate::value::{Ctl, R, Value};

/// Which enumeration a parameter of that name is of, in whatever cmdlet.
const ENUMS: &[(&str, &str)] = &[
    (
        "Authentication",
        "Microsoft.PowerShell.Commands.WebAuthenticationType",
    ),
    ("BackgroundColor", "System.ConsoleColor"),
    ("Category", "System.Management.Automation.ErrorCategory"),
    ("CommandType", "System.Management.Automation.CommandTypes"),
    ("EscapeHandling", "Newtonsoft.Json.StringEscapeHandling"),
    ("ForegroundColor", "System.ConsoleColor"),
    ("MemberType", "System.Management.Automation.PSMemberTypes"),
    ("Method", "Microsoft.PowerShell.Commands.WebRequestMethod"),
    ("Option", "System.Management.Automation.ScopedItemOptions"),
    ("PathType", "Microsoft.PowerShell.Commands.TestPathType"),
    (
        "UseQuotes",
        "Microsoft.PowerShell.Commands.BaseCsvWritingCommand+QuoteKind",
    ),
];

/// The words of a parameter that is a text with `[ValidateSet]`.
const SETS: &[(&str, &[&str])] = &[
    ("Algorithm", &["SHA1", "SHA256", "SHA384", "SHA512", "MD5"]),
    ("As", &["Table", "List"]),
    ("CompressionLevel", &["Optimal", "NoCompression", "Fastest"]),
];

/// The value as the cmdlet gets it.
pub fn checked(cmdlet: &Cmdlet, parameter: &str, value: Value) -> R<Value> {
    // Its first argument may be the name of a property or a table of them.
    if cmdlet.name == "Add-Member" {
        return Ok(value);
    }
    let of = ENUMS.iter().find(|(name, _)| *name == parameter);
    if let Some(of) = of.and_then(|(_, of)| builtin(of)) {
        return EnumValue::convert(&of, &value).map_err(|ctl| unbound(parameter, ctl));
    }
    let set = SETS.iter().find(|(name, _)| *name == parameter);
    if let Some((_, words)) = set {
        return in_set(parameter, words, &value.text());
    }
    let is_date = matches!(
        (cmdlet.name, parameter),
        ("Get-Date", "Date")
            | ("New-TimeSpan", "Start" | "End")
            | ("Test-Path", "OlderThan" | "NewerThan")
    );
    if is_date {
        return datetime::convert(&value).map_err(|ctl| unbound(parameter, ctl));
    }
    if parameter == "Delimiter" && is_letter(cmdlet) {
        let text = value.text();
        if text.chars().count() != 1 {
            return Err(not_a_letter(&text));
        }
    }
    Ok(value)
}

/// Whether the cmdlet's `-Delimiter` is one character, not a text.
fn is_letter(cmdlet: &Cmdlet) -> bool {
    cmdlet.name.ends_with("-Csv") || cmdlet.name == "ConvertFrom-StringData"
}

fn not_a_letter(text: &str) -> Ctl {
    crate::value::fail_binding(
        crate::value::Binding::Given,
        "CannotConvertArgumentNoMessage",
        "Delimiter",
        format!(
            "Cannot bind parameter 'Delimiter'. Cannot convert value \"{text}\" to type \"System.Char\". Error: \"String \
             must be exactly one character long.\""
        ),
    )
}

fn unbound(parameter: &str, ctl: Ctl) -> Ctl {
    let Ctl::Throw(record) = ctl else {
        return ctl;
    };
    crate::value::fail_binding(
        crate::value::Binding::Given,
        "CannotConvertArgumentNoMessage",
        parameter,
        format!(
            "Cannot bind parameter '{parameter}'. {}",
            record.exception.message
        ),
    )
}

fn in_set(parameter: &str, words: &[&'static str], text: &str) -> R<Value> {
    let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    found.map(|word| Value::from(*word)).ok_or_else(|| {
        crate::value::fail_binding(crate::value::Binding::Validated, "ParameterArgumentValidationError", parameter,
            format!(
                "Cannot validate argument on parameter '{parameter}'. The argument \"{text}\" does not belong to the set \
                 \"{}\" specified by the ValidateSet attribute. Supply an argument that is in the set and then try the \
                 command again.",
                words.join(",")
            ),
        )
    })
}
