"""What a sandbox doesn't have, processes and threads, said in a way that tells the user what to do instead.

Modules stay importable: many libraries import `subprocess` or `threading` and never start anything.
A pool's work runs at once, in the caller: its results are right, only nothing is parallel.
"""

import concurrent.futures
import concurrent.futures.thread
import errno
import multiprocessing.process
import os
import subprocess
import threading

from wit_world.imports import exit

_NO_PROCESSES = "the sandbox has no processes: use Python's own modules, or run the step natively, if its policy allows that"
_NO_THREADS = "can't start new thread: the sandbox has none; call the function, or use asyncio or a ThreadPoolExecutor (which runs work at once)"


def install():
    subprocess.Popen.__init__ = _refuse_process
    os._exit = lambda status: exit.exit_with_code(status & 0xFF)  # the C library's knows only success and failure
    os.system = lambda command: _refuse_process(None, command)
    os.popen = lambda command, *rest: _refuse_process(None, command)
    for name in ("execv", "execve", "fork", "forkpty", "posix_spawn", "posix_spawnp", "spawnv", "spawnl", "spawnvp", "spawnlp"):
        setattr(os, name, lambda *arguments, **options: _refuse_process(None, arguments[0] if arguments else "a process"))
    multiprocessing.process.BaseProcess.start = lambda self: _refuse_process(None, self.name)
    threading.Thread.start = _refuse_thread
    threading.Condition.wait = _only_with_timeout(threading.Condition.wait)
    pool = concurrent.futures.ThreadPoolExecutor
    pool.submit = _submit_at_once
    pool.shutdown = _shutdown


def _refuse_process(self, arguments="a process", *rest, **options):
    if self is not None:
        self.returncode, self.pid, self.args = None, None, arguments
        self._child_created = False
        self.stdin = self.stdout = self.stderr = None
    what = arguments if isinstance(arguments, str) else " ".join(map(str, arguments))
    raise PermissionError(errno.EACCES, _NO_PROCESSES, what)


def _refuse_thread(self):
    raise RuntimeError(_NO_THREADS)


def _only_with_timeout(wait):
    # Natively this would hang for ever; in WASI's C library it is a trap.
    def call(self, timeout=None):
        if timeout is None:
            raise RuntimeError("waiting for another thread without a timeout would never end: the sandbox has no threads")
        return wait(self, timeout)

    return call


def _submit_at_once(self, function, /, *arguments, **options):
    if self._shutdown:
        raise RuntimeError("cannot schedule new futures after shutdown")
    future = concurrent.futures.Future()
    future.set_running_or_notify_cancel()
    try:
        result = function(*arguments, **options)
    except Exception as error:
        future.set_exception(error)
    else:
        future.set_result(result)
    return future


def _shutdown(self, wait=True, *, cancel_futures=False):
    self._shutdown = True
