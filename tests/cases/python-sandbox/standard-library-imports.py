# Every module of the image imports, apart from those that need a C library or a system that isn't there.
import importlib
import sys
import warnings

from _seawall import image

warnings.simplefilter("ignore")
EXPECTED = {"_bz2", "_ctypes", "_curses", "_dbm", "_gdbm", "_interpreters", "_lzma", "_multiprocessing", "_remote_debugging", "_zstd", "h2", "js",
            "mmap", "msvcrt", "OpenSSL", "readline", "socks", "termios", "yaml._yaml"}
SKIPPED = {"antigravity", "this", "_seawall_app"}
OTHER_SYSTEMS = ("asyncio.windows", "encodings.mbcs", "encodings.oem", "multiprocessing.popen", "urllib3.contrib.emscripten", "_pyrepl.")
for name in sorted(image._modules):
    if name in SKIPPED or name.endswith("__main__") or name.startswith("_seawall.") or name.startswith(OTHER_SYSTEMS):
        continue
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name not in EXPECTED:
            print(name, error)
    except Exception as error:
        print(name, type(error).__name__, error)
print("imported", len(sys.modules) > 600)
