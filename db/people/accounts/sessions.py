"""Sessions, of which the browser has a random id; and bearer tokens of the JSON API. Only hashes are stored
(docs/adr/0030)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from db.engine.base import card_of
from db.engine.cached_queries import Prepared, given
from db.models.accounts import Account, AccountSession, ApiToken
from db.people.accounts.accounts import holds_any
from db.people.accounts.passwords import digest
from rules.people import roles_with

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
Ending = Literal["logout", "replaced", "owner", "admin", "closed", "password", "idle", "longest", "restored"]
_LASTING = Prepared(
    AccountSession.select(AccountSession, Account)
    .join(Account)
    .where(AccountSession.digest == given("digest"), Account.active)
)
# What a program can do begins with reading what was sent.
TOKEN_ROLES = roles_with("see_alerts")


def overdue(row: AccountSession, now: datetime) -> Literal["idle", "longest"] | None:
    """The reason why a session is over, unused or too old, though nobody ended it; None while it lasts."""
    if now - row.started_at >= LONGEST:
        return "longest"
    return "idle" if now - row.seen_at >= IDLE else None


def session_of(token: str) -> AccountSession | None:
    """The session of an id, with its active account; it may be overdue."""
    return _LASTING.result(digest=digest(token))


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


@dataclass(frozen=True, slots=True)
class TokenCard:
    """A token as admins see it. `state` is good, revoked or expired; without `expires_at` it does not expire."""

    id: int
    name: str
    role: str
    owner: str
    state: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    scopes: tuple[str, ...]


def keep_token(
    name: str, token: str, role: str, scopes: Iterable[str], owner: str, now: datetime, expires_at: datetime
) -> bool:
    """Keep a new token's hash; False where the name is taken."""
    if ApiToken.select().where(ApiToken.name == name).exists():
        return False
    made = {"token_hash": digest(token), "created_at": now, "expires_at": expires_at}
    ApiToken.create(name=name, role=role, owner=owner, scopes=" ".join(scopes), **made)
    return True


def tokens(now: datetime) -> list[TokenCard]:
    """Every token, by name."""
    return [_card(row, now) for row in ApiToken.select().order_by(ApiToken.name)]


def token_of(token_id: int, now: datetime) -> TokenCard | None:
    """The token of this id, revoked or not."""
    row = ApiToken.get_or_none(ApiToken.id == token_id)
    return None if row is None else _card(row, now)


def mark_revoked(token_id: int, now: datetime) -> bool:
    """It gives no access from now on; its name stays reserved. False if it was already revoked."""
    open_now = (ApiToken.id == token_id) & ApiToken.revoked_at.is_null()
    return bool(ApiToken.update(revoked_at=now).where(open_now).execute())


def mark_used(token_id: int, now: datetime) -> None:
    """A program used it."""
    ApiToken.update(last_used_at=now).where(ApiToken.id == token_id).execute()


def token_bearer(token: str, now: datetime) -> TokenCard | None:
    """This token, which a program holds; None when unknown, revoked, expired, or its owner may no longer do it."""
    row = ApiToken.get_or_none(ApiToken.token_hash == digest(token))
    may_act = row is not None and (not row.owner or holds_any(row.owner, [row.role]))
    return _card(row, now) if row and _state(row, now) == "good" and may_act else None


def end_of_token(token: str, now: datetime) -> str:
    """The end of this token: expired, or revoked, by somebody or with its owner's role. Empty for an unknown one."""
    row = ApiToken.get_or_none(ApiToken.token_hash == digest(token))
    if row is None:
        return ""
    return "expired" if _state(row, now) == "expired" else "revoked"


def _card(row: ApiToken, now: datetime) -> TokenCard:
    return card_of(TokenCard, row, state=_state(row, now), scopes=tuple(row.scopes.split()))


def _state(row: ApiToken, now: datetime) -> str:
    if row.revoked_at:
        return "revoked"
    return "expired" if row.expires_at and row.expires_at <= now else "good"
