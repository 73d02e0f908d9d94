//! Twenty workers behind a bad network: in a network namespace of their own, with packets late and lost. Five hundred
//! attempts, none lost and none doubled.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::fleet::{Fleet, on_pool};
use super::server::{Response, Server};

const N_WORKERS: usize = 20;
const N_STEPS: usize = 25;
const N_ENVIRONMENTS: usize = 20;

/// Two namespaces, the test's own and a new one, with a link between them. Gone when dropped.
struct Network {
    namespace: String,
    link: String,
}

/// The addresses of the two ends.
const HERE: &str = "10.213.37.1";
const THERE: &str = "10.213.37.2";

fn ip(arguments: &str) -> bool {
    let mut command = Command::new("ip");
    command.args(arguments.split(' ')).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

impl Network {
    /// `None` where nobody may make one.
    fn new() -> Option<Self> {
        let name = format!("sw{}", std::process::id());
        let this = Self {
            namespace: name.clone(),
            link: format!("{name}a"),
        };
        let (inner, outer) = (format!("{name}b"), &this.link);
        let is_made = ip(&format!("netns add {name}"))
            && ip(&format!(
                "link add {outer} type veth peer name {inner} netns {name}"
            ))
            && ip(&format!("addr add {HERE}/30 dev {outer}"))
            && ip(&format!("link set {outer} up"))
            && ip(&format!("-n {name} addr add {THERE}/30 dev {inner}"))
            && ip(&format!("-n {name} link set {inner} up"))
            && ip(&format!("-n {name} link set lo up"));
        let is_bad = is_made
            && (this.is_shaped("netem delay 8ms 4ms loss 2%")
                // Without netem, a narrow link with a short queue: packets wait in it, and what doesn't fit is lost.
                || this.is_shaped("tbf rate 6mbit burst 3kb limit 9kb"));
        is_bad.then_some(this)
    }

    fn is_shaped(&self, how: &str) -> bool {
        let Self { namespace, link } = self;
        let is_done = |command: String| {
            let mut words = command.split(' ');
            let mut command = Command::new(words.next().unwrap_or_default());
            let done = command.args(words).stderr(Stdio::null()).status();
            done.is_ok_and(|status| status.success())
        };
        is_done(format!("tc qdisc add dev {link} root {how}"))
            && is_done(format!(
                "ip netns exec {namespace} tc qdisc add dev {namespace}b root {how}"
            ))
    }

    /// Packets that were lost on their way to the workers.
    fn n_lost(&self) -> u64 {
        let mut command = Command::new("tc");
        command.args(["-s", "qdisc", "show", "dev", &self.link]);
        let said = command.output().expect("tc was there before");
        let said = String::from_utf8_lossy(&said.stdout).into_owned();
        let dropped = said
            .split("dropped ")
            .nth(1)
            .and_then(|text| text.split(',').next());
        dropped
            .and_then(|text| text.parse().ok())
            .expect("a number")
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        ip(&format!("link del {}", self.link));
        ip(&format!("netns del {}", self.namespace));
    }
}

#[test]
fn five_hundred_attempts_over_twenty_workers_behind_a_bad_network() {
    let Some(network) = Network::new() else {
        println!("NOT RUN: no network namespace with a bad link can be made here");
        return;
    };
    let counter = Server::on(HERE, |_| Response::ok("counted"));
    let steps: Vec<Value> = (0..N_STEPS)
        .map(|number| {
            let address = format!("http://{HERE}:{}", counter.port);
            let body = format!(
                "curl -fsS {address}/ran/#{{Octopus.Environment.Name}}/{number} > /dev/null\necho \"step {number} ran\""
            );
            let mut step = on_pool(&format!("S{number}"), &body);
            step["StartTrigger"] = "StartWithPrevious".into();
            step["Actions"][0]["Properties"]["Seawall.Policy"] = "counted".into();
            step
        })
        .collect();
    let fleet = Fleet::waiting_at(&format!("{HERE}:0"), &steps);
    let policy = format!(
        "schema = 1\nname = \"counted\"\n[[network]]\ncidr = \"{HERE}/32\"\nports = [{}]\nscheme = \"http\"\nmethods = [\"GET\"]\npaths = [\"/**\"]\n",
        counter.port
    );
    let server = &fleet.web.server;
    server.put("/api/policies/counted", json!({ "Text": policy }));
    for number in 2..N_ENVIRONMENTS {
        server.post("/api/environments", json!({ "Name": format!("E{number}") }));
    }
    fleet.web.any_order();
    let _workers: Vec<_> = (0..N_WORKERS)
        .map(|number| fleet.worker_in(&network.namespace, &format!("w{number}")))
        .collect();
    fleet.web.release("1.0.0");
    let environments = ["Dev".to_owned(), "Prod".to_owned()].into_iter();
    let environments = environments.chain((2..N_ENVIRONMENTS).map(|number| format!("E{number}")));
    let tasks: Vec<String> = environments
        .map(|name| fleet.web.deploy("1.0.0", &name))
        .collect();
    let mut used = BTreeSet::new();
    for task in &tasks {
        let log = fleet.ended(task, "Success");
        for number in 0..N_STEPS {
            let line = format!("step {number} ran");
            let n_lines = log
                .lines()
                .filter(|own| own.trim_end().ends_with(&line))
                .count();
            assert_eq!(n_lines, 1, "{line}: {log}");
        }
        let names = log.split("Runs on the worker ").skip(1);
        used.extend(names.filter_map(|text| text.split(':').next().map(str::to_owned)));
    }
    let seen = counter.seen();
    let distinct: BTreeSet<&str> = seen.iter().map(|request| request.target.as_str()).collect();
    let n_wanted = N_STEPS * N_ENVIRONMENTS;
    assert_eq!(
        (seen.len(), distinct.len()),
        (n_wanted, n_wanted),
        "ran, and ran once"
    );
    assert_eq!(used.len(), N_WORKERS, "{used:?}");
    assert!(network.n_lost() > 0, "the network was a good one");
}
