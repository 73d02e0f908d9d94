"""What is imported while building, so that `import json` costs a dictionary lookup in the sandbox.

The list is what deployment scripts use; every other module is loaded from the image at its first import, for a few
milliseconds. State that a module makes when it is imported and that must not be shared by all runs (random seeds,
start times) is renewed in `start`.
"""

import gc
import importlib
import socket
import sys

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


def freeze():
    """Takes what exists out of the collector's reach: a collection in a sandbox then touches only the script's objects."""
    for module in ("re", "linecache", "urllib.parse"):
        getattr(sys.modules[module], "clear_cache", lambda: None)()
    gc.collect()
    lasting.record()
    # What that used goes back to the allocator; a collection empties CPython's own lists of free objects, too.
    gc.collect()
    _fill_holes()
    gc.freeze()


_filling = []


def _fill_holes():
    """Takes up what the build freed, so that a run allocates from one fresh piece of memory.

    Finding a hole among thousands costs a run a private copy of every page it looks at. And what fills them is zeros, which
    the component file doesn't store; what was left in them it would.
    """
    gc.disable()
    after_everything = id(bytes(8 << 20))
    # Large ones first: small ones would be many. CPython's allocator has pools for each multiple of 8 up to 512; 24 is the
    # smallest that bytes are in, floats are in 16.
    empty = sys.getsizeof(b"")
    for size in (1 << 20, 1 << 18, 1 << 16, 1 << 14, 1 << 12, 1 << 11, 1 << 10, 640, 544, *range(512, 23, -8)):
        while id(filler := bytes(size - empty)) < after_everything:
            _filling.append(filler)
    while id(filler := float(len(_filling))) < after_everything:
        _filling.append(filler)
    gc.enable()
