"""One HTTP request and its response over `wasi:http/outgoing-handler`, with deadlines and Python's own exceptions.

Knows nothing of HTTP's wire format: that is `connection`. Resources are dropped children first, always by us: a
parent dropped before its child ends the sandbox.
"""

import errno
import io
import socket
import ssl
import time

from componentize_py_types import Err, Ok
from wit_world.imports import monotonic_clock, outgoing_handler, poll
from wit_world.imports import wasi_http_types as types
from wit_world.imports.streams import StreamError_LastOperationFailed

_METHODS = {
    "GET": types.Method_Get, "HEAD": types.Method_Head, "POST": types.Method_Post, "PUT": types.Method_Put,
    "DELETE": types.Method_Delete, "CONNECT": types.Method_Connect, "OPTIONS": types.Method_Options,
    "TRACE": types.Method_Trace, "PATCH": types.Method_Patch,
}
# The host sets these itself, and refuses them from a guest.
_NOT_OURS = {"host", "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
             "transfer-encoding", "upgrade", "http2-settings", "te", "trailer"}
_NANOSECONDS = 1_000_000_000
_READ_AT_MOST = 1 << 20


def _drop(*resources):
    for resource in resources:
        if resource is not None:
            resource.__exit__(None, None, None)


def wait(pollable, deadline):
    """Blocks until `pollable` is ready; false if `deadline` (monotonic seconds, or None) comes first. Drops `pollable`."""
    with pollable:
        if deadline is None:
            pollable.block()
            return True
        left = max(0, int((deadline - time.monotonic()) * _NANOSECONDS))
        with monotonic_clock.subscribe_duration(left) as timer:
            return 0 in poll.poll([pollable, timer])


class ConnectTimeout(TimeoutError):
    """The time ran out before there was a connection."""


