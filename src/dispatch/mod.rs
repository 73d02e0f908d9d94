//! Carrying plans out, as far as it is decided: pure functions over what the database says.
//!
//! ```text
//!  task, jobs, answers ─► decide ─► moves: start, stop, ask, set, end
//! ```
//!
//! A job that is over is never started again. Start with [`decide::decide`].

pub mod decide;
#[cfg(test)]
mod tests;
