//! One run of one script: environment, limits, working directory, exit code.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bashkit::{
    Bash, Error, ExecOptions, ExecutionLimits, ExecutionProfile, ExecutionProfileName,
    MemoryLimits, SessionLimits,
};

use crate::{clock, disk::Disk, stdio};

/// Runs the file `script` with `args`; returns what the process exits with.
///
/// What bash says when it cannot read its script: 127 if it isn't there, 126 if it may not be read.
pub fn run(script: &str, args: Vec<String>) -> i32 {
    let text = match std::fs::read(script) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            let error = crate::disk::plain(error);
            let code = if error.kind() == std::io::ErrorKind::NotFound {
                127
            } else {
                126
            };
            let _ = stdio::write_stderr(format!("bash: {script}: {error}\n").as_bytes());
            return code;
        }
    };
    let mut bash = build();
    if let Some(line) = crate::octopus::prelude(&text) {
        let _ = clock::block_on(bash.exec(&line));
    }
    let options = ExecOptions::new().arg0(script).positional(args).direct(
        Box::new(stdio::write_stdout),
        Box::new(stdio::write_stderr),
        Box::new(stdio::read_stdin),
    );
    match clock::block_on(bashkit::drive(bash.exec_with_options(&text, options))) {
        Ok(result) => {
            // What a failing command left undelivered; empty for output that was streamed.
            let _ = stdio::write_stdout(result.stdout.as_bytes());
            let _ = stdio::write_stderr(result.stderr.as_bytes());
            result.exit_code
        }
        Err(error) => fail(script, &text, &error),
    }
}

/// Reports what stopped the interpreter itself: a syntax error, or a limit such as recursion depth.
fn fail(script: &str, _text: &str, error: &Error) -> i32 {
    let _ = stdio::write_stderr(format!("{script}: {error}\n").as_bytes());
    match error {
        Error::Parse { .. } => 2,
        _ => 1,
    }
}

fn build() -> Bash {
    let profile = ExecutionProfile::named(ExecutionProfileName::Interactive);
    let mut builder = Bash::builder()
        .profile(profile)
        .limits(limits())
        .session_limits(SessionLimits::unlimited())
        .memory_limits(MemoryLimits::unlimited())
        .fs(Arc::new(Disk::default()))
        .rootfs(false)
        .cwd(start_folder());
    for (name, value) in std::env::vars() {
        builder = builder.env(name, value);
    }
    if let Some(folder) = temporary_folder() {
        builder = builder.env("TMPDIR", folder);
    }
    let builder = crate::commands::register(crate::http::register(builder));
    crate::octopus::register(builder).build()
}

/// WASI has no working directory: scripts start in `/work` where it is mounted.
fn start_folder() -> PathBuf {
    let native = if cfg!(target_os = "wasi") {
        None
    } else {
        std::env::current_dir().ok()
    };
    native.unwrap_or_else(|| {
        if Path::new("/work").is_dir() {
            "/work".into()
        } else {
            "/".into()
        }
    })
}

/// Where `mktemp` makes its files when nobody said so and the policy mounts no `/tmp`: where scripts start.
fn temporary_folder() -> Option<String> {
    if std::env::var_os("TMPDIR").is_some() || is_mounted("/tmp") {
        return None;
    }
    Some(start_folder().to_string_lossy().into_owned())
}

/// Whether the policy mounts it. To look for it would be an access of the script's, and denied.
#[cfg(target_os = "wasi")]
fn is_mounted(path: &str) -> bool {
    let mounts = wasip2::filesystem::preopens::get_directories();
    mounts.iter().any(|(_, mounted)| mounted == path)
}

#[cfg(not(target_os = "wasi"))]
fn is_mounted(path: &str) -> bool {
    Path::new(path).is_dir()
}

/// bashkit's own limits, all out of the way: memory, time, output and files are the wall's to limit.
fn limits() -> ExecutionLimits {
    ExecutionLimits {
        max_work_units: u64::MAX,
        max_aggregate_input_bytes: u64::MAX,
        max_live_intermediate_bytes: u64::MAX,
        max_commands: usize::MAX,
        max_loop_iterations: usize::MAX,
        max_total_loop_iterations: usize::MAX,
        max_function_depth: 1000,
        timeout: Duration::from_secs(u64::from(u32::MAX)),
        parser_timeout: Duration::from_secs(3600),
        max_input_bytes: usize::MAX,
        max_ast_depth: 100,
        max_parser_operations: usize::MAX,
        max_stdout_bytes: usize::MAX,
        max_stderr_bytes: usize::MAX,
        max_subst_depth: 200,
        max_subshell_depth: 200,
        max_file_descriptors: 1024,
        max_history_entries: 0,
        max_history_bytes: 0,
        max_history_output_bytes: 0,
        max_word_split_fields: usize::MAX,
        max_word_split_bytes: usize::MAX,
        max_background_jobs: 1024,
        capture_final_env: false,
    }
}
