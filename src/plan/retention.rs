//! What nobody needs any more: releases, runs of runbooks and packages that a retention policy lets go.
//!
//! Pure: what is there comes in with the time, what may go comes out. Whatever is deployed now, was deployed just
//! before, or still runs is kept, whatever a policy says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::model::lifecycle::{Lifecycle, Retention, RetentionUnit};

/// Releases of one project, as far as retention needs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRelease {
    pub id: String,
    pub made: Timestamp,
    /// Deployments of it, in any order.
    pub deployments: Vec<KeptDeployment>,
}

/// One deployment of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDeployment {
    pub environment_id: String,
    pub tenant_id: Option<String>,
    pub asked: Timestamp,
    /// Whether it succeeded.
    pub is_success: bool,
    /// Whether it isn't over.
    pub is_open: bool,
}

/// The ids of the releases that may go: all of one project in channels of one lifecycle.
pub fn releases_to_delete(
    releases: &[KeptRelease],
    lifecycle: &Lifecycle,
    now: Timestamp,
) -> Vec<String> {
    let shown = shown(releases);
    let mut by_policy: BTreeMap<usize, Vec<&KeptRelease>> = BTreeMap::new();
    for release in releases {
        by_policy
            .entry(furthest_phase(release, lifecycle))
            .or_default()
            .push(release);
    }
    let mut gone = Vec::new();
    for (phase, mut releases) in by_policy {
        releases.sort_by_key(|release| std::cmp::Reverse(release.made));
        let retention = policy_of(lifecycle, phase);
        for (newer, release) in releases.iter().enumerate() {
            let is_open = release.deployments.iter().any(|one| one.is_open);
            if !is_open
                && !shown.contains(release.id.as_str())
                && is_over(retention, last_use(release), newer, now)
            {
                gone.push(release.id.clone());
            }
        }
    }
    gone
}

/// Whether `retention` lets something go that was used last at `used`, and than which `newer` are newer.
fn is_over(retention: &Retention, used: Timestamp, newer: usize, now: Timestamp) -> bool {
    if retention.should_keep_forever || retention.quantity_to_keep == 0 {
        return false;
    }
    match retention.unit {
        RetentionUnit::Days => {
            let kept = SignedDuration::from_hours(24 * i64::from(retention.quantity_to_keep));
            now.duration_since(used) > kept
        }
        RetentionUnit::Items => {
            newer >= usize::try_from(retention.quantity_to_keep).unwrap_or(usize::MAX)
        }
    }
}

fn last_use(release: &KeptRelease) -> Timestamp {
    let asked = release.deployments.iter().map(|one| one.asked);
    asked
        .max()
        .map_or(release.made, |asked| asked.max(release.made))
}

/// An environment, and a tenant if there is one.
type Place<'a> = (&'a str, Option<&'a str>);

/// What a dashboard shows, and what one goes back to: for each place the last two that succeeded.
fn shown(releases: &[KeptRelease]) -> BTreeSet<&str> {
    let mut places: BTreeMap<Place<'_>, Vec<(Timestamp, &str)>> = BTreeMap::new();
    for release in releases {
        for one in release.deployments.iter().filter(|one| one.is_success) {
            places
                .entry((&one.environment_id, one.tenant_id.as_deref()))
                .or_default()
                .push((one.asked, &release.id));
        }
    }
    let mut shown = BTreeSet::new();
    for mut deployed in places.into_values() {
        deployed.sort_by_key(|(asked, _)| std::cmp::Reverse(*asked));
        let mut last = Vec::new();
        for (_, id) in deployed {
            if !last.contains(&id) {
                last.push(id);
            }
        }
        shown.extend(last.into_iter().take(2));
    }
    shown
}

/// The last phase with an environment that the release was deployed to; the first for one that never was.
fn furthest_phase(release: &KeptRelease, lifecycle: &Lifecycle) -> usize {
    let is_in = |index: &usize| {
        lifecycle.phases[*index].environments().any(|id| {
            let mut deployments = release.deployments.iter();
            deployments.any(|one| one.environment_id.eq_ignore_ascii_case(id))
        })
    };
    (0..lifecycle.phases.len()).rev().find(is_in).unwrap_or(0)
}

/// A phase's own policy, or that of the last phase before it that has one, or the lifecycle's.
fn policy_of(lifecycle: &Lifecycle, phase: usize) -> &Retention {
    let phases = lifecycle.phases.iter().take(phase + 1).rev();
    phases
        .filter_map(|phase| phase.release_retention_policy.as_ref())
        .next()
        .unwrap_or(&lifecycle.release_retention_policy)
}

/// One run of a runbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRun {
    pub id: String,
    pub environment_id: String,
    pub asked: Timestamp,
    pub is_open: bool,
}

