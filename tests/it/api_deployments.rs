//! Claims about releases and deployments: real scripts, run by the server's built-in worker.

use serde_json::{Value, json};

use super::deploying::{Deploying, manual, script};

/// The statuses of a task's steps, by name.
fn statuses(web: &Deploying, task_id: &str) -> Vec<String> {
    let details = web.server.get(&format!("/api/tasks/{task_id}/details"));
    let steps = details["ActivityLogs"][0]["Children"].as_array().cloned();
    let status = |step: &Value| {
        let text = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
        format!("{}={}", text("Name"), text("Status"))
    };
    steps.unwrap_or_default().iter().map(status).collect()
}

#[test]
fn three_languages_pass_output_variables_on_and_secrets_stay_hidden() {
    let web = Deploying::new(&[
        script(
            "Shell",
            "Bash",
            "echo \"to #{Octopus.Environment.Name} with #{Token}\"\nset_octopusvariable Url https://example.com/$((6*7))\nset_octopusvariable Pin 92837465 -sensitive",
        ),
        script(
            "Python",
            "Python",
            "print('url', '#{Octopus.Action[Shell].Output.Url}')\nprint('pin', '#{Octopus.Action[Shell].Output.Pin}')",
        ),
        script(
            "JavaScript",
            "JavaScript",
            "console.log('release', '#{Octopus.Release.Number}', 'deployment', '#{Octopus.Deployment.Id}')",
        ),
    ]);
    web.set_variables(&[("Token", "hunter2-hunter2", json!({ "IsSensitive": true }))]);
    let release = web.release("1.0.0");
    assert_eq!(release["ReleaseVersion"], "1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    let task = web.wait(&task_id);
    let log = web.log(&task_id);
    assert_eq!(task["State"], "Success", "{log}");
    assert_eq!(task["FinishedSuccessfully"], true);
    assert!(log.contains("to Dev with ********"), "{log}");
    assert!(log.contains("url https://example.com/42"), "{log}");
    assert!(log.contains("pin ********"), "{log}");
    assert!(
        log.contains("release 1.0.0 deployment Deployments-1"),
        "{log}"
    );
    let details = web.server.get(&format!("/api/tasks/{task_id}/details"));
    for text in [details.to_string(), log] {
        assert!(!text.contains("hunter2") && !text.contains("92837465"));
    }
    assert_eq!(
        statuses(&web, &task_id),
        [
            "Step 1: Shell=Success",
            "Step 2: Python=Success",
            "Step 3: JavaScript=Success"
        ]
    );
    let receipt = web
        .server
        .get(&format!("/api/Spaces-1/tasks/{task_id}/receipt"));
    let steps = receipt["Steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 3);
    assert_eq!(steps[0]["Ending"]["ending"], "exited");
    assert_eq!(steps[0]["Policy"]["Name"], "default");
    assert!(
        steps[0]["Policy"]["Text"]
            .as_str()
            .is_some_and(|text| text.contains("schema = 1"))
    );
}

#[test]
fn a_release_stays_as_it_was_frozen() {
    let web = Deploying::new(&[script("Say", "Bash", "echo old-process #{Word}")]);
    web.set_variables(&[("Word", "old-word", json!({}))]);
    web.release("1.0.0");
    web.set_steps(&[script("Say", "Bash", "echo new-process #{Word}")]);
    web.set_variables(&[("Word", "new-word", json!({}))]);
    web.release("1.0.1");
    let deployed = |version: &str, more: Value| {
        let task_id = web.deploy_with(version, "Dev", more);
        web.wait(&task_id);
        web.log(&task_id)
    };
    assert!(deployed("1.0.0", json!({})).contains("old-process old-word"));
    assert!(deployed("1.0.1", json!({})).contains("new-process new-word"));
    let refreshed = deployed("1.0.0", json!({ "updateVariableSnapshot": true }));
    assert!(refreshed.contains("old-process new-word"), "{refreshed}");
}

#[test]
fn a_deployment_follows_the_phases_of_the_lifecycle() {
    let web = Deploying::new(&[script("Say", "Bash", "echo hello")]);
    let environments = web.server.get("/api/environments/all");
    let phase = |index: usize| {
        let environment = &environments[index];
        json!({ "Name": environment["Name"], "OptionalDeploymentTargets": [environment["Id"]] })
    };
    web.release("1.0.0");
    for phases in [json!([]), json!([phase(0), phase(1)])] {
        let mut lifecycle = web.server.get("/api/lifecycles/Lifecycles-1");
        lifecycle["Phases"] = phases;
        web.server.put("/api/lifecycles/Lifecycles-1", lifecycle);
        let command = json!({ "ProjectName": "Web", "ReleaseVersion": "1.0.0", "EnvironmentNames": ["Prod"] });
        let path = "/api/Spaces-1/deployments/create/untenanted/v1";
        web.server.ask("POST", path, Some(command)).expect(400);
    }
    let errors = web.refused("1.0.0", "Prod");
    assert!(
        errors.contains("wants this release in the phase `Dev` first"),
        "{errors}"
    );
    assert_eq!(web.server.get("/api/deployments")["TotalResults"], 0);
    assert_eq!(web.wait(&web.deploy("1.0.0", "Dev"))["State"], "Success");
    assert_eq!(web.wait(&web.deploy("1.0.0", "Prod"))["State"], "Success");
}

#[test]
fn a_failed_step_skips_what_follows_but_for_those_that_ask_for_it() {
    let with = |mut step: Value, condition: &str| {
        step["Condition"] = condition.into();
        step
    };
    let mut maybe = with(script("Maybe", "Bash", "echo maybe"), "Variable");
    maybe["Properties"] = json!({ "Octopus.Step.ConditionVariableExpression": "#{Wanted}" });
    let web = Deploying::new(&[
        maybe,
        script(
            "Fail",
            "Bash",
            "echo about to fail\nfail_step \"the disk is full\"",
        ),
        script("After", "Bash", "echo never"),
        with(script("Clean", "Bash", "echo cleaned"), "Always"),
        with(script("Tell", "Python", "print('told')"), "Failure"),
    ]);
    web.set_variables(&[("Wanted", "False", json!({}))]);
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    let task = web.wait(&task_id);
    assert_eq!(task["State"], "Failed");
    assert_eq!(
        task["ErrorMessage"],
        "The step `Fail` failed: the disk is full"
    );
    assert_eq!(
        statuses(&web, &task_id),
        [
            "Step 1: Maybe=Skipped",
            "Step 2: Fail=Failed",
            "Step 3: After=Skipped",
            "Step 4: Clean=Success",
            "Step 5: Tell=Success"
        ]
    );
}

#[test]
fn a_person_says_whether_it_goes_on() {
    let web = Deploying::new(&[
        script("Build", "Bash", "set_octopusvariable Size 12"),
        manual(
            "Approve",
            "Is #{Octopus.Action[Build].Output.Size} MB fine for #{Octopus.Environment.Name}?",
        ),
        script(
            "Go",
            "Bash",
            "echo \"notes: #{Octopus.Action[Approve].Output.Manual.Notes}\"",
        ),
    ]);
    web.release("1.0.0");
    for (result, state) in [("Proceed", "Success"), ("Abort", "Failed")] {
        let task_id = web.deploy("1.0.0", "Dev");
        let question = web.question(&task_id);
        let paused = web.server.get(&format!("/api/tasks/{task_id}"));
        assert_eq!(
            (&paused["State"], &paused["IsPaused"]),
            (&json!("Executing"), &json!(true))
        );
        assert_eq!(question["Type"], "ManualIntervention");
        assert_eq!(
            question["Form"]["Values"]["Instructions"],
            "Is 12 MB fine for Dev?"
        );
        let path = question["Links"]["Responsible"].as_str().expect("a link");
        web.server.put(path, json!({}));
        let path = question["Links"]["Submit"].as_str().expect("a link");
        let wrong = web
            .server
            .ask("POST", path, Some(json!({ "Result": "Maybe" })));
        wrong.expect(400);
        let answer = json!({ "Result": result, "Notes": "looks good" });
        web.server
            .ask("POST", path, Some(answer.clone()))
            .expect(200);
        web.server.ask("POST", path, Some(answer)).expect(409);
        assert_eq!(web.wait(&task_id)["State"], state);
        assert_eq!(
            web.log(&task_id).contains("notes: looks good"),
            result == "Proceed"
        );
    }
}

#[test]
fn guided_failure_asks_and_a_retry_runs_the_step_again() {
    let body = "if [ \"#{Octopus.Action[Flaky].Output.Tried}\" = yes ]; then echo second; else set_octopusvariable Tried yes; exit 3; fi";
    let web = Deploying::new(&[script("Flaky", "Bash", body)]);
    web.release("1.0.0");
    let task_id = web.deploy_with("1.0.0", "Dev", json!({ "useGuidedFailure": true }));
    let question = web.question(&task_id);
    assert_eq!(question["Type"], "GuidedFailure");
    let path = question["Links"]["Submit"].as_str().expect("a link");
    web.server
        .ask("POST", path, Some(json!({ "Guidance": "Retry" })))
        .expect(200);
    let task = web.wait(&task_id);
    let log = web.log(&task_id);
    assert_eq!(task["State"], "Success", "{log}");
    assert!(
        log.contains("exit code 3") && log.contains("second"),
        "{log}"
    );
}

#[test]
fn a_script_that_never_ends_is_stopped_and_the_next_deployment_starts() {
    let web = Deploying::new(&[script(
        "Loop",
        "Bash",
        "echo started\nif [ #{Octopus.Release.Number} = 1.0.0 ]; then while :; do :; done; fi",
    )]);
    web.release("1.0.0");
    web.release("1.0.1");
    let first = web.deploy("1.0.0", "Dev");
    let second = web.deploy("1.0.1", "Dev");
    web.wait_for_text(&first, "started");
    // One project and environment: the second waits for the first.
    assert_eq!(
        web.server.get(&format!("/api/tasks/{second}"))["State"],
        "Queued"
    );
    let asked = std::time::Instant::now();
    web.cancel(&first);
    let task = web.wait(&first);
    assert_eq!(task["State"], "Canceled");
    assert!(
        asked.elapsed().as_secs() < 10,
        "it took {:?}",
        asked.elapsed()
    );
    assert_eq!(web.wait(&second)["State"], "Success");
}

#[test]
fn a_queued_task_is_cancelled_before_it_starts_and_unknown_tasks_are_none() {
    let web = Deploying::new(&[script("Say", "Bash", "echo hello")]);
    web.release("1.0.0");
    let later = json!({ "runAt": "2099-01-01T00:00:00Z" });
    let task_id = web.deploy_with("1.0.0", "Dev", later);
    let task = web.server.get(&format!("/api/tasks/{task_id}"));
    assert_eq!(task["State"], "Queued");
    web.server
        .ask(
            "POST",
            &format!("/api/tasks/{task_id}/cancel"),
            Some(json!({})),
        )
        .expect(200);
    assert_eq!(web.wait(&task_id)["State"], "Canceled");
    let unknown = web
        .server
        .get("/api/Spaces-1/tasks?ids=ServerTasks-99999&skip=0&take=300");
    assert_eq!(unknown["Items"], json!([]));
    let known = web
        .server
        .get(&format!("/api/Spaces-1/tasks?ids={task_id}"));
    assert_eq!(known["Items"][0]["Id"], task_id.as_str());
}

#[test]
fn prompted_variables_need_answers_and_sensitive_ones_are_not_shown() {
    let web = Deploying::new(&[script("Say", "Bash", "echo \"#{Who} #{Pin}\"")]);
    web.set_variables(&[
        (
            "Who",
            "",
            json!({ "Prompt": { "Label": "Who?", "Required": true } }),
        ),
        (
            "Pin",
            "none-yet",
            json!({ "IsSensitive": true, "Prompt": { "Label": "Pin" } }),
        ),
    ]);
    web.release("1.0.0");
    let refused = web.refused("1.0.0", "Dev");
    assert!(refused.contains("`Who` needs a value"), "{refused}");
    let answers = json!({ "variables": { "Who": "me", "Pin": "55443322", "Other": "x" } });
    let task_id = web.deploy_with("1.0.0", "Dev", answers);
    let log = web.succeeded(&task_id);
    assert!(log.contains("me ********"), "{log}");
    assert!(log.contains("not used: Other"), "{log}");
    let deployment = web.server.get("/api/deployments")["Items"][0].take();
    assert_eq!(deployment["FormValues"]["Who"], "me");
    assert!(!deployment.to_string().contains("55443322"));
}

#[test]
fn a_plan_says_everything_and_runs_nothing() {
    let web = Deploying::new(&[
        script("Say", "Python", "print('hello')"),
        script("Wrong", "Fortran", "PRINT *, 'hello'"),
    ]);
    web.release("1.0.0");
    let command = |skip: Value| json!({ "ProjectName": "Web", "ReleaseVersion": "1.0.0", "EnvironmentNames": ["Dev"], "SkipStepNames": skip });
    let path = "/api/Spaces-1/deployments/plan";
    let refused = web
        .server
        .ask("POST", path, Some(command(json!([]))))
        .expect(400);
    assert!(
        refused["Errors"].to_string().contains("no interpreter for"),
        "{refused}"
    );
    let planned = web
        .server
        .ask("POST", path, Some(command(json!(["Wrong"]))))
        .expect(200);
    let text = planned["Plans"][0]["Text"].as_str().expect("text");
    assert!(
        text.contains("what      Python script") && text.contains("confined  sandbox"),
        "{text}"
    );
    assert!(
        text.contains("skipped   somebody asked to skip it"),
        "{text}"
    );
    assert_eq!(web.server.get("/api/tasks")["TotalResults"], 0);
}

#[test]
fn a_step_that_was_running_when_the_server_was_killed_asks_or_is_tried_again() {
    let body = "echo started\nif [ \"#{Octopus.Action[Loop].Output.Tried}\" != yes ]; then set_octopusvariable Tried yes; echo waiting; while :; do :; done; fi\necho finished";
    for (is_repeatable, asks) in [("False", true), ("True", false)] {
        let mut step = script("Loop", "Bash", body);
        step["Actions"][0]["Properties"]["Seawall.Repeatable"] = is_repeatable.into();
        let mut web = Deploying::new(&[script("Before", "Bash", "echo before"), step]);
        web.release("1.0.0");
        let task_id = web.deploy("1.0.0", "Dev");
        web.wait_for_text(&task_id, "waiting");
        web.server.signal_kill();
        web.start_again();
        if asks {
            let question = web.question(&task_id);
            let path = question["Links"]["Submit"].as_str().expect("a link");
            web.server
                .ask("POST", path, Some(json!({ "Guidance": "Retry" })))
                .expect(200);
        }
        let task = web.wait(&task_id);
        let log = web.log(&task_id);
        assert_eq!(task["State"], "Success", "{log}");
        assert_eq!(
            log.matches("|   before").count(),
            1,
            "a finished step runs once: {log}"
        );
        assert!(
            log.contains("nobody knows how far it came") && log.contains("finished"),
            "{log}"
        );
    }
}

#[test]
fn a_log_is_streamed_as_events_until_the_task_is_over() {
    let web = Deploying::new(&[script(
        "Say",
        "Bash",
        "echo one\necho two >&2\nwrite_highlight three",
    )]);
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    let stream = web.server.get(&format!("/api/tasks/{task_id}/log/stream"));
    let stream = stream.as_str().expect("text");
    let categories: Vec<&str> = ["Info", "Error", "Highlight"]
        .into_iter()
        .filter(|category| stream.contains(&format!("\"Category\":\"{category}\"")))
        .collect();
    assert_eq!(categories, ["Info", "Error", "Highlight"], "{stream}");
    assert!(
        stream.contains("event: end") && stream.contains("\"State\":\"Success\""),
        "{stream}"
    );
}

#[test]
fn a_runbook_runs_what_was_published() {
    let web = Deploying::new(&[]);
    let path = format!("/api/Spaces-1/projects/{}/runbooks", web.project_id());
    let runbook = web.server.post(&path, json!({ "Name": "Restart" }));
    let id = runbook["Id"].as_str().expect("an id");
    let process_path = format!(
        "/api/Spaces-1/projects/{}/runbookProcesses/{}",
        web.project_id(),
        runbook["RunbookProcessId"].as_str().expect("an id")
    );
    let set = |body: &str| {
        let mut process = web.server.get(&process_path);
        process["Steps"] = json!([script("Say", "Bash", body)]);
        web.server.put(&process_path, process);
    };
    set("echo first of #{Octopus.Runbook.Name}");
    let command = json!({ "projectName": "Web", "runbookName": "Restart", "environmentNames": ["Dev", "Prod"] });
    let run = "/api/Spaces-1/runbook-runs/create/v1";
    let refused = web
        .server
        .ask("POST", run, Some(command.clone()))
        .expect(400);
    assert!(
        refused["Errors"]
            .to_string()
            .contains("no published snapshot"),
        "{refused}"
    );
    web.server.post(
        "/api/Spaces-1/runbookSnapshots?publish=true",
        json!({ "ProjectId": web.project_id(), "RunbookId": id, "Name": "One" }),
    );
    set("echo second");
    let made = web.server.post(run, command);
    let tasks = made["RunbookRunServerTasks"].as_array().expect("tasks");
    assert_eq!(tasks.len(), 2);
    for task in tasks {
        let task_id = task["ServerTaskId"].as_str().expect("an id");
        assert_eq!(web.wait(task_id)["State"], "Success");
        assert!(web.log(task_id).contains("first of Restart"));
    }
    let runs = web.server.get(&format!(
        "/api/Spaces-1/runbookRuns?runbooks={id}&taskState=Success"
    ));
    assert_eq!(runs["TotalResults"], 2, "{runs:#}");
}

#[test]
fn who_may_deploy_to_one_environment_deploys_to_no_other() {
    let web = Deploying::new(&[script("Say", "Bash", "echo hello")]);
    web.release("1.0.0");
    let user = web.server.post(
        "/api/users",
        json!({ "Username": "dora", "DisplayName": "Dora" }),
    );
    let user_id = user["Id"].as_str().expect("an id");
    let team = web.server.post(
        "/api/teams",
        json!({ "Name": "Deployers", "MemberUserIds": [user_id], "SpaceId": "Spaces-1" }),
    );
    let environments = web.server.get("/api/environments/all");
    web.server.post(
        "/api/scopeduserroles",
        json!({ "TeamId": team["Id"], "UserRoleId": "userroles-projectdeployer", "SpaceId": "Spaces-1",
            "EnvironmentIds": [environments[0]["Id"]] }),
    );
    let key = web.server.post(
        &format!("/api/users/{user_id}/apikeys"),
        json!({ "Purpose": "test" }),
    );
    let key = key["ApiKey"].as_str().expect("a key");
    let path = "/api/Spaces-1/deployments/create/untenanted/v1";
    let ask = |environment: &str| {
        let command = json!({ "ProjectName": "Web", "ReleaseVersion": "1.0.0", "EnvironmentNames": [environment] });
        web.server.ask_as(key, "POST", path, Some(command))
    };
    let refused = ask("Prod");
    assert!(
        refused.status == 403 || refused.status == 404,
        "{}",
        refused.body
    );
    let made = ask("Dev").expect(201);
    let task_id = made["DeploymentServerTasks"][0]["ServerTaskId"]
        .as_str()
        .expect("an id");
    assert_eq!(web.wait(task_id)["State"], "Success");
    let prod = web.deploy("1.0.0", "Prod");
    web.wait(&prod);
    web.server
        .ask_as(key, "GET", &format!("/api/tasks/{prod}"), None)
        .expect(404);
    web.server
        .ask_as(key, "GET", &format!("/api/tasks/{task_id}"), None)
        .expect(200);
    let listed = web
        .server
        .ask_as(key, "GET", "/api/tasks", None)
        .expect(200);
    assert_eq!(listed["TotalResults"], 1, "{listed:#}");
}

#[test]
fn nothing_runs_on_a_server_whose_built_in_worker_is_switched_off() {
    let web = Deploying::new(&[script("Say", "Bash", "echo hello")]);
    web.release("1.0.0");
    let switch = |is_on: bool| {
        let body = json!({ "IsBuiltInWorkerEnabled": is_on });
        web.server.put("/api/featuresconfiguration", body);
        assert_eq!(
            web.server.get("/api/featuresconfiguration")["IsBuiltInWorkerEnabled"],
            is_on
        );
    };
    switch(false);
    let refused = web.refused("1.0.0", "Dev");
    assert!(refused.contains("switched off"), "{refused}");
    switch(true);
    assert_eq!(web.wait(&web.deploy("1.0.0", "Dev"))["State"], "Success");
}

#[test]
fn no_link_of_the_root_leads_nowhere() {
    let web = Deploying::new(&[]);
    for root in ["/api", "/api/Spaces-1"] {
        let links = web.server.get(root)["Links"].take();
        for (name, link) in links.as_object().expect("links") {
            // What is optional in a template is left out.
            let link = link.as_str().expect("text");
            let mut path = String::new();
            let mut depth = 0;
            for c in link.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    c if depth == 0 => path.push(c),
                    _ => {}
                }
            }
            let answer = web.server.ask("GET", &path, None);
            let is_only_for_ids = name == "Variables";
            assert!(
                answer.status != 404 || is_only_for_ids,
                "{name}: {path}: {}",
                answer.body
            );
        }
    }
}

