//! Embeds the guests that `make guests` built, so that the server is one file.
//!
//! Each `guest/dist/NAME.wasm` that exists is compressed and written to `OUT_DIR` with its digest.
//! One that doesn't exist is left out: the program then says how to build it when it is asked for.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use sha2::{Digest, Sha256};

const GUESTS: [&str; 5] = ["shell", "python", "javascript", "probe", "probe-p1"];

fn main() -> Result<(), Box<dyn Error>> {
    let manifest = env::var("CARGO_MANIFEST_DIR")?;
    let out = env::var("OUT_DIR")?;
    let dist = Path::new(&manifest).join("guest/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut table = String::from("pub const EMBEDDED: &[Embedded] = &[\n");
    for name in GUESTS {
        let source = dist.join(name).with_extension("wasm");
        println!("cargo::rerun-if-changed={}", source.display());
        let Ok(bytes) = fs::read(&source) else {
            continue;
        };
        // Level 6: a second for the largest guest, and within a tenth of the best ratio.
        let compressed = zstd::bulk::compress(&bytes, 6)?;
        let target = Path::new(&out).join(name).with_extension("wasm.zst");
        fs::write(&target, compressed)?;
        let version = fs::read_to_string(source.with_extension("version")).unwrap_or_default();
        writeln!(
            table,
            "    Embedded {{ name: {name:?}, version: {:?}, digest: {:?}, size: {}, compressed: include_bytes!({:?}) }},",
            version.trim(),
            hex(&Sha256::digest(&bytes)),
            bytes.len(),
            target.display().to_string(),
        )?;
    }
    table.push_str("];\n");
    fs::write(Path::new(&out).join("embedded.rs"), table)?;
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}
