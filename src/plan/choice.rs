//! Which worker of a pool gets an attempt: decided from what is known at that moment, with the reason in words.
//!
//! A worker is fit when it is healthy, takes work, offers the isolation and has the labels; it is free when it has
//! room. Of those that are both, the one that the deployment used for the same package before gets it, then the one
//! that runs the fewest attempts. A step that is sticky stays on the worker of the sticky steps before it; one that
//! is exclusive waits for a worker that does nothing else, and keeps others away while it runs. A check of a machine
//! waits for nobody and keeps nobody waiting, and what is ill, disabled or draining can be checked, too.

use std::cmp::Reverse;

use super::entry::{Isolation, PoolUse};

/// A worker of the pool.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: String,
    pub name: String,
    pub is_disabled: bool,
    pub is_draining: bool,
    pub reach: Reach,
    /// Why it is unhealthy, if it is.
    pub illness: Option<String>,
    /// Attempts at once.
    pub capacity: usize,
    /// What it runs now.
    pub leases: Vec<Lease>,
    pub isolations: Vec<Isolation>,
    /// The interpreters that it has; `None` if nobody knows, or if it brings its own.
    pub interpreters: Option<Vec<String>>,
    pub labels: Vec<String>,
}

/// Whether a worker is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    Here,
    /// It was, a moment ago, and is expected back.
    Expected,
    /// Why it isn't, for people.
    Away(String),
}

/// An attempt that a worker has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub task_id: String,
    /// Nothing of another task beside it.
    pub is_exclusive: bool,
    /// A check of the worker itself, which is in nobody's way.
    pub is_check: bool,
}

/// What an attempt needs.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    pub pool: &'a PoolUse,
    pub task_id: &'a str,
    pub isolation: Isolation,
    /// The programs that run its scripts.
    pub interpreters: &'a [&'static str],
    /// Where earlier steps of the task ran.
    pub used: &'a [Used],
    /// The ids of its packages.
    pub packages: &'a [String],
    pub whom: Whom,
}

/// Whom an attempt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    /// Any worker of a pool.
    Pool,
    /// One machine, a deployment target.
    Target,
    /// One machine, of which it says how it is.
    Checked,
}

/// A step that a worker ran for the task before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    pub worker_id: String,
    pub is_sticky: bool,
    pub packages: Vec<String>,
}

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    Worker {
        id: String,
        name: String,
        /// In one line.
        why: String,
    },
    /// None is free, and one will be.
    Wait { why: String },
    /// None is fit, and each reason.
    Nobody { why: String },
}

/// Why a worker doesn't get it.
enum Rejection {
    /// It will be free, or back.
    ForNow(String),
    Unfit(String),
}

fn reject(candidate: &Candidate, wish: &Wish<'_>, stays_on: Option<&str>) -> Option<Rejection> {
    use Rejection::{ForNow, Unfit};
    let unfit = |why: &str| Some(Unfit(why.to_owned()));
    let is_check = wish.whom == Whom::Checked;
    if stays_on.is_some_and(|id| id != candidate.id) {
        return unfit("the steps before it that are sticky ran on another one");
    }
    if candidate.is_disabled && !is_check {
        return unfit("it is disabled");
    }
    if candidate.is_draining && !is_check {
        return unfit("it is draining");
    }
    if !candidate.isolations.contains(&wish.isolation) {
        return match wish.isolation {
            Isolation::Process => unfit("it runs no native processes"),
            Isolation::Sandbox => unfit("it runs no sandboxes"),
        };
    }
    let lacks = |program: &&&str| {
        let known = candidate.interpreters.as_ref();
        known.is_some_and(|known| !known.iter().any(|own| own == **program))
    };
    let missing: Vec<&str> = wish.interpreters.iter().filter(lacks).copied().collect();
    if !missing.is_empty() {
        return Some(Unfit(format!("it has no {}", missing.join(", "))));
    }
    let has = |label: &&String| {
        candidate
            .labels
            .iter()
            .any(|own| own.eq_ignore_ascii_case(label))
    };
    let missing: Vec<&str> = wish
        .pool
        .labels
        .iter()
        .filter(|label| !has(label))
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        return Some(Unfit(format!("it has no label {}", missing.join(", "))));
    }
    if let Some(why) = candidate.illness.as_ref().filter(|_| !is_check) {
        return Some(Unfit(format!("it is unhealthy: {why}")));
    }
    match &candidate.reach {
        Reach::Here => {}
        Reach::Expected => return Some(ForNow("it is expected back".to_owned())),
        Reach::Away(why) => return Some(Unfit(why.clone())),
    }
    if is_check {
        return None;
    }
    let leases = candidate.leases.iter().filter(|lease| !lease.is_check);
    let others = leases.clone().filter(|lease| lease.task_id != wish.task_id);
    let holder = others.clone().find(|lease| lease.is_exclusive);
    if let Some(holder) = holder {
        return Some(ForNow(format!("{} has it to itself", holder.task_id)));
    }
    if wish.pool.is_exclusive
        && let Some(other) = others.clone().next()
    {
        return Some(ForNow(format!(
            "{} still runs on it, and this step wants it to itself",
            other.task_id
        )));
    }
    let n_running = leases.count();
    (n_running >= candidate.capacity).then(|| {
        ForNow(format!(
            "it runs {n_running} attempts of {} at once",
            candidate.capacity
        ))
    })
}

