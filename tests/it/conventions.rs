//! PreDeploy, Deploy and PostDeploy of a package have one workspace, wherever they run and however they are confined, and
//! no other step has it.

use serde_json::{Value, json};

use super::api_packages::{push, zip};
use super::deploying::{Deploying, script};
use super::fleet::{Dials, Fleet};
use super::sshd::Sshd;
use super::{native, ssh};

/// Whatever the confinement, the workspace is where the policy mounts it.
const WHERE: &str = "w=${SEAWALL_MOUNT_WORK:-/work}; ";

const POLICY: &str = "schema = 1\nname = \"sharing\"\n[process]\nallow = true\n[[files]]\nmount = \"/work\"\nfrom = \"workspace\"\naccess = \"read-write\"\n";

/// A step that runs the package's scripts in this way.
fn step(name: &str, isolation: &str, pool: Option<&str>) -> Value {
    let mut step = script(name, "Bash", "");
    let action = &mut step["Actions"][0];
    action["ActionType"] = "Octopus.TentaclePackage".into();
    action["Packages"] =
        json!([{ "Name": "", "PackageId": "acme.web", "FeedId": "feeds-builtin" }]);
    action["Properties"] = json!({ "Octopus.Action.RunOnServer": "True", "Seawall.Policy": "sharing",
        "Seawall.Isolation": isolation });
    action["WorkerPoolId"] = pool.into();
    step
}

/// Two steps with the same package see what their own scripts left, and nothing of each other.
fn check(deploying: &Deploying, isolation: &str, pool: Option<&str>) {
    let text = json!({ "Text": POLICY });
    deploying.server.put("/api/policies/sharing", text);
    let pre = format!("{WHERE}[ -e $w/said ] && echo leaked; echo one >$w/said");
    let main = format!("{WHERE}echo two >>$w/said");
    let post = format!("{WHERE}echo \"said $(cat $w/said | tr '\\n' ' ')\"");
    let bytes = zip(&[
        ("PreDeploy.sh", pre.as_bytes()),
        ("Deploy.sh", main.as_bytes()),
        ("PostDeploy.sh", post.as_bytes()),
    ]);
    let pushed = push(
        &deploying.server,
        "acme.web.1.0.0.zip",
        "FailIfExists",
        &bytes,
    );
    pushed.expect(201);
    deploying.set_steps(&[
        step("First", isolation, pool),
        step("Second", isolation, pool),
    ]);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let ended = deploying.wait(&task);
    let log = deploying.log(&task);
    assert_eq!(ended["State"], "Success", "{isolation} {pool:?}: {log}");
    assert_eq!(
        log.matches("said one two").count(),
        2,
        "{isolation} {pool:?}: {log}"
    );
    assert!(!log.contains("leaked"), "{isolation} {pool:?}: {log}");
}

#[test]
fn the_scripts_of_a_package_share_a_workspace_in_sandboxes_here_and_elsewhere() {
    let fleet = Fleet::new(&[]);
    check(&fleet.web, "Sandbox", None);
    let fleet = Fleet::new(&[]);
    let _worker = fleet.worker("build-7", Dials::Worker, &[]);
    check(&fleet.web, "Sandbox", Some("linux"));
}

#[test]
fn the_scripts_of_a_package_share_a_workspace_as_processes() {
    let Some((base, deploying)) = native::server(&[], "") else {
        return;
    };
    check(&deploying, "Process", None);
    let left: Vec<_> = std::fs::read_dir(&base.0).expect("a list").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn the_scripts_of_a_package_share_a_workspace_over_ssh() {
    let Some(sshd) = Sshd::start() else { return };
    let deploying = ssh::deploying(&sshd, &[]);
    check(&deploying, "Process", Some("far"));
    ssh::expect_nothing_left(&deploying, &sshd);
}

#[test]
fn a_package_over_ssh_is_for_reading_until_its_owner_says_otherwise() {
    let Some(sshd) = Sshd::start() else { return };
    let deploying = ssh::deploying(&sshd, &[]);
    let text = json!({ "Text": POLICY });
    deploying.server.put("/api/policies/sharing", text);
    let body = "pwd; cat docs/index.html
touch here docs/there 2>/dev/null && echo 'it was written to'
echo x >docs/index.html && echo 'it was changed'
f=$(mktemp) && echo y >\"$f\" && cat \"$f\"
echo z >$SEAWALL_MOUNT_WORK/z && cat $SEAWALL_MOUNT_WORK/z
chmod u+w . && touch here && echo 'no wall'";
    let bytes = zip(&[
        ("docs/index.html", b"page 1\n"),
        ("Deploy.sh", body.as_bytes()),
    ]);
    let pushed = push(
        &deploying.server,
        "acme.web.1.0.0.zip",
        "FailIfExists",
        &bytes,
    );
    pushed.expect(201);
    deploying.set_steps(&[step("Only", "Process", Some("far"))]);
    deploying.release("1.0.0");
    let task = deploying.deploy("1.0.0", "Dev");
    let ended = deploying.wait(&task);
    let log = deploying.log(&task);
    assert_eq!(ended["State"], "Success", "{log}");
    for line in ["packages/0", "page 1", "|   y", "|   z", "no wall"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    for line in ["it was written to", "it was changed"] {
        assert!(!log.contains(line), "{line}: {log}");
    }
    ssh::expect_nothing_left(&deploying, &sshd);
}
