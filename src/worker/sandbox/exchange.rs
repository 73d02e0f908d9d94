//! One admitted request: resolve, check every address, connect to a checked one, send, receive.
//!
//! Names are resolved once; if any address is one the policy doesn't allow, the request is refused,
//! and no other path leads from a name to a connection. One connection per request, HTTP/1.1 only:
//! nothing is pooled or coalesced between hosts, rules or sandboxes. No proxy is ever used.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use http::Method;
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{timeout, timeout_at};
use tokio_rustls::TlsConnector;
use wasmtime_wasi::runtime::{AbortOnDropJoinHandle, spawn};
use wasmtime_wasi_http::{Error, WasiBody};

use super::body::{Body, BodyWatch};
use super::http::HttpLimits;
use super::inject::Scrub;
use super::meter::Meter;
use super::trust::Trust;
use crate::policy::{
    AddressClass, Host, HttpRequest, NetworkGrants, NetworkRule, NormalPath, Scheme,
};
use crate::worker::outcome::LimitName;
use crate::worker::receipt::Witness;

/// Headers in one response; each costs the host a map entry whatever its size.
const MAX_HEADERS: usize = 256;

/// A request that the policy allows, ready to be sent.
pub struct Exchange {
    pub request: http::Request<WasiBody>,
    pub route: Route,
    pub timeouts: Timeouts,
    pub limits: HttpLimits,
    pub scrub: Scrub,
    pub meter: Arc<Meter>,
    pub open_bytes: Arc<AtomicU64>,
}

/// Where a request goes, and by which rule.
pub struct Route {
    pub scheme: Scheme,
    pub host: Host,
    pub port: u16,
    pub method: Method,
    pub path: NormalPath,
    pub rule: NetworkRule,
    pub network: Arc<NetworkGrants>,
    pub trust: Arc<Trust>,
    pub witness: Arc<Witness>,
}

/// When to give up on a request: what the guest asked for, and the policy's `request-time`.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    pub connect: Duration,
    pub first_byte: Option<Duration>,
    pub between_bytes: Option<Duration>,
    /// Past this the run ends with the limit `request-time`.
    pub deadline: Instant,
}

trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Connection for T {}

impl Exchange {
    /// Sends the request and returns the response once its head is here.
    ///
    /// # Errors
    /// What `wasi:http` calls the failure; a refused address is
    /// [`Error::DestinationIpProhibited`] and recorded as a denial.
    pub async fn send(self) -> Result<http::Response<WasiBody>, Error> {
        let deadline = self.timeouts.deadline;
        let meter = Arc::clone(&self.meter);
        match timeout_at(deadline.into(), self.send_unbounded()).await {
            Ok(result) => result,
            Err(_) => {
                meter.exceed(LimitName::RequestTime);
                Err(Error::HttpResponseTimeout)
            }
        }
    }

    async fn send_unbounded(self) -> Result<http::Response<WasiBody>, Error> {
        let connection = timeout(self.timeouts.connect, self.route.open())
            .await
            .map_err(|_| Error::ConnectionTimeout)??;
        let header_bytes = usize::try_from(self.limits.response_header_bytes).unwrap_or(usize::MAX);
        let (mut sender, driver) = http1::Builder::new()
            // hyper refuses a buffer below 8 KiB.
            .max_buf_size(header_bytes.max(8 * 1024))
            .max_headers(MAX_HEADERS)
            .handshake(TokioIo::new(connection))
            .await?;
        let meter = Arc::clone(&self.meter);
        let driver: AbortOnDropJoinHandle<()> = spawn(async move {
            if let Err(error) = meter.charged(driver).await {
                tracing::debug!("connection ended: {error}");
            }
        });
        let sent = sender.send_request(self.request);
        let response = match self.timeouts.first_byte {
            Some(first_byte) => timeout(first_byte, sent)
                .await
                .map_err(|_| Error::ConnectionReadTimeout)?,
            None => sent.await,
        };
        let response = response.map_err(|error| {
            if error.is_parse_too_large() {
                self.meter.exceed(LimitName::ResponseHeaders);
                return Error::HttpResponseHeaderSectionSize(None);
            }
            Error::Hyper(error)
        })?;
        let (mut parts, incoming) = response.into_parts();
        let size: usize = parts
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len())
            .sum();
        if size > header_bytes {
            self.meter.exceed(LimitName::ResponseHeaders);
            return Err(Error::HttpResponseHeaderSectionSize(
                u32::try_from(size).ok(),
            ));
        }
        self.scrub.headers(&mut parts.headers);
        let body = Body::new(
            incoming,
            self.scrub,
            BodyWatch {
                limit_bytes: self.limits.response_body_bytes,
                open_bytes: self.open_bytes,
                between_bytes: self.timeouts.between_bytes,
                deadline: self.timeouts.deadline,
                meter: self.meter,
                _driver: driver,
            },
        );
        Ok(http::Response::from_parts(parts, body.boxed_unsync()))
    }
}

