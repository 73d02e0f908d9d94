//! `[[network]]` and `[network.inject]`.

use std::collections::HashSet;

use ipnet::IpNet;
use toml::de::DeValue;

use super::super::breadth::{range_danger, wildcard_danger};
use super::super::host::HostError;
use super::super::keys;
use super::super::network::{
    HeaderName, HostPattern, HostPatternError, Injection, Method, MethodError, NetworkRule, Scheme,
    Traffic,
};
use super::super::path_pattern::{PathPattern, PatternError};
use super::super::problem::Report;
use super::files::tell;
use super::reader::Section;
use super::settings::template;
use super::{Role, Span};

/// Ports × methods × paths of one rule, and of all rules together. Each is an entry of the index and a
/// question to the ceiling, so a short file must not ask for billions.
const MAX_COMBINATIONS: usize = 10_000;
const MAX_COMBINATIONS_IN_ALL: usize = 100_000;

pub(super) fn read(
    role: Role,
    root: &Section<'_, '_>,
    report: &mut Report<'_>,
) -> Vec<NetworkRule> {
    let mut rules = Vec::new();
    let mut n_in_all: usize = 0;
    for section in root.sections(report, "network", "network") {
        let Some(rule) = one(role, &section, report) else {
            continue;
        };
        let n_combinations = n_combinations(&rule);
        n_in_all = n_in_all.saturating_add(n_combinations);
        if n_combinations > MAX_COMBINATIONS || n_in_all > MAX_COMBINATIONS_IN_ALL {
            let message = format!(
                "too many combinations of ports, methods and paths: {MAX_COMBINATIONS} in one rule and {MAX_COMBINATIONS_IN_ALL} in all are the most"
            );
            report.error(
                &section.span,
                message,
                "write paths as patterns, such as \"/repos/acme/**\"",
            );
            break;
        }
        rules.push(rule);
    }
    rules
}

fn n_combinations(rule: &NetworkRule) -> usize {
    let n_requests = match &rule.traffic {
        Traffic::Tcp => 1,
        Traffic::Http { methods, paths, .. } => methods.len().saturating_mul(paths.len()),
    };
    rule.ports.len().saturating_mul(n_requests)
}

/// What `scheme` says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Http(Scheme),
    Tcp,
}

/// Reads every key before it gives up, so that all that is wrong is reported.
fn one(role: Role, section: &Section<'_, '_>, report: &mut Report<'_>) -> Option<NetworkRule> {
    section.refuse_unknown_keys(report);
    let hosts = hosts(role, section, report);
    let ports = ports(section, report);
    let traffic = match protocol(section, report) {
        Some(Protocol::Tcp) => {
            for key in ["methods", "paths", "inject"]
                .into_iter()
                .filter(|key| section.has(key))
            {
                let message = format!(
                    "`{key}` can't be checked on scheme \"tcp\": the bytes are the script's own"
                );
                let help = format!("remove `{key}`, or write scheme = \"https\"");
                report.error(&section.key_span(key), message, help);
            }
            Some(Traffic::Tcp)
        }
        Some(Protocol::Http(scheme)) => http(role, scheme, hosts.as_ref(), section, report),
        None => {
            // Nobody writes methods for tcp: what is wrong with them is wrong for either scheme.
            if section.has("methods") || section.has("paths") {
                http(role, Scheme::Https, hosts.as_ref(), section, report);
            }
            None
        }
    };
    Some(NetworkRule {
        hosts: hosts?,
        ports: ports?,
        traffic: traffic?,
        origin: report.origin(&section.span),
    })
}

fn hosts(role: Role, section: &Section<'_, '_>, report: &mut Report<'_>) -> Option<HostPattern> {
    match (section.has("host"), section.has("cidr")) {
        (true, true) => {
            let message = "`host` and `cidr` are two rules";
            let help = "keep `host`, and write a second [[network]] with the `cidr`: it says which inner addresses the name may have";
            report.error(&section.key_span("cidr"), message, help);
            None
        }
        (false, false) => {
            let help = format!("write {}", keys::example("network", "host"));
            report.error(
                &section.span,
                "this [[network]] says nothing about where to: `host` or `cidr` is missing",
                help,
            );
            None
        }
        (true, false) => host(role, section, report),
        (false, true) => cidr(section, report),
    }
}

