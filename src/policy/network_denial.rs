//! Why the network said no, in words: the rule that came nearest, and what of it doesn't fit.

use std::net::IpAddr;

use super::address::{self, AddressClass};
use super::denial::{Denial, DenialKind};
use super::fix;
use super::host::Host;
use super::network::{HostPattern, HttpRequest, NetworkRule, Traffic};
use super::network_index::NetworkGrants;

pub(super) fn request(grants: &NetworkGrants, request: &HttpRequest<'_>) -> Denial {
    let nearest = grants
        .rules()
        .iter()
        .filter(|rule| rule.hosts.matches(request.host))
        .min_by_key(|rule| Misfit::of(rule, request).n_parts());
    let misfit = nearest.map(|rule| (rule, Misfit::of(rule, request).in_words(rule, request)));
    let reason = match misfit {
        // Everything fits and yet the index said no: the rule is too wide for this address.
        Some((rule, misfit)) if misfit.is_empty() => too_wide(rule),
        Some((rule, misfit)) => format!(
            "{} grants {}, but {}",
            rule.origin,
            request.host,
            misfit.join(", and ")
        ),
        None => unknown_host(grants, request.host),
    };
    Denial {
        kind: DenialKind::Request,
        subject: request.to_string(),
        rule: nearest.map(|rule| rule.origin.clone()),
        reason,
        fix: fix::for_request(request),
    }
}

pub(super) fn connection(grants: &NetworkGrants, host: &Host, port: u16) -> Denial {
    let matching = || {
        grants
            .rules()
            .iter()
            .filter(|rule| rule.hosts.matches(host))
    };
    let nearest = matching()
        .find(|rule| rule.traffic == Traffic::Tcp)
        .or_else(|| matching().next());
    let reason = match nearest {
        Some(rule) if rule.traffic == Traffic::Tcp && rule.ports.contains(&port) => too_wide(rule),
        Some(rule) if rule.traffic == Traffic::Tcp => {
            format!(
                "{} grants {host}, but not port {port} (it grants {})",
                rule.origin,
                shown(&rule.ports)
            )
        }
        Some(rule) => format!(
            "{} grants {} for {host}, not tcp",
            rule.origin,
            rule.traffic.scheme_word()
        ),
        None => unknown_host(grants, host),
    };
    Denial {
        kind: DenialKind::Connection,
        subject: format!("tcp {host}:{port}"),
        rule: nearest.map(|rule| rule.origin.clone()),
        reason,
        fix: fix::for_connection(host, port),
    }
}

pub(super) fn lookup(grants: &NetworkGrants, host: &Host) -> Denial {
    let nearest = grants.rules().iter().find(|rule| rule.hosts.matches(host));
    let reason = match nearest {
        Some(rule) => format!(
            "{} grants {} for {host}, and names are looked up for tcp only",
            rule.origin,
            rule.traffic.scheme_word()
        ),
        None => unknown_host(grants, host),
    };
    Denial {
        kind: DenialKind::Lookup,
        subject: format!("look up {host}"),
        rule: nearest.map(|rule| rule.origin.clone()),
        reason,
        // Any port would do; the script hasn't said which it is for.
        fix: fix::for_connection(host, 443),
    }
}

fn unknown_host(grants: &NetworkGrants, host: &Host) -> String {
    let Host::Name(name) = host else {
        return format!(
            "no [[network]] rule in {} has a cidr that contains {host}",
            grants.source()
        );
    };
    let nearly = grants.rules().iter().find_map(|rule| match &rule.hosts {
        HostPattern::Wildcard { parent } => {
            let prefix = name.as_str().strip_suffix(parent.as_str())?;
            (prefix.is_empty() || prefix.ends_with('.')).then_some((rule, parent))
        }
        HostPattern::Exact(_) | HostPattern::Cidr(_) | HostPattern::AnyName => None,
    });
    match nearly {
        Some((rule, parent)) => format!(
            "{} grants *.{parent}, which is exactly one label before {parent}",
            rule.origin
        ),
        None => format!(
            "no [[network]] rule in {} names the host {host}",
            grants.source()
        ),
    }
}

fn too_wide(rule: &NetworkRule) -> String {
    let origin = &rule.origin;
    format!("{origin} is a range, and this is an address that a rule must name by itself")
}

/// What of a rule doesn't fit a request for its host. Cheap: a script may be denied in a loop, and
/// there may be a thousand rules for one host.
enum Misfit {
    /// It is about tcp.
    Tcp,
    Http {
        scheme: bool,
        method: bool,
        path: bool,
        port: bool,
    },
}

