//! Patterns over request paths: `/repos/acme/**`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::glob::Glob;
use super::url_path::{MAX_TARGET_BYTES, NormalPath, PathError, is_encoded_again};

/// A pattern over decoded paths.
///
/// `*` is any text within a segment. `**` is a segment of its own: zero or more segments, or one or
/// more at the end. So `/a/**` grants `/a/`, `/a/b` and `/a/b/c`, not `/a`; `/a/**/z` grants `/a/z`
/// and `/a/b/c/z`. `\*` is a star.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PathPattern {
    segments: Vec<SegmentPattern>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum SegmentPattern {
    One(Glob),
    Any,
}

/// How a pattern goes on after its plain segments.
pub(super) enum Tail {
    Nothing,
    /// `**`: one or more segments, whatever they are.
    Everything,
    Pattern,
}

/// Why text is not a path pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum PatternError {
    #[error("a path begins with `/`")]
    NotAbsolute,
    #[error("`**` stands for whole segments: write `/**` or `/**/`, or `*` within one segment")]
    PartialDoubleStar,
    #[error("`/**/**` is the same as `/**`")]
    RepeatedDoubleStar,
    #[error("rules match the path alone: leave out `?` and `#` and what follows")]
    Query,
    #[error("rules match the decoded path: write the character itself")]
    Encoded,
    #[error("no request can match: {0}")]
    NeverMatches(PathError),
}

impl PathPattern {
    pub fn parse(pattern: &str) -> Result<PathPattern, PatternError> {
        let Some(rest) = pattern.strip_prefix('/') else {
            return Err(PatternError::NotAbsolute);
        };
        if pattern.len() > 2 * MAX_TARGET_BYTES {
            return Err(PatternError::NeverMatches(PathError::TooLong));
        }
        if pattern.contains(['?', '#']) {
            return Err(PatternError::Query);
        }
        if is_encoded_again(pattern) {
            return Err(PatternError::Encoded);
        }
        if pattern.chars().any(char::is_control) {
            return Err(PatternError::NeverMatches(PathError::Control));
        }
        let mut segments = Vec::new();
        for text in rest.split('/') {
            let segment = match text {
                "**" => SegmentPattern::Any,
                _ => SegmentPattern::One(segment_glob(text)?),
            };
            if segment == SegmentPattern::Any && segments.last() == Some(&SegmentPattern::Any) {
                return Err(PatternError::RepeatedDoubleStar);
            }
            segments.push(segment);
        }
        let (_, before_last) = segments
            .split_last()
            .expect("split gives one part at least");
        if before_last.iter().any(SegmentPattern::is_empty) {
            return Err(PatternError::NeverMatches(PathError::EmptySegment));
        }
        Ok(PathPattern { segments })
    }

    /// The pattern that grants this path and no other, but for hidden segments, which may be any text.
    pub fn exact(path: &NormalPath) -> PathPattern {
        let segment = |(index, text)| match path.is_hidden(index) {
            true => segment_glob("*").expect("a star is a pattern"),
            false => Glob::exact(text),
        };
        PathPattern {
            segments: path
                .segments()
                .enumerate()
                .map(segment)
                .map(SegmentPattern::One)
                .collect(),
        }
    }

    /// Returns the path if this pattern grants exactly one.
    pub fn as_exact(&self) -> Option<String> {
        let mut path = String::new();
        for segment in &self.segments {
            match segment {
                SegmentPattern::One(glob) => {
                    path.push('/');
                    path.push_str(glob.as_exact()?);
                }
                SegmentPattern::Any => return None,
            }
        }
        Some(path)
    }

    /// Returns the leading segments that are plain text; the index is a tree of them.
    pub(super) fn literal_prefix(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map_while(|segment| match segment {
            SegmentPattern::One(glob) => glob.as_exact(),
            SegmentPattern::Any => None,
        })
    }

    /// Returns what follows the [literal prefix](PathPattern::literal_prefix).
    pub(super) fn tail(&self) -> Tail {
        match &self.segments[self.literal_prefix().count()..] {
            [] => Tail::Nothing,
            [SegmentPattern::Any] => Tail::Everything,
            _ => Tail::Pattern,
        }
    }

    pub fn matches(&self, path: &NormalPath) -> bool {
        let segments: Vec<&str> = path.segments().collect();
        self.matches_segments(&segments, 0)
    }

    /// Matches a path of which the first `n_known` segments are known to fit.
    pub(super) fn matches_segments(&self, path: &[&str], n_known: usize) -> bool {
        wild_match(
            self.segments.get(n_known..).unwrap_or_default(),
            path.get(n_known..).unwrap_or_default(),
            |glob, text| glob.matches(text),
        )
    }