fn host(role: Role, section: &Section<'_, '_>, report: &mut Report<'_>) -> Option<HostPattern> {
    let (text, span) = section.text(report, "host")?;
    match HostPattern::parse(text) {
        Ok(pattern) => {
            match &pattern {
                HostPattern::Wildcard { parent } => {
                    if let Some(danger) = wildcard_danger(parent) {
                        tell(report, &span, danger);
                    }
                }
                HostPattern::Exact(name)
                    if name.as_str() == "localhost" || name.as_str().ends_with(".localhost") =>
                {
                    let message = "localhost is this machine, and its addresses need a rule too";
                    report.warn(
                        &span,
                        message,
                        "if it is meant, add a [[network]] with cidr = \"127.0.0.1/32\"",
                    );
                }
                HostPattern::Exact(_) | HostPattern::Cidr(_) | HostPattern::AnyName => {}
            }
            Some(pattern)
        }
        Err(HostPatternError::Everything) if role == Role::Ceiling => {
            report.warn(
                &span,
                "this ceiling allows every public host",
                "list the hosts if policies are written by people you don't know",
            );
            Some(HostPattern::AnyName)
        }
        Err(problem) => {
            let help = match &problem {
                HostPatternError::Everything => {
                    "name the hosts, one [[network]] each: host = \"api.example.com\", or host = \"*.example.com\" for exactly one label".to_owned()
                }
                HostPatternError::Wildcard => "write one rule for each host, or host = \"*.example.com\" for exactly one label".to_owned(),
                HostPatternError::Address(range) => format!("write cidr = \"{range}\""),
                HostPatternError::Url => format!("write host = \"{}\", and the rest as scheme, ports and paths", bare_host(text)),
                HostPatternError::Host(HostError::NotCanonical { means }) => {
                    format!("write cidr = \"{}\"", IpNet::from(*means))
                }
                HostPatternError::Host(_) => format!("write {}", keys::example("network", "host")),
            };
            report.error(&span, format!("`host` can't be {text:?}: {problem}"), help);
            None
        }
    }
}

fn cidr(section: &Section<'_, '_>, report: &mut Report<'_>) -> Option<HostPattern> {
    let (text, span) = section.text(report, "cidr")?;
    let range: IpNet = match text.parse() {
        Ok(range) => range,
        Err(_) => {
            let help = match text.parse() {
                Ok(ip) => format!(
                    "write cidr = \"{}\"",
                    IpNet::from(std::net::IpAddr::to_canonical(&ip))
                ),
                Err(_) => format!("write {}", keys::example("network", "cidr")),
            };
            report.error(
                &span,
                format!("`cidr` can't be {text:?}: it is an address, `/` and a prefix length"),
                help,
            );
            return None;
        }
    };
    if range.trunc() != range {
        let message = format!("{range} is an address inside a network");
        let help = format!(
            "write cidr = \"{}\" for the network, or cidr = \"{}\" for the address",
            range.trunc(),
            IpNet::from(range.addr())
        );
        report.error(&span, message, help);
        return None;
    }
    if let IpNet::V6(v6) = range
        && v6.prefix_len() >= 96
        && let Some(v4) = v6.addr().to_ipv4_mapped()
    {
        let message = format!("{range} are IPv4 addresses written as IPv6");
        report.error(
            &span,
            message,
            format!("write cidr = \"{v4}/{}\"", v6.prefix_len() - 96),
        );
        return None;
    }
    for danger in range_danger(range) {
        tell(report, &span, danger);
    }
    Some(HostPattern::Cidr(range))
}

