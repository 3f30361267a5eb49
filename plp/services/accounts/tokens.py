"""Bearer tokens of programs: made for a limited time, with or without an owner, used, and revoked."""

import secrets
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from unicodedata import normalize

from db.engine.connection import UNAVAILABLE, writing
from db.journal import audit
from db.people.accounts import sessions as stored
from db.people.accounts.sessions import TOKEN_ROLES, TokenCard, tokens
from rules.people import USUAL_SCOPES, scopes_for
from rules.refusals import Refusal, required

# A program that nobody looks after any more loses its key; longer than a year nobody remembers it.
USUAL_DAYS, MOST_DAYS = 90, 366
# Often enough to see a forgotten token; a write per request would cost an fsync.
_NOTED_EVERY = timedelta(minutes=1)


def plain_name(typed: str) -> str:
    """The name of an account or token, written so that the journal distinguishes it from others."""
    return " ".join(filter(None, normalize("NFKC", typed.strip()).split(" ")))


def make_token(
    name: str, role: str, by: str, now: datetime, days: int, owner: str, scopes: Collection[str] = ()
) -> str:
    """A token for `days`, shown once; it ends with its `owner`. Without `scopes`: the usual ones of its role."""
    name = plain_name(name)
    if not 1 <= days <= MOST_DAYS:
        raise Refusal("La durée de validité d'un jeton est de 1 à {most} jours.", most=MOST_DAYS)
    if role not in TOKEN_ROLES:
        raise Refusal("Rôle inconnu : {role}. Connus : {known}.", role=role, known=", ".join(TOKEN_ROLES))
    if not name or not name.isprintable():
        raise Refusal("Donnez un nom au jeton, par exemple celui du programme qui s'en servira.")
    possible = scopes_for(role)
    for scope in scopes:
        if scope not in possible:
            raise Refusal(
                "Un jeton du rôle {role} ne peut pas avoir la portée {scope}. Possibles : {known}.",
                role=role, scope=scope, known=", ".join(possible),
            )  # fmt: skip
    opened = [scope for scope in possible if scope in (scopes or USUAL_SCOPES)]
    token = "plp_" + secrets.token_urlsafe(32)
    with writing("accounts"):
        if not stored.keep_token(name, token, role, opened, owner, now, now + timedelta(days=days)):
            raise Refusal("Le jeton « {name} » existe déjà.", name=name)
        audit.record_from(now, by, "token_added", name, role=role, days=days, owner=owner or None, scopes=opened)
    return token


def revoke_token(which: int | str, by: str, now: datetime) -> None:
    """End a token, by its id or its name; the name stays reserved. Raises Refusal."""
    with writing():
        named = next((card for card in tokens(now) if which in (card.id, card.name)), None)
        card = required(named, Refusal("Il n'y a pas de jeton « {name} ».", name=which))
        if stored.mark_revoked(card.id, now):
            audit.record_from(now, by, "token_revoked", card.name)


def revoke_tokens_of(owner: str, by: str, now: datetime) -> None:
    """End every token of this account."""
    for card in tokens(now):
        if card.owner == owner:
            revoke_token(card.id, by, now)


def token_bearer(token: str, now: datetime) -> TokenCard | None:
    """This token, which a program holds; None when unknown, revoked, expired, or its owner may no longer do it."""
    card = stored.token_bearer(token, now)
    if card is not None and (card.last_used_at is None or now - card.last_used_at > _NOTED_EVERY):
        with suppress(*UNAVAILABLE):  # a courtesy: with a full disk a program may still read
            stored.mark_used(card.id, now)
    return card
