//! `[semver]`: versions with the labels of a pre-release and a build.

use std::cmp::Ordering;
use std::rc::Rc;

use super::TypeInfo;
use super::version::{Version, no_version};
use crate::net_any;
use crate::value::{Net, R, Value, method_error};

pub const INFO: TypeInfo = TypeInfo {
    statics: &["Parse", "TryParse"],
    convert: Some(|value| match value {
        Value::Net(_) if value.downcast::<SemVer>().is_some() => Ok(value.clone()),
        other => SemVer::parse(&other.text())
            .map(Value::net)
            .ok_or_else(|| bad_label(&other.text())),
    }),
    create: Some(|_, args| match args {
        [Value::Null] => Some(Err(method_error(
            "System.Management.Automation.PSArgumentNullException",
            "Cannot process argument because the value of argument \"version\" is null. Change the value of argument \"version\" to a non-null value.",
        ))),
        [text @ Value::Str(_)] => {
            let found = SemVer::parse(&text.text()).map(Value::net);
            Some(found.ok_or_else(not_a_version))
        }
        [other] if other.downcast::<Version>().is_some() => {
            let found = other.downcast::<Version>()?.short();
            Some(match found {
                Some(parts) => Ok(Value::net(SemVer {
                    parts,
                    label: String::new(),
                    build: String::new(),
                })),
                None => Err(not_an_argument("version")),
            })
        }
        parts if parts.iter().take(3).any(is_negative) => Some(Err(not_an_argument("major"))),
        // Three numbers and the labels of a pre-release and a build.
        parts if matches!(parts.len(), 4 | 5) && parts[..3].iter().all(Value::is_number) => {
            let texts: Vec<String> = parts.iter().map(Value::text).collect();
            let mut text = texts[..3].join(".");
            for (mark, label) in ["-", "+"].iter().zip(&texts[3..]) {
                if !label.is_empty() {
                    text += &format!("{mark}{label}");
                }
            }
            let made = SemVer::parse(&text).map(Value::net);
            Some(made.ok_or_else(|| bad_label(&text)))
        }
        parts if !parts.is_empty() && parts.len() <= 3 && parts.iter().all(Value::is_number) => {
            let text: Vec<String> = parts.iter().map(Value::text).collect();
            Some(
                SemVer::parse(&text.join("."))
                    .map(Value::net)
                    .ok_or_else(|| bad_label(&text.join("."))),
            )
        }
        _ => None,
    }),
    call: Some(|_, name, args| match (name, args) {
        ("parse", [text]) => {
            let found = SemVer::parse(&text.text()).map(Value::net);
            Some(found.ok_or_else(not_a_version))
        }
        ("tryparse", [text, reference]) => {
            let found = SemVer::parse(&text.text());
            let is_found = found.is_some();
            Some(
                super::numbers::set_reference(reference, found.map_or(Value::Null, Value::net))
                    .map(|()| Value::Bool(is_found)),
            )
        }
        _ => None,
    }),
    ..TypeInfo::named("System.Management.Automation.SemanticVersion", &["semver"])
};

fn not_a_version() -> crate::value::Ctl {
    method_error(
        "System.FormatException",
        "The input string '' was not in a correct format.",
    )
}

fn not_an_argument(name: &str) -> crate::value::Ctl {
    method_error(
        "System.Management.Automation.PSArgumentException",
        format!("Cannot process argument because the value of argument \"{name}\" is not valid."),
    )
}

fn is_negative(part: &Value) -> bool {
    part.is_number() && crate::value::to_long(part).is_ok_and(|n| n < 0)
}

/// What may follow `-` and `+`.
fn is_label(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
}

fn bad_label(text: &str) -> crate::value::Ctl {
    no_version(
        text,
        INFO.name,
        "The input string '' was not in a correct format.",
    )
}

pub struct SemVer {
    /// None is negative.
    pub parts: [i32; 3],
    label: String,
    build: String,
}

impl SemVer {
    pub fn value(text: &str) -> Value {
        Self::parse(text).map_or(Value::Null, Value::net)
    }

    pub fn parse(text: &str) -> Option<Self> {
        let (rest, build) = match text.split_once('+') {
            Some((rest, build)) => (rest, is_label(build).then_some(build)?),
            None => (text, ""),
        };
        let (numbers, label) = match rest.split_once('-') {
            Some((numbers, label)) => (numbers, is_label(label).then_some(label)?),
            None => (rest, ""),
        };
        let mut parts = [0; 3];
        let written: Vec<&str> = numbers.split('.').collect();
        if written.is_empty() || written.len() > 3 {
            return None;
        }
        for (part, text) in parts.iter_mut().zip(written) {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            *part = text.parse().ok().filter(|_| is_number)?;
        }
        Some(Self {
            parts,
            label: label.to_owned(),
            build: build.to_owned(),
        })
    }

    /// Whether it has no labels.
    pub fn is_plain(&self) -> bool {
        self.label.is_empty() && self.build.is_empty()
    }

    fn order(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts).then_with(|| {
            match (self.label.is_empty(), other.label.is_empty()) {
                (true, true) => Ordering::Equal,
                // A release comes after its pre-releases.
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => labels(&self.label, &other.label),
            }
        })
    }
}

fn labels(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                _ => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl Net for SemVer {
    net_any!();

    fn type_name(&self) -> &str {
        "System.Management.Automation.SemanticVersion"
    }

    fn text(&self) -> String {
        let [major, minor, patch] = self.parts;
        let label = if self.label.is_empty() {
            String::new()
        } else {
            format!("-{}", self.label)
        };
        let build = if self.build.is_empty() {
            String::new()
        } else {
            format!("+{}", self.build)
        };
        format!("{major}.{minor}.{patch}{label}{build}")
    }

    fn get(&self, name: &str) -> Option<Value> {
        Some(match name {
            "major" => Value::Int(self.parts[0]),
            "minor" => Value::Int(self.parts[1]),
            "patch" => Value::Int(self.parts[2]),
            "prereleaselabel" => {
                if self.label.is_empty() {
                    Value::Null
                } else {
                    Value::from(self.label.as_str())
                }
            }
            "buildlabel" => {
                if self.build.is_empty() {
                    Value::Null
                } else {
                    Value::from(self.build.as_str())
                }
            }
            _ => return None,
        })
    }

    fn call(
        self: Rc<Self>,
        _: &mut crate::eval::Engine,
        name: &str,
        args: &[Value],
    ) -> Option<R<Value>> {
        match (name, args) {
            ("compareto", [other]) => {
                let other = (INFO.convert?)(other).ok()?;
                Some(Ok(Value::Int(self.order(other.downcast::<Self>()?) as i32)))
            }
            _ => None,
        }
    }

    fn properties(&self) -> Vec<String> {
        ["Major", "Minor", "Patch", "PreReleaseLabel", "BuildLabel"]
            .map(String::from)
            .to_vec()
    }

    fn equal(&self, other: &Value) -> Option<bool> {
        other
            .downcast::<Self>()
            .map(|other| self.order(other).is_eq())
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        other.downcast::<Self>().map(|other| self.order(other))
    }

    fn hash_key(&self) -> Option<String> {
        Some(self.text())
    }
}