fn ports(section: &Section<'_, '_>, report: &mut Report<'_>) -> Option<Vec<u16>> {
    if !section.has("ports") {
        section.missing(report, "ports");
    }
    let items = section.list(report, "ports", "a list of numbers")?;
    if items.is_empty() {
        let help = format!("write {}", keys::example("network", "ports"));
        report.error(
            &section.key_span("ports"),
            "`ports` is empty, so this rule grants nothing",
            help,
        );
        return None;
    }
    let mut ports: Vec<u16> = Vec::new();
    let mut seen = HashSet::new();
    for item in items {
        let port = match item.get_ref() {
            DeValue::Integer(number) => {
                u16::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()
            }
            _ => None,
        };
        match port {
            None | Some(0) => {
                report.error(
                    &item.span(),
                    "a port is a number from 1 to 65535",
                    format!("write {}", keys::example("network", "ports")),
                );
            }
            Some(port) if !seen.insert(port) => {
                report.error(
                    &item.span(),
                    format!("port {port} is listed twice"),
                    "remove one",
                );
            }
            Some(port) => ports.push(port),
        }
    }
    Some(ports)
}

fn protocol(section: &Section<'_, '_>, report: &mut Report<'_>) -> Option<Protocol> {
    let (text, span) = section.required_text(report, "scheme")?;
    match text {
        "https" => Some(Protocol::Http(Scheme::Https)),
        "http" => Some(Protocol::Http(Scheme::Http)),
        "tcp" => Some(Protocol::Tcp),
        other => {
            let help = match keys::nearest(other, ["https", "http", "tcp"]) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "write scheme = \"https\", \"http\" or \"tcp\"".to_owned(),
            };
            report.error(&span, format!("there is no scheme {other:?}"), help);
            None
        }
    }
}

fn http(
    role: Role,
    scheme: Scheme,
    hosts: Option<&HostPattern>,
    section: &Section<'_, '_>,
    report: &mut Report<'_>,
) -> Option<Traffic> {
    let methods = listed(section, report, "methods", |text| {
        Method::parse(text).map_err(|problem| method_help(text, problem))
    });
    let paths = listed(section, report, "paths", |text| {
        PathPattern::parse(text).map_err(|problem| path_help(text, problem))
    });
    let inject = match section.section(report, "inject", "network.inject") {
        Some(inject) => Some(injection(&inject, report)?),
        None => None,
    };
    if let Some(injection) = &inject {
        warn_about_injection(
            role,
            scheme,
            hosts,
            injection,
            &section.key_span("inject"),
            report,
        );
    }
    Some(Traffic::Http {
        scheme,
        methods: methods?,
        paths: paths?,
        inject,
    })
}

/// Reads a list that must be there and not be empty. `None` if an item is wrong.
fn listed<T>(
    section: &Section<'_, '_>,
    report: &mut Report<'_>,
    key: &'static str,
    parse: impl Fn(&str) -> Result<T, (String, String)>,
) -> Option<Vec<T>> {
    if !section.has(key) {
        section.missing(report, key);
    }
    let texts = section.texts(report, key)?;
    if texts.is_empty() {
        let help = format!("write {}", keys::example("network", key));
        report.error(
            &section.key_span(key),
            format!("`{key}` is empty, so this rule grants nothing"),
            help,
        );
        return None;
    }
    let mut items = Vec::new();
    let mut seen = HashSet::new();
    let mut is_right = true;
    for (text, span) in texts {
        match parse(text) {
            Ok(_) if !seen.insert(text) => {
                report.error(&span, format!("{text:?} is listed twice"), "remove one");
            }
            Ok(item) => items.push(item),
            Err((message, help)) => {
                report.error(&span, message, help);
                is_right = false;
            }
        }
    }
    is_right.then_some(items)
}

fn method_help(text: &str, problem: MethodError) -> (String, String) {
    let help = match problem {
        MethodError::LowerCase => format!("write {:?}", text.to_ascii_uppercase()),
        MethodError::Wildcard => {
            "write the methods that the script uses: methods = [\"GET\", \"POST\"]".to_owned()
        }
        MethodError::Dangerous => "remove it".to_owned(),
        MethodError::NotAToken => format!("write {}", keys::example("network", "methods")),
    };
    (format!("the method can't be {text:?}: {problem}"), help)
}

