"""Bearer tokens of the JSON API; only hashes are stored."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from db.engine.base import card_of
from db.models.accounts import Account, AccountRole, ApiToken
from db.people.accounts.passwords import digest
from rules.people import roles_with

# What a program can do begins with reading what was sent.
TOKEN_ROLES = roles_with("see_alerts")


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


def mark_revoked(token_id: int, now: datetime) -> bool:
    """It gives no access from now on; its name stays reserved. False if it was already revoked."""
    open_now = (ApiToken.id == token_id) & ApiToken.revoked_at.is_null()
    return bool(ApiToken.update(revoked_at=now).where(open_now).execute())


def mark_used(token_id: int, now: datetime) -> None:
    """A program asked with it."""
    ApiToken.update(last_used_at=now).where(ApiToken.id == token_id).execute()


def token_bearer(token: str, now: datetime) -> TokenCard | None:
    """This token, which a program holds; None when unknown, revoked, expired, or its owner may no longer do it."""
    row = ApiToken.get_or_none(ApiToken.token_hash == digest(token))
    return _card(row, now) if row and _state(row, now) == "good" and _owner_may(row) else None


def _card(row: ApiToken, now: datetime) -> TokenCard:
    return card_of(TokenCard, row, state=_state(row, now), scopes=tuple(row.scopes.split()))


def _state(row: ApiToken, now: datetime) -> str:
    if row.revoked_at:
        return "revoked"
    return "expired" if row.expires_at and row.expires_at <= now else "good"


def _owner_may(row: ApiToken) -> bool:
    if not row.owner:
        return True
    able = AccountRole.select().join(Account).where(Account.name == row.owner, Account.active)
    return bool(able.where(AccountRole.role == row.role, AccountRole.holds_from_at.is_null()).exists())
