"""The modules inside the image: every pure-Python module of the standard library and of the bundled packages.

`collect` reads them while the component is built (there is no library directory at run time), `Importer` serves
them on `sys.meta_path`. Files that a script brings come from its own `sys.path`, as always; but a bundled name wins
over a file of the same name, because most bundled modules are already imported when the script starts.
"""

import _imp
import gc
import importlib.abc
import importlib.machinery
import importlib.resources.abc
import io
import linecache
import marshal
import os
import sys
import types
import zlib

# Where the library seems to be. Nothing is there; tracebacks and `__file__` name it because people know it.
LIBRARY = "/usr/lib/python3.14"
PACKAGES = LIBRARY + "/site-packages"

# Need a display, another machine's compiler, or the file system they install into; or are CPython's own tests.
_LEFT_OUT = {"__pycache__", "site-packages", "ensurepip", "idlelib", "lib2to3", "test", "tkinter", "turtledemo", "turtle",
             "config-3.14-wasm32-wasi", "lib-dynload", "__phello__", "__hello__", "_aix_support",
             "_android_support", "_apple_support", "_ios_support", "_osx_support"}
_DATA_SUFFIXES = (".txt", ".json", ".pem", ".typed", ".pyi", ".so", ".c", ".h", ".tab", ".zi", ".pyc")


class _Module:
    """One module: where it claims to be, its code (marshalled, packed) and its source (packed)."""

    __slots__ = ("code", "is_package", "path", "source")

    def __init__(self, path, is_package, source):
        self.path = path
        self.is_package = is_package
        self.source = zlib.compress(source, 9)
        code = compile(source, path, "exec", dont_inherit=True, optimize=0)
        self.code = zlib.compress(marshal.dumps(code), 9)


_modules: dict[str, _Module] = {}
_by_path: dict[str, _Module] = {}
_data: dict[str, bytes] = {}


def collect():
    """Reads and compiles every module found while building; serves them from now on."""
    # componentize-py numbers what build.sh names (src, then packages) and adds whatever Python finds on the building
    # machine, which has no business in the image.
    del sys.path[sys.path.index("/1") + 1:]
    sys.path.append("/bundled")
    for directory in ("/0", "/1"):
        _collect_directory(directory, "", PACKAGES, {"__pycache__"})
    _collect_directory("/python", "", LIBRARY, _LEFT_OUT)
    for module in _modules.values():
        _by_path[module.path] = module
    sys.meta_path.insert(2, Importer())
    linecache.updatecache = _with_our_sources(linecache.updatecache)


def _is_directory(path):
    try:
        return os.stat(path).st_mode & 0o170000 == 0o040000
    except OSError:
        return False


def _collect_directory(directory, prefix, claimed, left_out):
    for entry in sorted(os.listdir(directory)):
        stem, _, suffix = entry.partition(".")
        if entry in left_out or stem in left_out and not prefix:
            continue
        path = f"{directory}/{entry}"
        if suffix == "py":
            _collect_file(path, prefix, stem, f"{claimed}/{entry}")
        elif "." not in entry and _is_directory(path):
            _collect_directory(path, f"{prefix}{entry}.", f"{claimed}/{entry}", {"__pycache__", "test", "tests", "idle_test"})
        elif prefix.startswith("tzdata.") and not entry.endswith(_DATA_SUFFIXES):
            with io.open(path, "rb") as file:
                _data[f"{claimed}/{entry}"] = zlib.compress(file.read(), 9)


def _collect_file(path, prefix, stem, claimed):
    is_package = stem == "__init__"
    name = prefix.rstrip(".") if is_package else prefix + stem
    if not name or name in _modules:  # the first one on sys.path wins, so ours replace the library's
        return
    with io.open(path, "rb") as file:
        source = file.read()
    try:
        _modules[name] = _Module(claimed, is_package, source)
    except SyntaxError:  # templates and deliberately broken samples are not modules
        pass


