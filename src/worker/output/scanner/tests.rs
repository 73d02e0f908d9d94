//! The scanner against the cases of the reference, and against itself with the input cut elsewhere.

use proptest::prelude::*;

use super::super::secret_text::{SecretText, Value};
use super::super::service_message::{Level, LevelSwitch, Stream, encode};
use super::*;

/// What comes out, neighbouring texts joined.
#[derive(Clone, Debug, PartialEq)]
enum Found {
    Text(String),
    Message(ServiceMessage),
}

fn scan<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, limit_bytes: usize) -> Vec<Found> {
    let mut found: Vec<(Vec<u8>, Option<ServiceMessage>)> = Vec::new();
    let mut scanner = Scanner::new(limit_bytes);
    let mut emit = |piece: Piece<'_>| match (piece, found.last_mut()) {
        (Piece::Message { message, .. }, _) => found.push((Vec::new(), Some(message))),
        (Piece::Text(text), Some((joined, None))) => joined.extend_from_slice(text),
        (Piece::Text(text), _) => found.push((text.to_vec(), None)),
    };
    for chunk in chunks {
        scanner.push(chunk, &mut emit);
        assert!(
            scanner.held.len() < scanner.limit_bytes,
            "more held than allowed"
        );
    }
    scanner.finish(&mut emit);
    found
        .into_iter()
        .map(|(text, message)| match message {
            Some(message) => Found::Message(message),
            None => Found::Text(String::from_utf8_lossy(&text).into_owned()),
        })
        .collect()
}

fn check(input: &str, expected: &[Found]) {
    for size in 1..=input.len().max(1) {
        let found = scan(input.as_bytes().chunks(size), MAX_IN_BAND_BYTES);
        assert_eq!(found, expected, "{input:?} in chunks of {size}");
    }
}

fn text(text: &str) -> Found {
    Found::Text(text.into())
}

fn variable(name: &str, value: &str) -> Found {
    let value = Value::Plain(value.into());
    Found::Message(ServiceMessage::SetVariable {
        name: name.into(),
        value,
    })
}

fn verbose() -> Found {
    let switch = LevelSwitch::Show(Level::Verbose);
    Found::Message(ServiceMessage::Level {
        stream: Stream::Stdout,
        switch,
    })
}

#[test]
fn messages_are_found_where_octopus_finds_them() {
    let a_is_b = variable("a", "b");
    check(
        "##octopus[setVariable name=\"YQ==\" value=\"Yg==\"]",
        std::slice::from_ref(&a_is_b),
    );
    check(
        "##octopus[setVariable value='Yg==' name='YQ==']",
        std::slice::from_ref(&a_is_b),
    );
    check(
        "##octopus[setVariable NAME='YQ==' Value='Yg==']\n",
        &[a_is_b.clone(), text("\n")],
    );
    check("##octopus[setVariable name='YQ==']", &[variable("a", "")]);
    check(
        "##octopus[setVariable name='YQ==' value='']",
        &[variable("a", "")],
    );
    check(
        "say ##octopus[stdout-verbose] it",
        &[text("say "), verbose(), text(" it")],
    );
    check(
        "##octopus[stdout-verbose]##octopus[stdout-verbose]",
        &[verbose(), verbose()],
    );
    check("####octopus[stdout-verbose]", &[text("##"), verbose()]);
    check(
        "##octopus[stdout-\r\nverbose]\r\n",
        &[verbose(), text("\r\n")],
    );
    check(
        "##octopus[setVariable\r\n name='YQ=\r\n='\n value='Yg==']",
        &[a_is_b],
    );
    check("##octopus [stdout-verbose]", &[verbose()]);
    check("##octopus[[ stdout-verbose ]", &[verbose()]);
}

#[test]
fn sensitive_values_are_sensitive_in_any_case_and_silent() {
    for sensitive in ["True", "true", " TRUE "] {
        let wire = encode(
            "setVariable",
            &[("name", "a"), ("value", "b"), ("sensitive", sensitive)],
        );
        let value = Value::Sensitive(SecretText::new("b".into()));
        let message = ServiceMessage::SetVariable {
            name: "a".into(),
            value,
        };
        assert!(!format!("{message:?}").contains("\"b\""), "{message:?}");
        check(&wire, &[Found::Message(message)]);
    }
    let wire = encode(
        "setVariable",
        &[("name", "a"), ("value", "b"), ("sensitive", "False")],
    );
    check(&wire, &[variable("a", "b")]);
}

#[test]
fn what_is_no_message_is_text() {
    for input in [
        "",
        "#",
        "##octopu",
        "# octopus\n## octopus\n### x",
        "see the ##octopus documentation [1]",
        "##octopus]",
        "##octopus[]",
        "##octopus[ ]",
        "##octopus[set variable name='YQ==']",
        "##octopus[setVariable name='not base64!']",
        "##octopus[setVariable name='YQ']",
        "##octopus[setVariable name='/w==']",
        "##octopus[setVariable name='YQ==' NAME='YQ==']",
        "##octopus[setVariable name=YQ==]",
        "##octopus[a/><b]",
        "##octopus[a><b/></a]",
        "##octopus[!DOCTYPE a [<!ENTITY e 'x'>]><a]",
        "##octopus[a b='&e;']",
        "##octopus[!-- --]",
        "##octopus[?xml version='1.0'?]",
        "##octopus[setVariable name='YQ==' value='Yg==' and then nothing",
        "##OCTOPUS[stdout-verbose]",
    ] {
        let expected = if input.is_empty() {
            vec![]
        } else {
            vec![text(input)]
        };
        check(input, &expected);
    }
}