impl Misfit {
    fn of(rule: &NetworkRule, request: &HttpRequest<'_>) -> Misfit {
        match &rule.traffic {
            Traffic::Tcp => Misfit::Tcp,
            Traffic::Http {
                scheme,
                methods,
                paths,
                inject: _,
            } => Misfit::Http {
                scheme: *scheme != request.scheme,
                method: !methods
                    .iter()
                    .any(|method| method.as_str() == request.method),
                path: !paths.iter().any(|pattern| pattern.matches(request.path)),
                port: !rule.ports.contains(&request.port),
            },
        }
    }

    fn n_parts(&self) -> usize {
        match *self {
            // Further away than any rule for HTTP.
            Misfit::Tcp => 5,
            Misfit::Http {
                scheme,
                method,
                path,
                port,
            } => [scheme, method, path, port]
                .into_iter()
                .filter(|part| *part)
                .count(),
        }
    }

    fn in_words(&self, rule: &NetworkRule, request: &HttpRequest<'_>) -> Vec<String> {
        let (methods, paths) = match &rule.traffic {
            Traffic::Http { methods, paths, .. } => (shown(methods), shown(paths)),
            Traffic::Tcp => (String::new(), String::new()),
        };
        let granted = rule.traffic.scheme_word();
        match *self {
            Misfit::Tcp => vec![format!("not {} (it grants tcp)", request.scheme)],
            Misfit::Http {
                scheme,
                method,
                path,
                port,
            } => [
                (
                    scheme,
                    format!("not {} (it grants {granted})", request.scheme),
                ),
                (
                    method,
                    format!(
                        "not the method {} (it grants {methods})",
                        request.method_shown()
                    ),
                ),
                (
                    path,
                    format!("not the path {} (it grants {paths})", request.path),
                ),
                (
                    port,
                    format!(
                        "not port {} (it grants {})",
                        request.port,
                        shown(&rule.ports)
                    ),
                ),
            ]
            .into_iter()
            .filter_map(|(applies, words)| applies.then_some(words))
            .collect(),
        }
    }
}

/// Lists the first few.
fn shown<T: ToString>(items: &[T]) -> String {
    const MAX: usize = 5;
    let mut texts: Vec<String> = items.iter().take(MAX).map(T::to_string).collect();
    if items.len() > MAX {
        texts.push(format!("{} more", items.len() - MAX));
    }
    texts.join(", ")
}

/// An address that a connection would reach and may not.
pub(super) struct Refused {
    ip: IpAddr,
    form: IpAddr,
    reason: RefusedBecause,
}

enum RefusedBecause {
    NotPublic(AddressClass),
    /// The request was for an address, and this is another.
    NotTheOneAsked,
}

/// Finds the first address that connecting to `ip` would reach and that isn't granted.
pub(super) fn refused_form(
    host: &Host,
    ip: IpAddr,
    is_granted: impl Fn(IpAddr) -> bool,
) -> Option<Refused> {
    let ip = ip.to_canonical();
    if host.as_ip().is_some_and(|asked| asked != ip) {
        let reason = RefusedBecause::NotTheOneAsked;
        return Some(Refused {
            ip,
            form: ip,
            reason,
        });
    }
    address::forms(ip).find_map(|form| {
        let class = AddressClass::of(form)?;
        let is_refused = class.is_never_granted() || !is_granted(form);
        let reason = RefusedBecause::NotPublic(class);
        is_refused.then_some(Refused { ip, form, reason })
    })
}

impl Refused {
    pub(super) fn fix(&self, lines: impl Fn(IpAddr) -> String) -> String {
        match self.reason {
            RefusedBecause::NotPublic(class) if !class.is_never_granted() => lines(self.form),
            RefusedBecause::NotPublic(_) | RefusedBecause::NotTheOneAsked => String::new(),
        }
    }

    pub(super) fn denial(
        self,
        subject: String,
        host: &Host,
        rule: &NetworkRule,
        fix: String,
    ) -> Denial {
        let Refused { ip, form, reason } = self;
        let origin = &rule.origin;
        let carried = if form == ip {
            String::new()
        } else {
            format!(", which carries {form}")
        };
        let reason = match reason {
            RefusedBecause::NotTheOneAsked => {
                format!("{origin} grants {host}, and {ip} is another address")
            }
            RefusedBecause::NotPublic(class) => {
                let only = match (class.is_never_granted(), class.needs_its_own_rule()) {
                    (true, _) => "no rule grants it",
                    (false, true) => "only a cidr rule for this one address grants it",
                    (false, false) => "only a cidr rule grants it",
                };
                format!("{origin} grants {host}, but {ip}{carried} is {class}: {only}")
            }
        };
        Denial {
            kind: DenialKind::Address,
            subject,
            rule: Some(origin.clone()),
            reason,
            fix,
        }
    }
}
