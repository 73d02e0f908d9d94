//! .NET's custom number formats: `#,##0.00`, `000`, `0.0%`, sections by `;`, in the invariant culture.
//!
//! A format is read into parts once, so that what stands escaped or in quotes is never taken for a place. Exponents
//! (`0.0E+0`) are refused. The page is .NET's "Custom numeric format strings".

use rust_decimal::Decimal;

use super::number::{fixed, grouped};
use crate::value::{Num, R, Value, refuse, to_double};

#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// `0`
    Digit,
    /// `#`
    Maybe,
    Point,
    Comma,
    /// `%` and `‰`, which count a hundred or a thousand times as much.
    Times(char),
    Literal(char),
}

impl Part {
    fn is_place(&self) -> bool {
        matches!(self, Part::Digit | Part::Maybe)
    }
}

/// A section, with what it says of the number.
struct Section {
    parts: Vec<Part>,
    /// Where the point is, or the end.
    point: usize,
    n_fraction: usize,
    n_fraction_min: usize,
    n_whole_min: usize,
    is_grouped: bool,
    /// What the number is multiplied by, in powers of ten.
    scale: i32,
}

pub fn custom(value: &Value, format: &str) -> R<String> {
    let sections: Vec<Section> = sections(format)?.into_iter().map(Section::of).collect();
    let n = to_double(value)?;
    let wanted = if n < 0.0 {
        1
    } else if n == 0.0 {
        2
    } else {
        0
    };
    let chosen = chosen(&sections, wanted);
    let (whole, fraction) = sections[chosen].digits(value, n)?;
    let is_zero = !whole.bytes().chain(fraction.bytes()).any(is_significant);
    let at_zero = self::chosen(&sections, 2);
    // What rounds to nothing is shown as zero is.
    if is_zero && chosen == 1 && at_zero != chosen {
        let (whole, fraction) = sections[at_zero].digits(&Value::Int(0), 0.0)?;
        return Ok(sections[at_zero].placed(&whole, &fraction));
    }
    let sign = match n < 0.0 && chosen == 0 && (!is_zero || n <= -1.0) {
        true => "-",
        false => "",
    };
    Ok(format!(
        "{sign}{}",
        sections[chosen].placed(&whole, &fraction)
    ))
}

fn is_significant(byte: u8) -> bool {
    (b'1'..=b'9').contains(&byte)
}

/// The section for negative numbers (1) or zero (2); the first, where that one isn't there or is empty.
fn chosen(sections: &[Section], wanted: usize) -> usize {
    match sections.get(wanted) {
        Some(section) if !section.parts.is_empty() => wanted,
        _ => 0,
    }
}

fn sections(format: &str) -> R<Vec<Vec<Part>>> {
    let mut sections = vec![Vec::new()];
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        let mut parts = Vec::new();
        match c {
            ';' => sections.push(Vec::new()),
            '0' => parts.push(Part::Digit),
            '#' => parts.push(Part::Maybe),
            '.' => parts.push(Part::Point),
            ',' => parts.push(Part::Comma),
            '%' | '‰' => parts.push(Part::Times(c)),
            '\\' => parts.extend(chars.next().map(Part::Literal)),
            '\'' | '"' => parts.extend(
                chars
                    .by_ref()
                    .take_while(|other| *other != c)
                    .map(Part::Literal),
            ),
            'e' | 'E' if is_exponent(chars.as_str()) => {
                return Err(refuse(format!(
                    "Exponents in number formats, as in '{format}', are not supported. Use the format E."
                )));
            }
            other => parts.push(Part::Literal(other)),
        }
        if let Some(section) = sections.last_mut() {
            section.extend(parts);
        }
    }
    Ok(sections)
}

fn is_exponent(rest: &str) -> bool {
    rest.strip_prefix(['+', '-'])
        .unwrap_or(rest)
        .starts_with('0')
}

