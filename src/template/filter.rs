//! `| Filter argument`: what turns one value into another. Pure; names and results are Octostache's.
//!
//! Absent: what needs a clock (`NowDate` …), what is weak (`MD5`, `SHA1`), and Markdown. A filter that
//! isn't here is refused when the template is parsed. One that can't do its work on a value, such as
//! `FromBase64` of no base64, gives nothing, and the token is left as written.

use std::fmt;
use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Regex, RegexBuilder};
use sha2::{Digest as _, Sha256};

/// Compiled form of a pattern in bytes. `regex` matches in linear time whatever the pattern, so a
/// hostile one can only be large.
const PATTERN_BYTES: usize = 1 << 20;
/// Widest indentation, in spaces.
const MAX_INDENT: usize = 255;

/// RFC 3986, "unreserved": what .NET's `Uri.EscapeDataString` leaves alone.
const DATA: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// And "reserved", with `%`: what `Uri.EscapeUriString` leaves alone.
const URI: &AsciiSet = &DATA
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'#')
    .remove(b'[')
    .remove(b']')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=');

macro_rules! filters {
    ($($name:ident($least:literal..=$most:literal)),* $(,)?) => {
        /// A filter that exists.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Filter { $($name),* }

        const ALL: &[(Filter, &str, RangeInclusive<usize>)] =
            &[$((Filter::$name, stringify!($name), $least..=$most)),*];
    };
}

filters! {
    Append(1..=1), Contains(1..=1), EndsWith(1..=1), FromBase64(0..=1), HtmlEscape(0..=0), Indent(0..=1),
    JsonEscape(0..=0), Match(1..=1), Prepend(1..=1), PropertiesValueEscape(0..=0), Replace(2..=2), Sha256(0..=0),
    StartsWith(1..=1), Substring(1..=2), ToBase64(0..=1), ToLower(0..=0), ToUpper(0..=0), Trim(0..=1),
    Truncate(1..=1), UriDataEscape(0..=0), UriEscape(0..=0), UriPart(1..=1), VersionMajor(0..=0),
    VersionMetadata(0..=0), VersionMinor(0..=0), VersionPatch(0..=0), VersionPreRelease(0..=0), VersionPreReleaseCounter(0..=0),
    VersionPreReleasePrefix(0..=0), VersionRevision(0..=0), XmlEscape(0..=0), YamlDoubleQuoteEscape(0..=0),
    YamlSingleQuoteEscape(0..=0),
}

/// A result would be larger than it may be.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLarge;

impl Filter {
    /// The filter called `name`, whatever its case.
    pub fn named(name: &str) -> Option<Filter> {
        ALL.iter()
            .find(|(_, known, _)| known.eq_ignore_ascii_case(name))
            .map(|(filter, ..)| *filter)
    }

    /// All names, for an error message.
    pub fn names() -> String {
        let names: Vec<&str> = ALL.iter().map(|(_, name, _)| *name).collect();
        names.join(", ")
    }

    /// How many arguments it takes.
    pub fn takes(self) -> RangeInclusive<usize> {
        self.entry().2.clone()
    }

    /// The same in words, for an error message.
    pub fn takes_in_words(self) -> String {
        let takes = self.takes();
        match (takes.start(), takes.end()) {
            (least, most) if least == most => least.to_string(),
            (least, most) => format!("{least} to {most}"),
        }
    }

