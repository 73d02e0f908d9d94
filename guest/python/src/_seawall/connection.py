"""What `http.client` takes for a socket: it reads the requests that are written to it and hands them to the host.

Standing in at this place keeps `http.client`, and so urllib, urllib3 and requests, as they are: their redirects, cookies,
authentication, retries and decoding run unchanged. It is no socket for anything but HTTP; raw TCP is `socket`.
"""

import http.client
import io
import time

from .exchange import Exchange

_BUFFER = 1 << 16


# When a connection that could not be made is noticed: http.client's callers expect that before the request is sent, so
# its last piece waits for an answer. urllib3 learns its read timeout only after sending, and takes both for the same.
SENT = "sent"
READ = "read"


class Connection:
    """A keep-alive connection to one host, as far as HTTP clients can see."""

    def __init__(self, address, timeout=None, scheme="http", fails_when=SENT):
        self._fails_when = fails_when
        self.host, self.port = address[0], address[1]
        self.scheme = scheme
        self.timeout = None
        self.settimeout(timeout)
        self._exchange = None
        self._is_closed = False
        self._expect_head()

    def _expect_head(self):
        self._head = bytearray()
        self._method = None
        self._left = None       # bytes of a body whose length was announced
        self._chunks = None     # the parser of a chunked body

    # What sockets have.

    def settimeout(self, seconds):
        # `socket.create_connection` has an object that means "the default", which is: none.
        self.timeout = float(seconds) if isinstance(seconds, (int, float)) else None

    def gettimeout(self):
        return self.timeout

    def setblocking(self, flag):
        self.timeout = None if flag else 0.0

    def setsockopt(self, *ignored):
        pass

    def getpeername(self):
        return (self.host, self.port)

    def getpeercert(self, binary_form=False):
        return b"" if binary_form else {}

    def selected_alpn_protocol(self):
        return None

    def version(self):
        return "TLSv1.3" if self.scheme == "https" else None

    def cipher(self):
        return None

    def fileno(self):
        raise io.UnsupportedOperation("an HTTP connection in the sandbox has no file descriptor")

    def shutdown(self, how):
        pass

    def close(self):
        # A response that is still being read keeps its exchange, as a socket's file would.
        self._is_closed = True
        self._exchange = None

    def send(self, data):
        self.sendall(data)
        return len(data)

    def sendall(self, data):
        if self._is_closed:
            raise OSError(9, "the connection is closed")
        if self._method is None:
            data = self._take_head(data)
        if self._method is not None:
            self._take_body(data)

    def makefile(self, mode="rb", *ignored, **options):
        exchange = self._exchange
        if exchange is None:
            raise OSError("no request has been sent")
        return io.BufferedReader(_Answer(self, exchange, self._sent_at), _BUFFER)

    # The request, as it arrives.

    def _take_head(self, data):
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return b""
        request_line, *lines = bytes(self._head[:end]).split(b"\r\n")
        rest = bytes(self._head[end + 4:])
        method, target, _ = request_line.decode("latin-1").split(" ", 2)
        headers = []
        for line in lines:
            name, _, value = line.partition(b":")
            headers.append((name.decode("latin-1").strip(), value.strip()))
        named = {name.lower(): value for name, value in headers}
        if method == "CONNECT" or not target.startswith("/"):
            raise OSError("the sandbox knows no proxies: connecting is the host's work")
        self._check_host(named)
        has_body = True
        if b"chunked" in named.get("transfer-encoding", b""):
            self._chunks = _Chunks()
        else:
            self._left = int(named.get("content-length", b"0"))
            has_body = self._left > 0
        self._method = method
        self._exchange = Exchange(method, f"{self.scheme}://{self._authority()}{target}", headers, has_body, self.timeout)
        return rest

    def _authority(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    def _check_host(self, named):
        asked = named.get("host", b"").decode("latin-1").lower()
        name = asked.rpartition(":")[0] if asked.rpartition(":")[2].isdigit() else asked
        if name and name.strip("[]").rstrip(".") != self.host.lower().strip("[]").rstrip("."):
            raise OSError(f"the Host header {asked!r} is not the host connected to, {self.host!r}: the sandbox sends only the latter")

    def _take_body(self, data):
        if self._chunks is not None:
            for piece in self._chunks.feed(data):
                self._exchange.send(piece, self.timeout)
            is_complete = self._chunks.is_complete
        else:
            piece = memoryview(data).cast("B")[:self._left]
            self._exchange.send(piece, self.timeout)
            self._left -= len(piece)
            is_complete = self._left == 0
        if is_complete:
            self._exchange.finish()
            self._expect_head()
            self._sent_at = time.monotonic()
            if self._fails_when is SENT:
                self._exchange.answer(None if self.timeout is None else self._sent_at + self.timeout)


class _Chunks:
    """Takes the chunked coding apart again, however the pieces are cut."""

    def __init__(self):
        self._buffer = b""
        self._left = 0
        self.is_complete = False

    def feed(self, data):
        data = self._buffer + bytes(data) if self._buffer else data
        view = memoryview(data).cast("B")
        while view and not self.is_complete:
            if self._left > 2:
                piece = view[:self._left - 2]
                self._left -= len(piece)
                view = view[len(piece):]
                yield piece
            elif self._left:  # the line end after a chunk
                gone = min(self._left, len(view))
                self._left -= gone
                view = view[gone:]
            else:
                end = bytes(view[:64]).find(b"\r\n")
                if end < 0:
                    break
                size = int(bytes(view[:end]).split(b";")[0], 16)
                view = view[end + 2:]
                self._left = size + 2
                self.is_complete = size == 0
        self._buffer = bytes(view)


class _Answer(io.RawIOBase):
    """The response as bytes: a status line and header fields made from what the host gave, then the body as it comes."""

    def __init__(self, connection, exchange, sent_at):
        super().__init__()
        self._connection = connection
        self._exchange = exchange
        self._sent_at = sent_at
        self._head = None

    def readable(self):
        return True

    def readinto(self, buffer):
        seconds = self._connection.timeout
        if self._head is None:
            if not self._exchange.answer(None if seconds is None else self._sent_at + seconds):
                raise TimeoutError("timed out")
            self._head = _head_bytes(*self._exchange.head())
        if self._head:
            data, self._head = self._head[:len(buffer)], self._head[len(buffer):]
        else:
            data = self._exchange.read_body(len(buffer), seconds)
        buffer[:len(data)] = data
        return len(data)

    def close(self):
        if not self.closed:
            super().close()
            self._exchange.close()


def _head_bytes(status, fields):
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, '')}".encode()]
    for name, value in fields:
        # The host has taken the transfer coding off already.
        if name.lower() not in ("transfer-encoding", "connection", "keep-alive"):
            lines.append(name.encode("latin-1") + b": " + value)
    return b"\r\n".join(lines) + b"\r\n\r\n"
