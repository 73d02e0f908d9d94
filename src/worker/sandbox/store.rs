//! The one place where a wasmtime [`Store`] is built, and what is in it.
//!
//! Everything that bounds a guest is set here: memory, CPU and wall time, handles, the copies a
//! host call makes. A second place would sooner or later lack one of them.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime::{Store, UpdateDeadline};
use wasmtime_wasi::filesystem::WasiFilesystemCtxView;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::engine::Engine;
use super::files::{Files, FilesView};
use super::http::Http;
use super::limits::{MemoryBudget, RequestBudget};
use super::meter::Meter;
use super::random::{RandomBudget, RandomView};
use super::sockets::{Sockets, SocketsView};

/// Most bytes that one host call may copy out of a guest. Our guests write in pieces of 64 KiB;
/// 16 MiB leaves room for modules that hand over a whole file, and bounds what they cost the host.
const HOSTCALL_BYTES: usize = 16 << 20;

/// Most bytes that the headers of one request may take, on the host's side.
const FIELD_BYTES: usize = 64 << 10;

/// Everything a guest's host calls work on.
pub struct State {
    pub table: ResourceTable,
    pub wasi: WasiCtx,
    pub http_ctx: WasiHttpCtx,
    pub http: Http,
    pub files: Files,
    pub sockets: Arc<Sockets>,
    pub requests: Arc<RequestBudget>,
    pub memory: MemoryBudget,
    pub random: RandomBudget,
    pub meter: Arc<Meter>,
}

/// What [`build`] puts into a store, made from the grants of one attempt.
pub struct Parts {
    pub wasi: WasiCtx,
    pub http: Http,
    pub files: Files,
    pub sockets: Arc<Sockets>,
    pub requests: Arc<RequestBudget>,
    pub memory: MemoryBudget,
    pub random: RandomBudget,
    pub meter: Arc<Meter>,
    /// Descriptors, streams, pollables, requests … that may be open at once.
    pub handles: u64,
}

/// Builds the store of one sandbox, with every bound set.
pub fn build(engine: &Engine, parts: Parts) -> Store<State> {
    let Parts {
        wasi,
        http,
        files,
        sockets,
        requests,
        memory,
        random,
        meter,
        handles,
    } = parts;
    let handles = usize::try_from(handles).unwrap_or(usize::MAX);
    let mut table = ResourceTable::new();
    table.set_max_capacity(handles);
    let mut http_ctx = WasiHttpCtx::new();
    http_ctx.set_field_size_limit(FIELD_BYTES);
    let mut store = Store::new(
        engine.wasmtime(),
        State {
            table,
            wasi,
            http_ctx,
            http,
            files,
            sockets,
            requests,
            memory,
            random,
            meter,
        },
    );
    store.limiter(|state| &mut state.memory);
    store.set_hostcall_fuel(HOSTCALL_BYTES);
    store.set_max_component_handles(handles);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| {
        store.data().meter.check_clocks()?;
        // Yielding lets timers and cancellation on this thread be seen by a busy guest.
        Ok(UpdateDeadline::Yield(1))
    });
    store
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.http,
            table: &mut self.table,
            ctx: &mut self.http_ctx,
        }
    }
}

impl State {
    /// `wasi:filesystem` with our checks.
    pub fn files_view(&mut self) -> FilesView<'_> {
        FilesView {
            inner: WasiFilesystemCtxView {
                ctx: self.wasi.filesystem(),
                table: &mut self.table,
            },
            files: &mut self.files,
        }
    }

    /// `wasi:random` with its budget.
    pub fn random_view(&mut self) -> RandomView<'_> {
        RandomView {
            inner: self.wasi.random(),
            budget: &mut self.random,
        }
    }

    /// The parts of `wasi:sockets` that we answer.
    pub fn sockets_view(&mut self) -> SocketsView<'_> {
        SocketsView {
            inner: wasmtime_wasi::sockets::WasiSocketsCtxView {
                ctx: self.wasi.sockets(),
                table: &mut self.table,
            },
            sockets: &self.sockets,
        }
    }
}
