//! Sets the size of the WebAssembly stack: deep recursion must end in PowerShell's error, never in a trap.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("wasi") {
        // 16 MiB: what `eval::MAX_CALL_DEPTH` calls need, measured, with half as much again to spare.
        println!("cargo::rustc-link-arg-bins=-zstack-size=16777216");
    }
}
