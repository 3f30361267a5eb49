"""The web server: Tornado reads whole requests and writes whole answers; a thread is taken only in between. So a
visitor who sends or reads slowly holds a connection and nothing else (docs/adr/0024).
"""

import asyncio
import logging
import os
import re
import resource
import signal
import socket
import ssl
from collections import Counter
from contextlib import suppress
from email.utils import formatdate
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple, cast
from urllib.parse import quote, unquote

from flask import Flask
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPInputError,
    HTTPMessageDelegate,
    HTTPServerRequest,
    ResponseStartLine,
)
from tornado.iostream import IOStream, StreamClosedError
from tornado.wsgi import WSGIContainer
from werkzeug.wrappers import Request
from werkzeug.wsgi import FileWrapper

from base.watchdog import Watchdog, alive, keep_loaded, watched
from console.web.pools import RETRY_AFTER_S, Pools, busy_page
from plp.serving import SERVER

_log = logging.getLogger(__name__)
_access = logging.getLogger("console.access")

# Deadlines of the whole, however much arrives before them: the handshake with the headers, then the body. A connection
# may idle as long as its next headers may take; the fragments are fetched again every second.
HEADERS_WITHIN_S = 10.0
BODY_WITHIN_S = 60.0
LARGEST_HEADERS_BYTES = 16 * 1024
IN_MEMORY_BYTES = 64 * 1024
# Of all bodies that are under way: strangers may send some too, and the database needs the disk. Forms fit in memory.
ON_DISK_BYTES = 256 * 1024 * 1024
# Whose answer is not taken for this long is gone: nothing else ends a connection that only waits to be read.
UNREAD_WITHIN_S = 60
CONNECTIONS = 600
# A browser opens six: enough for a post behind one address.
CONNECTIONS_PER_ADDRESS = 64
# So much of an answer is in memory for its reader; files are read piece by piece, other answers are whole until then.
PIECE_BYTES = 16 * 1024
UNREAD_BYTES = 64 * 1024 * 1024
# A page under way at the stop gets this long; systemd and Ctrl-C wait for it.
GRACE_S = 1.0
# A page takes less than this besides a turn of the watchdog, also a list that is read on a slow machine.
PAGE_S = 10.0
_LOOK_EVERY_S = 1.0
_FILES_BESIDES = 200

# Whoever has one of these needs no password.
_SECRET_LINK = re.compile(r"^/(setup|relay)/.*", re.DOTALL)
# WSGI wants the port as a number.
_HOST = re.compile(r"([^:]*|\[[^]]*\])(:[0-9]{1,5})?")


def run(app: Flask, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
    """Serve `app` until SIGTERM or SIGINT. A page that takes longer than that may end with the process."""
    # What strangers send is no warning of ours, and their headers may hold what no log should.
    logging.getLogger("tornado.general").setLevel(logging.ERROR)
    pages = _Pages(app)
    keep_loaded()
    asyncio.run(_serve(pages, listener, tls))
    if pages.under_way:
        logging.shutdown()
        os._exit(0)


async def _serve(pages: "_Pages", listener: socket.socket, tls: ssl.SSLContext | None) -> None:
    server = _Server(
        pages,
        ssl_options=tls,
        idle_connection_timeout=HEADERS_WITHIN_S,
        body_timeout=BODY_WITHIN_S,
        max_header_size=LARGEST_HEADERS_BYTES,
        # Read to its end and thrown away, so that the browser shows the page that refuses it.
        max_body_size=8 * pages.largest_bytes,
    )
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    listener.setblocking(False)
    server.add_socket(listener)
    watchdog = Watchdog()
    while not stopped.is_set():
        watchdog.step()
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), _LOOK_EVERY_S)
    server.stop()
    until = asyncio.get_running_loop().time() + GRACE_S
    while pages.under_way and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.02)