impl Section {
    fn of(parts: Vec<Part>) -> Self {
        let point = parts
            .iter()
            .position(|part| *part == Part::Point)
            .unwrap_or(parts.len());
        let places = |parts: &[Part]| -> Vec<Part> {
            let found = parts.iter().filter(|part| part.is_place());
            found.copied().collect()
        };
        let (whole, fraction) = (places(&parts[..point]), places(&parts[point..]));
        let is_digit = |part: &Part| *part == Part::Digit;
        let last_place = parts[..point].iter().rposition(Part::is_place);
        let (inner, after) = parts[..point].split_at(last_place.map_or(0, |at| at + 1));
        let n_thousands = after.iter().filter(|part| **part == Part::Comma).count() as i32;
        let times = |part: &Part| match part {
            Part::Times('%') => 2,
            Part::Times(_) => 3,
            _ => 0,
        };
        let scale: i32 = parts.iter().map(times).sum();
        let first_place = inner.iter().position(Part::is_place).unwrap_or(0);
        Self {
            point,
            n_fraction: fraction.len(),
            n_fraction_min: fraction.iter().rposition(is_digit).map_or(0, |at| at + 1),
            n_whole_min: whole
                .iter()
                .position(is_digit)
                .map_or(0, |at| whole.len() - at),
            is_grouped: inner[first_place..].contains(&Part::Comma),
            scale: scale - 3 * n_thousands,
            parts,
        }
    }

    /// The number's digits before and after the point, as many as there are places for.
    fn digits(&self, value: &Value, n: f64) -> R<(String, String)> {
        let scaled = match self.scale {
            0 => value.clone(),
            scale => Value::Double(n * 10f64.powi(scale)),
        };
        let text = fixed(&fifteen_digits(scaled), self.n_fraction)?;
        let text = text.trim_start_matches('-');
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let whole = whole.trim_start_matches('0');
        let mut whole = format!("{whole:0>width$}", width = self.n_whole_min);
        if self.is_grouped {
            whole = grouped(&whole);
        }
        let mut fraction = fraction.to_owned();
        while fraction.len() > self.n_fraction_min && fraction.ends_with('0') {
            fraction.pop();
        }
        Ok((whole, fraction))
    }

    /// The digits in the places that the format has for them; what stands around and between them stays as it is.
    ///
    /// The first place takes all the digits that the others leave. Digits in groups are put there as one.
    fn placed(&self, whole: &str, fraction: &str) -> String {
        let before = &self.parts[..self.point];
        let n_others = before
            .iter()
            .filter(|part| part.is_place())
            .count()
            .saturating_sub(1);
        let n_alone = match whole.contains(',') {
            true => 0,
            false => n_others.min(whole.len()),
        };
        let (first, alone) = whole.split_at(whole.len() - n_alone);
        // Places without a digit are those after the first one.
        let mut n_empty = n_others - n_alone;
        let (mut alone, mut fraction) = (alone.chars(), fraction.chars().peekable());
        let (mut is_begun, mut is_after_point) = (false, false);
        let mut text = String::new();
        for part in &self.parts {
            if !is_begun && (part.is_place() || *part == Part::Point) {
                text.push_str(first);
                is_begun = true;
                if part.is_place() {
                    continue;
                }
            }
            match part {
                Part::Digit | Part::Maybe if is_after_point => text.extend(fraction.next()),
                Part::Digit | Part::Maybe if n_empty > 0 => n_empty -= 1,
                Part::Digit | Part::Maybe => text.extend(alone.next()),
                Part::Point => {
                    if !is_after_point && fraction.peek().is_some() {
                        text.push('.');
                    }
                    is_after_point = true;
                }
                Part::Comma => {}
                Part::Times(c) | Part::Literal(c) => text.push(*c),
            }
        }
        text
    }
}

/// A custom format sees a Double's first fifteen digits only (`DoublePrecisionCustomFormat`), so that 2.675 is a tie.
fn fifteen_digits(value: Value) -> Value {
    match value {
        Value::Double(n) => Decimal::from_scientific(&format!("{n:.14e}"))
            .map_or(Value::Double(n), |n| Value::Num(Num::Decimal(n))),
        other => other,
    }
}
