//! A PowerShell script, hostile: it is read and checked without a panic, and soon; a refusal says where.
//!
//! Run with `cargo +nightly fuzz run powershell_script` in the repository's root.

#![no_main]

use libfuzzer_sys::fuzz_target;

use powershell::parse::ast::Source;
use powershell::{check, parse};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let n_lines = text.split(['\r', '\n']).count();
    let problems = parse::script(&Source::new("x.ps1", text.clone())).err();
    assert!(problems.as_ref().is_none_or(|all| (1..=parse::MAX_PROBLEMS).contains(&all.len())));
    for problem in problems.into_iter().flatten() {
        assert!(!problem.message.is_empty());
        assert!(problem.span.line >= 1 && problem.span.column >= 1);
        assert!(problem.span.line as usize <= n_lines);
        assert!(problem.span.start as usize <= text.len());
    }
    if let Err(refusal) = check::load("x.ps1", text) {
        assert!(refusal.contains("x.ps1:"));
    }
});
