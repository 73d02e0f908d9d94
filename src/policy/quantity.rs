//! Sizes, rates, durations and counts, in the spellings people use.
//!
//! ```text
//! size      256MiB  64 KiB  1GB  1048576      KB, MB, GB are powers of 1000; KiB, MiB, GiB of 1024
//! rate      10MiB/s                            bytes per second
//! duration  500ms  30s  1m30s  2h              parts from large to small, each unit once
//! count     10000  10_000                      a plain number
//! ```

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A number of bytes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Bytes(pub u64);

/// A number of bytes per second.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ByteRate(pub u64);

/// What a limit is measured in.
pub trait Quantity: Copy + Ord + fmt::Debug {
    /// The unit as the reference table names it.
    const UNIT: &'static str;

    fn from_text(text: &str) -> Result<Self, QuantityError>;
    /// The shortest text that [`Quantity::from_text`] reads back as exactly this value.
    fn to_text(self) -> String;
}

/// Why text is not a quantity. The text itself is the caller's to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum QuantityError {
    #[error("it doesn't start with a number")]
    NoNumber,
    #[error("fractions are not read: use a smaller unit")]
    Fraction,
    #[error("the unit is missing")]
    NoUnit,
    #[error("the unit is not known")]
    UnknownUnit,
    #[error("its parts are not in order from large to small")]
    OutOfOrder,
    #[error("it is too large")]
    TooLarge,
}

const SIZE_UNITS: [(&str, u64); 10] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("KB", 1_000),
    ("kB", 1_000),
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

const DURATION_UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl Bytes {
    pub const fn kib(n: u64) -> Bytes {
        Bytes(n << 10)
    }

    pub const fn mib(n: u64) -> Bytes {
        Bytes(n << 20)
    }

    /// Parses a size such as `256MiB` or `1048576`.
    pub fn parse(text: &str) -> Result<Bytes, QuantityError> {
        let text = text.trim();
        let (number, unit) = split_number(text)?;
        let unit = unit.trim();
        if unit.is_empty() {
            return Ok(Bytes(number));
        }
        let (_, factor) = SIZE_UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or(QuantityError::UnknownUnit)?;
        number
            .checked_mul(*factor)
            .map(Bytes)
            .ok_or(QuantityError::TooLarge)
    }
}

impl ByteRate {
    pub const fn mib_per_second(n: u64) -> ByteRate {
        ByteRate(n << 20)
    }

    /// Parses a rate such as `10MiB/s`. A bare number is bytes per second.
    pub fn parse(text: &str) -> Result<ByteRate, QuantityError> {
        let text = text.trim();
        match text.strip_suffix("/s") {
            Some(size) => Ok(ByteRate(Bytes::parse(size)?.0)),
            None => match split_number(text)? {
                (number, "") => Ok(ByteRate(number)),
                _ => Err(QuantityError::UnknownUnit),
            },
        }
    }
}

/// Parses a duration such as `500ms`, `30s` or `1m30s`. A bare number has no unit: refused.
pub fn parse_duration(text: &str) -> Result<Duration, QuantityError> {
    let mut rest = text.trim();
    let mut total_ms: u64 = 0;
    let mut units = DURATION_UNITS.iter();
    loop {
        let (number, after) = split_number(rest)?;
        let after = after.trim_start();
        let end = after
            .find(|c: char| c.is_ascii_digit() || c.is_whitespace())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        if unit.is_empty() {
            return Err(QuantityError::NoUnit);
        }
        if !DURATION_UNITS.iter().any(|(name, _)| *name == unit) {
            return Err(QuantityError::UnknownUnit);
        }
        let (_, factor_ms) = units
            .find(|(name, _)| *name == unit)
            .ok_or(QuantityError::OutOfOrder)?;
        total_ms = number
            .checked_mul(*factor_ms)
            .and_then(|ms| total_ms.checked_add(ms))
            .ok_or(QuantityError::TooLarge)?;
        rest = after.trim_start();
        if rest.is_empty() {
            return Ok(Duration::from_millis(total_ms));
        }
    }
}

/// Splits leading digits (with `_` between them) from the rest.
fn split_number(text: &str) -> Result<(u64, &str), QuantityError> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '_'))
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit()) && !digits.ends_with('_');
    if !is_number {
        return Err(QuantityError::NoNumber);
    }
    if rest.starts_with(['.', ',']) {
        return Err(QuantityError::Fraction);
    }
    let number = digits
        .replace('_', "")
        .parse()
        .map_err(|_| QuantityError::TooLarge)?;
    Ok((number, rest))
}

