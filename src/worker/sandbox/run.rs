//! One guest, once: from grants and open directories to how it ended.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use wasmtime::component::ResourceTableError;
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtx};

use super::Error;
use super::engine::Engine;
use super::files::Files;
use super::guests::Guest;
use super::http::{Http, HttpLimits};
use super::inject::Injections;
use super::limits::{MemoryBudget, RequestBudget};
use super::meter::{LimitReached, Meter};
use super::mount::{MESSAGES, Mount, Purpose, SEAWALL};
use super::quota::{Left, Quota};
use super::random::{CoarseMonotonicClock, CoarseWallClock, RandomBudget};
use super::sockets::Sockets;
use super::store::{self, Parts, State};
use super::stream::OutputStreams;
use super::trust::Trust;
use crate::policy::{Access, FileGrant, Limits, NetworkGrants};
use crate::worker::event::Stream;
use crate::worker::outcome::{Consumed, Ending, LimitName};
use crate::worker::receipt::Witness;
use crate::worker::sink::Sink;

/// Everything one sandbox is made from.
pub struct Setup {
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    pub input: Input,
    pub directories: Vec<Directory>,
    /// What earlier scripts of the attempt left in its workspace.
    pub left: Left,
    /// The directory with script and variables, if there are any.
    pub seawall: Option<PathBuf>,
    /// The directory of the messages file.
    pub messages: PathBuf,
    /// An empty directory.
    pub root: PathBuf,
    pub network: Arc<NetworkGrants>,
    pub injections: Injections,
    pub limits: Limits,
    pub trust: Arc<Trust>,
    pub witness: Arc<Witness>,
    pub meter: Arc<Meter>,
    pub sink: Arc<Sink>,
    /// Becomes true when somebody wants the run to stop.
    pub cancelled: watch::Receiver<bool>,
}

/// A granted directory and where it is on this host.
pub struct Directory {
    pub grant: FileGrant,
    pub host_path: PathBuf,
}

/// Standard input.
pub enum Input {
    Empty,
    Inherited,
    Bytes(Vec<u8>),
    Stream(Box<dyn tokio::io::AsyncRead + Send + Sync + Unpin>),
}

/// Runs `guest` to its end.
///
/// # Errors
/// [`Error`] if the sandbox could not be set up. Whatever the guest did is an [`Ending`].
pub async fn run(
    engine: &Engine,
    guest: &Guest,
    setup: Setup,
) -> Result<(Ending, Consumed), Error> {
    let meter = Arc::clone(&setup.meter);
    let sink = Arc::clone(&setup.sink);
    let mut cancelled = setup.cancelled.clone();
    let _running = engine.running();
    let mut store = store::build(engine, parts(setup)?);

    let call = async {
        let command = guest.pre.instantiate_async(&mut store).await?;
        command.wasi_cli_run().call_run(&mut store).await
    };
    let ending = tokio::select! {
        biased;
        result = meter.metered(call) => ending(result, &meter),
        LimitReached(limit) = meter.stopped() => Ending::LimitReached { limit },
        Ok(_) = cancelled.wait_for(|cancelled| *cancelled) => Ending::Cancelled,
    };
    sink.finish();
    Ok((ending, consumed(store.data(), &meter, &sink)))
}

fn ending(result: wasmtime::Result<Result<(), ()>>, meter: &Meter) -> Ending {
    // A limit wins over whatever the guest did about it, such as catching the error.
    if let Some(limit) = meter.reached() {
        return Ending::LimitReached { limit };
    }
    match result {
        Ok(Ok(())) => Ending::Exited { code: 0 },
        Ok(Err(())) => Ending::Exited { code: 1 },
        Err(error) => {
            if let Some(I32Exit(code)) = error.downcast_ref::<I32Exit>() {
                let code = u8::try_from(code & 0xff).expect("masked to eight bits");
                return Ending::Exited { code };
            }
            if let Some(LimitReached(limit)) = error.downcast_ref::<LimitReached>() {
                return Ending::LimitReached { limit: *limit };
            }
            if is_out_of_handles(&error) {
                return Ending::LimitReached {
                    limit: LimitName::Handles,
                };
            }
            Ending::Trapped {
                message: trap_message(&error),
            }
        }
    }
}

/// Whether the host's table or the component's own handles ran out.
///
/// wasmtime has no type for the second: `runtime/vm/component/handle_table.rs` of 48.0.8 says it in
/// words, for allocating and for lending.
fn is_out_of_handles(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(ResourceTableError::Full))
            || cause.to_string().ends_with("store handle limit exceeded")
    })
}

/// The reason first, then where; wasmtime puts the backtrace first.
fn trap_message(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<wasmtime::Trap>() {
        Some(trap) => trap.to_string(),
        None => format!("{:#}", error.root_cause()),
    }
}