    fn entry(self) -> &'static (Filter, &'static str, RangeInclusive<usize>) {
        ALL.iter()
            .find(|(filter, ..)| *filter == self)
            .expect("the same list makes both")
    }

    /// Applies the filter. `None` if it can do nothing with this value or these arguments.
    ///
    /// # Errors
    /// [`TooLarge`] if the result would have more than `max_bytes` bytes, where it can be much larger
    /// than the value.
    pub fn apply(
        self,
        value: &str,
        arguments: &[String],
        max_bytes: usize,
    ) -> Result<Option<String>, TooLarge> {
        let argument = |index: usize| arguments.get(index).map_or("", String::as_str);
        let first = argument(0);
        Ok(match self {
            Filter::Append => Some(format!("{value}{first}")),
            Filter::Contains => said(value.contains(first)),
            Filter::EndsWith => said(value.ends_with(first)),
            Filter::FromBase64 => from_base64(value, first),
            Filter::HtmlEscape => Some(escaped(value, |c| match c {
                '&' => Some("&amp;"),
                '<' => Some("&lt;"),
                '>' => Some("&gt;"),
                '"' => Some("&quot;"),
                '\'' => Some("&#39;"),
                _ => None,
            })),
            Filter::Indent => return indent(value, first, max_bytes),
            Filter::JsonEscape => json_escape(value),
            Filter::Match => pattern(first).and_then(|pattern| said(pattern.is_match(value))),
            Filter::Prepend => Some(format!("{first}{value}")),
            Filter::PropertiesValueEscape => Some(escaped(value, |c| match c {
                '\\' => Some("\\\\"),
                '\n' => Some("\\n"),
                '\r' => Some("\\r"),
                '\t' => Some("\\t"),
                _ => None,
            })),
            Filter::Replace => return replace(value, first, argument(1), max_bytes),
            Filter::Sha256 => Some(hex::encode(Sha256::digest(value))),
            Filter::StartsWith => said(value.starts_with(first)),
            Filter::Substring => match arguments {
                [start, length] => substring(value, start, length),
                _ => substring(value, "0", first),
            },
            Filter::ToBase64 => to_base64(value, first),
            Filter::ToLower => Some(value.to_lowercase()),
            Filter::ToUpper => Some(value.to_uppercase()),
            Filter::Trim => match first.to_ascii_lowercase().as_str() {
                "" => Some(value.trim().to_owned()),
                "start" => Some(value.trim_start().to_owned()),
                "end" => Some(value.trim_end().to_owned()),
                _ => None,
            },
            Filter::Truncate => first.parse().ok().map(|length| truncate(value, length)),
            Filter::UriDataEscape => Some(utf8_percent_encode(value, DATA).to_string()),
            Filter::UriEscape => Some(utf8_percent_encode(value, URI).to_string()),
            Filter::UriPart => uri_part(value, first),
            Filter::VersionMajor => Some(version(value).number(0)),
            Filter::VersionMinor => Some(version(value).number(1)),
            Filter::VersionPatch => Some(version(value).number(2)),
            Filter::VersionRevision => Some(version(value).number(3)),
            Filter::VersionPreRelease => Some(version(value).pre_release.to_owned()),
            Filter::VersionPreReleasePrefix => {
                Some(version(value).pre_release_parts().0.to_owned())
            }
            Filter::VersionPreReleaseCounter => {
                Some(version(value).pre_release_parts().1.to_owned())
            }
            Filter::VersionMetadata => Some(version(value).metadata.to_owned()),
            Filter::XmlEscape => Some(escaped(value, |c| match c {
                '&' => Some("&amp;"),
                '<' => Some("&lt;"),
                '>' => Some("&gt;"),
                '"' => Some("&quot;"),
                '\'' => Some("&apos;"),
                _ => None,
            })),
            Filter::YamlDoubleQuoteEscape => json_escape(value),
            Filter::YamlSingleQuoteEscape => Some(value.replace('\'', "''")),
        })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.entry().1)
    }
}

fn said(claim: bool) -> Option<String> {
    Some(claim.to_string())
}

fn escaped(value: &str, escape: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        match escape(character) {
            Some(text) => out.push_str(text),
            None => out.push(character),
        }
    }
    out
}

fn json_escape(value: &str) -> Option<String> {
    let text = serde_json::to_string(value).ok()?;
    Some(text[1..text.len() - 1].to_owned())
}

/// `utf8`, the default, or `unicode`, which is UTF-16 in little-endian order as .NET has it.
fn to_base64(value: &str, encoding: &str) -> Option<String> {
    match encoding.to_ascii_lowercase().as_str() {
        "" | "utf8" | "utf-8" => Some(STANDARD.encode(value)),
        "unicode" => {
            let bytes: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
            Some(STANDARD.encode(bytes))
        }
        _ => None,
    }
}

fn from_base64(value: &str, encoding: &str) -> Option<String> {
    let bytes = STANDARD.decode(value.trim()).ok()?;
    match encoding.to_ascii_lowercase().as_str() {
        "" | "utf8" | "utf-8" => String::from_utf8(bytes).ok(),
        "unicode" => {
            let (units, rest) = bytes.as_chunks::<2>();
            let units: Vec<u16> = units.iter().copied().map(u16::from_le_bytes).collect();
            String::from_utf16(&units).ok().filter(|_| rest.is_empty())
        }
        _ => None,
    }
}

