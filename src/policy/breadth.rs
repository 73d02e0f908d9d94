//! Rules that say more than their authors mean: refused or warned about, with what to write instead.

use std::net::IpAddr;

use ipnet::IpNet;

use super::address::{self, AddressClass};
use super::files::Access;
use super::host::HostName;
use super::mount::HostPath;

/// What is wrong with something that is written correctly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Danger {
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) help: String,
}

impl Danger {
    pub(super) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Severity {
    Error,
    Warning,
}

fn error(message: impl Into<String>, help: impl Into<String>) -> Option<Danger> {
    Some(Danger {
        severity: Severity::Error,
        message: message.into(),
        help: help.into(),
    })
}

fn warning(message: impl Into<String>, help: impl Into<String>) -> Option<Danger> {
    Some(Danger {
        severity: Severity::Warning,
        message: message.into(),
        help: help.into(),
    })
}

/// Directories through which a script reaches the machine itself, whatever it does there.
const NEVER: [&str; 7] = [
    "/proc", "/sys", "/dev", "/run", "/var/run", "/boot", "/root",
];

/// Directories whose whole is everybody's: a part of them may be meant.
const TOO_WIDE: [&str; 14] = [
    "/etc", "/home", "/var", "/usr", "/opt", "/srv", "/mnt", "/media", "/tmp", "/Users",
    "/Volumes", "/private", "/nix", "/snap",
];

/// Directories that hold programs and their settings: writing there is running code as somebody else.
const PROGRAMS: [&str; 8] = [
    "/bin", "/sbin", "/lib", "/lib64", "/usr", "/etc", "/System", "/Library",
];

/// Judges a host directory as a mount.
pub(super) fn host_path_danger(path: &HostPath, access: Access) -> Option<Danger> {
    const HELP: &str =
        "name the one directory that the script needs, for example from = \"host:/srv/site\"";
    if path.as_str() == "/" {
        return error("this mounts the whole machine", HELP);
    }
    if let Some(directory) = NEVER.iter().find(|directory| path.is_within(directory)) {
        let message = format!("{directory} is the machine itself: no script may have it");
        return error(
            message,
            "give the script what it needs as a variable or in a package",
        );
    }
    if TOO_WIDE.contains(&path.as_str()) {
        return error(format!("this mounts all of {path}"), HELP);
    }
    if access == Access::ReadWrite && PROGRAMS.iter().any(|directory| path.is_within(directory)) {
        let message = format!(
            "{path} holds programs or their settings: writing there is running code outside of the sandbox"
        );
        return error(
            message,
            "write to the workspace, and let a step that is meant to install do so",
        );
    }
    if path.is_within("/etc") {
        return warning(
            format!("{path} is the machine's own settings, which may hold secrets"),
            "mount a copy, or a package",
        );
    }
    let is_home = ["/home", "/Users"]
        .iter()
        .any(|homes| path.is_within(homes))
        && path.as_str().matches('/').count() == 2;
    if is_home {
        return warning(
            format!("{path} is all of a person's files, keys included"),
            HELP,
        );
    }
    None
}

/// Second-level labels under which countries register names: `*.co.uk` is everybody.
const REGISTRIES: [&str; 12] = [
    "ac", "co", "com", "edu", "go", "gob", "gov", "ltd", "ne", "net", "or", "org",
];

/// Domains under which anyone gets a name. Not the public suffix list, which is long and changes:
/// the ones that deployment scripts meet.
const SHARED: [&str; 30] = [
    "amazonaws.com",
    "s3.amazonaws.com",
    "execute-api.us-east-1.amazonaws.com",
    "cloudfront.net",
    "elasticbeanstalk.com",
    "azurewebsites.net",
    "azure-api.net",
    "azureedge.net",
    "blob.core.windows.net",
    "cloudapp.net",
    "trafficmanager.net",
    "appspot.com",
    "run.app",
    "cloudfunctions.net",
    "web.app",
    "firebaseapp.com",
    "github.io",
    "githubusercontent.com",
    "gitlab.io",
    "herokuapp.com",
    "netlify.app",
    "vercel.app",
    "pages.dev",
    "workers.dev",
    "ngrok.io",
    "ngrok-free.app",
    "onrender.com",
    "fly.dev",
    "duckdns.org",
    "nip.io",
];

/// Judges `*.parent`.
pub(super) fn wildcard_danger(parent: &HostName) -> Option<Danger> {
    let name = parent.as_str();
    let help = "name the hosts one by one, or a domain of your own: host = \"*.example.com\"";
    let labels: Vec<&str> = name.split('.').collect();
    match labels.as_slice() {
        [_] => error(
            format!("*.{name} is every host under a public suffix"),
            help,
        ),
        [second, country] if country.len() == 2 && REGISTRIES.contains(second) => error(
            format!("*.{name} is every host under a public suffix"),
            help,
        ),
        _ if SHARED.contains(&name) => warning(format!("anyone can get a host under {name}"), help),
        _ => None,
    }
}

/// Judges a range. Everything that applies, errors first.
pub(super) fn range_danger(range: IpNet) -> Vec<Danger> {
    let mut dangers = Vec::new();
    let (widest, example) = match range {
        IpNet::V4(_) => (8, "10.20.0.0/16"),
        // fc00::/7 is the whole of the private addresses.
        IpNet::V6(_) => (7, "fd12:3456::/32"),
    };
    if range.prefix_len() < widest {
        dangers.extend(error(
            format!("{range} is a large part of all addresses"),
            format!("name the network that the script needs: cidr = \"{example}\"; public hosts are granted by name"),
        ));
        return dangers;
    }
    let first = AddressClass::of(range.network());
    let is_one = range.prefix_len() == range.max_prefix_len();
    if first.is_some_and(AddressClass::is_never_granted) {
        dangers.extend(error(
            format!("{range} is not the address of one host, and can't be granted"),
            "",
        ));
        return dangers;
    }
    let special: Vec<IpAddr> = address::special_addresses()
        .filter(|special| range.contains(special))
        .collect();
    if let Some(example) = special.first() {
        let class = AddressClass::of(*example).map_or("special", AddressClass::meaning);
        let listed: Vec<String> = special.iter().map(IpAddr::to_string).collect();
        let listed = listed.join(", ");
        dangers.extend(match is_one {
            true => warning(
                format!("{listed} is {class}"),
                "leave this rule out unless the script is meant to reach it",
            ),
            false => warning(
                format!("{range} contains {listed}, which stays refused: {class}"),
                format!(
                    "what is meant of it needs a rule of its own: cidr = \"{}\"",
                    IpNet::from(*example)
                ),
            ),
        });
    }
    if range.contains(&address::LOOPBACK_V4)
        || range.contains(&address::LOOPBACK_V6)
        || first == Some(AddressClass::Loopback)
    {
        dangers.extend(warning(
            format!(
                "{range} is this machine itself: what listens there often trusts whoever connects"
            ),
            "leave this rule out unless the script is meant to reach it",
        ));
    }
    dangers
}
