# Errors that carry their cause, notes and groups.
import traceback

try:
    try:
        int("x")
    except ValueError as error:
        raise RuntimeError("could not read the port") from error
except RuntimeError as error:
    error.add_note("while reading app.ini")
    text = traceback.format_exception_only(error)
    print("".join(text), type(error.__cause__).__name__)
try:
    raise ExceptionGroup("several", [ValueError("a"), KeyError("b")])
except* ValueError as group:
    print("values", [str(e) for e in group.exceptions])
except* KeyError as group:
    print("keys", len(group.exceptions))
