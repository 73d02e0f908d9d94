//! Plans, as people see them.

use std::collections::BTreeMap;

use super::health::Scripts;
use super::targets::TargetUse;
use super::{Inputs, Plan, PolicySet, Pool, Refused, build};
use crate::model::step::Step;
use crate::model::variable::Variable;

const DEFAULT: &str = include_str!("../../policies/default.toml");

fn steps(json: serde_json::Value) -> Vec<Step> {
    serde_json::from_value(json).expect("steps")
}

fn script(name: &str, syntax: &str, more: serde_json::Value) -> serde_json::Value {
    let mut action = serde_json::json!({"Id": name, "Name": name, "ActionType": "Octopus.Script", "Properties": {
        "Octopus.Action.RunOnServer": "True", "Octopus.Action.Script.Syntax": syntax,
        "Octopus.Action.Script.ScriptBody": "echo #{Web.Port}"}});
    for (key, value) in more.as_object().expect("an object") {
        if key == "Properties" {
            for (name, value) in value.as_object().expect("an object") {
                action["Properties"][name] = value.clone();
            }
        } else {
            action[key] = value.clone();
        }
    }
    serde_json::json!({"Name": name, "Actions": [action]})
}

fn plan(steps: &[Step], skipped: &[String], pools: &[Pool]) -> Result<Plan, Refused> {
    plan_for(steps, skipped, pools, &[], &Scripts::default())
}

fn plan_for(
    steps: &[Step],
    skipped: &[String],
    pools: &[Pool],
    targets: &[TargetUse],
    health_scripts: &Scripts,
) -> Result<Plan, Refused> {
    let policy = "schema = 1\nname = \"api\"\n[variables]\nread = [\"Web.*\", \"Token\"]\n[[network]]\nhost = \"api.example.com\"\nports = [443]\nscheme = \"https\"\nmethods = [\"GET\"]\npaths = [\"/**\"]\n";
    let policies =
        PolicySet::parse(&[("api.toml".into(), policy.into())], DEFAULT).expect("policies");
    let variable = |name: &str, is_sensitive: bool| Variable {
        name: name.into(),
        value: (!is_sensitive).then(|| "8080".into()),
        is_sensitive,
        ..Variable::default()
    };
    build(Inputs {
        steps,
        variables: &[
            variable("Web.Port", false),
            variable("Token", true),
            variable("Other", false),
        ],
        environment_id: "Environments-1",
        channel_id: "Channels-1",
        process_owner_id: "Projects-1",
        tenant_tags: &[],
        skipped,
        policies: &policies,
        project_policy: None,
        pools,
        team_ids: &[],
        is_built_in_enabled: true,
        is_smtp_configured: false,
        native_account: None,
        landlock: super::Landlock::Absent,
        unheld: super::Unheld::Refused,
        drop_directories: &[],
        targets,
        health_scripts,
        may_have_no_targets: false,
        certificates: &[],
        packages: &[],
        facts: BTreeMap::new(),
    })
}

/// A digest changes with every comment in a policy file.
fn without_digests(plan: &Plan) -> String {
    let mut text = plan.to_string();
    for record in plan.policies.values() {
        text = text.replace(&record.grants.policy.digest.to_string(), "DIGEST");
    }
    text
}

#[test]
fn a_plan_says_everything_but_values() {
    let api = serde_json::json!({"Properties": {"Seawall.Policy": "api", "Octopus.Action.AutoRetry.MaximumCount": "2",
        "Octopus.Action.ExecutionTimeout.Minutes": "5"}});
    let elsewhere = serde_json::json!({"Environments": ["Environments-2"]});
    let mut list = vec![
        script("Build", "Bash", serde_json::json!({})),
        script("Call", "Python", api),
        script("Elsewhere", "Bash", elsewhere),
    ];
    list.push(serde_json::json!({"Name": "Approve", "Condition": "Always", "Actions": [{"Id": "m", "Name": "Approve",
        "ActionType": "Octopus.Manual", "Properties": {"Octopus.Action.Manual.Instructions": "Look at #{Web.Port}"}}]}));
    list[1]["StartTrigger"] = "StartWithPrevious".into();
    let plan = plan(&steps(list.into()), &[], &[]).expect("a plan");
    insta::assert_snapshot!(without_digests(&plan));
    let json = serde_json::to_string(&plan).expect("JSON");
    assert!(!json.contains("8080"), "a value is in the plan");
    assert_eq!(
        serde_json::from_str::<Plan>(&json).expect("the same plan"),
        plan
    );
}

#[test]
fn everything_that_stands_in_the_way_is_said_at_once() {
    let required = serde_json::json!({"IsRequired": true});
    let on_target = serde_json::json!({"Properties": {"Octopus.Action.RunOnServer": "False"}});
    let list = serde_json::json!([
        script("A", "CSharp", serde_json::json!({})),
        script(
            "B",
            "Bash",
            serde_json::json!({"Properties": {"Seawall.Policy": "nobody"}})
        ),
        script("C", "Bash", required),
        script("D", "Bash", on_target),
        script(
            "E",
            "Bash",
            serde_json::json!({"WorkerPoolId": "WorkerPools-2"})
        ),
        script(
            "F",
            "Bash",
            serde_json::json!({"ActionType": "Octopus.Email"})
        ),
        script(
            "G",
            "Bash",
            serde_json::json!({"Properties": {"Octopus.Action.Script.ScriptSource": "Package"}})
        ),
    ]);
    let pool = Pool {
        id: "WorkerPools-2".into(),
        name: "Build".into(),
        is_default: false,
        n_workers: 1,
        ..Pool::default()
    };
    let refused = plan(&steps(list), &["C".into(), "Z".into()], &[pool]).expect_err("refused");
    insta::assert_snapshot!(refused.to_string());
}

#[test]
fn a_full_check_is_a_connection_and_a_script_for_each_machine_that_has_one() {
    let script = serde_json::json!({ "RunType": "Inline", "ScriptBody": "true" });
    let policy = serde_json::json!({ "Id": "looks", "MachineHealthCheckPolicy": { "BashHealthCheckPolicy": script } });
    let scripts = Scripts::of_policies(&[serde_json::from_value(policy).expect("a policy")]);
    let target = |name: &str, policy: &str, endpoint: serde_json::Value| {
        let target = serde_json::json!({ "Id": name, "Name": name, "MachinePolicyId": policy, "Endpoint": endpoint });
        TargetUse::of(&serde_json::from_value(target).expect("a target")).expect("a kind")
    };
    let region = || serde_json::json!({ "CommunicationStyle": "None" });
    let fingerprint = format!("SHA256:{}", "a".repeat(43));
    let ssh = serde_json::json!({ "CommunicationStyle": "Ssh", "Host": "h", "AccountId": "Accounts-1", "Fingerprint": fingerprint });
    let targets = [
        target("eu", "looks", region()),
        target("far", "looks", ssh),
        target("us", "other", region()),
    ];
    let check = |kind: &str| {
        let action = serde_json::json!({ "Id": "c", "Name": "Check", "ActionType": "Octopus.HealthCheck",
            "Properties": { "Octopus.Action.HealthCheck.Type": kind } });
        let steps = steps(serde_json::json!([{ "Name": "Check", "Actions": [action] }]));
        plan_for(&steps, &[], &[], &targets, &scripts).expect("a plan")
    };
    insta::assert_snapshot!(without_digests(&check("FullHealthCheck")));
    // The twin: a test of connections has no scripts.
    let connections = check("ConnectionTest");
    assert_eq!(connections.entries.len(), 1);
    assert!(connections.policies.is_empty());
}
