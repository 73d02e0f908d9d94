//! External workers: how they are let in, what is said between them and the server, and how an attempt survives a
//! connection that doesn't.
//!
//! ```text
//!  dispatch ─► hub ─► session ══ TLS 1.3, both sides known by thumbprint; HTTP/2, the server asks ══► agent ─► worker
//!               ▲ accept: workers that dial          (protocol: the types, and what each means)
//!               └ dial:   workers that are dialled
//! ```
//!
//! Invariants:
//! - A connection proves who is at the other end before anything is said over it; who isn't known any more is told
//!   so, and cut off.
//! - An attempt is named by task, job and try. Handed over twice, it is the same attempt. What a worker says is
//!   numbered, and a number counts once: it is kept in the same commit as what was said.
//! - Nothing that a worker says is believed without a bound: sizes, numbers, names, digests, time.
//! - A worker answers for the attempts that it was given, by this server, over its own connection; it can name no
//!   other.
//!
//! Refuses: TLS before 1.3, certificates that nobody wrote down, versions that it doesn't know. Has no idea what a
//! plan is and decides nothing: which worker gets an attempt is [`crate::plan::choice`]'s, what its end means
//! [`crate::dispatch`]'s.
//!
//! Start with [`protocol`], then [`hub`] for the server's side and [`agent`] for the worker's.

mod accept;
pub mod agent;
mod asked;
pub mod bundle;
mod discover;
mod health;
pub mod hub;
pub mod identity;
mod machines;
mod meeting;
pub mod protocol;
pub mod session;
pub mod ssh;
mod tied;
mod tls;
pub mod token;

use std::time::Duration;

use ring::rand::{SecureRandom as _, SystemRandom};

/// Whoever takes longer to prove who they are doesn't mean to.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// Both sides ask this often whether the other is still there, and wait this long for the answer.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The longest wait between two tries to connect.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// How long to wait after so many failures in a row: doubled each time, and never the same for two.
fn backoff(failures: u32) -> Duration {
    let most = Duration::from_millis(250)
        .saturating_mul(1 << failures.min(10))
        .min(MAX_BACKOFF);
    let mut byte = [0; 1];
    SystemRandom::new().fill(&mut byte).ok();
    // Between a half and the whole.
    most.mul_f64(0.5 + f64::from(byte[0]) / 512.0)
}

/// A name that nobody else has.
fn random_name() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).ok();
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_bound() {
        assert!(backoff(0) <= Duration::from_millis(250));
        assert!(backoff(3) >= Duration::from_secs(1));
        assert!((MAX_BACKOFF / 2..=MAX_BACKOFF).contains(&backoff(1_000)));
    }
}
