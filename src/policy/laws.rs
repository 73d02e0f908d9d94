//! Laws that hold between the modules, over random policies, requests and uses.

use std::net::IpAddr;

use proptest::prelude::*;

use super::*;

const HOSTS: [&str; 8] = [
    "example.com",
    "a.example.com",
    "b.example.com",
    "x.a.example.com",
    "example.org",
    "10.1.2.3",
    "93.184.216.34",
    "[2001:db8::1]",
];
const PATTERNS: [&str; 7] = [
    "example.com",
    "a.example.com",
    "*.example.com",
    "*.a.example.com",
    "10.0.0.0/8",
    "10.1.2.3/32",
    "93.184.0.0/16",
];
const PORTS: [u16; 2] = [443, 8443];
const METHODS: [&str; 3] = ["GET", "POST", "PURGE"];
const PATH_PATTERNS: [&str; 7] = ["/", "/**", "/a", "/a/*", "/a/**", "/*/b", "/a/**/z"];
const PATHS: [&str; 8] = [
    "/", "/a", "/a/", "/a/b", "/b/b", "/a/b/c", "/a/z", "/a/b/c/z",
];

fn some<T: Clone + std::fmt::Debug + 'static>(
    items: &[T],
) -> impl Strategy<Value = Vec<T>> + use<T> {
    prop::sample::subsequence(items.to_vec(), 1..=items.len().min(3))
}

fn one_of<T: Clone + std::fmt::Debug + 'static>(items: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(items.to_vec())
}

fn traffic() -> impl Strategy<Value = Traffic> {
    let http = (
        one_of(&[Scheme::Http, Scheme::Https]),
        some(&METHODS),
        some(&PATH_PATTERNS),
    )
        .prop_map(|(scheme, methods, paths)| Traffic::Http {
            scheme,
            methods: methods
                .into_iter()
                .map(|text| Method::parse(text).unwrap())
                .collect(),
            paths: paths
                .into_iter()
                .map(|text| PathPattern::parse(text).unwrap())
                .collect(),
            inject: None,
        });
    prop_oneof![4 => http, 1 => Just(Traffic::Tcp)]
}

fn rule() -> impl Strategy<Value = NetworkRule> {
    (one_of(&PATTERNS), some(&PORTS), traffic()).prop_map(|(hosts, ports, traffic)| NetworkRule {
        hosts: HostPattern::try_from(hosts.to_owned()).unwrap(),
        ports,
        traffic,
        origin: Origin::defaults(),
    })
}

fn rules() -> impl Strategy<Value = Vec<NetworkRule>> {
    prop::collection::vec(rule(), 0..8)
}

/// A request that can be kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    scheme: Scheme,
    host: Host,
    port: u16,
    method: &'static str,
    path: NormalPath,
}

impl Asked {
    fn request(&self) -> HttpRequest<'_> {
        HttpRequest {
            scheme: self.scheme,
            host: &self.host,
            port: self.port,
            method: self.method,
            path: &self.path,
        }
    }

    fn used(&self) -> Use {
        Use::Http {
            scheme: self.scheme,
            host: self.host.clone(),
            port: self.port,
            method: self.method.to_owned(),
            path: self.path.clone(),
            inject: None,
        }
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    (
        one_of(&[Scheme::Http, Scheme::Https]),
        one_of(&HOSTS),
        one_of(&PORTS),
        one_of(&METHODS),
        one_of(&PATHS),
    )
        .prop_map(|(scheme, host, port, method, path)| Asked {
            scheme,
            host: Host::parse(host).unwrap(),
            port,
            method,
            path: NormalPath::parse(path).unwrap(),
        })
}

fn network(rules: Vec<NetworkRule>) -> NetworkGrants {
    NetworkGrants::new(SourceName::new("p.toml"), rules)
}

/// The definition of a rule, without the index.
fn rule_allows(rule: &NetworkRule, request: &HttpRequest<'_>) -> bool {
    let NetworkRule {
        hosts,
        ports,
        traffic,
        origin: _,
    } = rule;
    match traffic {
        Traffic::Tcp => false,
        Traffic::Http {
            scheme,
            methods,
            paths,
            inject: _,
        } => {
            hosts.matches(request.host)
                && ports.contains(&request.port)
                && *scheme == request.scheme
                && methods
                    .iter()
                    .any(|method| method.as_str() == request.method)
                && paths.iter().any(|path| path.matches(request.path))
        }
    }
}

