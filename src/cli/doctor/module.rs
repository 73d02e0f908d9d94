//! Hostile modules that are text here and bytes only when they attack.

use anyhow::{Context as _, anyhow};

use crate::worker::sandbox::PROBE_MODULES;

/// The bytes of the module that the table calls `name`.
///
/// # Errors
/// If there is no such module. Text that is no module is handed over as it is: some are meant so.
pub fn assembled(name: &str) -> anyhow::Result<Vec<u8>> {
    let (_, compressed) = PROBE_MODULES
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| anyhow!("this build has no `{name}`: run `make guests` and build again"))?;
    let text = zstd::stream::decode_all(*compressed)
        .with_context(|| format!("`{name}` was embedded damaged"))?;
    wat::parse_bytes(&text)
        .map(std::borrow::Cow::into_owned)
        .with_context(|| format!("`{name}` is not a module's text"))
}
