//! What a run may use: every limit, its unit, its default and who enforces it, in one table.
//!
//! All limits are on the sum over a run: all memories of all instances together, all output, all
//! files, all requests; time includes time inside host calls.
//!
//! The table below makes the structs, the parser's keys and the reference in `policies/README.md`,
//! so that none of them can be forgotten.

use std::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::origin::Origin;
use super::quantity::{ByteRate, Bytes, Quantity};

/// A limit's value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit<Q> {
    pub value: Q,
    pub origin: Origin,
}

/// What the reference says about one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitKey {
    pub key: &'static str,
    pub unit: &'static str,
    pub default: String,
    pub meaning: &'static str,
    pub enforced_by: &'static str,
}

/// What to do with each limit of a policy, whatever its unit. See [`LimitsAsked::visit`].
pub(super) trait LimitVisitor {
    fn limit<Q: Quantity>(
        &mut self,
        key: &'static str,
        range: Range<Q>,
        slot: &mut Option<Limit<Q>>,
    );
}

/// The values a limit may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range<Q> {
    pub min: Q,
    pub max: Q,
}

/// Sizes and counts beyond this are mistakes; below it no sum of limits overflows.
const MAX: u64 = 1 << 50;

/// Longer than any deployment, short enough to add to any clock.
const MAX_TIME: Duration = Duration::from_secs(30 * 24 * 3600);

macro_rules! limits {
    ($($field:ident, $key:literal: $kind:ty = $default:expr, in $min:expr, $max:expr; $enforced:literal, $meaning:literal;)*) => {
        /// The limits of a run: every one has a value.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub struct Limits { $(#[doc = $meaning] pub $field: Limit<$kind>,)* }

        /// The limits that a policy file sets.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct LimitsAsked { $(#[doc = $meaning] pub $field: Option<Limit<$kind>>,)* }

        impl Default for Limits {
            fn default() -> Limits {
                Limits { $($field: Limit { value: $default, origin: Origin::defaults() },)* }
            }
        }

        impl LimitsAsked {
            /// Shows every limit to `visitor`, in the order of the table.
            pub(super) fn visit(&mut self, visitor: &mut impl LimitVisitor) {
                $(visitor.limit($key, Range { min: $min, max: $max }, &mut self.$field);)*
            }

            /// Raises a limit to `text` if it is lower, for what a run was seen to use.
            ///
            /// # Errors
            /// [`LimitError`] for an unknown key or a value that can't be read.
            pub(super) fn raise(&mut self, key: &str, text: &str) -> Result<(), LimitError> {
                match key {
                    $($key => {
                        let range: Range<$kind> = Range { min: $min, max: $max };
                        let value = range.read(text)?.max(self.$field.as_ref().map_or($min, |limit| limit.value));
                        self.$field = Some(Limit { value, origin: Origin::defaults() });
                    })*
                    _ => return Err(LimitError::UnknownKey),
                }
                Ok(())
            }

            /// Sets one limit, its value given as text.
            ///
            /// # Errors
            /// [`LimitError`] if there is no such limit, or the value can't be one.
            pub fn set(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), LimitError> {
                match key {
                    $($key => {
                        let range: Range<$kind> = Range { min: $min, max: $max };
                        self.$field = Some(Limit { value: range.read(text)?, origin });
                    })*
                    _ => return Err(LimitError::UnknownKey),
                }
                Ok(())
            }

            /// Fills in what the policy leaves open from `otherwise`.
            pub fn or(self, otherwise: Limits) -> Limits {
                Limits { $($field: self.$field.unwrap_or(otherwise.$field),)* }
            }
        }

        impl Limits {
            /// Returns every limit as text: key, value, origin. For people; enforcement uses the fields.
            pub fn listed(&self) -> Vec<(&'static str, String, &Origin)> {
                let Limits { $($field,)* } = self;
                vec![$(($key, $field.value.to_text(), &$field.origin),)*]
            }

            /// Returns these limits with one replaced, its value given as text.
            ///
            /// # Errors
            /// [`LimitError`] if there is no such limit, or the value can't be one.
            pub fn with(mut self, key: &str, text: &str, origin: Origin) -> Result<Limits, LimitError> {
                match key {
                    $($key => {
                        let range = Range { min: $min, max: $max };
                        self.$field = Limit { value: range.read(text)?, origin };
                    })*
                    _ => return Err(LimitError::UnknownKey),
                }
                Ok(self)
            }

            /// Takes the lower of each pair. On a tie the limit of `self` stays, with its origin.
            pub(super) fn lowered_to(self, other: Limits) -> Limits {
                Limits { $($field: if other.$field.value < self.$field.value { other.$field } else { self.$field },)* }
            }

            /// Names the limits of `asked` that are above these: key, what was asked, what is allowed.
            pub(super) fn exceeded_by(&self, asked: &LimitsAsked) -> Vec<ExceededLimit> {
                let mut exceeded = Vec::new();
                $(if let Some(limit) = &asked.$field && limit.value > self.$field.value {
                    exceeded.push(ExceededLimit {
                        key: $key,
                        asked: limit.value.to_text(),
                        asked_at: limit.origin.clone(),
                        allowed: self.$field.value.to_text(),
                        allowed_at: self.$field.origin.clone(),
                    });
                })*
                exceeded
            }
        }

        /// Returns the table for the reference and for suggestions.
        pub fn limit_keys() -> Vec<LimitKey> {
            let defaults = Limits::default();
            vec![$(LimitKey {
                key: $key,
                unit: <$kind as Quantity>::UNIT,
                default: defaults.$field.value.to_text(),
                meaning: $meaning,
                enforced_by: $enforced,
            },)*]
        }
    };
}

