"""One run: from argv to the exit code. Does what `python3 script.py` does, and nothing a trap could come from.

Refuses to guess: no `-c`, no `-m`, no interactive mode. Start-up reads the script and touches no other file.
"""

import atexit
import builtins
import io
import linecache
import logging
import os
import random
import sys
import time
import types

from wit_world.imports import environment, exit, preopens



# What a native interpreter exits with when it cannot read the script.
_NO_SCRIPT = 2


def main():
    """Runs the script named by argv and ends the process with its exit code."""
    code = 1
    try:
        code = _run()
    finally:
        # A return from `run` could only say "0" or "1", and an exception that left it would be a trap.
        exit.exit_with_code(code & 0xFF)


def _run():
    _begin()
    argv = environment.get_arguments()
    if not argv:
        print("seawall: no script given", file=sys.stderr)
        return _NO_SCRIPT
    sys.argv = argv
    path = argv[0]
    try:
        with io.open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"python3: can't open file {path!r}: [Errno {error.errno}] {error.strerror}", file=sys.stderr)
        return _NO_SCRIPT
    sys.path.append(os.path.dirname(path) or os.getcwd())
    code = _ended_by(lambda: exec(_compiled(source, path), _main_module(path).__dict__), source, path)
    return _end(code)


def _begin():
    """Replaces what the build left behind with what belongs to this run."""
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "r", closefd=False)), "utf-8", "surrogateescape")
    sys.stdout = sys.__stdout__ = _line_buffered(1, "<stdout>", "surrogateescape")
    sys.stderr = sys.__stderr__ = _line_buffered(2, "<stderr>", "backslashreplace")
    variables = os.environ
    variables.clear()
    for name, value in environment.get_environment():
        variables[name] = value
    if "/work" in mounts():
        os.chdir("/work")
    random.seed()
    logging._startTime = time.time_ns()


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
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = builtins
    module.__annotations__ = {}
    module.__cached__ = None
    sys.modules["__main__"] = module
    return module


def _compiled(source, path):
    return compile(source, path, "exec", dont_inherit=True)


def _ended_by(run, source, path):
    """Calls `run`; returns the exit code that its end means, printing what the interpreter would print."""
    try:
        run()
        return 0
    except SystemExit as request:
        return _code_of(request)
    except BaseException as error:
        _print_uncaught(error, source, path)
        return 1


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
    except SystemExit:
        raise
    except BaseException:
        sys.__excepthook__(type(error), error, error.__traceback__)


def _without_glue(traceback):
    while traceback is not None and traceback.tb_frame.f_globals is globals():
        traceback = traceback.tb_next
    return traceback


def _end(code):
    """What a native interpreter does after the script: exit handlers, then flushing. Its last word is the code."""
    try:
        atexit._run_exitfuncs()
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
