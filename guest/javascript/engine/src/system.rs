//! The object of system functions that the bundle is written on. Scripts never see it.
//!
//! A function that fails throws a plain string, an error name such as `ENOENT`; the bundle makes node's errors of it,
//! because it knows the call and the path. Descriptors and requests are small numbers.

use rquickjs::{Ctx, Function, Object, Result, TypedArray, function::IntoJsFunc};
use wasip2::{cli, clocks::monotonic_clock, random::random};

use crate::{address, bytes, digest, files, http, modules, stdio};

/// What a system function gives back that can fail for a reason a script may handle.
pub type Answer<'js, T> = core::result::Result<T, &'static str>;

/// Throws the error's name.
pub fn thrown<'js, T>(ctx: &Ctx<'js>, answer: Answer<'js, T>) -> Result<T> {
    answer.or_else(|name| {
        let name = rquickjs::String::from_str(ctx.clone(), name)?;
        Err(ctx.throw(name.into_value()))
    })
}

pub fn object<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let system = Object::new(ctx.clone())?;
    let add = Adder { ctx, system: &system };
    add.function("arguments", || cli::environment::get_arguments())?;
    add.function("environment", environment)?;
    add.function("exit", exit)?;
    add.function("monotonic", || monotonic_clock::now() as f64 / 1e6)?;
    add.function("random", random_bytes)?;
    add.function("write", stdio::write)?;
    add.function("read", stdio::read)?;
    add.function("stdinReady", stdio::stdin_ready)?;
    add.function("wait", http::wait)?;

    add.function("open", files::open)?;
    add.function("close", files::close)?;
    add.function("readAt", files::read_at)?;
    add.function("writeAt", files::write_at)?;
    add.function("stat", files::stat)?;
    add.function("statOpen", files::stat_open)?;
    add.function("truncate", files::truncate)?;
    add.function("times", files::times)?;
    add.function("list", files::list)?;
    add.function("makeDirectory", files::make_directory)?;
    add.function("removeDirectory", files::remove_directory)?;
    add.function("removeFile", files::remove_file)?;
    add.function("rename", files::rename)?;
    add.function("link", files::link)?;
    add.function("symlink", files::symlink)?;
    add.function("readLink", files::read_link)?;
    add.function("mounts", files::mounts)?;

    add.function("utf8", bytes::utf8)?;
    add.function("text", bytes::text)?;
    add.function("latin1", bytes::latin1)?;
    add.function("toHex", bytes::to_hex)?;
    add.function("fromHex", bytes::from_hex)?;
    add.function("toBase64", bytes::to_base64)?;
    add.function("fromBase64", bytes::from_base64)?;
    add.function("find", bytes::find)?;

    add.function("digest", digest::digest)?;
    add.function("hmac", digest::hmac)?;
    add.function("pbkdf2", digest::pbkdf2)?;

    add.function("address", address::parse)?;
    add.function("addressWith", address::with)?;

    add.function("send", http::send)?;
    add.function("answer", http::answer)?;
    add.function("body", http::body)?;
    add.function("drop", http::drop_request)?;

    add.function("compile", modules::compile)?;
    add.function("import", modules::import)?;
    Ok(system)
}

struct Adder<'a, 'js> {
    ctx: &'a Ctx<'js>,
    system: &'a Object<'js>,
}

impl<'js> Adder<'_, 'js> {
    fn function<P, F>(&self, name: &str, function: F) -> Result<()>
    where
        F: IntoJsFunc<'js, P> + 'js,
    {
        self.system.set(name, Function::new(self.ctx.clone(), function)?)
    }
}

fn environment() -> Vec<Vec<String>> {
    cli::environment::get_environment().into_iter().map(|(name, value)| vec![name, value]).collect()
}

fn exit(code: i32) {
    cli::exit::exit_with_code((code & 0xff) as u8);
}

fn random_bytes(ctx: Ctx<'_>, n: u32) -> Result<TypedArray<'_, u8>> {
    TypedArray::new(ctx, random::get_random_bytes(u64::from(n)))
}
