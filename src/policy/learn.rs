//! What a run used → the smallest policy that allows it again.
//!
//! Nothing is generalised: two paths never become a wildcard, because whoever reads the file should
//! decide that. What no policy can grant is written as a comment, so that the file always parses.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Access, FileSource};
use super::fix;
use super::host::Host;
use super::limits::{Limits, LimitsAsked};
use super::mount::MountPath;
use super::network::{HostPattern, Injection, Method, Scheme};
use super::path_pattern::PathPattern;
use super::url_path::NormalPath;
use super::variables::{EnvName, VariablePattern};
use crate::template::{Template, fold_name};

/// One thing that a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// Something beneath a mount was read or written.
    File {
        mount: MountPath,
        source: FileSource,
        access: Access,
    },
    /// An HTTP request. If the name resolved to an address that only a `cidr` rule grants, report
    /// the request a second time with that address as its host.
    Http {
        scheme: Scheme,
        host: Host,
        port: u16,
        method: String,
        path: NormalPath,
        /// What the host added to it.
        inject: Option<Injection>,
    },
    /// A raw TCP connection. As for `Http`, inner addresses are reported by themselves.
    Tcp {
        host: Host,
        port: u16,
    },
    /// A variable that was read.
    Variable(String),
    Env {
        name: EnvName,
        value: Template,
    },
    /// How much of a limit was used, in the policy file's spelling: `300MiB`.
    Limit {
        key: &'static str,
        used: String,
    },
    Process,
    /// Written only as what it is by default.
    InBand,
}

/// Writes the policy that grants exactly `uses`. The same uses give the same text, in any order.
///
/// `name` is made into a valid one. A use that no policy can grant becomes a comment.
pub fn write_policy(name: &str, uses: &[Use]) -> String {
    let mut learned = Learned::default();
    uses.iter().for_each(|used| learned.add(used));
    learned.text(name)
}

/// The parser bounds how much one rule may say.
const MAX_PATHS_IN_TABLE: usize = 500;

/// Path → method → how often.
type SeenPaths = BTreeMap<NormalPath, BTreeMap<Method, usize>>;

/// Everything seen, sorted and without repeats.
#[derive(Default)]
struct Learned {
    files: BTreeMap<MountPath, BTreeMap<FileSource, Access>>,
    /// With the lines of what is injected: rules that inject different things stay apart.
    http: BTreeMap<(HostPattern, Scheme, u16, String), SeenPaths>,
    tcp: BTreeMap<HostPattern, BTreeSet<u16>>,
    /// By folded name.
    variables: BTreeMap<String, String>,
    env: BTreeMap<EnvName, String>,
    limits: LimitsAsked,
    process: bool,
    not_grantable: BTreeSet<String>,
}

impl Learned {
    fn add(&mut self, used: &Use) {
        match used {
            Use::File {
                mount,
                source,
                access,
            } => self.add_file(mount, source, *access),
            Use::Http {
                scheme,
                host,
                port,
                method,
                path,
                inject,
            } => {
                let hosts = HostPattern::exactly(host);
                match Method::parse(method) {
                    Ok(method) if *port != 0 && fix::is_grantable(&hosts) => {
                        let inject = inject.as_ref().map(fix::inject_table).unwrap_or_default();
                        let rule = (hosts, *scheme, *port, inject);
                        let paths = self.http.entry(rule).or_default();
                        *paths
                            .entry(path.clone())
                            .or_default()
                            .entry(method)
                            .or_default() += 1;
                    }
                    Ok(_) | Err(_) => self.refuse(format!(
                        "{} {scheme}://{host}:{port}{path}",
                        method.escape_debug()
                    )),
                }
            }
            Use::Tcp { host, port } => {
                let hosts = HostPattern::exactly(host);
                if *port == 0 || !fix::is_grantable(&hosts) {
                    self.refuse(format!("tcp {host}:{port}"));
                } else {
                    self.tcp.entry(hosts).or_default().insert(*port);
                }
            }
            Use::Variable(name) => match fix::for_variable(name).is_empty() {
                true => self.refuse(format!("variable {}", name.escape_debug())),
                false => {
                    self.variables
                        .entry(fold_name(name))
                        .or_insert_with(|| name.clone());
                }
            },
            Use::Env { name, value } => {
                self.env.insert(name.clone(), value.source().to_owned());
            }
            Use::Limit { key, used } => {
                if self.limits.raise(key, used).is_err() {
                    self.refuse(format!("{key} = {}", used.escape_debug()));
                }
            }
            Use::Process => self.process = true,
            // Accepted by default, and there is nothing smaller to say.
            Use::InBand => {}
        }
    }

