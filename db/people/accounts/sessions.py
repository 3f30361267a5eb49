"""Sessions: from where, since when, until when. The browser has a random id, the database its hash."""

from datetime import datetime, timedelta
from typing import Literal

from db.engine.cached_queries import Prepared, given
from db.models.accounts import Account, AccountSession
from db.people.accounts.passwords import digest

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)

Ending = Literal["logout", "replaced", "owner", "admin", "closed", "password", "idle", "longest", "restored"]

_LASTING = Prepared(
    AccountSession.select(AccountSession, Account)
    .join(Account)
    .where(AccountSession.digest == given("digest"), Account.active)
)


def overdue(row: AccountSession, now: datetime) -> Literal["idle", "longest"] | None:
    """The reason why a session is over, though nobody ended it: unused, or as old as one gets; None while it lasts."""
    if now - row.started_at >= LONGEST:
        return "longest"
    return "idle" if now - row.seen_at >= IDLE else None


def session_of(token: str) -> AccountSession | None:
    """The session of an id, with its active account; it may be overdue."""
    return next(iter(_LASTING.results(digest=digest(token))), None)


def sessions_of(account_id: int, now: datetime) -> list[AccountSession]:
    """The sessions of an account that last, the newest first."""
    rows = AccountSession.select().where(AccountSession.account == account_id).order_by(AccountSession.id.desc())
    return [row for row in rows if overdue(row, now) is None]


def all_sessions(account_id: int | None = None) -> list[AccountSession]:
    """Every session of this account, without one of all, with names."""
    session = AccountSession  # the jobs' role may read no more of it, and no password
    columns = (session.id, session.account, session.address, session.started_at, session.seen_at)
    rows = session.select(*columns, Account.id, Account.name).join(Account)
    return list(rows if account_id is None else rows.where(session.account == account_id))


def create_session(account_id: int, token: str, address: str, now: datetime, proven: bool) -> None:
    """A new session, `proven` with a second factor too."""
    proven_at = now if proven else None
    AccountSession.create(
        account=account_id, digest=digest(token), address=address, started_at=now, seen_at=now, proven_at=proven_at
    )


def mark_session(session_id: int, **values: datetime) -> None:
    """Note when it was last seen, or proven."""
    AccountSession.update(values).where(AccountSession.id == session_id).execute()


def delete_session(session_id: int) -> bool:
    """End it; False where somebody did so before."""
    return bool(AccountSession.delete().where(AccountSession.id == session_id).execute())
