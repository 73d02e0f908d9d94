//! An sshd of a test's own, on loopback: with throw-away keys, a throw-away account, and its own view of `/etc/passwd`.
//!
//! It runs in a mount namespace, so that the account is the test's alone and nothing of the system changes.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The account's name, number and password.
pub const USER: &str = "deployer";
const UID: u32 = 54_321;
pub const PASSWORD: &str = "open sesame";

const SSHD: &str = "/usr/sbin/sshd";

/// A machine with sshd and nothing else.
pub struct Sshd {
    child: Child,
    directory: TempDir,
    pub port: u16,
    /// Of its key for Ed25519.
    pub fingerprint: String,
    /// Of its key for RSA.
    pub rsa_fingerprint: String,
}

/// Runs in the namespace: its own accounts, its own /run, then sshd.
const NAMESPACE: &str = r#"
set -e
mount --make-rprivate /
for file in passwd shadow group; do mount --bind "$1/$file" "/etc/$file"; done
mount -t tmpfs tmpfs /run
mkdir /run/sshd
exec /usr/sbin/sshd -D -e -f "$1/sshd_config"
"#;

impl Sshd {
    /// A machine, once it listens; `None` where there can't be one.
    pub fn start() -> Option<Self> {
        let why = match () {
            () if !Path::new(SSHD).exists() => "sshd is not installed",
            () if !rustix::process::geteuid().is_root() => {
                "only root can let other accounts log in"
            }
            () if !Command::new("unshare")
                .args(["-m", "true"])
                .status()
                .is_ok_and(|it| it.success()) =>
            {
                "there are no mount namespaces here"
            }
            () => return Some(Self::started()),
        };
        println!("NOT RUN: {why}");
        None
    }

    fn started() -> Self {
        let directory = TempDir::new().expect("a directory");
        let path = directory.path();
        // sshd trusts only what nobody else could have written, and the account must get to its home.
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        keygen(&path.join("user"), "ed25519", "");
        keygen(&path.join("host_ed25519"), "ed25519", "");
        keygen(&path.join("host_rsa"), "rsa", "");
        let home = path.join("home");
        fs::create_dir_all(home.join(".ssh")).expect("a home");
        fs::copy(path.join("user.pub"), home.join(".ssh/authorized_keys")).expect("a copy");
        for path in [
            home.join(".ssh/authorized_keys"),
            home.join(".ssh"),
            home.clone(),
        ] {
            chown(&path, Some(UID), Some(UID)).expect("root may");
        }
        let hash = Command::new("openssl")
            .args(["passwd", "-6", PASSWORD])
            .output()
            .expect("openssl");
        let hash = String::from_utf8_lossy(&hash.stdout).trim().to_owned();
        let with = |file: &str, line: String| {
            let system =
                fs::read_to_string(Path::new("/etc").join(file)).expect("every system has it");
            fs::write(path.join(file), format!("{system}{line}\n")).expect("it is written");
        };
        with(
            "passwd",
            format!("{USER}:x:{UID}:{UID}::{}:/bin/sh", home.display()),
        );
        with("shadow", format!("{USER}:{hash}:19000:0:99999:7:::"));
        with("group", format!("{USER}:x:{UID}:"));
        let port = TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("it has one")
            .port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host_ed25519\nHostKey {0}/host_rsa\nPidFile none\n\
             UsePAM no\nPasswordAuthentication yes\nPubkeyAuthentication yes\nKbdInteractiveAuthentication no\n\
             AuthorizedKeysFile .ssh/authorized_keys\nLogLevel VERBOSE\n",
            path.display()
        );
        fs::write(path.join("sshd_config"), config).expect("it is written");
        let mut child = Command::new("unshare")
            .args(["-m", "/bin/sh", "-c", NAMESPACE, "sh"])
            .arg(path)
            .stderr(Stdio::piped())
            .spawn()
            .expect("unshare runs");
        let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let mut said = String::new();
        for line in lines.by_ref().map_while(Result::ok) {
            said.push_str(&line);
            said.push('\n');
            if line.contains("Server listening on") {
                break;
            }
        }
        assert!(
            said.contains("Server listening on"),
            "sshd doesn't listen: {said}"
        );
        // Somebody has to read it: sshd waits otherwise.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            fingerprint: fingerprint(&path.join("host_ed25519.pub")),
            rsa_fingerprint: fingerprint(&path.join("host_rsa.pub")),
            port,
            directory,
        }
    }

    /// The file with the account's private key.
    pub fn key(&self) -> PathBuf {
        self.directory.path().join("user")
    }

    /// Where the account is at home.
    pub fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// The directories of runs that are there now.
    pub fn runs(&self) -> Vec<PathBuf> {
        let found = fs::read_dir(self.home().join(".seawall"));
        let found = found.into_iter().flatten().flatten();
        found.map(|entry| entry.path()).collect()
    }

    /// Cuts every connection, as a network does that fails.
    pub fn cut(&self) {
        self.connections().into_iter().for_each(kill);
    }

    /// Cuts every connection, and nobody can log in any more.
    pub fn end(&mut self) {
        let connections = self.connections();
        // First: nobody gets in between.
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        connections.into_iter().for_each(kill);
    }

    /// The processes of every connection. Each has two; what they started is not among them.
    fn connections(&self) -> Vec<String> {
        let mut left = children(&self.child.id().to_string());
        let mut found = Vec::new();
        while let Some(pid) = left.pop() {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            if name.trim().starts_with("sshd") {
                left.extend(children(&pid));
                found.push(pid);
            }
        }
        found
    }
}

fn kill(pid: String) {
    let pid = pid.parse().ok().and_then(rustix::process::Pid::from_raw);
    let pid = pid.expect("a number");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).ok();
}

/// Whether the machine, which is this one, has a program where the account looks for it.
pub fn is_installed(program: &str) -> bool {
    ["/usr/local/bin", "/usr/bin", "/bin"]
        .iter()
        .any(|directory| Path::new(directory).join(program).exists())
}

/// The processes that a process started.
fn children(pid: &str) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    text.unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// The command lines of every process of the account.
pub fn processes_of_the_account() -> Vec<String> {
    let is_its = |pid: &str| {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
        uid.and_then(|uid| uid.split_whitespace().next()) == Some(&UID.to_string())
    };
    let all = fs::read_dir("/proc").expect("a list").flatten();
    let pids = all.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let own = pids.filter(|pid| is_its(pid));
    own.map(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ")
    })
    .collect()
}

fn keygen(path: &Path, kind: &str, passphrase: &str) {
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", kind, "-N", passphrase, "-C", "a test", "-f"])
        .arg(path)
        .status();
    assert!(made.expect("ssh-keygen runs").success());
}

fn fingerprint(path: &Path) -> String {
    let said = Command::new("ssh-keygen")
        .arg("-lf")
        .arg(path)
        .output()
        .expect("ssh-keygen runs");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    said.split(' ').nth(1).expect("a fingerprint").to_owned()
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.cut();
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
