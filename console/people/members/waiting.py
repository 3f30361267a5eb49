"""Lists that wait for a yes. Kept in memory, so that nobody's numbers lie in a temporary file."""

import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.people.members.importing import ImportReport

KEPT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that was looked at. `content` is None once it was imported; the report stays a while."""

    key: str
    owner: int
    file_name: str
    content: bytes | None
    welcome: bool
    report: ImportReport
    at: datetime


class WaitingLists:
    """At most one list per account: a newer one takes its place. Safe between the server's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lists: dict[int, Waiting] = {}

    def put(
        self, owner: int, file_name: str, content: bytes, welcome: bool, report: ImportReport, now: datetime
    ) -> Waiting:
        """Keep a list for `owner` (an account's id)."""
        waiting = Waiting(secrets.token_urlsafe(16), owner, file_name, content, welcome, report, now)
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

    def take(self, owner: int, key: str, now: datetime) -> bytes | None:
        """The content, once: whoever asks second (a double click) gets None."""
        with self._lock:
            waiting = self._lists.get(owner)
            if waiting is None or waiting.key != key or now - waiting.at >= KEPT:
                return None
            self._lists[owner] = replace(waiting, content=None)
        return waiting.content

    def finish(self, owner: int, key: str, report: ImportReport) -> None:
        """Keep what came out of the import, to be read."""
        with self._lock:
            waiting = self._lists.get(owner)
            if waiting is not None and waiting.key == key:
                self._lists[owner] = replace(waiting, report=report)
