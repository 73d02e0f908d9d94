//! Connections: accepted, bounded in number and in time, and finished before the server goes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// A client that doesn't finish its headers in this time is slow on purpose. hyper's clock for it runs while nothing is
/// asked, too (1.12, `poll_read_head`), and clients use a connection again after work of their own: one that packs 60 MB
/// between two requests for more than ten seconds was cut off. How many connections may wait so long is bounded.
const HEADER_TIME: Duration = Duration::from_secs(60);

/// The same for the TLS handshake.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);

/// What running requests get when the server is told to stop. Then their connections are cut.
const GRACE: Duration = Duration::from_secs(10);

/// After a failure to accept, as when all file descriptors are in use: not in a hot loop.
const PAUSE: Duration = Duration::from_millis(50);

/// What connections are held to.
#[derive(Clone)]
pub struct Connections {
    /// Open at once. Clients beyond it wait in the operating system's queue.
    pub max: usize,
    pub tls: Option<TlsAcceptor>,
}

/// Serves `router` until `stop` is done, and then until running requests are answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections: Connections,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(connections.max));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        match (place, accepted) {
            (Ok(place), Ok((stream, address))) => {
                let one = One {
                    router: router.clone(),
                    address,
                    watcher: graceful.watcher(),
                    place,
                };
                start(one, stream, connections.tls.clone());
            }
            (_, Err(error)) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
            (Err(_), _) => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were still running, and were cut");
    }
}

/// One connection.
struct One {
    router: Router,
    address: SocketAddr,
    watcher: Watcher,
    place: OwnedSemaphorePermit,
}

fn start(one: One, stream: TcpStream, tls: Option<TlsAcceptor>) {
    // Answers are written whole: waiting for more to send only adds latency.
    stream.set_nodelay(true).ok();
    tokio::spawn(async move {
        let Some(tls) = tls else {
            return answer(one, stream).await;
        };
        match tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
            Ok(Ok(stream)) => answer(one, stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    });
}

async fn answer(one: One, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
    let One {
        router,
        address,
        watcher,
        place,
    } = one;
    let service = router.map_request(move |mut request: hyper::Request<_>| {
        request.extensions_mut().insert(ConnectInfo(address));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(place);
}
