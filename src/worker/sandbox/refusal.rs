//! Denials that no rule of a policy is about: what the wall refuses whatever the policy says, and
//! what only the sandbox can word.

use std::net::SocketAddr;

use crate::policy::{Denial, DenialKind};

/// A request whose target has no single reading.
pub fn malformed_request(what: &str, why: &str) -> Denial {
    // The target is the guest's own text, and its query may hold secrets.
    let shown: String = what
        .split('?')
        .next()
        .unwrap_or_default()
        .chars()
        .take(300)
        .flat_map(char::escape_debug)
        .collect();
    Denial {
        kind: DenialKind::Request,
        subject: format!("request {shown}"),
        rule: None,
        reason: why.to_owned(),
        fix: String::new(),
    }
}

/// A socket that would accept connections.
pub fn listening(address: SocketAddr) -> Denial {
    Denial {
        kind: DenialKind::Connection,
        subject: format!("listen on {address}"),
        rule: None,
        reason: "sandboxes don't accept connections".into(),
        fix: String::new(),
    }
}

/// A datagram socket.
pub fn udp() -> Denial {
    Denial {
        kind: DenialKind::Connection,
        subject: "open a UDP socket".into(),
        rule: None,
        reason: "sandboxes don't send datagrams".into(),
        fix: String::new(),
    }
}
