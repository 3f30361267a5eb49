"""The log says when the database goes and when it is back: a line per second would fill the disk that is full."""

import logging
import time
from collections.abc import Callable

# Reading goes on while a disk is full; only a longer peace says that writing does too.
PEACE_S = 15.0


class Outage:
    """For one thread. `waits` says what stands still meanwhile; `clock` gives seconds."""

    def __init__(self, log: logging.Logger, waits: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._log, self._waits, self._clock = log, waits, clock
        self._began_s = self._last_s = 0.0
        self._is_away = False

    def away(self, error: Exception) -> None:
        """The database refused; logged the first time only."""
        self._last_s = self._clock()
        if not self._is_away:
            self._is_away, self._began_s = True, self._last_s
            self._log.warning("the database is away (%s); %s", error, self._waits)

    def back(self) -> None:
        """The database answered; logged when it had been away and has answered for a while."""
        if self._is_away and self._clock() - self._last_s >= PEACE_S:
            self._is_away = False
            self._log.warning("the database is back after %.0f s", self._last_s - self._began_s)
