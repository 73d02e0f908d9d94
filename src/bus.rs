//! Wake-ups inside the server: "look again", without data.
//!
//! Nothing is ever only on the bus. A wake-up that is lost costs latency; a listener that missed some is told
//! once, because what it does is to look at the database.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Topics that nobody listens to any more are forgotten when there are this many topics.
const MAX_FORGOTTEN: usize = 1_024;

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

/// Wake-ups about one of many things, each by its name: whoever follows one log isn't woken by all the others.
#[derive(Debug, Clone, Default)]
pub struct Topics {
    senders: Arc<Mutex<HashMap<String, watch::Sender<u64>>>>,
}

impl Topics {
    /// Tells the listeners to this topic to look again.
    pub fn wake(&self, topic: &str) {
        if let Some(sender) = self.lock().get(topic) {
            sender.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    /// A listener that hears of every wake-up about this topic from now on.
    pub fn listen(&self, topic: &str) -> Listener {
        let mut senders = self.lock();
        if senders.len() >= MAX_FORGOTTEN {
            senders.retain(|_, sender| sender.receiver_count() > 0);
        }
        let sender = senders.entry(topic.to_owned());
        Listener(sender.or_insert_with(|| watch::Sender::new(0)).subscribe())
    }

    /// A panic can't leave the map half changed.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<u64>>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[tokio::test]
    async fn a_topic_wakes_its_own_listeners_and_is_forgotten_with_them() {
        let topics = Topics::default();
        let mut own = topics.listen("ServerTasks-1");
        let mut other = topics.listen("ServerTasks-2");
        topics.wake("ServerTasks-1");
        assert!(own.woken().await);
        assert!(!other.0.has_changed().expect("the topic exists"));
        drop(own);
        for number in 0..2 * MAX_FORGOTTEN {
            topics.listen(&number.to_string());
        }
        assert!(topics.lock().len() <= MAX_FORGOTTEN);
        topics.wake("ServerTasks-2");
        assert!(other.woken().await, "what is listened to is not forgotten");
    }
}