impl Route {
    /// A connection to an address that was checked.
    async fn open(&self) -> Result<Box<dyn Connection>, Error> {
        let addresses = self.checked_addresses().await?;
        self.connect(&addresses).await
    }

    /// Every address the host has, all of them allowed.
    async fn checked_addresses(&self) -> Result<Vec<SocketAddr>, Error> {
        let addresses = resolve(&self.host, self.port).await.map_err(|error| {
            tracing::debug!("{} does not resolve: {error}", self.host);
            Error::DnsError {
                rcode: Some("NXDOMAIN".into()),
                info_code: None,
            }
        })?;
        let request = HttpRequest {
            scheme: self.scheme,
            host: &self.host,
            port: self.port,
            method: self.method.as_str(),
            path: &self.path,
        };
        for address in &addresses {
            if let Err(refused) = self.network.http_address(&request, &self.rule, *address) {
                self.witness.denied(refused);
                return Err(Error::DestinationIpProhibited);
            }
            // An inner address needed a rule of its own: whoever learns a policy has to know.
            if matches!(self.host, Host::Name(_)) && AddressClass::of(*address).is_some() {
                let host = Host::from_ip(*address);
                self.witness.requested(
                    self.scheme,
                    &host,
                    self.port,
                    self.method.as_str(),
                    &self.path,
                );
            }
        }
        Ok(addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, self.port))
            .collect())
    }

    async fn connect(&self, addresses: &[SocketAddr]) -> Result<Box<dyn Connection>, Error> {
        let stream = connect_first(addresses)
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::ConnectionRefused => Error::ConnectionRefused,
                io::ErrorKind::TimedOut => Error::ConnectionTimeout,
                io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                    Error::DestinationIpUnroutable
                }
                _ => Error::Connect(error),
            })?;
        stream.set_nodelay(true).map_err(Error::Connect)?;
        match self.scheme {
            Scheme::Http => Ok(Box::new(stream)),
            Scheme::Https => {
                let config = self.trust.config().map_err(|why| {
                    tracing::error!("{why}");
                    Error::InternalError(Some(why))
                })?;
                let name = match &self.host {
                    Host::Ip(ip) => ServerName::from(*ip),
                    Host::Name(name) => ServerName::try_from(name.as_str().to_owned())
                        .map_err(|_| Error::HttpRequestUriInvalid)?,
                };
                let tls = TlsConnector::from(config)
                    .connect(name, stream)
                    .await
                    .map_err(tls_error)?;
                Ok(Box::new(tls))
            }
        }
    }
}

/// Resolves `host` with the machine's resolver; an address is itself.
pub async fn resolve(host: &Host, port: u16) -> io::Result<Vec<IpAddr>> {
    match host {
        Host::Ip(ip) => Ok(vec![*ip]),
        Host::Name(name) => {
            let found: Vec<IpAddr> = tokio::net::lookup_host((name.as_str(), port))
                .await?
                .map(|address| address.ip())
                .collect();
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "no addresses"));
            }
            Ok(found)
        }
    }
}

async fn connect_first(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no addresses");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn tls_error(error: io::Error) -> Error {
    let rustls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match rustls {
        Some(rustls::Error::InvalidCertificate(why)) => {
            tracing::info!("certificate refused: {why}");
            Error::TlsCertificateError
        }
        Some(rustls::Error::AlertReceived(alert)) => Error::TlsAlertReceived {
            alert_id: Some(u8::from(*alert)),
            alert_message: Some(format!("{alert:?}")),
        },
        _ => Error::Tls(error),
    }
}