fn consumed(state: &State, meter: &Meter, sink: &Sink) -> Consumed {
    let (disk_bytes, files) = state.files.quota().peak();
    Consumed {
        wall_time: meter.wall_time(),
        cpu_time: meter.cpu_time(),
        memory_bytes: state.memory.peak_bytes(),
        output_bytes: sink.used_bytes(),
        disk_bytes,
        files,
        random_bytes: state.random.used_bytes(),
        requests: state.requests.used(),
    }
}

/// Takes the grants apart, completely: a new limit doesn't compile until it is enforced here.
fn parts(setup: Setup) -> Result<Parts, Error> {
    let Setup {
        arguments,
        environment,
        input,
        directories,
        left,
        seawall,
        messages,
        root,
        network,
        injections,
        limits,
        trust,
        witness,
        meter,
        sink,
        cancelled: _,
    } = setup;
    let Limits {
        memory,
        // Enforced by the meter, which was started with them.
        cpu_time: _,
        wall_time: _,
        // Enforced by the sink, which was made with them.
        output: _,
        output_rate: _,
        disk,
        files,
        handles,
        random,
        requests,
        request_time,
        response_body,
        response_headers,
    } = limits;

    let requests = Arc::new(RequestBudget::new(requests.value, Arc::clone(&meter)));
    let sockets = Arc::new(Sockets::new(
        Arc::clone(&network),
        Arc::clone(&requests),
        Arc::clone(&witness),
    ));
    let mut wasi = WasiCtx::builder();
    wasi.allow_blocking_current_thread(true)
        .args(&arguments)
        .envs(&environment)
        .wall_clock(CoarseWallClock)
        .monotonic_clock(CoarseMonotonicClock::start())
        .max_random_size(random.value.0)
        .allow_tcp(true)
        .allow_udp(false)
        .allow_ip_name_lookup(true)
        .stdout(OutputStreams {
            sink: Arc::clone(&sink),
            stream: Stream::Stdout,
        })
        .stderr(OutputStreams {
            sink: Arc::clone(&sink),
            stream: Stream::Stderr,
        });
    let check = Arc::clone(&sockets);
    wasi.socket_addr_check(move |address, wanted| check.check(address, wanted));
    match input {
        Input::Empty => {}
        Input::Inherited => {
            wasi.inherit_stdin();
        }
        Input::Bytes(bytes) => {
            wasi.stdin(wasmtime_wasi::p2::pipe::MemoryInputPipe::new(bytes));
        }
        Input::Stream(stream) => {
            wasi.stdin(wasmtime_wasi::cli::AsyncStdinStream::new(stream));
        }
    }

    let mut mounts = Vec::new();
    let mut mount = |host_path: PathBuf, guest_path: &str, perms, purpose| {
        wasi.preopened_dir(&host_path, guest_path, perms)
            .map_err(|error| Error::Mount {
                path: host_path,
                source: error
                    .downcast()
                    .unwrap_or_else(|error| std::io::Error::other(format!("{error:#}"))),
            })?;
        mounts.push(Mount {
            guest_path: guest_path.to_owned(),
            purpose,
        });
        Ok::<(), Error>(())
    };
    let mut has_root = false;
    for Directory { grant, host_path } in directories {
        let perms = match grant.access {
            Access::Read => FsPerms::ReadOnly,
            Access::ReadWrite => FsPerms::ReadWrite,
        };
        let guest_path = grant.mount.to_string();
        has_root |= guest_path == "/";
        mount(host_path, &guest_path, perms, Purpose::Granted(grant))?;
    }
    if let Some(seawall) = seawall {
        mount(seawall, SEAWALL, FsPerms::ReadOnly, Purpose::Seawall)?;
    }
    mount(messages, MESSAGES, FsPerms::ReadWrite, Purpose::Messages)?;
    if !has_root {
        mount(root, "/", FsPerms::ReadOnly, Purpose::Root)?;
    }

    let quota = Quota::new(disk.value.0, files.value, Arc::clone(&meter)).with(left);
    let quota = Arc::new(quota);
    Ok(Parts {
        wasi: wasi.build(),
        http: Http::new(
            network,
            injections,
            HttpLimits {
                response_body_bytes: response_body.value.0,
                response_header_bytes: response_headers.value.0,
                request_time: request_time.value,
            },
            trust,
            Arc::clone(&requests),
            Arc::clone(&meter),
            Arc::clone(&witness),
        ),
        files: Files::new(mounts, quota, witness, sink),
        sockets,
        requests,
        memory: MemoryBudget::new(memory.value.0, Arc::clone(&meter)),
        random: RandomBudget::new(random.value.0, Arc::clone(&meter)),
        meter,
        handles: handles.value,
    })
}
