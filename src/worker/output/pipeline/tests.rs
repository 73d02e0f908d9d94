//! The pipeline as a worker sees it: streams and the messages file in, events out.

use proptest::prelude::*;

use super::super::service_message::encode;
use super::*;

/// What a worker feeds.
#[derive(Clone, Debug)]
enum Fed {
    Stdout(String),
    Stderr(String),
    Messages(String),
}

fn out(text: &str) -> Fed {
    Fed::Stdout(text.into())
}

fn message(name: &str, attributes: &[(&str, &str)]) -> Fed {
    Fed::Messages(encode(name, attributes) + "\n")
}

fn run_in_chunks(secrets: &[&str], in_band: InBand, fed: &[Fed], size: usize) -> Vec<Emitted> {
    let mut known = Secrets::default();
    for secret in secrets {
        known.add(secret).unwrap();
    }
    let mut pipeline = OutputPipeline::new(known, in_band);
    let mut events: Vec<Emitted> = Vec::new();
    let mut sink = |emitted| match (emitted, events.last_mut()) {
        (
            Emitted::Output {
                stream,
                level,
                bytes,
            },
            Some(Emitted::Output {
                stream: same_stream,
                level: same_level,
                bytes: joined,
            }),
        ) if (*same_stream, *same_level) == (stream, level) => joined.extend(bytes),
        (emitted, _) => events.push(emitted),
    };
    for part in fed {
        let (Fed::Stdout(text) | Fed::Stderr(text) | Fed::Messages(text)) = part;
        for chunk in text.as_bytes().chunks(size) {
            match part {
                Fed::Stdout(_) => pipeline.push(Stream::Stdout, chunk, &mut sink),
                Fed::Stderr(_) => pipeline.push(Stream::Stderr, chunk, &mut sink),
                Fed::Messages(_) => pipeline.messages_file_push(chunk, &mut sink),
            }
        }
    }
    pipeline.finish(&mut sink);
    events
}

fn run(secrets: &[&str], fed: &[Fed]) -> Vec<Emitted> {
    run_in_chunks(secrets, InBand::Accepted, fed, usize::MAX)
}

fn output(level: Level, text: &str) -> Emitted {
    Emitted::Output {
        stream: Stream::Stdout,
        level,
        bytes: text.into(),
    }
}

#[test]
fn levels_hold_from_where_they_are_written() {
    let fed = [
        out("plain\n"),
        message("stdout-warning", &[]),
        out("careful\n"),
        message("stdout-default", &[]),
        out(
            "##octopus[stdout-verbose]\nchatter\n##octopus[stdout-ignore]\r\ngone\n##octopus[stdout-default]\nback\n",
        ),
    ];
    let expected = [
        output(Level::Info, "plain\n"),
        output(Level::Warning, "careful\n"),
        output(Level::Verbose, "chatter\n"),
        output(Level::Info, "back\n"),
    ];
    for size in [1, 2, 3, 7, 1000] {
        assert_eq!(
            run_in_chunks(&[], InBand::Accepted, &fed, size),
            expected,
            "in chunks of {size}"
        );
    }
}

#[test]
fn only_the_line_of_a_message_vanishes() {
    let verbose = "##octopus[stdout-default]";
    let cases = [
        (format!("\n{verbose}\n\n"), "\n\n"),
        (format!("a{verbose}\nb"), "a\nb"),
        (format!("{verbose}a\n"), "a\n"),
        (format!("{verbose}{verbose}\r\nb"), "b"),
        (format!("{verbose}\r{verbose}\nb"), "\r\nb"),
        (format!("{verbose}\rb"), "\rb"),
        (format!("{verbose}\r\r\nb"), "\r\r\nb"),
    ];
    for (text, expected) in cases {
        for size in 1..text.len() {
            let events = run_in_chunks(&[], InBand::Accepted, &[out(&text)], size);
            assert_eq!(
                events,
                [output(Level::Info, expected)],
                "{text:?} in chunks of {size}"
            );
        }
    }
}

#[test]
fn a_secret_is_masked_across_messages_and_levels() {
    let fed = [
        out("it is hun##octopus[stdout-verbose]"),
        message("stdout-wait", &[]),
        out("ter2, yes"),
    ];
    let expected = [
        output(Level::Info, "it is ********"),
        output(Level::Wait, ", yes"),
    ];
    assert_eq!(run(&["hunter2"], &fed), expected);
    let ignored = [out(
        "hun##octopus[stdout-ignore]xx##octopus[stdout-default]ter2",
    )];
    assert_eq!(
        run(&["hunter2"], &ignored),
        [output(Level::Info, "********")]
    );
}

