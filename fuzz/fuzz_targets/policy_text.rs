//! A policy file, hostile: no panic, problems in the order of the file; hosts, paths and questions too.
//!
//! Run with `cargo +nightly fuzz run policy_text` in the repository's root.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/policy/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the server uses more of it")]
mod policy;
#[path = "../../src/template/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the server uses more of it")]
mod template;

fuzz_target!(|text: &str| {
    for parsed in [
        policy::parse("p.toml", text),
        policy::parse_ceiling("p.toml", text),
    ] {
        match parsed {
            Ok((asked, _)) => {
                policy::grants(&asked, None).expect("there is no ceiling to be outside of");
                // Refused, if it refers to variables that its own `read` doesn't name.
                let _ = policy::grants(&asked, Some(&asked));
            }
            Err(error) => {
                assert!(!error.problems.is_empty());
                assert!(
                    error
                        .problems
                        .is_sorted_by_key(|problem| (problem.line, problem.column))
                );
            }
        }
    }
    // The other texts that people and scripts hand in.
    let _ = policy::Query::parse(text);
    if let Ok(host) = policy::Host::parse(text) {
        assert_eq!(policy::Host::parse(&host.to_string()), Ok(host));
    }
    if let Ok(path) = policy::NormalPath::parse(text) {
        assert!(policy::PathPattern::exact(&path).matches(&path));
    }
});
