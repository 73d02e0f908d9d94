//! One script over a connection: sent, started, listened to, ended with everything that it started.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use russh::ChannelMsg;
use tokio::io::AsyncReadExt as _;
use tokio::sync::watch;

use super::connection::{Connection, Running, SshError};
use super::workspace::Workspace;
use crate::worker::elsewhere::Elsewhere;
use crate::worker::event::Stream;
use crate::worker::{Artifact, ArtifactDestination, Ending, LimitName, Outcome, keep_artifact};

/// What a process group has between TERM and KILL.
const GRACE: Duration = Duration::from_secs(5);

/// What is left of the output once a script is over: a background child may hold its end for ever.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The number that a shell gives to the end by SIGXCPU.
const CPU_TIME_IS_UP: u32 = 128 + 24;

/// A script that is over.
pub struct Finished {
    pub outcome: Outcome,
    pub artifacts: Vec<Result<Artifact, NotKept>>,
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
#[error("`{path}`: {why}")]
pub struct NotKept {
    path: String,
    why: String,
}

/// Why there is no end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It didn't start.
    #[error(transparent)]
    Before(SshError),
    /// It did, and nobody knows how far it came.
    #[error("the connection was lost while it ran; nobody knows how far it came")]
    Lost,
}

/// Runs a script to its end, or until `cancelled`. Files that it asked to keep come into `keep_in`.
///
/// # Errors
/// [`RunError`].
pub async fn run(
    connection: &Connection,
    workspace: &Workspace,
    script: Elsewhere,
    mut cancelled: watch::Receiver<bool>,
    keep_in: &Path,
) -> Result<Finished, RunError> {
    let start = script.start(&workspace.scripts());
    let before = RunError::Before;
    workspace
        .send_scripts(connection, &start.files)
        .await
        .map_err(before)?;
    let running = workspace
        .launch(connection, &start, script.limits())
        .await
        .map_err(before)?;
    let Running { reading, writing } = running;
    let environment = workspace.environment(&start);
    let given = Cursor::new(environment.as_bytes()).chain(Cursor::new(start.given.as_slice()));
    let telling = async {
        // A script that doesn't read it to the end is not wrong.
        writing.data(given).await.ok();
        writing.eof().await.ok();
        std::future::pending::<()>().await;
    };
    let mut listening = Listening {
        reading,
        script: &script,
        code: None,
    };
    let wall = tokio::time::sleep(script.limits().wall_time.value);
    let asked = async {
        if cancelled
            .wait_for(|is_cancelled| *is_cancelled)
            .await
            .is_err()
        {
            std::future::pending::<()>().await;
        }
    };
    let mut telling = std::pin::pin!(telling);
    let ended = tokio::select! {
        ended = listening.listen() => ended,
        () = &mut telling => Ended::Lost,
        () = asked => Ended::Now(Ending::Cancelled),
        () = wall => Ended::Now(Ending::LimitReached { limit: LimitName::WallTime }),
    };
    let ending = match ended {
        Ended::Lost => return Err(RunError::Lost),
        Ended::Itself(code) => of_code(code),
        Ended::Now(ending) => {
            stop(connection, workspace, &mut listening).await?;
            ending
        }
    };
    let asked_to_keep = script.silence();
    let mut artifacts = Vec::new();
    let mut keep_in = ArtifactDestination::new(keep_in);
    for (path, name) in asked_to_keep {
        let kept = fetch(connection, workspace, &script, &path, &name, &mut keep_in).await;
        artifacts.push(kept.map_err(|why| NotKept { path, why }));
    }
    let finished = script.finish(ending, Vec::new());
    Ok(Finished {
        outcome: finished.outcome,
        artifacts,
    })
}

/// Ends it and everything that it started: what it says meanwhile is still heard.
async fn stop(
    connection: &Connection,
    workspace: &Workspace,
    listening: &mut Listening<'_>,
) -> Result<(), RunError> {
    for (signal, patience) in [("TERM", GRACE), ("KILL", GRACE)] {
        let both = async {
            let told = async { workspace.signal(connection, signal).await };
            tokio::join!(told, listening.listen())
        };
        match tokio::time::timeout(patience, both).await {
            Ok((_, Ended::Itself(_) | Ended::Now(_))) => return Ok(()),
            Ok((_, Ended::Lost)) => return Err(RunError::Lost),
            Err(_) => {}
        }
    }
    // It doesn't end even then, or its host doesn't say so.
    match connection.is_lost() {
        true => Err(RunError::Lost),
        false => Ok(()),
    }
}

enum Ended {
    Itself(u32),
    /// By us.
    Now(Ending),
    Lost,
}

/// Passes on what a script says.
struct Listening<'a> {
    reading: russh::ChannelReadHalf,
    script: &'a Elsewhere,
    code: Option<u32>,
}

impl Listening<'_> {
    /// Until it is over and has said everything. Can be dropped and called again.
    async fn listen(&mut self) -> Ended {
        loop {
            self.script.room().await;
            let next = match self.code {
                None => self.reading.wait().await,
                Some(code) => match tokio::time::timeout(LAST_WORDS, self.reading.wait()).await {
                    Ok(next) => next,
                    Err(_) => return Ended::Itself(code),
                },
            };
            let said = match next {
                Some(ChannelMsg::Data { data }) => self.script.output(Stream::Stdout, &data),
                Some(ChannelMsg::ExtendedData { data, .. }) => {
                    self.script.output(Stream::Stderr, &data)
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => {
                    self.code = Some(exit_status);
                    Ok(())
                }
                // As shells say it.
                Some(ChannelMsg::ExitSignal { .. }) => {
                    self.code = Some(128 + 9);
                    Ok(())
                }
                Some(ChannelMsg::Close) | None => {
                    return match self.code {
                        Some(code) => Ended::Itself(code),
                        None => Ended::Lost,
                    };
                }
                Some(_) => Ok(()),
            };
            if let Err(limit) = said {
                return Ended::Now(Ending::LimitReached { limit });
            }
        }
    }
}

/// What a shell's number says. Nobody can tell a script that was ended for its time from one that says so itself.
fn of_code(code: u32) -> Ending {
    match code {
        CPU_TIME_IS_UP => Ending::LimitReached {
            limit: LimitName::CpuTime,
        },
        code => Ending::Exited {
            code: u8::try_from(code).unwrap_or(u8::MAX),
        },
    }
}

async fn fetch(
    connection: &Connection,
    workspace: &Workspace,
    script: &Elsewhere,
    path: &str,
    name: &str,
    keep_in: &mut ArtifactDestination<'_>,
) -> Result<Artifact, String> {
    let file =
        tempfile::NamedTempFile::new_in(keep_in.directory()).map_err(|error| error.to_string())?;
    let target = file.reopen().map_err(|error| error.to_string())?;
    let most = script.limits().disk.value.0;
    let fetched = workspace.fetch(connection, path, target, most).await;
    fetched.map_err(|error| error.to_string())?;
    let again = file.reopen().map_err(|error| error.to_string())?;
    keep_artifact(again, path, name, keep_in).map_err(|error| error.to_string())
}
