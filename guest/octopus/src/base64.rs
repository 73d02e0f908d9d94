//! Base64 with padding, as service messages, HTTP's basic authentication and `[Convert]` use it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes without line breaks.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().enumerate().fold(0u32, |bits, (at, byte)| {
            bits | u32::from(*byte) << (16 - 8 * at)
        });
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) as usize & 63;
            text.push(if digit > group.len() {
                '='
            } else {
                char::from(ALPHABET[value])
            });
        }
    }
    text
}

/// Decodes; white space is skipped, a wrong length or character gives `None`.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut n_bits, mut n_chars, mut bytes) = (0u32, 0, 0, Vec::new());
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        n_chars += 1;
        if byte == b'=' {
            continue;
        }
        let value = ALPHABET.iter().position(|seen| *seen == byte)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push(u8::try_from(bits >> n_bits & 0xff).ok()?);
        }
    }
    (n_chars % 4 == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    /// RFC 4648, section 10, and bytes that use the last two letters.
    const PAIRS: [(&[u8], &str); 9] = [
        (b"", ""),
        (b"f", "Zg=="),
        (b"fo", "Zm8="),
        (b"foo", "Zm9v"),
        (b"foob", "Zm9vYg=="),
        (b"fooba", "Zm9vYmE="),
        (b"foobar", "Zm9vYmFy"),
        (&[0xfb, 0xff], "+/8="),
        (&[0, 0, 0], "AAAA"),
    ];

    #[test]
    fn what_is_encoded_is_decoded_again() {
        for (bytes, text) in PAIRS {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn line_breaks_are_skipped_and_what_is_no_base64_is_refused() {
        assert_eq!(decode("Zm9v\r\nYmFy\n").as_deref(), Some(&b"foobar"[..]));
        for text in ["Zg", "Zm9*", "Zm9vY"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
