//! Connections: accepted, bounded in time, and finished before the server goes.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

/// A client that doesn't finish its headers in this time is slow on purpose.
const HEADER_TIME: Duration = Duration::from_secs(10);

/// What running requests get when the server is told to stop. Then their connections are cut.
const GRACE: Duration = Duration::from_secs(10);

/// After a failure to accept, as when all file descriptors are in use: not in a hot loop.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves `router` until `stop` is done, and then until running requests are answered.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, address)) => start(&connections, stream, address, &router),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(GRACE, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("requests were still running, and were cut");
    }
}

fn start(connections: &GracefulShutdown, stream: TcpStream, address: SocketAddr, router: &Router) {
    // Answers are written whole: waiting for more to send only adds latency.
    stream.set_nodelay(true).ok();
    let service = router
        .clone()
        .map_request(move |mut request: hyper::Request<_>| {
            request.extensions_mut().insert(ConnectInfo(address));
            request
        });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let connection = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}
