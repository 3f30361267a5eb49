"""A form's own mark: one form does its work once, whatever is pressed twice, reloaded or gone back to."""

import re
import secrets

from flask import request

_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


def new_nonce() -> str:
    """A mark that no other form carries."""
    return secrets.token_urlsafe(24)


def typed_nonce() -> str:
    """The mark of the form that was posted; a new one for a form that carries none that we made."""
    nonce = request.form.get("nonce", "")
    return nonce if _NONCE.fullmatch(nonce) else new_nonce()
