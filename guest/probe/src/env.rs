//! What a guest finds around itself: arguments, environment, standard input, a terminal.

use wasip2::cli::environment::{get_arguments, get_environment, initial_cwd};
use wasip2::cli::{terminal_stderr, terminal_stdin, terminal_stdout};

use crate::probe::{Args, Probe, Step, Stop, Verdict, any_of};

pub const PROBES: &[Probe] = &[
    Probe {
        name: "env-read",
        usage: "NAME [TEXT]",
        threat: "a variable of the server's own environment",
        run: env_read,
    },
    Probe { name: "list-env", usage: "", threat: "the environment holds more than the policy gives", run: list_env },
    Probe {
        name: "env-telling",
        usage: "",
        threat: "secrets and host paths in well-known variables",
        run: env_telling,
    },
    Probe {
        name: "args-env-echo",
        usage: "[TEXT…]",
        threat: "arguments and environment beyond the contract",
        run: args_env_echo,
    },
    Probe { name: "initial-cwd", usage: "", threat: "the server's working directory", run: cwd },
    Probe { name: "stdin-read", usage: "", threat: "the server's standard input", run: stdin_read },
    Probe { name: "terminal", usage: "", threat: "CVE-2017-5226: a controlling terminal", run: terminal },
    Probe { name: "spawn", usage: "PROGRAM", threat: "starting a process of the host", run: spawn },
];

fn env_read(args: &Args) -> Verdict {
    let (name, text) = (args.text(0)?, args.text_or(1, ""));
    match get_environment().into_iter().find(|(key, _)| key == name) {
        Some((_, value)) if value.contains(text) => Ok(value),
        Some((_, value)) => Err(Stop::Refused(format!("it is `{value}`"))),
        None => Err(Stop::Refused("not set".to_owned())),
    }
}

fn list_env(_: &Args) -> Verdict {
    let names: Vec<_> = get_environment().into_iter().map(|(name, _)| name).collect();
    if names.is_empty() {
        return Err(Stop::Refused("the environment is empty".to_owned()));
    }
    Ok(format!("{names:?}"))
}

fn env_telling(_: &Args) -> Verdict {
    let prefixes = [
        "PATH",
        "HOME",
        "USER",
        "SHELL",
        "PWD",
        "TMP",
        "LD_",
        "LC_",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "AWS_",
        "AZURE_",
        "GOOGLE_",
        "GITHUB_",
        "KUBERNETES_",
        "DATABASE_URL",
        "SEAWALL_",
        "OCTOPUS_",
        "RUST_",
        "CARGO",
        "XDG_",
        "SSH_",
        "HOSTNAME",
    ];
    let environment = get_environment();
    let seen: Vec<_> = environment
        .iter()
        .filter(|(name, _)| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        .map(|(name, _)| name)
        .collect();
    if seen.is_empty() {
        return Err(Stop::Refused(format!("none among {} variables", environment.len())));
    }
    Ok(format!("{seen:?}"))
}

/// The host compares: this prints everything there is.
fn args_env_echo(_: &Args) -> Verdict {
    Ok(format!("arguments {:?}, environment {:?}", get_arguments(), get_environment()))
}

fn cwd(_: &Args) -> Verdict {
    match initial_cwd() {
        Some(path) if !["", "/", ".", "/work"].contains(&path.as_str()) => Ok(path),
        other => Err(Stop::Refused(format!("{other:?}"))),
    }
}

fn stdin_read(_: &Args) -> Verdict {
    let bytes = wasip2::cli::stdin::get_stdin().blocking_read(64).at("read")?;
    if bytes.is_empty() {
        return Err(Stop::Refused("nothing to read".to_owned()));
    }
    Ok(crate::probe::shown(&bytes))
}

fn terminal(_: &Args) -> Verdict {
    let absent = || Stop::Refused("not a terminal".to_owned());
    any_of([
        ("stdin", terminal_stdin::get_terminal_stdin().map(|_| "a terminal".to_owned()).ok_or_else(absent)),
        ("stdout", terminal_stdout::get_terminal_stdout().map(|_| "a terminal".to_owned()).ok_or_else(absent)),
        ("stderr", terminal_stderr::get_terminal_stderr().map(|_| "a terminal".to_owned()).ok_or_else(absent)),
    ])
}

fn spawn(args: &Args) -> Verdict {
    let status = std::process::Command::new(args.text(0)?).status()?;
    Ok(format!("{status}"))
}
