//! The JavaScript guest: QuickJS-ng as a WASI command, pre-initialised when it is built.
//!
//! Everything a script sees is JavaScript (`../js`, bundled to one file); Rust gives it what JavaScript can't do: files,
//! streams, clocks, HTTP, digests, addresses and ES modules. There is no libc, no preview-1 adapter and no host function
//! of our own: the only imports are WASI 0.2 ones.
//!
//! ```text
//! build:    wizer.initialize ─► runtime + bundle evaluated ─► memory snapshot
//! run:      wasi:cli/run ─► bundle.start() ─► { microtasks ─► bundle.turn() }* ─► exit-with-code
//! ```
//!
//! Nothing outside the snapshot may be asked while it is made: no clock, no randomness, no files (a call traps).
//! Read `system.rs` next: it lists what the bundle may call.

mod address;
mod bytes;
mod digest;
mod files;
mod http;
mod modules;
mod room;
mod stdio;
mod system;

use std::cell::RefCell;

use rquickjs::{Context, Ctx, Function, Module, Object, Persistent, Runtime, Value};

/// Bytecode of `js/main.js` and of `js/extras.js`: what most scripts touch, and what few do. They are evaluated one after
/// the other, so that the second doesn't lie between the pages that the first needs.
const BUNDLE: &[u8] = include_bytes!(env!("JAVASCRIPT_BUNDLE"));
const EXTRAS: &[u8] = include_bytes!(env!("JAVASCRIPT_EXTRAS"));

/// How far QuickJS may recurse on its own stack: about 3,900 plain calls. The runtime's stack, which can't be measured from
/// here, then holds some 3 MiB (a plain call takes about 750 bytes of it), and Seawall gives 8 MiB
/// (`worker/sandbox/engine.rs`); so too deep a recursion is a `RangeError`, not a trap. `tools/frames.awk` has the other
/// half of this. In an engine with wasmtime's default of 512 KiB it would be a trap.
const STACK_BYTES: usize = 1_000_000;

/// Bytes in use before cycles are looked for. Well above the snapshot's own: a collection visits all of it, and most
/// scripts end before they leave this much behind (what has no cycle is freed at once).
const GC_THRESHOLD_BYTES: usize = 48 << 20;

struct Machine {
    #[expect(dead_code, reason = "the context lives in it")]
    runtime: Runtime,
    context: Context,
    bundle: Persistent<Object<'static>>,
    busy: room::Busy,
}

thread_local! {
    static MACHINE: RefCell<Option<&'static Machine>> = const { RefCell::new(None) };
}

/// Microseconds since 1970: the one thing QuickJS asks of its platform. Zero while the snapshot is made.
#[unsafe(no_mangle)]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    if MACHINE.with(|machine| machine.borrow().is_none()) {
        return 0.0;
    }
    let now = wasip2::clocks::wall_clock::now();
    now.seconds as f64 * 1e6 + f64::from(now.nanoseconds / 1000)
}

#[unsafe(export_name = "wizer.initialize")]
pub extern "C" fn initialize() {
    let runtime = Runtime::new().expect("a fresh runtime");
    runtime.set_max_stack_size(STACK_BYTES);
    runtime.set_gc_threshold(GC_THRESHOLD_BYTES);
    runtime.set_loader(modules::Paths, modules::Sources);
    runtime.set_host_promise_rejection_tracker(Some(Box::new(|ctx: Ctx, promise, reason, is_handled| {
        if let Some(bundle) = bundle(&ctx) {
            let _ = call::<_, ()>(&bundle, "rejection", (promise, reason, is_handled));
        }
    })));
    let context = Context::full(&runtime).expect("a fresh context");
    let room = context.with(|ctx| room::Room::reserve(&ctx));
    let bundle = context.with(|ctx| {
        evaluate(&ctx).map(|bundle| Persistent::save(&ctx, bundle)).unwrap_or_else(|error| {
            panic!("the bundle failed: {error}: {}", describe(&ctx.catch()))
        })
    });
    let busy = context.with(|ctx| {
        modules::CALLBACKS.with(|slot| *slot.borrow_mut() = Some(bundle.clone()));
        if modules::declare_builtins(&ctx, &bundle.clone().restore(&ctx).expect("the bundle")).is_err() {
            panic!("built-in modules: {}", describe(&ctx.catch()));
        }
        while ctx.execute_pending_job() {}
        ctx.run_gc();
        room.open(&ctx)
    });
    let machine: &'static Machine = Box::leak(Box::new(Machine { runtime, context, bundle, busy }));
    MACHINE.with(|slot| *slot.borrow_mut() = Some(machine));
}

fn evaluate<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    ctx.globals().set("__system", system::object(ctx)?)?;
    let bundle: Object = load(ctx, BUNDLE)?.get("bundle")?;
    let extras: Object = load(ctx, EXTRAS)?.get("extras")?;
    call::<_, ()>(&bundle, "install", (extras,))?;
    ctx.globals().remove("__system")?;
    Ok(bundle)
}

fn load<'js>(ctx: &Ctx<'js>, bytecode: &[u8]) -> rquickjs::Result<Object<'js>> {
    // The bytes are those that build.sh made with the same engine; `build.sh` is their only source.
    let (module, promise) = unsafe { Module::load(ctx.clone(), bytecode) }?.eval()?;
    promise.finish::<()>()?;
    module.namespace()
}

struct Command;

impl wasip2::exports::cli::run::Guest for Command {
    fn run() -> Result<(), ()> {
        let machine = MACHINE.with(|slot| slot.borrow().expect("initialised when built"));
        machine.busy.touch();
        machine.context.with(|ctx| {
            let bundle = machine.bundle.clone().restore(&ctx).map_err(|_| ())?;
            let ok: rquickjs::Result<()> = call(&bundle, "start", ());
            settle(&ctx, &bundle, ok.is_err());
            loop {
                let alive: rquickjs::Result<bool> = call(&bundle, "turn", ());
                let failed = alive.is_err();
                settle(&ctx, &bundle, failed);
                if matches!(alive, Ok(false)) {
                    return Ok(());
                }
            }
        })
    }
}

wasip2::cli::command::export!(Command);

/// Runs microtasks and `process.nextTick` callbacks until there are none.
///
/// A job that throws has nobody to tell (promise reactions catch, and our `queueMicrotask` does), so only the bundle's own
/// calls can fail; they end the program as an uncaught error does.
fn settle<'js>(ctx: &Ctx<'js>, bundle: &Object<'js>, failed: bool) {
    if failed {
        let _ = call::<_, ()>(bundle, "fatal", (ctx.catch(),));
    }
    loop {
        if call::<_, ()>(bundle, "ticks", ()).is_err() {
            let _ = call::<_, ()>(bundle, "fatal", (ctx.catch(),));
        }
        if !ctx.execute_pending_job() {
            return;
        }
        while ctx.execute_pending_job() {}
    }
}

fn bundle<'js>(ctx: &Ctx<'js>) -> Option<Object<'js>> {
    let machine = MACHINE.with(|slot| *slot.borrow())?;
    machine.bundle.clone().restore(ctx).ok()
}

fn call<'js, A, R>(object: &Object<'js>, name: &str, arguments: A) -> rquickjs::Result<R>
where
    A: rquickjs::function::IntoArgs<'js>,
    R: rquickjs::FromJs<'js>,
{
    object.get::<_, Function>(name)?.call(arguments)
}

fn describe(value: &Value) -> String {
    match value.as_exception() {
        Some(error) => format!("{} {}", error.message().unwrap_or_default(), error.stack().unwrap_or_default()),
        None => format!("{value:?}"),
    }
}
