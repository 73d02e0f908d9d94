//! Which deployment targets are to be checked now, and when to look again.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::model::machine::{MachinePolicy, Schedule};
use crate::model::target::{DeploymentTarget, TargetKind};

/// What is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// The ids of the targets.
    pub target_ids: Vec<String>,
    /// When the next one is; `None` if nothing ever is.
    pub next: Option<Timestamp>,
}

/// The targets of a space whose next check, by their policy, is not later than `now`. One that was never checked is due at
/// once; one that there is nothing to connect to, that is disabled, or whose policy has no schedule, never is.
pub fn due(targets: &[DeploymentTarget], policies: &[MachinePolicy], now: Timestamp) -> Due {
    let schedules: HashMap<&str, Schedule> = policies
        .iter()
        .filter_map(|policy| Some((policy.id.as_str(), policy.health_check_schedule().ok()??)))
        .collect();
    let mut due = Due::default();
    for target in targets {
        let schedule = schedules.get(target.machine_policy_id.as_str());
        let Some(schedule) = schedule.filter(|_| !target.is_disabled) else {
            continue;
        };
        if target.address().is_none() && target.kind() != Some(TargetKind::PollingAgent) {
            continue;
        }
        let last: Option<Timestamp> = target
            .health_last_checked
            .as_deref()
            .and_then(|text| text.parse().ok());
        let Some(at) = last.map_or(Some(now), |last| schedule.after(last)) else {
            continue;
        };
        if at <= now {
            due.target_ids.push(target.id.clone());
        } else {
            due.next = Some(due.next.map_or(at, |next| next.min(at)));
        }
    }
    due
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::{Value, json};

    use super::*;

    fn target(id: &str, more: Value) -> DeploymentTarget {
        let mut value = json!({ "Id": id, "MachinePolicyId": "hourly", "Endpoint": { "CommunicationStyle": "Ssh", "Host": "h" } });
        for (key, more) in more.as_object().into_iter().flatten() {
            value[key] = more.clone();
        }
        serde_json::from_value(value).expect("a target")
    }

    #[test]
    fn what_was_not_checked_for_an_interval_is_due() {
        let policy = |id: &str, interval: Value| -> MachinePolicy {
            let text = json!({ "Id": id, "MachineHealthCheckPolicy": { "HealthCheckInterval": interval } });
            serde_json::from_value(text).expect("a policy")
        };
        let policies = [
            policy("hourly", json!("01:00:00")),
            policy("never", Value::Null),
        ];
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a time");
        let checked = |minutes: i64| {
            let at = now - SignedDuration::from_mins(minutes);
            json!({ "HealthLastChecked": at.to_string() })
        };
        let targets = [
            target("new", json!({})),
            target("old", checked(61)),
            target("recent", checked(40)),
            target("just", checked(1)),
            target("off", json!({ "IsDisabled": true })),
            target("never", json!({ "MachinePolicyId": "never" })),
            target(
                "region",
                json!({ "Endpoint": { "CommunicationStyle": "None" } }),
            ),
        ];
        let due = due(&targets, &policies, now);
        assert_eq!(due.target_ids, ["new", "old"]);
        assert_eq!(due.next, Some(now + SignedDuration::from_mins(20)));
    }

    /// When a target that was checked at `last` is due, as text; or why its policy is refused.
    fn next(policy: Value, last: &str) -> String {
        let text = json!({ "Id": "p", "Name": "p", "MachineHealthCheckPolicy": policy });
        let policy: MachinePolicy = serde_json::from_value(text).expect("a policy");
        let last: Timestamp = last.parse().expect("a time");
        match policy.health_check_schedule() {
            Ok(Some(schedule)) => schedule
                .after(last)
                .map_or("never".to_owned(), |at| at.to_string()),
            Ok(None) => "never".to_owned(),
            Err(why) => why,
        }
    }

    #[test]
    fn a_cron_expression_says_when_in_its_own_time_zone() {
        let cron = |cron: &str, zone: &str| json!({ "HealthCheckCron": cron, "HealthCheckCronTimezone": zone, "HealthCheckInterval": "01:00:00" });
        let last = "2026-11-26T12:00:00Z";
        for (policy, expected) in [
            (cron("0 6 * * *", ""), "2026-11-27T06:00:00Z"),
            (cron("0 6 * * *", "Europe/Berlin"), "2026-11-27T05:00:00Z"),
            // Six fields begin with seconds; the time that it was is not the next one.
            (cron("30 0 12 * * *", "UTC"), "2026-11-26T12:00:30Z"),
            (cron("0 12 * * *", "UTC"), "2026-11-27T12:00:00Z"),
            (cron("*/15 * * * MON-FRI", "UTC"), "2026-11-26T12:15:00Z"),
            (cron("0 0 30 2 *", "UTC"), "never"),
            (
                json!({ "HealthCheckInterval": "01:00:00" }),
                "2026-11-26T13:00:00Z",
            ),
            (json!({}), "never"),
        ] {
            assert_eq!(next(policy.clone(), last), expected, "{policy}");
        }
        // The night in which two o'clock comes twice has one six o'clock.
        let berlin = cron("0 6 * * *", "Europe/Berlin");
        assert_eq!(next(berlin, "2026-10-24T12:00:00Z"), "2026-10-25T05:00:00Z");
        for (policy, why) in [
            (cron("every day", "UTC"), "HealthCheckCron is `every day`"),
            (cron("0 25 * * *", "UTC"), "HealthCheckCron is `0 25"),
            (cron("0 6 * * *", "Mars/Olympus"), "no time zone"),
        ] {
            let said = next(policy, last);
            assert!(said.contains(why), "{why}: {said}");
        }
    }

    #[test]
    fn a_target_whose_hour_has_come_is_due_and_one_before_it_is_not() {
        let policy = json!({ "Id": "hourly", "MachineHealthCheckPolicy": { "HealthCheckCron": "0 6 * * *" } });
        let policies = [serde_json::from_value::<MachinePolicy>(policy).expect("a policy")];
        let checked = |at: &str| json!({ "HealthLastChecked": at });
        let targets = [
            target("yesterday", checked("2026-11-25T12:00:00Z")),
            target("today", checked("2026-11-26T06:00:01Z")),
        ];
        let due = due(
            &targets,
            &policies,
            "2026-11-26T07:00:00Z".parse().expect("a time"),
        );
        assert_eq!(due.target_ids, ["yesterday"]);
        assert_eq!(
            due.next,
            Some("2026-11-27T06:00:00Z".parse().expect("a time"))
        );
    }
}