    /// Tells whether every path that `narrower` grants, this grants too.
    ///
    /// Says no in a few exotic cases where yes would be right (`/**/a/**` within `/*/**`), never the
    /// other way round.
    pub fn covers(&self, narrower: &PathPattern) -> bool {
        covers(&self.segments, &narrower.segments)
    }
}

impl SegmentPattern {
    fn is_empty(&self) -> bool {
        match self {
            SegmentPattern::One(glob) => glob.as_exact() == Some(""),
            SegmentPattern::Any => false,
        }
    }
}

fn segment_glob(text: &str) -> Result<Glob, PatternError> {
    let unescaped = text.replace("\\\\", "").replace("\\*", "");
    if unescaped.contains("**") {
        return Err(PatternError::PartialDoubleStar);
    }
    let glob = Glob::new(text);
    match glob.as_exact() {
        Some("." | "..") => return Err(PatternError::NeverMatches(PathError::DotSegment)),
        Some(exact) if exact.contains('\\') => {
            return Err(PatternError::NeverMatches(PathError::Backslash));
        }
        Some(_) | None => {}
    }
    Ok(glob)
}

/// Matches with one step of backtracking: only the last `**` need ever take more, since whatever an
/// earlier one could take, the last one can take instead. So the cost is pattern × path at most.
fn wild_match<T>(pattern: &[SegmentPattern], path: &[T], fits: impl Fn(&Glob, &T) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match pattern.get(p) {
            // At the end `**` takes one segment at least, all there are.
            Some(SegmentPattern::Any) if p + 1 == pattern.len() => return t < path.len(),
            Some(SegmentPattern::Any) => {
                retry = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some(SegmentPattern::One(glob)) if t < path.len() && fits(glob, &path[t]) => {
                p += 1;
                t += 1;
                continue;
            }
            None if t == path.len() => return true,
            Some(SegmentPattern::One(_)) | None => {}
        }
        match &mut retry {
            Some((after, taken)) if *taken < path.len() => {
                *taken += 1;
                p = *after;
                t = *taken;
            }
            _ => return false,
        }
    }
}

fn covers(wide: &[SegmentPattern], narrow: &[SegmentPattern]) -> bool {
    use SegmentPattern::{Any, One};
    // row[j]: wide[i..] covers narrow[j..]. Filled from the ends, so that no pattern costs more
    // than one length times the other.
    let mut row: Vec<bool> = (0..=narrow.len()).map(|j| j == narrow.len()).collect();
    for (i, segment) in wide.iter().enumerate().rev() {
        let below = row;
        row = vec![false; narrow.len() + 1];
        for j in (0..=narrow.len()).rev() {
            row[j] = match (segment, narrow.get(j)) {
                // The last `**` takes one or more of anything, and what is left is one or more.
                (Any, Some(_)) if i + 1 == wide.len() => true,
                (Any, None) if i + 1 == wide.len() => false,
                (Any, Some(_)) => below[j] || row[j + 1],
                (Any, None) => below[j],
                (One(w), Some(One(n))) => w.covers(n) && below[j + 1],
                (One(_), Some(Any) | None) => false,
            };
        }
    }
    row[0]
}

impl TryFrom<String> for PathPattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<PathPattern, PatternError> {
        PathPattern::parse(&text)
    }
}

