"""Tries of a password, counted before it is looked at, so that parallel ones do not pass.

Counted are a name at one address, a name at all and an address for all names; only the first for one who signed in
there before: others' mistakes, or an attack from elsewhere, do not keep them out.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from db.engine.connection import take_turn, writing
from db.models.accounts import SignInTry
from plp.rules.collation import folded
from plp.rules.refusals import Refusal

# So many wrong ones in a row cost nothing; each later one twice the wait of the one before.
FREE, FREE_OF_NAME, FREE_OF_ADDRESS = 5, 20, 50
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
# Of two requests at once, the later may be counted first; a clock that was set back is further off.
OUT_OF_ORDER = timedelta(minutes=1)
KNOWN_FOR = timedelta(days=90)


class TooManyTries(Refusal):
    """No password is looked at before `wait_s` seconds are over."""


@dataclass(frozen=True, slots=True)
class Try:
    """A counted try: the row of this name at this address, then those of all addresses and all names."""

    rows: tuple[int, ...]
    wait: timedelta


def take_try(name: str, address: str, now: datetime) -> Try:
    """Count a try that is about to be looked at; `wait` is what a wrong one costs. Raises TooManyTries."""
    key = hashlib.sha256(folded(name).encode()).hexdigest()
    with writing():
        take_turn("sign-in tries")
        own = _row(key, address, now)
        known = own.good_at is not None and now - own.good_at < KNOWN_FOR
        counted = [(own, FREE)]
        if not known:
            counted += [(_row(key, "", now), FREE_OF_NAME), (_row("", address, now), FREE_OF_ADDRESS)]
        wait = max((row.until_at - now for row, _free in counted if row.until_at), default=timedelta())
        if wait > timedelta():
            wait_s = ceil(wait.total_seconds())
            told = f"{wait_s}\N{NO-BREAK SPACE}s" if wait_s < 100 else f"{ceil(wait_s / 60)}\N{NO-BREAK SPACE}min"
            raise TooManyTries("Trop d'essais. Attendez {wait}, puis recommencez.", wait=told, wait_s=wait_s)
        wait = max(_count(row, free, now) for row, free in counted)
        return Try(tuple(row.id for row, _free in counted), wait)


def give_back(taken: Try, now: datetime) -> None:
    """The password was right: inside the caller's transaction."""
    own, *shared = taken.rows
    SignInTry.update(failed=0, until_at=None, changed_at=now, good_at=now).where(SignInTry.id == own).execute()
    SignInTry.update(failed=SignInTry.failed - 1).where(SignInTry.id.in_(shared), SignInTry.failed > 0).execute()


def _row(key: str, address: str, now: datetime) -> SignInTry:
    row: SignInTry | None = SignInTry.get_or_none(name_digest=key, address=address)
    if row is None:
        return SignInTry(name_digest=key, address=address)
    if not -OUT_OF_ORDER <= now - row.changed_at < FORGOTTEN_AFTER:
        row.failed, row.until_at = 0, None
    return row


def _count(row: SignInTry, free: int, now: datetime) -> timedelta:
    row.failed += 1
    doublings = row.failed - free
    wait = min(FIRST_WAIT * 2 ** min(doublings, 10), LONGEST_WAIT) if doublings >= 0 else timedelta()
    row.until_at, row.changed_at = (now + wait if wait else None), now
    row.save()
    return wait
