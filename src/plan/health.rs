//! Which deployment targets are to be checked now, and when to look again.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::model::machine::MachinePolicy;
use crate::model::target::{DeploymentTarget, TargetKind};

/// What is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// The ids of the targets.
    pub target_ids: Vec<String>,
    /// When the next one is; `None` if nothing ever is.
    pub next: Option<Timestamp>,
}

/// The targets of a space whose last check is longer ago than their policy says. One that was never checked is due at
/// once; one that there is nothing to connect to, that is disabled, or whose policy has no interval, never is.
pub fn due(targets: &[DeploymentTarget], policies: &[MachinePolicy], now: Timestamp) -> Due {
    let intervals: HashMap<&str, _> = policies
        .iter()
        .filter_map(|policy| Some((policy.id.as_str(), policy.health_check_interval().ok()??)))
        .collect();
    let mut due = Due::default();
    for target in targets {
        let interval = intervals.get(target.machine_policy_id.as_str());
        let Some(interval) = interval.filter(|_| !target.is_disabled) else {
            continue;
        };
        if target.address().is_none() && target.kind() != Some(TargetKind::PollingAgent) {
            continue;
        }
        let last: Option<Timestamp> = target
            .health_last_checked
            .as_deref()
            .and_then(|text| text.parse().ok());
        let at = match last {
            Some(last) => last.checked_add(*interval).unwrap_or(Timestamp::MAX),
            None => now,
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
}
