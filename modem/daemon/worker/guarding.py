"""The guards of this modem, whatever the console orders, shown as incidents until they are over. Nothing is lost: parts
over the ceiling wait, and one to a number that is never dialled failed with the code `guard`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from db.engine.connection import UNAVAILABLE
from db.operations.incidents import close_incident, open_incident
from plp.settings.values import ModemSettings
from rules.sentences import coded

# So long after the last wrong number its incident is over.
CALM = timedelta(hours=1)


class Guarding:
    """The two incidents of one modem: `guard_ceiling` and `guard_number`."""

    def __init__(self, host: str, settings: ModemSettings, is_full: Callable[[datetime], bool]) -> None:
        self._subject = modem = f"{host}/{settings.name}"
        self._is_full = is_full
        self._refused_at: datetime | None = None
        # What stands from before this process began is not known yet.
        self._told: dict[str, bool | None] = {"guard_ceiling": None, "guard_number": None}
        self._sentences = {
            "guard_ceiling": coded("guard_ceiling", modem=modem, limit=settings.hour_limit).stored,
            "guard_number": coded("guard_number", modem=modem).stored,
        }

    def refused(self, now: datetime) -> None:
        """The queue had a number that is never dialled."""
        self._refused_at = now

    def look(self, now: datetime) -> None:
        """Open what is wrong and end what is over; tried again at the next step while the database is away."""
        self._tell("guard_ceiling", self._is_full(now), now)
        refused = self._refused_at is not None and timedelta() <= now - self._refused_at < CALM
        self._tell("guard_number", refused, now)

    def _tell(self, kind: str, is_wrong: bool, now: datetime) -> None:
        if self._told[kind] is is_wrong:
            return
        try:
            if is_wrong:
                open_incident(kind, self._subject, self._sentences[kind], now)
            else:
                close_incident(kind, self._subject, now)
        except UNAVAILABLE:
            return
        self._told[kind] = is_wrong
