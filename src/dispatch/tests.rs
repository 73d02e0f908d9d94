//! Decisions, as tables: what jobs are like, and what is done about it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::decide::{After, AttemptEnd, Move, View, admit, after, decide};
use super::placing::is_placed_at_once;
use crate::model::interruption::{Answer, Question};
use crate::model::step::{StartTrigger, StepCondition};
use crate::model::task::{Job, JobState, Task, TaskState};
use crate::plan::own::{CheckScripts, HealthCheck, OnProblems};
use crate::plan::targets::TargetUse;
use crate::plan::{
    CheckTime, Confined, Entry, Isolation, Landlock, Location, PackageUse, PoolUse, Retries,
    Syntax, Work,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn task(state: TaskState) -> Task {
    Task {
        id: "ServerTasks-1".into(),
        space_id: "Spaces-1".into(),
        name: "Deploy".into(),
        description: String::new(),
        state,
        is_cancel_asked: false,
        project_id: "Projects-1".into(),
        environment_id: "Environments-1".into(),
        tenant_id: None,
        subject_id: "Deployments-1".into(),
        release_id: "Releases-1".into(),
        variable_set_id: "variableset-Projects-1-s-1".into(),
        concurrency_key: "Projects-1/Environments-1".into(),
        queue_time: NOW,
        queue_expiry: None,
        start_time: None,
        completed_time: None,
        error_message: String::new(),
        has_warnings_or_errors: false,
        is_guided: false,
        is_asking: false,
        generation: 1,
    }
}

/// `1`, `2|` (beside the one before), `3f` (on failure), `4a` (always), `5r` (repeatable, one retry).
fn entry(text: &str) -> Entry {
    let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let has = |flag| text.contains(flag);
    Entry {
        step_number: number.parse().expect("a number"),
        step_name: number.into(),
        action_id: text.into(),
        action_name: text.into(),
        condition: match () {
            () if has('f') => StepCondition::Failure,
            () if has('a') => StepCondition::Always,
            () => StepCondition::Success,
        },
        expression: String::new(),
        action_expression: None,
        start_trigger: if has('|') {
            StartTrigger::StartWithPrevious
        } else {
            StartTrigger::StartAfterPrevious
        },
        location: Location::Server,
        work: Work::Nothing,
        target: None,
        window: 1,
        is_required: false,
        judges: None,
        variables: Vec::new(),
        packages: Vec::new(),
        retries: Retries {
            maximum: u32::from(has('r')),
            backoff_seconds: 10,
        },
        is_repeatable: has('r'),
        timeout_minutes: None,
        check_time: CheckTime::default(),
        fails_on_error_output: false,
        skip: has('x').then(|| "it is disabled".to_owned()),
    }
}

fn job(index: usize, state: JobState) -> Job {
    Job {
        task_id: "ServerTasks-1".into(),
        index: u32::try_from(index).expect("few"),
        state,
        attempts: 1,
        started: None,
        ended: None,
        generation: 1,
    }
}

fn state(letter: char) -> JobState {
    match letter {
        'w' => JobState::Waiting,
        'R' => JobState::Running,
        's' => JobState::Succeeded,
        'f' => JobState::Failed {
            message: "no".into(),
        },
        'L' => JobState::Lost,
        '?' => JobState::Asking {
            interruption_id: "I".into(),
        },
        'i' => JobState::Ignored {
            message: "no".into(),
        },
        'k' => JobState::Skipped { reason: "k".into() },
        't' => JobState::TimedOut,
        'd' => JobState::Retrying {
            not_before: NOW + SignedDuration::from_secs(5),
        },
        other => panic!("{other}?"),
    }
}

fn moves(entries: &str, states: &str, task: &Task, answer: Option<Answer>) -> Vec<String> {
    let entries: Vec<Entry> = entries.split_whitespace().map(entry).collect();
    let jobs: Vec<Job> = states
        .chars()
        .enumerate()
        .map(|(index, letter)| job(index, state(letter)))
        .collect();
    let answers: BTreeMap<_, _> = answer
        .map(|answer| ("I".to_owned(), (answer, "asked".to_owned())))
        .into_iter()
        .collect();
    let view = View {
        task,
        entries: &entries,
        jobs: &jobs,
        answers: &answers,
    };
    decide(&view, NOW)
        .into_iter()
        .map(|one| word(&one))
        .collect()
}

fn word(one: &Move) -> String {
    match one {
        Move::Become(state) => state.as_str().to_owned(),
        Move::Start(index) => format!("start {index}"),
        Move::Stop(index) => format!("stop {index}"),
        Move::Ask {
            index, question, ..
        } => format!("ask {index} {}", question.as_str()),
        Move::Set { index, state } => {
            let state = format!("{state:?}");
            let name = state
                .split([' ', '{'])
                .next()
                .unwrap_or_default()
                .to_owned();
            format!("{index} {name}")
        }
        Move::End { state, .. } => format!("end {}", state.as_str()),
    }
}

#[test]
fn steps_follow_each_other_as_their_conditions_say() {
    let task = task(TaskState::Executing);
    for (entries, states, expected) in [
        ("1 2 3", "www", "start 0"),
        ("1 2 3", "Rww", ""),
        ("1 2 3", "sww", "start 1"),
        ("1 2 3", "sss", "end Success"),
        // Side by side.
        ("1 2| 3", "www", "start 0, start 1"),
        ("1 2| 3", "sRw", ""),
        ("1 2| 3", "ssw", "start 2"),
        // A failure among siblings doesn't stop the sibling.
        ("1 2| 3", "fRw", ""),
        ("1 2| 3", "fsw", "2 Skipped, end Failed"),
        // Conditions.
        ("1 2 3a", "fww", "1 Skipped, start 2"),
        ("1 2f 3", "fww", "start 1"),
        ("1 2f 3", "sww", "1 Skipped, start 2"),
        ("1 2f", "fs", "end Failed"),
        ("1 2", "iw", "start 1"),
        ("1 2", "ts", "end TimedOut"),
        ("1x 2", "ww", "0 Skipped, start 1"),
        ("1x", "w", "0 Skipped, end Success"),
        // Actions of one step follow each other, and stop at the first failure.
        ("1 1 2", "sww", "start 1"),
        ("1 1 2a", "fww", "1 Skipped, start 2"),
        // Retries wait for their time.
        ("1r 2", "dw", ""),
        // Lost: again if it may be, else a person says.
        ("1r 2", "Lw", "start 0"),
        ("1 2", "Lw", "ask 0 GuidedFailure"),
    ] {
        assert_eq!(
            moves(entries, states, &task, None).join(", "),
            expected,
            "{entries} {states}"
        );
    }
}

#[test]
fn a_person_decides() {
    let executing = task(TaskState::Executing);
    assert_eq!(moves("1 2", "?w", &executing, None), ["Paused"]);
    let paused = task(TaskState::Paused);
    for (answer, expected) in [
        (None, ""),
        (Some(Answer::Proceed), "0 Succeeded, start 1, Executing"),
        (Some(Answer::Ignore), "0 Ignored, start 1, Executing"),
        (Some(Answer::Retry), "0 Retrying, start 0, Executing"),
        (
            Some(Answer::Abort),
            "0 Failed, 1 Skipped, Executing, end Failed",
        ),
        (
            Some(Answer::Fail),
            "0 Failed, 1 Skipped, Executing, end Failed",
        ),
    ] {
        assert_eq!(
            moves("1 2", "?w", &paused, answer).join(", "),
            expected,
            "{answer:?}"
        );
    }
}

#[test]
fn cancelling_stops_what_runs_and_ends_when_nothing_does() {
    let mut task = task(TaskState::Executing);
    task.is_cancel_asked = true;
    assert_eq!(
        moves("1 2| 3", "R?w", &task, None),
        ["Cancelling", "stop 0", "1 Canceled", "2 Canceled"]
    );
    task.state = TaskState::Cancelling;
    assert_eq!(
        moves("1 2", "sw", &task, None),
        ["1 Canceled", "end Canceled"]
    );
}

#[test]
fn a_failed_attempt_is_retried_then_asked_about_then_final() {
    let failed = || AttemptEnd::Failed {
        message: "no".into(),
    };
    let retrying = JobState::Retrying {
        not_before: NOW + SignedDuration::from_secs(10),
    };
    assert_eq!(
        after(&entry("1r"), 1, failed(), true, NOW),
        After::Is(retrying)
    );
    assert_eq!(
        after(&entry("1r"), 2, failed(), true, NOW),
        After::Ask("no".into())
    );
    assert_eq!(
        after(&entry("1r"), 2, failed(), false, NOW),
        After::Is(state('f'))
    );
    assert_eq!(
        after(&entry("1"), 1, AttemptEnd::TimedOut, false, NOW),
        After::Is(JobState::TimedOut)
    );
    assert_eq!(
        after(&entry("1r"), 1, AttemptEnd::Canceled, true, NOW),
        After::Is(JobState::Canceled)
    );
}

#[test]
fn one_deployment_per_project_and_environment_at_a_time() {
    let named = |id: &str, key: &str| Task {
        id: id.into(),
        concurrency_key: key.into(),
        ..task(TaskState::Queued)
    };
    let admitted = |queued: &[Task], open: &[Task], capacity| -> Vec<String> {
        let admissions = admit(queued, open, capacity, NOW);
        admissions
            .iter()
            .map(|one| format!("{} {}", one.task.id, one.state.as_str()))
            .collect()
    };
    let queued = [named("a", "x"), named("b", "x"), named("c", "y")];
    assert_eq!(admitted(&queued, &[], 5), ["a Executing", "c Executing"]);
    assert_eq!(admitted(&queued, &[], 1), ["a Executing"]);
    let mut paused = named("o", "x");
    paused.state = TaskState::Paused;
    assert_eq!(admitted(&queued, &[paused], 1), ["c Executing"]);
    let mut later = named("l", "z");
    later.queue_time = NOW + SignedDuration::from_secs(1);
    assert!(admitted(&[later.clone()], &[], 5).is_empty());
    later.queue_expiry = Some(NOW);
    assert_eq!(admitted(&[later.clone()], &[], 5), ["l TimedOut"]);
    later.is_cancel_asked = true;
    assert_eq!(admitted(&[later], &[], 5), ["l Canceled"]);
    assert_eq!(Question::ManualIntervention.answers().len(), 2);
}

#[test]
fn a_check_that_fails_for_one_machine_goes_on_for_the_others() {
    let target = |name: &str| {
        let region = serde_json::json!({ "Id": name, "Name": name, "Endpoint": { "CommunicationStyle": "None" } });
        TargetUse::of(&serde_json::from_value(region).expect("a target"))
    };
    let check = || {
        Work::HealthCheck(HealthCheck {
            targets: Vec::new(),
            on_problems: OnProblems::Fail,
            scripts: CheckScripts::Follows,
        })
    };
    let of = |name: &str, work: Work| Entry {
        work,
        target: target(name),
        ..entry("1")
    };
    let next = |works: [Work; 2]| {
        let [first, second] = works;
        let entries = [
            of("a", first),
            of("a", Work::Nothing),
            of("b", second),
            of("b", Work::Nothing),
        ];
        let states = ['f', 'k', 'w', 'w'].into_iter().enumerate();
        let jobs: Vec<Job> = states
            .map(|(index, letter)| job(index, state(letter)))
            .collect();
        let view = View {
            task: &task(TaskState::Executing),
            entries: &entries,
            jobs: &jobs,
            answers: &BTreeMap::new(),
        };
        decide(&view, NOW)
    };
    assert_eq!(next([check(), check()]), [Move::Start(2)]);
    // The twin: what broke one target is kept from the next.
    let moves = next([Work::Nothing, Work::Nothing]);
    assert!(!moves.contains(&Move::Start(2)), "{moves:?}");
}

/// A worker that is chosen while a step starts is written down with the start: it must be certain that it gets the step.
#[test]
fn only_what_is_handed_over_whatever_happens_gets_its_worker_with_the_start() {
    let plain = Entry {
        location: Location::Pool(PoolUse::default()),
        work: Work::Script {
            syntax: Syntax::Bash,
            body: String::new(),
            parameters: String::new(),
            confined: Confined {
                isolation: Isolation::Process,
                policy: "default".into(),
                account: String::new(),
                landlock: Landlock::default(),
            },
        },
        ..entry("1")
    };
    assert_eq!(
        is_placed_at_once(&plain),
        Some((&PoolUse::default(), Isolation::Process))
    );
    let sticky = PoolUse {
        is_sticky: true,
        ..PoolUse::default()
    };
    let others = [
        Entry {
            location: Location::Server,
            ..plain.clone()
        },
        Entry {
            location: Location::Target,
            ..plain.clone()
        },
        Entry {
            location: Location::Pool(sticky),
            ..plain.clone()
        },
        Entry {
            condition: StepCondition::Variable,
            ..plain.clone()
        },
        Entry {
            action_expression: Some("#{Wanted}".into()),
            ..plain.clone()
        },
        Entry {
            packages: vec![PackageUse {
                action_name: "1".into(),
                reference: String::new(),
                package_id: "acme.web".into(),
                version: "1.0.0".into(),
                feed_id: "feeds-builtin".into(),
                file_name: "acme.web.1.0.0.zip".into(),
                sha256: None,
            }],
            ..plain.clone()
        },
        Entry {
            work: Work::Nothing,
            ..plain.clone()
        },
    ];
    for entry in &others {
        assert_eq!(is_placed_at_once(entry), None, "{entry:?}");
    }
}
