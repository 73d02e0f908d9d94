"""asyncio without threads, signals or socket pairs: the standard selector loop with a selector that can wait for nothing.

Nobody else can wake this loop (there are no other threads), so it needs no self-pipe; and what would go to a thread
pool (`to_thread`, `run_in_executor`, name resolution) is done at once, in the loop.
"""

import asyncio
import asyncio.events
import asyncio.selector_events
import asyncio.unix_events
import selectors
import time


class _Selector(selectors.PollSelector):
    """`poll` with nothing registered is only a sleep, which WASI's `poll` refuses."""

    def select(self, timeout=None):
        if self.get_map():
            return super().select(timeout)
        if timeout is None:
            raise RuntimeError("asyncio waits for something that can never happen: no timer, no socket, nothing ready")
        if timeout > 0:
            time.sleep(timeout)
        return []


class Loop(asyncio.selector_events.BaseSelectorEventLoop):
    """The loop that `asyncio.run` gets."""

    def __init__(self, selector=None):
        super().__init__(selector or _Selector())

    def _make_self_pipe(self):
        self._ssock = self._csock = None

    def _close_self_pipe(self):
        pass

    def _write_to_self(self):
        pass

    def run_in_executor(self, executor, function, *arguments):
        future = self.create_future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    async def shutdown_default_executor(self, timeout=None):
        pass

    def add_signal_handler(self, *arguments):
        raise NotImplementedError("the sandbox has no signals")

    def remove_signal_handler(self, *arguments):
        return False

    async def subprocess_exec(self, factory, program, *arguments, **options):
        import subprocess
        subprocess.Popen([program, *arguments])

    async def subprocess_shell(self, factory, command, **options):
        import subprocess
        subprocess.Popen(command)


class _Policy(asyncio.events._BaseDefaultEventLoopPolicy):
    _loop_factory = Loop


def install():
    asyncio.SelectorEventLoop = asyncio.unix_events.SelectorEventLoop = Loop
    asyncio.EventLoop = asyncio.unix_events.EventLoop = Loop
    asyncio.events._set_event_loop_policy(_Policy())
