//! A response body on its way to the guest: counted, timed, and scrubbed of injected secrets.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep_until};
use wasmtime_wasi::runtime::AbortOnDropJoinHandle;
use wasmtime_wasi_http::Error;

use super::inject::Scrub;
use super::meter::Meter;
use crate::worker::outcome::LimitName;

/// What a body is counted and timed against.
pub struct BodyWatch {
    pub limit_bytes: u64,
    pub open_bytes: Arc<AtomicU64>,
    pub between_bytes: Option<Duration>,
    pub deadline: Instant,
    pub meter: Arc<Meter>,
    /// Drives the connection; the connection ends with the body.
    pub _driver: AbortOnDropJoinHandle<()>,
}

/// The body of one response.
pub struct Body {
    incoming: Incoming,
    scrub: Scrub,
    watch: BodyWatch,
    counted_bytes: u64,
    timer: Pin<Box<Sleep>>,
    finished: bool,
}

impl Body {
    /// Watches `incoming`.
    pub fn new(incoming: Incoming, scrub: Scrub, watch: BodyWatch) -> Self {
        let timer = Box::pin(sleep_until(next_timeout(&watch).into()));
        Self {
            incoming,
            scrub,
            watch,
            counted_bytes: 0,
            timer,
            finished: false,
        }
    }

    fn count(&mut self, bytes: u64) -> Result<(), Error> {
        self.counted_bytes += bytes;
        let open = self.watch.open_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if open > self.watch.limit_bytes {
            self.watch.meter.exceed(LimitName::ResponseBody);
            return Err(Error::HttpResponseBodySize(Some(open)));
        }
        Ok(())
    }
}

fn next_timeout(watch: &BodyWatch) -> Instant {
    match watch.between_bytes {
        Some(between) => watch.deadline.min(Instant::now() + between),
        None => watch.deadline,
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        loop {
            if this.finished {
                return Poll::Ready(None);
            }
            let Poll::Ready(next) = Pin::new(&mut this.incoming).poll_frame(context) else {
                ready!(this.timer.as_mut().poll(context));
                this.finished = true;
                if Instant::now() >= this.watch.deadline {
                    this.watch.meter.exceed(LimitName::RequestTime);
                    return Poll::Ready(Some(Err(Error::HttpResponseTimeout)));
                }
                return Poll::Ready(Some(Err(Error::ConnectionReadTimeout)));
            };
            this.timer.as_mut().reset(next_timeout(&this.watch).into());
            let out = match next {
                None => {
                    this.finished = true;
                    let rest = this.scrub.finish();
                    if rest.is_empty() {
                        return Poll::Ready(None);
                    }
                    rest
                }
                Some(Err(error)) => {
                    this.finished = true;
                    return Poll::Ready(Some(Err(Error::Hyper(error))));
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => {
                        if let Err(error) = this.count(data.len() as u64) {
                            this.finished = true;
                            return Poll::Ready(Some(Err(error)));
                        }
                        this.scrub.body(data)
                    }
                    // Trailers could echo a secret as well; nothing our guests do needs them.
                    Err(_trailers) => continue,
                },
            };
            if !out.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(out))));
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.watch
            .open_bytes
            .fetch_sub(self.counted_bytes, Ordering::Relaxed);
    }
}
