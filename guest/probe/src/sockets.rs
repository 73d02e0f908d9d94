//! Raw sockets and names: what `wasi:sockets` gives to a guest that was granted nothing.

use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
};
use wasip2::sockets::tcp::TcpSocket;
use wasip2::sockets::tcp_create_socket::create_tcp_socket;
use wasip2::sockets::udp::{OutgoingDatagram, UdpSocket};
use wasip2::sockets::udp_create_socket::create_udp_socket;

use crate::probe::{Args, Probe, Step, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe { name: "tcp-connect", usage: "IP PORT", threat: "a raw connection", run: tcp_connect },
    Probe {
        name: "tcp-connect-std",
        usage: "HOST PORT",
        threat: "a raw connection, through the C library",
        run: tcp_connect_std,
    },
    Probe {
        name: "tcp-bind-connect",
        usage: "IP PORT",
        threat: "an implicit bind is checked, an explicit one is not",
        run: tcp_bind_connect,
    },
    Probe { name: "tcp-bind", usage: "IP PORT", threat: "taking a port of the server's machine", run: tcp_bind },
    Probe { name: "tcp-listen", usage: "IP PORT", threat: "serving from inside the sandbox", run: tcp_listen },
    Probe {
        name: "tcp-spellings",
        usage: "PORT",
        threat: "loopback as another address of the same machine",
        run: tcp_spellings,
    },
    Probe { name: "tcp-scan", usage: "IP FROM TO", threat: "scanning ports", run: tcp_scan },
    Probe { name: "tcp-sockets", usage: "N", threat: "running the server out of sockets", run: tcp_sockets },
    Probe { name: "tcp-connections", usage: "IP PORT N", threat: "many connections at once", run: tcp_connections },
    Probe { name: "udp-bind", usage: "IP PORT", threat: "taking a port of the server's machine", run: udp_bind },
    Probe { name: "udp-send", usage: "IP PORT", threat: "a datagram", run: udp_send },
    Probe {
        name: "udp-connect",
        usage: "IP PORT",
        threat: "48.0.x fix 2: connect needs send and receive permission",
        run: udp_connect,
    },
    Probe {
        name: "udp-connect-then",
        usage: "IP PORT OTHER_IP OTHER_PORT",
        threat: "connect to the allowed, send to the other",
        run: udp_connect_then,
    },
    Probe { name: "dns", usage: "NAME", threat: "resolving names", run: dns },
    Probe { name: "dns-numeric", usage: "", threat: "numeric names pass a check on names", run: dns_numeric },
    Probe {
        name: "dns-exfiltrate",
        usage: "DOMAIN",
        threat: "data leaves in the labels of a name",
        run: dns_exfiltrate,
    },
    Probe { name: "dns-storm", usage: "NAME N", threat: "many lookups at once", run: dns_storm },
];

fn address(ip: &str, port: u16) -> Result<IpSocketAddress, Stop> {
    let bad = || Stop::Inconclusive(format!("`{ip}` is not an address"));
    match ip.parse().map_err(|_| bad())? {
        std::net::IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            Ok(IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (a, b, c, d) }))
        }
        std::net::IpAddr::V6(ip) => {
            let [a, b, c, d, e, f, g, h] = ip.segments();
            let address = (a, b, c, d, e, f, g, h);
            Ok(IpSocketAddress::Ipv6(Ipv6SocketAddress { port, flow_info: 0, address, scope_id: 0 }))
        }
    }
}

fn target(args: &Args, n: usize) -> Result<(IpSocketAddress, IpAddressFamily), Stop> {
    let address = address(args.text(n)?, args.number(n + 1)? as u16)?;
    let family = match address {
        IpSocketAddress::Ipv4(_) => IpAddressFamily::Ipv4,
        IpSocketAddress::Ipv6(_) => IpAddressFamily::Ipv6,
    };
    Ok((address, family))
}

fn any_address(family: IpAddressFamily) -> IpSocketAddress {
    match family {
        IpAddressFamily::Ipv4 => IpSocketAddress::Ipv4(Ipv4SocketAddress { port: 0, address: (0, 0, 0, 0) }),
        IpAddressFamily::Ipv6 => IpSocketAddress::Ipv6(Ipv6SocketAddress {
            port: 0,
            flow_info: 0,
            address: (0, 0, 0, 0, 0, 0, 0, 0),
            scope_id: 0,
        }),
    }
}

