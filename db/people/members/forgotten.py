"""Whom the zone forgot: their number and address as keyed hashes, which only the key outside the database can make."""

from collections.abc import Collection
from datetime import datetime

from db.engine.base import tuples
from db.journal.keys import keyed
from db.models.people import Forgotten


def remember_forgotten(known: Collection[str], now: datetime) -> None:
    """That these numbers and addresses are forgotten; inside the caller's transaction."""
    for value in known:
        Forgotten.insert(digest=_digest(value), at=now).on_conflict(
            conflict_target=[Forgotten.digest], update={Forgotten.at: now, Forgotten.cleaned_at: None}
        ).execute()


def welcome_back(known: Collection[str]) -> None:
    """A person was added by hand: they are forgotten no more. Inside the caller's transaction."""
    Forgotten.delete().where(Forgotten.digest.in_([_digest(value) for value in known])).execute()


def forgotten(known: Collection[str]) -> dict[str, datetime]:
    """Those of these numbers and addresses that are forgotten, and since when."""
    if not Forgotten.select().exists():
        return {}
    digests = {_digest(value): value for value in known}
    found = Forgotten.select(Forgotten.digest, Forgotten.at).where(Forgotten.digest.in_(list(digests)))
    return {digests[digest]: at for digest, at in tuples(found)}


def last_forgotten_at() -> datetime | None:
    """When somebody was forgotten last; None for never."""
    last = Forgotten.select().order_by(Forgotten.at.desc()).first()
    return last.at if last is not None else None


def _digest(value: str) -> str:
    return keyed("forgotten", value)
