"""What is imported while building, so that `import json` costs a dictionary lookup in the sandbox.

The list is what deployment scripts use; every other module is loaded from the image at its first import, for a few
milliseconds. State that a module makes when it is imported and that must not be shared by all runs (random seeds,
start times) is renewed in `start`.
"""

import gc
import importlib
import socket
import sys

from wit_world.imports import environment
from wit_world.imports import exit as wit_exit

from . import lasting, start

MODULES = """
abc argparse array ast asyncio atexit base64 binascii bisect calendar cmath codecs collections collections.abc
concurrent.futures concurrent.futures.thread configparser contextlib contextvars copy copyreg csv dataclasses datetime
decimal difflib email.message email.mime.multipart email.mime.text email.parser email.policy email.utils enum errno
fnmatch fractions functools getopt getpass glob graphlib gzip hashlib heapq hmac html html.entities html.parser http
http.client http.cookiejar http.cookies importlib.metadata importlib.resources importlib.util inspect io ipaddress
itertools json keyword linecache locale logging logging.config logging.handlers math mimetypes numbers operator os
pathlib pickle pkgutil platform plistlib posixpath pprint queue random re reprlib runpy sched secrets select selectors
shlex shutil signal socket sqlite3 ssl stat statistics string struct subprocess sysconfig tarfile tempfile textwrap
threading time timeit token tokenize tomllib traceback types typing unicodedata unittest unittest.mock urllib
urllib.error urllib.parse urllib.request urllib.response urllib.robotparser uuid warnings weakref xml xml.dom.minidom
xml.etree.ElementTree xml.sax xml.sax.saxutils zipfile zlib zoneinfo
encodings.ascii encodings.latin_1 encodings.utf_8_sig encodings.idna encodings.utf_16 encodings.cp1252 stringprep
requests requests.adapters requests.auth requests.exceptions requests.packages urllib3.contrib urllib3.util.retry
yaml jinja2 jinja2.sandbox jinja2.ext markupsafe charset_normalizer idna
""".split()

# Whose code every run executes.
EXECUTED_BY_ALL = [environment, wit_exit, start]

# The sandbox's own answers; each patches the modules it is about, so they come after those.
ADAPTERS = ["absent", "depth", "digests", "files", "loop", "web", "octopus"]


def everything():
    """Imports the list and the adapters, then warms the paths that every run takes."""
    # urllib3 opens a socket to see whether there is IPv6; the C library would keep that socket's network for every run.
    has_ipv6, socket.has_ipv6 = socket.has_ipv6, False
    for name in MODULES:
        importlib.import_module(name)
    socket.has_ipv6 = has_ipv6
    for name in ADAPTERS:
        importlib.import_module(f"_seawall.{name}").install()
    _warm()
    start.forget_exit_handlers()
    start.prepare()


def _warm():
    """Fills caches that are filled once per process: regular expressions, codecs, the compiler, line tables."""
    namespace = {"__name__": "__main__"}
    exec(compile("import os, sys, json\nfor i in range(3):\n    f'{i:>3} {json.dumps({\"a\": [1, None]})}'\n", "warm", "exec"), namespace)
    import logging
    import traceback
    try:
        raise ValueError("warm")
    except ValueError:
        traceback.format_exc()
    logging.getLogger("seawall.warm").debug("warm")
    logging.root.manager.loggerDict.clear()


def freeze(room):
    """The last of the build: decides where in memory a run writes. `room` is the list of what it may have.

    A run costs a private copy of each page that it writes to, and wasmtime puts back what 32 places of a memory held; what is written
    elsewhere costs the next run its copies again (`benches/README.md`). So that there are few places, what exists is immortal and out of
    the collector's reach, and what a run makes, changes or executes first is in one piece: the room, near the memory's beginning.
    """
    for module in ("re", "linecache", "urllib.parse"):
        getattr(sys.modules[module], "clear_cache", lambda: None)()
    gc.collect()
    lasting.record()
    # What that used goes back to the allocator: the methods that it looked up are forgotten, and a collection empties CPython's own
    # lists of free objects, too.
    sys._clear_internal_caches()
    gc.collect()
    _fill_holes()
    room.clear()
    for module in EXECUTED_BY_ALL:
        # What is replaced stays: if it went, there would be holes again.
        _filling.append(dict(vars(module)))
        importlib.reload(module)
    gc.freeze()
    start.rehearse(20)


_filling = []


def _fill_holes():
    """Takes up what the build freed: a run would find a hole here and a hole there, and write to a page for each.

    What fills them is zeros, which the component file doesn't store; what was left in them it would. Holes of 16 bytes, too small for
    an object, are left to `holes.py` beside build.sh.
    """
    gc.disable()
    after_everything = id(bytes(8 << 20))
    empty = sys.getsizeof(b"")
    # Large ones first: small ones would be many. The C library's allocator has lists for each multiple of 16 up to 256; 32 is the
    # smallest that an object is in, of which 4 are its own.
    for size in (1 << 20, 1 << 18, 1 << 16, 1 << 14, 1 << 12, 1 << 11, 1 << 10, 768, 640, *range(508, 27, -16)):
        while id(filler := bytes(size - empty)) < after_everything:
            _filling.append(filler)
    gc.enable()
