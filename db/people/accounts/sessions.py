"""Sessions: from where, since when, until when. The browser has a random id, the database its hash."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from db.engine.cached_queries import Prepared, given
from db.engine.connection import UNAVAILABLE, writing
from db.journal import audit
from db.models.accounts import Account, AccountSession
from db.people.accounts.accounts import AccountCard, identity_of, mark_roles_due
from db.people.accounts.passwords import digest
from rules.people import MACHINE, Actor

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
# A write for each request would cost an fsync each.
_SEEN_EVERY = timedelta(minutes=1)

Ending = Literal["logout", "replaced", "owner", "admin", "closed", "password", "idle", "longest"]


@dataclass(frozen=True, slots=True)
class Current:
    """A session that lasts, and whose it is."""

    id: int
    who: AccountCard
    proven_at: datetime | None


def open_session(who: AccountCard, address: str, now: datetime, proven: bool = False) -> str:
    """Sign in, `proven` with a second factor too; returns the id that only the browser keeps."""
    token = secrets.token_urlsafe(32)
    with writing():
        end_overdue(now)
        mark_roles_due(who.id, now)
        AccountSession.create(
            account=who.id,
            digest=digest(token),
            address=address,
            started_at=now,
            seen_at=now,
            proven_at=now if proven else None,
        )
        audit.record_from(now, Actor("account", who.name, address), "sign_in")
    return token


def session_of(token: str, now: datetime, acts: bool) -> Current | None:
    """The session of an id; None when there is none or it is over. `acts`: a person asks, not a page by itself."""
    row = next(iter(_LASTING.results(digest=digest(token))), None)
    if row is None:
        return None
    with suppress(*UNAVAILABLE):  # with a full disk one may still read
        if _overdue(row, now):
            with writing():
                _end([row], MACHINE, "", now)
        elif acts and abs(now - row.seen_at) >= _SEEN_EVERY:
            AccountSession.update(seen_at=now).where(AccountSession.id == row.id).execute()
    return None if _overdue(row, now) else Current(row.id, identity_of(row.account), row.proven_at)


_LASTING = Prepared(
    AccountSession.select(AccountSession, Account)
    .join(Account)
    .where(AccountSession.digest == given("digest"), Account.active)
)


def mark_proven(session_id: int, now: datetime) -> None:
    """A second factor was given in this session."""
    with writing():
        AccountSession.update(proven_at=now).where(AccountSession.id == session_id).execute()


def sessions_of(account_id: int, now: datetime) -> list[AccountSession]:
    """The sessions of an account that last, the newest first."""
    rows = AccountSession.select().where(AccountSession.account == account_id).order_by(AccountSession.id.desc())
    return [row for row in rows if not _overdue(row, now)]


def end_sessions(
    account_id: int, by: str, how: Ending, now: datetime, only: int | None = None, but: int | None = None
) -> int:
    """End an account's sessions: all, the one with the id `only`, or all `but` one. Returns how many."""
    rows = AccountSession.select(AccountSession, Account).join(Account).where(AccountSession.account == account_id)
    if only is not None:
        rows = rows.where(AccountSession.id == only)
    if but is not None:
        rows = rows.where(AccountSession.id != but)
    with writing():
        return _end(rows, by, how, now)


def end_all_sessions(by: str, now: datetime) -> int:
    """End every session, also those that were ended after the copy of the database was made. Returns how many."""
    with writing():
        return _end(AccountSession.select(AccountSession, Account).join(Account), by, "restored", now)


def end_overdue(now: datetime) -> int:
    """End what nobody used for too long or lasts too long; its browser may never come back. Returns how many."""
    session = AccountSession  # the jobs' role may read no more of it, and no password
    columns = (session.id, session.account, session.address, session.started_at, session.seen_at)
    rows = session.select(*columns, Account.id, Account.name).join(Account)
    with writing():
        return _end([row for row in rows if _overdue(row, now)], MACHINE, "", now)


def _overdue(row: AccountSession, now: datetime) -> Literal["idle", "longest", ""]:
    if now - row.started_at >= LONGEST:
        return "longest"
    return "idle" if now - row.seen_at >= IDLE else ""


def _end(rows: Iterable[AccountSession], by: str, how: str, now: datetime) -> int:
    ended = 0
    for row in list(rows):
        if AccountSession.delete().where(AccountSession.id == row.id).execute():
            ending = how or _overdue(row, now)
            audit.record(now, by, "session_ended", row.account.name, address=row.address, ending=ending)
            ended += 1
    return ended
