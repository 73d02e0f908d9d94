//! Compiles one JavaScript module to bytecode, without source and line tables.
//!
//! Why not in the image itself: every function would keep a copy of its source, and the parser's leavings would lie
//! between the objects that a run touches. A page touched is a page copied, so a compact heap is a fast start.
//! `build/compile.mjs` calls `allocate`, fills the bytes, and calls `compile`.

use rquickjs::module::{Module, WriteOptions};
use rquickjs::{Context, Runtime};

#[unsafe(no_mangle)]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    0.0
}

#[unsafe(no_mangle)]
pub extern "C" fn allocate(n_bytes: usize) -> *mut u8 {
    Vec::leak(vec![0; n_bytes]).as_mut_ptr()
}

/// Compiles the `n_bytes` of source at `source`; gives the address of two numbers: where the bytecode is, and its length.
#[unsafe(no_mangle)]
pub extern "C" fn compile(source: *const u8, n_bytes: usize) -> *const [usize; 2] {
    // The caller got the address from `allocate` and filled all of it.
    let source = unsafe { std::slice::from_raw_parts(source, n_bytes) };
    let runtime = Runtime::new().expect("a fresh runtime");
    runtime.set_max_stack_size(500_000);
    let context = Context::full(&runtime).expect("a fresh context");
    let bytecode = context.with(|ctx| {
        let mut options = WriteOptions::default();
        options.strip_source = true;
        options.strip_debug = true;
        match Module::declare(ctx.clone(), "node:internal", source).and_then(|module| module.write(options)) {
            Ok(bytecode) => bytecode,
            Err(error) => panic!("{error}: {:?}", ctx.catch()),
        }
    });
    let bytecode = Vec::leak(bytecode);
    Box::leak(Box::new([bytecode.as_ptr() as usize, bytecode.len()]))
}