/// `n`: every line by n spaces, four without an argument; `/n`: every line but the first.
fn indent(value: &str, argument: &str, max_bytes: usize) -> Result<Option<String>, TooLarge> {
    let (skips_first, width) = match argument.strip_prefix('/') {
        Some(width) => (true, width),
        None => (false, argument),
    };
    let width: usize = match width {
        "" => 4,
        width => match width.parse() {
            Ok(width) if width <= MAX_INDENT => width,
            Ok(_) | Err(_) => return Ok(None),
        },
    };
    let lines: Vec<&str> = value.split('\n').collect();
    if value
        .len()
        .saturating_add(lines.len().saturating_mul(width))
        > max_bytes
    {
        return Err(TooLarge);
    }
    let space = " ".repeat(width);
    let lines: Vec<String> = lines
        .iter()
        .enumerate()
        .map(|(index, line)| match index == 0 && skips_first {
            true => (*line).to_owned(),
            false => format!("{space}{line}"),
        })
        .collect();
    Ok(Some(lines.join("\n")))
}

fn pattern(text: &str) -> Option<Regex> {
    RegexBuilder::new(text)
        .size_limit(PATTERN_BYTES)
        .build()
        .ok()
}

fn replace(
    value: &str,
    from: &str,
    to: &str,
    max_bytes: usize,
) -> Result<Option<String>, TooLarge> {
    let Some(from) = pattern(from) else {
        return Ok(None);
    };
    // .NET reads `$1x` as group 1 and an x; the regex crate would look for a group called `1x`.
    let groups = pattern(r"\$(\d+)").expect("the pattern is right");
    let to = groups.replace_all(to, "$${$1}");
    let mut out = String::new();
    let mut end = 0;
    for found in from.captures_iter(value) {
        let whole = found.get_match();
        out.push_str(&value[end..whole.start()]);
        found.expand(&to, &mut out);
        end = whole.end();
        if out.len() > max_bytes {
            return Err(TooLarge);
        }
    }
    out.push_str(&value[end..]);
    Ok(Some(out))
}

/// Counts characters. Nothing if the value is too short, as in Octostache.
fn substring(value: &str, start: &str, length: &str) -> Option<String> {
    let (start, length): (usize, usize) = (start.parse().ok()?, length.parse().ok()?);
    let is_there = start.checked_add(length)? <= value.chars().count();
    is_there.then(|| value.chars().skip(start).take(length).collect())
}

fn truncate(value: &str, length: usize) -> String {
    match value.chars().count() > length {
        true => value.chars().take(length).chain("...".chars()).collect(),
        false => value.to_owned(),
    }
}

/// A property of .NET's `System.Uri`, by name.
fn uri_part(value: &str, part: &str) -> Option<String> {
    let uri = url::Url::parse(value).ok()?;
    Some(match part.to_ascii_lowercase().as_str() {
        "absolutepath" => uri.path().to_owned(),
        "absoluteuri" => uri.to_string(),
        "authority" => match uri.port() {
            Some(port) => format!("{}:{port}", uri.host_str()?),
            None => uri.host_str()?.to_owned(),
        },
        "fragment" => uri
            .fragment()
            .map(|text| format!("#{text}"))
            .unwrap_or_default(),
        "host" => uri.host_str()?.to_owned(),
        "port" => uri.port_or_known_default()?.to_string(),
        "query" => uri
            .query()
            .map(|text| format!("?{text}"))
            .unwrap_or_default(),
        "scheme" => uri.scheme().to_owned(),
        _ => return None,
    })
}

/// `1.2.3.4-beta.7+build`, in its pieces; whatever is missing is empty.
struct Version<'t> {
    numbers: Vec<&'t str>,
    pre_release: &'t str,
    metadata: &'t str,
}

fn version(text: &str) -> Version<'_> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (text, metadata) = text.split_once('+').unwrap_or((text, ""));
    let (numbers, pre_release) = text.split_once('-').unwrap_or((text, ""));
    Version {
        numbers: numbers.split('.').collect(),
        pre_release,
        metadata,
    }
}

impl<'t> Version<'t> {
    fn number(&self, index: usize) -> String {
        match self.numbers.get(index) {
            Some(text) if !text.is_empty() => (*text).to_owned(),
            Some(_) | None => "0".to_owned(),
        }
    }

