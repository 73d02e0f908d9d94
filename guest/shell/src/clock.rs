//! The runtime that drives the interpreter: one thread, timers, nothing else.

use std::future::Future;

/// Runs `future` to its end on this thread.
///
/// The timer driver is on because `sleep` and `timeout` use it; there is no I/O driver: files are read and
/// written synchronously, which blocks nobody in a single-threaded guest.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a current-thread runtime needs nothing from the host")
        .block_on(future)
}
