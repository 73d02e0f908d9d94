//! The one wasmtime engine: its settings, with the reason for each, and the clock that interrupts guests.
//!
//! Nothing else in the program builds a [`wasmtime::Engine`]; two engines would sooner or later
//! differ in a setting that matters. The engine knows no grants and no files: see [`super::store`].

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use wasmtime::{
    Collector, Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
};

use super::Error;

/// How often running guests are looked at.
///
/// 5 ms: a limit must end a run within 50 ms, and a guest overshoots by at most two ticks. A shorter
/// tick was not measurably better and wakes the ticker thread more often.
pub const TICK: Duration = Duration::from_millis(5);

/// Most sandboxes that can be alive at once in one process.
///
/// The pool reserves address space, not memory: 4 GiB and its guard for each of
/// [`MEMORIES`], about 5 TiB of the 128 TiB that x86-64 gives a process.
pub const LIVE_SANDBOXES: u32 = 1_000;

/// Linear memories in the pool. Each of our guests and each adapted preview 1 module has one;
/// composed components may have several, and [`super::limits`] caps those per sandbox.
const MEMORIES: u32 = 1_200;

/// How many engines this process has built to run something with.
static ENGINES: AtomicUsize = AtomicUsize::new(0);

/// The shared wasmtime engine and the thread that advances its epoch while anything runs.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    ticker: Arc<Ticker>,
}

impl Engine {
    /// Builds the engine with a pool for `LIVE_SANDBOXES` sandboxes.
    ///
    /// # Errors
    /// [`Error::Engine`] if the machine can't reserve the pool's address space.
    pub fn new() -> Result<Self, Error> {
        let mut config = settings();
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
        let wasmtime = wasmtime::Engine::new(&config).map_err(Error::Engine)?;
        let ticker = Ticker::start(wasmtime.clone());
        ENGINES.fetch_add(1, Ordering::Relaxed);
        Ok(Self { wasmtime, ticker })
    }

    /// Builds an engine that only compiles: the same settings, and no pool to reserve.
    ///
    /// The child process that compiles a user's module runs under an address-space limit that the
    /// pool would not fit in. What it produces is loaded by [`Engine::new`]'s engine, which checks
    /// that the settings agree.
    ///
    /// # Errors
    /// [`Error::Engine`] if the compiler can't be set up.
    pub fn compiler() -> Result<wasmtime::Engine, Error> {
        wasmtime::Engine::new(&settings()).map_err(Error::Engine)
    }

    /// How many of these this process has built: 0 where nothing of a user's can run.
    pub fn built() -> usize {
        ENGINES.load(Ordering::Relaxed)
    }

    /// The engine itself, for compiling, linking and instantiating.
    pub fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    /// Keeps the epoch advancing until the returned guard is dropped.
    pub fn running(&self) -> Running {
        self.ticker.enter();
        Running(Arc::clone(&self.ticker))
    }
}

fn settings() -> Config {
    let mut config = Config::new();
    config
        // Cranelift, never Winch: Winch has had sandbox escapes (GHSA-xx5w-cvp6-jv83 and others).
        .strategy(wasmtime::Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .epoch_interruption(true)
        // Copy-on-write images make instantiation independent of the size of a guest's image.
        .memory_init_cow(true)
        // Memories stay at their full reservation, so bounds checks are guard pages.
        .memory_reservation(4 << 30)
        .memory_guard_size(32 << 20)
        // CPython bounds recursion by its own stack in linear memory, 1 MiB of it; the native frames
        // that go with that need up to 8 MiB, or recursion traps before Python's own error.
        .max_wasm_stack(8 << 20)
        .async_stack_size(9 << 20)
        // Names in traps come from the module; line tables would need debug info we don't keep.
        .wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Disable)
        .generate_address_map(true)
        .native_unwind_info(false);
    proposals(&mut config);
    config
}

/// Turns off what our guests and ordinary toolchains don't need: each proposal is attack surface.
fn proposals(config: &mut Config) {
    config
        .wasm_component_model(true)
        .wasm_simd(true)
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        .wasm_reference_types(true)
        .wasm_extended_const(true)
        .wasm_tail_call(false)
        .wasm_relaxed_simd(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_function_references(false)
        .wasm_gc(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .wasm_exceptions(false)
        // Guests are single-threaded: no shared memory, no timers built from racing threads.
        .shared_memory(false)
        .collector(Collector::Null);
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(LIVE_SANDBOXES)
        .total_core_instances(LIVE_SANDBOXES * 12)
        .total_memories(MEMORIES)
        .total_tables(LIVE_SANDBOXES * 8)
        .total_stacks(LIVE_SANDBOXES)
        .max_memory_size(4 << 30)
        .max_component_instance_size(4 << 20)
        .max_core_instance_size(4 << 20)
        .max_core_instances_per_component(60)
        .max_memories_per_component(8)
        .max_tables_per_component(60)
        .table_elements(100_000)
        // Slots are wiped by resetting the pages that were written, found with PAGEMAP_SCAN
        // where the kernel has it, instead of unmapping the whole slot.
        .pagemap_scan(Enabled::Auto)
        // Kept resident and zeroed by hand rather than given back: a trivial script dirties about
        // this much, and page faults cost more than the copy.
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10);
    pool
}

/// Advances the epoch every [`TICK`] while at least one sandbox runs, and sleeps otherwise.
struct Ticker {
    live: AtomicUsize,
    thread: Thread,
}

impl Ticker {
    fn start(engine: wasmtime::Engine) -> Arc<Self> {
        let (send, receive) = std::sync::mpsc::channel::<std::sync::Weak<Ticker>>();
        let handle = thread::Builder::new()
            .name("epoch".into())
            .spawn(move || {
                let Ok(ticker) = receive.recv() else { return };
                // Ends with the last engine: the upgrade fails once all handles are gone.
                while let Some(ticker) = ticker.upgrade() {
                    if ticker.live.load(Ordering::Acquire) == 0 {
                        drop(ticker);
                        thread::park_timeout(Duration::from_secs(1));
                    } else {
                        drop(ticker);
                        thread::sleep(TICK);
                        engine.increment_epoch();
                    }
                }
            })
            .expect("a process that can't start one thread can't run anything");
        let ticker = Arc::new(Self {
            live: AtomicUsize::new(0),
            thread: handle.thread().clone(),
        });
        send.send(Arc::downgrade(&ticker)).ok();
        ticker
    }

    fn enter(&self) {
        if self.live.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread.unpark();
        }
    }
}

/// While this lives, the epoch advances.
pub struct Running(Arc<Ticker>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::AcqRel);
    }
}