#[test]
fn an_unterminated_message_spares_the_next() {
    check(
        "##octopus[set ##octopus[stdout-verbose].",
        &[text("##octopus[set "), verbose(), text(".")],
    );
    check(
        "##octopus ##octopus[stdout-verbose]",
        &[text("##octopus "), verbose()],
    );
    check(
        "##octopus[###octopus[stdout-verbose]",
        &[text("##octopus[#"), verbose()],
    );
    let long = format!("##octopus[{}", "x".repeat(MAX_IN_BAND_BYTES));
    let found = scan(
        [long.as_bytes(), b"##octopus[stdout-verbose]"],
        MAX_IN_BAND_BYTES,
    );
    assert_eq!(found, [text(&long), verbose()]);
    // The limit falls into the label of the next one.
    let long = "##octopus[".to_owned() + &"x".repeat(18);
    let input = format!("{long}##octopus[stdout-verbose]");
    let found = scan([input.as_bytes()], 30);
    assert_eq!(found, [text(&long), verbose()]);
}

#[test]
fn all_kinds_are_understood() {
    use ServiceMessage as M;
    let artifact = M::CreateArtifact {
        path: "/work/a".into(),
        name: None,
        length_bytes: Some(3),
    };
    let cases = [
        (
            encode("createArtifact", &[("path", "/work/a"), ("length", "3")]),
            artifact,
        ),
        (
            encode("progress", &[("percentage", "150"), ("message", "m")]),
            M::Progress {
                percentage: 100,
                message: "m".into(),
            },
        ),
        (
            encode("progress", &[("percentage", "half")]),
            M::Incomplete {
                message: "progress",
                attribute: "percentage",
            },
        ),
        (
            encode("resultMessage", &[("message", "m")]),
            M::ResultMessage {
                message: "m".into(),
            },
        ),
        (
            encode("mask", &[("value", "v")]),
            M::Mask {
                value: SecretText::new("v".into()),
            },
        ),
        (
            encode("setVariable", &[]),
            M::Incomplete {
                message: "setVariable",
                attribute: "name",
            },
        ),
        (
            encode("stderr-progress", &[]),
            M::Level {
                stream: Stream::Stderr,
                switch: LevelSwitch::Show(Level::Verbose),
            },
        ),
        (
            encode("stdout-ignore", &[]),
            M::Level {
                stream: Stream::Stdout,
                switch: LevelSwitch::Ignore,
            },
        ),
        (
            encode("delete-target", &[("machine", "m")]),
            M::DeleteTarget {
                machine: "m".into(),
            },
        ),
        (
            encode("seawall-variable-read", &[("name", "n")]),
            M::VariableRead { name: "n".into() },
        ),
        (
            encode("calamari-found-package", &[]),
            M::Unknown {
                name: "calamari-found-package".into(),
            },
        ),
    ];
    for (wire, message) in cases {
        check(&wire, &[Found::Message(message)]);
    }
}

/// Text that comes close to messages, and messages.
fn part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[#octpus\\[\\]\r\n <&'=a]{0,12}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..6),
        Just(b"##octopus".to_vec()),
        Just(b"##octopus[setVariable name='".to_vec()),
        Just(b"##octopus[stdout-verbose]".to_vec()),
        "\\PC{0,6}".prop_map(|value| encode("mask", &[("value", &value)]).into_bytes()),
    ]
}

proptest! {
    #[test]
    fn pieces_do_not_depend_on_the_cuts(
        parts in proptest::collection::vec(part(), 0..12),
        sizes in proptest::collection::vec(1..30_usize, 1..8),
        limit_bytes in 18..80_usize,
    ) {
        let input = parts.concat();
        let mut rest = input.as_slice();
        let mut sizes = sizes.into_iter().cycle();
        let chunks = std::iter::from_fn(|| {
            let (chunk, after) = rest.split_at(sizes.next()?.min(rest.len()));
            rest = after;
            (!chunk.is_empty()).then_some(chunk)
        });
        prop_assert_eq!(scan(chunks, limit_bytes), scan([input.as_slice()], limit_bytes));
    }

    #[test]
    fn texts_and_raw_messages_are_the_input(parts in proptest::collection::vec(part(), 0..12)) {
        let mut output = Vec::new();
        let mut scanner = Scanner::new(64);
        let mut emit = |piece: Piece<'_>| match piece {
            Piece::Text(bytes) | Piece::Message { raw: bytes, .. } => output.extend_from_slice(bytes),
        };
        for part in &parts {
            scanner.push(part, &mut emit);
        }
        scanner.finish(&mut emit);
        prop_assert_eq!(output, parts.concat());
    }

    #[test]
    fn what_is_encoded_is_read_back(name in "\\PC{1,20}", value in any::<String>()) {
        let wire = encode("setVariable", &[("name", &name), ("value", &value)]);
        let expected = [variable(&name, &value)];
        prop_assert_eq!(scan(wire.as_bytes().chunks(7), MAX_IN_BAND_BYTES), expected);
    }
}
