//! `[cultureinfo]`: cultures by name, with what scripts ask of them: names of days and months, separators, `TextInfo`.
//!
//! Whatever its name, a culture formats as the invariant one does; only the patterns of en-US are its own.

use std::rc::Rc;

use super::TypeInfo;
use super::datetime_format::{DAYS, MONTHS};
use crate::eval::Engine;
use crate::net_any;
use crate::value::{Net, R, Value, method_error, to_int};

pub const INFO: TypeInfo = TypeInfo {
    statics: &[
        "InvariantCulture",
        "CurrentCulture",
        "CurrentUICulture",
        "GetCultureInfo",
    ],
    create: Some(|_, args| args.first().map(|name| Ok(culture(&name.text())))),
    call: Some(|_, name, args| match (name, args) {
        ("getcultureinfo", [name]) => Some(Ok(culture(&name.text()))),
        _ => None,
    }),
    get: Some(|name| match name {
        "invariantculture" => Some(culture("")),
        "currentculture" | "currentuiculture" => Some(culture(CURRENT)),
        _ => None,
    }),
    ..TypeInfo::named(NAME, &["cultureinfo"])
};

const NAME: &str = "System.Globalization.CultureInfo";
const TEXT_INFO: &str = "System.Globalization.TextInfo";
const NUMBERS: &str = "System.Globalization.NumberFormatInfo";
const DATES: &str = "System.Globalization.DateTimeFormatInfo";

pub const CURRENT: &str = "en-US";

pub fn culture(name: &str) -> Value {
    Value::net(Culture(name.to_owned()))
}

/// Whether the value is a culture, or a part of one, that formats (`IFormatProvider`).
pub fn is_provider(value: &Value) -> bool {
    value.downcast::<Culture>().is_some() || value.downcast::<Part>().is_some()
}

struct Culture(String);

/// A part of a culture, by its type.
struct Part {
    type_name: &'static str,
    culture: String,
}

impl Culture {
    fn part(&self, type_name: &'static str) -> Value {
        Value::net(Part {
            type_name,
            culture: self.0.clone(),
        })
    }

    fn english_name(&self) -> &str {
        match self.0.as_str() {
            "" => "Invariant Language (Invariant Country)",
            CURRENT => "English (United States)",
            name => name,
        }
    }
}

impl Net for Culture {
    net_any!();

    fn type_name(&self) -> &str {
        NAME
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.IFormatProvider".to_owned()]
    }

    fn text(&self) -> String {
        self.0.clone()
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        let other = other.downcast::<Self>()?;
        Some(self.0.eq_ignore_ascii_case(&other.0))
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "name" | "ietflanguagetag" => Value::from(self.0.as_str()),
            "displayname" | "englishname" | "nativename" => Value::from(self.english_name()),
            "lcid" => Value::Int(match self.0.as_str() {
                "" => 127,
                CURRENT => 1033,
                _ => 4096,
            }),
            "twoletterisolanguagename" => match self.0.split('-').next() {
                None | Some("") => Value::from("iv"),
                Some(language) => Value::from(language),
            },
            "isneutralculture" => Value::Bool(!self.0.is_empty() && !self.0.contains('-')),
            "textinfo" => self.part(TEXT_INFO),
            "numberformat" => self.part(NUMBERS),
            "datetimeformat" => self.part(DATES),
            _ => return None,
        })
    }

    fn shown(&self) -> Vec<String> {
        ["LCID", "Name", "DisplayName"].map(str::to_owned).to_vec()
    }

    fn properties(&self) -> Vec<String> {
        self.shown()
    }
}

impl Net for Part {
    net_any!();

    fn type_name(&self) -> &str {
        self.type_name
    }

    fn bases(&self) -> Vec<String> {
        let is_provider = self.type_name != TEXT_INFO;
        let provider = is_provider.then(|| "System.IFormatProvider".to_owned());
        provider.into_iter().collect()
    }

    fn get(&self, name: &str) -> Option<Value> {
        match self.type_name {
            TEXT_INFO if name == "culturename" => Some(Value::from(self.culture.as_str())),
            NUMBERS => of_numbers(name),
            DATES => of_dates(name, self.culture == CURRENT),
            _ => None,
        }
    }

