"""Passwords: which are good enough, how they are stored (argon2id), and hashes of tokens that have 256 random bits."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from db.models.people import Neighbourhood
from db.models.zone import Zone
from plp.rules.collation import folded
from plp.rules.refusals import Refusal

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
