//! Versions, with Octopus's relaxations of Semantic Versioning: one to four numbers, leading zeros, and anything
//! that SemVer lets stand behind a hyphen or a plus (Octopus documentation, "Versioning schemes").

use std::cmp::Ordering;

/// A version, for comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    numbers: [u64; 4],
    prerelease: Vec<Part>,
    /// Decides nothing between versions but which of two equal ones comes first, so that lists have one order.
    text: String,
}

/// A part of what follows the hyphen: numbers come before words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Word(String),
}

impl Version {
    /// `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (core, _metadata) = text.split_once('+').unwrap_or((text, ""));
        let (core, prerelease) = match core.split_once('-') {
            Some((core, prerelease)) => (core, Some(prerelease)),
            None => (core, None),
        };
        let mut numbers = [0; 4];
        let mut slots = numbers.iter_mut();
        for part in core.split('.') {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            *slots.next()? = part.parse().ok().filter(|_| is_number)?;
        }
        let mut parts = Vec::new();
        for part in prerelease.into_iter().flat_map(|text| text.split('.')) {
            let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if part.is_empty() || !part.chars().all(is_word) {
                return None;
            }
            parts.push(match part.parse() {
                Ok(number) if part.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Part::Number(number)
                }
                Ok(_) | Err(_) => Part::Word(part.to_lowercase()),
            });
        }
        Some(Self {
            numbers,
            prerelease: parts,
            text: text.to_lowercase(),
        })
    }

    /// Whether something follows a hyphen.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }
}

impl Version {
    /// The order that the version itself says, without how it is written.
    fn rank(&self, other: &Self) -> Ordering {
        let of_prerelease = match (self.is_prerelease(), other.is_prerelease()) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => self.prerelease.cmp(&other.prerelease),
        };
        self.numbers.cmp(&other.numbers).then(of_prerelease)
    }

    /// What follows the hyphen, with its dots.
    pub fn prerelease(&self) -> &str {
        let core = self.text.split('+').next().unwrap_or_default();
        core.split_once('-')
            .map_or("", |(_, prerelease)| prerelease)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank(other).then_with(|| self.text.cmp(&other.text))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Some versions, as NuGet writes them: `[1.0,2.0)`, `(,1.5]`, `[1.2.3]`, and `1.0` for 1.0 and above.
///
/// Source: NuGet documentation, "Version ranges".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The lower end, and whether it is included.
    from: Option<(Version, bool)>,
    to: Option<(Version, bool)>,
}

impl Range {
    /// `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let Some(inner) = text.strip_prefix(['[', '(']) else {
            return Some(Self {
                from: Some((Version::parse(text)?, true)),
                to: None,
            });
        };
        let inner = inner.strip_suffix([']', ')'])?;
        let (includes_from, includes_to) = (text.starts_with('['), text.ends_with(']'));
        let end = |text: &str, includes: bool| match text.trim() {
            "" => Some(None),
            text => Some(Some((Version::parse(text)?, includes))),
        };
        match inner.split_once(',') {
            None => {
                let only = Version::parse(inner.trim()).filter(|_| includes_from && includes_to)?;
                Some(Self {
                    from: Some((only.clone(), true)),
                    to: Some((only, true)),
                })
            }
            Some((from, to)) => Some(Self {
                from: end(from, includes_from)?,
                to: end(to, includes_to)?,
            }),
        }
    }

    /// Whether the version is one of them.
    pub fn has(&self, version: &Version) -> bool {
        let is_above = self.from.as_ref().is_none_or(|(from, includes)| {
            let order = version.rank(from);
            order == Ordering::Greater || (*includes && order == Ordering::Equal)
        });
        let is_below = self.to.as_ref().is_none_or(|(to, includes)| {
            let order = version.rank(to);
            order == Ordering::Less || (*includes && order == Ordering::Equal)
        });
        is_above && is_below
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_have_the_order_of_semantic_versioning() {
        // The chain of SemVer 2.0.0, section 11, with Octopus's four numbers and short versions.
        let chain = [
            "0.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.0.1",
            "1.0.1",
            "1.02.0",
            "1.10",
            "2",
        ];
        let versions: Vec<_> = chain
            .iter()
            .map(|text| Version::parse(text).expect(text))
            .collect();
        for pair in versions.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
        for text in [
            "",
            ".",
            "1.",
            "1..2",
            "a",
            "1.2.3.4.5",
            "1-",
            "1-a..b",
            "1.2.3-ä",
            "99999999999999999999",
        ] {
            assert_eq!(Version::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_range_has_its_ends_as_it_says() {
        for (range, version, expected) in [
            ("1.0", "1.0", true),
            ("1.0", "0.9", false),
            ("[1.0,2.0)", "1.0.0", true),
            ("[1.0,2.0)", "2.0", false),
            ("(1.0,2.0]", "1.0", false),
            ("(1.0,2.0]", "2.0", true),
            ("(,1.5]", "0.1", true),
            ("[1.2.3]", "1.2.3", true),
            ("[1.2.3]", "1.2.4", false),
            ("[1.0,)", "99", true),
            ("[1.0,2.0)", "2.0-beta", true),
        ] {
            let parsed = Range::parse(range).expect(range);
            assert_eq!(
                parsed.has(&Version::parse(version).expect(version)),
                expected,
                "{range} {version}"
            );
        }
        for range in ["", "[", "[1.0", "(1.0)", "[a,b]", "1.0,2.0"] {
            assert_eq!(Range::parse(range), None, "{range:?}");
        }
    }

    proptest! {
        #[test]
        fn what_semver_orders_has_the_same_order_here(a in arbitrary(), b in arbitrary()) {
            let strict = |text: &str| semver(text);
            let ours = Version::parse(&a).cmp(&Version::parse(&b));
            if strict(&a) != strict(&b) {
                prop_assert_eq!(ours, strict(&a).cmp(&strict(&b)), "{} {}", a, b);
            }
        }
    }

    fn arbitrary() -> impl Strategy<Value = String> {
        "(0|[1-9][0-9]{0,2})\\.(0|[1-9])\\.(0|[1-9])(-(0|[1-9]|[a-c]{1,2})(\\.(0|[1-9]|[a-c]))?)?"
    }

    /// The order of the `semver` crate, without what it orders by build metadata.
    fn semver(text: &str) -> ::semver::Version {
        ::semver::Version::parse(text).expect("it is a strict version")
    }
}
