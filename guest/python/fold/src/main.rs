//! `fold IN OUT`: makes one module of the libraries that `wit-component` linked in a component.
//!
//! ```text
//!  before   home (memory, table, data, stubs) ◄── libc.so, libpython.so, … each with its own globals, imports and elements
//!  after    home ◄── folded (one table of its own, constants, plain calls)        `fill` leads home's stubs that are left to it
//! ```
//!
//! What for: an engine that instantiates the component looks up thousands of imports, and fills a table of thousands of functions,
//! before the first instruction. With the table within the module that has the functions, wasmtime fills it as it is used.
//!
//! What it relies on is checked, and anything else refused: a member has no data, memory, table or start function; globals are
//! `i32` and those that change are nobody else's; home's functions are stubs. The result is validated before it is written.

mod component;
mod folded;
mod link;
mod module;
mod order;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(input), Some(output), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        bail!("usage: fold IN OUT");
    };
    let bytes =
        std::fs::read(&input).with_context(|| format!("can't read `{}`", input.display()))?;
    let (folded, report) = order::fold(&bytes)?;
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
        .validate_all(&folded)
        .context("the result is not valid: a mistake of fold's")?;
    std::fs::write(&output, folded)
        .with_context(|| format!("can't write `{}`", output.display()))?;
    println!("{report}");
    Ok(())
}
