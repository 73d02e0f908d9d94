//! Text and bytes: UTF-8, Latin-1, hexadecimal and base64, in Rust because loops over bytes are slow in an interpreter.

use rquickjs::{Ctx, Exception, Result, String as JsString, TypedArray, Value};

/// Lends the bytes of a string (as UTF-8) or of a `Uint8Array`.
pub fn with<'js, T>(value: &Value<'js>, use_bytes: impl FnOnce(&[u8]) -> T) -> Result<T> {
    if let Some(text) = value.as_string() {
        let text = text.clone().to_cstring()?;
        // Not `as_str`: a lone surrogate isn't UTF-8.
        let bytes = unsafe { core::slice::from_raw_parts(text.as_ptr().cast::<u8>(), text.len()) };
        return Ok(match core::str::from_utf8(bytes) {
            Ok(_) => use_bytes(bytes),
            Err(_) => use_bytes(&without_surrogates(bytes)),
        });
    }
    let array = TypedArray::<u8>::from_value(value.clone())?;
    // Nothing can detach the array while the closure runs: it calls no JavaScript.
    let bytes = unsafe { array.as_bytes() }.unwrap_or(&[]);
    Ok(use_bytes(bytes))
}

/// QuickJS writes a lone surrogate as three bytes of its own; the Encoding standard wants U+FFFD, three bytes too.
fn without_surrogates(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for i in 0..bytes.len().saturating_sub(2) {
        if bytes[i] == 0xed && bytes[i + 1] >= 0xa0 {
            bytes[i..i + 3].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    bytes
}

pub fn utf8<'js>(ctx: Ctx<'js>, text: Value<'js>) -> Result<TypedArray<'js, u8>> {
    let bytes = with(&text, <[u8]>::to_vec)?;
    TypedArray::new(ctx, bytes)
}

/// Decodes UTF-8; with `fatal`, malformed input throws a `TypeError`, else it becomes U+FFFD.
pub fn text<'js>(ctx: Ctx<'js>, bytes: Value<'js>, fatal: bool) -> Result<JsString<'js>> {
    with(&bytes, |bytes| match core::str::from_utf8(bytes) {
        Ok(text) => JsString::from_str(ctx.clone(), text),
        Err(_) if fatal => Err(Exception::throw_type(&ctx, "The encoded data was not valid for encoding utf-8")),
        Err(_) => JsString::from_str(ctx.clone(), &std::string::String::from_utf8_lossy(bytes)),
    })?
}

pub fn latin1<'js>(ctx: Ctx<'js>, bytes: Value<'js>) -> Result<JsString<'js>> {
    with(&bytes, |bytes| {
        let text: std::string::String = bytes.iter().map(|&byte| char::from(byte)).collect();
        JsString::from_str(ctx.clone(), &text)
    })?
}

pub fn to_hex(bytes: Value<'_>) -> Result<std::string::String> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    with(&bytes, |bytes| {
        bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
    })
}

/// Decodes pairs of digits up to the first that isn't one, as node does.
pub fn from_hex<'js>(ctx: Ctx<'js>, text: Value<'js>) -> Result<TypedArray<'js, u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes: Vec<u8> = with(&text, |text| {
        text.chunks_exact(2).map_while(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8)).collect()
    })?;
    TypedArray::new(ctx, bytes)
}

pub fn to_base64(bytes: Value<'_>, is_url: bool) -> Result<std::string::String> {
    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let alphabet = if is_url { URL } else { STANDARD };
    with(&bytes, |bytes| {
        let mut text = std::string::String::with_capacity(bytes.len().div_ceil(3) * 4);
        for chunk in bytes.chunks(3) {
            let group = chunk.iter().enumerate().fold(0_u32, |group, (i, &byte)| group | u32::from(byte) << (16 - 8 * i));
            for i in 0..=chunk.len() {
                text.push(char::from(alphabet[(group >> (18 - 6 * i) & 63) as usize]));
            }
            if !is_url {
                (chunk.len()..3).for_each(|_| text.push('='));
            }
        }
        text
    })
}

/// Decodes either alphabet, skips what is in neither and stops at `=`, as node's `Buffer` does.
pub fn from_base64<'js>(ctx: Ctx<'js>, text: Value<'js>) -> Result<TypedArray<'js, u8>> {
    let bytes = with(&text, |text| {
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
        let (mut group, mut n_bits) = (0_u32, 0);
        for &byte in text {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                b'=' => break,
                _ => continue,
            };
            group = group << 6 | u32::from(value);
            n_bits += 6;
            if n_bits >= 8 {
                n_bits -= 8;
                bytes.push((group >> n_bits) as u8);
            }
        }
        bytes
    })?;
    TypedArray::new(ctx, bytes)
}

/// The first place of `needle` in `haystack` at or after `from`, or -1.
pub fn find(haystack: Value<'_>, needle: Value<'_>, from: u32) -> Result<i32> {
    with(&haystack, |haystack| {
        with(&needle, |needle| {
            let from = from as usize;
            if needle.is_empty() || from > haystack.len() {
                return if needle.is_empty() { from.min(haystack.len()) as i32 } else { -1 };
            }
            let found = haystack[from..].windows(needle.len()).position(|window| window == needle);
            found.map_or(-1, |at| (from + at) as i32)
        })
    })?
}
