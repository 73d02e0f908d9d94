//! `*` in names: the one wildcard that variables, packages and path segments share.
//!
//! `*` stands for any text, the empty one too. `\*` is a star and `\\` a backslash, so that any
//! text can be granted exactly. Nothing else is special.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A pattern over one piece of text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Glob {
    /// The literal runs between wildcards: n + 1 runs for n wildcards, so never empty.
    runs: Vec<String>,
}

impl Glob {
    /// Parses a pattern. Every text is one.
    pub fn new(pattern: &str) -> Glob {
        let mut runs = Vec::new();
        let mut run = String::new();
        let mut characters = pattern.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\\' if matches!(characters.peek(), Some('*' | '\\')) => {
                    run.extend(characters.next())
                }
                '*' => runs.push(std::mem::take(&mut run)),
                _ => run.push(character),
            }
        }
        runs.push(run);
        // `**` is `*`: drop empty runs between wildcards.
        let last = runs.len() - 1;
        let mut index = 0;
        runs.retain(|run| {
            let keep = index == 0 || index == last || !run.is_empty();
            index += 1_usize;
            keep
        });
        Glob { runs }
    }

    /// The pattern that matches `text` and nothing else.
    pub fn exact(text: &str) -> Glob {
        Glob {
            runs: vec![text.to_owned()],
        }
    }

    /// Returns the text if this pattern matches exactly one.
    pub fn as_exact(&self) -> Option<&str> {
        match self.runs.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    pub fn is_everything(&self) -> bool {
        self.runs.len() > 1 && self.runs.iter().all(String::is_empty)
    }

    /// Tells whether the pattern matches all of `text`. Linear in both for practical patterns.
    pub fn matches(&self, text: &str) -> bool {
        let (first, rest) = self.runs.split_first().expect("there is always one run");
        let Some((last, middle)) = rest.split_last() else {
            return text == first;
        };
        let Some(mut text) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        // The leftmost place for each run leaves the most room for the next.
        for run in middle {
            match text.find(run.as_str()) {
                Some(at) => text = &text[at + run.len()..],
                None => return false,
            }
        }
        text.ends_with(last.as_str())
    }

    /// Tells whether everything that `narrower` matches, this matches too.
    pub fn covers(&self, narrower: &Glob) -> bool {
        // A wildcard of the narrower pattern stands for text we can't know, so only a wildcard of
        // ours may take it: a character that no run contains stands in for it.
        const UNKNOWN: &str = "\u{10FFFF}";
        if narrower.runs.iter().any(|run| run.contains(UNKNOWN)) {
            return self == narrower || self.is_everything();
        }
        if narrower.runs.len() == 1 {
            return self.matches(&narrower.runs[0]);
        }
        if self.runs.len() > 1 && self.runs.iter().any(|run| run.contains(UNKNOWN)) {
            return false;
        }
        self.runs.len() > 1 && self.matches(&narrower.runs.join(UNKNOWN))
    }

    /// The same pattern with its text folded by `fold`.
    pub fn folded(&self, fold: impl Fn(&str) -> String) -> Glob {
        Glob {
            runs: self.runs.iter().map(|run| fold(run)).collect(),
        }
    }
}

impl From<String> for Glob {
    fn from(pattern: String) -> Glob {
        Glob::new(&pattern)
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> String {
        glob.to_string()
    }
}

/// Prints a pattern that parses to this one.
impl fmt::Display for Glob {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, run) in self.runs.iter().enumerate() {
            if index > 0 {
                out.write_str("*")?;
            }
            let mut characters = run.chars().peekable();
            while let Some(character) = characters.next() {
                // A backslash is special only before a star or a backslash; at the end of a run it
                // would stand before our own star.
                let is_special = match character {
                    '*' => true,
                    '\\' => matches!(characters.peek(), None | Some('*' | '\\')),
                    _ => false,
                };
                if is_special {
                    out.write_str("\\")?;
                }
                write!(out, "{character}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Glob({:?})", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_star_is_any_text_and_a_backslash_takes_its_meaning_away() {
        for (pattern, text, expected) in [
            ("Web.*", "Web.Port", true),
            ("Web.*", "Web.A.B", true),
            ("Web.*", "Web.", true),
            ("Web.*", "Web", false),
            ("*", "", true),
            ("**", "x", true),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("a\\b", "a\\b", true),
            ("a\\\\b", "a\\b", true),
        ] {
            assert_eq!(
                Glob::new(pattern).matches(text),
                expected,
                "{pattern} {text}"
            );
        }
    }

    proptest! {
        #[test]
        fn exact_matches_its_text_alone(text in "[a*\\\\]{0,6}", other in "[a*\\\\]{0,6}") {
            let glob = Glob::exact(&text);
            prop_assert_eq!(glob.matches(&other), text == other);
            prop_assert_eq!(Glob::new(&glob.to_string()), glob);
        }

        #[test]
        fn printing_round_trips(pattern in "[ab*\\\\]{0,8}") {
            let glob = Glob::new(&pattern);
            prop_assert_eq!(Glob::new(&glob.to_string()), glob);
        }

        #[test]
        fn covers_means_matches_whatever_the_narrower_matches(wide in "[ab*]{0,5}", narrow in "[ab*]{0,5}", text in "[ab]{0,6}") {
            let (wide, narrow) = (Glob::new(&wide), Glob::new(&narrow));
            if wide.covers(&narrow) && narrow.matches(&text) {
                prop_assert!(wide.matches(&text));
            }
        }

        #[test]
        fn matching_agrees_with_a_slow_matcher(pattern in "[ab*]{0,6}", text in "[ab]{0,7}") {
            fn slow(pattern: &[u8], text: &[u8]) -> bool {
                match pattern.split_first() {
                    None => text.is_empty(),
                    Some((b'*', rest)) => (0..=text.len()).any(|n| slow(rest, &text[n..])),
                    Some((byte, rest)) => text.first() == Some(byte) && slow(rest, &text[1..]),
                }
            }
            prop_assert_eq!(Glob::new(&pattern).matches(&text), slow(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