/// Decides.
pub fn choose(candidates: &[Candidate], wish: &Wish<'_>) -> Choice {
    let pool = &wish.pool.name;
    let stays_on = wish.pool.is_sticky.then(|| {
        let sticky = wish.used.iter().find(|used| used.is_sticky);
        sticky.map(|used| used.worker_id.as_str())
    });
    let stays_on = stays_on.flatten();
    let mut fit = Vec::new();
    let mut for_now = Vec::new();
    let mut unfit = Vec::new();
    for candidate in candidates {
        match reject(candidate, wish, stays_on) {
            None => fit.push(candidate),
            Some(Rejection::ForNow(why)) => for_now.push(format!("{}: {why}", candidate.name)),
            Some(Rejection::Unfit(why)) => unfit.push(format!("{}: {why}", candidate.name)),
        }
    }
    // How often it ran a step with one of these packages, if that is still a reason to choose it.
    let familiar = |candidate: &Candidate| {
        let has_package = |used: &&Used| {
            used.worker_id == candidate.id
                && used
                    .packages
                    .iter()
                    .any(|package| wish.packages.contains(package))
        };
        let times = wish.used.iter().filter(has_package).count();
        let cap = usize::try_from(wish.pool.lease_cap).unwrap_or(usize::MAX);
        times > 0 && (cap == 0 || times < cap)
    };
    let best = fit
        .iter()
        .min_by_key(|one| (Reverse(familiar(one)), one.leases.len(), one.name.as_str()));
    if let Some(best) = best {
        let running = format!("{} of {} attempts", best.leases.len(), best.capacity);
        let why = match (stays_on, familiar(best), candidates.len()) {
            _ if wish.whom == Whom::Target => format!("the step is for it; it runs {running}"),
            _ if wish.whom == Whom::Checked => format!("the check is of it; it runs {running}"),
            (Some(_), _, _) => {
                "earlier steps of this deployment ran there, and this step is sticky".to_owned()
            }
            (None, true, _) => {
                format!("it ran a step with the same package before; it runs {running}")
            }
            (None, false, 1) => {
                format!("it is the only worker of the pool {pool}; it runs {running}")
            }
            (None, false, n) => {
                let free = fit.len();
                format!(
                    "it runs the fewest ({running}); {free} of the {n} workers of the pool {pool} could run it"
                )
            }
        };
        return Choice::Worker {
            id: best.id.clone(),
            name: best.name.clone(),
            why,
        };
    }
    let reasons = [for_now.as_slice(), unfit.as_slice()].concat().join("; ");
    let is_waiting = !for_now.is_empty();
    let machine = match wish.whom {
        Whom::Pool => None,
        Whom::Target => Some("deployment target"),
        Whom::Checked => Some("machine"),
    };
    let why = match (machine, is_waiting, candidates.is_empty()) {
        (Some(machine), true, _) => format!("the {machine} is not free ({reasons})"),
        (Some(machine), false, false) => format!("the {machine} can't run it ({reasons})"),
        (Some(machine), false, true) => format!("the {machine} `{pool}` was deleted"),
        (None, true, _) => format!("no worker of the pool `{pool}` is free ({reasons})"),
        (None, false, true) => format!(
            "the pool `{pool}` has no workers: enrol one with `seawall worker enrol`, or name another pool"
        ),
        (None, false, false) => format!("no worker of the pool `{pool}` can run it ({reasons})"),
    };
    match is_waiting {
        true => Choice::Wait { why },
        false => Choice::Nobody { why },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool() -> PoolUse {
        PoolUse {
            id: "WorkerPools-1".to_owned(),
            name: "linux".to_owned(),
            ..PoolUse::default()
        }
    }

    fn candidate(name: &str, tasks: &[&str]) -> Candidate {
        let lease = |task: &&str| Lease {
            task_id: (*task).to_owned(),
            is_exclusive: false,
            is_check: false,
        };
        Candidate {
            id: name.to_owned(),
            name: name.to_owned(),
            is_disabled: false,
            is_draining: false,
            reach: Reach::Here,
            illness: None,
            capacity: 2,
            leases: tasks.iter().map(lease).collect(),
            isolations: vec![Isolation::Sandbox],
            interpreters: None,
            labels: vec!["gpu".to_owned()],
        }
    }

    fn wish<'a>(pool: &'a PoolUse, used: &'a [Used], packages: &'a [String]) -> Wish<'a> {
        Wish {
            pool,
            task_id: "T1",
            isolation: Isolation::Sandbox,
            interpreters: &["pwsh"],
            used,
            packages,
            whom: Whom::Pool,
        }
    }

    fn chosen(choice: &Choice) -> &str {
        match choice {
            Choice::Worker { id, .. } => id,
            Choice::Wait { why } | Choice::Nobody { why } => panic!("nobody: {why}"),
        }
    }

    #[test]
    fn the_one_that_runs_least_gets_it() {
        let all = [
            candidate("a", &["T2"]),
            candidate("b", &[]),
            candidate("c", &["T2"]),
        ];
        let choice = choose(&all, &wish(&pool(), &[], &[]));
        assert_eq!(chosen(&choice), "b");
        insta::assert_snapshot!(format!("{choice:?}"), @r#"Worker { id: "b", name: "b", why: "it runs the fewest (0 of 2 attempts); 3 of the 3 workers of the pool linux could run it" }"#);
    }

    #[test]
    fn a_reason_is_given_for_each_that_does_not_get_it() {
        let all = [
            Candidate {
                is_disabled: true,
                ..candidate("a", &[])
            },
            Candidate {
                is_draining: true,
                ..candidate("b", &[])
            },
            Candidate {
                reach: Reach::Away("it is not connected".to_owned()),
                ..candidate("c", &[])
            },
            Candidate {
                isolations: vec![],
                ..candidate("d", &[])
            },
            Candidate {
                labels: vec![],
                ..candidate("e", &[])
            },
            Candidate {
                interpreters: Some(vec!["bash".to_owned()]),
                ..candidate("f", &[])
            },
        ];
        let pool = PoolUse {
            labels: vec!["GPU".to_owned()],
            ..pool()
        };
        let Choice::Nobody { why } = choose(&all, &wish(&pool, &[], &[])) else {
            panic!("somebody got it");
        };
        insta::assert_snapshot!(why, @"no worker of the pool `linux` can run it (a: it is disabled; b: it is draining; c: it is not connected; d: it runs no sandboxes; e: it has no label GPU; f: it has no pwsh)");
        // The twin: whoever has what is asked for gets it.
        assert_eq!(
            chosen(&choose(&[candidate("f", &[])], &wish(&pool, &[], &[]))),
            "f"
        );
        let equipped = Candidate {
            interpreters: Some(vec!["pwsh".to_owned()]),
            ..candidate("g", &[])
        };
        assert_eq!(chosen(&choose(&[equipped], &wish(&pool, &[], &[]))), "g");
        assert!(matches!(
            choose(&[], &wish(&pool, &[], &[])),
            Choice::Nobody { .. }
        ));
    }

    #[test]
    fn a_full_worker_or_one_that_comes_back_is_waited_for() {
        let busy = candidate("a", &["T2", "T3"]);
        let gone = Candidate {
            reach: Reach::Expected,
            ..candidate("b", &[])
        };
        for all in [vec![busy.clone()], vec![gone.clone()], vec![busy, gone]] {
            let choice = choose(&all, &wish(&pool(), &[], &[]));
            assert!(matches!(choice, Choice::Wait { .. }), "{choice:?}");
        }
    }

    #[test]
    fn a_sticky_step_stays_and_another_is_free_to_go() {
        let used = [Used {
            worker_id: "a".to_owned(),
            is_sticky: true,
            packages: vec![],
        }];
        let all = [candidate("a", &["T2"]), candidate("b", &[])];
        let sticky = PoolUse {
            is_sticky: true,
            ..pool()
        };
        assert_eq!(chosen(&choose(&all, &wish(&sticky, &used, &[]))), "a");
        assert_eq!(chosen(&choose(&all, &wish(&pool(), &used, &[]))), "b");
        let full = [candidate("a", &["T2", "T2"]), candidate("b", &[])];
        assert!(matches!(
            choose(&full, &wish(&sticky, &used, &[])),
            Choice::Wait { .. }
        ));
    }

    #[test]
    fn the_same_package_goes_to_the_same_worker_up_to_the_cap() {
        let package = ["acme.web".to_owned()];
        let used = [Used {
            worker_id: "a".to_owned(),
            is_sticky: false,
            packages: package.to_vec(),
        }];
        let all = [candidate("a", &["T2"]), candidate("b", &[])];
        assert_eq!(chosen(&choose(&all, &wish(&pool(), &used, &package))), "a");
        let capped = PoolUse {
            lease_cap: 1,
            ..pool()
        };
        assert_eq!(chosen(&choose(&all, &wish(&capped, &used, &package))), "b");
        assert_eq!(
            chosen(&choose(&all, &wish(&pool(), &used, &["other".to_owned()]))),
            "b"
        );
    }

    #[test]
    fn an_exclusive_step_has_a_worker_to_itself() {
        let exclusive = PoolUse {
            is_exclusive: true,
            ..pool()
        };
        let own = Lease {
            task_id: "T2".to_owned(),
            is_exclusive: true,
            is_check: false,
        };
        let held = Candidate {
            leases: vec![own],
            ..candidate("a", &[])
        };
        assert!(matches!(
            choose(&[held], &wish(&pool(), &[], &[])),
            Choice::Wait { .. }
        ));
        let shared = [candidate("a", &["T2"])];
        assert!(matches!(
            choose(&shared, &wish(&exclusive, &[], &[])),
            Choice::Wait { .. }
        ));
        assert_eq!(
            chosen(&choose(
                &[candidate("a", &["T1"])],
                &wish(&exclusive, &[], &[])
            )),
            "a"
        );
    }

    #[test]
    fn a_check_waits_for_nobody_and_nobody_waits_for_it() {
        let own = |is_exclusive, is_check| Lease {
            task_id: "T2".to_owned(),
            is_exclusive,
            is_check,
        };
        let busy_and_ill = Candidate {
            is_disabled: true,
            is_draining: true,
            illness: Some("its disk is full".to_owned()),
            leases: vec![own(true, false), own(false, false)],
            ..candidate("a", &[])
        };
        let own_pool = pool();
        let check = Wish {
            whom: Whom::Checked,
            ..wish(&own_pool, &[], &[])
        };
        assert_eq!(chosen(&choose(&[busy_and_ill], &check)), "a");
        let away = Candidate {
            reach: Reach::Away("it is not connected".to_owned()),
            ..candidate("a", &[])
        };
        let Choice::Nobody { why } = choose(&[away], &check) else {
            panic!("somebody got it");
        };
        assert_eq!(why, "the machine can't run it (a: it is not connected)");
        let exclusive = PoolUse {
            is_exclusive: true,
            ..pool()
        };
        let step = Wish {
            whom: Whom::Target,
            ..wish(&exclusive, &[], &[])
        };
        let checked = |is_check| Candidate {
            leases: vec![own(false, is_check), own(false, is_check)],
            ..candidate("a", &[])
        };
        assert_eq!(chosen(&choose(&[checked(true)], &step)), "a");
        // The twin: what is no check is waited for, and what is ill gets no work.
        assert!(matches!(
            choose(&[checked(false)], &step),
            Choice::Wait { .. }
        ));
        let ill = Candidate {
            illness: Some("its disk is full".to_owned()),
            ..candidate("a", &[])
        };
        let Choice::Nobody { why } = choose(&[ill], &step) else {
            panic!("somebody got it");
        };
        assert!(why.contains("it is unhealthy: its disk is full"), "{why}");
    }
}
