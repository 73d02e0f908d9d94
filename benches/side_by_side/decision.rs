//! How long a policy with 1,000 network rules takes to say yes or no.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use seawall::policy::{Host, HttpRequest, NormalPath, Scheme, grants, parse};

use super::Effort;
use super::report::{Cell, Goal, Section, Unit};
use super::stats::Samples;

/// Rules by exact name, by `*.parent`, and by range.
const NAMES: usize = 700;
const WILDCARDS: usize = 200;
const RANGES: usize = 100;

/// Decisions per sample: one alone is too short for a clock.
const BATCH: u32 = 1_000;

/// Host, method, path, and whether the rules below allow it.
const REQUESTS: [(&str, &str, &str, &str, bool); 7] = [
    (
        "a name, the first rule",
        "api0.example.com",
        "GET",
        "/v1/things/7",
        true,
    ),
    (
        "a name, the last rule",
        "api699.example.com",
        "POST",
        "/v1/things/7/parts",
        true,
    ),
    (
        "a wildcard",
        "west.zone150.example.net",
        "GET",
        "/v1/things",
        true,
    ),
    (
        "an address in a range",
        "10.77.3.4",
        "GET",
        "/v1/health",
        true,
    ),
    (
        "denied: no such host",
        "evil.example.org",
        "GET",
        "/v1/things",
        false,
    ),
    (
        "denied: method",
        "api350.example.com",
        "DELETE",
        "/v1/things/7",
        false,
    ),
    ("denied: path", "api350.example.com", "GET", "/admin", false),
];

/// Median time of one decision.
pub fn measure(effort: Effort) -> Section {
    let (policy, _) = parse("thousand.toml", &policy_text()).expect("the generated policy parses");
    let granted = grants(&policy, None).expect("without a ceiling all is granted");
    let rules = granted.network.rules().len();
    let title = format!("Policy decisions, {rules} rules");
    let mut section = Section::new(&title, &["p50", "p99"]);
    for (name, host, method, path, is_allowed) in REQUESTS {
        let host = Host::parse(host).expect("a host");
        let path = NormalPath::parse(path).expect("a path");
        let request = HttpRequest {
            scheme: Scheme::Https,
            host: &host,
            port: 443,
            method,
            path: &path,
        };
        let decide = || granted.network.decide(black_box(&request)).is_ok();
        assert_eq!(decide(), is_allowed, "{name}");
        let mut samples = Samples::default();
        for _ in 0..effort.of(500) {
            let began = Instant::now();
            for _ in 0..BATCH {
                black_box(decide());
            }
            samples.extend([began.elapsed() / BATCH]);
        }
        let nanos = |duration: Duration| duration.as_secs_f64() * 1e9;
        let cells = [samples.p50(), samples.p99()]
            .map(|duration| Cell::new(nanos(duration), Unit::Nanoseconds));
        // A denial is written for a person to read, and ends the run or nearly so; its time is
        // shown and has no target.
        let goals = is_allowed
            .then(|| Goal::at_most(nanos(samples.p50()), 300.0, Unit::Nanoseconds))
            .into_iter()
            .collect();
        section.row(name, cells.into(), goals);
    }
    section
}

fn policy_text() -> String {
    let mut text = "schema = 1\nname = \"thousand\"\ndescription = \"Many rules.\"\n".to_owned();
    let names = (0..NAMES).map(|n| format!("host = \"api{n}.example.com\""));
    let wildcards = (0..WILDCARDS).map(|n| format!("host = \"*.zone{n}.example.net\""));
    let ranges = (0..RANGES).map(|n| format!("cidr = \"10.{n}.0.0/16\""));
    for hosts in names.chain(wildcards).chain(ranges) {
        write!(
            text,
            "\n[[network]]\n{hosts}\nports = [443]\nscheme = \"https\"\n\
             methods = [\"GET\", \"POST\"]\npaths = [\"/v1/**\"]\n"
        )
        .expect("a string takes all");
    }
    text
}
