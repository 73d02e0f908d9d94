//! Limits as sums: every linear memory and table of a sandbox together, every request and connection.
//!
//! wasmtime's own `StoreLimits` compares each memory alone with the limit, so a component with
//! many memories gets many times the limit (its documentation says so). This limiter adds them up.
//! It refuses nothing quietly: growth past the limit ends the run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime::ResourceLimiter;

use super::meter::{LimitReached, Meter};
use crate::worker::outcome::LimitName;

/// Bytes that one table element costs the host: a pointer, and its share of the lazy-init bitmap.
const TABLE_ELEMENT_BYTES: usize = 16;

/// Core instances, tables and memories that one sandbox may have. Our largest guest has 40 core
/// instances (CPython's component, with its adapters); composed user components stay far below.
const INSTANCES: usize = 60;
const TABLES: usize = 60;
const MEMORIES: usize = 8;

/// Counts HTTP requests and TCP connections of one sandbox together.
pub struct RequestBudget {
    limit: u64,
    used: AtomicU64,
    meter: Arc<Meter>,
}

impl RequestBudget {
    /// A budget of `limit` requests and connections over the whole run.
    pub fn new(limit: u64, meter: Arc<Meter>) -> Self {
        Self {
            limit,
            used: AtomicU64::new(0),
            meter,
        }
    }

    /// Takes one.
    ///
    /// # Errors
    /// [`LimitReached`] once all are taken.
    pub fn take(&self) -> Result<(), LimitReached> {
        if self.used.fetch_add(1, Ordering::Relaxed) >= self.limit {
            return Err(self.meter.exceed(LimitName::Requests));
        }
        Ok(())
    }

    /// How many were taken.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed).min(self.limit)
    }
}

/// Sums the memory of one sandbox.
pub struct MemoryBudget {
    limit_bytes: usize,
    used_bytes: usize,
    peak_bytes: usize,
    meter: Arc<Meter>,
}

impl MemoryBudget {
    /// A budget of `limit_bytes` for all memories and tables together.
    pub fn new(limit_bytes: u64, meter: Arc<Meter>) -> Self {
        Self {
            limit_bytes: usize::try_from(limit_bytes).unwrap_or(usize::MAX),
            used_bytes: 0,
            peak_bytes: 0,
            meter,
        }
    }

    /// The most that was in use at once, in bytes.
    pub fn peak_bytes(&self) -> u64 {
        self.peak_bytes as u64
    }

    fn grow(&mut self, additional_bytes: usize) -> wasmtime::Result<bool> {
        let wanted = self.used_bytes.saturating_add(additional_bytes);
        if wanted > self.limit_bytes {
            return Err(self.meter.exceed(LimitName::Memory).into());
        }
        self.used_bytes = wanted;
        self.peak_bytes = self.peak_bytes.max(wanted);
        Ok(true)
    }
}

impl ResourceLimiter for MemoryBudget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Past the module's own maximum the growth fails by itself, and must not be charged.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grow(desired.saturating_sub(current))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grow(
            desired
                .saturating_sub(current)
                .saturating_mul(TABLE_ELEMENT_BYTES),
        )
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}
