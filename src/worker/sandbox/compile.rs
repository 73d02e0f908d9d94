//! Compiling a user's module, in a child process with bounds on size, memory and time.
//!
//! wasmtime does not treat slow or hungry compilation as a vulnerability ("compile-time DoS" in its
//! security documentation), so a hostile module must not be compiled in the server. The child is
//! this program again, with nothing but its standard streams: module in, compiled code out. Before
//! it reads anything it lowers its own limits; what it parses and compiles can cost it no more.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::time::timeout;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
};
use wit_component::ComponentEncoder;

use super::Error;
use super::engine::Engine;

/// Part of the key under which compiled modules are cached. To be changed with anything that
/// changes what is made of a module before it is compiled.
pub const REVISION: &[u8] = b"adapter 48.0.8, exit-with-code 2, preview 1 functions 2; ";

/// The hidden sub-command that [`child`] is behind.
pub const SUBCOMMAND: &str = "compile-module";

/// Largest module that is compiled. Go's and .NET's largest common outputs stay below 50 MiB.
pub const MODULE_BYTES: usize = 64 << 20;
/// Address space of the child. Cranelift needs about 30 times the module's code section.
const MEMORY_BYTES: u64 = 4 << 30;
/// CPU seconds of the child, over all its threads.
const CPU_SECONDS: u64 = 120;
/// Wall time of the child.
const WALL_TIME: Duration = Duration::from_secs(120);
/// Largest compiled form that is taken from the child.
const COMPILED_BYTES: u64 = 1 << 30;

/// Starts children that compile.
#[derive(Debug, Clone)]
pub struct Compiler {
    /// This program's own file.
    program: PathBuf,
}

impl Compiler {
    /// Compiles with `program compile-module`, which must be this very build.
    pub fn new(program: PathBuf) -> Self {
        Self { program }
    }

    /// Compiles `module` to code that [`Engine::new`]'s engine can load.
    ///
    /// # Errors
    /// [`Error::Module`] with a sentence for the module's author: not a module, not a command,
    /// too large, too slow. [`Error::Compiler`] if the child can't be started.
    pub async fn compile(&self, module: &[u8]) -> Result<Vec<u8>, Error> {
        if module.len() > MODULE_BYTES {
            return Err(Error::Module {
                why: format!(
                    "it has {} bytes; at most {MODULE_BYTES} are compiled",
                    module.len()
                ),
            });
        }
        let mut child = Command::new(&self.program)
            .arg(SUBCOMMAND)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(Error::Compiler)?;
        let mut stdin = child.stdin.take().expect("stdin was piped");
        let stdout = child.stdout.take().expect("stdout was piped");
        let stderr = child.stderr.take().expect("stderr was piped");
        let work = async {
            let mut compiled = Vec::new();
            let mut complaint = Vec::new();
            let feed = async {
                // A child that stopped reading says why on stderr.
                stdin.write_all(module).await.ok();
                drop(stdin);
            };
            let mut stdout = stdout.take(COMPILED_BYTES);
            let mut stderr = stderr.take(16 * 1024);
            let (_, read, _) = tokio::join!(
                feed,
                stdout.read_to_end(&mut compiled),
                stderr.read_to_end(&mut complaint),
            );
            read.map_err(Error::Compiler)?;
            let status = child.wait().await.map_err(Error::Compiler)?;
            if status.success() {
                return Ok(compiled);
            }
            let complaint = String::from_utf8_lossy(&complaint).trim().to_owned();
            Err(Error::Module {
                why: if complaint.is_empty() || status.code().is_none() {
                    format!(
                        "compiling it takes more than {MEMORY_BYTES} bytes or {CPU_SECONDS} s of CPU time ({status})"
                    )
                } else {
                    complaint
                },
            })
        };
        timeout(WALL_TIME, work).await.unwrap_or_else(|_| {
            Err(Error::Module {
                why: format!("compiling it takes longer than {} s", WALL_TIME.as_secs()),
            })
        })
    }
}

/// The child: reads a module from standard input and writes its compiled form to standard output.
///
/// # Errors
/// A sentence for the module's author, to be printed on standard error.
pub fn child() -> Result<(), String> {
    lower_limits()?;
    let mut module = Vec::new();
    std::io::stdin()
        .take(MODULE_BYTES as u64 + 1)
        .read_to_end(&mut module)
        .map_err(|error| format!("the module can't be read: {error}"))?;
    let component = to_component(module)?;
    let engine = Engine::compiler().map_err(|error| error.to_string())?;
    let compiled = engine
        .precompile_component(&component)
        .map_err(|error| format!("{error:#}"))?;
    std::io::stdout()
        .write_all(&compiled)
        .map_err(|error| format!("the compiled code can't be handed over: {error}"))
}

fn lower_limits() -> Result<(), String> {
    let set = |resource, value| {
        let limit = Rlimit {
            current: Some(value),
            maximum: Some(value),
        };
        setrlimit(resource, limit).map_err(|error| format!("limits can't be lowered: {error}"))
    };
    set(Resource::As, MEMORY_BYTES)?;
    set(Resource::Cpu, CPU_SECONDS)?;
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)
}

/// A component as it is, or a preview 1 command wrapped into one.
///
/// The adapter is the one that wasmtime's project publishes for its own release; with it there is
/// one linker, one file view and one quota for both kinds of module.
fn to_component(module: Vec<u8>) -> Result<Vec<u8>, String> {
    match module.get(..8) {
        Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => adapt(&module),
        Some([0, b'a', b's', b'm', 0x0d, 0, 1, 0]) => Ok(module),
        _ => Err("it is neither a WebAssembly module nor a component".into()),
    }
}

fn adapt(module: &[u8]) -> Result<Vec<u8>, String> {
    let module = super::preview1::completed(module)?;
    let module = super::exit_code::carried(&module)?;
    ComponentEncoder::default()
        .module(&module)
        .and_then(|encoder| {
            encoder.adapter(
                WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
                WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
            )
        })
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| format!("it is not a WASI preview 1 command: {error:#}"))
}
