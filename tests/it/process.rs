//! One child process with its streams read as they come, and a bound on every wait.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Longer than anything here takes on a loaded machine, guests compiled included; short enough to be waited for.
pub const PATIENCE: Duration = Duration::from_secs(150);

/// A process that runs.
pub struct Process {
    pid: Pid,
    stdin: Option<ChildStdin>,
    /// Pieces as they were read; `None` says that both streams have ended and how the process did.
    news: Receiver<News>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    code: Option<i32>,
}

enum News {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    /// The exit code, or minus the number of the signal.
    Ended(i32),
}

/// The process did not do in time what was waited for; it was killed.
#[derive(Debug)]
pub struct Overdue;

impl Process {
    /// Starts `command` with all three streams piped.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} can't be started: {error}"));
        let (sender, news) = channel();
        let stdout = child.stdout.take().expect("stdout was piped");
        let stderr = child.stderr.take().expect("stderr was piped");
        let readers = [
            reader(stdout, News::Stdout, sender.clone()),
            reader(stderr, News::Stderr, sender.clone()),
        ];
        let pid = Pid::from_child(&child);
        let stdin = child.stdin.take();
        thread::spawn(move || {
            for reader in readers {
                reader.join().ok();
            }
            sender.send(News::Ended(code_of(&mut child))).ok();
        });
        Self {
            pid,
            stdin,
            news,
            stdout: Vec::new(),
            stderr: Vec::new(),
            code: None,
        }
    }

    pub fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Writes to standard input. A process that doesn't read it any more is no failure.
    pub fn write(&mut self, bytes: &[u8]) {
        if let Some(stdin) = &mut self.stdin {
            stdin.write_all(bytes).and_then(|()| stdin.flush()).ok();
        }
    }

    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("the process is ours, and was not waited for yet");
    }

    /// Waits until `is_enough` of what was read so far, or the end.
    pub fn wait_until(&mut self, is_enough: impl Fn(&Self) -> bool) -> Result<(), Overdue> {
        let deadline = Instant::now() + PATIENCE;
        while self.code.is_none() && !is_enough(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.news.recv_timeout(left) {
                Ok(News::Stdout(bytes)) => self.stdout.extend(bytes),
                Ok(News::Stderr(bytes)) => self.stderr.extend(bytes),
                Ok(News::Ended(code)) => self.code = Some(code),
                Err(RecvTimeoutError::Timeout) => {
                    self.signal(Signal::KILL);
                    return Err(Overdue);
                }
                Err(RecvTimeoutError::Disconnected) => {
                    unreachable!("the waiting thread says how it ended first")
                }
            }
        }
        Ok(())
    }

    /// Waits for the end, and returns the exit code, or minus the number of the signal.
    pub fn wait(&mut self) -> Result<i32, Overdue> {
        self.wait_until(|_| false)?;
        Ok(self.code.expect("waited for"))
    }
}

fn reader(
    mut from: impl Read + Send + 'static,
    news: impl Fn(Vec<u8>) -> News + Send + 'static,
    to: std::sync::mpsc::Sender<News>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(n_read @ 1..) = from.read(&mut buffer) {
            if to.send(news(buffer[..n_read].to_vec())).is_err() {
                break;
            }
        }
    })
}

fn code_of(child: &mut Child) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    let status = child.wait().expect("a child of ours can be waited for");
    status
        .code()
        .or_else(|| status.signal().map(|signal| -signal))
        .expect("a process ends by itself or by a signal")
}
