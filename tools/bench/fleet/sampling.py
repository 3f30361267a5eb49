"""Looks at the server and at pages while a fleet works."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.request import build_opener

import psycopg

from tools.bench.browsing import read
from tools.bench.section import percentile

_LOOK_EVERY_S = 0.25
_PAGE_EVERY_S = 1.0
_ACTIVE = """
    SELECT coalesce(wait_event_type || ' ' || wait_event, 'processor'), left(query, 110)
    FROM pg_stat_activity WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


class Sampler:
    """The work of a PostgreSQL's connections, looked at four times a second; its size and its log."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._looks = 0
        self.waits: Counter[str] = Counter()
        self.statements: Counter[str] = Counter()

    def look(self) -> None:
        """Count what is active now."""
        self._looks += 1
        for wait, query in self._connection.execute(_ACTIVE).fetchall():
            self.waits[wait] += 1
            self.statements[query] += 1

    def most(self, count: int) -> str:
        """The work that its connections did most, by the average number of connections that did it."""
        shown = (f"{what} {times / max(self._looks, 1):.1f}" for what, times in self.waits.most_common(count))
        return ", ".join(shown)

    def connections(self) -> int:
        """All that clients have open."""
        return self._number("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")

    def bytes(self) -> tuple[int, int]:
        """Size of the database, and of all that was ever written to its log."""
        size = self._number("SELECT pg_database_size(current_database())")
        return size, self._number("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")

    def close(self) -> None:
        self._connection.close()

    def _number(self, query: str) -> int:
        row = self._connection.execute(query).fetchone()
        assert row is not None
        return int(row[0])


class Visitor:
    """Somebody signed in who opens these pages of the console at `url` one after the other, one a second."""

    def __init__(self, url: str, cookies: str, pages: Sequence[str]) -> None:
        self._url, self._pages = url, pages
        self._opener = build_opener()
        self._opener.addheaders = [("Cookie", cookies)]
        self.took_ms: dict[str, list[float]] = defaultdict(list)

    def open_all(self, stop: threading.Event) -> None:
        """Open each page once."""
        for page in self._pages:
            began = time.perf_counter()
            try:
                read(self._opener, self._url + page)
            except OSError as error:
                print(f"{page}: {error}")
            self.took_ms[page].append((time.perf_counter() - began) * 1000)
            if stop.wait(_PAGE_EVERY_S):
                return

    def shown(self, page: str) -> str:
        """The median and the 95th percentile of a page, in milliseconds."""
        took = self.took_ms[page]
        return f"{percentile(took, 0.5):.0f} / {percentile(took, 0.95):.0f}" if took else ""


@contextmanager
def meanwhile(server: Sampler | None, visitor: Visitor | None) -> Iterator[None]:
    """Look at the server, and open pages, during the block."""
    stop, threads = threading.Event(), []

    def look() -> None:
        while server is not None and not stop.wait(_LOOK_EVERY_S):
            server.look()

    def visit() -> None:
        while visitor is not None and not stop.is_set():
            visitor.open_all(stop)

    for work in (look, visit):
        threads.append(threading.Thread(target=work, daemon=True))
        threads[-1].start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
