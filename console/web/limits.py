"""How often the doors may be knocked at. One process serves the console, so memory is enough."""

from flask import Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://")


def was_refused(response: Response) -> bool:
    """Only what failed counts: a right password costs nothing."""
    return response.status_code >= 400


failures = limiter.limit("10 per minute;60 per hour", deduct_when=was_refused, methods=["POST"])
