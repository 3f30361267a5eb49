"""Forgotten people: their number and address as keyed hashes, which only the key outside the database can make."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from db.engine.base import put, tuples
from db.engine.connection import writing
from db.journal.audit import keyed
from db.models.people import Forgotten, Member

_LINE = re.compile(r"([0-9a-f]{64}) (\d{4}-\d\d-\d\dT[\d:.]+)(?:\+00:00)?")


def remember_forgotten(known: Collection[str], now: datetime) -> None:
    """Record these numbers and addresses as erased; inside the caller's transaction."""
    for value in known:
        put(Forgotten, {"digest": _digest(value)}, at=now, cleaned_at=None)


def welcome_back(known: Collection[str]) -> None:
    """A person was added by hand: they no longer count as erased. Inside the caller's transaction."""
    Forgotten.delete().where(Forgotten.digest.in_([_digest(value) for value in known])).execute()


def member_key(row: Member) -> str:
    """The member of this row in every copy of this database, whatever number they had when it was made."""
    return f"member {row.id} {row.created_at.isoformat()}"


def forgotten(known: Collection[str]) -> dict[str, datetime]:
    """The erased ones among these numbers and addresses, and since when."""
    if not Forgotten.select().exists():
        return {}
    digests = {_digest(value): value for value in known}
    rows = Forgotten.select(Forgotten.digest, Forgotten.at).where(Forgotten.digest.in_(list(digests)))
    return {digests[digest]: at for digest, at in tuples(rows)}


def last_forgotten_at() -> datetime | None:
    """The time of the last erasure; None for never."""
    last = Forgotten.select().order_by(Forgotten.at.desc()).first()
    return last.at if last is not None else None


def uncleaned_since() -> datetime | None:
    """The time of the oldest erasure after which the files were not yet rewritten; None if there is none."""
    owed = Forgotten.select().where(Forgotten.cleaned_at.is_null()).order_by(Forgotten.at).first()
    return owed.at if owed is not None else None


def forgotten_list() -> str:
    """All of them as text, a digest and a time a line: kept outside the database, in case an older copy of it is
    restored. Without the key it reveals nothing.
    """
    rows = tuples(Forgotten.select(Forgotten.digest, Forgotten.at).order_by(Forgotten.id))
    return "".join(f"{digest} {at.isoformat()}\n" for digest, at in rows)


def read_list(text: str) -> dict[str, datetime]:
    """The digests in such a text, and when they were erased."""
    return {digest: datetime.fromisoformat(at).replace(tzinfo=UTC) for digest, at in _LINE.findall(text)}


def members_listed(listed: Mapping[str, datetime]) -> list[int]:
    """The members on this list, by their row, number or address, who are not yet erased in the database."""
    known = {digest for (digest,) in tuples(Forgotten.select(Forgotten.digest))}
    lacking = listed.keys() - known
    if not lacking:
        return []
    rows = Member.select(Member.id, Member.created_at, Member.mobile, Member.email)
    return [
        row.id
        for row in rows
        if any(_digest(known) in lacking for known in (member_key(row), row.mobile, row.email) if known)
    ]


def remember_listed(listed: Mapping[str, datetime]) -> None:
    """Add those of the list that the database does not have."""
    with writing():
        for digest, at in listed.items():
            Forgotten.insert(digest=digest, at=at).on_conflict_ignore().execute()


def _digest(value: str) -> str:
    return keyed("forgotten", value)
