"""How often links may be guessed. One process serves the console, so memory is enough; passwords are counted in the
database (`db/people/accounts/tries.py`).
"""

from flask import Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://")


def was_refused(response: Response) -> bool:
    """Only what failed counts: a right link costs nothing."""
    return response.status_code >= 400
