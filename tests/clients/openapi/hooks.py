"""A check of ours: a body that the description allows can be read.

What is refused may be wrong in itself (an id of nothing, a name that is taken), and schemathesis can't tell. What can't
even be read is told in words of its own, and then the description is wrong, or the server.
"""

import schemathesis

UNREADABLE = "The body is not valid: "


@schemathesis.check
def described_bodies_are_read(ctx, response, case):
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 400:
        return
    message = response.json()["ErrorMessage"]
    if message.startswith(UNREADABLE):
        raise AssertionError(f"{case.operation.label}: {message}")
