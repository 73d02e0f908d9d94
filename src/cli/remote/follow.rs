//! Follows tasks: their logs as they grow, what they ask, and how they end.
//!
//! What scripts wrote is shown and not obeyed: escapes can't move the cursor of whoever watches.

use anyhow::Context as _;
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};

use super::{Connection, print};
use crate::cli::{Exit, Failure};
use crate::worker::output::Visible;

/// The server is asked to wait for news this long.
const WAIT_S: &str = "20";

/// Says that tasks were queued, and follows them if that is wanted.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn queued(
    connection: &Connection,
    answer: &Value,
    task_ids: &[String],
    is_watched: bool,
) -> Result<Exit, Failure> {
    if is_watched && !connection.is_json {
        return watch(connection, task_ids).await;
    }
    connection.say(answer, || {
        let line = |id: &String| format!("Queued {id}. Next: seawall task watch {id}\n");
        task_ids.iter().map(line).collect()
    })?;
    if is_watched {
        return watch(connection, task_ids).await;
    }
    Ok(Exit::Success)
}

/// Prints the logs of tasks, one after the other, until all are over. Ctrl-C ends the watching, not the tasks.
///
/// # Errors
/// [`Exit::Remote`] with the server's words.
pub async fn watch(connection: &Connection, task_ids: &[String]) -> Result<Exit, Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen to signals")?;
    let mut exit = Exit::Success;
    for id in task_ids {
        let ended = tokio::select! {
            ended = one(connection, id) => ended?,
            _ = interrupt.recv() => {
                print(&format!("\n{id} goes on. Next: seawall task watch {id}, or seawall task cancel {id}\n"))?;
                return Ok(Exit::Cancelled);
            }
        };
        if ended != "Success" {
            exit = Exit::Negative;
        }
    }
    Ok(exit)
}

/// The final state of a task.
async fn one(connection: &Connection, id: &str) -> Result<String, Failure> {
    let details = connection.get(&["tasks", id, "details"], &[]).await?;
    let names = names(&details["ActivityLogs"][0]["Children"]);
    let description = details["Task"]["Description"].as_str().unwrap_or_default();
    show(connection, &format!("== {id}: {description}\n"))?;
    let mut cursor = "0".to_owned();
    let mut last = None;
    let mut is_told = false;
    loop {
        let query = [("after", cursor.as_str()), ("wait", WAIT_S)];
        let answer = connection.get(&["tasks", id, "log"], &query).await?;
        for chunk in answer["Items"].as_array().into_iter().flatten() {
            if connection.is_json {
                print(&format!("{chunk}\n"))?;
                continue;
            }
            let step = chunk["Index"].as_u64();
            if step != last {
                let name = step.and_then(|step| names.get(usize::try_from(step).ok()?));
                print(&format!("-- {}\n", name.map_or("Task", String::as_str)))?;
                last = step;
            }
            print(&lines(chunk))?;
        }
        let task = &answer["Task"];
        if answer["IsCompleted"] == true {
            let state = task["State"].as_str().unwrap_or_default();
            let why = task["ErrorMessage"].as_str().unwrap_or_default();
            let text = match why {
                "" => format!("== {id}: {state}\n"),
                why => format!("== {id}: {state}: {why}\n"),
            };
            show(connection, &visible(&text))?;
            return Ok(state.to_owned());
        }
        let is_asking = task["HasPendingInterruptions"] == true;
        if is_asking && !is_told {
            tell(connection, id).await?;
        }
        is_told = is_asking;
        cursor = answer["Next"].to_string();
    }
}

fn show(connection: &Connection, text: &str) -> Result<(), Failure> {
    match connection.is_json {
        true => Ok(()),
        false => print(text),
    }
}

/// What a task asks, and how to answer.
async fn tell(connection: &Connection, id: &str) -> Result<(), Failure> {
    let query = [("regarding", id), ("pendingOnly", "true")];
    let page = connection.get(&["interruptions"], &query).await?;
    for item in page["Items"].as_array().into_iter().flatten() {
        let id = item["Id"].as_str().unwrap_or_default();
        let answers = match item["Type"] == "ManualIntervention" {
            true => "proceed|abort",
            false => "retry|ignore|fail",
        };
        let title = visible(item["Title"].as_str().unwrap_or_default());
        let text = format!("?? {title}: seawall interruption answer {id} {answers}\n");
        show(connection, &text)?;
    }
    Ok(())
}

/// The names of a plan's entries, in order: the leaves of the tree of steps.
fn names(children: &Value) -> Vec<String> {
    let mut names = Vec::new();
    for child in children.as_array().into_iter().flatten() {
        match child["Children"].as_array().map(Vec::as_slice) {
            None | Some([]) => names.push(child["Name"].as_str().unwrap_or_default().to_owned()),
            Some(_) => names.extend(self::names(&child["Children"])),
        }
    }
    names
}

fn lines(chunk: &Value) -> String {
    let category = chunk["Category"].as_str().unwrap_or_default();
    let text = chunk["MessageText"].as_str().unwrap_or_default();
    let mark = match category {
        "Verbose" => "   . ",
        "Highlight" => "   * ",
        "Wait" => "   ? ",
        "Warning" => "   ! ",
        "Error" | "Fatal" => "   x ",
        "Progress" => "   % ",
        _ => "     ",
    };
    let line = |line: &str| format!("{mark}{}\n", visible(line));
    text.lines().map(line).collect()
}

/// A text with its escapes shown.
pub fn visible(text: &str) -> String {
    let mut visible = Visible::default();
    let mut shown = String::new();
    visible.push(text.as_bytes(), &mut shown);
    visible.finish(&mut shown);
    shown
}
