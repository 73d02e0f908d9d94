//! Users' own WebAssembly: what runs, and what is refused before it does.

use crate::cli::{Seawall, home_with, script, seawall};

/// A preview 1 command: says hello and exits with `code`.
fn hello(code: u32) -> String {
    let text = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const CODE))))"#;
    text.replace("CODE", &code.to_string())
}

/// A preview 1 command whose body is `code`.
fn core(code: &str) -> String {
    format!("(module (memory (export \"memory\") 1) (func (export \"_start\") {code}))")
}

/// A component that exports `wasi:cli/run`, whose function returns `result` (0 is success).
fn component(result: u32) -> String {
    format!(
        r#"(component
  (core module $code (func (export "run") (result i32) (i32.const {result})))
  (core instance $code (instantiate $code))
  (func $run (result (result)) (canon lift (core func $code "run")))
  (instance $interface (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $interface)))"#
    )
}

fn module(text: &str) -> Seawall {
    let bytes = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    seawall(["run", "tool.wasm"]).file("tool.wasm", bytes)
}

#[test]
fn a_preview_1_module_runs() {
    module(&hello(0))
        .run()
        .expect_code(0)
        .expect_stdout("hello\n");
}

#[test]
fn a_preview_1_modules_exit_code_is_carried_whole() {
    for code in [1, 5, 127, 255] {
        let run = module(&hello(code)).run();
        assert_eq!(run.code, i32::try_from(code).expect("it is small"), "{run}");
    }
}

#[test]
fn a_component_runs() {
    module(&component(0)).run().expect_code(0).expect_stdout("");
    module(&component(1)).run().expect_code(1).expect_stdout("");
}

#[test]
fn a_module_is_known_by_its_first_bytes() {
    let bytes = wat::parse_str(hello(0)).expect("it is right");
    seawall(["run", "tool"])
        .file("tool", bytes)
        .run()
        .expect_code(0)
        .expect_stdout("hello\n");
}

#[test]
fn a_trap_is_123_and_says_why() {
    module(&core("unreachable"))
        .run()
        .expect_code(123)
        .expect_in_stderr("unreachable");
    let out_of_bounds = core("(drop (i32.load (i32.const 1000000)))");
    module(&out_of_bounds)
        .run()
        .expect_code(123)
        .expect_in_stderr("out of bounds");
    let endless = "(module (memory (export \"memory\") 1) (func $f (export \"_start\") (call $f)))";
    module(endless)
        .run()
        .expect_code(123)
        .expect_in_stderr("stack");
    module(&core("nop")).run().expect_code(0);
}

#[test]
fn a_module_is_held_to_its_limits() {
    let spin = core("(loop $l (br $l))");
    module(&spin)
        .with(["--limit", "cpu-time=100ms"])
        .run()
        .expect_code(122)
        .expect_in_stderr("`cpu-time`");
    let grow = core("(drop (memory.grow (i32.const 2000)))");
    module(&grow)
        .with(["--limit", "memory=64MiB"])
        .run()
        .expect_code(122)
        .expect_in_stderr("`memory`");
    module(&grow)
        .with(["--limit", "memory=256MiB"])
        .run()
        .expect_code(0);
    // Asked for before the first instruction.
    let large = "(module (memory (export \"memory\") 2000) (func (export \"_start\")))";
    module(large)
        .with(["--limit", "memory=64MiB"])
        .run()
        .expect_code(122)
        .expect_in_stderr("`memory`");
    module(large)
        .with(["--limit", "memory=256MiB"])
        .run()
        .expect_code(0);
}

#[test]
fn what_is_no_module_is_124() {
    let run = script("tool.wasm", "not WebAssembly")
        .with(["--lang", "wasm"])
        .run();
    run.expect_code(124)
        .expect_in_stderr("neither a WebAssembly module nor a component");
    for bytes in [
        b"\0asm\x01\0\0\0\x01\xff".as_slice(),
        b"\0asm\x0d\0\x01\0\x07\xff",
        b"\0asm\x63\0\0\0",
    ] {
        seawall(["run", "tool.wasm"])
            .file("tool.wasm", bytes)
            .run()
            .expect_code(124)
            .expect_stdout("");
    }
}

#[test]
fn a_module_that_is_no_command_is_124() {
    module("(module)")
        .run()
        .expect_code(124)
        .expect_in_stderr("preview 1");
    module("(component)")
        .run()
        .expect_code(124)
        .expect_in_stderr("wasi:cli/run");
}

#[test]
fn an_import_that_is_not_wasi_is_124_and_named() {
    let run =
        module("(module (import \"env\" \"host_exec\" (func)) (func (export \"_start\")))").run();
    run.expect_code(124).expect_in_stderr("env");
    let component = component(0).replacen(
        "(component",
        "(component (import \"evil:host/exec\" (instance (export \"run\" (func))))",
        1,
    );
    module(&component)
        .run()
        .expect_code(124)
        .expect_in_stderr("evil:host/exec");
}

#[test]
fn a_module_that_is_too_large_to_compile_is_refused() {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    bytes.resize((64 << 20) + 1, 0);
    seawall(["run", "tool.wasm"])
        .file("tool.wasm", bytes)
        .run()
        .expect_code(124)
        .expect_in_stderr("at most 67108864 are compiled");
}

#[test]
fn a_module_that_declares_more_than_any_machine_has_is_refused() {
    let tables = "(module (memory (export \"memory\") 1) (table 200000000 funcref) (func (export \"_start\")))";
    let run = module(tables).run();
    assert!(
        [122, 123, 124].contains(&run.code),
        "it must not run\n{run}"
    );
    let memory = "(module (memory (export \"memory\") 65536) (func (export \"_start\")))";
    let run = module(memory).run();
    assert!([122, 124].contains(&run.code), "it must not run\n{run}");
}

#[test]
fn the_same_module_started_many_times_at_once_is_compiled_by_whoever_comes() {
    let home = home_with("javascript");
    let starting: Vec<_> = (0..6)
        .map(|_| module(&hello(0)).home(home.path()).start())
        .collect();
    for running in starting {
        running.finish().expect_code(0).expect_stdout("hello\n");
    }
}
