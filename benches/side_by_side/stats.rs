//! Samples of time, and what is said about them.

use std::time::Duration;

/// Durations of one contestant.
#[derive(Debug, Default, Clone)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Adds what was measured.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Duration>) {
        self.0.extend(more);
    }

    /// The sample that `percent` of all samples don't exceed (nearest rank).
    pub fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted[rank - 1]
    }

    /// Half of all samples are at most this.
    pub fn p50(&self) -> Duration {
        self.percentile(50)
    }

    /// 99 of 100 samples are at most this.
    pub fn p99(&self) -> Duration {
        self.percentile(99)
    }

    /// The shortest.
    pub fn min(&self) -> Duration {
        self.percentile(0)
    }

    /// The longest.
    pub fn max(&self) -> Duration {
        self.percentile(100)
    }
}

/// In milliseconds.
pub fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// How many times `short` fits into `long`.
pub fn ratio(long: Duration, short: Duration) -> f64 {
    long.as_secs_f64() / short.as_secs_f64().max(1e-12)
}