/// Calls `step` until it stops answering `would-block`.
fn settle<T>(block: impl Fn(), step: impl Fn() -> Result<T, ErrorCode>) -> Result<T, ErrorCode> {
    loop {
        match step() {
            Err(ErrorCode::WouldBlock) => block(),
            done => return done,
        }
    }
}

fn connect(socket: &TcpSocket, to: IpSocketAddress) -> Result<(), Stop> {
    socket.start_connect(&instance_network(), to).at("start-connect")?;
    let streams = settle(|| socket.subscribe().block(), || socket.finish_connect()).at("finish-connect")?;
    drop(streams);
    Ok(())
}

fn bind(socket: &TcpSocket, to: IpSocketAddress) -> Result<(), Stop> {
    socket.start_bind(&instance_network(), to).at("start-bind")?;
    settle(|| socket.subscribe().block(), || socket.finish_bind()).at("finish-bind")
}

fn tcp_connect(args: &Args) -> Verdict {
    let (to, family) = target(args, 0)?;
    let socket = create_tcp_socket(family).at("create")?;
    connect(&socket, to)?;
    Ok("connected".to_owned())
}

fn tcp_connect_std(args: &Args) -> Verdict {
    let stream = std::net::TcpStream::connect((args.text(0)?, args.number(1)? as u16))?;
    Ok(format!("connected to {}", stream.peer_addr()?))
}

fn tcp_bind_connect(args: &Args) -> Verdict {
    let (to, family) = target(args, 0)?;
    let socket = create_tcp_socket(family).at("create")?;
    bind(&socket, any_address(family))?;
    connect(&socket, to)?;
    Ok("connected from a bound socket".to_owned())
}

fn tcp_bind(args: &Args) -> Verdict {
    let (to, family) = target(args, 0)?;
    let socket = create_tcp_socket(family).at("create")?;
    bind(&socket, to)?;
    Ok(format!("bound to {:?}", socket.local_address()?))
}

/// Both with a bind and without: listening on an unbound socket binds it in passing.
fn tcp_listen(args: &Args) -> Verdict {
    let (to, family) = target(args, 0)?;
    any_of([("bound", Some(to)), ("unbound", None)].map(|(name, to)| {
        let listen = || {
            let socket = create_tcp_socket(family).at("create")?;
            if let Some(to) = to {
                bind(&socket, to)?;
            }
            socket.start_listen().at("start-listen")?;
            settle(|| socket.subscribe().block(), || socket.finish_listen()).at("finish-listen")?;
            Ok(format!("listens on {:?}", socket.local_address()?))
        };
        (name, listen())
    }))
}

fn tcp_spellings(args: &Args) -> Verdict {
    let port = args.number(0)? as u16;
    let addresses = [
        "127.0.0.1",
        "127.0.0.2",
        "127.255.255.254",
        "0.0.0.0",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "::ffff:0.0.0.0",
    ];
    any_of(addresses.map(|ip| {
        let connected = address(ip, port).and_then(|to| {
            let family = if ip.contains(':') { IpAddressFamily::Ipv6 } else { IpAddressFamily::Ipv4 };
            connect(&create_tcp_socket(family)?, to)
        });
        (ip, connected.map(|()| "connected".to_owned()))
    }))
}

fn tcp_scan(args: &Args) -> Verdict {
    let (ip, from, to) = (args.text(0)?, args.number(1)?, args.number(2)?);
    let mut denied = None;
    for port in from..=to {
        let socket = create_tcp_socket(IpAddressFamily::Ipv4).at("create")?;
        match connect(&socket, address(ip, port as u16)?) {
            Ok(()) => return Ok(format!("port {port} is open")),
            // Knowing that a port is closed is knowledge too.
            Err(Stop::Refused(why)) if why.contains("connection-refused") => {
                return Ok(format!("port {port} is closed"));
            }
            Err(stop) => denied = Some(stop),
        }
    }
    Err(denied.unwrap_or(Stop::Inconclusive("no port was tried".to_owned())))
}

fn tcp_sockets(args: &Args) -> Verdict {
    let n = args.number(0)?;
    let mut held = vec![];
    for i in 0..n {
        held.push(
            create_tcp_socket(IpAddressFamily::Ipv4)
                .map_err(|error| Stop::from(error).at(format!("after {i} sockets")))?,
        );
    }
    Ok(format!("{} sockets", held.len()))
}

