//! In which spellings a secret turns up in a log.
//!
//! Octopus masks the value itself, so `echo "$TOKEN" | base64` or a URL with the password in it gives it away. Here the
//! forms that ordinary tools produce are masked too: base64 (standalone, inside a longer encoded text at any of the
//! three alignments, wrapped at 64 and 76 columns; standard and URL-safe), hexadecimal, percent-encoding, JSON, XML and
//! shell escapes, and each line of a value with several.
//!
//! What stays possible: a script that wants to leak a secret can always write it in some other way (reversed, split,
//! encrypted). Masking guards against accidents; what a script may reach is the policy's matter. At the edges of an
//! embedded base64 form, up to four bits of the first and of the last byte show, as they share a character with
//! their neighbours.

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use zeroize::Zeroizing;

use super::redact::{MAX_PATTERN_BYTES, MIN_SECRET_CHARS};

/// One thing to look for. Wiped when dropped.
pub(super) type Pattern = Zeroizing<Vec<u8>>;

/// Longer values are looked for as they are, by line and as JSON only: a derived form costs as much memory as the
/// value, there are some thirty, and beyond this size secrets are files that nobody puts into a URL.
const MAX_DERIVED_BYTES: usize = 16 * 1024;

/// Everything to look for so that `value` isn't seen, sorted, without repetition. Each pattern has from
/// [`MIN_SECRET_CHARS`] to [`MAX_PATTERN_BYTES`] bytes; longer forms are cut into such pieces.
pub(super) fn patterns(value: &str) -> Vec<Pattern> {
    let mut forms = Forms(Vec::new());
    forms.add(value);
    forms.lines(value);
    forms.json(value);
    if value.len() <= MAX_DERIVED_BYTES {
        forms.base64(value);
        forms.hexadecimal(value);
        forms.percent(value);
        forms.xml(value);
        // How `set -x` and a quoted command line show a quote.
        forms.add(Zeroizing::new(value.replace('\'', r"'\''")).as_str());
    }
    sort(&mut forms.0);
    forms.0
}

/// Brings patterns into the order of their bytes, each once.
pub(super) fn sort(patterns: &mut Vec<Pattern>) {
    patterns.sort_unstable_by(|one, other| one.as_slice().cmp(other));
    patterns.dedup();
}

struct Forms(Vec<Pattern>);

impl Forms {
    fn add(&mut self, form: &str) {
        let is_long_enough = form.chars().take(MIN_SECRET_CHARS).count() == MIN_SECRET_CHARS;
        if !is_long_enough || form.trim().is_empty() {
            return;
        }
        let bytes = form.as_bytes();
        if bytes.len() <= MAX_PATTERN_BYTES {
            self.0.push(Zeroizing::new(bytes.to_vec()));
            return;
        }
        // Every piece is a pattern of its own: what is held back stays short, and a part of a key is masked as well.
        // The last one reaches back into its neighbour.
        let size = MAX_PATTERN_BYTES;
        let last = &bytes[bytes.len() - size..];
        for piece in bytes.chunks_exact(size).chain([last]) {
            if !piece.iter().all(u8::is_ascii_whitespace) {
                self.0.push(Zeroizing::new(piece.to_vec()));
            }
        }
    }

    /// Logs are read by line, and line ends change on the way.
    fn lines(&mut self, value: &str) {
        if !value.contains(['\n', '\r']) {
            return;
        }
        for line in value.split(['\n', '\r']) {
            self.add(line);
            self.add(line.trim());
        }
        let unix = Zeroizing::new(value.replace("\r\n", "\n"));
        self.add(&unix);
        self.add(&Zeroizing::new(unix.replace('\n', "\r\n")));
    }

