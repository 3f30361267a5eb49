"""Time as this product stores it: aware UTC. Loops get `now` passed in; only entry points call `utc_now`."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment, aware UTC."""
    return datetime.now(UTC)
