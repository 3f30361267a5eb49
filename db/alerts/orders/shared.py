"""Texts that no officer orders and that go to many, one by one (a welcome, the yearly question): what waits for an
agreement, to how many people, and who gave it. Each message of one that was agreed to uses the agreement up by one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from db.engine.base import card_of, tuples
from db.engine.cached_queries import Prepared
from db.engine.connection import locked, writing
from db.models.broadcasts import Broadcast, SharedText
from rules.orders.agreement import mark_of_reading
from rules.states import SHARED

# So long what went out without an agreement counts, with what is owed.
COUNTED_FOR = timedelta(days=1)
# An agreement that is not used by then was to people who are gone.
KEPT_FOR = timedelta(days=30)
_WAITING = Prepared(SharedText.select().where(SharedText.agreed_at.is_null()).order_by(SharedText.id))


@dataclass(frozen=True, slots=True)
class SharedCard:
    """A text to `people`; `first_by` agreed already, where two must."""

    id: int
    kind: str
    body: str
    people: int
    asked_at: datetime
    first_by: str

    @property
    def seen(self) -> str:
        """The mark of what is agreed to: on SQLite a text that takes another's place gets its number too."""
        return mark_of_reading(self.kind, self.body, self.people)


def waiting_texts() -> list[SharedCard]:
    """The texts that wait for an agreement, the oldest first. Cheap: the first page asks."""
    return [_card(row) for row in _WAITING.results()]


def lock_waiting(text_id: int) -> SharedCard | None:
    """This one, locked until the transaction ends; None if it waits no more."""
    row = locked(SharedText.select().where(SharedText.id == text_id, SharedText.agreed_at.is_null())).first()
    return None if row is None else _card(row)


def mark_first(text_id: int, by: str) -> None:
    """The first of two agreed."""
    SharedText.update(first_by=by).where(SharedText.id == text_id).execute()


def mark_agreed(text_id: int, by: str, now: datetime) -> None:
    """From now on it goes out."""
    SharedText.update(agreed_by=by, agreed_at=now).where(SharedText.id == text_id).execute()


def ask_for(kind: str, wanted: Mapping[str, int], now: datetime) -> None:
    """Let these bodies wait, each to so many people, and no others of this kind; a changed number is agreed to anew.
    One to which the first of two agreed keeps its number: who came since is asked about afterwards, else each
    registration would take the first one's word back.
    """
    waiting = {row.body: row for row in SharedText.select().where(SharedText.kind == kind, _open())}
    begun = {body: row.people for body, row in waiting.items() if row.first_by}
    wanted = {body: begun.get(body, people) for body, people in wanted.items()}
    if {body: row.people for body, row in waiting.items()} == dict(wanted):
        return
    with writing("shared texts"):
        for body, row in waiting.items():
            if wanted.get(body) != row.people:
                SharedText.delete().where(SharedText.id == row.id, _open()).execute()
        for body, people in wanted.items():
            if body not in waiting or waiting[body].people != people:
                SharedText.insert(kind=kind, digest=_digest(body), body=body, people=people, asked_at=now).execute()
        SharedText.delete().where(SharedText.agreed_at < now - KEPT_FOR).execute()


def agreement_for(kind: str, body: str, now: datetime) -> tuple[int, int] | None:
    """(agreement, people left) of this very text; None where nobody agreed to more."""
    used = Broadcast.select(fn.COUNT(Broadcast.id)).where(Broadcast.shared == SharedText.id)
    agreed = SharedText.select(SharedText.id, SharedText.people, used).where(
        SharedText.kind == kind, SharedText.digest == _digest(body), SharedText.agreed_at > now - KEPT_FOR
    )
    for agreement, people, gone in tuples(agreed.order_by(SharedText.id)):
        if people > gone:
            return agreement, people - gone
    return None


def gone_alone(now: datetime) -> int:
    """The number of messages, of all these kinds, that went out lately without an agreement."""
    lately = Broadcast.created_at.between(now - COUNTED_FOR, now + COUNTED_FOR)
    # Also what was stopped since: a part of it may have gone before.
    return int(Broadcast.select().where(lately, Broadcast.kind.in_(SHARED), Broadcast.shared.is_null()).count())


def _open() -> Any:
    return SharedText.agreed_at.is_null()


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def _card(row: SharedText) -> SharedCard:
    return card_of(SharedCard, row, first_by=row.first_by or "")
