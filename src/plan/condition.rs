//! What a condition's text says once its variables are filled in.

use crate::template;

/// Whether an evaluated expression is true: as in `#{if}`, and only if everything could be filled in.
pub fn is_true(evaluated: &str, is_complete: bool) -> bool {
    is_complete && template::holds(evaluated)
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
