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
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.utils import formatdate
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast
from urllib.parse import quote, unquote

from flask import Flask
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPConnection, HTTPHeaders, HTTPInputError, HTTPMessageDelegate, HTTPServerRequest
from tornado.iostream import IOStream
from tornado.wsgi import WSGIContainer

from plp.watchdog.memory import keep_loaded
from plp.watchdog.supervision import Watchdog
from plp.watchdog.threads import alive, watched

_log = logging.getLogger(__name__)
_access = logging.getLogger("console.access")

THREADS = 8
# Deadlines of the whole, however much arrives before them: the handshake with the headers, then the body. A connection
# may idle as long as its next headers may take; the fragments are asked again each second.
HEADERS_WITHIN_S = 10.0
BODY_WITHIN_S = 60.0
LARGEST_HEADERS_BYTES = 16 * 1024
IN_MEMORY_BYTES = 64 * 1024
# Of all bodies that are under way: strangers may send some too, and the database needs the disk. Forms fit in memory.
ON_DISK_BYTES = 256 * 1024 * 1024
# Whose answer is not taken for this long is gone: nothing else ends a connection that only waits to be read.
UNREAD_WITHIN_S = 60
CONNECTIONS = 2000
# A browser opens six. Enough for a post behind one address, and thirty machines until nobody else gets in.
CONNECTIONS_PER_ADDRESS = 64
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
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    listener.setblocking(False)
    server.add_socket(listener)
    watchdog = Watchdog()
    while not told.is_set():
        watchdog.step()
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), _LOOK_EVERY_S)
    server.stop()
    until = asyncio.get_running_loop().time() + GRACE_S
    while pages.under_way and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.02)


class _Server(HTTPServer):
    """Counts connections by address: one alone cannot use them all up."""

    def initialize(self, request_callback: "_Pages", **options: Any) -> None:  # type: ignore[override]
        super().initialize(request_callback, **options)
        self._pages = request_callback
        self._open: Counter[str] = Counter()
        self._most = min(CONNECTIONS, _files_allowed() - _FILES_BESIDES)

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        if self._open[address[0]] >= CONNECTIONS_PER_ADDRESS or self._open.total() >= self._most:
            stream.close()
            return
        stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_WITHIN_S * 1000)
        self._open[address[0]] += 1
        super().handle_stream(stream, address)

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        return _Incoming(request_conn, self._pages)

    def on_close(self, server_conn: object) -> None:
        super().on_close(server_conn)
        address = cast(Any, server_conn).context.remote_ip
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]


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


class _Pages(WSGIContainer):
    """The Flask application on a few threads."""

    def __init__(self, app: Flask) -> None:
        super().__init__(_in_one_piece(app), ThreadPoolExecutor(THREADS, thread_name_prefix="console"))
        self.largest_bytes: int = app.config["MAX_CONTENT_LENGTH"]
        self.under_way = 0
        self.on_disk = 0

    async def handle_request(self, request: HTTPServerRequest) -> None:
        self.under_way += 1
        try:
            await super().handle_request(request)
        except Exception:  # noqa: BLE001
            _log.exception("an answer could not be made")
            cast(Any, request.connection).close()
        finally:
            self.under_way -= 1
            cast(_Request, request).close()

    def environ(self, request: HTTPServerRequest) -> dict[str, Any]:
        whole, length = cast(_Request, request).whole, cast(_Request, request).length
        sized = {"CONTENT_LENGTH": str(length)} if length else {}
        return {**super().environ(request), **sized, "wsgi.input": whole, "wsgi.input_terminated": True}

    def _log(self, status_code: int, request: HTTPServerRequest) -> None:
        log_access(status_code, request)


def log_access(status_code: int, request: HTTPServerRequest) -> None:
    """One line: no query string, no secret link. Live parts that went well are asked each second: only at debug."""
    polled = "HX-Request" in request.headers or request.path.startswith("/static/")
    level = logging.DEBUG if polled and status_code < 400 else logging.INFO
    path = _SECRET_LINK.sub(r"/\1/***", unquote(request.path))
    # Quoted again: a decoded line end in a path would write a line of its own into the log.
    shown, took_ms = quote(path, safe="/*"), 1000 * request.request_time()
    _access.log(level, "%s %s %s %d %.0fms", request.remote_ip, request.method, shown, status_code, took_ms)


def _in_one_piece(app: Flask) -> Any:
    """Each answer is made and closed by one thread, and written by none: a slow reader holds only his connection."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            own = {"Date": formatdate(usegmt=True), "Server": "plp-alerte"}  # Flask dates files itself
            given = {name.lower() for name, _ in headers}
            added = [(name, value) for name, value in own.items() if name.lower() not in given]
            return start_response(status, headers + added, exc_info)

        with watched():
            alive(PAGE_S)
            pieces = app(environ, begin)
            try:
                return [b"".join(pieces)]
            finally:
                if hasattr(pieces, "close"):
                    pieces.close()

    return answer


def _files_allowed() -> int:
    """Each connection is an open file; the usual soft limit of 1,024 is raised as far as this process may."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 2 * CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 2 * CONNECTIONS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most
