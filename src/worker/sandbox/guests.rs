//! Guests, ready to be instantiated: compiled, cached on disk, linked once.
//!
//! Our own guests are compiled by this process, in parallel, the first time they are needed. A
//! user's module is compiled by [`super::compile`], in a child with bounds. Either way what is
//! instantiated came from [`super::cache`], by the digest of its bytes.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::p2::bindings::CommandPre;

use super::cache::Cache;
use super::compile::{Compiler, REVISION};
use super::embedded::{self, Embedded};
use super::engine::Engine;
use super::store::State;
use super::{Error, linker};

/// A guest that can be instantiated.
pub struct Guest {
    pub(super) pre: CommandPre<State>,
}

/// All guests of this process.
pub struct Guests {
    engine: Engine,
    linker: Linker<State>,
    cache: Cache,
    compiler: Compiler,
    loaded: Mutex<HashMap<String, Arc<OnceCell<Arc<Guest>>>>>,
}

/// Whether something is about to take long.
pub enum Progress {
    /// A guest of ours is compiled, once per machine and version: some seconds.
    CompilingGuest { name: &'static str },
    /// A user's module is compiled, once per digest.
    CompilingModule,
}

impl Guests {
    /// Guests for `engine`, compiled into `cache_directory`.
    ///
    /// # Errors
    /// [`Error::Cache`] or [`Error::CacheNotPrivate`] if the directory can't be used.
    pub fn open(engine: Engine, cache_directory: &Path, compiler: Compiler) -> Result<Self, Error> {
        let cache = Cache::open(cache_directory, engine.wasmtime())?;
        let linker = linker::build(engine.wasmtime()).map_err(Error::Engine)?;
        Ok(Self {
            engine,
            linker,
            cache,
            compiler,
            loaded: Mutex::default(),
        })
    }

    /// The engine that these guests are for.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether the guest `embedded` has been compiled on this machine.
    pub fn is_compiled(&self, embedded: &Embedded) -> bool {
        self.cache.contains(embedded.digest)
    }

    /// The guest of ours called `name`.
    ///
    /// # Errors
    /// [`Error::GuestMissing`] if this program was built without it; [`Error::Compile`] if it
    /// doesn't compile, which is our fault.
    pub async fn builtin(
        &self,
        name: &str,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Arc<Guest>, Error> {
        let embedded = embedded::find(name).ok_or_else(|| Error::GuestMissing {
            name: name.to_owned(),
        })?;
        let cell = self.cell(embedded.digest);
        cell.get_or_try_init(async || {
            if let Some(component) = self.cache.load(&self.engine, embedded.digest)? {
                return self.link(&component);
            }
            progress(Progress::CompilingGuest {
                name: embedded.name,
            });
            let engine = self.engine.wasmtime().clone();
            let compiled =
                tokio::task::spawn_blocking(move || engine.precompile_component(&embedded.bytes()))
                    .await
                    .expect("compiling doesn't panic")
                    .map_err(|source| Error::Compile {
                        name: name.to_owned(),
                        source,
                    })?;
            self.store_and_link(embedded.digest, &compiled)
        })
        .await
        .cloned()
    }

    /// The guest for a user's module: a core module for preview 1, or a command component.
    ///
    /// # Errors
    /// [`Error::Module`] if the bytes are no such module, or too large, or take too long.
    pub async fn module(
        &self,
        bytes: &[u8],
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Arc<Guest>, Error> {
        let digest = hex::encode(
            Sha256::new()
                .chain_update(REVISION)
                .chain_update(bytes)
                .finalize(),
        );
        let cell = self.cell(&digest);
        cell.get_or_try_init(async || {
            if let Some(component) = self.cache.load(&self.engine, &digest)? {
                return self.link(&component);
            }
            progress(Progress::CompilingModule);
            let compiled = self.compiler.compile(bytes).await?;
            self.store_and_link(&digest, &compiled)
        })
        .await
        .cloned()
    }

    fn cell(&self, digest: &str) -> Arc<OnceCell<Arc<Guest>>> {
        let mut loaded = self
            .loaded
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(loaded.entry(digest.to_owned()).or_default())
    }

    fn store_and_link(&self, digest: &str, compiled: &[u8]) -> Result<Arc<Guest>, Error> {
        self.cache.store(digest, compiled)?;
        let component = self.cache.load_stored(&self.engine, digest)?;
        self.link(&component)
    }

    fn link(&self, component: &Component) -> Result<Arc<Guest>, Error> {
        let pre = self
            .linker
            .instantiate_pre(component)
            .and_then(CommandPre::new)
            .map_err(|error| Error::Module {
                why: format!("{error:#}"),
            })?;
        Ok(Arc::new(Guest { pre }))
    }
}
