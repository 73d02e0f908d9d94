//! Commands of ours in the place of bashkit's where those differ too much from what scripts expect.

use bashkit::BashBuilder;

mod alias;
mod archive;
mod unzip;
mod zip;

/// Puts them in place.
pub fn register(builder: BashBuilder) -> BashBuilder {
    builder
        .command("zip", zip::Zip)
        .command("unzip", unzip::Unzip)
        .builtin(
            "zcat",
            Box::new(alias::Alias {
                name: "gzip",
                options: &["-dc"],
            }),
        )
}
