//! Embeds the guests that `make guests` built, so that the server is one file.
//!
//! Each `guest/dist/NAME.wasm` that exists is compressed and written to `OUT_DIR` with its digest.
//! One that doesn't exist is left out: the program then says how to build it when it is asked for.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use sha2::{Digest, Sha256};

const GUESTS: [&str; 6] = [
    "shell",
    "powershell",
    "python",
    "javascript",
    "probe",
    "probe-p1",
];

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
        let version = Path::new(&manifest)
            .join("guest")
            .join(name)
            .join("VERSION");
        println!("cargo::rerun-if-changed={}", version.display());
        let version = fs::read_to_string(version)?;
        writeln!(
            table,
            "    Embedded {{ name: {name:?}, version: {:?}, digest: {:?}, size: {}, compressed: include_bytes!({:?}) }},",
            version.trim(),
            hex::encode(Sha256::digest(&bytes)),
            bytes.len(),
            target.display().to_string(),
        )?;
    }
    table.push_str("];\n");
    table.push_str(&probe_modules(&dist.join("modules"), Path::new(&out))?);
    fs::write(Path::new(&out).join("embedded.rs"), table)?;
    Ok(())
}

/// The hostile modules that `guest/probe/build.sh` collects, as text: some need a megabyte, most of
/// it repeated.
fn probe_modules(directory: &Path, out: &Path) -> Result<String, Box<dyn Error>> {
    let mut table = String::from(
        "/// Hostile modules as the table of probes names them, their text compressed with zstd.\n\
         pub const PROBE_MODULES: &[(&str, &[u8])] = &[\n",
    );
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut paths: Vec<_> = match fs::read_dir(directory) {
        Ok(entries) => entries
            .collect::<Result<Vec<_>, _>>()?
            .iter()
            .map(fs::DirEntry::path)
            .collect(),
        Err(_) => Vec::new(),
    };
    paths.sort();
    for path in paths {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let target = out.join(name).with_extension("wat.zst");
        fs::write(&target, zstd::bulk::compress(&fs::read(&path)?, 6)?)?;
        let target = target.display().to_string();
        writeln!(
            table,
            "    (\"modules/{name}\", include_bytes!({target:?})),"
        )?;
    }
    table.push_str("];\n");
    Ok(table)
}
