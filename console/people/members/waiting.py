"""Lists that wait for a yes, and the thread that compares or imports one.

Kept in memory, so that nobody's numbers lie in a temporary file.
"""

import logging
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from db.engine.clock import utc_now
from db.engine.connection import connected
from plp.services.people.comparing import Compared
from plp.services.people.importing import Choices, ImportReport, import_list
from rules.lists.roster import Roster
from rules.refusals import Refusal

_log = logging.getLogger(__name__)

KEPT = timedelta(minutes=60)
# A page waits for so long; longer work goes on without it, and the page shows how far it is.
PATIENCE_S = 1.5
PER_PAGE = 50
Phase = Literal["reading", "compared", "writing", "done", "failed"]


@dataclass(slots=True)
class Waiting:
    """A list that was read, what its columns are, what was chosen of its changes, and how far it is.

    `place` is the neighbourhood of rows that name none; `refusal` is why it could not be compared or written.
    """

    key: str
    owner: int
    file_name: str
    roster: Roster
    columns: list[str]
    welcome: bool
    at: datetime
    place: str = ""
    phase: Phase = "reading"
    done: int = 0
    total: int = 0
    report: ImportReport = field(default_factory=ImportReport)
    refusal: Refusal | None = None
    declined: set[tuple[int, str]] = field(default_factory=set)
    declined_columns: set[str] = field(default_factory=set)
    same: set[tuple[int, int]] = field(default_factory=set)
    leaving: set[int] = field(default_factory=set)

    def changed_columns(self) -> dict[str, int]:
        """The number of people of whom a column would change, by column."""
        return Counter(column for change in self.report.changes for column in change.differs)

    def pages(self) -> int:
        """Number of pages of what can be chosen."""
        report = self.report
        longest = max(len(report.changes), len(report.namesakes), len(report.absent))
        return max(1, -(-longest // PER_PAGE))

    def choose(
        self, page: int, columns: Set[str], take: Set[tuple[int, str]], same: Set[tuple[int, int]], leave: Set[int]
    ) -> None:
        """Keep what was ticked on this page, and that the rest of it was not."""
        here = slice(PER_PAGE * (page - 1), PER_PAGE * page)
        self.declined_columns = set(self.changed_columns()) - columns
        for change in self.report.changes[here]:
            for one in _keys(change):
                (self.declined.discard if one in take else self.declined.add)(one)
        for row in self.report.namesakes[here]:
            if row.namesake is not None:
                pair = row.line, row.namesake.id
                (self.same.add if pair in same else self.same.discard)(pair)
        for absent in self.report.absent[here]:
            (self.leaving.add if absent.member_id in leave else self.leaving.discard)(absent.member_id)

    def choices(self) -> Choices:
        """All that was chosen."""
        whole = {one for change in self.report.changes for one in _keys(change) if one[1] in self.declined_columns}
        return Choices(frozenset(self.declined | whole), frozenset(self.same), frozenset(self.leaving))


def _keys(change: Compared) -> Iterator[tuple[int, str]]:
    return ((change.line, column) for column in change.differs)


class WaitingLists:
    """At most one list per account: a newer one takes its place. Safe between the server's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lists: dict[int, Waiting] = {}

    def put(
        self, owner: int, file_name: str, roster: Roster, columns: list[str], welcome: bool, now: datetime
    ) -> Waiting:
        """Keep a list for `owner` (an account's id)."""
        waiting = Waiting(secrets.token_urlsafe(16), owner, file_name, roster, columns, welcome, now)
        with self._lock:
            self._lists = {who: kept for who, kept in self._lists.items() if now - kept.at < KEPT}
            self._lists[owner] = waiting
        return waiting

    def find(self, owner: int, key: str, now: datetime) -> Waiting | None:
        """The list of this key, None when it is another's, replaced or too old."""
        with self._lock:
            waiting = self._lists.get(owner)
        if waiting is None or not secrets.compare_digest(waiting.key.encode(), key.encode()):
            return None
        return waiting if now - waiting.at < KEPT else None

    def compare(self, waiting: Waiting, by: str) -> None:
        """Look at what it would do, as its columns are now."""
        with self._lock:
            if waiting.phase in ("writing", "done"):
                return
            waiting.phase, waiting.refusal = "reading", None
            waiting.declined.clear()
            waiting.same.clear()
            waiting.leaving.clear()
        beside(lambda: _work(waiting, by, dry_run=True))

    def write(self, waiting: Waiting, by: str) -> bool:
        """Import it, once: whoever asks second (a double click) gets False."""
        with self._lock:
            if waiting.phase != "compared":
                return False
            waiting.phase, waiting.done = "writing", 0
        beside(lambda: _work(waiting, by, dry_run=False))
        return True


def beside(work: Callable[[], object]) -> None:
    """Do this in a thread with a connection of its own; wait for it a moment only."""

    def connected_work() -> None:
        with connected():
            work()

    thread = threading.Thread(target=connected_work, name="members-import", daemon=True)
    thread.start()
    thread.join(PATIENCE_S)


def _work(waiting: Waiting, by: str, dry_run: bool) -> None:
    def progress(_phase: str, done: int, of: int) -> None:
        waiting.done, waiting.total = done, of

    try:
        waiting.report = import_list(
            *(waiting.roster, waiting.columns, by, utc_now()),
            dry_run=dry_run,
            welcome=waiting.welcome,
            place=waiting.place,
            choices=None if dry_run else waiting.choices(),
            progress=progress,
        )
        if dry_run:
            doubtful = (change for change in waiting.report.changes if change.is_other_name)
            waiting.declined = {one for change in doubtful for one in _keys(change)}
        waiting.phase = "compared" if dry_run else "done"
    except Refusal as refusal:
        waiting.refusal, waiting.phase = refusal, "failed"
    except Exception:  # noqa: BLE001  (a thread has nobody else to tell)
        _log.exception("a list could not be %s", "compared" if dry_run else "imported")
        waiting.refusal = Refusal("Une erreur est survenue : rien n'est gardé de cet import. Réessayez.")
        waiting.phase = "failed"
