//! Masking against its definition, and against itself with the input cut elsewhere.

use proptest::prelude::*;

use super::*;

fn secrets(values: &[&str]) -> Secrets {
    let mut secrets = Secrets::default();
    for value in values {
        secrets.add(value).unwrap();
    }
    secrets
}

fn in_chunks(secrets: &Secrets, text: &[u8], size: usize) -> Vec<u8> {
    let mut redacted = Vec::new();
    let mut masker = Masker::default();
    let mut emit = |(), bytes: &[u8]| redacted.extend_from_slice(bytes);
    for chunk in text.chunks(size) {
        masker.push(secrets, (), chunk, &mut emit);
        assert!(masker.held.len() < MAX_PATTERN_BYTES);
    }
    masker.finish(secrets, &mut emit);
    redacted
}

/// What is emitted before anything else comes.
fn at_once(secrets: &Secrets, text: &str) -> String {
    let mut emitted = Vec::new();
    let mut masker = Masker::default();
    masker.push(secrets, (), text.as_bytes(), &mut |(), bytes| {
        emitted.extend_from_slice(bytes)
    });
    String::from_utf8(emitted).unwrap()
}

#[test]
fn secrets_are_masked_in_every_form_at_every_cut() {
    let cases: &[(&[&str], &str, &str)] = &[
        (&["hunter2"], "password: hunter2\n", "password: ********\n"),
        (&["hunter2"], "hunter2hunter2 hunter", "******** hunter"),
        (&["abcdef", "efgh"], "xabcdefghx", "x********x"),
        (
            &["abcd", "abcdefgh"],
            "abcdefgh abcdef",
            "******** ********ef",
        ),
        (&["abcabd"], "abcabcabd", "abc********"),
        (&["abcd", "bcdz"], "abcdx", "********x"),
        (&["hunter2"], "aHVudGVyMgo=\n", "********\n"),
        (&["hunter2"], "dXNlcjpodW50ZXIy", "dXNlcjp********"),
        (
            &["a b&c/d"],
            "q=a%20b%26c%2Fd&r=a+b%26c%2fd",
            "q=********&r=********",
        ),
        (
            &["first\nsecond\n}"],
            "first\r\n  second\n}\n",
            "********\r\n  ********\n}\n",
        ),
        (
            &["abc", "äöü", "    "],
            "abc äöü      stay",
            "abc äöü      stay",
        ),
        (&["äöüß"], "äöüß", "********"),
    ];
    for (values, text, expected) in cases {
        let secrets = secrets(values);
        for size in 1..=text.len() {
            let redacted = in_chunks(&secrets, text.as_bytes(), size);
            assert_eq!(
                String::from_utf8_lossy(&redacted),
                *expected,
                "{text:?} in chunks of {size}"
            );
        }
    }
}

#[test]
fn only_a_possible_beginning_is_held_back() {
    let secrets = secrets(&["hunter2", "line one\nline two"]);
    assert_eq!(at_once(&secrets, "Continue? [y/n] "), "Continue? [y/n] ");
    assert_eq!(at_once(&secrets, "a line\n"), "a line\n");
    assert_eq!(at_once(&secrets, "it is hunt"), "it is ");
    assert_eq!(at_once(&secrets, "it is hunter2"), "it is ********");
    assert_eq!(at_once(&secrets, "line one\n"), "");
}

#[test]
fn a_secret_added_later_is_masked_in_what_is_still_held() {
    let mut secrets = secrets(&["hunter2"]);
    let mut redacted = Vec::new();
    let mut masker = Masker::default();
    let mut emit =
        |tag: u8, bytes: &[u8]| redacted.push((tag, String::from_utf8_lossy(bytes).into_owned()));
    masker.push(&secrets, 1, b"hun", &mut emit);
    secrets.add("untie").unwrap();
    masker.push(&secrets, 2, b"tied untied", &mut emit);
    masker.finish(&secrets, &mut emit);
    let expected = [(1, "h"), (1, MASK), (2, "d "), (2, MASK), (2, "d")];
    assert_eq!(redacted, expected.map(|(tag, text)| (tag, text.to_owned())));
}

