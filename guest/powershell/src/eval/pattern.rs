//! Wildcards and .NET regular expressions.

use std::cell::RefCell;
use std::rc::Rc;

use fancy_regex::Regex;
use rustc_hash::FxHashMap;

use super::groups::net_groups;
use crate::value::{Ctl, R, fail, method_error};

thread_local! {
    /// Compiled expressions: scripts match in loops.
    static CACHE: RefCell<FxHashMap<(String, bool), Rc<Regex>>> = RefCell::default();
}

/// As many as a script reasonably has; then the cache starts anew.
const CACHE_ENTRIES: usize = 256;

/// The same with `s`, `m`, `x` as they stand in a pattern's `(?…)`.
pub fn regex_with(pattern: &str, minds_case: bool, flags: &str) -> R<Rc<Regex>> {
    if flags.is_empty() {
        return regex(pattern, minds_case);
    }
    regex(&format!("(?{flags}){pattern}"), minds_case)
}

/// Compiles a .NET pattern.
pub fn regex(pattern: &str, minds_case: bool) -> R<Rc<Regex>> {
    let key = (pattern.to_owned(), minds_case);
    if let Some(found) = CACHE.with_borrow(|cache| cache.get(&key).cloned()) {
        return Ok(found);
    }
    let compiled = Rc::new(compile(&translate(pattern), minds_case, pattern)?);
    CACHE.with_borrow_mut(|cache| {
        if cache.len() >= CACHE_ENTRIES {
            cache.clear();
        }
        cache.insert(key, Rc::clone(&compiled));
    });
    Ok(compiled)
}

fn compile(translated: &str, minds_case: bool, pattern: &str) -> R<Regex> {
    let flags = if minds_case { "" } else { "(?i)" };
    Regex::new(&format!("{flags}{translated}")).map_err(|error| {
        method_error(
            "System.Text.RegularExpressions.RegexParseException",
            format!("Invalid pattern '{pattern}': {error}"),
        )
    })
}

/// What differs between .NET's and Rust's syntax: `(?'name'…)`, `$` before a last line end, `\Z`, `[^]…]`.
fn translate(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len() + 8);
    let mut chars = pattern.chars().peekable();
    let mut is_in_class = false;
    let mut n_inner = 0_usize;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let next = chars.next();
                match next {
                    Some('Z') if !is_in_class => text.push_str(r"(?=\n?\z)"),
                    Some('e') => text.push_str(r"\x1b"),
                    Some(
                        '/' | '"' | '\'' | '=' | ':' | '@' | '%' | ',' | '!' | ';' | '`' | '_'
                        | ' ' | '#' | '&' | '~' | '<' | '>',
                    ) if is_in_class || !matches!(next, Some('<' | '>')) => {
                        let literal = next.unwrap_or_default();
                        if matches!(literal, '#' | '&' | '~' | ' ') {
                            text.push('\\');
                        }
                        text.push(literal);
                    }
                    Some(literal @ ('<' | '>')) => text.push(literal),
                    Some(other) => {
                        text.push('\\');
                        text.push(other);
                        // After a class of its own, a hyphen is one: it makes no range.
                        let is_shorthand = matches!(other, 'w' | 'W' | 'd' | 'D' | 's' | 'S');
                        let mut ahead = chars.clone();
                        let is_hyphen = ahead.next() == Some('-') && ahead.next() != Some('[');
                        if is_in_class && is_shorthand && is_hyphen {
                            chars.next();
                            text.push_str(r"\-");
                        }
                    }
                    None => text.push('\\'),
                }
            }
            // `[a-z-[aeiou]]`: what is in the second isn't in the class.
            '-' if is_in_class && chars.peek() == Some(&'[') => {
                chars.next();
                n_inner += 1;
                text.push_str("--[");
                if chars.peek() == Some(&'^') {
                    chars.next();
                    text.push('^');
                }
            }
            '[' if !is_in_class => {
                is_in_class = true;
                text.push('[');
                if chars.peek() == Some(&'^') {
                    chars.next();
                    text.push('^');
                }
                if chars.peek() == Some(&']') {
                    chars.next();
                    text.push_str(r"\]");
                }
            }
            '[' => text.push_str(r"\["),
            // Rust's classes have `&&`, `--` and `~~`; .NET's don't.
            '&' | '~' if is_in_class => {
                text.push('\\');
                text.push(c);
            }
            ']' => {
                is_in_class = n_inner > 0;
                n_inner = n_inner.saturating_sub(1);
                text.push(']');
            }
            '(' if !is_in_class && chars.peek() == Some(&'?') => {
                text.push('(');
                text.push('?');
                chars.next();
                if chars.peek() == Some(&'\'') {
                    chars.next();
                    let name: String = chars.by_ref().take_while(|c| *c != '\'').collect();
                    text.push_str(&format!("<{name}>"));
                }
            }
            '$' if !is_in_class => text.push_str(if is_multiline(pattern) {
                "$"
            } else {
                r"(?:$|(?=\n\z))"
            }),
            _ => text.push(c),
        }
    }
    text
}

fn is_multiline(pattern: &str) -> bool {
    pattern.strip_prefix("(?").is_some_and(|rest| {
        rest.split([')', ':'])
            .next()
            .is_some_and(|flags| flags.contains('m'))
    })
}

/// Back-tracking that took too long.
pub fn too_hard(error: fancy_regex::Error) -> Ctl {
    fail(
        "System.Text.RegularExpressions.RegexMatchTimeoutException",
        "RegexMatchTimeoutException",
        format!("The regular expression took too long: {error}"),
    )
}

