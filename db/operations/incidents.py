"""Incidents: opened once however often found; one that comes back within a quarter of an hour is the same one."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from db.engine.base import card_of
from db.engine.cached_queries import Prepared
from db.engine.connection import take_turn, writing
from db.models.incidents import Incident, Suspicion
from rules.sentences import Sentence, stored_sentence

FLAPPING = timedelta(minutes=15)
# After so long without a working mail server, what nobody was told is not told any more.
STALE = timedelta(days=1)
# To everybody with an address, or to the duty phone; of each, the columns that say when, of a beginning and of an end.
Way = Literal["mail", "text"]
_TOLD: dict[Way, tuple[str, str]] = {"mail": ("told_at", "end_told_at"), "text": ("texted_at", "end_texted_at")}


@dataclass(frozen=True, slots=True)
class IncidentCard:
    """One incident; `ended_at` is None while it lasts. `reopened` is how often it came back in between."""

    id: int
    kind: str
    subject: str
    told: Sentence
    opened_at: datetime
    ended_at: datetime | None
    reopened: int

    @property
    def sentence(self) -> str:
        return str(self.told)


@dataclass(frozen=True, slots=True)
class News:
    """Incidents still to be told: opened ones (with their end, if it came before anybody was told), and ended ones."""

    opened: tuple[IncidentCard, ...]
    ended: tuple[IncidentCard, ...]

    @property
    def over(self) -> tuple[IncidentCard, ...]:
        """The incidents whose end this tells."""
        return (*self.ended, *(card for card in self.opened if card.ended_at is not None))

    def __bool__(self) -> bool:
        return bool(self.opened or self.ended)


def open_incident(kind: str, subject: str, sentence: str, now: datetime) -> int:
    """Open an incident, or change the `sentence` (`Sentence.stored`) of the open one; returns its id."""
    found = _open(kind, subject)
    if found is not None and found.sentence == sentence:
        return int(found.id)
    with writing():
        take_turn("incidents")
        found = _open(kind, subject) or _just_ended(kind, subject, now)
        if found is None:
            return int(Incident.create(kind=kind, subject=subject, sentence=sentence, opened_at=now).id)
        changes: dict[str, object] = {"sentence": sentence}
        if found.ended_at is not None:
            changes |= {"ended_at": None, "reopened": found.reopened + 1}
        Incident.update(changes).where(Incident.id == found.id).execute()
        return int(found.id)


def close_incident(kind: str, subject: str, now: datetime) -> bool:
    """End an incident; False when it was not open."""
    if _open(kind, subject) is None:
        return False
    with writing():
        ended = Incident.update(ended_at=now).where(*_is_open(kind, subject))
        return bool(ended.execute())


def watch_incident(kind: str, subject: str, sentence: str, lasting: timedelta, now: datetime) -> None:
    """Note a trouble that was found now; it becomes an incident when it is found again after `lasting`."""
    suspicion = Suspicion.get_or_none(Suspicion.kind == kind, Suspicion.subject == subject)
    if suspicion is None:
        with writing():
            Suspicion.insert(kind=kind, subject=subject, since_at=now).on_conflict_ignore().execute()
    if now - (suspicion.since_at if suspicion is not None else now) >= lasting:
        open_incident(kind, subject, sentence, now)


def close_unseen(kinds: Sequence[str], seen: Set[tuple[str, str]], now: datetime, subject: str | None = None) -> None:
    """End incidents and suspicions of `kinds` that are not in `seen` (kind, subject); of `subject` alone if given."""
    for table in (Suspicion, Incident):
        rows: Any = table.select(table.kind, table.subject).where(table.kind.in_(list(kinds)))
        rows = rows.where(table.ended_at.is_null()) if table is Incident else rows
        over = {(row.kind, row.subject) for row in rows if subject in (None, row.subject)} - seen
        for which in sorted(over):
            if table is Incident:
                close_incident(*which, now)
            else:
                with writing():
                    Suspicion.delete().where(Suspicion.kind == which[0], Suspicion.subject == which[1]).execute()


def open_incidents() -> list[IncidentCard]:
    """Open incidents, the newest first."""
    return [_card(row) for row in _OPEN.found()]


_OPEN = Prepared(
    Incident.select().where(Incident.ended_at.is_null()).order_by(Incident.opened_at.desc(), Incident.id.desc())
)


def incidents(limit: int = 200) -> list[IncidentCard]:
    """The newest incidents, open or over, the newest first."""
    return [
        _card(row) for row in Incident.select().order_by(Incident.opened_at.desc(), Incident.id.desc()).limit(limit)
    ]


def news_by(way: Way, now: datetime, quiet: Sequence[str] = ()) -> News:
    """Incidents that were not told in this way yet, without the kinds in `quiet`."""
    told, end_told = (getattr(Incident, name) for name in _TOLD[way])
    fresh = Incident.ended_at.is_null() | (Incident.ended_at > now - STALE)
    opened = Incident.select().where(told.is_null(), fresh)
    settled = (Incident.ended_at <= now - FLAPPING) & (Incident.ended_at > now - STALE)
    ended = Incident.select().where(end_told.is_null(), told.is_null(False), settled)
    loud = Incident.kind.not_in(list(quiet))
    return News(*(tuple(_card(row) for row in rows.where(loud).order_by(Incident.id)) for rows in (opened, ended)))


def mark_told(way: Way, news: News, now: datetime) -> None:
    """Mark them told in this way, once that is queued; inside the caller's transaction where there is one."""
    with writing():
        for cards, column in zip((news.opened, news.over), _TOLD[way], strict=True):
            Incident.update({column: now}).where(Incident.id.in_([card.id for card in cards] or [0])).execute()


def _is_open(kind: str, subject: str) -> tuple[Any, ...]:
    return Incident.kind == kind, Incident.subject == subject, Incident.ended_at.is_null()


def _open(kind: str, subject: str) -> Incident | None:
    found: Incident | None = Incident.get_or_none(*_is_open(kind, subject))
    return found


def _just_ended(kind: str, subject: str, now: datetime) -> Incident | None:
    found: Incident | None = (
        Incident.select()
        .where(Incident.kind == kind, Incident.subject == subject, Incident.ended_at > now - FLAPPING)
        .where(Incident.end_told_at.is_null(), Incident.end_texted_at.is_null())
        .order_by(Incident.id.desc())
        .first()
    )
    return found


def _card(row: Incident) -> IncidentCard:
    return card_of(IncidentCard, row, told=stored_sentence(row.sentence))
