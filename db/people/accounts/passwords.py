"""Passwords as they are stored (argon2id), and hashes of tokens that have 256 random bits. Tries are counted before the
password is checked, so that parallel ones do not pass: of a name at one place, and of a place for all names; only the
first for a person who signed in there before. A place is a browser in which this name signed in, else an address. An
attack on a name from many places locks nobody out: it only leaves fewer free tries at places where it never signed in.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_network
from math import inf
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from db.engine.connection import writing
from db.models.accounts import SignInTry
from rules.collation import folded

_hasher = PasswordHasher()
# Each takes 64 MB and a processor: one at a time.
_turn = Lock()

# So many wrong ones in a row cost nothing; a later one twice the wait of the one before.
FREE, FREE_OF_ADDRESS = 5, 50
# After so many of one name from anywhere, a place where it never signed in has fewer of them.
MANY_OF_NAME, FREE_OF_MANY = 20, 1
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
# Of two requests at once, the later may be counted first; a clock that was set back is further off.
OUT_OF_ORDER = timedelta(minutes=1)
KNOWN_FOR = timedelta(days=90)


def hashed(secret: str) -> str:
    """The hash to store of a password, or of a code that is too short for a digest."""
    with _turn:
        return _hasher.hash(secret)


def matches(stored: str | None, typed: str) -> bool:
    """True when this is the password; without a stored one it takes as long."""
    nobody = _nobody()
    try:
        with _turn:
            return _hasher.verify(stored or nobody, typed) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def renewed(stored: str, password: str) -> str | None:
    """The hash with today's parameters; None when it has them."""
    return hashed(password) if _hasher.check_needs_rehash(stored) else None


@cache
def _nobody() -> str:
    """Verified when the name is unknown, so that an answer's time does not reveal which names exist."""
    return _hasher.hash(secrets.token_urlsafe(16))


def digest(token: str) -> str:
    """The hash to store of a token that has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Try:
    """A counted try: the row of this name at this place, then those of the name and of the address. `wait` is the delay
    after a wrong one; with `held` nothing was counted, and it is what remains.
    """

    rows: tuple[int, ...]
    wait: timedelta
    held: bool = False


def take_try(name: str, address: str, now: datetime, device: str = "") -> Try:
    """Count a try that is about to be checked. `device` is the name of a browser that the console knows."""
    key = _key(name)
    if ":" in address:  # of IPv6 the network, in which one machine has as many addresses as it likes
        address = str(ip_network(f"{address}/64", strict=False))
    with writing("sign-in tries"):
        own = _row(key, digest(device), now) if device else None
        if own is None or not _is_known(own, now):
            own = _row(key, address, now)
        counted: list[tuple[SignInTry, float]] = [(own, FREE)]
        if not _is_known(own, now):
            anywhere = _row(key, "", now)
            free = FREE if anywhere.failed < MANY_OF_NAME else FREE_OF_MANY
            counted = [(own, free), (anywhere, inf), (_row("", address, now), FREE_OF_ADDRESS)]
        wait = max((row.until_at - now for row, _free in counted if row.until_at), default=timedelta())
        if wait > timedelta():
            return Try((), wait, held=True)
        wait = max(_count(row, free, now) for row, free in counted)
        return Try(tuple(row.id for row, _free in counted), wait)


def give_back(taken: Try, now: datetime) -> None:
    """The password was right: inside the caller's transaction."""
    own, *shared = taken.rows
    SignInTry.update(failed=0, until_at=None, changed_at=now, good_at=now).where(SignInTry.id == own).execute()
    SignInTry.update(failed=SignInTry.failed - 1).where(SignInTry.id.in_(shared), SignInTry.failed > 0).execute()


def know_device(name: str, device: str, now: datetime) -> None:
    """This name has signed in, in this browser."""
    with writing():
        row = _row(_key(name), digest(device), now)
        row.failed, row.until_at, row.changed_at, row.good_at = 0, None, now, now
        row.save()


def _is_known(row: SignInTry, now: datetime) -> bool:
    return row.good_at is not None and now - row.good_at < KNOWN_FOR


def _key(name: str) -> str:
    return hashlib.sha256(folded(name).encode()).hexdigest()


def _row(key: str, address: str, now: datetime) -> SignInTry:
    row: SignInTry | None = SignInTry.get_or_none(name_digest=key, address=address)
    if row is None:
        return SignInTry(name_digest=key, address=address)
    if not -OUT_OF_ORDER <= now - row.changed_at < FORGOTTEN_AFTER:
        row.failed, row.until_at = 0, None
    return row


def _count(row: SignInTry, free: float, now: datetime) -> timedelta:
    row.failed += 1
    doublings = row.failed - free
    wait = min(FIRST_WAIT * 2 ** int(min(doublings, 10)), LONGEST_WAIT) if doublings >= 0 else timedelta()
    row.until_at, row.changed_at = (now + wait if wait else None), now
    row.save()
    return wait
