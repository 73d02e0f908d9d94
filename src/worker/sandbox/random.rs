//! Randomness and clocks, as a guest gets them.
//!
//! Random bytes are the host's own, counted against the `random` limit, so that a guest can't use
//! the host's generator as an endless load. Clocks are coarse: fine clocks are what timing side
//! channels are measured with, and no deployment script needs better than [`RESOLUTION`].

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use wasmtime::component::HasData;
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};
use wasmtime_wasi::random::WasiRandomCtx;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

use super::meter::Meter;
use crate::worker::outcome::LimitName;

/// The finest step of both clocks. 100 µs is what browsers settled on without isolation
/// (<https://www.w3.org/TR/hr-time-3/#clock-resolution>).
pub const RESOLUTION: Duration = Duration::from_micros(100);

/// Counts the random bytes that one sandbox has taken.
pub struct RandomBudget {
    limit_bytes: u64,
    used_bytes: u64,
    meter: Arc<Meter>,
}

impl RandomBudget {
    /// A budget of `limit_bytes` over the whole run.
    pub fn new(limit_bytes: u64, meter: Arc<Meter>) -> Self {
        Self {
            limit_bytes,
            used_bytes: 0,
            meter,
        }
    }

    /// How many bytes were taken.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes
    }

    fn take(&mut self, bytes: u64) -> wasmtime::Result<()> {
        let wanted = self.used_bytes.saturating_add(bytes);
        if wanted > self.limit_bytes {
            return Err(self.meter.exceed(LimitName::Random).into());
        }
        self.used_bytes = wanted;
        Ok(())
    }
}

/// `wasi:random` for one host call.
pub struct RandomView<'a> {
    pub inner: &'a mut WasiRandomCtx,
    pub budget: &'a mut RandomBudget,
}

/// Names [`RandomView`] for wasmtime's linker.
pub struct HasRandom;

impl HasData for HasRandom {
    type Data<'a> = RandomView<'a>;
}

impl random::Host for RandomView<'_> {
    fn get_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.budget.take(length)?;
        self.inner.get_random_bytes(length)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.budget.take(8)?;
        self.inner.get_random_u64()
    }
}

impl insecure::Host for RandomView<'_> {
    fn get_insecure_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.budget.take(length)?;
        self.inner.get_insecure_random_bytes(length)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.budget.take(8)?;
        self.inner.get_insecure_random_u64()
    }
}

impl insecure_seed::Host for RandomView<'_> {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        self.inner.insecure_seed()
    }
}

/// The time of day, in steps of [`RESOLUTION`].
pub struct CoarseWallClock;

impl HostWallClock for CoarseWallClock {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self) -> Duration {
        coarse(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        )
    }
}

/// Time since the sandbox began, in steps of [`RESOLUTION`].
pub struct CoarseMonotonicClock {
    began: Instant,
}

impl CoarseMonotonicClock {
    /// A clock that starts at zero now, so that it tells nothing about the host's uptime.
    pub fn start() -> Self {
        Self {
            began: Instant::now(),
        }
    }
}

impl HostMonotonicClock for CoarseMonotonicClock {
    fn resolution(&self) -> u64 {
        nanos(RESOLUTION)
    }

    fn now(&self) -> u64 {
        nanos(coarse(self.began.elapsed()))
    }
}

fn coarse(time: Duration) -> Duration {
    let step = RESOLUTION.as_nanos();
    let nanos = time.as_nanos() / step * step;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
