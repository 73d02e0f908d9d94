//! The policy lines that would allow something: shown with denials, written by `--learn`.
//!
//! What is written here must parse, and must grant what it is for and nothing more. An empty text
//! means that no line can allow it.

use std::net::IpAddr;

use super::breadth::{Danger, host_path_danger, range_danger, wildcard_danger};
use super::files::{Access, FileGrant, FileSource};
use super::host::Host;
use super::mount::{HostPath, MountPath};
use super::network::{HostPattern, HttpRequest, Injection, Method};
use super::path_pattern::PathPattern;
use super::variables::VariablePattern;

/// Quotes text as a TOML string.
pub(super) fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|item| quoted(&item.to_string()))
        .collect();
    format!("[{}]", items.join(", "))
}

fn host_line(hosts: &HostPattern) -> String {
    let key = match hosts {
        HostPattern::Cidr(_) => "cidr",
        HostPattern::Exact(_) | HostPattern::Wildcard { .. } | HostPattern::AnyName => "host",
    };
    format!("{key} = {}", quoted(&hosts.to_string()))
}

/// A `[[network]]` table for HTTP.
pub(super) fn http_table(
    hosts: &HostPattern,
    port: u16,
    scheme: &str,
    methods: &[Method],
    paths: &[PathPattern],
) -> String {
    let paths = match paths {
        [_] => list(paths),
        _ => {
            let lines: Vec<String> = paths
                .iter()
                .map(|path| format!("  {},\n", quoted(&path.to_string())))
                .collect();
            format!("[\n{}]", lines.concat())
        }
    };
    format!(
        "[[network]]\n{}\nports = [{port}]\nscheme = {}\nmethods = {}\npaths = {paths}\n",
        host_line(hosts),
        quoted(scheme),
        list(methods),
    )
}

/// The `[network.inject]` table of a `[[network]]` table, to stand right behind it.
pub(super) fn inject_table(inject: &Injection) -> String {
    let lines = match inject {
        Injection::Header { name, value } => format!(
            "header = {}\nvalue = {}\n",
            quoted(name.as_str()),
            quoted(value.source())
        ),
        Injection::Query { name, value } => format!(
            "query = {}\nvalue = {}\n",
            quoted(name),
            quoted(value.source())
        ),
        Injection::Basic { username, password } => format!(
            "basic = {{ username = {}, password = {} }}\n",
            quoted(username.source()),
            quoted(password.source())
        ),
    };
    format!("[network.inject]\n{lines}")
}

/// A `[[network]]` table for raw TCP.
pub(super) fn tcp_table(hosts: &HostPattern, ports: &[u16]) -> String {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    format!(
        "[[network]]\n{}\nports = [{}]\nscheme = \"tcp\"\n",
        host_line(hosts),
        ports.join(", ")
    )
}

/// A `[[files]]` table.
pub(super) fn file_table(mount: &MountPath, source: &FileSource, access: Access) -> String {
    format!(
        "[[files]]\nmount = {}\nfrom = {}\naccess = {}\n",
        quoted(mount.as_str()),
        quoted(&source.to_string()),
        quoted(access.as_str())
    )
}

pub(super) fn for_request(request: &HttpRequest<'_>) -> String {
    http_lines(&HostPattern::exactly(request.host), request)
}

/// The rule that lifts the refusal of an inner address, for exactly this request.
pub(super) fn for_address(request: &HttpRequest<'_>, ip: IpAddr) -> String {
    http_lines(&HostPattern::exactly(&Host::from_ip(ip)), request)
}

fn http_lines(hosts: &HostPattern, request: &HttpRequest<'_>) -> String {
    // `connect`, `TRACE` and port 0 can't be granted, so there is no line to show.
    match Method::parse(request.method) {
        Ok(method) if request.port != 0 && is_grantable(hosts) => {
            let path = PathPattern::exact(request.path);
            http_table(
                hosts,
                request.port,
                request.scheme.as_str(),
                &[method],
                &[path],
            )
        }
        Ok(_) | Err(_) => String::new(),
    }
}

pub(super) fn for_connection(host: &Host, port: u16) -> String {
    let hosts = HostPattern::exactly(host);
    match port != 0 && is_grantable(&hosts) {
        true => tcp_table(&hosts, &[port]),
        false => String::new(),
    }
}

pub(super) fn for_file(path: &MountPath, access: Access, nearest: Option<&FileGrant>) -> String {
    let workspace = || match MountPath::parse("/work") {
        Ok(mount) => file_table(&mount, &FileSource::Workspace, Access::ReadWrite),
        Err(_) => String::new(),
    };
    match (nearest, access) {
        // Packages are shared and read-only for good: what a script writes goes to its workspace.
        (
            Some(FileGrant {
                source: FileSource::Package(_),
                ..
            }),
            Access::ReadWrite,
        ) => workspace(),
        (Some(grant), access) => file_table(&grant.mount, &grant.source, access),
        (None, _) if path.is_reserved() => String::new(),
        (None, Access::ReadWrite) => workspace(),
        (None, Access::Read) => {
            let directory = path
                .parent()
                .filter(|parent| parent.as_str() != "/")
                .unwrap_or_else(|| path.clone());
            match HostPath::parse(directory.as_str()) {
                Ok(host) if is_mountable(&host, Access::Read) => {
                    file_table(&directory, &FileSource::Host(host), Access::Read)
                }
                Ok(_) | Err(_) => String::new(),
            }
        }
    }
}

pub(super) fn for_variable(name: &str) -> String {
    // A name with spaces at its ends or nothing in it can't exist, and can't be granted.
    let pattern = VariablePattern::exact(name);
    match VariablePattern::parse(&pattern.to_string()) {
        Ok(_) => format!("[variables]\nread = [{}]\n", quoted(&pattern.to_string())),
        Err(_) => String::new(),
    }
}

pub(super) fn for_env(name: &str) -> String {
    format!("[env]\n{name} = \"#{{Variable.Name}}\"\n")
}

pub(super) fn for_process() -> String {
    "[process]\nallow = true\n".to_owned()
}

pub(super) fn for_in_band() -> String {
    "[messages]\nin-band = \"accept\"\n".to_owned()
}

/// `value` as the policy file writes it, unquoted.
pub(super) fn for_limit(key: &str, value: &str) -> String {
    format!("[limits]\n{}", limit_line(key, value))
}

pub(super) fn limit_line(key: &str, value: &str) -> String {
    let is_count = value.bytes().all(|b| b.is_ascii_digit());
    let value = if is_count {
        value.to_owned()
    } else {
        quoted(value)
    };
    format!("{key} = {value}\n")
}

/// Tells whether a policy can mount this host directory at all.
pub(super) fn is_mountable(path: &HostPath, access: Access) -> bool {
    host_path_danger(path, access).is_none_or(|danger| !danger.is_error())
}

/// Tells whether a policy can grant these hosts at all.
pub(super) fn is_grantable(hosts: &HostPattern) -> bool {
    match hosts {
        HostPattern::Cidr(range) => !range_danger(*range).iter().any(Danger::is_error),
        HostPattern::Wildcard { parent } => {
            wildcard_danger(parent).is_none_or(|danger| !danger.is_error())
        }
        HostPattern::Exact(_) => true,
        HostPattern::AnyName => false,
    }
}
