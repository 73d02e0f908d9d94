//! The health of machines: which are to be checked now and when to look again, which script looks at a machine, and
//! what the way in which it ended means.

use std::collections::HashMap;

use jiff::Timestamp;

use super::entry::Syntax;
use super::targets::TargetUse;
use crate::model::health::{Finding, HealthScript, HealthStatus};
use crate::model::machine::{MachinePolicy, Schedule};
use crate::model::target::TargetKind;
use crate::model::worker::Worker;

/// Longer reasons are cut: they are in the log.
const MAX_REASON_CHARS: usize = 300;

/// The scripts that machine policies have, by the policy's id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scripts(HashMap<String, Languages>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Languages {
    bash: Option<String>,
    powershell: Option<String>,
}

impl Scripts {
    /// Of the policies of a space, each of which may leave it to the default one.
    pub fn of_policies(policies: &[MachinePolicy]) -> Self {
        let of = |policy: &MachinePolicy| policy.health_scripts().ok();
        let default = policies.iter().find(|policy| policy.is_default);
        let default = default.and_then(of);
        let text = |own: HealthScript, inherited: Option<&HealthScript>| match (own, inherited) {
            (HealthScript::Own(text), _) => Some(text),
            (HealthScript::Inherited, Some(HealthScript::Own(text))) => Some(text.clone()),
            (HealthScript::Inherited | HealthScript::None, _) => None,
        };
        let scripts = policies.iter().filter_map(|policy| {
            let own = of(policy)?;
            let languages = Languages {
                bash: text(own.bash, default.as_ref().map(|default| &default.bash)),
                powershell: text(
                    own.powershell,
                    default.as_ref().map(|default| &default.powershell),
                ),
            };
            Some((policy.id.clone(), languages))
        });
        Self(scripts.collect())
    }

    /// The script that looks at a machine. All of them have a Unix shell, so that it is the one in Bash; where a
    /// sandbox runs it, one in PowerShell will do if there is no other.
    pub fn of(&self, target: &TargetUse) -> Option<(Syntax, &str)> {
        self.of_kind(&target.machine_policy_id, target.kind)
    }

    fn of_kind(&self, policy_id: &str, kind: TargetKind) -> Option<(Syntax, &str)> {
        let Languages { bash, powershell } = self.0.get(policy_id)?;
        let bash = bash.as_deref().map(|text| (Syntax::Bash, text));
        let powershell = powershell.as_deref().filter(|_| kind != TargetKind::Ssh);
        bash.or(powershell.map(|text| (Syntax::PowerShell, text)))
    }
}

/// What the end of a script means for the machine that it looked at. `failure` is why it failed, if it did; `task` has
/// its log.
pub fn judged(failure: Option<&str>, has_warnings: bool, task: &str) -> Finding {
    match (failure, has_warnings) {
        (Some(why), _) => {
            let why: String = why.chars().take(MAX_REASON_CHARS).collect();
            let why = why.trim_end_matches('.');
            let summary = format!("The script of its machine policy failed: {why}.");
            Finding::new(HealthStatus::Unhealthy, summary)
        }
        (None, true) => {
            let summary = format!(
                "The script of its machine policy has warnings, which are in the log of {task}."
            );
            Finding::new(HealthStatus::HasWarnings, summary)
        }
        (None, false) => {
            let summary = "The script of its machine policy found nothing wrong.";
            Finding::new(HealthStatus::Healthy, summary)
        }
    }
}

/// What is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// The ids of the machines.
    pub machine_ids: Vec<String>,
    /// When the next one is; `None` if nothing ever is.
    pub next: Option<Timestamp>,
}

