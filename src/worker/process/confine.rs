//! Landlock: the kernel holds the process, and everything it starts, to the policy's files and TCP ports.
//!
//! Prepared while the launcher can still open everything, put on once the account is changed. What the running kernel
//! doesn't know is left out, and said: see [`Landlock`]. What Landlock can't tell apart (hosts, UDP, sockets that have
//! a path) is in the plan.

use std::fs;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, LandlockStatus,
    NetPort, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetError,
    RulesetStatus, Scope, make_bitflags, path_beneath_rules,
};

use crate::plan::Landlock;

/// The newest rights that are used; newer kernels know more of them, and none of those was tried.
const ABI: ABI = ABI::V6;

/// What interpreters need of the system, for reading and running. A star at the end stands for any name that begins so.
pub(super) const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt/microsoft/powershell",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/passwd",
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/resolv.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/locale.alias",
    "/etc/ssl",
    "/etc/pki",
    "/etc/ca-certificates",
    "/etc/crypto-policies",
    "/etc/python3*",
    "/proc",
    "/sys/devices/system/cpu",
    "/sys/fs/cgroup",
];

/// Devices that are read and written.
pub(super) const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];

/// Rules that wait to be put on.
pub(super) struct Rules(RulesetCreated);

/// Opens everything that may be reached: `read` for reading and running, `write` for anything, TCP connections to
/// `ports`, and nothing to listen on.
///
/// # Errors
/// If the kernel refuses a rule that it knows.
pub(super) fn prepare(
    read: &[PathBuf],
    write: &[PathBuf],
    ports: &[u16],
) -> Result<Rules, RulesetError> {
    let to_read = AccessFs::from_read(ABI);
    let to_use: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | WriteFile | IoctlDev});
    let connect = |port: &u16| Ok::<_, RulesetError>(NetPort::new(*port, AccessNet::ConnectTcp));
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI))?
        .handle_access(AccessNet::from_all(ABI))?
        .scope(Scope::from_all(ABI))?
        .create()?
        // The launcher gives privileges up itself.
        .no_new_privs(false)
        .add_rules(path_beneath_rules(system(), to_read))?
        .add_rules(path_beneath_rules(DEVICES, to_use))?
        .add_rules(path_beneath_rules(read, to_read))?
        .add_rules(path_beneath_rules(write, AccessFs::from_all(ABI)))?
        .add_rules(ports.iter().map(connect))?;
    Ok(Rules(rules))
}

impl Rules {
    /// Holds this process to them, for good, and says how much of them the kernel knows.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub(super) fn put_on(self) -> Result<Landlock, RulesetError> {
        let status = self.0.restrict_self()?;
        Ok(match (status.ruleset, status.landlock) {
            (RulesetStatus::NotEnforced, _) => Landlock::Absent,
            (_, LandlockStatus::Available { effective_abi, .. }) => with(effective_abi),
            (_, LandlockStatus::NotEnabled | LandlockStatus::NotImplemented) => Landlock::Absent,
        })
    }
}

/// How much of Landlock the kernel of this machine has.
pub fn landlock_of_this_kernel() -> Landlock {
    let knows = |abi: ABI| {
        let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        let files = ruleset.handle_access(AccessFs::from_all(abi));
        let ports = files.and_then(|ruleset| match AccessNet::from_all(abi) {
            none if none.is_empty() => Ok(ruleset),
            ports => ruleset.handle_access(ports),
        });
        let scopes = ports.and_then(|ruleset| match Scope::from_all(abi) {
            none if none.is_empty() => Ok(ruleset),
            scopes => ruleset.scope(scopes),
        });
        scopes.and_then(Ruleset::create).is_ok()
    };
    let known = [ABI::V6, ABI::V4, ABI::V3, ABI::V1]
        .into_iter()
        .find(|abi| knows(*abi));
    known.map_or(Landlock::Absent, with)
}

/// What a kernel with this version has.
fn with(abi: ABI) -> Landlock {
    match abi {
        ABI::Unsupported => Landlock::Absent,
        ABI::V1 | ABI::V2 => Landlock::FilesInPart,
        ABI::V3 => Landlock::Files,
        ABI::V4 | ABI::V5 => Landlock::Ports,
        // V6, and whatever comes later.
        _ => Landlock::Signals,
    }
}

/// The paths of [`SYSTEM`] on this machine, with what its stars stand for.
fn system() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in SYSTEM {
        let Some(beginning) = path.strip_suffix('*') else {
            found.push(PathBuf::from(path));
            continue;
        };
        let parent = Path::new(beginning).parent().unwrap_or(Path::new("/"));
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let begins = |path: &PathBuf| path.to_string_lossy().starts_with(beginning);
        found.extend(entries.map(|entry| entry.path()).filter(begins));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_the_system_is_documented() {
        let readme = include_str!("../../../policies/README.md");
        for path in SYSTEM.iter().chain(DEVICES) {
            assert!(
                readme.contains(&format!("`{path}`")),
                "policies/README.md doesn't name {path}"
            );
        }
    }

    #[test]
    fn no_directory_of_the_system_has_what_is_the_servers_or_a_persons() {
        for path in SYSTEM.iter().chain(DEVICES) {
            let path = path.trim_end_matches('*');
            for private in [
                "/etc",
                "/etc/shadow",
                "/home/x",
                "/root/x",
                "/tmp/x",
                "/var/lib/x",
                "/run/x",
                "/dev/shm",
            ] {
                assert!(
                    !Path::new(private).starts_with(path),
                    "{path} covers {private}"
                );
            }
        }
    }
}
