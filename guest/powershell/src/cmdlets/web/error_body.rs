//! What an error's details say of a response's body (`WebRequestPSCmdlet.FormatErrorMessage`).
//!
//! JSON and XML are set out in lines, after an empty one; of anything else, tags are taken away.

use std::iter::Peekable;
use std::str::Chars;

/// The body as `ErrorDetails` has it; empty if there is nothing to say.
pub fn formatted(body: &str, content_type: &str) -> String {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let set_out = if is_xml(&kind) {
        crate::types::xml::set_out(body)
    } else if is_json(&kind) {
        set_out_json(body)
    } else {
        None
    };
    match set_out {
        Some(text) => format!("\n{text}"),
        None => without_tags(body),
    }
}

fn is_xml(kind: &str) -> bool {
    matches!(kind, "application/xml" | "text/xml") || kind.ends_with("+xml")
}

fn is_json(kind: &str) -> bool {
    let known = [
        "application/json",
        "text/json",
        "application/javascript",
        "text/javascript",
        "application/x-javascript",
        "text/x-javascript",
    ];
    known.contains(&kind) || kind.ends_with("+json")
}

fn without_tags(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        let Some((_, after)) = tag.split_once('>') else {
            break;
        };
        left.push_str(before);
        rest = after;
    }
    left + rest
}

/// The document as `System.Text.Json` indents it: numbers as they are written, strings escaped for HTML and beyond ASCII.
fn set_out_json(text: &str) -> Option<String> {
    serde_json::from_str::<serde_json::Value>(text).ok()?;
    let mut out = String::with_capacity(text.len() * 2);
    let mut level = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str(&string(&mut chars)),
            '{' | '[' => {
                out.push(c);
                skip_space(&mut chars);
                match chars.next_if(|c| matches!(c, '}' | ']')) {
                    Some(end) => out.push(end),
                    None => {
                        level += 1;
                        line(&mut out, level);
                    }
                }
            }
            '}' | ']' => {
                level -= 1;
                line(&mut out, level);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, level);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    Some(out)
}

fn line(out: &mut String, level: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(level));
}

fn skip_space(chars: &mut Peekable<Chars>) {
    while chars.next_if(char::is_ascii_whitespace).is_some() {}
}

/// A string whose opening quote has been read, in .NET's spelling.
fn string(chars: &mut Peekable<Chars>) -> String {
    let mut written = String::from('"');
    let mut is_escaped = false;
    for c in chars {
        written.push(c);
        if c == '"' && !is_escaped {
            break;
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    let plain: String = serde_json::from_str(&written).unwrap_or_default();
    let mut out = String::from('"');
    for c in plain.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' if !"\"&'+<>`".contains(c) => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04X}"));
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::formatted;

    #[test]
    fn json_is_set_out_and_escaped() {
        let body = r#"{"a":[1.50,{}],"b":"can't \"é\"","c":[]}"#;
        let expected = "\n{\n  \"a\": [\n    1.50,\n    {}\n  ],\n  \"b\": \"can\\u0027t \\u0022\\u00E9\\u0022\",\n  \"c\": []\n}";
        assert_eq!(formatted(body, "application/json; charset=utf-8"), expected);
        assert_eq!(formatted("{oops", "application/json"), "{oops");
    }

    #[test]
    fn xml_is_set_out_with_an_attribute_a_line() {
        let body = "<?xml version=\"1.0\"?><e><m code=\"7\" at=\"x\">no</m></e>";
        let expected = "\n<e>\n  <m\n    code=\"7\"\n    at=\"x\">no</m>\n</e>";
        assert_eq!(formatted(body, "text/xml"), expected);
    }

    #[test]
    fn tags_are_taken_away() {
        let body = "<html><b>no\nway</b> 1 < 2";
        assert_eq!(formatted(body, "text/html"), "no\nway 1 < 2");
    }
}