#[test]
fn a_sensitive_variable_is_masked_in_what_follows() {
    let wire = [
        ("name", "Token"),
        ("value", "hunter2"),
        ("sensitive", "True"),
    ];
    let variable = Emitted::OutputVariable {
        name: "Token".into(),
        value: Value::new("hunter2".into(), true),
    };
    assert!(!format!("{variable:?}").contains("hunter2"));
    let masked = output(Level::Info, "got ********\n");
    let in_band = encode("setVariable", &wire) + "got hunter2\n";
    assert_eq!(
        run(&[], &[out(&in_band)]),
        [variable.clone(), masked.clone()]
    );
    let out_of_band = [message("setVariable", &wire), out("got hunter2\n")];
    assert_eq!(run(&[], &out_of_band), [variable, masked.clone()]);
    assert_eq!(
        run(
            &[],
            &[
                message("mask", &[("value", "hunter2")]),
                out("got hunter2\n")
            ]
        ),
        [masked]
    );
}

#[test]
fn messages_in_the_output_can_be_refused() {
    let text = encode("setVariable", &[("name", "a"), ("value", "b")]) + "\n";
    let events = run_in_chunks(&[], InBand::Refused, &[out(&text)], 5);
    assert_eq!(events, [output(Level::Info, &text)]);
}

#[test]
fn standard_error_may_mask_and_nothing_else() {
    let variable = encode("setVariable", &[("name", "a"), ("value", "b")]);
    let mask = encode("mask", &[("value", "hunter2")]);
    let events = run(
        &[],
        &[Fed::Stderr(format!("{variable}\n{mask}\nhunter2\n"))],
    );
    let bytes = format!("{variable}\n********\n").into_bytes();
    assert_eq!(
        events,
        [Emitted::Output {
            stream: Stream::Stderr,
            level: Level::Error,
            bytes
        }]
    );
}

#[test]
fn texts_for_people_are_masked_and_forged_reads_are_unknown() {
    let fed = [
        message(
            "progress",
            &[("percentage", "5"), ("message", "with hunter2")],
        ),
        message("resultMessage", &[("message", "hunter2 failed")]),
        message("seawall-variable-read", &[("name", "Web.Port")]),
        out(&encode("seawall-variable-read", &[("name", "Web.Port")])),
        Fed::Messages("hunt".into()),
        Fed::Messages("er2 is no message\n".into()),
        message("progress", &[]),
        message("mask", &[("value", "abc")]),
    ];
    let expected = [
        Emitted::Progress {
            percentage: 5,
            message: "with ********".into(),
        },
        Emitted::Failure {
            message: "******** failed".into(),
        },
        Emitted::VariableRead {
            name: "Web.Port".into(),
        },
        Emitted::Unknown {
            name: "seawall-variable-read".into(),
        },
        Emitted::Unparsed {
            bytes: b"******** is no message\n".into(),
        },
        Emitted::Incomplete {
            message: "progress",
            attribute: "percentage",
        },
        Emitted::TooShortToMask,
    ];
    assert_eq!(run(&["hunter2"], &fed), expected);
}

#[test]
fn what_cannot_be_masked_is_not_shown() {
    let too_long = "0123456789abcdef".repeat(5000);
    let fed = [
        out("before\n"),
        message("mask", &[("value", &too_long)]),
        out(&too_long),
    ];
    let expected = [
        output(Level::Info, "before\n"),
        Emitted::Withheld {
            reason: Full::SecretBytes,
        },
    ];
    assert_eq!(run(&[], &fed), expected);
}

fn fed() -> impl Strategy<Value = Fed> {
    let text = prop_oneof![
        "[hunter2\r\n#\\[\\]]{0,12}",
        Just("hunter2".to_owned()),
        Just("##octopus[stdout-ignore]".to_owned()),
        Just("##octopus[stdout-verbose]\r\n".to_owned()),
        Just("##octopus[stdout-default]\n".to_owned()),
        Just(encode("mask", &[("value", "ter2")])),
        Just("##octopus[".to_owned()),
    ];
    (text, 0..3_u8).prop_map(|(text, kind)| match kind {
        0 => Fed::Stdout(text),
        1 => Fed::Stderr(text),
        _ => Fed::Messages(text),
    })
}

/// The output of each stream and level, without how it was interleaved: text held back may let the other stream pass.
fn texts(events: &[Emitted], wanted: Stream) -> Vec<(Level, Vec<u8>)> {
    let mut texts: Vec<(Level, Vec<u8>)> = Vec::new();
    for event in events {
        if let Emitted::Output {
            stream,
            level,
            bytes,
        } = event
            && *stream == wanted
        {
            match texts.last_mut() {
                Some((same, joined)) if same == level => joined.extend(bytes),
                _ => texts.push((*level, bytes.clone())),
            }
        }
    }
    texts
}

proptest! {
    #[test]
    fn cuts_do_not_matter_and_no_secret_passes(
        fed in proptest::collection::vec(fed(), 0..10),
        size in 1..20_usize,
    ) {
        let whole = run(&["hunter2"], &fed);
        let cut = run_in_chunks(&["hunter2"], InBand::Accepted, &fed, size);
        for stream in [Stream::Stdout, Stream::Stderr] {
            let texts = texts(&cut, stream);
            let all: Vec<u8> = texts.iter().flat_map(|(_, text)| text.clone()).collect();
            prop_assert!(!String::from_utf8_lossy(&all).contains("hunter2"), "{:?}", cut);
            prop_assert_eq!(texts, self::texts(&whole, stream));
        }
    }
}