limits! {
    memory, "memory": Bytes = Bytes::mib(256), in Bytes::mib(1), Bytes(MAX);
        "worker/sandbox/limits", "All linear memories and tables of the run together.";
    cpu_time, "cpu-time": Duration = Duration::from_secs(30), in Duration::from_millis(1), MAX_TIME;
        "worker/sandbox/meter", "Time spent computing, host calls included.";
    wall_time, "wall-time": Duration = Duration::from_secs(600), in Duration::from_millis(1), MAX_TIME;
        "worker/sandbox/meter", "Time from start to end, waiting included.";
    output, "output": Bytes = Bytes::mib(10), in Bytes(0), Bytes(MAX);
        "worker/sink", "Standard output and standard error together.";
    output_rate, "output-rate": ByteRate = ByteRate::mib_per_second(10), in ByteRate(1), ByteRate(MAX);
        "worker/sink", "How fast output may come; a faster script waits.";
    disk, "disk": Bytes = Bytes(1 << 30), in Bytes(0), Bytes(MAX);
        "worker/sandbox/quota", "All bytes in the writable mounts together.";
    files, "files": u64 = 10_000, in 0, MAX;
        "worker/sandbox/quota", "Files, directories and links created in the writable mounts.";
    handles, "handles": u64 = 1_000, in 8, 1_000_000;
        "worker/sandbox/store", "Open files, streams, requests and other handles at one time.";
    random, "random": Bytes = Bytes::mib(16), in Bytes(0), Bytes(MAX);
        "worker/sandbox/random", "Random bytes asked of the host.";
    requests, "requests": u64 = 1_000, in 0, MAX;
        "worker/sandbox/http", "HTTP requests and TCP connections, redirects included.";
    request_time, "request-time": Duration = Duration::from_secs(60), in Duration::from_millis(1), MAX_TIME;
        "worker/sandbox/http", "One request, from resolving the name to the last byte of the response.";
    response_body, "response-body": Bytes = Bytes::mib(64), in Bytes(0), Bytes(MAX);
        "worker/sandbox/exchange", "The bodies of all responses that are open at one time, together, as they come over the wire.";
    response_headers, "response-headers": Bytes = Bytes::kib(64), in Bytes(0), Bytes::mib(16);
        "worker/sandbox/exchange", "The headers and trailers of one response together.";
}

/// One limit that a policy asks for and its ceiling doesn't allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExceededLimit {
    pub key: &'static str,
    pub asked: String,
    pub asked_at: Origin,
    pub allowed: String,
    pub allowed_at: Origin,
}

/// Why a limit can't be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    #[error("there is no such limit")]
    UnknownKey,
    #[error(transparent)]
    Quantity(#[from] super::quantity::QuantityError),
    #[error("it is below {min}, the least that makes sense")]
    TooSmall { min: String },
    #[error("it is above {max}, the most that makes sense")]
    TooLarge { max: String },
}

impl<Q: Quantity> Range<Q> {
    /// Reads a value that lies in the range.
    pub fn read(&self, text: &str) -> Result<Q, LimitError> {
        let Range { min, max } = *self;
        let value = Q::from_text(text)?;
        if value < min {
            return Err(LimitError::TooSmall { min: min.to_text() });
        }
        if value > max {
            return Err(LimitError::TooLarge { max: max.to_text() });
        }
        Ok(value)
    }
}

/// As the plan shows it: the value in the policy file's spelling, and the origin.
#[derive(Serialize, Deserialize)]
struct LimitText {
    value: String,
    origin: Origin,
}

impl<Q: Quantity> Serialize for Limit<Q> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Limit { value, origin } = self;
        LimitText {
            value: value.to_text(),
            origin: origin.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de, Q: Quantity> Deserialize<'de> for Limit<Q> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Limit<Q>, D::Error> {
        let LimitText { value, origin } = LimitText::deserialize(deserializer)?;
        let value = Q::from_text(&value).map_err(D::Error::custom)?;
        Ok(Limit { value, origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_replaced_by_its_key() {
        let origin = Origin::command_line("--limit memory=1GiB");
        let limits = Limits::default()
            .with("memory", "1GiB", origin.clone())
            .unwrap();
        assert_eq!(
            limits.memory,
            Limit {
                value: Bytes(1 << 30),
                origin: origin.clone()
            }
        );
        let with = |key, text| Limits::default().with(key, text, origin.clone());
        assert_eq!(with("memori", "1GiB"), Err(LimitError::UnknownKey));
        assert_eq!(
            with("memory", "0"),
            Err(LimitError::TooSmall { min: "1MiB".into() })
        );
        assert!(matches!(
            with("wall-time", "1000h"),
            Err(LimitError::TooLarge { .. })
        ));
        assert!(matches!(
            with("wall-time", "10"),
            Err(LimitError::Quantity(_))
        ));
    }

    #[test]
    fn every_default_is_in_its_range() {
        for (key, text, origin) in Limits::default().listed() {
            assert!(
                Limits::default().with(key, &text, origin.clone()).is_ok(),
                "{key} = {text}"
            );
        }
    }
}
