"""Passwords: which are good enough, how they are stored (argon2id), and hashes of tokens that have 256 random bits.
Tries of one are counted before it is looked at, so that parallel ones do not pass.

Counted are a name at one address, a name at all and an address for all names; only the first for one who signed in
there before: others' mistakes, or an attack from elsewhere, do not keep them out.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from db.engine.connection import take_turn, writing
from db.models.accounts import SignInTry
from db.models.people import Neighbourhood
from db.models.zone import Zone
from rules.collation import folded
from rules.refusals import Refusal

_hasher = PasswordHasher()

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
    return _hasher.hash(password)


def hashed_code(code: str) -> str:
    """The hash to store of a random code that is too short for a digest."""
    return _hasher.hash(code)


def matches(stored: str | None, typed: str) -> bool:
    """True when this is the password; without a stored one it takes as long."""
    nobody = _nobody()
    try:
        return _hasher.verify(stored or nobody, typed) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def renewed(stored: str, password: str) -> str | None:
    """The hash with today's parameters; None when it has them."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(stored) else None


@cache
def _nobody() -> str:
    """Verified when the name is unknown, so that an answer's time tells nothing about who exists."""
    return _hasher.hash(secrets.token_urlsafe(16))


def digest(token: str) -> str:
    """The hash to store of a token that has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


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
