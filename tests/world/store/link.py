"""A connection to the server, by which an actor waits for its answers in virtual time."""

import select
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import PipelineStatus, TransactionStatus

if TYPE_CHECKING:
    from tests.world.store.postgres import WorldPostgres

# How long an answer is awaited before the reason is looked for; what psycopg waits for, and what it is told.
GLANCE_MS = 2
_READS, _WRITES = 1, 2
_BROKEN = select.POLLERR | select.POLLHUP


class Link(psycopg.Connection[Any]):
    """`place` is the host that uses it, `notes` what triggers said of what it changes."""

    server: "WorldPostgres | None" = None
    place = ""
    is_lost = False
    waited_s = 0.0
    sql = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notes: list[str] = []

    @property
    def is_in_transaction(self) -> bool:
        return self.pgconn.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    @property
    def is_idle(self) -> bool:
        return self.pgconn.transaction_status == TransactionStatus.IDLE

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Until the answer is here. Raises psycopg's errors."""
        server = self.server
        if server is None:
            return super().wait(gen, interval, timeout)
        server.travel(self)
        if self.is_lost:
            raise psycopg.OperationalError("the connection was lost")
        self.waited_s = 0.0
        try:
            return self._answer(gen, server)
        except psycopg.errors.DeadlockDetected:
            server.violate("locks", f"a deadlock: {self.sql}")
            raise
        finally:
            server.settle()
            if not self.is_lost and self.notes and self.is_idle:
                server.hear(self.notes)

    def _answer(self, gen: Generator[int, int, Any], server: "WorldPostgres") -> Any:
        poll, cancelled = select.poll(), False
        try:
            wants = next(gen)
            poll.register(self.pgconn.socket, _events(wants))
            while True:
                events = poll.poll(GLANCE_MS)
                if events:
                    wants = gen.send(_ready(events[0][1]))
                    poll.modify(self.pgconn.socket, _events(wants))
                elif not cancelled and server.is_blocked(self):
                    cancelled = not self._wait_in_line(gen, server)
        except StopIteration as end:
            return end.value

    def _wait_in_line(self, gen: Any, server: "WorldPostgres") -> bool:
        """False when the statement was given up."""
        try:
            goes_on = server.wait_in_line(self)
        except BaseException:  # its process is gone
            if not self.is_lost:
                self._break_off(gen)
            raise
        if self.is_lost:
            raise psycopg.OperationalError("the connection was lost")
        if not goes_on:
            self.pgconn.get_cancel().cancel()
        return goes_on

    def _break_off(self, gen: Any) -> None:
        """Nothing of it goes on at the server."""
        self.pgconn.get_cancel().cancel()
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        try:
            while True:
                poll.poll(GLANCE_MS)
                gen.send(_READS)
        except (StopIteration, psycopg.Error):
            self.roll_back()

    def lose(self) -> None:
        """The network between this host and the server is gone."""
        self.is_lost = True
        if self.pgconn.transaction_status == TransactionStatus.ACTIVE and self.server is not None:
            self.server.end_backend(self)
        else:
            self.roll_back()
        self.notes.clear()
        self.close()

    def roll_back(self) -> None:
        """At once; the end of a pipeline is left to whoever began it."""
        if self.is_in_transaction and self.pgconn.pipeline_status == PipelineStatus.OFF:
            self.pgconn.exec_(b"ROLLBACK")
        self.notes.clear()

    def has_answer(self) -> bool:
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))


def _events(wants: int) -> int:
    return (select.POLLIN if wants & _READS else 0) | (select.POLLOUT if wants & _WRITES else 0)


def _ready(events: int) -> int:
    reads = _READS if events & (select.POLLIN | _BROKEN) else 0
    return reads | (_WRITES if events & select.POLLOUT else 0)
