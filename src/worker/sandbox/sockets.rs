//! Raw sockets and name lookups: refused, unless a rule with `scheme = "tcp"` says otherwise.
//!
//! UDP sockets can't be made. A TCP socket can be made, and may connect only to an address that a
//! rule names, or that a granted name resolved to a moment ago; it may not listen, accept or bind
//! to a chosen address. A name is looked up only if a TCP rule grants it, by our own resolver, and
//! only allowed addresses are handed to the guest.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use wasmtime::component::{HasData, Resource};
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{
    self, HostResolveAddressStream, ResolveAddressStream,
};
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpAddress, IpAddressFamily};
use wasmtime_wasi::p2::bindings::sockets::udp_create_socket;
use wasmtime_wasi::p2::{DynPollable, Network, SocketError, SocketResult, UdpSocket};
use wasmtime_wasi::sockets::{SocketAddrUse, WasiSocketsCtxView};

use super::limits::RequestBudget;
use super::refusal;
use crate::policy::{Host, NetworkGrants};
use crate::worker::receipt::Witness;

/// Decides about raw sockets of one sandbox.
pub struct Sockets {
    network: Arc<NetworkGrants>,
    requests: Arc<RequestBudget>,
    witness: Arc<Witness>,
    lookups: Mutex<Lookups>,
}

/// What was looked up, so that a connection to an address can be traced to a granted name.
#[derive(Default)]
struct Lookups {
    /// The name that each open lookup is for, by the stream's table index.
    open: HashMap<u32, Host>,
    /// Which granted names each address was handed out for.
    resolved: HashMap<IpAddr, HashSet<Host>>,
}

impl Sockets {
    /// Enforces the TCP rules of `network`.
    pub fn new(
        network: Arc<NetworkGrants>,
        requests: Arc<RequestBudget>,
        witness: Arc<Witness>,
    ) -> Self {
        Self {
            network,
            requests,
            witness,
            lookups: Mutex::default(),
        }
    }

    /// What `wasmtime-wasi` asks before it binds, listens, connects or sends.
    pub fn check(
        self: &Arc<Self>,
        address: SocketAddr,
        wanted: SocketAddrUse,
    ) -> Pin<Box<dyn Future<Output = bool> + Send + Sync>> {
        let allowed = match wanted {
            SocketAddrUse::TcpConnect => self.may_connect(address) && self.requests.take().is_ok(),
            // Connecting binds implicitly, to no particular address and port.
            SocketAddrUse::TcpBind => address.ip().is_unspecified() && address.port() == 0,
            SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => {
                self.witness.denied(refusal::listening(address));
                false
            }
            SocketAddrUse::UdpBind | SocketAddrUse::UdpSend | SocketAddrUse::UdpReceive => false,
        };
        Box::pin(std::future::ready(allowed))
    }

    fn may_connect(&self, address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        let port = address.port();
        let names = self.lock().resolved.get(&ip).cloned().unwrap_or_default();
        for name in &names {
            if let Ok(rule) = self.network.connect(name, port)
                && self.network.tcp_address(name, port, rule, ip).is_ok()
            {
                self.witness.connected(name, port);
                return true;
            }
        }
        let host = Host::from_ip(ip);
        match self.network.connect(&host, port) {
            Ok(rule) => match self.network.tcp_address(&host, port, rule, ip) {
                Ok(()) => {
                    self.witness.connected(&host, port);
                    true
                }
                Err(refused) => {
                    self.witness.denied(refused);
                    false
                }
            },
            Err(denied) => {
                self.witness.denied(denied);
                false
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Lookups> {
        self.lookups
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The parts of `wasi:sockets` that we answer ourselves.
pub struct SocketsView<'a> {
    pub inner: WasiSocketsCtxView<'a>,
    pub sockets: &'a Arc<Sockets>,
}

/// Names [`SocketsView`] for wasmtime's linker.
pub struct HasSockets;

impl HasData for HasSockets {
    type Data<'a> = SocketsView<'a>;
}

impl network::HostNetwork for SocketsView<'_> {
    fn drop(&mut self, network: Resource<Network>) -> wasmtime::Result<()> {
        network::HostNetwork::drop(&mut self.inner, network)
    }
}

impl network::Host for SocketsView<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.inner.convert_error_code(error)
    }

    fn network_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.inner.network_error_code(error)
    }
}

impl ip_name_lookup::Host for SocketsView<'_> {
    fn resolve_addresses(
        &mut self,
        network: Resource<Network>,
        name: String,
    ) -> SocketResult<Resource<ResolveAddressStream>> {
        let host = Host::parse(&name).map_err(|_| ErrorCode::InvalidArgument)?;
        if let Err(denied) = self.sockets.network.names_for_tcp(&host) {
            self.sockets.witness.denied(denied);
            return Err(ErrorCode::AccessDenied.into());
        }
        let stream =
            ip_name_lookup::Host::resolve_addresses(&mut self.inner, network, host.to_string())?;
        self.sockets.lock().open.insert(stream.rep(), host);
        Ok(stream)
    }
}

impl HostResolveAddressStream for SocketsView<'_> {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> SocketResult<Option<IpAddress>> {
        let index = stream.rep();
        let next = self.inner.resolve_next_address(stream)?;
        if let Some(address) = next {
            let ip = ip_of(address).to_canonical();
            let mut lookups = self.sockets.lock();
            if let Some(host) = lookups.open.get(&index).cloned() {
                lookups.resolved.entry(ip).or_default().insert(host);
            }
        }
        Ok(next)
    }

    fn subscribe(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        HostResolveAddressStream::subscribe(&mut self.inner, stream)
    }

    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> wasmtime::Result<()> {
        self.sockets.lock().open.remove(&stream.rep());
        HostResolveAddressStream::drop(&mut self.inner, stream)
    }
}

impl udp_create_socket::Host for SocketsView<'_> {
    async fn create_udp_socket(
        &mut self,
        _family: IpAddressFamily,
    ) -> SocketResult<Resource<UdpSocket>> {
        self.sockets.witness.denied(refusal::udp());
        Err(SocketError::from(ErrorCode::AccessDenied))
    }
}

fn ip_of(address: IpAddress) -> IpAddr {
    match address {
        IpAddress::Ipv4((a, b, c, d)) => IpAddr::from([a, b, c, d]),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => IpAddr::from([a, b, c, d, e, f, g, h]),
    }
}
