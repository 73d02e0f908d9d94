//! All network rules of a run, and the decisions about them.
//!
//! ```text
//! exact name ─┐                          ┌─ method ─► tree of path segments ─► rule
//! parent     ─┼─► rules of that host ─► (scheme, port)
//! prefix len ─┘                          └─ tcp ─► rule
//! ```
//!
//! Every arrow is one hash look-up, so the cost of a decision depends on the request, not on how
//! many rules there are. Where several rules fit, the most specific host wins (a name before a
//! wildcard, a longer prefix before a shorter), then the rule that stands first: which one matters
//! only for what it injects.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::address::AddressClass;
use super::denial::Denial;
use super::fix;
use super::host::Host;
use super::network::{HostPattern, HttpRequest, NetworkRule, Scheme, Traffic};
use super::network_denial::{self, refused_form};
use super::origin::SourceName;
use super::path_tree::PathTree;

/// The network grants of a run. Immutable: [`NetworkGrants::with_rule`] makes a new value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Fields", into = "Fields")]
pub struct NetworkGrants {
    source: SourceName,
    rules: Vec<NetworkRule>,
    index: Index,
}

/// What is stored of the grants: the index is made anew.
#[derive(Serialize, Deserialize)]
struct Fields {
    source: SourceName,
    rules: Vec<NetworkRule>,
}

#[derive(Clone, Debug, Default)]
struct Index {
    names: HashMap<String, HostRules>,
    parents: HashMap<String, HostRules>,
    any_name: HostRules,
    /// Longest prefix first. Few: one for each length that some rule uses.
    ranges: Vec<Ranges>,
}

#[derive(Clone, Debug)]
struct Ranges {
    prefix_len: u8,
    networks: HashMap<IpAddr, HostRules>,
}

/// The rules of one host pattern.
#[derive(Clone, Debug, Default)]
struct HostRules {
    http: HashMap<(Scheme, u16), HashMap<String, PathTree>>,
    tcp: HashMap<u16, usize>,
}

impl NetworkGrants {
    /// `source` is the file to name when no rule is about a host.
    pub fn new(source: SourceName, rules: Vec<NetworkRule>) -> NetworkGrants {
        let mut index = Index::default();
        for (number, rule) in rules.iter().enumerate() {
            index.add(number, rule);
        }
        index
            .ranges
            .sort_by_key(|ranges| std::cmp::Reverse(ranges.prefix_len));
        NetworkGrants {
            source,
            rules,
            index,
        }
    }

    pub fn source(&self) -> &SourceName {
        &self.source
    }

    pub fn rules(&self) -> &[NetworkRule] {
        &self.rules
    }

    /// Returns these grants with one more rule, after the others. Only ever wider.
    pub fn with_rule(&self, rule: NetworkRule) -> NetworkGrants {
        let mut rules = self.rules.clone();
        rules.push(rule);
        NetworkGrants::new(self.source.clone(), rules)
    }

    /// Decides about one HTTP request, by its host as written. Call it again for each redirect, and
    /// [`NetworkGrants::http_address`] for the address that is connected to.
    ///
    /// # Errors
    /// The [`Denial`], which names the rule that came nearest.
    pub fn decide(&self, request: &HttpRequest<'_>) -> Result<&NetworkRule, Denial> {
        match self.index.http(request.host, request) {
            Some(number) => Ok(&self.rules[number]),
            None => Err(network_denial::request(self, request)),
        }
    }

    /// Decides about one raw TCP connection, by its host as written. Then [`NetworkGrants::tcp_address`].
    ///
    /// # Errors
    /// The [`Denial`], which names the rule that came nearest.
    pub fn connect(&self, host: &Host, port: u16) -> Result<&NetworkRule, Denial> {
        match self.index.tcp(host, port) {
            Some(number) => Ok(&self.rules[number]),
            None => Err(network_denial::connection(self, host, port)),
        }
    }

    /// Decides whether a script may look `host` up, for a raw TCP connection on whatever port.
    ///
    /// Names that only HTTP rules grant are resolved by us, never by the script: a look-up is a
    /// message to whoever runs the name's servers.
    ///
    /// # Errors
    /// The [`Denial`], if no tcp rule grants this name.
    pub fn names_for_tcp(&self, host: &Host) -> Result<(), Denial> {
        if self.index.of_host(host).any(|rules| !rules.tcp.is_empty()) {
            return Ok(());
        }
        Err(network_denial::lookup(self, host))
    }

    /// Decides whether a request that `rule` grants may be sent to `ip`.
    ///
    /// Public addresses may. Any other needs a `cidr` rule that grants the same request to that
    /// address, and so does every IPv4 address that an IPv6 address carries.
    ///
    /// # Errors
    /// The [`Denial`], with the `cidr` rule that would allow it if one can.
    pub fn http_address(
        &self,
        request: &HttpRequest<'_>,
        rule: &NetworkRule,
        ip: IpAddr,
    ) -> Result<(), Denial> {
        let granted = |form| self.index.http(&Host::Ip(form), request).is_some();
        match refused_form(request.host, ip, granted) {
            None => Ok(()),
            Some(refused) => {
                let fix = refused.fix(|form| fix::for_address(request, form));
                Err(refused.denial(request.to_string(), request.host, rule, fix))
            }
        }
    }

