"""Limits on guessing links, in memory: one process serves the console. Passwords are counted in the database."""

from flask import Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse

limiter = Limiter(get_remote_address, storage_uri="memory://")
# A script asks for a hundred pages a second that its account may not open, and the journal is never shortened.
_REFUSALS_NOTED = parse("60 per minute")


def was_refused(response: Response) -> bool:
    """Only failures count: a correct link is free."""
    return response.status_code >= 400


def is_noted(who: str) -> bool:
    """True when one more refusal of `who` is recorded in the journal; the access log has every one."""
    return limiter.limiter.hit(_REFUSALS_NOTED, who)
