//! `javascript-component CORE.wasm COMPONENT.wasm`: wraps the pre-initialised core module as a component.
//!
//! The module carries its own WIT description (a custom section that `wasip2` puts there), so there is nothing to
//! choose here; imports that the module doesn't use are left out by the encoder.

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let core = arguments.next().context("usage: javascript-component CORE COMPONENT")?;
    let component = arguments.next().context("usage: javascript-component CORE COMPONENT")?;
    let module = std::fs::read(&core).with_context(|| format!("cannot read {core}"))?;
    let bytes = wit_component::ComponentEncoder::default().module(&module)?.validate(true).encode()?;
    std::fs::write(&component, bytes).with_context(|| format!("cannot write {component}"))
}