/// The machines of a space, workers and deployment targets, whose next check, by their policy, is not later than `now`.
/// One that was never checked is due at once, a worker once it was seen; one that is disabled, that there is nothing to
/// find out about, or whose policy has no schedule, never is.
pub fn due(machines: &[Worker], policies: &[MachinePolicy], now: Timestamp) -> Due {
    let schedules: HashMap<&str, Schedule> = policies
        .iter()
        .filter_map(|policy| Some((policy.id.as_str(), policy.health_check_schedule().ok()??)))
        .collect();
    let scripts = Scripts::of_policies(policies);
    let mut due = Due::default();
    for machine in machines {
        let schedule = schedules.get(machine.machine_policy_id.as_str());
        let Some(schedule) = schedule.filter(|_| !machine.is_disabled && !machine.is_in_process)
        else {
            continue;
        };
        let style = machine.endpoint.get("CommunicationStyle");
        let Some(kind) = style.and_then(|style| TargetKind::from_style(style.as_str()?)) else {
            continue;
        };
        let has_connection = match kind {
            TargetKind::ListeningAgent | TargetKind::PollingAgent | TargetKind::Ssh => true,
            TargetKind::CloudRegion | TargetKind::OfflineDrop | TargetKind::Service => false,
        };
        if !has_connection && scripts.of_kind(&machine.machine_policy_id, kind).is_none() {
            continue;
        }
        // Whoever was enrolled a moment ago is about to come.
        let is_agent = has_connection && kind != TargetKind::Ssh;
        let is_worker = !machine.worker_pool_ids.is_empty();
        if is_agent && is_worker && machine.health_status == HealthStatus::Unknown {
            continue;
        }
        let last: Option<Timestamp> = machine
            .policy_last_checked
            .as_deref()
            .and_then(|text| text.parse().ok());
        let Some(at) = last.map_or(Some(now), |last| schedule.after(last)) else {
            continue;
        };
        if at <= now {
            due.machine_ids.push(machine.id.clone());
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
    use crate::model::target::DeploymentTarget;

    fn target(id: &str, more: Value) -> Worker {
        let mut value = json!({ "Id": id, "MachinePolicyId": "hourly", "Endpoint": { "CommunicationStyle": "Ssh", "Host": "h" } });
        for (key, more) in more.as_object().into_iter().flatten() {
            value[key] = more.clone();
        }
        let target: DeploymentTarget = serde_json::from_value(value).expect("a target");
        Worker::of_target(&target)
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
            json!({ "PolicyLastChecked": at.to_string() })
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
        assert_eq!(due.machine_ids, ["new", "old"]);
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
        let checked = |at: &str| json!({ "PolicyLastChecked": at });
        let targets = [
            target("yesterday", checked("2026-11-25T12:00:00Z")),
            target("today", checked("2026-11-26T06:00:01Z")),
        ];
        let due = due(
            &targets,
            &policies,
            "2026-11-26T07:00:00Z".parse().expect("a time"),
        );
        assert_eq!(due.machine_ids, ["yesterday"]);
        assert_eq!(
            due.next,
            Some("2026-11-27T06:00:00Z".parse().expect("a time"))
        );
    }

    #[test]
    fn workers_are_due_like_targets_once_they_were_seen() {
        let policies = [
            json!({ "Id": "six", "MachineHealthCheckPolicy": { "HealthCheckCron": "0 6 * * *",
                "HealthCheckCronTimezone": "Europe/Berlin" } }),
            json!({ "Id": "hourly", "MachineHealthCheckPolicy": { "HealthCheckInterval": "01:00:00" } }),
        ];
        let policies = policies.map(|one| serde_json::from_value(one).expect("a policy"));
        let worker = |id: &str, policy: &str, last: &str, more: Value| -> Worker {
            let mut value = json!({ "Id": id, "MachinePolicyId": policy, "WorkerPoolIds": ["linux"],
                "HealthStatus": "Healthy", "PolicyLastChecked": last,
                "Endpoint": { "CommunicationStyle": "TentacleActive" } });
            for (key, more) in more.as_object().into_iter().flatten() {
                value[key] = more.clone();
            }
            serde_json::from_value(value).expect("a worker")
        };
        let none = || json!({});
        let workers = [
            worker("late", "six", "2026-11-26T04:59:00Z", none()),
            worker("done", "six", "2026-11-26T05:00:30Z", none()),
            worker("hour", "hourly", "2026-11-26T04:00:00Z", none()),
            worker("recent", "hourly", "2026-11-26T04:30:00Z", none()),
            worker("new", "hourly", "", none()),
            worker("unseen", "hourly", "", json!({ "HealthStatus": "Unknown" })),
            worker("off", "hourly", "", json!({ "IsDisabled": true })),
            worker("built-in", "hourly", "", json!({ "IsInProcess": true })),
        ];
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        // Six o'clock in Berlin is five o'clock UTC.
        let found = due(&workers, &policies, at("2026-11-26T05:01:00Z"));
        assert_eq!(found.machine_ids, ["late", "hour", "new"]);
        assert_eq!(found.next, Some(at("2026-11-26T05:30:00Z")));
        let before = due(&workers, &policies, at("2026-11-26T04:59:59Z"));
        assert_eq!(before.machine_ids, ["new"]);
    }

    #[test]
    fn a_policy_without_a_connection_is_due_if_it_has_a_script() {
        let policy = |script: Value| -> [MachinePolicy; 1] {
            let text = json!({ "Id": "hourly", "MachineHealthCheckPolicy": { "HealthCheckInterval": "01:00:00",
                "BashHealthCheckPolicy": script } });
            [serde_json::from_value(text).expect("a policy")]
        };
        let region = json!({ "Endpoint": { "CommunicationStyle": "None" } });
        let regions = [target("region", region)];
        let script = json!({ "RunType": "Inline", "ScriptBody": "true" });
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().expect("a time");
        assert_eq!(due(&regions, &policy(script), now).machine_ids, ["region"]);
        assert_eq!(due(&regions, &policy(Value::Null), now), Due::default());
    }

    #[test]
    fn a_machine_is_looked_at_by_the_script_of_its_policy_or_of_the_default_one() {
        let inline = |body: &str| json!({ "RunType": "Inline", "ScriptBody": body });
        let policy = |id: &str, is_default: bool, health: Value| -> MachinePolicy {
            let text =
                json!({ "Id": id, "IsDefault": is_default, "MachineHealthCheckPolicy": health });
            serde_json::from_value(text).expect("a policy")
        };
        let scripts = Scripts::of_policies(&[
            policy(
                "default",
                true,
                json!({ "BashHealthCheckPolicy": inline("default") }),
            ),
            policy("inherits", false, json!({})),
            policy(
                "own",
                false,
                json!({ "BashHealthCheckPolicy": inline("own") }),
            ),
            policy(
                "powershell",
                false,
                json!({ "PowerShellHealthCheckPolicy": inline("ps"),
                "BashHealthCheckPolicy": { "RunType": "OnlyConnectivity" } }),
            ),
            policy(
                "connects",
                false,
                json!({ "HealthCheckType": "OnlyConnectivity" }),
            ),
        ]);
        use TargetKind::{CloudRegion, PollingAgent, Ssh};
        for (policy, kind, expected) in [
            ("default", Ssh, Some((Syntax::Bash, "default"))),
            ("inherits", PollingAgent, Some((Syntax::Bash, "default"))),
            ("own", CloudRegion, Some((Syntax::Bash, "own"))),
            ("powershell", PollingAgent, Some((Syntax::PowerShell, "ps"))),
            ("powershell", Ssh, None),
            ("connects", Ssh, None),
            ("unknown", Ssh, None),
        ] {
            assert_eq!(scripts.of_kind(policy, kind), expected, "{policy} {kind:?}");
        }
    }

    #[test]
    fn the_end_of_a_script_is_a_finding() {
        let of = |failure, has_warnings| judged(failure, has_warnings, "ServerTasks-7");
        let fine = of(None, false);
        assert_eq!(fine.status, HealthStatus::Healthy);
        let warned = of(None, true);
        assert_eq!(warned.status, HealthStatus::HasWarnings);
        assert!(warned.summary.contains("ServerTasks-7"), "{warned:?}");
        let failed = of(Some("the script reached the limit `wall-time`."), true);
        assert_eq!(failed.status, HealthStatus::Unhealthy);
        assert_eq!(
            failed.summary,
            "The script of its machine policy failed: the script reached the limit `wall-time`."
        );
        assert!(of(Some(&"x".repeat(1000)), false).summary.len() < 400);
    }
}
