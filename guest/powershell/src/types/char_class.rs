//! `[char]`'s static members.
//!
//! Categories are Unicode's general ones, as .NET asks for them (`System.Char`).

use super::TypeInfo;
use super::enumeration::{self, EnumValue};
use crate::eval::{Engine, pattern};
use crate::value::{R, Value, method_error, to_char, to_int};

pub const INFO: TypeInfo = TypeInfo {
    name: "System.Char",
    aliases: &["char"],
    bases: &["System.ValueType", "System.IComparable"],
    statics: &[
        "IsDigit",
        "IsLetter",
        "IsLetterOrDigit",
        "IsUpper",
        "IsLower",
        "IsWhiteSpace",
        "IsPunctuation",
        "IsNumber",
        "IsControl",
        "IsSymbol",
        "IsSeparator",
        "IsAscii",
        "IsSurrogate",
        "GetNumericValue",
        "GetUnicodeCategory",
        "ConvertFromUtf32",
        "ConvertToUtf32",
        "ToUpper",
        "ToLower",
        "ToUpperInvariant",
        "ToLowerInvariant",
        "ToString",
        "Parse",
        "MaxValue",
        "MinValue",
    ],
    convert: Some(|value| to_char(value).map(Value::Char)),
    create: None,
    call: Some(call),
    get: Some(|name| match name {
        "maxvalue" => Some(Value::Char('\u{ffff}')),
        "minvalue" => Some(Value::Char('\0')),
        _ => None,
    }),
};

fn call(_: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
    if let ("convertfromutf32", [n]) = (name, args) {
        return Some(to_int(n).and_then(from_utf32));
    }
    let c = match args {
        [one] => to_char(one),
        [text, at] => to_int(at).and_then(|at| {
            let found = text.text().chars().nth(usize::try_from(at).unwrap_or(usize::MAX));
            found.ok_or_else(|| {
                method_error(
                    "System.ArgumentOutOfRangeException",
                    "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')",
                )
            })
        }),
        _ => return None,
    };
    match c {
        Ok(c) => of_char(name, c),
        Err(ctl) => Some(Err(ctl)),
    }
}

fn of_char(name: &str, c: char) -> Option<R<Value>> {
    if let Some(class) = class_of(name) {
        return Some(is_in(c, class).map(Value::Bool));
    }
    Some(Ok(match name {
        "iswhitespace" => Value::Bool(c.is_whitespace()),
        "isascii" => Value::Bool(c.is_ascii()),
        // No string here holds half a character.
        "issurrogate" => Value::Bool(false),
        "getnumericvalue" => Value::Double(c.to_digit(10).map_or(-1.0, f64::from)),
        "getunicodecategory" => return Some(category(c)),
        "converttoutf32" => Value::Int(c as i32),
        "toupper" | "toupperinvariant" => Value::Char(single(c.to_uppercase(), c)),
        "tolower" | "tolowerinvariant" => Value::Char(single(c.to_lowercase(), c)),
        "tostring" => Value::from(c.to_string()),
        "parse" => Value::Char(c),
        _ => return None,
    }))
}

/// The other case, where it is one character: `[char]::ToUpper('ß')` is `ß`.
fn single(mut cased: impl Iterator<Item = char>, c: char) -> char {
    match (cased.next(), cased.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// The characters that a question is about, as a regular expression's class.
fn class_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "isdigit" => r"\p{Nd}",
        "isnumber" => r"\p{N}",
        "isletter" => r"\p{L}",
        "isletterordigit" => r"[\p{L}\p{Nd}]",
        "isupper" => r"\p{Lu}",
        "islower" => r"\p{Ll}",
        "ispunctuation" => r"\p{P}",
        "issymbol" => r"\p{S}",
        "isseparator" => r"\p{Z}",
        "iscontrol" => r"\p{Cc}",
        _ => return None,
    })
}

fn is_in(c: char, class: &str) -> R<bool> {
    let regex = pattern::regex(class, true)?;
    Ok(regex.is_match(c.encode_utf8(&mut [0; 4])).unwrap_or(false))
}

/// `[Globalization.UnicodeCategory]`'s members, by their short names.
const CATEGORIES: [(&str, &str); 29] = [
    ("Lu", "UppercaseLetter"),
    ("Ll", "LowercaseLetter"),
    ("Lt", "TitlecaseLetter"),
    ("Lm", "ModifierLetter"),
    ("Lo", "OtherLetter"),
    ("Mn", "NonSpacingMark"),
    ("Mc", "SpacingCombiningMark"),
    ("Me", "EnclosingMark"),
    ("Nd", "DecimalDigitNumber"),
    ("Nl", "LetterNumber"),
    ("No", "OtherNumber"),
    ("Zs", "SpaceSeparator"),
    ("Zl", "LineSeparator"),
    ("Zp", "ParagraphSeparator"),
    ("Cc", "Control"),
    ("Cf", "Format"),
    ("Co", "PrivateUse"),
    ("Pc", "ConnectorPunctuation"),
    ("Pd", "DashPunctuation"),
    ("Ps", "OpenPunctuation"),
    ("Pe", "ClosePunctuation"),
    ("Pi", "InitialQuotePunctuation"),
    ("Pf", "FinalQuotePunctuation"),
    ("Po", "OtherPunctuation"),
    ("Sm", "MathSymbol"),
    ("Sc", "CurrencySymbol"),
    ("Sk", "ModifierSymbol"),
    ("So", "OtherSymbol"),
    ("Cn", "OtherNotAssigned"),
];

fn category(c: char) -> R<Value> {
    for (short, name) in CATEGORIES {
        if is_in(c, &format!(r"\p{{{short}}}"))? {
            return Ok(enumeration::builtin("System.Globalization.UnicodeCategory")
                .and_then(|of| EnumValue::parse(&of, name))
                .unwrap_or_else(|| Value::from(name)));
        }
    }
    Ok(Value::Null)
}

fn from_utf32(n: i32) -> R<Value> {
    match u32::try_from(n).ok().and_then(char::from_u32) {
        Some(c) => Ok(Value::from(c.to_string())),
        None => Err(method_error(
            "System.ArgumentOutOfRangeException",
            "A valid UTF32 value is between 0x000000 and 0x10ffff, inclusive, and should not include surrogate codepoint values (0x00d800 ~ 0x00dfff). (Parameter 'utf32')",
        )),
    }
}