class _Server(HTTPServer):
    """Counts connections by address. Where as many as may be are open, the next one takes the place of another: of the
    address that has most, the one that has waited longest, to send its request or to read its answer.
    """

    def initialize(self, request_callback: "_Pages", **options: Any) -> None:  # type: ignore[override]
        super().initialize(request_callback, **options)
        self._pages = request_callback
        self._open: Counter[str] = Counter()
        self._addresses: dict[IOStream, str] = {}
        self._most = min(CONNECTIONS, (_files_allowed() - _FILES_BESIDES) // 2)

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        if not self._has_room(address[0]):
            stream.close()
            return
        stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_WITHIN_S * 1000)
        self._open[address[0]] += 1
        self._addresses[stream] = address[0]
        self._pages.wait(stream, address[0])
        super().handle_stream(stream, address)

    def _has_room(self, address: str) -> bool:
        waiting = self._pages.waiting
        if self._open[address] >= CONNECTIONS_PER_ADDRESS:
            given_up = next((stream for stream, its in waiting.items() if its == address), None)
        elif self._open.total() < self._most:
            return True
        else:
            given_up = max(waiting, key=lambda stream: self._open[waiting[stream]], default=None)
        if given_up is None:
            return False
        # Tornado reports the close only in its next turn, and one turn accepts many connections.
        self._uncount(given_up)
        given_up.close()
        return True

    def _uncount(self, stream: IOStream) -> None:
        self._pages.waiting.pop(stream, None)
        if (address := self._addresses.pop(stream, None)) is not None:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        connection = cast(Any, server_conn)
        self._pages.wait(connection.stream, connection.context.remote_ip)
        return _Incoming(request_conn, self._pages)

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        self._uncount(cast(Any, server_conn).stream)


class _Request(HTTPServerRequest):
    """A request with its body as a file."""

    def __init__(self, pages: "_Pages", **parts: Any) -> None:
        super().__init__(**parts)
        self.whole: IO[bytes] = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115
        self.length = 0
        self._pages = pages
        self._on_disk = 0

    def take(self, chunk: bytes) -> bool:
        """Keep a piece, or only count it beyond the largest upload; False when the disk is not for more."""
        self.length += len(chunk)
        if self.length > self._pages.largest_bytes:
            return True
        if self.length > IN_MEMORY_BYTES:
            more = self.length - self._on_disk
            if self._pages.on_disk + more > ON_DISK_BYTES:
                return False
            self._on_disk += more
            self._pages.on_disk += more
        self.whole.write(chunk)
        return True

    def close(self) -> None:
        self._pages.on_disk -= self._on_disk
        self._on_disk = 0
        self.whole.close()


