//! A script's output, hostile: no panic, no secret in what is emitted, and nothing depends on how the input is cut.
//!
//! The first byte says how the rest is cut and fed. Run with
//! `cargo +nightly fuzz run service_messages` in the repository's root.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/worker/output/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the server uses more of it")]
mod output;

use output::terminal::visible;
use output::{Emitted, InBand, OutputPipeline, Secrets, Stream};

const SECRET: &str = "hunter2";

fn emitted(bytes: &[u8], size: usize, in_band: InBand) -> Vec<u8> {
    let mut secrets = Secrets::default();
    secrets.add(SECRET).expect("one short secret fits");
    let mut pipeline = OutputPipeline::new(secrets, in_band);
    let mut text = Vec::new();
    let mut sink = |emitted| {
        if let Emitted::Output { bytes, .. } = emitted {
            text.extend(bytes);
        }
    };
    for chunk in bytes.chunks(size) {
        pipeline.push(Stream::Stdout, chunk, &mut sink);
    }
    pipeline.finish(&mut sink);
    text
}

fuzz_target!(|input: &[u8]| {
    let Some((&cut, bytes)) = input.split_first() else {
        return;
    };
    let in_band = if cut & 0x80 == 0 {
        InBand::Accepted
    } else {
        InBand::Refused
    };
    let size = usize::from(cut & 0x7f) + 1;
    let text = emitted(bytes, size, in_band);
    assert_eq!(text, emitted(bytes, usize::MAX, in_band));
    assert!(
        !text
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes())
    );
    assert!(
        visible(&text)
            .chars()
            .all(|c| matches!(c, '\n' | '\t') || !c.is_control())
    );

    // The messages file takes anything as well.
    let mut pipeline = OutputPipeline::new(Secrets::default(), in_band);
    bytes
        .chunks(size)
        .for_each(|chunk| pipeline.messages_file_push(chunk, &mut drop));
    pipeline.finish(&mut drop);
});
