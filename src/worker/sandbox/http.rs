//! `wasi:http/outgoing-handler`: every request is decided here before anything is sent.
//!
//! The decision is on scheme, canonical host, port, method and normal path, all of them parsed
//! into types that have one spelling. What is sent is built from those types, not from the guest's
//! text, so that what was judged is what goes out. Redirects are the guest's to follow; each hop
//! comes back through here. Connecting is [`super::exchange`]'s, secrets are [`super::inject`]'s.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use http::header::{HOST, TE};
use http::uri::PathAndQuery;
use http::{HeaderValue, Method};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::exchange::{Exchange, Route, Timeouts};
use super::inject::Injections;
use super::limits::RequestBudget;
use super::meter::Meter;
use super::refusal;
use super::trust::Trust;
use crate::policy::{Host, HttpRequest, NetworkGrants, NormalPath, Scheme};
use crate::worker::receipt::Witness;

/// How long a connection may take to open, where neither the guest nor the policy says.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// What one sandbox may send, and what it has sent.
pub struct Http {
    network: Arc<NetworkGrants>,
    injections: Injections,
    limits: HttpLimits,
    trust: Arc<Trust>,
    meter: Arc<Meter>,
    witness: Arc<Witness>,
    requests: Arc<RequestBudget>,
    /// Bytes of response bodies that are open at this moment, all together.
    open_bytes: Arc<AtomicU64>,
}

/// The limits that concern requests.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    pub response_body_bytes: u64,
    pub response_header_bytes: u64,
    pub request_time: Duration,
}

type Response = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), Error>> + Send>,
);

impl Http {
    /// Enforces `network` on every request of one sandbox.
    pub fn new(
        network: Arc<NetworkGrants>,
        injections: Injections,
        limits: HttpLimits,
        trust: Arc<Trust>,
        requests: Arc<RequestBudget>,
        meter: Arc<Meter>,
        witness: Arc<Witness>,
    ) -> Self {
        Self {
            network,
            injections,
            limits,
            trust,
            meter,
            witness,
            requests,
            open_bytes: Arc::default(),
        }
    }

    /// Judges a request, and prepares what will be sent instead of it.
    fn admit(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Exchange, Error> {
        let (mut parts, body) = request.into_parts();
        let target = self.target(&parts)?;
        let decided = self.network.decide(&HttpRequest {
            scheme: target.scheme,
            host: &target.host,
            port: target.port,
            method: parts.method.as_str(),
            path: &target.path,
        });
        let rule = match decided {
            Ok(rule) => rule.clone(),
            Err(denied) => {
                self.witness.denied(denied);
                return Err(Error::HttpRequestDenied);
            }
        };
        if self.requests.take().is_err() {
            return Err(Error::ConnectionLimitReached);
        }
        let method = parts.method.as_str();
        self.witness.requested(
            target.scheme,
            &target.host,
            target.port,
            method,
            &target.path,
        );
        self.witness.injected(&rule);

        let mut path_and_query = target.path_and_query;
        let scrub = self
            .injections
            .apply(&rule, &mut parts.headers, &mut path_and_query)?;
        // `te` belongs to the connection (RFC 9110, 10.1.4), like those that upstream refuses.
        parts.headers.remove(TE);
        parts.headers.insert(HOST, target.host_header);
        parts.uri = http::Uri::from(path_and_query);
        Ok(Exchange {
            route: Route {
                scheme: target.scheme,
                host: target.host,
                port: target.port,
                method: parts.method.clone(),
                path: target.path,
                rule,
                network: Arc::clone(&self.network),
                trust: Arc::clone(&self.trust),
                witness: Arc::clone(&self.witness),
            },
            request: http::Request::from_parts(parts, body),
            timeouts: timeouts(options, self.limits.request_time),
            limits: self.limits,
            scrub,
            meter: Arc::clone(&self.meter),
            open_bytes: Arc::clone(&self.open_bytes),
        })
    }

    /// Parses where a request goes into types with one spelling.
    fn target(&self, parts: &http::request::Parts) -> Result<Target, Error> {
        let refuse = |what: String, why: String| {
            self.witness.denied(refusal::malformed_request(&what, &why));
            Error::HttpRequestUriInvalid
        };
        let shown = parts.uri.to_string();
        let scheme = match parts.uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            other => {
                let why = format!("{other:?} is not a scheme that requests can have");
                return Err(refuse(shown, why));
            }
        };
        // TRACE echoes credentials back, CONNECT is a tunnel: neither is a request to a path.
        if parts.method == Method::CONNECT || parts.method == Method::TRACE {
            let why = format!("the method {} is never sent", parts.method);
            return Err(refuse(shown, why));
        }
        let authority = parts
            .uri
            .authority()
            .ok_or_else(|| refuse(shown.clone(), "it names no host".into()))?;
        if authority.as_str().contains('@') {
            return Err(refuse(shown, "`@` names a user, not a host".into()));
        }
        let host = Host::parse(authority.host())
            .map_err(|error| refuse(shown.clone(), error.to_string()))?;
        let port = match authority.port_u16() {
            Some(0) => return Err(refuse(shown, "port 0 is not a port".into())),
            Some(port) => port,
            None => scheme.default_port(),
        };
        let raw = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let raw = if raw.starts_with('?') {
            format!("/{raw}")
        } else {
            raw.to_owned()
        };
        let path =
            NormalPath::parse(&raw).map_err(|error| refuse(shown.clone(), error.to_string()))?;
        let path_and_query = PathAndQuery::try_from(raw)
            .map_err(|error| refuse(shown.clone(), error.to_string()))?;
        let host_header = if port == scheme.default_port() {
            host.to_string()
        } else {
            format!("{host}:{port}")
        };
        let host_header = HeaderValue::from_str(&host_header)
            .map_err(|error| refuse(shown, error.to_string()))?;
        Ok(Target {
            scheme,
            host,
            port,
            path,
            path_and_query,
            host_header,
        })
    }
}

/// Where a request goes, parsed.
struct Target {
    scheme: Scheme,
    host: Host,
    port: u16,
    path: NormalPath,
    path_and_query: PathAndQuery,
    host_header: HeaderValue,
}

impl WasiHttpHooks for Http {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Response, Error>> + Send> {
        let admitted = self.admit(request, options);
        Box::new(async move {
            let exchange = admitted?;
            let meter = Arc::clone(&exchange.meter);
            let response = meter.charged(exchange.send()).await?;
            let nothing_left: Box<dyn Future<Output = Result<(), Error>> + Send> =
                Box::new(async { Ok(()) });
            Ok((response, nothing_left))
        })
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        // What a guest can make the host buffer per request body, 64 KiB instead of 1 MiB.
        64 * 1024
    }
}

fn timeouts(options: Option<RequestOptions>, request_time: Duration) -> Timeouts {
    let options = options.unwrap_or_default();
    // A timeout of zero means "at once" to hyper's timers and "none" to some guests: use neither.
    let wanted = |timeout: Option<Duration>| timeout.filter(|timeout| !timeout.is_zero());
    Timeouts {
        connect: wanted(options.connect_timeout).unwrap_or(CONNECT_TIMEOUT),
        first_byte: wanted(options.first_byte_timeout),
        between_bytes: wanted(options.between_bytes_timeout),
        deadline: Instant::now() + request_time,
    }
}
