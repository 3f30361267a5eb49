"""Lists that wait for confirmation, in memory: no number is in a file."""

import logging
import secrets
import threading
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from plp.services.people.comparing import Compared
from plp.services.people.importing import Choices, ImportReport
from plp.services.people.importing_apart import NOT_READ, Work, outcome_apart, outcome_of
from plp.services.people.packing import Packed
from rules.lists.columns import FRENCH
from rules.lists.remarks import telling
from rules.lists.roster import Roster
from rules.refusals import Refusal
from rules.sentences import Sentence

_log = logging.getLogger(__name__)
MOST_UNDER_WAY = 8
# Long lists wait for one another, each with its file in memory.
_places = threading.BoundedSemaphore(MOST_UNDER_WAY)
KEPT = timedelta(minutes=60)
PER_PAGE = 50
Phase = Literal["comparing", "compared", "writing", "done", "failed"]
# What somebody may still change of a list: no press works on it.
OPEN: tuple[Phase, ...] = ("compared", "failed")


@dataclass(slots=True)
class Waiting:
    """A list that was read, what its columns are, what was chosen of its changes, and what became of it.

    `content` is that of a long list that is still to be read: a process of its own does that, with this `config`.
    `place` is the neighbourhood of rows that name none, `meant` the neighbourhoods by what the list calls them;
    `refusal` is why it could not be compared or written, `known` are the lines that were shown as another name's.
    """

    owner: int
    file_name: str
    welcome: bool
    at: datetime
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    roster: Roster = NOT_READ
    columns: list[str] = field(default_factory=list)
    unclear: Mapping[int, Sentence] = field(default_factory=dict)
    content: bytes = b""
    config: Path | None = None
    place: str = ""
    meant: dict[str, int] = field(default_factory=dict)
    phase: Phase = "failed"
    report: ImportReport = field(default_factory=ImportReport)
    refusal: Refusal | Sentence | None = None
    chosen: Choices = field(default_factory=Choices)
    known: set[int] = field(default_factory=set)

    def called(self) -> dict[str, int | None]:
        """The neighbourhoods as the list calls them and nobody else: the one that is meant, None where it is made."""
        return dict(sorted({**dict.fromkeys(self.report.new_neighbourhoods), **self.report.meant}.items()))

    def asked_columns(self) -> list[int]:
        """The columns of which a row can be corrected: those that are imported, and any for which it waits."""
        said = {
            at
            for row in self.report.refused
            for at, (column, cell) in enumerate(zip(self.columns, row.cells, strict=False))
            if telling(column, cell)
        }
        return [at for at, column in enumerate(self.columns) if column not in ("", "unrelated") or at in said]

    def correct(self, cells: Mapping[tuple[int, int], str], shared: Set[int], unstruck: Set[int] = frozenset()) -> None:
        """Put these cells, by line and column, in place of what the file has; the lines `shared` are people who share
        somebody else's number, `unstruck` are still members. An excess cell of such a row is dropped.
        """
        self.roster = replace(self.roster, struck=self.roster.struck - unstruck)
        lines, wide = {line for line, _at in cells}, len(self.columns)
        if shared and "number_shared" not in self.columns:
            self.columns.append("number_shared")
            header = (*self.roster.header, FRENCH["number_shared"]) if self.roster.header else ()
            self.roster = replace(self.roster, header=header, guess=(*self.roster.guess, "number_shared"))
        rows = []
        for row in self.roster.rows:
            if row.line in lines:
                kept = [*row.cells, *[""] * wide][:wide] + [""] * (len(self.columns) - wide)
                own = [
                    "" if at in self.roster.loose else cells.get((row.line, at), cell) for at, cell in enumerate(kept)
                ]
                if row.line in shared:
                    own[self.columns.index("number_shared")] = "oui"
                row = replace(row, cells=tuple(own))
            rows.append(row)
        self.roster = replace(self.roster, rows=Packed(rows) if self.config else tuple(rows))

    def pages(self, added: int | None = None) -> int:
        """Number of pages of what can be chosen; `added`: of people to add, where they are not all shown."""
        report = self.report
        added = len(report.additions) if added is None else added
        return max(1, -(-max(added, len(report.changes), len(report.namesakes), len(report.absent)) // PER_PAGE))

    def leave_out(self, offered: Set[int], added: Set[int]) -> None:
        """Keep that of the people `offered`, by line, these are to be `added` and the others are not."""
        lines = {*self.report.added_lines}
        self.chosen.left_out = self.chosen.left_out - offered | (offered & lines) - added

    def choose(
        self,
        page: int,
        columns: Set[str],
        take: Set[tuple[int, str]],
        same: Set[tuple[int, int]],
        leave: Set[int],
        stay: Set[int],
    ) -> None:
        """Keep what was ticked on this page, and that the rest of it was not."""
        here, chosen = slice(PER_PAGE * (page - 1), PER_PAGE * page), self.chosen
        chosen.columns = set(self.report.changed_columns) - columns
        changes = self.report.changes[here]
        lines = {change.line for change in changes}
        keys = {one for change in changes for one in _keys(change)}
        pairs = {(row.line, row.namesake.id) for row in self.report.namesakes[here] if row.namesake is not None}
        absent = {one.member_id for one in self.report.absent[here]}
        chosen.declined = chosen.declined - keys | keys - take
        chosen.staying = chosen.staying - lines | lines & stay
        chosen.same = chosen.same - pairs | pairs & same
        chosen.leaving = chosen.leaving - absent | absent & leave


def _keys(change: Compared) -> Iterator[tuple[int, str]]:
    return ((change.line, column) for column in change.differs)


class WaitingLists:
    """At most one list per account: a newer one takes its place. Safe between the server's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lists: dict[int, Waiting] = {}

    def put(self, waiting: Waiting) -> None:
        """Keep a list for its `owner` (an account's id)."""
        with self._lock:
            self._lists = {who: kept for who, kept in self._lists.items() if waiting.at - kept.at < KEPT}
            self._lists[waiting.owner] = waiting

    def find(self, owner: int, key: str, now: datetime) -> Waiting | None:
        """The list of this key, None when it is another's, replaced or too old."""
        with self._lock:
            waiting = self._lists.get(owner)
        if waiting is None or not secrets.compare_digest(waiting.key.encode(), key.encode()):
            return None
        return waiting if now - waiting.at < KEPT else None

    def compare(self, waiting: Waiting, by: str, anew: bool = True) -> None:
        """Determine what it would change, with its present columns and rows; `anew`: earlier choices are dropped."""
        if not self._begins(waiting, "comparing", OPEN):
            return
        if anew:
            waiting.chosen = Choices()
            waiting.known.clear()
        _begin(waiting, by, dry_run=True)

    def write(self, waiting: Waiting, by: str) -> bool:
        """Import it, once: a second request (a double click) gets False."""
        if not self._begins(waiting, "writing", ("compared",)):
            return False
        _begin(waiting, by, dry_run=False)
        return True

    def _begins(self, waiting: Waiting, phase: Phase, after: tuple[Phase, ...]) -> bool:
        with self._lock:
            if waiting.phase not in after:
                return False
            waiting.phase, waiting.refusal = phase, None
            return True


def _begin(waiting: Waiting, by: str, dry_run: bool) -> None:
    """The work, which a page waits for; that on a long list goes on after it, and the list's page tells its end."""
    if waiting.config is None:
        _work(waiting, by, dry_run)
    elif not _is_begun_apart(waiting, by, dry_run):
        waiting.refusal = Refusal("Trop de demandes à la fois : réessayez dans quelques secondes.")
        waiting.phase = "failed"


def _is_begun_apart(waiting: Waiting, by: str, dry_run: bool) -> bool:
    """False where too many works are under way, or the machine has no thread for one more."""
    if not _places.acquire(blocking=False):
        return False
    try:
        threading.Thread(target=_work_apart, args=(waiting, by, dry_run), name="importing", daemon=True).start()
    except RuntimeError:  # its place is for the next
        _places.release()
        return False
    return True


def _work_apart(waiting: Waiting, by: str, dry_run: bool) -> None:
    try:
        _work(waiting, by, dry_run)
    except Exception as error:  # noqa: BLE001  (it may name a person: only its kind is logged)
        _log.error("a list of members could not be worked on: %s", type(error).__name__)
    finally:
        _places.release()


def _work(waiting: Waiting, by: str, dry_run: bool) -> None:
    ended: Phase = "failed"
    options = {
        "dry_run": dry_run,
        "welcome": waiting.welcome,
        "place": waiting.place,
        "meant": waiting.meant,
        "choices": None if dry_run else waiting.chosen,
    }
    file = (waiting.file_name, waiting.content, b"") if waiting.content else None
    work = Work(by, options, waiting.roster, tuple(waiting.columns), file)
    try:
        done = outcome_of(work) if waiting.config is None else outcome_apart(work, waiting.config)
        waiting.roster, waiting.columns, waiting.unclear = done.roster, [*done.columns], done.unclear
        waiting.content = b""
        if done.refusal is not None:
            waiting.refusal = done.refusal
            return
        waiting.report = done.report
        if dry_run:
            waiting.chosen.declined |= {one for one in done.report.other_names if one[0] not in waiting.known}
            waiting.known |= {line for line, _column in done.report.other_names}
        ended = "compared" if dry_run else "done"
    except BaseException:  # which has a page of its own; this one is for who comes back
        waiting.refusal = Refusal("Une erreur est survenue : aucune donnée n'a été importée. Réessayez.")
        raise
    finally:
        waiting.phase = ended
