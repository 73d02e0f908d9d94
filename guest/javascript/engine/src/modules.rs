//! ES modules: QuickJS asks here which file an import means and what is in it; the bundle (`js/loader.js`) answers.
//!
//! A built-in, CommonJS or JSON module is a few generated lines over an object that they find in `import.meta`.

use std::cell::RefCell;

use rquickjs::context::EvalOptions;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Function, Module, Object, Persistent, Promise, Result, Value};

thread_local! {
    pub static CALLBACKS: RefCell<Option<Persistent<Object<'static>>>> = const { RefCell::new(None) };
}

fn callbacks<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    CALLBACKS.with(|slot| slot.borrow().clone()).ok_or(rquickjs::Error::Unknown)?.restore(ctx)
}

pub struct Paths;

impl Resolver for Paths {
    fn resolve<'js>(&mut self, ctx: &Ctx<'js>, base: &str, name: &str, _: Option<ImportAttributes<'js>>) -> Result<String> {
        callbacks(ctx)?.get::<_, Function>("resolve")?.call((base, name))
    }
}

pub struct Sources;

impl Loader for Sources {
    fn load<'js>(&mut self, ctx: &Ctx<'js>, name: &str, _: Option<ImportAttributes<'js>>) -> Result<Module<'js, Declared>> {
        let loaded: Object = callbacks(ctx)?.get::<_, Function>("load")?.call((name,))?;
        declare(ctx, name, &loaded)
    }
}

/// `loaded` is `{ source, meta }`.
fn declare<'js>(ctx: &Ctx<'js>, name: &str, loaded: &Object<'js>) -> Result<Module<'js, Declared>> {
    let source: String = loaded.get("source")?;
    let module = Module::declare(ctx.clone(), name, source)?;
    let meta = module.meta()?;
    for property in loaded.get::<_, Object>("meta")?.props::<String, Value>() {
        let (key, value) = property?;
        meta.set(key, value)?;
    }
    Ok(module)
}

/// Puts all built-in modules into the snapshot, so that importing one at run time is a look-up.
pub fn declare_builtins<'js>(ctx: &Ctx<'js>, bundle: &Object<'js>) -> Result<()> {
    for name in bundle.get::<_, Vec<String>>("builtins")? {
        let loaded: Object = bundle.get::<_, Function>("load")?.call((name.as_str(),))?;
        declare(ctx, &name, &loaded)?.eval()?;
    }
    Ok(())
}

/// Evaluates a script (not a module) under a file's name: how CommonJS wrappers are made.
pub fn compile<'js>(ctx: Ctx<'js>, source: String, file: String) -> Result<Value<'js>> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(file);
    ctx.eval_with_options(source, options)
}

/// Imports a module by its absolute path: `import()` itself needs to know its file, and the bundle has none.
pub fn import<'js>(ctx: Ctx<'js>, path: String) -> Result<Promise<'js>> {
    Module::import(&ctx, path)
}
