//! Wake-ups inside the server: "look again", without data.
//!
//! Nothing is ever only on the bus. A wake-up that is lost costs latency; a listener that missed some is told
//! once, because what it does is to look at the database.

use std::sync::Arc;

use tokio::sync::watch;

/// Where wake-ups go. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus {
    sender: Arc<watch::Sender<u64>>,
}

impl Default for Bus {
    fn default() -> Self {
        Self {
            sender: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Bus {
    /// Tells every listener to look again.
    pub fn wake(&self) {
        self.sender
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// A listener that hears of every wake-up from now on.
    pub fn listen(&self) -> Listener {
        Listener(self.sender.subscribe())
    }
}

/// Hears wake-ups.
#[derive(Debug)]
pub struct Listener(watch::Receiver<u64>);

impl Listener {
    /// Waits until there was a wake-up since the last time. `false` when the server is going down.
    pub async fn woken(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wake_up_before_listening_to_it_is_not_lost() {
        let bus = Bus::default();
        let mut listener = bus.listen();
        bus.wake();
        bus.wake();
        assert!(listener.woken().await);
    }
}
