"""Bearer tokens of the JSON API; only hashes are stored."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.engine.connection import UNAVAILABLE, writing
from db.journal import audit
from db.models.accounts import ApiToken
from db.people.accounts.links import digest
from plp.rules.refusals import Refusal

TOKEN_ROLES = ("officer", "technician", "admin")


@dataclass(frozen=True, slots=True)
class Bearer:
    """The program that holds a token."""

    name: str
    role: str


def add_token(name: str, role: str, by: str, now: datetime) -> str:
    """A new token, to be shown once."""
    name = name.strip()
    if role not in TOKEN_ROLES:
        raise Refusal("Rôle inconnu : {role}. Connus : {known}.", role=role, known=", ".join(TOKEN_ROLES))
    if not name or not name.isprintable():
        raise Refusal("Donnez un nom au jeton, par exemple celui du programme qui s'en servira.")
    token = "plp_" + secrets.token_urlsafe(32)
    with writing():
        if ApiToken.select().where(ApiToken.name == name).exists():
            raise Refusal("Le jeton « {name} » existe déjà.", name=name)
        ApiToken.create(name=name, token_hash=digest(token), role=role, created_at=now)
        audit.record(now, by, "token_added", name, role=role)
    return token


def token_bearer(token: str, now: datetime) -> Bearer | None:
    """Whose token this is; None when unknown or revoked."""
    row = ApiToken.get_or_none(ApiToken.token_hash == digest(token), ApiToken.revoked_at.is_null())
    if row is None:
        return None
    # Once a minute is enough to see a forgotten token; a write per request would cost an fsync each.
    if row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1):
        with suppress(*UNAVAILABLE):  # a courtesy: with a full disk a program may still read
            ApiToken.update(last_used_at=now).where(ApiToken.id == row.id).execute()
    return Bearer(row.name, row.role)
