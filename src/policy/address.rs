//! Which addresses a name may resolve to without a `cidr` rule: public ones, and only those.
//!
//! Sources: the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates), and
//! the clouds' own pages for their metadata services. IPv6 is an allow-list: outside `2000::/3`
//! nothing is public, so that what is allocated later is refused until somebody looks.
//!
//! Not decodable from the address alone: NAT64 with a network's own prefix (RFC 6052, 3.1). Who
//! runs one gives its prefix no route to private ranges, as that RFC asks.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// Why an address is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressClass {
    Unspecified,
    Loopback,
    LinkLocal,
    /// A cloud's metadata service, which hands out credentials.
    Metadata,
    Private,
    CarrierGradeNat,
    Multicast,
    Broadcast,
    /// Documentation, benchmarking, reserved and unassigned ranges.
    Reserved,
    /// An IPv6 address that carries an IPv4 address and is routed by it.
    Transition,
}

/// The addresses under which clouds answer with credentials. Some lie in ranges that people grant
/// for other reasons, so a rule lifts them only if it names the one address.
const METADATA_V4: [Ipv4Addr; 8] = [
    Ipv4Addr::new(169, 254, 169, 254), // AWS, Azure, Google, Oracle, DigitalOcean, …
    Ipv4Addr::new(169, 254, 170, 2),   // AWS ECS task credentials
    Ipv4Addr::new(169, 254, 170, 23),  // AWS EKS pod identity
    Ipv4Addr::new(169, 254, 169, 253), // AWS resolver
    Ipv4Addr::new(169, 254, 0, 23),    // Tencent
    Ipv4Addr::new(100, 100, 100, 200), // Alibaba
    Ipv4Addr::new(192, 0, 0, 192),     // Oracle, older
    Ipv4Addr::new(168, 63, 129, 16),   // Azure wire server: a public address, no public service
];

const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), // AWS
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),  // AWS EKS pod identity
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),  // Google
];

pub(super) const LOOPBACK_V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub(super) const LOOPBACK_V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

/// The addresses that only a rule for the one address grants.
pub(super) fn special_addresses() -> impl Iterator<Item = IpAddr> {
    let metadata_v4 = METADATA_V4.into_iter().map(IpAddr::V4);
    let metadata_v6 = METADATA_V6.into_iter().map(IpAddr::V6);
    let unspecified = [
        IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    ];
    metadata_v4.chain(metadata_v6).chain(unspecified)
}

impl AddressClass {
    /// Returns why `ip` is not public, or `None` if it is. Looks at this form
    /// alone: what an IPv6 address carries is a form of its own.
    pub fn of(ip: IpAddr) -> Option<AddressClass> {
        match ip.to_canonical() {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }

    /// True where a rule must name the one address (`/32`, `/128`): a wider range doesn't mean it.
    pub fn needs_its_own_rule(self) -> bool {
        matches!(self, AddressClass::Metadata | AddressClass::Unspecified)
    }

    /// True where no rule helps: these are not addresses of one host.
    pub fn is_never_granted(self) -> bool {
        matches!(self, AddressClass::Multicast | AddressClass::Broadcast)
    }

    pub fn meaning(self) -> &'static str {
        match self {
            AddressClass::Unspecified => "the unspecified address, which reaches this machine",
            AddressClass::Loopback => "a loopback address: this machine itself",
            AddressClass::LinkLocal => "a link-local address",
            AddressClass::Metadata => "a cloud metadata service, which hands out credentials",
            AddressClass::Private => "a private address",
            AddressClass::CarrierGradeNat => "a shared address (carrier-grade NAT)",
            AddressClass::Multicast => "a multicast address",
            AddressClass::Broadcast => "the broadcast address",
            AddressClass::Reserved => "a reserved address",
            AddressClass::Transition => "an IPv6 address that stands for an IPv4 address",
        }
    }
}