#[test]
fn values_beyond_the_bounds_are_refused() {
    let mut secrets = secrets(&["hunter2"]);
    assert_eq!(secrets.add("abc"), Ok(Added::TooShort));
    assert_eq!(secrets.add("hunter2"), Ok(Added::Known));
    assert_eq!(
        secrets.add(&"x".repeat(MAX_SECRET_BYTES + 1)),
        Err(Full::SecretBytes)
    );
    let full = (0..).find_map(|n| secrets.add(&format!("{n:08}")).err());
    assert!(matches!(full, Some(Full::Secrets | Full::TotalBytes)));
    assert!(secrets.layers.len() < 24, "{} layers", secrets.layers.len());
    assert_eq!(secrets.redact(b"a 00000001 b"), b"a ******** b");
    assert_eq!(
        format!("{secrets:?}"),
        format!("Secrets({})", secrets.known.len())
    );
}

#[test]
fn a_long_secret_is_masked_whole() {
    let value: String = (0..3000_u32)
        .map(|n| char::from(b'a' + (n * n * 7 % 25) as u8))
        .collect();
    let secrets = secrets(&[&value]);
    for size in [1, 100, 5000] {
        assert_eq!(
            in_chunks(&secrets, format!("<{value}>").as_bytes(), size),
            b"<********>"
        );
    }
}

/// From a small alphabet, so that secrets overlap, nest and turn up in the text.
fn values() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(
        prop_oneof!["[ab]{4,9}", "[ab\n\"]{4,9}", "[abé%/ +]{4,12}"],
        0..5,
    )
}

fn text_with(values: Vec<String>) -> impl Strategy<Value = (Vec<String>, Vec<u8>)> {
    let part = if values.is_empty() {
        proptest::collection::vec(any::<u8>(), 0..9).boxed()
    } else {
        prop_oneof![
            proptest::sample::select(values.clone()).prop_map(String::into_bytes),
            "[ab\n\"é%]{0,9}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..9),
        ]
        .boxed()
    };
    (
        Just(values),
        proptest::collection::vec(part, 0..9).prop_map(|parts| parts.concat()),
    )
}

/// The definition, byte by byte.
fn masked_by_definition(secrets: &Secrets, text: &[u8]) -> Vec<u8> {
    let mut is_covered = vec![false; text.len()];
    for pattern in secrets.layers.iter().flat_map(|layer| &layer.patterns) {
        for start in 0..text.len() {
            if text[start..].starts_with(pattern) {
                is_covered[start..start + pattern.len()].fill(true);
            }
        }
    }
    let mut masked = Vec::new();
    for index in 0..text.len() {
        if !is_covered[index] {
            masked.push(text[index]);
        } else if index == 0 || !is_covered[index - 1] {
            masked.extend_from_slice(MASK.as_bytes());
        }
    }
    masked
}

proptest! {
    #[test]
    fn no_secret_passes_and_cuts_do_not_matter(
        (values, text) in values().prop_flat_map(text_with),
        size in 1..40_usize,
    ) {
        let secrets = secrets(&values.iter().map(String::as_str).collect::<Vec<_>>());
        let redacted = in_chunks(&secrets, &text, size);
        prop_assert_eq!(&redacted, &masked_by_definition(&secrets, &text));
        prop_assert_eq!(&redacted, &secrets.redact(&text));
        for value in values.iter().filter(|value| !value.trim().is_empty()) {
            prop_assert!(!redacted.windows(value.len()).any(|window| window == value.as_bytes()));
        }
    }

    #[test]
    fn text_without_secrets_is_unchanged(
        text in proptest::collection::vec(any::<u8>(), 0..200),
        size in 1..40_usize,
    ) {
        let secrets = secrets(&["a secret that random bytes do not spell", "another one of these\nlines here"]);
        prop_assert_eq!(in_chunks(&secrets, &text, size), text);
    }
}
