//! Which characters make names, end words and stand for quotes.

/// `'` and the typographic quotes that PowerShell takes for it (language specification, 2.3.5.2).
pub fn is_single_quote(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}')
}

pub fn is_double_quote(c: char) -> bool {
    matches!(c, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}')
}

/// `-` and the typographic dashes that PowerShell takes for it.
pub fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2013}' | '\u{2014}' | '\u{2015}')
}

pub fn is_blank(c: char) -> bool {
    c != '\n' && c != '\r' && c.is_whitespace()
}

pub fn is_newline(c: char) -> bool {
    c == '\n' || c == '\r'
}

pub fn is_name_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

pub fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Characters of a variable's name without braces (language specification, 2.3.2.2).
pub fn is_variable(c: char) -> bool {
    c == '_' || c == '?' || c.is_alphanumeric()
}

/// Whether `c` ends a word in argument mode.
pub fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '|' | '&' | '(' | ')' | '{' | '}' | '>' | '<')
}

/// Whether `c` ends a number that begins a pipeline (CharTraits.ForceStartNewTokenAfterNumber): with `7z` and `2?3:4` the
/// whole word is a command's name.
pub fn ends_number(c: char) -> bool {
    is_dash(c) || ends_word(c) || matches!(c, '!' | '#' | '%' | '*' | '+' | '.' | '/' | '=' | ']')
}

/// The character that a backtick and `c` stand for; `None` if it is `c` itself.
pub fn escape(c: char) -> Option<char> {
    Some(match c {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        _ => return None,
    })
}