    fn add_file(&mut self, mount: &MountPath, source: &FileSource, access: Access) {
        // Each of these has only one access that makes sense.
        let (access, is_grantable) = match source {
            FileSource::Workspace | FileSource::Artifacts => (Access::ReadWrite, true),
            FileSource::Package(_) => (Access::Read, source.package_id().is_some()),
            FileSource::Host(path) => (access, fix::is_mountable(path, access)),
        };
        if !is_grantable || mount.is_reserved() || mount.as_str() == "/" {
            return self.refuse(format!("{source} at {mount} ({access})"));
        }
        let strongest = self
            .files
            .entry(mount.clone())
            .or_default()
            .entry(source.clone())
            .or_insert(access);
        *strongest = access.max(*strongest);
    }

    fn refuse(&mut self, what: String) {
        self.not_grantable.insert(what);
    }

    fn text(self, name: &str) -> String {
        let Learned {
            files,
            http,
            tcp,
            variables,
            env,
            limits,
            process,
            not_grantable,
        } = self;
        let mut blocks = vec![format!(
            "# Written from what a run used: grants that and nothing else.\n# Read it before you trust it: what the script did once is not always what it should do.\nschema = 1\nname = {}\n",
            fix::quoted(&valid_name(name)),
        )];
        if !not_grantable.is_empty() {
            let lines: Vec<String> = not_grantable
                .iter()
                .map(|what| format!("#   {what}\n"))
                .collect();
            blocks.push(format!("# No policy can grant these:\n{}", lines.concat()));
        }
        for (mount, sources) in &files {
            for (source, access) in sources {
                blocks.push(fix::file_table(mount, source, *access));
            }
        }
        for ((hosts, scheme, port, inject), paths) in &http {
            // One rule for each set of methods: methods × paths must be what was seen.
            let mut by_methods: BTreeMap<Vec<Method>, Vec<(PathPattern, usize)>> = BTreeMap::new();
            for (path, methods) in paths {
                let n_seen = methods.values().sum();
                let entry = by_methods
                    .entry(methods.keys().cloned().collect())
                    .or_default();
                entry.push((PathPattern::exact(path), n_seen));
            }
            for (methods, paths) in by_methods {
                for paths in paths.chunks(MAX_PATHS_IN_TABLE) {
                    let n_seen: usize = paths.iter().map(|(_, n)| n).sum();
                    let paths: Vec<PathPattern> =
                        paths.iter().map(|(path, _)| path.clone()).collect();
                    let table = fix::http_table(hosts, *port, scheme.as_str(), &methods, &paths);
                    blocks.push(format!("# Seen {}.\n{table}{inject}", times(n_seen)));
                }
            }
        }
        for (hosts, ports) in &tcp {
            blocks.push(fix::tcp_table(
                hosts,
                &ports.iter().copied().collect::<Vec<_>>(),
            ));
        }
        if !variables.is_empty() {
            let names = variables.values().map(|name| {
                format!(
                    "  {},\n",
                    fix::quoted(&VariablePattern::exact(name).to_string())
                )
            });
            blocks.push(format!(
                "[variables]\nread = [\n{}]\n",
                names.collect::<String>()
            ));
        }
        if !env.is_empty() {
            let lines = env
                .iter()
                .map(|(name, value)| format!("{name} = {}\n", fix::quoted(value)));
            blocks.push(format!("[env]\n{}", lines.collect::<String>()));
        }
        let exceeded = Limits::default().exceeded_by(&limits);
        if !exceeded.is_empty() {
            let lines = exceeded.iter().map(|limit| {
                format!(
                    "# The default is {}.\n{}",
                    limit.allowed,
                    fix::limit_line(limit.key, &limit.asked)
                )
            });
            blocks.push(format!("[limits]\n{}", lines.collect::<String>()));
        }
        if process {
            blocks.push(fix::for_process());
        }
        blocks.join("\n")
    }
}

fn times(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}

fn valid_name(name: &str) -> String {
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = name
        .chars()
        .take(40)
        .map(|c| if is_allowed(c) { c } else { '-' })
        .collect();
    // 100 bytes at most: characters may take four.
    let name: String = name
        .chars()
        .scan(0, |n, c| {
            *n += c.len_utf8();
            (*n <= 100).then_some(c)
        })
        .collect();
    if name.is_empty() {
        "learned".to_owned()
    } else {
        name
    }
}
