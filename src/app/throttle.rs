//! Failed attempts to authenticate, counted per address.
//!
//! A key has 160 random bits: nobody guesses one. What this bounds is the work that guessing causes. Keys that
//! are known to be good go on working from the same address ([`super::access`]), so that a stranger behind the
//! same proxy locks nobody out.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(60);

/// Addresses that are remembered. Past it, windows that are over are forgotten, and then all.
const MAX_ADDRESSES: usize = 10_000;

#[derive(Debug)]
pub(super) struct Throttle {
    /// Attempts within [`WINDOW`] that are answered.
    max_failures: u32,
    addresses: Mutex<HashMap<String, Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
}

impl Throttle {
    pub(super) fn new(max_failures: u32) -> Self {
        Self {
            max_failures,
            addresses: Mutex::default(),
        }
    }

    /// How long an address has to wait, if it has to.
    pub(super) fn wait(&self, address: &str, now: Instant) -> Option<Duration> {
        let addresses = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let failures = addresses.get(address)?;
        let passed = now.saturating_duration_since(failures.since);
        (failures.count >= self.max_failures && passed < WINDOW).then(|| WINDOW - passed)
    }

    pub(super) fn failed(&self, address: &str, now: Instant) {
        let mut addresses = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_over = |failures: &Failures| now.saturating_duration_since(failures.since) >= WINDOW;
        if addresses.len() >= MAX_ADDRESSES {
            addresses.retain(|_, failures| !is_over(failures));
            if addresses.len() >= MAX_ADDRESSES {
                addresses.clear();
            }
        }
        let fresh = Failures {
            since: now,
            count: 0,
        };
        let failures = addresses.entry(address.to_owned()).or_insert(fresh);
        if is_over(failures) {
            *failures = fresh;
        }
        failures.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_too_many_failures_and_not_for_ever() {
        let throttle = Throttle::new(3);
        let start = Instant::now();
        for _ in 0..3 {
            assert_eq!(throttle.wait("a", start), None);
            throttle.failed("a", start);
        }
        assert_eq!(throttle.wait("a", start), Some(WINDOW));
        assert_eq!(throttle.wait("b", start), None);
        assert_eq!(throttle.wait("a", start + WINDOW), None);
    }
}