    fn call(self: Rc<Self>, _: &mut Engine, name: &str, args: &[Value]) -> Option<R<Value>> {
        let [argument] = args else { return None };
        let text = || argument.text();
        Some(match (self.type_name, name) {
            (TEXT_INFO, "totitlecase") => Ok(Value::from(title_case(&text()))),
            (TEXT_INFO, "toupper") => Ok(Value::from(text().to_uppercase())),
            (TEXT_INFO, "tolower") => Ok(Value::from(text().to_lowercase())),
            (DATES, "getmonthname") => month(argument, |name| name),
            (DATES, "getabbreviatedmonthname") => month(argument, short),
            (DATES, "getdayname") => day(argument, |name| name),
            (DATES, "getabbreviateddayname") => day(argument, short),
            _ => return None,
        })
    }
}

fn of_numbers(name: &str) -> Option<Value> {
    Some(match name {
        "numberdecimalseparator" | "currencydecimalseparator" | "percentdecimalseparator" => {
            Value::from(".")
        }
        "numbergroupseparator" | "currencygroupseparator" | "percentgroupseparator" => {
            Value::from(",")
        }
        "numberdecimaldigits" | "currencydecimaldigits" | "percentdecimaldigits" => Value::Int(2),
        "currencysymbol" => Value::from("¤"),
        "percentsymbol" => Value::from("%"),
        "negativesign" => Value::from("-"),
        "positivesign" => Value::from("+"),
        "nansymbol" => Value::from("NaN"),
        _ => return None,
    })
}

fn of_dates(name: &str, is_american: bool) -> Option<Value> {
    let pick = |american: &'static str, invariant: &'static str| {
        Value::from(if is_american { american } else { invariant })
    };
    Some(match name {
        "monthnames" => Value::strings(MONTHS.iter().copied().chain([""])),
        "abbreviatedmonthnames" => {
            Value::strings(MONTHS.iter().map(|name| short(name)).chain([""]))
        }
        "daynames" => Value::strings(DAYS),
        "abbreviateddaynames" => Value::strings(DAYS.map(short)),
        "amdesignator" => Value::from("AM"),
        "pmdesignator" => Value::from("PM"),
        "dateseparator" => Value::from("/"),
        "timeseparator" => Value::from(":"),
        "firstdayofweek" => super::enumeration::EnumValue::builtin("System.DayOfWeek", 0),
        "shortdatepattern" => pick("M/d/yyyy", "MM/dd/yyyy"),
        "longdatepattern" => pick("dddd, MMMM d, yyyy", "dddd, dd MMMM yyyy"),
        "shorttimepattern" => pick("h:mm tt", "HH:mm"),
        "longtimepattern" => pick("h:mm:ss tt", "HH:mm:ss"),
        "sortabledatetimepattern" => Value::from("yyyy'-'MM'-'dd'T'HH':'mm':'ss"),
        _ => return None,
    })
}

fn short(name: &'static str) -> &'static str {
    &name[..3]
}

fn month(n: &Value, form: impl Fn(&'static str) -> &'static str) -> R<Value> {
    match to_int(n)? {
        n @ 1..=12 => Ok(Value::from(form(MONTHS[n as usize - 1]))),
        13 => Ok(Value::from("")),
        _ => Err(method_error(
            "System.ArgumentOutOfRangeException",
            "Valid values are between 1 and 13, inclusive. (Parameter 'month')",
        )),
    }
}

fn day(of: &Value, form: impl Fn(&'static str) -> &'static str) -> R<Value> {
    let of = super::enumeration::argument("System.DayOfWeek", of)?;
    let found = DAYS.into_iter().find(|name| *name == of);
    found.map(|name| Value::from(form(name))).ok_or_else(|| {
        method_error(
            "System.ArgumentOutOfRangeException",
            "Valid values are between Sunday and Saturday, inclusive. (Parameter 'dayofweek')",
        )
    })
}

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