    /// As [`NetworkGrants::http_address`], for a raw TCP connection.
    ///
    /// # Errors
    /// The [`Denial`], with the `cidr` rule that would allow it if one can.
    pub fn tcp_address(
        &self,
        host: &Host,
        port: u16,
        rule: &NetworkRule,
        ip: IpAddr,
    ) -> Result<(), Denial> {
        let granted = |form| self.index.tcp(&Host::Ip(form), port).is_some();
        match refused_form(host, ip, granted) {
            None => Ok(()),
            Some(refused) => {
                let fix = refused.fix(|form| fix::for_connection(&Host::Ip(form), port));
                Err(refused.denial(format!("tcp {host}:{port}"), host, rule, fix))
            }
        }
    }
}

impl Index {
    fn add(&mut self, number: usize, rule: &NetworkRule) {
        let NetworkRule {
            hosts,
            ports,
            traffic,
            origin: _,
        } = rule;
        let host_rules = match hosts {
            HostPattern::Exact(name) => self.names.entry(name.as_str().to_owned()).or_default(),
            HostPattern::Wildcard { parent } => {
                self.parents.entry(parent.as_str().to_owned()).or_default()
            }
            HostPattern::AnyName => &mut self.any_name,
            HostPattern::Cidr(range) => self.range(*range),
        };
        for port in ports {
            match traffic {
                Traffic::Tcp => {
                    host_rules.tcp.entry(*port).or_insert(number);
                }
                Traffic::Http {
                    scheme,
                    methods,
                    paths,
                    inject: _,
                } => {
                    let by_method = host_rules.http.entry((*scheme, *port)).or_default();
                    for method in methods {
                        let tree = by_method.entry(method.as_str().to_owned()).or_default();
                        paths.iter().for_each(|path| tree.add(path, number));
                    }
                }
            }
        }
    }

    fn range(&mut self, range: IpNet) -> &mut HostRules {
        let range = range.trunc();
        let is_same = |ranges: &Ranges| {
            ranges.prefix_len == range.prefix_len()
                && ranges
                    .networks
                    .keys()
                    .next()
                    .is_none_or(|ip| ip.is_ipv4() == range.addr().is_ipv4())
        };
        let position = match self.ranges.iter().position(is_same) {
            Some(position) => position,
            None => {
                self.ranges.push(Ranges {
                    prefix_len: range.prefix_len(),
                    networks: HashMap::new(),
                });
                self.ranges.len() - 1
            }
        };
        self.ranges[position]
            .networks
            .entry(range.network())
            .or_default()
    }

    /// Returns the rules of every pattern that `host` matches, most specific first.
    fn of_host<'i>(&'i self, host: &Host) -> impl Iterator<Item = &'i HostRules> {
        let (names, ip) = match host {
            Host::Name(name) => {
                let exact = self.names.get(name.as_str());
                let wildcard = name.parent().and_then(|parent| self.parents.get(parent));
                ([exact, wildcard, Some(&self.any_name)], None)
            }
            Host::Ip(ip) => ([None; 3], Some(*ip)),
        };
        let ranges = ip.into_iter().flat_map(|ip| {
            let full_len = if ip.is_ipv4() { 32 } else { 128 };
            let needs_own = AddressClass::of(ip).is_some_and(AddressClass::needs_its_own_rule);
            self.ranges
                .iter()
                .filter(move |ranges| {
                    ranges.prefix_len == full_len || (ranges.prefix_len < full_len && !needs_own)
                })
                .filter_map(move |ranges| {
                    let range = IpNet::new(ip, ranges.prefix_len).ok()?;
                    ranges.networks.get(&range.network())
                })
        });
        names.into_iter().flatten().chain(ranges)
    }

    fn http(&self, host: &Host, request: &HttpRequest<'_>) -> Option<usize> {
        self.of_host(host).find_map(|rules| {
            rules
                .http
                .get(&(request.scheme, request.port))?
                .get(request.method)?
                .find(request.path)
        })
    }

    fn tcp(&self, host: &Host, port: u16) -> Option<usize> {
        self.of_host(host)
            .find_map(|rules| rules.tcp.get(&port).copied())
    }
}

impl From<Fields> for NetworkGrants {
    fn from(Fields { source, rules }: Fields) -> NetworkGrants {
        NetworkGrants::new(source, rules)
    }
}

impl From<NetworkGrants> for Fields {
    fn from(grants: NetworkGrants) -> Fields {
        let NetworkGrants {
            source,
            rules,
            index: _,
        } = grants;
        Fields { source, rules }
    }
}

impl PartialEq for NetworkGrants {
    fn eq(&self, other: &NetworkGrants) -> bool {
        self.source == other.source && self.rules == other.rules
    }
}

impl Eq for NetworkGrants {}
