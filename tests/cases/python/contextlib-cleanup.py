# Clean-up that happens whatever goes wrong.
import contextlib
import io


@contextlib.contextmanager
def lock(name):
    print("lock", name)
    try:
        yield name
    finally:
        print("unlock", name)


with contextlib.suppress(ZeroDivisionError), lock("a"), lock("b"):
    1 / 0
with contextlib.ExitStack() as stack:
    for name in "xy":
        stack.enter_context(lock(name))
    stack.callback(print, "callback")
out = io.StringIO()
with contextlib.redirect_stdout(out):
    print("captured")
print(repr(out.getvalue()))