fn tcp_connections(args: &Args) -> Verdict {
    let (to, family) = target(args, 0)?;
    let n = args.number(2)?;
    let mut held = vec![];
    for i in 0..n {
        let socket = create_tcp_socket(family).map_err(|error| Stop::from(error).at(format!("after {i} sockets")))?;
        socket
            .start_connect(&instance_network(), to)
            .map_err(|error| Stop::from(error).at(format!("after {i} connections")))?;
        let streams = settle(|| socket.subscribe().block(), || socket.finish_connect())
            .map_err(|error| Stop::from(error).at(format!("after {i} connections")))?;
        held.push((streams, socket));
    }
    Ok(format!("{} connections", held.len()))
}

fn bound_udp(to: IpSocketAddress, family: IpAddressFamily) -> Result<UdpSocket, Stop> {
    let socket = create_udp_socket(family).at("create")?;
    socket.start_bind(&instance_network(), to).at("start-bind")?;
    settle(|| socket.subscribe().block(), || socket.finish_bind()).at("finish-bind")?;
    Ok(socket)
}

fn udp_bind(args: &Args) -> Verdict {
    let (to, family) = target(args, 0)?;
    Ok(format!("bound to {:?}", bound_udp(to, family)?.local_address()?))
}

fn datagram(remote: Option<IpSocketAddress>) -> OutgoingDatagram {
    OutgoingDatagram { data: b"from the probe".to_vec(), remote_address: remote }
}

fn udp_send(args: &Args) -> Verdict {
    let (to, family) = target(args, 0)?;
    let socket = bound_udp(any_address(family), family)?;
    let (_incoming, outgoing) = socket.stream(None).at("stream")?;
    settle(
        || outgoing.subscribe().block(),
        || outgoing.check_send().and_then(|n| if n == 0 { Err(ErrorCode::WouldBlock) } else { Ok(n) }),
    )
    .at("check-send")?;
    let n = outgoing.send(&[datagram(Some(to))]).at("send")?;
    if n == 0 {
        return Err(Stop::Refused("nothing was sent".to_owned()));
    }
    Ok(format!("{n} datagram"))
}

fn udp_connect(args: &Args) -> Verdict {
    let (to, family) = target(args, 0)?;
    let socket = bound_udp(any_address(family), family)?;
    let streams = socket.stream(Some(to)).at("stream to the remote")?;
    drop(streams);
    Ok("connected".to_owned())
}

fn udp_connect_then(args: &Args) -> Verdict {
    let ((allowed, family), (other, _)) = (target(args, 0)?, target(args, 2)?);
    let socket = bound_udp(any_address(family), family)?;
    let (_incoming, outgoing) = socket.stream(Some(allowed)).prepared("a stream to the allowed remote")?;
    outgoing.check_send().at("check-send")?;
    let n = outgoing.send(&[datagram(Some(other))]).at("send")?;
    Ok(format!("{n} datagram to the other"))
}

fn resolve(name: &str) -> Result<Vec<IpAddress>, Stop> {
    let stream = resolve_addresses(&instance_network(), name).at("resolve")?;
    let mut addresses = vec![];
    while let Some(address) = settle(|| stream.subscribe().block(), || stream.resolve_next_address()).at("next")? {
        addresses.push(address);
    }
    Ok(addresses)
}

fn dns(args: &Args) -> Verdict {
    Ok(format!("{:?}", resolve(args.text(0)?)?))
}

fn dns_numeric(_: &Args) -> Verdict {
    let names = ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "::1", "[::1]", "localhost", "localhost."];
    any_of(names.map(|name| (name, resolve(name).map(|addresses| format!("{addresses:?}")))))
}

/// An answer that says "no such name" has asked, too.
fn dns_exfiltrate(args: &Args) -> Verdict {
    let name = format!("c2VjcmV0.{}", args.text(0)?);
    match resolve(&name) {
        Ok(addresses) => Ok(format!("{addresses:?}")),
        Err(Stop::Refused(why)) if why.contains("name-unresolvable") || why.contains("temporary-resolver-failure") => {
            Ok(format!("asked: {why}"))
        }
        Err(stop) => Err(stop),
    }
}

fn dns_storm(args: &Args) -> Verdict {
    let (name, n) = (args.text(0)?, args.number(1)?);
    let mut held = vec![];
    for i in 0..n {
        held.push(
            resolve_addresses(&instance_network(), name)
                .map_err(|error| Stop::from(error).at(format!("after {i} lookups")))?,
        );
    }
    for stream in &held {
        settle(|| stream.subscribe().block(), || stream.resolve_next_address())?;
    }
    Ok(format!("{n} lookups at once"))
}
