//! What a run consumes, and what ends it: CPU time, wall time, and every limit that is a sum.
//!
//! A limit that is reached ends the run, it does not merely fail one call. Whoever notices calls
//! [`Meter::exceed`]; the run is then stopped either by the trap that the noticing host call
//! returns, by the epoch callback, or by the future that waits on [`Meter::stopped`].
//! Nothing here knows wasmtime's types.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::Notify;

use crate::worker::outcome::LimitName;

/// A limit of the policy was reached. Carried as the error that ends the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limit reached: {0}")]
pub struct LimitReached(pub LimitName);

/// Counts what one run consumes against its limits.
pub struct Meter {
    started: Instant,
    cpu_limit: Duration,
    wall_limit: Duration,
    /// CPU time of finished polls, in nanoseconds.
    cpu_nanos: AtomicU64,
    /// Thread CPU clock when the current poll began, in nanoseconds; 0 between polls.
    poll_began: AtomicU64,
    reached: OnceLock<LimitName>,
    notify: Notify,
}

impl Meter {
    /// Starts the wall clock now.
    pub fn start(cpu_limit: Duration, wall_limit: Duration) -> Self {
        Self {
            started: Instant::now(),
            cpu_limit,
            wall_limit,
            cpu_nanos: AtomicU64::new(0),
            poll_began: AtomicU64::new(0),
            reached: OnceLock::new(),
            notify: Notify::new(),
        }
    }

    /// Ends the run because of `limit`; the first limit reported is the one that is named.
    ///
    /// Returns the error to give to the guest's call, so that `return Err(meter.exceed(…))` reads well.
    pub fn exceed(&self, limit: LimitName) -> LimitReached {
        let first = *self.reached.get_or_init(|| limit);
        self.notify.notify_one();
        LimitReached(first)
    }

    /// The limit that ended the run, if one did.
    pub fn reached(&self) -> Option<LimitName> {
        self.reached.get().copied()
    }

    /// Looks at both clocks; called from the epoch callback, on the guest's thread.
    pub fn check_clocks(&self) -> Result<(), LimitReached> {
        if let Some(limit) = self.reached() {
            return Err(LimitReached(limit));
        }
        if self.cpu_time() > self.cpu_limit {
            return Err(self.exceed(LimitName::CpuTime));
        }
        if self.started.elapsed() > self.wall_limit {
            return Err(self.exceed(LimitName::WallTime));
        }
        Ok(())
    }

    /// Resolves when a limit was reached elsewhere, or the wall clock runs out.
    ///
    /// This is what ends a guest that is blocked inside a host call, where no epoch is looked at.
    pub async fn stopped(&self) -> LimitReached {
        let wall = tokio::time::sleep_until((self.started + self.wall_limit).into());
        tokio::select! {
            () = self.notify.notified() => {
                LimitReached(self.reached().expect("notified only after a limit was recorded"))
            }
            () = wall => self.exceed(LimitName::WallTime),
        }
    }

    /// CPU time used so far, host calls included. Correct on the thread that runs the guest;
    /// elsewhere it lacks the poll that is under way.
    pub fn cpu_time(&self) -> Duration {
        let finished = self.cpu_nanos.load(Ordering::Relaxed);
        let began = self.poll_began.load(Ordering::Relaxed);
        let current = if began == 0 {
            0
        } else {
            thread_cpu_nanos().saturating_sub(began)
        };
        Duration::from_nanos(finished + current)
    }

    /// Wall time since the run began.
    pub fn wall_time(&self) -> Duration {
        self.started.elapsed()
    }

    /// Charges the CPU time of every poll of `future` to this meter.
    pub fn metered<F: Future>(&self, future: F) -> Metered<'_, F> {
        Metered {
            meter: self,
            future: Box::pin(future),
        }
    }

    /// Charges the CPU time of a task of this run that other threads poll beside the guest, such as
    /// a TLS connection.
    pub async fn charged<F: Future>(&self, future: F) -> F::Output {
        let mut future = std::pin::pin!(future);
        std::future::poll_fn(|context| {
            let began = thread_cpu_nanos();
            let result = future.as_mut().poll(context);
            let spent = thread_cpu_nanos().saturating_sub(began);
            self.cpu_nanos.fetch_add(spent, Ordering::Relaxed);
            result
        })
        .await
    }
}

/// A future whose polls are timed with the thread's CPU clock, because a task may move between
/// threads but one poll never does.
pub struct Metered<'m, F> {
    meter: &'m Meter,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for Metered<'_, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let began = thread_cpu_nanos();
        self.meter.poll_began.store(began, Ordering::Relaxed);
        let result = self.future.as_mut().poll(context);
        self.meter.poll_began.store(0, Ordering::Relaxed);
        let spent = thread_cpu_nanos().saturating_sub(began);
        self.meter.cpu_nanos.fetch_add(spent, Ordering::Relaxed);
        result
    }
}

/// The calling thread's CPU clock in nanoseconds.
pub fn thread_cpu_nanos() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}