    fn pre_release_parts(&self) -> (&'t str, &'t str) {
        self.pre_release
            .split_once(['.', '-', '_'])
            .unwrap_or((self.pre_release, ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, value: &str, arguments: &[&str], expected: Option<&str>) {
        let filter = Filter::named(name).expect(name);
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        let result = filter.apply(value, &arguments, 1000);
        assert_eq!(result, Ok(expected.map(str::to_owned)), "{name}");
    }

    #[test]
    fn every_filter_does_what_its_name_says() {
        check("append", "a", &["b"], Some("ab"));
        check("Contains", "abc", &["b"], Some("true"));
        check("EndsWith", "abc", &["b"], Some("false"));
        check("FromBase64", "w6Q=", &[], Some("ä"));
        check("FromBase64", "?", &[], None);
        check("FromBase64", "5AA=", &["unicode"], Some("ä"));
        check(
            "HtmlEscape",
            "<a href='x'>&",
            &[],
            Some("&lt;a href=&#39;x&#39;&gt;&amp;"),
        );
        check("Indent", "a\nb", &[], Some("    a\n    b"));
        check("Indent", "a\nb", &["/2"], Some("a\n  b"));
        check("JsonEscape", "a\"b\n", &[], Some("a\\\"b\\n"));
        check("Match", "v12", &["^v\\d+$"], Some("true"));
        check("Match", "v12", &["("], None);
        check("Prepend", "a", &["b"], Some("ba"));
        check("PropertiesValueEscape", "a\\b\n", &[], Some("a\\\\b\\n"));
        check(
            "Replace",
            "a1b22",
            &["([0-9])", "<$1>"],
            Some("a<1>b<2><2>"),
        );
        check("Replace", "ab", &["(a)", "$1x"], Some("axb"));
        check(
            "Sha256",
            "",
            &[],
            Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        );
        check("StartsWith", "abc", &["ab"], Some("true"));
        check("Substring", "äbcd", &["2"], Some("äb"));
        check("Substring", "äbcd", &["1", "2"], Some("bc"));
        check("Substring", "ab", &["3"], None);
        check("ToBase64", "ä", &[], Some("w6Q="));
        check("ToBase64", "ä", &["unicode"], Some("5AA="));
        check("ToLower", "Ä", &[], Some("ä"));
        check("ToUpper", "ä", &[], Some("Ä"));
        check("Trim", " a ", &[], Some("a"));
        check("Trim", " a ", &["end"], Some(" a"));
        check("Truncate", "abcdef", &["3"], Some("abc..."));
        check("Truncate", "abc", &["3"], Some("abc"));
        check("UriDataEscape", "a b/ä", &[], Some("a%20b%2F%C3%A4"));
        check("UriEscape", "http://x/a b", &[], Some("http://x/a%20b"));
        check(
            "UriPart",
            "https://h:8443/p?q=1#f",
            &["Authority"],
            Some("h:8443"),
        );
        check("UriPart", "https://h/p?q=1#f", &["Query"], Some("?q=1"));
        check("UriPart", "https://h/p", &["Nothing"], None);
        check(
            "XmlEscape",
            "<a b='c'>",
            &[],
            Some("&lt;a b=&apos;c&apos;&gt;"),
        );
        check("YamlDoubleQuoteEscape", "a\"", &[], Some("a\\\""));
        check("YamlSingleQuoteEscape", "it's", &[], Some("it''s"));
    }

    #[test]
    fn versions_come_apart() {
        let version = "1.2.3.4-beta.7+build.9";
        for (name, expected) in [
            ("VersionMajor", "1"),
            ("VersionMinor", "2"),
            ("VersionPatch", "3"),
            ("VersionRevision", "4"),
            ("VersionPreRelease", "beta.7"),
            ("VersionPreReleasePrefix", "beta"),
            ("VersionPreReleaseCounter", "7"),
            ("VersionMetadata", "build.9"),
        ] {
            check(name, version, &[], Some(expected));
        }
        check("VersionPatch", "1.2", &[], Some("0"));
    }

    #[test]
    fn no_filter_makes_more_than_it_may() {
        let arguments = ["a".to_owned(), "$0$0$0$0".to_owned()];
        let value = "a".repeat(300);
        assert_eq!(
            Filter::Replace.apply(&value, &arguments, 1000),
            Err(TooLarge)
        );
        let value = "\n".repeat(300);
        assert_eq!(Filter::Indent.apply(&value, &[], 1000), Err(TooLarge));
    }
}