class _Incoming(HTTPMessageDelegate):
    """One request as it arrives: a large body lies on disk, and beyond the largest upload it is only counted."""

    def __init__(self, connection: HTTPConnection, pages: "_Pages") -> None:
        self._connection = connection
        self._pages = pages
        self._request: _Request | None = None

    def headers_received(self, start_line: Any, headers: HTTPHeaders) -> None:
        if not _HOST.fullmatch(headers.get("Host", "")):
            raise HTTPInputError("Host")
        self._request = _Request(self._pages, connection=self._connection, start_line=start_line, headers=headers)

    def data_received(self, chunk: bytes) -> None:
        if not cast(_Request, self._request).take(chunk):
            _log.warning("uploads fill %d MB of the disk: one is cut off", ON_DISK_BYTES // 1024**2)
            cast(Any, self._connection).close()

    def finish(self) -> None:
        request = cast(_Request, self._request)
        request.whole.seek(0)
        self._pages(request)

    def on_connection_close(self) -> None:
        if self._request is not None:
            self._request.close()


class _Answer(NamedTuple):
    """An answer of the application: its body as a file, whether of the disk or of memory."""

    status: str
    headers: list[tuple[str, str]]
    body: IO[bytes]
    in_memory_bytes: int


class _Pages(WSGIContainer):
    """The Flask application on a few threads."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self._pools = Pools(app)
        self.largest_bytes: int = app.config["MAX_CONTENT_LENGTH"]
        self.under_way = 0
        self.on_disk = 0
        # By connection whose turn it is, not ours: the address, in the order in which they began.
        self.waiting: dict[IOStream, str] = {}
        self._unread: dict[IOStream, int] = {}

    def wait(self, stream: IOStream, address: str) -> None:
        """This connection sends or reads from now on."""
        self.waiting.pop(stream, None)
        if not stream.closed():  # it may have left while its answer was made
            self.waiting[stream] = address

    async def handle_request(self, request: HTTPServerRequest) -> None:
        stream: IOStream = cast(Any, request.connection).stream
        self.waiting.pop(stream, None)
        self.under_way += 1
        try:
            answer = await self._answer(request)
            self.wait(stream, request.remote_ip or "")
            self._hold(stream, answer.in_memory_bytes)
            await self._write(request, answer)
        except StreamClosedError:
            pass  # the reader is gone
        except Exception:  # noqa: BLE001
            _log.exception("an answer could not be made")
            stream.close()
        finally:
            self.under_way -= 1
            self._unread.pop(stream, None)
            cast(_Request, request).close()

    async def _answer(self, request: HTTPServerRequest) -> _Answer:
        environ = self.environ(request)
        wanted = Request(environ)
        with self._pools.of(wanted).place() as executor:
            if executor is not None:
                return await asyncio.get_running_loop().run_in_executor(executor, self._made, environ)
        kind, page = busy_page(wanted)
        headers = [("Content-Type", kind), ("Retry-After", str(RETRY_AFTER_S)), ("Cache-Control", "no-store")]
        return _Answer("503 Service Unavailable", headers, BytesIO(page), len(page))

    def _made(self, environ: dict[str, Any]) -> _Answer:
        """The complete answer, made by one thread. No thread writes it: a slow reader keeps only a connection open."""
        begun: list[Any] = []
        with watched():
            alive(PAGE_S)
            pieces = cast(Any, self.wsgi_application)(environ, lambda *head: begun.append(head))
            status, headers = begun[-1][:2]
            if isinstance(pieces, FileWrapper):
                return _Answer(status, headers, pieces.file, 0)
            try:
                whole = b"".join(pieces)
            finally:
                if hasattr(pieces, "close"):
                    pieces.close()
        return _Answer(status, headers, BytesIO(whole), len(whole))

    def _hold(self, stream: IOStream, size: int) -> None:
        """Answers in memory that nobody reads give way to newer ones, the oldest first."""
        self._unread[stream] = size
        while len(self._unread) > 1 and sum(self._unread.values()) > UNREAD_BYTES:
            oldest = next(iter(self._unread))
            del self._unread[oldest]
            oldest.close()

    async def _write(self, request: HTTPServerRequest, answer: _Answer) -> None:
        code, _, reason = answer.status.partition(" ")
        headers = HTTPHeaders({"Server": SERVER, "Date": formatdate(usegmt=True)})
        if answer.in_memory_bytes:
            headers["Content-Length"] = str(answer.in_memory_bytes)
        for name in {name for name, _ in answer.headers}:  # Flask dates files itself
            headers.pop(name, None)
        for name, value in answer.headers:
            headers.add(name, value)
        connection = cast(HTTPConnection, request.connection)
        with answer.body:
            connection.write_headers(ResponseStartLine("HTTP/1.1", int(code), reason), headers)
            while piece := answer.body.read(PIECE_BYTES):
                await connection.write(piece)
        connection.finish()
        log_access(int(code), request)

    def environ(self, request: HTTPServerRequest) -> dict[str, Any]:
        whole, length = cast(_Request, request).whole, cast(_Request, request).length
        sized = {"CONTENT_LENGTH": str(length)} if length else {}
        return {**super().environ(request), **sized, "wsgi.input": whole, "wsgi.input_terminated": True}


def log_access(status_code: int, request: HTTPServerRequest) -> None:
    """One line: no query string, no secret link. Live parts that went well are fetched every second: only at debug."""
    polled = "HX-Request" in request.headers or request.path.startswith("/static/")
    level = logging.DEBUG if polled and status_code < 400 else logging.INFO
    path = _SECRET_LINK.sub(r"/\1/***", unquote(request.path))
    # Quoted again: a decoded line end in a path would write a line of its own into the log.
    shown, took_ms = quote(path, safe="/*"), 1000 * request.request_time()
    _access.log(level, "%s %s %s %d %.0fms", request.remote_ip, request.method, shown, status_code, took_ms)


def _files_allowed() -> int:
    """A connection is an open file, and what it reads may be one: the soft limit is raised as far as allowed."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS + _FILES_BESIDES
    most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most
