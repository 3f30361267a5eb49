"""Registrations proposed on the public page: confirmed by a code that came by SMS, then accepted by an admin."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from peewee import SQL, fn

from db.engine.base import grouped, tuples
from db.engine.cached_queries import Prepared
from db.engine.connection import writing
from db.journal import audit
from db.models.people import Member, Registration
from db.people.members.acts import PLACES
from db.people.members.cards import FURTHER
from db.people.members.saving import MemberDraft, save_member
from plp.rules.people import MACHINE
from plp.rules.refusals import Missing

# The SMS itself waits half an hour for a modem.
CODE_GOOD_FOR = timedelta(hours=1)
MOST_TRIES = 5
KEPT_UNCONFIRMED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RegistrationCard:
    """One that waits for an admin. `neighbourhood` is empty where none was chosen; `twins` are the members who have its
    mobile: (id, name).
    """

    id: int
    draft: MemberDraft
    neighbourhood: str
    twins: tuple[tuple[int, str], ...]
    confirmed_at: datetime

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.draft.first_name} {self.draft.last_name}".strip()

    @property
    def further(self) -> list[tuple[str, str]]:
        """The other columns that were filled in, by name."""
        return [(name, value) for name in FURTHER if (value := getattr(self.draft, name))]


def keep_registration(token: str, draft: MemberDraft, mobile: str, code: str, broadcast: int, now: datetime) -> None:
    """Keep what was typed until its code comes back; `broadcast` is the SMS that carries it."""
    values = replace(draft, mobile=mobile)
    with writing():
        Registration.create(
            token=_digest(token), mobile=mobile, draft=json.dumps(asdict(values)), code=code, broadcast=broadcast,
            asked_at=now,
        )  # fmt: skip


def confirm_registration(token: str, code: str, now: datetime) -> bool:
    """True when this is its code, or was. A wrong one counts, and so does one that comes too late."""
    mine = Registration.token == _digest(token)
    with writing():
        # Counted before it is looked at: of many at once, no more than these are compared.
        tried = Registration.update(tries=Registration.tries + 1).where(
            mine, Registration.tries < MOST_TRIES, Registration.asked_at > now - CODE_GOOD_FOR
        )
        row = Registration.get_or_none(mine)
        if row is None or row.confirmed_at is not None:
            return row is not None
        if not tried.execute() or not row.code or not compare_digest(row.code.encode(), code.encode()):
            return False
        Registration.update(confirmed_at=now, code="").where(mine).execute()
        audit.record(now, MACHINE, "registration_confirmed", str(row.id))
    return True


def registrations() -> list[RegistrationCard]:
    """All that wait for an admin, the oldest first."""
    rows = list(_waiting().order_by(Registration.confirmed_at, Registration.id))
    places = dict(PLACES.rows())
    theirs = Member.select().where(Member.mobile.in_([row.mobile for row in rows])).order_by(Member.id)
    twins = grouped((member.mobile, (member.id, member.full_name)) for member in theirs)
    found = [(row, MemberDraft(**json.loads(row.draft))) for row in rows]
    return [
        RegistrationCard(
            row.id, draft, places.get(draft.neighbourhood_id, ""), tuple(twins.get(row.mobile, ())), row.confirmed_at
        )
        for row, draft in found
    ]


def waiting_registrations() -> int:
    """Number of them."""
    return int(_NUMBER.rows()[0][0])


def _waiting() -> Any:
    return Registration.select().where(Registration.confirmed_at.is_null(False))


_NUMBER = Prepared(_waiting().select(fn.COUNT(SQL("1"))))


def accept_registration(
    registration_id: int, neighbourhood_id: int, number_shared: bool, by: str, now: datetime
) -> int:
    """Add the member, who is owed a welcome; returns the id. Raises Missing, or FieldRefusal as `save_member` does."""
    with writing():
        row = _existing(registration_id)
        draft = replace(MemberDraft(**json.loads(row.draft)), neighbourhood_id=neighbourhood_id)
        member_id = save_member(None, draft, by, now, welcome=True, number_shared=number_shared, how="online")
        delete_registration(row.id)
    return member_id


def refuse_registration(registration_id: int, by: str, now: datetime) -> None:
    """Empty it; what is left goes with the unconfirmed ones. Raises Missing."""
    with writing():
        row = _existing(registration_id)
        Registration.update(draft="", confirmed_at=None).where(Registration.id == row.id).execute()
        audit.record(now, by, "registration_refused", str(row.id))


def unconfirmed_registrations(now: datetime) -> list[tuple[int, str, int]]:
    """(id, number, broadcast of its code) of each that was kept for a day and nobody confirmed, or was refused."""
    query = Registration.select(Registration.id, Registration.mobile, Registration.broadcast)
    return tuples(query.where(Registration.confirmed_at.is_null(), Registration.asked_at < now - KEPT_UNCONFIRMED))


def delete_registration(registration_id: int) -> None:
    """Inside the caller's transaction."""
    Registration.delete().where(Registration.id == registration_id).execute()


def _existing(registration_id: int) -> Registration:
    row: Registration | None = _waiting().where(Registration.id == registration_id).first()
    if row is None:
        raise Missing("Inscription déjà traitée par un collègue.")
    return row


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