#[test]
fn a_powershell_step_runs_in_the_sandbox_with_octopuss_helpers() {
    let body = r#"
$ErrorActionPreference = 'Stop'
Write-Host "Hello from $($OctopusParameters['Octopus.Environment.Name'])"
$services = @(
    [pscustomobject]@{ Name = 'web'; Port = 8080 }
    [pscustomobject]@{ Name = 'api'; Port = 9090 }
)
$services | Where-Object { $_.Port -gt 9000 } | ForEach-Object { Write-Host ("{0} listens on {1}" -f $_.Name, $_.Port) }
Set-OctopusVariable -Name 'Made' -Value ('a','b','c' -join '-')
Write-Warning 'careful'
try { Get-Content '/etc/shadow' } catch { Write-Host 'refused' }
"#;
    let later =
        "Write-Host '#{Octopus.Action[First].Output.Made}'\nif ($true) { throw 'on purpose' }";
    let web = Deploying::new(&[
        script("First", "PowerShell", body),
        script("Later", "PowerShell", later),
    ]);
    let policy = "schema = 1\nname = \"default\"\n[variables]\nread = [\"Octopus.**\", \"Octopus.Environment.*\"]\n";
    web.server
        .put("/api/policies/default", json!({ "Text": policy }));
    web.release("1.0.0");
    let task_id = web.deploy("1.0.0", "Dev");
    assert_eq!(web.wait(&task_id)["State"], "Failed");
    let log = web.log(&task_id);
    for line in [
        "Hello from Dev",
        "api listens on 9090",
        "Warning  |   careful",
        "refused",
        "a-b-c",
        "on purpose",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    // What the guest doesn't have is refused by name, before anything of the script runs.
    web.set_steps(&[script(
        "Odd",
        "PowerShell",
        "Write-Host 'begun'\nGet-Wombat -Fast",
    )]);
    web.release("1.0.1");
    let task_id = web.deploy("1.0.1", "Dev");
    assert_eq!(web.wait(&task_id)["State"], "Failed");
    let log = web.log(&task_id);
    assert!(
        log.contains("Get-Wombat") && !log.contains("begun"),
        "{log}"
    );
}