/// Returns every address that connecting to `ip` may reach: itself, and the IPv4 address it carries.
///
/// All of them must be public or granted.
pub fn forms(ip: IpAddr) -> impl Iterator<Item = IpAddr> {
    let ip = ip.to_canonical();
    let embedded = match ip {
        IpAddr::V4(_) => [None; 4],
        IpAddr::V6(address) => embedded(address),
    };
    std::iter::once(ip).chain(embedded.into_iter().flatten().map(IpAddr::V4))
}

fn of_v4(address: Ipv4Addr) -> Option<AddressClass> {
    let [a, b, c, _] = address.octets();
    if METADATA_V4.contains(&address) {
        return Some(AddressClass::Metadata);
    }
    Some(match (a, b, c) {
        (0, 0, 0) if address.is_unspecified() => AddressClass::Unspecified,
        // "This network": Linux routes some of it to the machine itself.
        (0, ..) => AddressClass::Reserved,
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => AddressClass::Private,
        (100, 64..=127, _) => AddressClass::CarrierGradeNat,
        (127, ..) => AddressClass::Loopback,
        (169, 254, _) => AddressClass::LinkLocal,
        (192, 0, 0) => AddressClass::Reserved,
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => AddressClass::Reserved,
        (192, 88, 99) => AddressClass::Reserved,
        (198, 18..=19, _) => AddressClass::Reserved,
        (224..=239, ..) => AddressClass::Multicast,
        (255, 255, 255) if address.is_broadcast() => AddressClass::Broadcast,
        (240..=255, ..) => AddressClass::Reserved,
        _ => return None,
    })
}

fn of_v6(address: Ipv6Addr) -> Option<AddressClass> {
    if METADATA_V6.contains(&address) {
        return Some(AddressClass::Metadata);
    }
    let [a, b, c, ..] = address.segments();
    let is_nat64 = starts_with(address, &[0x64, 0xff9b, 0, 0, 0, 0]);
    Some(match (a, b, c) {
        _ if address.is_unspecified() => AddressClass::Unspecified,
        _ if address.is_loopback() => AddressClass::Loopback,
        // The well-known NAT64 prefix is how IPv6-only networks reach public IPv4: what counts is
        // the address it carries.
        _ if is_nat64 => return None,
        (0x64, 0xff9b, 1) => AddressClass::Transition,
        (0, ..) => AddressClass::Transition,
        (0xfe80..=0xfebf, ..) => AddressClass::LinkLocal,
        (0xfc00..=0xfdff, ..) => AddressClass::Private,
        (0xfec0..=0xfeff, ..) => AddressClass::Private,
        (0xff00..=0xffff, ..) => AddressClass::Multicast,
        (0x2002, ..) | (0x2001, 0, _) => AddressClass::Transition,
        // IETF protocol assignments: benchmarking, ORCHID, AS112, …
        (0x2001, 0..=0x1ff, _) => AddressClass::Reserved,
        (0x2001, 0xdb8, _) | (0x3fff, 0..=0xfff, _) => AddressClass::Reserved,
        _ if is_isatap(address) => AddressClass::Transition,
        (0x2000..=0x3fff, ..) => return None,
        _ => AddressClass::Reserved,
    })
}

/// Returns the IPv4 addresses an IPv6 address may carry. Several for local-use NAT64, where the
/// place depends on a prefix length that can't be seen (RFC 6052, 2.2).
fn embedded(address: Ipv6Addr) -> [Option<Ipv4Addr>; 4] {
    let o = address.octets();
    let v4 = |a: usize, b: usize, c: usize, d: usize| Some(Ipv4Addr::new(o[a], o[b], o[c], o[d]));
    let last = v4(12, 13, 14, 15);
    let [a, b, c, ..] = address.segments();
    if address.is_unspecified() || address.is_loopback() {
        return [None; 4];
    }
    match (a, b, c) {
        (0x64, 0xff9b, 1) => [last, v4(6, 7, 9, 10), v4(7, 9, 10, 11), v4(9, 10, 11, 12)],
        // NAT64, and IPv4-compatible and IPv4-translated (`::ffff:0:a.b.c.d`).
        (0x64, 0xff9b, _) | (0, ..) => [last, None, None, None],
        (0x2002, ..) => [v4(2, 3, 4, 5), None, None, None],
        (0x2001, 0, _) => {
            // Teredo: the server, and the client with every bit turned over.
            let client = Ipv4Addr::new(!o[12], !o[13], !o[14], !o[15]);
            [v4(4, 5, 6, 7), Some(client), None, None]
        }
        _ if is_isatap(address) => [last, None, None, None],
        _ => [None; 4],
    }
}

