//! Makes a script's output safe to show: what would steer a terminal or deceive a reader becomes visible instead.
//!
//! For display only. Logs keep the bytes as they came; whoever prints them to a terminal or a page passes them through
//! here. A control character becomes its picture (ESC is `␛`), anything else its code (`<U+202E>`), invalid UTF-8
//! U+FFFD. Line feed and tab stay; a carriage return stays out before a line feed and is shown elsewhere, as it would
//! let a line overwrite itself. With ESC and the C1 set gone there are no colours, titles, links (OSC 8) or
//! clipboard writes (OSC 52) left.

/// The state between two chunks: an unfinished UTF-8 sequence, or a carriage return.
#[derive(Debug, Default)]
pub struct Visible {
    /// At most three bytes: the beginning of a character.
    pending: Vec<u8>,
    is_after_return: bool,
}

impl Visible {
    /// Appends what `bytes` show to `text`, apart from an unfinished character at their end.
    pub fn push(&mut self, bytes: &[u8], text: &mut String) {
        let joined;
        let mut rest = if self.pending.is_empty() {
            bytes
        } else {
            joined = [&std::mem::take(&mut self.pending), bytes].concat();
            &joined
        };
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(valid) => return self.show(valid, text),
                Err(error) => error,
            };
            let (valid, invalid) = rest.split_at(error.valid_up_to());
            self.show(std::str::from_utf8(valid).unwrap_or_default(), text);
            let Some(n_invalid) = error.error_len() else {
                self.pending = invalid.to_vec();
                return;
            };
            self.show("\u{FFFD}", text);
            rest = &invalid[n_invalid..];
        }
    }

    /// Appends what is left: an unfinished character is invalid now.
    pub fn finish(&mut self, text: &mut String) {
        if !std::mem::take(&mut self.pending).is_empty() {
            self.show("\u{FFFD}", text);
        }
        if std::mem::take(&mut self.is_after_return) {
            text.push(picture('\r'));
        }
    }

    fn show(&mut self, valid: &str, text: &mut String) {
        for c in valid.chars() {
            if std::mem::take(&mut self.is_after_return) && c != '\n' {
                text.push(picture('\r'));
            }
            match c {
                '\r' => self.is_after_return = true,
                '\n' | '\t' => text.push(c),
                '\0'..='\u{1f}' | '\u{7f}' => text.push(picture(c)),
                _ if is_deceptive(c) => text.push_str(&format!("<U+{:04X}>", u32::from(c))),
                _ => text.push(c),
            }
        }
    }
}

/// Shows a whole text.
pub fn visible(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut visible = Visible::default();
    visible.push(bytes, &mut text);
    visible.finish(&mut text);
    text
}

/// Unicode's Control Pictures, U+2400 and on, in the order of the characters they stand for.
fn picture(control: char) -> char {
    match control {
        '\u{7f}' => '\u{2421}',
        _ => char::from_u32(0x2400 + u32::from(control)).unwrap_or('\u{2426}'),
    }
}

fn is_deceptive(c: char) -> bool {
    matches!(c,
        // C1: CSI, OSC and the like in one character.
        '\u{80}'..='\u{9f}'
        // What changes the reading direction ("Trojan Source", CVE-2021-42574).
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        // Line separators: what follows would look like a line of its own.
        | '\u{2028}' | '\u{2029}'
        // Invisible: zero-width space and no-break space, operators, annotations, tags ("ASCII smuggling"). The
        // joiners U+200C and U+200D stay: scripts and emoji need them.
        | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn in_pieces(bytes: &[u8], size: usize) -> String {
        let mut visible = Visible::default();
        let mut text = String::new();
        for piece in bytes.chunks(size) {
            visible.push(piece, &mut text);
        }
        visible.finish(&mut text);
        text
    }

    #[test]
    fn escapes_are_shown_and_not_obeyed() {
        let cases: &[(&[u8], &str)] = &[
            (b"plain text\twith\nlines", "plain text\twith\nlines"),
            ("grüße 👩‍🚀 日本".as_bytes(), "grüße 👩‍🚀 日本"),
            (b"\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
            (
                b"\x1b]8;;http://evil\x07link\x1b]8;;\x07",
                "␛]8;;http://evil␇link␛]8;;␇",
            ),
            (b"\0\x08\x7f", "␀␈␡"),
            (b"windows\r\nline", "windows\nline"),
            (b"10%\r20%\r", "10%␍20%␍"),
            (b"\r\r\n", "␍\n"),
            ("\u{9b}31m".as_bytes(), "<U+009B>31m"),
            (b"\x9b31m", "\u{FFFD}31m"),
            (
                "a\u{202e}b\u{2066}c\u{61c}".as_bytes(),
                "a<U+202E>b<U+2066>c<U+061C>",
            ),
            ("a\u{2028}b".as_bytes(), "a<U+2028>b"),
            ("x\u{e0041}".as_bytes(), "x<U+E0041>"),
            (
                b"bad \xff\xfe, cut \xe2\x82",
                "bad \u{FFFD}\u{FFFD}, cut \u{FFFD}",
            ),
        ];
        for (bytes, expected) in cases {
            for size in 1..=bytes.len() {
                assert_eq!(
                    in_pieces(bytes, size),
                    *expected,
                    "{bytes:?} in pieces of {size}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn output_is_free_of_controls_and_stays_as_it_is(
            bytes in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..200),
                any::<String>().prop_map(String::into_bytes),
                "[\r\n\t\u{80}-\u{9f}\u{2000}-\u{2070}\u{feff}a-c\u{1b}]{0,60}".prop_map(String::into_bytes),
            ],
            size in 1..9_usize,
        ) {
            let shown = in_pieces(&bytes, size);
            prop_assert_eq!(&shown, &visible(&bytes));
            prop_assert!(shown.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control() && !is_deceptive(c)));
            prop_assert_eq!(visible(shown.as_bytes()), shown);
        }
    }
}