    fn base64(&mut self, value: &str) {
        let with_line_end = Zeroizing::new(format!("{value}\n"));
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            for offset in 0..3 {
                self.base64_at(&engine, offset, value.as_bytes());
            }
            for text in [value, with_line_end.as_str()] {
                self.base64_at(&engine, 0, text.as_bytes());
                let encoded = Zeroizing::new(engine.encode(text));
                for columns in [64, 76] {
                    if encoded.len() > columns {
                        encoded
                            .as_bytes()
                            .chunks(columns)
                            .for_each(|line| self.add(ascii(line)));
                    }
                }
            }
        }
    }

    /// The characters that `value` gives when `offset` bytes, modulo three, stand before it.
    fn base64_at(&mut self, engine: &GeneralPurpose, offset: usize, value: &[u8]) {
        let padded = Zeroizing::new([&[0; 3][..offset], value].concat());
        let encoded = Zeroizing::new(engine.encode(&*padded));
        // A character carries six bits: the first that owes nothing to the bytes before, and the end of those
        // that owe nothing to what follows.
        let start = (offset * 8).div_ceil(6);
        let end = padded.len() * 8 / 6;
        if start < end {
            self.add(&encoded[start..end]);
            self.add(&encoded[start..]);
            let padding = ["", "==", "="][padded.len() % 3];
            self.add(&Zeroizing::new(format!("{}{padding}", &encoded[start..])));
        }
    }

    fn hexadecimal(&mut self, value: &str) {
        let lower = Zeroizing::new(hex::encode(value));
        self.add(&lower);
        self.add(&Zeroizing::new(lower.to_ascii_uppercase()));
    }

    fn percent(&mut self, value: &str) {
        // RFC 3986's unreserved characters stay (.NET's EscapeDataString, Go's QueryEscape)
        const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
            .remove(b'-')
            .remove(b'.')
            .remove(b'_')
            .remove(b'~');
        // and in Python's `quote` the slash,
        const PYTHON: &AsciiSet = &UNRESERVED.remove(b'/');
        // in JavaScript's `encodeURIComponent` some marks,
        const COMPONENT: &AsciiSet = &UNRESERVED
            .remove(b'!')
            .remove(b'*')
            .remove(b'\'')
            .remove(b'(')
            .remove(b')');
        // in its `encodeURI` what separates the parts of a URL,
        const URI: &AsciiSet = &COMPONENT
            .remove(b';')
            .remove(b',')
            .remove(b'/')
            .remove(b'?')
            .remove(b':')
            .remove(b'@')
            .remove(b'&')
            .remove(b'=')
            .remove(b'+')
            .remove(b'$')
            .remove(b'#');
        // and forms leave only `*-._` alone.
        const FORM: &AsciiSet = &NON_ALPHANUMERIC
            .remove(b'*')
            .remove(b'-')
            .remove(b'.')
            .remove(b'_');
        for set in [UNRESERVED, PYTHON, COMPONENT, URI, FORM] {
            let upper = Zeroizing::new(percent_encode(value.as_bytes(), set).to_string());
            let lower = Zeroizing::new(lowercase_escapes(&upper));
            for form in [upper, lower] {
                self.add(&Zeroizing::new(form.replace("%20", "+")));
                self.add(&form);
            }
        }
    }

    fn json(&mut self, value: &str) {
        let minimal = escaped_json(value, |_| false);
        self.add(&Zeroizing::new(minimal.replace('/', r"\/")));
        self.add(&minimal);
        // Go's default, then Python's, then .NET's.
        self.add(&escaped_json(value, |c| {
            matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
        }));
        self.add(&escaped_json(value, |c| !c.is_ascii()));
        let dotnet = escaped_json(value, |c| {
            !c.is_ascii() || matches!(c, '"' | '\'' | '&' | '+' | '<' | '>' | '`')
        });
        self.add(&dotnet);
        self.add(&Zeroizing::new(uppercase_escapes(&dotnet)));
    }

    fn xml(&mut self, value: &str) {
        let text = Zeroizing::new(
            value
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;"),
        );
        let attribute = Zeroizing::new(text.replace('"', "&quot;"));
        self.add(&Zeroizing::new(attribute.replace('\'', "&apos;")));
        self.add(&Zeroizing::new(attribute.replace('\'', "&#39;")));
        self.add(&Zeroizing::new(attribute.replace('\'', "&#x27;")));
        self.add(&attribute);
        self.add(&text);
    }
}

/// Encoded text is ASCII, so it may be cut anywhere.
fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn escaped_json(value: &str, as_code: impl Fn(char) -> bool) -> Zeroizing<String> {
    let mut json = Zeroizing::new(String::with_capacity(value.len() * 2));
    for c in value.chars() {
        match c {
            _ if as_code(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            }
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '\0'..='\u{1f}' => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => json.push(c),
        }
    }
    json
}

