//! Tasks that end with their owner: hyper hands the work of a connection to tasks of its own, and whoever hangs up
//! must not leave them behind. Without this, a worker that was cut off would be heard until it hung up itself.

use std::sync::{Arc, Mutex, PoisonError};

use hyper::rt::Executor;
use tokio::task::JoinSet;

/// Runs what a connection needs, until the last clone outside of it is dropped.
#[derive(Clone, Default)]
pub(super) struct Tied {
    tasks: Arc<Mutex<JoinSet<()>>>,
}

impl Tied {
    /// Ends everything at once.
    pub(super) fn end(&self) {
        self.tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .abort_all();
    }
}

impl<F> Executor<F> for Tied
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, work: F) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // What is over is let go of.
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            work.await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_goes_on_after_the_end() {
        let tied = Tied::default();
        let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
        tied.execute(async move {
            std::future::pending::<()>().await;
            drop(sender);
        });
        tied.end();
        // The sender is dropped with the task, which never came to its end.
        assert!(receiver.await.is_err());
    }
}
