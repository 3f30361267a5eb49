"""Signed numbers for a link or the subject of a mail: only this house can make them."""

import secrets
from typing import Literal

from itsdangerous import BadSignature, URLSafeSerializer

from db.engine.connection import take_turn, writing
from db.models.bulletins import SigningKey

About = Literal["relay", "probe"]
_PURPOSE = "relay"


def signed(about: About, number: int) -> str:
    """The signed number, in characters allowed in a URL or a mail's subject; the same each time."""
    token = _signer(about).dumps(number)
    return token if isinstance(token, str) else token.decode("ascii")


def number_in(about: About, text: str) -> int | None:
    """The number in such a token; None where it is forged, or no token."""
    if not text:
        return None
    try:
        number = _signer(about).loads(text)
    except BadSignature:
        return None
    return number if isinstance(number, int) else None


def _signer(about: About) -> URLSafeSerializer:
    return URLSafeSerializer(_key(), salt=f"plp {about}")


def _key() -> str:
    """The key of all tokens, made the first time."""
    row = SigningKey.get_or_none(SigningKey.purpose == _PURPOSE)
    if row is None:
        with writing():
            take_turn("signing key")
            row = SigningKey.get_or_none(SigningKey.purpose == _PURPOSE) or SigningKey.create(
                purpose=_PURPOSE, key=secrets.token_hex(32)
            )
    return str(row.key)
