//! `curl` and `wget` over `wasi:http`: what deployment scripts use of them, with curl's exit codes and words.
//!
//! The host resolves, connects and does TLS, and it decides what may be reached; each redirect is a request of
//! its own and is decided anew. So what would loosen that (`-k`, `--proxy`, `--resolve`, client certificates) is
//! refused with a clear text instead of being ignored.

use bashkit::BashBuilder;

mod body;
mod curl;
mod failure;
mod multipart;
mod options;
mod report;
mod transfer;
mod wget;
mod wire;

/// Puts both commands in the place of bashkit's.
pub fn register(builder: BashBuilder) -> BashBuilder {
    builder
        .command("curl", curl::Curl)
        .command("wget", wget::Wget)
}