/// `%2F` to `%2f`; whatever isn't an escape stays.
fn lowercase_escapes(percent: &str) -> String {
    let mut digits_left = 0;
    percent
        .chars()
        .map(|c| {
            if c == '%' {
                digits_left = 2;
                return c;
            }
            let is_digit = digits_left > 0;
            digits_left -= usize::from(is_digit);
            if is_digit { c.to_ascii_lowercase() } else { c }
        })
        .collect()
}

/// `\u00e9` to `\u00E9`; whatever isn't an escape stays, a doubled backslash before a `u` included.
fn uppercase_escapes(json: &str) -> String {
    let mut upper = String::with_capacity(json.len());
    let mut rest = json.chars();
    while let Some(c) = rest.next() {
        upper.push(c);
        if c != '\\' {
            continue;
        }
        let escaped = rest.next();
        upper.extend(escaped);
        if escaped == Some('u') {
            upper.extend(
                rest.by_ref()
                    .take(4)
                    .map(|digit| digit.to_ascii_uppercase()),
            );
        }
    }
    upper
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_covered(value: &str, form: &str) -> bool {
        patterns(value)
            .iter()
            .any(|pattern| pattern.as_slice() == form.as_bytes())
    }

    #[test]
    fn forms_of_ordinary_tools_are_known() {
        let cases = [
            ("pa/ss word+1", "pa%2Fss%20word%2B1"),
            ("pa/ss word+1", "pa%2fss%20word%2b1"),
            ("pa/ss word+1", "pa%2Fss+word%2B1"),
            ("pa/ss word+1", "pa/ss%20word%2B1"),
            ("pa\"ss\\é", "pa\\\"ss\\\\é"),
            ("pa\"ss\\é", "pa\\\"ss\\\\\\u00e9"),
            ("pa\"ss\\é", "pa\\u0022ss\\\\\\u00E9"),
            ("p<a&b>c", "p\\u003ca\\u0026b\\u003ec"),
            ("p<a&b>c", "p&lt;a&amp;b&gt;c"),
            ("it's it", r"it'\''s it"),
            ("key1", "6b657931"),
            ("ab>?", "61623E3F"),
            ("hunter2", "aHVudGVyMg"),
            ("hunter2", "aHVudGVyMg=="),
            // echo hunter2 | base64
            ("hunter2", "aHVudGVyMgo="),
            ("??>>~~", "Pz8-Pn5-"),
            ("first line\nsecond line", "second line"),
            ("first line\nsecond line", "first line\r\nsecond line"),
            ("first line\nsecond line", "first line\\nsecond line"),
        ];
        for (value, form) in cases {
            assert!(
                is_covered(value, form),
                "{form:?} is missing from the forms of {value:?}"
            );
        }
    }

    #[test]
    fn base64_is_known_wherever_the_secret_starts() {
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", "z", "zz", "@example"] {
                let encoded = STANDARD_NO_PAD.encode(format!("{before}hunter2{after}"));
                let longest = patterns("hunter2")
                    .iter()
                    .filter(|pattern| encoded.contains(ascii(pattern)))
                    .map(|pattern| pattern.len())
                    .max();
                // 56 bits are nine whole characters, less where both ends are shared.
                assert!(
                    longest >= Some(8),
                    "{before}…{after}: {encoded}, {longest:?}"
                );
            }
        }
    }

    #[test]
    fn short_lines_and_white_space_are_not_looked_for() {
        let patterns = patterns("abc\n      \nlonger line\n}");
        assert!(
            patterns
                .iter()
                .all(|pattern| pattern.len() >= MIN_SECRET_CHARS)
        );
        assert!(
            !patterns
                .iter()
                .any(|pattern| pattern.iter().all(u8::is_ascii_whitespace))
        );
    }

    #[test]
    fn long_secrets_are_cut_into_bounded_pieces() {
        let value: String = (0..5000)
            .map(|n| char::from(b'a' + (n * n % 23) as u8))
            .collect();
        assert!(
            patterns(&value)
                .iter()
                .all(|pattern| pattern.len() <= MAX_PATTERN_BYTES)
        );
    }
}