/// What `-replace` and `switch -Regex` say of a pattern that can't be read.
pub fn not_valid(ctl: Ctl, pattern: &str) -> Ctl {
    match ctl {
        Ctl::Throw(record) if record.exception.type_name.ends_with(".RegexParseException") => fail(
            "System.Management.Automation.RuntimeException",
            "InvalidRegularExpression",
            format!("The regular expression pattern {pattern} is not valid."),
        ),
        other => other,
    }
}

/// `[regex]::Escape`
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '*' | '+' | '?' | '|' | '{' | '[' | '(' | ')' | '^' | '$' | '.' | '#' => {
                escaped.push('\\');
                escaped.push(c);
            }
            ' ' => escaped.push_str("\\ "),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Splits as .NET does: captured groups are part of the result; at most `limit` parts (0: all). A negative limit counts
/// from the end, as `-split` has it. With `is_explicit` only groups with a name are.
pub fn split(regex: &Regex, text: &str, limit: i32, is_explicit: bool) -> R<Vec<String>> {
    if limit < 0 {
        return split_from_end(regex, text, limit);
    }
    let mut groups = net_groups(regex).split_off(1);
    groups.retain(|group| group.is_named() || !is_explicit);
    let mut parts = Vec::new();
    let mut at = 0;
    let mut n_parts = 1;
    for found in regex.captures_iter(text) {
        if limit > 0 && n_parts >= limit {
            break;
        }
        let found = found.map_err(too_hard)?;
        let Some(whole) = found.get(0) else { continue };
        if whole.start() == whole.end()
            && (whole.start() == text.len() || whole.start() == 0)
            && regex.as_str().len() <= 4
        {
            // An empty pattern gives the characters with an empty string at both ends.
            parts.push(text[at..whole.start()].to_owned());
            at = whole.end();
            n_parts += 1;
            continue;
        }
        parts.push(text[at..whole.start()].to_owned());
        parts.extend(
            groups
                .iter()
                .filter_map(|group| group.of(&found))
                .map(|group| group.as_str().to_owned()),
        );
        at = whole.end();
        n_parts += 1;
    }
    parts.push(text[at..].to_owned());
    Ok(parts)
}

fn split_from_end(regex: &Regex, text: &str, limit: i32) -> R<Vec<String>> {
    let mut found = Vec::new();
    for part in regex.find_iter(text) {
        let part = part.map_err(too_hard)?;
        found.push((part.start(), part.end()));
    }
    Ok(parts(text, within(&found, limit)))
}

/// The delimiters that count where at most `limit` parts are wanted (0: all), the last ones if it is negative.
pub fn within(found: &[(usize, usize)], limit: i32) -> &[(usize, usize)] {
    let n = found
        .len()
        .min(limit.unsigned_abs().saturating_sub(1) as usize);
    match limit {
        0 => found,
        1.. => &found[..n],
        _ => &found[found.len() - n..],
    }
}

/// What stands between the delimiters.
pub fn parts(text: &str, delimiters: &[(usize, usize)]) -> Vec<String> {
    let mut parts = Vec::with_capacity(delimiters.len() + 1);
    let mut at = 0;
    for (start, end) in delimiters {
        parts.push(text[at..*start].to_owned());
        at = *end;
    }
    parts.push(text[at..].to_owned());
    parts
}

/// Whether `text` is like `pattern`: `*`, `?`, `[a-z]`, a backtick before what is meant literally.
pub fn wildcard(pattern: &str, text: &str, minds_case: bool) -> bool {
    let folded = |c: char| {
        if minds_case {
            c
        } else {
            c.to_lowercase().next().unwrap_or(c)
        }
    };
    let parts = parse_wildcard(pattern, &folded);
    let text: Vec<char> = text.chars().map(folded).collect();
    // Two pointers and the last star: linear in practice, quadratic at worst.
    let (mut p, mut t, mut star, mut star_t) = (0, 0, None, 0);
    while t < text.len() {
        if p < parts.len() && matches!(parts[p], Wild::Any) {
            star = Some(p);
            star_t = t;
            p += 1;
        } else if p < parts.len() && parts[p].takes(text[t]) {
            p += 1;
            t += 1;
        } else if let Some(at) = star {
            p = at + 1;
            star_t += 1;
            t = star_t;
        } else {
            return false;
        }
    }
    parts[p..].iter().all(|part| matches!(part, Wild::Any))
}

enum Wild {
    Any,
    One,
    Char(char),
    Class(Vec<(char, char)>),
}

impl Wild {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Char(own) => *own == c,
            Self::Class(ranges) => ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)),
        }
    }
}

fn parse_wildcard(pattern: &str, folded: &dyn Fn(char) -> char) -> Vec<Wild> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '*' => parts.push(Wild::Any),
            '?' => parts.push(Wild::One),
            '`' if at + 1 < chars.len() => {
                at += 1;
                parts.push(Wild::Char(folded(chars[at])));
            }
            '[' => match chars[at..].iter().position(|c| *c == ']') {
                Some(n) if n > 1 => {
                    let inner = &chars[at + 1..at + n];
                    parts.push(Wild::Class(class_ranges(inner, folded)));
                    at += n;
                }
                _ => parts.push(Wild::Char('[')),
            },
            c => parts.push(Wild::Char(folded(c))),
        }
        at += 1;
    }
    parts
}

fn class_ranges(inner: &[char], folded: &dyn Fn(char) -> char) -> Vec<(char, char)> {
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < inner.len() {
        if at + 2 < inner.len() && inner[at + 1] == '-' {
            ranges.push((folded(inner[at]), folded(inner[at + 2])));
            at += 3;
        } else {
            ranges.push((folded(inner[at]), folded(inner[at])));
            at += 1;
        }
    }
    ranges
}

/// Whether a path or name has wildcards in it.
pub fn has_wildcards(text: &str) -> bool {
    text.contains(['*', '?', '['])
}
