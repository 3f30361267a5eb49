"""Bearer tokens of programs: used, and revoked."""

from contextlib import suppress
from datetime import datetime, timedelta
from unicodedata import normalize

from db.engine.connection import UNAVAILABLE, writing
from db.journal import audit
from db.people.accounts import sessions as stored
from db.people.accounts.sessions import TokenCard, tokens
from rules.refusals import Refusal, required

# A program that nobody looks after any more loses its key; longer than a year nobody remembers it.
USUAL_DAYS, MOST_DAYS = 90, 366
# Often enough to see a forgotten token; a write per request would cost an fsync.
_NOTED_EVERY = timedelta(minutes=1)


def plain_name(typed: str) -> str:
    """The name of an account or token, written so that the journal distinguishes it from others."""
    return " ".join(filter(None, normalize("NFKC", typed.strip()).split(" ")))


def revoke_token(which: int | str, by: str, now: datetime) -> None:
    """End a token, by its id or its name; the name stays reserved. Raises Refusal."""
    with writing():
        named = next((card for card in tokens(now) if which in (card.id, card.name)), None)
        card = required(named, Refusal("Il n'y a pas de jeton « {name} ».", name=which))
        if stored.mark_revoked(card.id, now):
            audit.record_from(now, by, "token_revoked", card.name)


def token_bearer(token: str, now: datetime) -> TokenCard | None:
    """This token, which a program holds; None when unknown, revoked, expired, or its owner may no longer do it."""
    card = stored.token_bearer(token, now)
    if card is not None and (card.last_used_at is None or now - card.last_used_at > _NOTED_EVERY):
        with suppress(*UNAVAILABLE):  # a courtesy: with a full disk a program may still read
            stored.mark_used(card.id, now)
    return card