class Importer(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds and loads the image's modules; touches no file."""

    def find_spec(self, name, path=None, target=None):
        module = _modules.get(name)
        if module is None:
            return None
        spec = importlib.machinery.ModuleSpec(name, self, origin=module.path, is_package=module.is_package)
        if module.is_package:
            spec.submodule_search_locations = [module.path.rpartition("/")[0]]
        spec.has_location = True
        spec.cached = None
        return spec

    def is_package(self, name):
        return _modules[name].is_package

    def get_code(self, name):
        return marshal.loads(zlib.decompress(_modules[name].code))

    def get_source(self, name):
        return zlib.decompress(_modules[name].source).decode()

    def get_filename(self, name):
        return _modules[name].path

    def get_data(self, path):
        if path in _data:
            return zlib.decompress(_data[path])
        if path in _by_path:
            return zlib.decompress(_by_path[path].source)
        raise FileNotFoundError(2, "not in the interpreter's image", path)

    def get_resource_reader(self, name):
        return _Resources(_modules[name].path.rpartition("/")[0])

    def exec_module(self, module):
        exec(self.get_code(module.__name__), module.__dict__)

    def iter_modules(self, prefix=""):
        return [(prefix + name, module.is_package) for name, module in _modules.items() if "." not in name]


class _Resources(importlib.resources.abc.TraversableResources):
    """Package data kept in the image, for `importlib.resources` (zoneinfo reads tzdata this way)."""

    def __init__(self, path):
        self._path = path

    def files(self):
        return _Resource(self._path)


class _Resource(importlib.resources.abc.Traversable):
    def __init__(self, path):
        self._path = path

    @property
    def name(self):
        return self._path.rpartition("/")[2]

    def iterdir(self):
        start = self._path + "/"
        names = {path[len(start):].partition("/")[0] for path in [*_data, *_by_path] if path.startswith(start)}
        return (_Resource(start + name) for name in sorted(names))

    def is_file(self):
        return self._path in _data or self._path in _by_path

    def is_dir(self):
        return not self.is_file() and any(path.startswith(self._path + "/") for path in [*_data, *_by_path])

    def joinpath(self, *names):
        return _Resource("/".join([self._path, *map(str, names)]))

    def open(self, mode="r", *arguments, **options):
        stream = io.BytesIO(Importer().get_data(self._path))
        return stream if "b" in mode else io.TextIOWrapper(stream, *arguments, **options)

    def __str__(self):
        return self._path


def _with_our_sources(updatecache):
    """Gives tracebacks the source lines of the image's modules, without asking the file system for them."""

    def answer(filename, module_globals=None, **options):
        module = _by_path.get(filename)
        if module is None:
            return updatecache(filename, module_globals, **options)
        lines = zlib.decompress(module.source).decode().splitlines(keepends=True)
        linecache.cache[filename] = (len(module.source), None, lines, filename)
        return lines

    return answer


def seal():
    """Forgets where things were while building: at run time there is only the image and the script's own path."""
    for module in list(sys.modules.values()):
        _claim_place(module)
    for function in gc.get_objects():
        if isinstance(function, types.FunctionType):
            _claim_code(function.__code__)
    sys.path.clear()
    sys.path_importer_cache.clear()
    sys.dont_write_bytecode = True
    sys.prefix = sys.base_prefix = sys.exec_prefix = sys.base_exec_prefix = "/usr"
    linecache.clearcache()


def _claim_place(module):
    ours = _modules.get(getattr(module, "__name__", None))
    spec = getattr(module, "__spec__", None)
    if ours is None or spec is None or spec.origin == ours.path:
        return
    if spec.origin == "frozen":  # CPython's own way of keeping code; only the place it names is the building machine's
        module.__file__ = ours.path
        return
    spec.origin = module.__file__ = ours.path
    spec.loader = module.__loader__ = Importer()
    spec.cached = module.__cached__ = None
    if ours.is_package:
        module.__path__ = spec.submodule_search_locations = [ours.path.rpartition("/")[0]]


def _claim_code(code):
    """Functions of modules that were imported before `collect` carry the building machine's paths; tracebacks show them."""
    for start, claimed in (("/python/", LIBRARY), ("/0/", PACKAGES)):
        if code.co_filename.startswith(start):
            _imp._fix_co_filename(code, f"{claimed}/{code.co_filename.removeprefix(start)}")
