"""Attacks on the console from many loopback addresses, each bounded in count and time: wrong sign-ins, requests that
are begun and not ended, answers that nobody reads.
"""

import asyncio
import re
import socket
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.console.running import Running, Visitor

LONGEST_S = 120.0
AGAIN_S = 1.0
STYLES = "/static/vendor/tabler.min.css"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def addresses(count: int, first: int = 256) -> list[str]:
    """Loopback addresses that nobody else here uses."""
    return [f"127.1.{number // 250}.{1 + number % 250}" for number in range(first, first + count)]


@dataclass(slots=True)
class Tally:
    """What became of the attack: connections that are open now, those whose answer began to come and is not read, and
    answers by status (0: closed without one).
    """

    open: int = 0
    unread: int = 0
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass(slots=True)
class Attacker:
    """Somebody with many addresses and one visit to the sign-in page."""

    console: Running
    tally: Tally = field(default_factory=Tally)
    _cookie: str = ""
    _token: str = ""

    def visit(self, visitor: Visitor | None = None) -> None:
        """Read the sign-in page once: its form's token is good for all tries. As `visitor`, with the mark of a browser
        in which somebody signed in.
        """
        visitor = visitor or Visitor(self.console)
        self._token = _TOKEN.search(visitor.get("/login").decode())[1]
        self._cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.jar)

    async def wrong_sign_in(self, source: str, name: str) -> None:
        """One wrong password for `name`, from `source`."""
        form = urllib.parse.urlencode({"csrf_token": self._token, "name": name, "password": "not the password"})
        head = (
            f"POST /login HTTP/1.1\r\nHost: localhost\r\nReferer: {self._origin}/login\r\nCookie: {self._cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
            f"Content-Length: {len(form)}\r\n\r\n"
        )
        await self._hold(source, (head + form).encode(), self._read_to_the_end)

    async def half_sent(self, source: str, seconds: float) -> None:
        """A form whose body never ends; opened again as long as the attack lasts."""
        head = f"POST /login HTTP/1.1\r\nHost: localhost\r\nCookie: {self._cookie}\r\nContent-Length: 100000\r\n\r\n"
        await self._again_and_again(source, f"{head}{'x' * 1000}".encode(), seconds)

    async def page(self, source: str, seconds: float) -> None:
        """A page and the next one, as long as the attack lasts."""
        asked = f"GET /login HTTP/1.1\r\nHost: localhost\r\nCookie: {self._cookie}\r\nConnection: close\r\n\r\n"
        until = time.monotonic() + min(seconds, LONGEST_S)
        while time.monotonic() < until:
            await self._hold(source, asked.encode(), self._read_to_the_end)

    async def slow_reader(self, source: str, seconds: float, path: str = STYLES) -> None:
        """Asks for a style sheet and does not read it."""
        await self._again_and_again(source, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), seconds)

    @property
    def _origin(self) -> str:
        return f"{'https' if self.console.tls else 'http'}://localhost"

    async def _again_and_again(self, source: str, sent: bytes, seconds: float) -> None:
        until = time.monotonic() + min(seconds, LONGEST_S)
        while (left := until - time.monotonic()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hold(source, sent, self._wait_for_the_end), left)
            await asyncio.sleep(min(AGAIN_S, left))

    async def _hold(self, source: str, sent: bytes, then: Callable[[asyncio.StreamReader], Awaitable[int]]) -> None:
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.bind((source, 0))
        plain.setblocking(False)
        status, writer = 0, None
        try:
            await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", self.console.port))
            context = self.console.context()
            patience = {"ssl_handshake_timeout": 60, "server_hostname": "localhost"} if context else {}
            reader, writer = await asyncio.open_connection(sock=plain, ssl=context, limit=1024, **patience)
            self.tally.open += 1
            writer.write(sent)
            status = await then(reader)
        except (OSError, EOFError, IndexError):
            pass  # closed without an answer
        finally:
            self.tally.statuses[status] += 1
            if writer is None:
                plain.close()
            else:
                self.tally.open -= 1
                writer.transport.abort()

    async def _read_to_the_end(self, reader: asyncio.StreamReader) -> int:
        status = int((await reader.readline()).split()[1])
        while await reader.read(4096):
            pass
        return status

    async def _wait_for_the_end(self, reader: asyncio.StreamReader) -> int:
        """Of an answer only the first line is read, then nothing any more."""
        status = int((await reader.readline()).split()[1])
        if status == 200:
            self.tally.unread += 1
            try:
                while not reader.at_eof():
                    await asyncio.sleep(0.5)
            finally:
                self.tally.unread -= 1
        return status


@contextmanager
def attacking(
    attacks: Callable[[], Iterable[Awaitable[None]]], begun: Callable[[], bool] | None = None
) -> Iterator[None]:
    """Run these attacks beside the block, at once, and end them with it; `begun` says when it may start."""
    loop = asyncio.new_event_loop()

    async def all_of_them() -> None:
        await asyncio.gather(*attacks(), return_exceptions=True)

    def attack() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    task = loop.create_task(all_of_them())
    thread = threading.Thread(target=attack, name="attacker")
    thread.start()
    try:
        until = time.monotonic() + 30
        while begun is not None and not begun() and time.monotonic() < until:
            time.sleep(0.05)
        yield
    finally:
        if thread.is_alive():
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(task.cancel)
        thread.join()