class Exchange(io.RawIOBase):
    """A request on its way and, afterwards, the readable body of its response."""

    def __init__(self, method, url, headers, has_body, connect_seconds):
        super().__init__()
        self._what = f"{method} {url.partition('?')[0]}"  # error texts reach logs, and queries carry tokens
        self._has_length = False
        self._sink = self._out = self._stream = self._body = self._response = self._future = None
        scheme, _, rest = url.partition("://")
        authority, slash, path = rest.partition("/")
        fields = types.Fields()
        for name, value in headers:
            if name.lower() not in _NOT_OURS:
                try:
                    fields.append(name.lower(), value)
                except Err as error:
                    fields.__exit__(None, None, None)
                    raise ValueError(f"header {name!r} is not one that HTTP allows") from error
        request = types.OutgoingRequest(fields)
        try:
            request.set_method(_METHODS[method]() if method in _METHODS else types.Method_Other(method))
            request.set_scheme(types.Scheme_Https() if scheme == "https" else types.Scheme_Http())
            request.set_authority(authority)
            request.set_path_with_query(slash + path or "/")
        except Err as error:
            _drop(request)
            raise ValueError(f"{self._what} is not a valid request") from error
        options = types.RequestOptions()
        if connect_seconds is not None:
            options.set_connect_timeout(max(1, int(connect_seconds * _NANOSECONDS)))
        if has_body:
            self._out = request.body()
            self._sink = self._out.write()
        try:
            self._future = outgoing_handler.handle(request, options)
        except Err as error:
            _drop(self._sink, self._out)
            self._sink = self._out = None
            raise as_exception(error.value, self._what) from None

    def send(self, data, seconds):
        """Writes all of `data` to the request's body, waiting at most `seconds` for each piece to be taken."""
        view = memoryview(data).cast("B")
        while view and self._sink is not None:
            try:
                room = self._sink.check_write()
                if room:
                    piece = view[:room]
                    self._sink.write(bytes(piece))
                    view = view[len(piece):]
                elif not wait(self._sink.subscribe(), None if seconds is None else time.monotonic() + seconds):
                    raise TimeoutError("timed out")
            except Err:
                # The other side has stopped reading: it has answered already, or the connection is gone.
                self._abandon_request()
                self.answer(None)

    def finish(self):
        """Says that the body is complete."""
        if self._out is None:
            return
        out = self._out
        _drop(self._sink)
        self._sink = self._out = None
        try:
            types.OutgoingBody.finish(out, None)
        except Err as error:
            raise as_exception(error.value, self._what) from None

    def _abandon_request(self):
        _drop(self._sink, self._out)
        self._sink = self._out = None

    def answer(self, deadline):
        """Waits for the response's head: true once it is there, false if `deadline` came first."""
        while self._response is None:
            result = self._future.get()
            if result is None:
                if not wait(self._future.subscribe(), deadline):
                    return False
                continue
            _drop(self._future)
            self._future = None
            if isinstance(result, Ok):
                result = result.value
            if not isinstance(result, Ok):
                self._abandon_request()
                raise as_exception(result.value, self._what)
            self._response = result.value
            self._body = self._response.consume()
            self._stream = self._body.stream()
        return True

    def head(self):
        """The response's status and its header fields, in order, repeated ones repeated."""
        with self._response.headers() as fields:
            self._has_length = fields.has("content-length")
            return self._response.status(), fields.entries()

    def readable(self):
        return True

    def read_body(self, size, seconds):
        """At most `size` bytes of the response's body; empty at its end."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self._stream is not None:
            try:
                data = self._stream.read(min(size, _READ_AT_MOST))
            except Err as error:
                broken = None
                if isinstance(error.value, StreamError_LastOperationFailed):
                    with error.value.value as cause:
                        code = types.http_error_code(cause)
                    # Where a length was announced the reader sees for itself that bytes are missing, and says how many.
                    if not (self._has_length and (code is None or isinstance(code, types.ErrorCode_HttpResponseIncomplete))):
                        broken = as_exception(code, self._what)
                self.close()
                if broken is not None:
                    raise broken from None
                return b""
            if data:
                return data
            if not wait(self._stream.subscribe(), deadline):
                raise TimeoutError("timed out")
        return b""

    def close(self):
        self._abandon_request()
        _drop(self._stream, self._body, self._response, self._future)
        self._stream = self._body = self._response = self._future = None
        super().close()


def as_exception(code, what):
    """The exception that a socket would have raised where the host gave this error code."""
    name = type(code).__name__.removeprefix("ErrorCode_")
    match name:
        case "HttpRequestDenied":
            return PermissionError(errno.EACCES, f"the policy denied {what}")
        case "DestinationIpProhibited":
            return PermissionError(errno.EACCES, f"the policy denied {what}: the name's address is not allowed")
        case "DnsError" | "DnsTimeout" | "DestinationNotFound":
            return socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        case "ConnectionRefused":
            return ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        case "ConnectionTerminated" | "HttpResponseIncomplete":
            return ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        case "ConnectionTimeout":
            return ConnectTimeout(errno.ETIMEDOUT, "timed out")
        case "ConnectionReadTimeout" | "ConnectionWriteTimeout" | "HttpResponseTimeout":
            return TimeoutError(errno.ETIMEDOUT, "timed out")
        case "DestinationUnavailable" | "DestinationIpUnroutable":
            return OSError(errno.EHOSTUNREACH, "No route to host")
        case "TlsCertificateError":
            return ssl.SSLCertVerificationError(1, "certificate verify failed (verified by Seawall, outside the sandbox)")
        case "TlsProtocolError" | "TlsAlertReceived":
            return ssl.SSLError(1, f"TLS failed: {_text(code)}")
        case "HttpResponseBodySize":
            return OSError(errno.EFBIG, f"the response to {what} is larger than the policy's limit")
        case "ConnectionLimitReached":
            return PermissionError(errno.EACCES, f"the policy's limit on requests denied {what}")
    return ConnectionError(errno.EIO, f"{what} failed: {_text(code)}")


def _text(code):
    if code is None:
        return "the connection broke"
    words = type(code).__name__.removeprefix("ErrorCode_")
    detail = getattr(code, "value", None)
    return words if detail is None else f"{words}: {detail}"
