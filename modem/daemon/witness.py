"""This machine's note of what it sent, outside the database: an older copy, once restored, would send it all again. A
server that was unreachable may return as such a copy: nothing is sent before this machine, and every other running one,
has compared. The note is written ahead, before a message that it does not cover yet can be sent: so everybody after the
noted message certainly received nothing. The database's own progress is written before the note: after any crash the
database is at least as far, and only another, older database is less far. Nothing in the note is about a person.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from db.alerts.orders.earlier import newest_order
from db.alerts.queue.marks import ClaimLost, mark_pdu_started
from db.alerts.values import Claim
from db.engine.connection import incarnation, is_postgres_database
from db.engine.files import write_whole
from db.operations import lineage
from db.operations.lineage import Position

_log = logging.getLogger(__name__)

# So long a note covers, about: one message ahead on a slow modem, hundreds on a fast one.
EVERY_S = 1.0
MOST_AHEAD = 512
# Broadcasts that the note knows; below the oldest of them nobody knows.
KEPT = 200
# After the database was away, other machines that lived before have so long to compare; then they are taken for dead.
PATIENCE_S = 15.0


class Witness:
    """One per daemon, for all its modems. `clock` gives seconds that go on evenly."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = folder / "sent.json"
        self._clock = clock
        self._lock = threading.Lock()
        self._position: Position | None = None
        # By broadcast: the last message that was handed over, and the last that the note covers.
        self._sent: dict[int, int] = {}
        self._covered: dict[int, int] = {}
        # Broadcasts that a copy lacked when it was put back. Their numbers were then given to others: in a later copy
        # such a number may mean either one.
        self._lacked = range(0)
        self._ahead = 1
        self._noted_s = self._left_s = float("-inf")
        self._moved = self._failed = False
        # Attempts that left since the note: a copy that was made after it may lack them.
        self._started: set[int] = set()
        # `incarnation()` that was compared, and the one that the other machines had compared too.
        self._compared = self._agreed = ""
        self._others: frozenset[str] = frozenset()
        self._awaited: set[str] = set()
        self._asked_at, self._patient_until_s = datetime.min.replace(tzinfo=UTC), 0.0

    def compare(self, now: datetime, others: Mapping[str, datetime]) -> int:
        """Hold what waits when the database is older than the note; returns how many broadcasts are held now.

        `others` are the other machines with a running daemon, with its last sign of life. Without a note it is unknown
        what was sent, unless they know or nothing was sent.
        """
        name = incarnation()
        with self._lock:
            held = self._compare(now, alone=not others)
            if name != self._compared:
                self._compared, self._asked_at, self._awaited = name, now, set(self._others)
                self._patient_until_s = self._clock() + PATIENCE_S
            # A machine gives signs of life only when it has compared (`has_compared`).
            self._awaited -= {host for host, seen_at in others.items() if seen_at > self._asked_at}
            if not self._awaited or self._clock() > self._patient_until_s:
                self._agreed, self._others = name, frozenset(others)
            return held

    def has_compared(self) -> bool:
        """False for another database than the one that `compare` saw."""
        return incarnation() == self._compared

    def may_send(self) -> bool:
        """True when every machine has compared the database of now."""
        return incarnation() == self._agreed

    def _compare(self, now: datetime, alone: bool) -> int:
        if self._position is None:
            self._read()
        here, noted = lineage.position(), self._position
        held = 0
        if noted is None or noted.token != here.token:
            self._sent, self._covered, self._lacked = {}, {}, range(0)
            began = here.progress > 0 or (noted is not None and lineage.has_sent())
            held = lineage.hold_after_restore(None, (), {}, alone, now) if began and alone else 0
        elif lineage.is_copy(noted, self._started):
            # Several machines send from one PostgreSQL: what the others sent stands in their notes.
            alone = not is_postgres_database()
            newest = newest_order()  # the numbers of later ones are given to others
            unknown = dict.fromkeys(number for number in self._lacked if number <= newest)
            held = lineage.hold_after_restore(noted, self._started, self._covered | unknown, alone, now)
            last = max(self._covered, default=0)
            if last > newest:
                first = min(self._lacked.start, newest + 1) if self._lacked else newest + 1
                self._lacked = range(first, max(self._lacked.stop, last + 1))
            self._covered = {broadcast: message for broadcast, message in self._covered.items() if broadcast <= newest}
            self._sent = dict(self._covered)
        self._position = lineage.position()
        if self._position != noted:
            self._write(self._position)
        return held

    def start(self, claim: Claim, now: datetime) -> None:
        """Note that this part may leave, here and in the database. Raises ClaimLost when it must not."""
        self.cover(claim)
        mark_pdu_started(claim, now)
        self._started.add(claim.attempt_id)

    def cover(self, claim: Claim) -> None:
        """Call this before this part can be sent. Raises ClaimLost if the database is an older one, and NotCompared
        while that is unknown: then it must not be sent.
        """
        broadcast, message = claim.broadcast_id, claim.message_id
        if not self.may_send():
            raise lineage.NotCompared
        with self._lock:
            if message > self._covered.get(broadcast, 0):
                often = self._clock() - self._noted_s < EVERY_S
                self._ahead = min(self._ahead * 2, MOST_AHEAD) if often else max(self._ahead // 2, 1)
                self._note({**self._sent, broadcast: message + self._ahead - 1})
            elif is_postgres_database() and lineage.is_older(self._position):
                # A server that is back may be an older copy, and this thread may be the first to have reached it.
                raise ClaimLost
            self._sent[broadcast] = max(message, self._sent.get(broadcast, 0))
            self._moved, self._left_s = True, self._clock()

    def step(self) -> None:
        """Soon after the last part of a broadcast, the note states exactly how far that went. Not between two parts:
        the next one would need another note at once, which would cover twice as many.
        """
        with self._lock:
            if self._moved and self._clock() - self._left_s >= EVERY_S:
                self._note_exactly()

    def close(self) -> None:
        """The final note; no modem sends any more."""
        with self._lock:
            if self._moved:
                self._note_exactly()

    def _note_exactly(self) -> None:
        with suppress(ClaimLost):  # the next comparison tells
            self._note(dict(self._sent))
            self._moved = False

    def _note(self, covered: dict[int, int]) -> None:
        started = set(self._started)
        position = lineage.advance(self._position)
        if position is None:
            raise ClaimLost  # another database was put in its place under us: the note stays as it is
        self._position = position
        self._started -= started
        self._covered = dict(sorted(covered.items())[-KEPT:])
        if self._lacked.stop <= min(self._covered, default=0):  # nobody knows of anything so old
            self._lacked = range(0)
        self._sent = {broadcast: self._sent.get(broadcast, 0) for broadcast in self._covered}
        self._noted_s = self._clock()
        self._write(position)

    def _read(self) -> None:
        try:
            note = json.loads(self._path.read_text(encoding="ascii"))
            position = Position(str(note["database"]), int(note["epoch"]), int(note["progress"]))
            covered = {int(broadcast): int(message) for broadcast, message in note["reached"].items()}
            first, stop = map(int, note.get("lacked", (0, 0)))
            self._position, self._covered, self._lacked = position, covered, range(first, stop)
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("the note of what was sent cannot be read: %s", error)
        self._sent = dict(self._covered)

    def _write(self, position: Position) -> None:
        """Sending is worth more than the note: a full disk beside PostgreSQL stops no alert."""
        token, epoch, progress = position
        note = {"database": token, "epoch": epoch, "progress": progress, "reached": self._covered}
        if self._lacked:
            note["lacked"] = [self._lacked.start, self._lacked.stop]
        try:
            write_whole(self._path, json.dumps(note).encode("ascii") + b"\n")
        except OSError as error:
            if not self._failed:
                _log.error("what is sent cannot be noted beside the database: %s", error.strerror or error)
            self._failed = True
        else:
            self._failed = False
