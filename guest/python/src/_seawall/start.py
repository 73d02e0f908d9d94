"""One run: from argv to the exit code. Does what `python3 script.py` does, and nothing a trap could come from.

Refuses to guess: no `-c`, no `-m`, no interactive mode. Start-up reads the script and touches no other file.
"""

import atexit
import builtins
import io
import linecache
import logging
import os
import posix
import random
import sys
import time
import types
import weakref

from wit_world.imports import environment, exit, preopens

# What a native interpreter exits with when it cannot read the script.
_NO_SCRIPT = 2


def main():
    """Runs the script named by argv and ends the process with its exit code."""
    code = 1
    try:
        _begin()
        code = run(environment.get_arguments())
    finally:
        # A return from `run` could only say "0" or "1", and an exception that left it would be a trap.
        exit.exit_with_code(code & 0xFF)


def _begin():
    random.seed()
    logging._startTime = time.time_ns()
    try:
        posix.chdir("/work")
    except OSError:
        pass  # not mounted


def run(argv):
    """Runs the script `argv[0]` as `__main__`; returns the code to exit with."""
    if not argv:
        print("seawall: no script given", file=sys.stderr)
        return _NO_SCRIPT
    sys.argv = argv
    path = argv[0]
    try:
        source = _read(path)
    except OSError as error:
        print(f"python3: can't open file {path!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        return _NO_SCRIPT
    sys.path.insert(0, path.rpartition("/")[0] or os.getcwd())
    code = 0
    try:
        exec(compile(source, path, "exec", dont_inherit=True), _main_module(path))
    except SystemExit as request:
        code = _code_of(request)
    except BaseException as error:
        code = _print_uncaught(error, source, path)
    return _end(code)


def _read(path):
    # `open` would do, and take ten times as long: it makes three objects and asks about seeking and terminals.
    descriptor = posix.open(path, os.O_RDONLY)
    try:
        pieces = []
        while piece := posix.read(descriptor, posix.fstat(descriptor).st_size + 1 if not pieces else 1 << 16):
            pieces.append(piece)
            if len(pieces) == 1 and len(piece) < 1 << 16:
                break
        return b"".join(pieces)
    finally:
        posix.close(descriptor)


def prepare():
    """What can be done once, while building: standard streams, and a few runs so that this code is quick from the start."""
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "r", closefd=False)), "utf-8", "surrogateescape")
    sys.stdout = sys.__stdout__ = _line_buffered(1, "<stdout>", "surrogateescape")
    sys.stderr = sys.__stderr__ = _line_buffered(2, "<stderr>", "backslashreplace")
    _end(0)
    rehearse(20)


def rehearse(n_runs):
    """Runs a script so often, and leaves no trace of it but what got quicker.

    CPython specialises code as it runs, and remembers the methods that it looked up last. Doing that here saves the work, and the
    private copies of the pages that it is written to.
    """
    for _ in range(n_runs):
        _begin()
        run(["/0/_seawall/warm.py"])
        sys.path.clear()
    sys.argv = [""]
    del sys.modules["__main__"]


def mounts():
    """The paths that the policy mounted, without asking any of them anything."""
    found = []
    for descriptor, path in preopens.get_directories():
        descriptor.__exit__(None, None, None)
        found.append(path)
    return found


def _line_buffered(descriptor, name, errors):
    raw = io.FileIO(descriptor, "w", closefd=False)
    raw.name = name
    return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", errors, line_buffering=True)


def _main_module(path):
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    names = module.__dict__
    names["__file__"] = path
    names["__builtins__"] = builtins
    names["__cached__"] = None
    return names


def _code_of(request):
    if request.code is None:
        return 0
    if isinstance(request.code, int):
        return request.code
    print(request.code, file=sys.stderr)
    return 1


def _print_uncaught(error, source, path):
    """Calls the excepthook with a traceback that starts in the script, as if nothing had been around it."""
    if path not in linecache.cache:
        text = source.decode("utf-8", "replace")
        linecache.cache[path] = (len(source), None, text.splitlines(keepends=True), path)
    error.__traceback__ = _without_glue(error.__traceback__)
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        pass
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except SystemExit as request:
        return _code_of(request)
    except BaseException:
        sys.__excepthook__(type(error), error, error.__traceback__)
    return 1


def _without_glue(traceback):
    while traceback is not None and traceback.tb_frame.f_globals is globals():
        traceback = traceback.tb_next
    return traceback


def _end(code):
    """What a native interpreter does after the script: exit handlers, then flushing. Its last word is the code."""
    try:
        if atexit._ncallbacks():
            atexit._run_exitfuncs()
        if logging._handlers:
            logging.shutdown()
    except SystemExit as request:
        code = _code_of(request)
    except BaseException:
        pass
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass
    return code


def forget_exit_handlers():
    """Drops what modules registered while they were imported by the build; `_end` does what is needed of it.

    `weakref.finalize` registers again when a script makes the first one.
    """
    atexit._clear()
    weakref.finalize._registry.clear()
    weakref.finalize._registered_with_atexit = False
