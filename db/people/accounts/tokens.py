"""Bearer tokens of the JSON API; only hashes are stored."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from unicodedata import normalize

from db.engine.base import card_of
from db.engine.connection import UNAVAILABLE, writing
from db.journal import audit
from db.models.accounts import Account, AccountRole, ApiToken
from db.people.accounts.accounts import existing_account
from db.people.accounts.passwords import digest
from rules.people import roles_with
from rules.refusals import Refusal

# What a program can do begins with reading what was sent.
TOKEN_ROLES = roles_with("see_alerts")

# A program that nobody looks after any more loses its key; longer than a year nobody remembers it.
USUAL_DAYS, MOST_DAYS = 90, 366


@dataclass(frozen=True, slots=True)
class TokenCard:
    """A token as admins see it. `state` is good, revoked or expired; without `expires_at` it does not end by itself."""

    id: int
    name: str
    role: str
    owner: str
    state: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


def add_token(name: str, role: str, by: str, now: datetime, days: int = USUAL_DAYS, owner: str | None = None) -> str:
    """A new token for `days`, to be shown once; one of an account (`owner`) ends with it. Raises Refusal."""
    name = " ".join(filter(None, normalize("NFKC", name.strip()).split(" ")))  # as the journal tells one from another
    if not 1 <= days <= MOST_DAYS:
        raise Refusal("Un jeton sert de 1 à {most} jours.", most=MOST_DAYS)
    if role not in TOKEN_ROLES:
        raise Refusal("Rôle inconnu : {role}. Connus : {known}.", role=role, known=", ".join(TOKEN_ROLES))
    if not name or not name.isprintable():
        raise Refusal("Donnez un nom au jeton, par exemple celui du programme qui s'en servira.")
    token = "plp_" + secrets.token_urlsafe(32)
    with writing():
        if ApiToken.select().where(ApiToken.name == name).exists():
            raise Refusal("Le jeton « {name} » existe déjà.", name=name)
        ApiToken.create(
            name=name,
            token_hash=digest(token),
            role=role,
            created_at=now,
            owner=existing_account(owner).name if owner else "",
            expires_at=now + timedelta(days=days),
        )
        audit.record_from(now, by, "token_added", name, role=role, days=days, owner=owner)
    return token


def tokens(now: datetime) -> list[TokenCard]:
    """Every token, by name."""
    return [card_of(TokenCard, row, state=_state(row, now)) for row in ApiToken.select().order_by(ApiToken.name)]


def revoke_token(which: int | str, by: str, now: datetime) -> None:
    """End a token, by its id or its name; the name stays taken. Raises Refusal."""
    with writing():
        row = ApiToken.get_or_none(ApiToken.id == which if isinstance(which, int) else ApiToken.name == which)
        if row is None:
            raise Refusal("Il n'y a pas de jeton « {name} ».", name=which)
        if row.revoked_at is None:
            ApiToken.update(revoked_at=now).where(ApiToken.id == row.id).execute()
            audit.record_from(now, by, "token_revoked", row.name)


def revoke_tokens_of(owner: str, by: str, now: datetime) -> None:
    """End every token of this account."""
    for row in list(ApiToken.select().where(ApiToken.owner == owner, ApiToken.revoked_at.is_null())):
        revoke_token(row.id, by, now)


def token_bearer(token: str, now: datetime) -> TokenCard | None:
    """This token, which a program holds; None when unknown, revoked, expired, or its owner may no longer do it."""
    row = ApiToken.get_or_none(ApiToken.token_hash == digest(token), ApiToken.revoked_at.is_null())
    if row is None or _state(row, now) != "good" or not _owner_may(row):
        return None
    # Once a minute is enough to see a forgotten token; a write per request would cost an fsync each.
    if row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1):
        with suppress(*UNAVAILABLE):  # a courtesy: with a full disk a program may still read
            ApiToken.update(last_used_at=now).where(ApiToken.id == row.id).execute()
    return card_of(TokenCard, row, state="good")


def _state(row: ApiToken, now: datetime) -> str:
    if row.revoked_at:
        return "revoked"
    return "expired" if row.expires_at and row.expires_at <= now else "good"


def _owner_may(row: ApiToken) -> bool:
    if not row.owner:
        return True
    able = AccountRole.select().join(Account).where(Account.name == row.owner, Account.active)
    return bool(able.where(AccountRole.role == row.role, AccountRole.holds_from_at.is_null()).exists())