/// ISATAP (RFC 5214): interface identifiers `0000:5efe` and `0200:5efe`, then the IPv4 address.
fn is_isatap(address: Ipv6Addr) -> bool {
    let [.., e, f, _, _] = address.segments();
    matches!(e, 0 | 0x200) && f == 0x5efe
}

fn starts_with(address: Ipv6Addr, segments: &[u16]) -> bool {
    address.segments().starts_with(segments)
}

impl fmt::Display for AddressClass {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.meaning())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<AddressClass> {
        forms(text.parse().unwrap()).find_map(AddressClass::of)
    }

    #[test]
    fn public_addresses_are_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "140.82.121.6",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:4860::8888",
            "64:ff9b::8.8.8.8",
            "::ffff:8.8.8.8",
        ] {
            assert_eq!(refused(text), None, "{text}");
        }
    }

    #[test]
    fn no_spelling_of_an_inner_address_is_public() {
        use AddressClass::*;
        for (text, expected) in [
            ("0.0.0.0", Unspecified),
            ("0.1.2.3", Reserved),
            ("127.0.0.1", Loopback),
            ("127.255.255.254", Loopback),
            ("10.1.2.3", Private),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("192.168.1.1", Private),
            ("100.64.0.1", CarrierGradeNat),
            ("169.254.1.1", LinkLocal),
            ("169.254.169.254", Metadata),
            ("169.254.170.2", Metadata),
            ("100.100.100.200", Metadata),
            ("192.0.0.192", Metadata),
            ("168.63.129.16", Metadata),
            ("192.0.2.1", Reserved),
            ("198.18.0.1", Reserved),
            ("224.0.0.1", Multicast),
            ("255.255.255.255", Broadcast),
            ("240.0.0.1", Reserved),
            ("::", Unspecified),
            ("::1", Loopback),
            ("fe80::1", LinkLocal),
            ("fd00::1", Private),
            ("fec0::1", Private),
            ("fd00:ec2::254", Metadata),
            ("ff02::1", Multicast),
            ("2001:db8::1", Reserved),
            ("3fff::1", Reserved),
            ("100::1", Reserved),
            ("5f00::1", Reserved),
            ("4000::1", Reserved),
            ("::ffff:127.0.0.1", Loopback),
            ("::ffff:169.254.169.254", Metadata),
            ("::127.0.0.1", Transition),
            ("::ffff:0:127.0.0.1", Transition),
            ("64:ff9b::127.0.0.1", Loopback),
            ("64:ff9b::a9fe:a9fe", Metadata),
            ("64:ff9b:1::8.8.8.8", Transition),
            ("64:ff9b:2::8.8.8.8", Reserved),
            ("2002:7f00:1::", Transition),
            ("2002:808:808::", Transition),
            ("2001:0:a00:1::", Transition),
            ("2a00::5efe:10.0.0.1", Transition),
        ] {
            assert_eq!(refused(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn carried_addresses_are_found() {
        for (text, expected) in [
            ("2002:a00:1::", "10.0.0.1"),
            ("64:ff9b::a00:1", "10.0.0.1"),
            ("::10.0.0.1", "10.0.0.1"),
            ("64:ff9b:1:a00:0:100::", "10.0.0.1"),
            ("2001:0:808:808:0:0:f5ff:fffe", "10.0.0.1"),
        ] {
            let expected: IpAddr = expected.parse().unwrap();
            assert!(
                forms(text.parse().unwrap()).any(|ip| ip == expected),
                "{text}"
            );
        }
    }
}
