//! What a condition's text says once its variables are filled in.

/// Whether an evaluated expression is true. Nothing, `0`, `no`, `false` and what could not be filled in are not.
pub fn is_true(evaluated: &str, is_complete: bool) -> bool {
    let text = evaluated.trim();
    let is_falsy = ["", "0", "no", "false"]
        .iter()
        .any(|no| text.eq_ignore_ascii_case(no));
    is_complete && !is_falsy
}

#[cfg(test)]
mod tests {
    use super::is_true;

    #[test]
    fn only_a_complete_text_that_says_yes_is_true() {
        for (text, is_complete, expected) in [
            ("True", true, true),
            (" yes ", true, true),
            ("1", true, true),
            ("False", true, false),
            ("NO", true, false),
            ("0", true, false),
            ("  ", true, false),
            ("#{Missing}", false, false),
        ] {
            assert_eq!(is_true(text, is_complete), expected, "{text:?}");
        }
    }
}
