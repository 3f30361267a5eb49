"""Passwords: which are good enough, how they are stored (argon2id), and hashes of tokens that have 256 random bits.
Tries of one are counted before it is looked at, so that parallel ones do not pass.

Counted are a name at one place and a place for all names; only the first for one who signed in there before. A place is
a browser in which this name signed in, else an address. A name that is attacked from everywhere keeps nobody out: each
place where it never signed in has fewer free tries of it.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_network
from math import ceil, inf
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from db.engine.connection import take_turn, writing
from db.models.accounts import SignInTry
from db.models.people import Neighbourhood
from db.models.zone import Zone
from rules.collation import folded
from rules.refusals import Refusal

_hasher = PasswordHasher()
# Each takes 64 MB and a processor: one at a time.
_turn = Lock()

MINIMUM, MINIMUM_WITH_FACTOR = 15, 8
LONGEST = 1000
# Powers of ten of the guesses that it takes, as zxcvbn estimates them.
_GUESSES, _GUESSES_WITH_FACTOR = 10.0, 7.5
# More takes it seconds, and 40 characters that are good enough are not made worse by others.
_JUDGED = 40
# What every zone has.
_OURS = ("plp", "police", "policier", "locale", "lokale", "polizei", "politie", "zone", "alerte", "azerty")


def check_password(password: str, words: Iterable[str], second_factor: bool = False) -> None:
    """Refuse what is short, common, or made of `words`: the account's name and the zone's own. Raises Refusal."""
    least = MINIMUM_WITH_FACTOR if second_factor else MINIMUM
    if len(password) < least:
        raise Refusal("Le mot de passe doit avoir au moins {count} caractères.", count=least)
    if len(password) > LONGEST:
        raise Refusal("Le mot de passe est trop long.")
    from zxcvbn import zxcvbn  # its lists take 13 MB, and passwords are chosen rarely

    # What stands between words would count as if nobody could guess it, and a word that all here know as one of many.
    known = {part for text in (*words, *_OURS) for part in re.split(r"[\W_]+", folded(text)) if len(part) > 2}
    ours = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    bare = re.sub(ours, lambda found: found[0][0], re.sub(r"[\s._-]+", "", folded(password)))
    guesses: float = zxcvbn(bare[:_JUDGED], user_inputs=sorted(known))["guesses_log10"]
    if guesses < (_GUESSES_WITH_FACTOR if second_factor else _GUESSES):
        raise Refusal(
            "Mot de passe trop facile à deviner : courant, répétitif, ou tiré du nom de l'utilisateur "
            "ou de la zone. Choisissez trois ou quatre mots sans rapport."
        )


def hashed(password: str, name: str, second_factor: bool = False) -> str:
    """The hash to store of an acceptable password of the account `name`. Raises Refusal."""
    zone = [text for row in Zone.select() for text in (row.name, row.code)]
    check_password(password, [name, *zone, *(row.name for row in Neighbourhood.select())], second_factor)
    return hashed_code(password)


def hashed_code(code: str) -> str:
    """The hash to store of a random code that is too short for a digest."""
    with _turn:
        return _hasher.hash(code)


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
    return hashed_code(password) if _hasher.check_needs_rehash(stored) else None


@cache
def _nobody() -> str:
    """Verified when the name is unknown, so that an answer's time tells nothing about who exists."""
    return _hasher.hash(secrets.token_urlsafe(16))


def digest(token: str) -> str:
    """The hash to store of a token that has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


# So many wrong ones in a row cost nothing; each later one twice the wait of the one before.
FREE, FREE_OF_ADDRESS = 5, 50
# After so many of one name from anywhere, a place where it never signed in has fewer of them.
MANY_OF_NAME, FREE_OF_MANY = 20, 1
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
# Of two requests at once, the later may be counted first; a clock that was set back is further off.
OUT_OF_ORDER = timedelta(minutes=1)
KNOWN_FOR = timedelta(days=90)


class TooManyTries(Refusal):
    """No password is looked at before `wait_s` seconds are over."""


@dataclass(frozen=True, slots=True)
class Try:
    """A counted try: the row of this name at this place, then those of the name and of the address."""

    rows: tuple[int, ...]
    wait: timedelta


def take_try(name: str, address: str, now: datetime, device: str = "") -> Try:
    """Count a try that is about to be looked at; `wait` is what a wrong one costs. `device` is the name of a browser
    that the console knows. Raises TooManyTries.
    """
    key, address = _key(name), _place(address)
    with writing():
        take_turn("sign-in tries")
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


def _place(address: str) -> str:
    """The address; of IPv6 the network, in which one machine has as many addresses as it likes."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


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
