//! The guests that were built into this program, compressed.

/// One guest as the build embedded it.
pub struct Embedded {
    /// `shell`, `python`, `javascript`, `probe` or `probe-p1`.
    pub name: &'static str,
    /// What it runs, for people: `CPython 3.14.0`.
    pub version: &'static str,
    /// SHA-256 of the uncompressed bytes, in lower-case hex.
    pub digest: &'static str,
    /// Uncompressed size in bytes.
    pub size: usize,
    /// The component, or for `probe-p1` the core module, compressed with zstd.
    pub compressed: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The embedded guest called `name`, unless this program was built without it.
pub fn find(name: &str) -> Option<&'static Embedded> {
    EMBEDDED.iter().find(|embedded| embedded.name == name)
}

impl Embedded {
    /// The uncompressed bytes.
    pub fn bytes(&self) -> Vec<u8> {
        zstd::bulk::decompress(self.compressed, self.size)
            .expect("the build compressed exactly these bytes")
    }
}
