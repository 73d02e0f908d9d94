//! `[version]`.

use std::cmp::Ordering;
use std::rc::Rc;

use super::TypeInfo;
use super::semver::SemVer;
use crate::net_any;
use crate::value::{Net, R, Value, fail, method_error, to_int};

pub const INFO: TypeInfo = TypeInfo {
    statics: &["Parse", "TryParse"],
    convert: Some(|value| match value {
        Value::Net(_) if value.downcast::<Version>().is_some() => Ok(value.clone()),
        Value::Net(_) if value.downcast::<SemVer>().is_some_and(SemVer::is_plain) => {
            let parts = value.downcast::<SemVer>().map(|of| of.parts);
            let found = parts.map(Version::of_parts).map(Value::net);
            found.ok_or_else(|| bad(&value.text()))
        }
        Value::Net(_) if value.downcast::<SemVer>().is_some() => Err(crate::value::refuse(
            "A [version] with the labels of a [semver] is not supported. Use its Major, Minor and Patch.",
        )),
        other => Version::parse(&other.text())
            .map(Value::net)
            .ok_or_else(|| bad(&other.text())),
    }),
    create: Some(create),
    call: Some(|_, name, args| match (name, args) {
        ("parse", [text]) => Some(Version::parse(&text.text()).map(Value::net).ok_or_else(|| {
            let (kind, why) = problem(&text.text());
            method_error(kind, why)
        })),
        ("tryparse", [text, reference]) => {
            let found = Version::parse(&text.text());
            let is_found = found.is_some();
            Some(
                super::numbers::set_reference(reference, found.map_or(Value::Null, Value::net))
                    .map(|()| Value::Bool(is_found)),
            )
        }
        _ => None,
    }),
    get: Some(|_| None),
    ..TypeInfo::named("System.Version", &["version"])
};

fn bad(text: &str) -> crate::value::Ctl {
    no_version(text, INFO.name, &problem(text).1)
}

pub fn no_version(text: &str, kind: &str, why: &str) -> crate::value::Ctl {
    fail(
        "System.Management.Automation.PSInvalidCastException",
        "InvalidCastParseTargetInvocation",
        format!("Cannot convert value \"{text}\" to type \"{kind}\". Error: \"{why}\""),
    )
}

/// The exception that .NET has for a text that is no version, and what it says.
fn problem(text: &str) -> (&'static str, String) {
    let parts: Vec<&str> = text.trim().split('.').collect();
    let is_number = |part: &&&str| part.trim().parse::<i32>().is_ok();
    match parts.iter().find(|part| !is_number(part)) {
        Some(part) if (2..=4).contains(&parts.len()) => (
            "System.FormatException",
            format!("The input string '{part}' was not in a correct format."),
        ),
        None if (2..=4).contains(&parts.len()) => (
            "System.ArgumentOutOfRangeException",
            "Version's parameters must be greater than or equal to zero. (Parameter 'input')"
                .to_owned(),
        ),
        _ => (
            "System.ArgumentException",
            "Version string portion was too short or too long. (Parameter 'input')".to_owned(),
        ),
    }
}

/// Parts that weren't given are -1.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Version([i32; 4]);

impl Version {
    /// The numbers of a semantic version; `None` with a revision, which that has no place for.
    pub fn short(&self) -> Option<[i32; 3]> {
        let [major, minor, build, revision] = self.0;
        (revision < 0).then_some([major, minor, build].map(|part| part.max(0)))
    }

    pub fn major(&self) -> i32 {
        self.0[0]
    }

    pub fn of_parts([major, minor, build]: [i32; 3]) -> Self {
        Self([major, minor, build, -1])
    }

    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = [-1; 4];
        let written: Vec<&str> = text.trim().split('.').collect();
        if !(2..=4).contains(&written.len()) {
            return None;
        }
        for (part, text) in parts.iter_mut().zip(written) {
            *part = text.trim().parse().ok().filter(|n| *n >= 0)?;
        }
        Some(Self(parts))
    }
}

fn create(_: &mut crate::eval::Engine, args: &[Value]) -> Option<R<Value>> {
    if let [text @ Value::Str(_)] = args {
        return Some(
            Version::parse(&text.text())
                .map(Value::net)
                .ok_or_else(|| bad(&text.text())),
        );
    }
    if args.is_empty() {
        return Some(Ok(Value::net(Version([0, 0, -1, -1]))));
    }
    let mut parts = [-1; 4];
    for (part, arg) in parts.iter_mut().zip(args) {
        match to_int(arg) {
            Ok(n) => *part = n,
            Err(ctl) => return Some(Err(ctl)),
        }
    }
    (args.len() <= 4 && args.len() >= 2).then(|| Ok(Value::net(Version(parts))))
}

impl Net for Version {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Version"
    }

    fn bases(&self) -> Vec<String> {
        vec!["System.IComparable".into()]
    }

    fn text(&self) -> String {
        let parts: Vec<String> = self
            .0
            .iter()
            .filter(|n| **n >= 0)
            .map(ToString::to_string)
            .collect();
        parts.join(".")
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(Value::Int(match name {
            "major" => self.0[0],
            "minor" => self.0[1],
            "build" => self.0[2],
            "revision" => self.0[3],
            "majorrevision" => self.0[3] >> 16,
            "minorrevision" => (self.0[3] << 16) >> 16,
            _ => return None,
        }))
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match (name, args) {
            ("tostring", []) => Some(Ok(Value::from(self.text()))),
            ("tostring", [n]) => Some(to_int(n).map(|n| {
                let parts: Vec<String> = self
                    .0
                    .iter()
                    .take(n.max(0) as usize)
                    .map(|n| n.max(&0).to_string())
                    .collect();
                Value::from(parts.join("."))
            })),
            ("compareto", [other]) => {
                let other = (INFO.convert?)(other).ok()?;
                Some(Ok(Value::Int(
                    self.0.cmp(&other.downcast::<Self>()?.0) as i32
                )))
            }
            _ => None,
        }
    }

    fn properties(&self) -> Vec<String> {
        [
            "Major",
            "Minor",
            "Build",
            "Revision",
            "MajorRevision",
            "MinorRevision",
        ]
        .map(String::from)
        .to_vec()
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        match other {
            Value::Str(text) => Some(Self::parse(text)?.0 == self.0),
            other => other.downcast::<Self>().map(|other| other.0 == self.0),
        }
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        other.downcast::<Self>().map(|other| self.0.cmp(&other.0))
    }

    fn hash_key(&self) -> Option<String> {
        Some(self.text())
    }
}
