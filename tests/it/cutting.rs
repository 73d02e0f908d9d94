//! A connection on loopback that breaks when a test says so: cut, held in one direction, garbled, slow, or not there.
//!
//! It sees TCP only, as a network does. A thread for each direction of each connection; all of them end with the
//! test's process.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// Which way bytes go: from whoever dialled, or to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    FromDialler,
    ToDialler,
}

#[derive(Default)]
struct Lane {
    n_bytes: AtomicU64,
    /// Everything is cut when so many bytes have passed; never, if 0.
    cut_at: AtomicU64,
    is_held: Mutex<bool>,
    released: Condvar,
    repeats_next: AtomicBool,
}

struct Inner {
    target: Mutex<SocketAddr>,
    open: Mutex<Vec<TcpStream>>,
    lanes: [Lane; 2],
    is_refusing: AtomicBool,
    n_connections: AtomicU64,
    /// Milliseconds that each piece takes.
    delay: AtomicU64,
}

/// The way to an address, in a test's hands.
pub struct Proxy {
    pub port: u16,
    inner: Arc<Inner>,
}

impl Proxy {
    /// A way to `target`.
    pub fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let inner = Arc::new(Inner {
            target: Mutex::new(target),
            open: Mutex::default(),
            lanes: Default::default(),
            is_refusing: false.into(),
            n_connections: 0.into(),
            delay: 0.into(),
        });
        let accepting = Arc::clone(&inner);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                accepting.carry(stream);
            }
        });
        Self { port, inner }
    }

    /// Whoever dials from now on comes here.
    pub fn retarget(&self, target: SocketAddr) {
        *self.inner.target.lock().expect("nobody panics") = target;
    }

    /// Cuts every connection that there is.
    pub fn cut(&self) {
        self.inner.cut();
    }

    /// Cuts everything once `n_bytes` more have gone this way; once.
    pub fn cut_after(&self, way: Way, n_bytes: u64) {
        let lane = self.inner.lane(way);
        let at = lane.n_bytes.load(Ordering::SeqCst) + n_bytes;
        lane.cut_at.store(at, Ordering::SeqCst);
    }

    /// Nothing goes this way until it is released.
    pub fn hold(&self, way: Way) {
        *self.inner.lane(way).is_held.lock().expect("nobody panics") = true;
    }

    pub fn release(&self, way: Way) {
        let lane = self.inner.lane(way);
        *lane.is_held.lock().expect("nobody panics") = false;
        lane.released.notify_all();
    }

    /// The next piece goes this way twice.
    pub fn repeat_next(&self, way: Way) {
        let lane = self.inner.lane(way);
        lane.repeats_next.store(true, Ordering::SeqCst);
    }

    /// Whether new connections are turned away.
    pub fn refuse(&self, is_refusing: bool) {
        self.inner.is_refusing.store(is_refusing, Ordering::SeqCst);
    }

    /// How long each piece takes.
    pub fn delay(&self, delay: Duration) {
        let delay = u64::try_from(delay.as_millis()).expect("a short delay");
        self.inner.delay.store(delay, Ordering::SeqCst);
    }

    /// Connections so far.
    pub fn n_connections(&self) -> u64 {
        self.inner.n_connections.load(Ordering::SeqCst)
    }

    /// Bytes that went this way so far.
    pub fn n_bytes(&self, way: Way) -> u64 {
        self.inner.lane(way).n_bytes.load(Ordering::SeqCst)
    }
}

impl Inner {
    fn lane(&self, way: Way) -> &Lane {
        &self.lanes[usize::from(way == Way::ToDialler)]
    }

    fn cut(&self) {
        for stream in self.open.lock().expect("nobody panics").drain(..) {
            // It may be closed already.
            stream.shutdown(Shutdown::Both).ok();
        }
    }

    fn carry(self: &Arc<Self>, dialler: TcpStream) {
        if self.is_refusing.load(Ordering::SeqCst) {
            return;
        }
        let target = *self.target.lock().expect("nobody panics");
        let Ok(answerer) = TcpStream::connect(target) else {
            return;
        };
        self.n_connections.fetch_add(1, Ordering::SeqCst);
        let copy = |stream: &TcpStream| stream.try_clone().expect("a socket can be cloned");
        let ends = [copy(&dialler), copy(&answerer)];
        self.open.lock().expect("nobody panics").extend(ends);
        let back = (copy(&answerer), copy(&dialler));
        for (way, (from, to)) in [
            (Way::FromDialler, (dialler, answerer)),
            (Way::ToDialler, back),
        ] {
            let inner = Arc::clone(self);
            thread::spawn(move || {
                inner.pump(way, &from, &to);
                from.shutdown(Shutdown::Both).ok();
                to.shutdown(Shutdown::Both).ok();
            });
        }
    }

    /// Carries one direction until it ends, one way or another.
    fn pump(&self, way: Way, mut from: &TcpStream, mut to: &TcpStream) {
        let lane = self.lane(way);
        let mut piece = vec![0; 16 << 10];
        loop {
            let n_read = match from.read(&mut piece) {
                Ok(0) | Err(_) => return,
                Ok(n_read) => n_read,
            };
            let held = lane.is_held.lock().expect("nobody panics");
            let held = lane.released.wait_while(held, |is_held| *is_held);
            drop(held.expect("nobody panics"));
            let delay = self.delay.load(Ordering::SeqCst);
            if delay > 0 {
                // The network is slow, not the test.
                thread::park_timeout(Duration::from_millis(delay));
            }
            let passed = lane.n_bytes.fetch_add(n_read as u64, Ordering::SeqCst) + n_read as u64;
            let cut_at = lane.cut_at.load(Ordering::SeqCst);
            if cut_at > 0 && passed >= cut_at {
                lane.cut_at.store(0, Ordering::SeqCst);
                return self.cut();
            }
            let times = 1 + usize::from(lane.repeats_next.swap(false, Ordering::SeqCst));
            for _ in 0..times {
                if to.write_all(&piece[..n_read]).is_err() {
                    return;
                }
            }
        }
    }
}