fn path_help(text: &str, problem: PatternError) -> (String, String) {
    let help = match problem {
        PatternError::NotAbsolute => format!("write {:?}", format!("/{text}")),
        PatternError::PartialDoubleStar => {
            "write \"/dir/**\" for all below a directory, or \"/dir/*.json\" for files in it"
                .to_owned()
        }
        PatternError::RepeatedDoubleStar => "write it once".to_owned(),
        PatternError::Query => format!(
            "write {:?}",
            text.split(['?', '#']).next().unwrap_or_default()
        ),
        PatternError::Encoded => format!(
            "write {:?}",
            percent_encoding::percent_decode_str(text).decode_utf8_lossy()
        ),
        PatternError::NeverMatches(_) => {
            "requests with such a path are refused before rules are looked at".to_owned()
        }
    };
    (format!("the path can't be {text:?}: {problem}"), help)
}

fn injection(section: &Section<'_, '_>, report: &mut Report<'_>) -> Option<Injection> {
    section.refuse_unknown_keys(report);
    let forms: Vec<&str> = ["header", "query", "basic"]
        .into_iter()
        .filter(|key| section.has(key))
        .collect();
    let [form] = forms.as_slice() else {
        let help = "write header and value, or query and value, or basic = { username = \"…\", password = \"…\" }";
        let message = match forms.is_empty() {
            true => "[network.inject] doesn't say what to set: one of `header`, `query` and `basic` is missing".to_owned(),
            false => format!("[network.inject] sets one thing, not {}", forms.join(" and ")),
        };
        report.error(&section.span, message, help);
        return None;
    };
    match *form {
        "basic" => {
            if section.has("value") {
                report.error(
                    &section.key_span("value"),
                    "`basic` has a username and a password, not a value",
                    "remove `value`",
                );
            }
            let basic = section.section(report, "basic", "network.inject.basic")?;
            basic.refuse_unknown_keys(report);
            let username = template(&basic, report, "username");
            let password = template(&basic, report, "password");
            Some(Injection::Basic {
                username: username?,
                password: password?,
            })
        }
        "header" => {
            let value = template(section, report, "value");
            let (text, span) = section.text(report, "header")?;
            match HeaderName::parse(text) {
                Ok(name) => Some(Injection::Header {
                    name,
                    value: value?,
                }),
                Err(problem) => {
                    let help = format!("write {}", keys::example("network.inject", "header"));
                    report.error(
                        &span,
                        format!("`header` can't be {text:?}: {problem}"),
                        help,
                    );
                    None
                }
            }
        }
        _ => {
            let value = template(section, report, "value");
            let (name, span) = section.text(report, "query")?;
            if name.is_empty() || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
                let help = format!("write {}", keys::example("network.inject", "query"));
                report.error(
                    &span,
                    format!("`query` can't be {name:?}: it is a parameter's name"),
                    help,
                );
                return None;
            }
            Some(Injection::Query {
                name: name.to_owned(),
                value: value?,
            })
        }
    }
}

fn warn_about_injection(
    role: Role,
    scheme: Scheme,
    hosts: Option<&HostPattern>,
    injection: &Injection,
    span: &Span,
    report: &mut Report<'_>,
) {
    if role == Role::Ceiling {
        report.warn(
            span,
            "a ceiling injects nothing: this has no effect",
            "remove it, and bound what policies may inject by variables.read",
        );
        return;
    }
    if scheme == Scheme::Http {
        report.warn(
            span,
            "over http anyone on the way reads what is injected",
            "write scheme = \"https\"",
        );
    }
    if matches!(hosts, Some(HostPattern::Wildcard { .. })) {
        report.warn(
            span,
            "what is injected goes to every host that the wildcard matches",
            "name the hosts one by one",
        );
    }
    let is_secret = match injection {
        Injection::Header { name, .. } => matches!(
            name.as_str(),
            "authorization" | "cookie" | "x-api-key" | "private-token"
        ),
        Injection::Basic { .. } | Injection::Query { .. } => true,
    };
    if is_secret
        && injection
            .templates()
            .iter()
            .all(|template| template.references().is_empty())
    {
        report.warn(
            span,
            "what is injected stands here in clear text",
            "put it in a sensitive variable: value = \"#{Api.Token}\"",
        );
    }
}

/// What of a URL is probably the host.
fn bare_host(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    authority.split(':').next().unwrap_or(authority)
}
