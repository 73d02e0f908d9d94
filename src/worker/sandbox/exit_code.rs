//! Exit codes of preview 1 modules, carried whole.
//!
//! The published adapter knows only success and failure (its `proc_exit` calls `wasi:cli/exit.exit`),
//! and a step that ends with 3 must not look like one that ends with 1. So a module's import of
//! `proc_exit` is renamed to `wasi:cli/exit.exit-with-code`, which has the same core signature: one
//! `i32`, of which the component model takes the low eight bits, as POSIX does. Everything else of
//! the module stays as it is. Runs in the compiling child only.

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{ImportSection, Module};
use wasmparser::{ImportSectionReader, Parser};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const PREVIEW1: &str = "wasi_snapshot_preview1";
const EXIT: &str = "wasi:cli/exit@0.2.12";

/// The interface as WASI 0.2.12 has it, and a world that imports it.
const WIT: &str = "
package wasi:cli@0.2.12;

interface exit {
  exit: func(status: result);
  exit-with-code: func(status-code: u8);
}

world exits {
  import exit;
}
";

/// `module`, ending through `exit-with-code` where it ended through `proc_exit`.
///
/// # Errors
/// A sentence for the module's author, if it is not a valid module.
pub fn carried(module: &[u8]) -> Result<Vec<u8>, String> {
    let mut renaming = Renaming { n_renamed: 0 };
    let mut renamed = Module::new();
    renaming
        .parse_core_module(&mut renamed, Parser::new(0), module)
        .map_err(|error| format!("it is not a valid module: {error}"))?;
    if renaming.n_renamed == 0 {
        return Ok(module.to_vec());
    }
    let mut bytes = renamed.finish();
    let mut resolve = Resolve::default();
    let package = resolve
        .push_str("exit.wit", WIT)
        .map_err(|error| format!("{error:#}"))?;
    let world = resolve
        .select_world(&[package], Some("exits"))
        .map_err(|error| format!("{error:#}"))?;
    embed_component_metadata(&mut bytes, &resolve, world, StringEncoding::UTF8)
        .map_err(|error| format!("{error:#}"))?;
    Ok(bytes)
}

struct Renaming {
    n_renamed: usize,
}

impl Reencode for Renaming {
    type Error = std::convert::Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: ImportSectionReader<'_>,
    ) -> Result<(), reencode::Error<Self::Error>> {
        for import in section.into_imports() {
            let import = import?;
            let (module, name) = if (import.module, import.name) == (PREVIEW1, "proc_exit") {
                self.n_renamed += 1;
                (EXIT, "exit-with-code")
            } else {
                (import.module, import.name)
            };
            imports.import(module, name, self.entity_type(import.ty)?);
        }
        Ok(())
    }
}