fn policy(network: Vec<NetworkRule>) -> Policy {
    Policy {
        network,
        ..Policy::empty("p", &SourceName::new("p.toml"))
    }
}

fn parsed(text: &str) -> Policy {
    match parse("p.toml", text) {
        Ok((policy, _)) => policy,
        Err(error) => panic!("{error}\nin\n{text}"),
    }
}

fn alone(text: &str) -> Grants {
    grants(&parsed(text), None).unwrap()
}

proptest! {
    #[test]
    fn the_index_decides_as_the_rules_say(rules in rules(), asked in asked()) {
        let request = asked.request();
        let expected = rules.iter().any(|rule| rule_allows(rule, &request));
        let grants = network(rules);
        match grants.decide(&request) {
            Ok(rule) => prop_assert!(expected && rule_allows(rule, &request)),
            Err(denial) => prop_assert!(!expected, "{}", denial),
        }
    }

    #[test]
    fn adding_a_rule_only_widens(rules in rules(), more in rule(), asked in asked(), ip in any::<u32>()) {
        let before = network(rules);
        let after = before.with_rule(more);
        let request = asked.request();
        if let Ok(rule) = before.decide(&request) {
            let wider = after.decide(&request).unwrap();
            let ip = asked.host.as_ip().unwrap_or(IpAddr::V4(ip.into()));
            if before.http_address(&request, rule, ip).is_ok() {
                prop_assert!(after.http_address(&request, wider, ip).is_ok());
            }
        }
        if before.connect(&asked.host, asked.port).is_ok() {
            prop_assert!(after.connect(&asked.host, asked.port).is_ok());
            prop_assert!(after.names_for_tcp(&asked.host).is_ok());
        }
    }

    #[test]
    fn what_is_granted_is_within_policy_and_ceiling(ours in rules(), theirs in rules(), asked in prop::collection::vec(asked(), 8)) {
        let (ours, theirs) = (policy(ours), policy(theirs));
        if let Ok(granted) = grants(&ours, Some(&theirs)) {
            let bound = network(theirs.network);
            for asked in asked {
                let request = asked.request();
                if granted.network.decide(&request).is_ok() {
                    prop_assert!(bound.decide(&request).is_ok());
                }
                if granted.network.connect(&asked.host, asked.port).is_ok() {
                    prop_assert!(bound.connect(&asked.host, asked.port).is_ok());
                }
            }
        }
    }

    #[test]
    fn a_policy_is_within_itself(ours in rules(), more in rules()) {
        let ours = policy(ours);
        let wider = policy([ours.network.clone(), more].concat());
        prop_assert!(grants(&ours, Some(&ours)).is_ok());
        prop_assert!(grants(&ours, Some(&wider)).is_ok());
    }

    #[test]
    fn the_lines_of_a_denial_allow_it(rules in rules(), asked in asked(), ip in one_of(&["10.9.9.9", "127.0.0.1", "169.254.169.254", "93.184.216.34", "64:ff9b::a00:1"])) {
        let grants = network(rules);
        let request = asked.request();
        let mut lines = String::new();
        if let Err(denial) = grants.decide(&request) {
            lines.push_str(&denial.fix);
        }
        let header = "schema = 1\nname = \"p\"\n";
        let mut wider = grants.clone();
        for rule in alone(&format!("{header}{lines}")).network.rules() {
            wider = wider.with_rule(rule.clone());
        }
        let ip: IpAddr = asked.host.as_ip().unwrap_or_else(|| ip.parse().unwrap());
        let rule = wider.decide(&request).unwrap().clone();
        if let Err(denial) = wider.http_address(&request, &rule, ip) {
            for rule in alone(&format!("{header}{}", denial.fix)).network.rules() {
                wider = wider.with_rule(rule.clone());
            }
            prop_assert!(wider.http_address(&request, &rule, ip).is_ok());
        }
    }

    #[test]
    fn a_learned_policy_grants_exactly_its_uses(used in prop::collection::btree_set(asked(), 0..12), probes in prop::collection::vec(asked(), 12)) {
        let uses: Vec<Use> = used.iter().map(Asked::used).collect();
        let grants = alone(&write_policy("learned", &uses));
        for asked in probes.iter().chain(&used) {
            prop_assert_eq!(grants.network.decide(&asked.request()).is_ok(), used.contains(asked), "{:?}", asked);
        }
        let mut reversed = uses.clone();
        reversed.reverse();
        prop_assert_eq!(write_policy("learned", &uses), write_policy("learned", &reversed));
    }

    #[test]
    fn learned_names_are_exact_whatever_they_hold(
        names in prop::collection::vec("[A-Za-z.*\\\\\\[\\]\"'# ü]{1,8}", 1..4),
        path in "(/[a-z*\\\\\"' ü]{1,4}){1,3}",
        policy_name in "\\PC{0,50}",
    ) {
        let mut uses: Vec<Use> = names.iter().cloned().map(Use::Variable).collect();
        let encoded: String = percent_encoding::utf8_percent_encode(&path, percent_encoding::NON_ALPHANUMERIC).to_string().replace("%2F", "/");
        let path = NormalPath::parse(&encoded).ok();
        let host = Host::parse("example.com").unwrap();
        if let Some(path) = path.clone() {
            uses.push(Use::Http { scheme: Scheme::Https, host: host.clone(), port: 443, method: "GET".into(), path, inject: None });
        }
        let grants = alone(&write_policy(&policy_name, &uses));
        for name in names.iter().filter(|name| name.trim() == name.as_str()) {
            prop_assert!(grants.variables.decide(name).is_ok(), "{}", name);
            let other = format!("{name}x");
            let is_used = names.iter().any(|used| crate::template::fold_name(used) == crate::template::fold_name(&other));
            prop_assert_eq!(grants.variables.decide(&other).is_ok(), is_used);
        }
        if let Some(path) = path {
            let request = HttpRequest { scheme: Scheme::Https, host: &host, port: 443, method: "GET", path: &path };
            prop_assert!(grants.network.decide(&request).is_ok());
        }
    }

    #[test]
    fn a_wildcard_is_exactly_one_label(labels in prop::collection::vec("[a-z]{1,3}", 0..4)) {
        let pattern = HostPattern::parse("*.example.com").unwrap();
        let host: String = labels.iter().map(|label| format!("{label}.")).chain(["example.com".to_owned()]).collect();
        prop_assert_eq!(pattern.matches(&Host::parse(&host).unwrap()), labels.len() == 1);
    }

    #[test]
    fn no_text_panics_the_parser(lines in prop::collection::vec(one_of(&[
        "schema = 1", "name = \"p\"", "[[files]]", "[[network]]", "[network.inject]", "[env]", "[limits]", "[variables]", "[process]",
        "mount = \"/work\"", "mount = \"/\"", "from = \"workspace\"", "from = \"host:/\"", "access = \"read-write\"", "host = \"a.b\"", "host = \"*\"",
        "cidr = \"10.0.0.0/8\"", "cidr = \"::/0\"", "ports = [443]", "ports = [0, \"x\"]", "scheme = \"https\"", "scheme = \"tcp\"", "methods = [\"GET\"]",
        "paths = [\"/**\"]", "header = \"A\"", "value = \"#{B}\"", "basic = { username = 1 }", "memory = 1", "memory = \"x\"", "files = 3", "A = \"#{if\"",
        "read = [\"*\"]", "allow = 1", "\"\" = 1", "x.y.z = 2020-01-01", "= =", "network = 3", "[files]", "[[env]]",
    ]), 0..14), noise in "\\PC{0,10}") {
        let text = lines.join("\n");
        for text in [text.clone(), format!("{text}\n{noise}"), noise] {
            for result in [parse("p.toml", &text), parse_ceiling("p.toml", &text)] {
                if let Err(error) = result {
                    prop_assert!(!error.problems.is_empty());
                    prop_assert!(error.problems.is_sorted_by_key(|problem| (problem.line, problem.column)));
                }
            }
        }
    }

    #[test]
    fn grants_survive_the_plan(rules in rules()) {
        let grants = grants(&policy(rules), None).unwrap();
        let text = serde_json::to_string(&grants).unwrap();
        prop_assert_eq!(serde_json::from_str::<Grants>(&text).unwrap(), grants);
    }
}