/// The ids of the runs that may go: beyond the newest `quantity` in each environment.
pub fn runs_to_delete(runs: &[KeptRun], quantity: usize) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<&KeptRun>> = BTreeMap::new();
    for run in runs {
        places.entry(&run.environment_id).or_default().push(run);
    }
    let mut gone = Vec::new();
    for mut runs in places.into_values() {
        runs.sort_by_key(|run| std::cmp::Reverse(run.asked));
        let old = runs.into_iter().skip(quantity);
        gone.extend(old.filter(|run| !run.is_open).map(|run| run.id.clone()));
    }
    gone
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn days_ago(days: i64) -> Timestamp {
        NOW - SignedDuration::from_hours(24 * days)
    }

    /// `a 40 E1:30 E2:20f`: made 40 days ago, deployed to E1 30 days ago, and in vain to E2 20 days ago.
    fn release(text: &str) -> KeptRelease {
        let mut words = text.split_whitespace();
        let id = words.next().expect("an id").to_owned();
        let made = days_ago(
            words
                .next()
                .and_then(|days| days.parse().ok())
                .expect("days"),
        );
        let deployment = |word: &str| {
            let (environment, days) = word.split_once(':').expect("E:days");
            KeptDeployment {
                environment_id: environment.into(),
                tenant_id: None,
                asked: days_ago(days.trim_end_matches(['f', 'o']).parse().expect("days")),
                is_success: !days.ends_with(['f', 'o']),
                is_open: days.ends_with('o'),
            }
        };
        KeptRelease {
            id,
            made,
            deployments: words.map(deployment).collect(),
        }
    }

    fn gone(lifecycle: serde_json::Value, releases: &[&str]) -> String {
        let lifecycle: Lifecycle = serde_json::from_value(lifecycle).expect("a lifecycle");
        let releases: Vec<KeptRelease> = releases.iter().map(|text| release(text)).collect();
        releases_to_delete(&releases, &lifecycle, NOW).join(" ")
    }

    #[test]
    fn old_releases_go_unless_they_are_deployed() {
        let days = json!({ "ReleaseRetentionPolicy": { "QuantityToKeep": 10, "ShouldKeepForever": false, "Unit": "Days" } });
        for (releases, expected) in [
            (&["a 40", "b 5"][..], "a"),
            (&["a 40 E1:30", "b 5"], ""),
            (&["a 40 E1:30", "b 39 E1:29"], ""),
            (&["a 40 E1:30", "b 39 E1:29", "c 38 E1:28"], "a"),
            (&["a 40 E1:30", "b 39 E1:29", "c 38 E1:28f"], "c"),
            (&["a 40 E1:30 E2:27", "b 39 E1:29", "c 38 E1:28"], ""),
            (&["a 40 E1:30f", "b 40 E1:1f"], "a"),
            (&["a 40 E1:30o"], ""),
        ] {
            assert_eq!(gone(days.clone(), releases), expected, "{releases:?}");
        }
        assert_eq!(gone(json!({}), &["a 40"]), "", "kept for ever by default");
    }

    #[test]
    fn a_number_of_releases_is_kept_in_each_phase() {
        let two = json!({ "QuantityToKeep": 1, "ShouldKeepForever": false, "Unit": "Items" });
        let phases = json!({ "ReleaseRetentionPolicy": two, "Phases": [
            { "Name": "Dev", "OptionalDeploymentTargets": ["E1"] },
            { "Name": "Prod", "OptionalDeploymentTargets": ["E2"], "ReleaseRetentionPolicy": { "ShouldKeepForever": true } },
            { "Name": "DR", "OptionalDeploymentTargets": ["E3"] },
        ]});
        let releases = [
            "a 9 E1:9",
            "b 8 E1:8 E2:8",
            "c 7 E1:7 E2:7 E3:7",
            "d 6 E1:6f",
            "e 5 E1:5",
            "f 4 E1:4",
            "g 3",
        ];
        // b and c reached phases that keep everything; e and f are the last two in E1; g is the newest.
        assert_eq!(gone(phases, &releases), "d a");
    }

    #[test]
    fn runs_are_kept_by_environment() {
        let run = |id: &str, environment: &str, days, is_open| KeptRun {
            id: id.into(),
            environment_id: environment.into(),
            asked: days_ago(days),
            is_open,
        };
        let runs = [
            run("a", "E1", 3, false),
            run("b", "E1", 2, true),
            run("c", "E1", 1, false),
            run("d", "E2", 9, false),
        ];
        assert_eq!(runs_to_delete(&runs, 1), ["a"]);
        assert_eq!(runs_to_delete(&runs, 3), [""; 0]);
    }
}