impl From<PathPattern> for String {
    fn from(pattern: PathPattern) -> String {
        pattern.to_string()
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            match segment {
                SegmentPattern::One(glob) => write!(out, "/{glob}")?,
                SegmentPattern::Any => out.write_str("/**")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        PathPattern::parse(pattern)
            .unwrap()
            .matches(&NormalPath::parse(path).unwrap())
    }

    #[test]
    fn stars_stay_in_their_segment_and_double_stars_cross() {
        for (pattern, path, expected) in [
            ("/", "/", true),
            ("/", "/a", false),
            ("/**", "/", true),
            ("/**", "/a/b", true),
            ("/repos/acme/**", "/repos/acme/x/y", true),
            ("/repos/acme/**", "/repos/acme/", true),
            ("/repos/acme/**", "/repos/acme", false),
            ("/repos/acme/**", "/repos/acme2/x", false),
            ("/repos/acme/**", "/repos/acme%2dx/y", false),
            ("/a/*", "/a/b", true),
            ("/a/*", "/a/b/c", false),
            ("/a/*", "/a/", true),
            ("/a/*", "/a", false),
            ("/a/**/z", "/a/z", true),
            ("/a/**/z", "/a/b/c/z", true),
            ("/a/**/z", "/a/b/c/y", false),
            ("/**/a/**/b/**", "/x/a/y/b/z", true),
            ("/**/a/**/b/**", "/x/a/y/b", false),
            ("/v*/x.json", "/v2/x.json", true),
            ("/A", "/a", false),
            ("/\\*", "/*", true),
            ("/\\*", "/a", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn patterns_that_mislead_are_refused() {
        use PatternError::*;
        for (pattern, expected) in [
            ("", NotAbsolute),
            ("repos", NotAbsolute),
            ("/a**", PartialDoubleStar),
            ("/**.json", PartialDoubleStar),
            ("/**/**", RepeatedDoubleStar),
            ("/a?b", Query),
            ("/a%20b", Encoded),
            ("/a/../b", NeverMatches(PathError::DotSegment)),
            ("/a//b", NeverMatches(PathError::EmptySegment)),
            ("//", NeverMatches(PathError::EmptySegment)),
            ("/a\\b", NeverMatches(PathError::Backslash)),
        ] {
            assert_eq!(PathPattern::parse(pattern), Err(expected), "{pattern}");
        }
    }

    #[test]
    fn covering_is_decided_by_pattern() {
        for (wide, narrow, expected) in [
            ("/**", "/a/**", true),
            ("/**", "/", true),
            ("/a/**", "/a/*", true),
            ("/a/**", "/a/b", true),
            ("/a/**", "/a", false),
            ("/a/*", "/a/**", false),
            ("/a/**/z", "/a/b/*/z", true),
            ("/a/**/z", "/a/**/z", true),
            ("/a/**/z", "/a/**", false),
            ("/a/b*", "/a/bc*", true),
            ("/a/bc*", "/a/b*", false),
        ] {
            let [w, n] = [wide, narrow].map(|text| PathPattern::parse(text).unwrap());
            assert_eq!(w.covers(&n), expected, "{wide} {narrow}");
        }
    }

    fn segment() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["a", "b", "ab", "*", "a*", "**"])
    }

    fn pattern() -> impl Strategy<Value = PathPattern> {
        prop::collection::vec(segment(), 1..5).prop_filter_map("no repeated **", |parts| {
            PathPattern::parse(&format!("/{}", parts.join("/"))).ok()
        })
    }

    fn path() -> impl Strategy<Value = NormalPath> {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "ab"]), 0..6)
            .prop_map(|parts| NormalPath::parse(&format!("/{}", parts.join("/"))).unwrap())
    }

    /// The definition, as slow as it is plain.
    fn slow(pattern: &[SegmentPattern], path: &[&str]) -> bool {
        match pattern {
            [] => path.is_empty(),
            [SegmentPattern::Any] => !path.is_empty(),
            [SegmentPattern::Any, rest @ ..] => (0..=path.len()).any(|n| slow(rest, &path[n..])),
            [SegmentPattern::One(glob), rest @ ..] => path
                .split_first()
                .is_some_and(|(first, after)| glob.matches(first) && slow(rest, after)),
        }
    }

    proptest! {
        #[test]
        fn an_exact_pattern_grants_its_path_and_prints_back(target in "(/|%25|%2A|\\*|;|[a-z%]){0,20}", other in "/[a-z*]{0,3}") {
            if let (Ok(path), Ok(other)) = (NormalPath::parse(&target), NormalPath::parse(&other)) {
                let exact = PathPattern::exact(&path);
                prop_assert!(exact.matches(&path));
                prop_assert_eq!(exact.matches(&other), path.as_str() == other.as_str());
                prop_assert_eq!(PathPattern::parse(&exact.to_string()), Ok(exact));
            }
        }

        #[test]
        fn any_pattern_parses_or_fails_and_prints_back(text in "(/|\\*|\\\\|[a-z%?]|\\PC){0,20}") {
            if let Ok(pattern) = PathPattern::parse(&text) {
                prop_assert_eq!(PathPattern::parse(&pattern.to_string()), Ok(pattern));
            }
        }

        #[test]
        fn matching_agrees_with_the_definition(pattern in pattern(), path in path()) {
            let segments: Vec<&str> = path.segments().collect();
            prop_assert_eq!(pattern.matches(&path), slow(&pattern.segments, &segments));
        }

        #[test]
        fn what_is_covered_is_never_wider(wide in pattern(), narrow in pattern(), path in path()) {
            if wide.covers(&narrow) && narrow.matches(&path) {
                prop_assert!(wide.matches(&path));
            }
        }
    }
}