fn size_text(n: u64) -> String {
    let binary = [("GiB", 1u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match binary
        .iter()
        .find(|(_, factor)| n >= *factor && n.is_multiple_of(*factor))
    {
        Some((unit, factor)) => format!("{}{unit}", n / factor),
        None => format!("{n}B"),
    }
}

impl Quantity for Bytes {
    const UNIT: &'static str = "bytes";

    fn from_text(text: &str) -> Result<Bytes, QuantityError> {
        Bytes::parse(text)
    }

    fn to_text(self) -> String {
        size_text(self.0)
    }
}

impl Quantity for ByteRate {
    const UNIT: &'static str = "bytes per second";

    fn from_text(text: &str) -> Result<ByteRate, QuantityError> {
        ByteRate::parse(text)
    }

    fn to_text(self) -> String {
        format!("{}/s", size_text(self.0))
    }
}

/// A count. Policy files write it without quotes.
impl Quantity for u64 {
    const UNIT: &'static str = "count";

    fn from_text(text: &str) -> Result<u64, QuantityError> {
        match split_number(text.trim())? {
            (number, "") => Ok(number),
            _ => Err(QuantityError::UnknownUnit),
        }
    }

    fn to_text(self) -> String {
        self.to_string()
    }
}

impl Quantity for Duration {
    const UNIT: &'static str = "duration";

    fn from_text(text: &str) -> Result<Duration, QuantityError> {
        parse_duration(text)
    }

    fn to_text(self) -> String {
        // Limits come from text, so they have whole milliseconds; a measured time is rounded up.
        let mut rest = u64::try_from(self.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        let mut text = String::new();
        for (unit, factor_ms) in DURATION_UNITS {
            if rest >= factor_ms {
                text.push_str(&format!("{}{unit}", rest / factor_ms));
                rest %= factor_ms;
            }
        }
        if text.is_empty() {
            "0s".to_owned()
        } else {
            text
        }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_text())
    }
}

impl fmt::Display for ByteRate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_text())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_spellings_are_read() {
        for (text, expected) in [
            ("256MiB", 256 << 20),
            ("1 GiB", 1 << 30),
            ("1GB", 1_000_000_000),
            ("64KB", 64_000),
            ("10_000", 10_000),
            ("0", 0),
            ("7B", 7),
        ] {
            assert_eq!(Bytes::parse(text), Ok(Bytes(expected)), "{text}");
        }
        for (text, expected) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("1m30s", 90_000),
            ("1h 1ms", 3_600_001),
            ("0s", 0),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(expected)),
                "{text}"
            );
        }
        assert_eq!(ByteRate::parse("10MiB/s"), Ok(ByteRate(10 << 20)));
    }

    #[test]
    fn others_are_refused_and_say_why() {
        use QuantityError::*;
        for (text, expected) in [
            ("", NoNumber),
            ("MiB", NoNumber),
            ("-1", NoNumber),
            ("_1", NoNumber),
            ("1_", NoNumber),
            ("1.5GiB", Fraction),
            ("1gib", UnknownUnit),
            ("99999999999GiB", TooLarge),
            ("999999999999999999999", TooLarge),
        ] {
            assert_eq!(Bytes::parse(text), Err(expected), "{text}");
        }
        for (text, expected) in [
            ("30", NoUnit),
            ("30 sec", UnknownUnit),
            ("30s1m", OutOfOrder),
            ("1s1s", OutOfOrder),
            ("s", NoNumber),
        ] {
            assert_eq!(parse_duration(text), Err(expected), "{text}");
        }
        assert_eq!(ByteRate::parse("10MiB"), Err(UnknownUnit));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(n in any::<u64>(), ms in 0u64..1 << 50) {
            prop_assert_eq!(Bytes::parse(&Bytes(n).to_text()), Ok(Bytes(n)));
            prop_assert_eq!(ByteRate::parse(&ByteRate(n).to_text()), Ok(ByteRate(n)));
            let duration = Duration::from_millis(ms);
            prop_assert_eq!(parse_duration(&duration.to_text()), Ok(duration));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = (Bytes::parse(&text), ByteRate::parse(&text), parse_duration(&text), u64::from_text(&text));
        }
    }
}
