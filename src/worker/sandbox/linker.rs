//! The one linker: which WASI interfaces a guest can import, and who answers.
//!
//! Each interface is named here, with the view that implements it, so that reading this file tells
//! what reaches the host. There is no host function of our own. What isn't listed can't be
//! imported: a component that wants it is refused before it runs.

use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, io, random, sockets};
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};
use wasmtime_wasi_http::p2::bindings::http;
use wasmtime_wasi_http::{WasiHttp, WasiHttpView};

use super::files::HasFiles;
use super::random::HasRandom;
use super::sockets::HasSockets;
use super::store::State;

struct HasTable;

impl HasData for HasTable {
    type Data<'a> = &'a mut ResourceTable;
}

/// Links everything that `wasi:cli/command` and `wasi:http/outgoing-handler` need.
///
/// # Errors
/// Only if two of the interfaces below were the same.
pub fn build(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    let l = &mut linker;

    io::error::add_to_linker::<State, HasTable>(l, |state| &mut state.table)?;
    io::poll::add_to_linker::<State, HasTable>(l, |state| &mut state.table)?;
    io::streams::add_to_linker::<State, HasTable>(l, |state| &mut state.table)?;

    clocks::wall_clock::add_to_linker::<State, WasiClocks>(l, State::clocks)?;
    clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(l, State::clocks)?;

    cli::environment::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::exit::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::stdin::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::stdout::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::stderr::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(l, State::cli)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(l, State::cli)?;

    // Ours: quotas, receipts, special files, the messages file.
    filesystem::types::add_to_linker::<State, HasFiles>(l, State::files_view)?;
    filesystem::preopens::add_to_linker::<State, HasFiles>(l, State::files_view)?;

    // Ours: counted.
    random::random::add_to_linker::<State, HasRandom>(l, State::random_view)?;
    random::insecure::add_to_linker::<State, HasRandom>(l, State::random_view)?;
    random::insecure_seed::add_to_linker::<State, HasRandom>(l, State::random_view)?;

    // Ours where a name or a datagram is concerned; `Sockets::check` decides about the rest.
    let options = sockets::network::LinkOptions::default();
    sockets::network::add_to_linker::<State, WasiSockets>(l, &options, State::sockets)?;
    sockets::instance_network::add_to_linker::<State, WasiSockets>(l, State::sockets)?;
    sockets::tcp::add_to_linker::<State, WasiSockets>(l, State::sockets)?;
    sockets::tcp_create_socket::add_to_linker::<State, WasiSockets>(l, State::sockets)?;
    sockets::udp::add_to_linker::<State, WasiSockets>(l, State::sockets)?;
    sockets::udp_create_socket::add_to_linker::<State, HasSockets>(l, State::sockets_view)?;
    sockets::ip_name_lookup::add_to_linker::<State, HasSockets>(l, State::sockets_view)?;

    // `Http` is asked before anything is sent.
    let options = http::types::LinkOptions::default();
    http::types::add_to_linker::<State, WasiHttp>(l, &options, State::http)?;
    http::outgoing_handler::add_to_linker::<State, WasiHttp>(l, State::http)?;

    Ok(linker)
}
