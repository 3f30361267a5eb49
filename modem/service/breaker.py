"""Is it the people's numbers or the modem? Failures on distinct recipients decide (modem-facts, "Breaker")."""

from collections import deque
from datetime import datetime, timedelta
from typing import Literal

from modem.service.pacing import is_due

IN_A_ROW = 3
OF_THE_LAST, FAILED_OF_THEM = 10, 5
# A tenth of dead numbers is nothing unusual: one refused test may be one of them.
TESTS = 2
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 60, 120, 300))

# closed   all is well
# check    it tripped: a health check comes before the next message
# test     messages go out alone, and the first that is taken ends it
# open     the test failed: nothing goes out until the pause is over
State = Literal["closed", "check", "test", "open"]


class Breaker:
    """Only a part's first failure is evidence: a dead number that is tried again says nothing new."""

    def __init__(self) -> None:
        self.state: State = "closed"
        self.until: datetime | None = None
        self._last: deque[str | None] = deque(maxlen=OF_THE_LAST)  # the recipient of a failure, None for a success
        self._pauses = self._tests = 0

    def succeeded(self) -> None:
        """The network took one: whatever was wrong is over."""
        if self.state != "closed":
            self._close()
        self._last.append(None)

    def failed(self, recipient: str, now: datetime) -> None:
        """A part's first try was refused in a way that may be the modem's."""
        if self.state != "closed":
            self._tests += 1
            if self._tests >= TESTS or self.state != "test":
                self._pause(now)
            return
        self._last.append(recipient)
        if self._tripped():
            self.state = "check"

    def healthy(self) -> None:
        """The health check passed: one message may try."""
        if self.state == "check":
            self.state, self._tests = "test", 0

    def allows(self, now: datetime) -> bool:
        """True when a message may go out; ends a pause that is over with a new health check."""
        if self.state == "open" and is_due(self.until, now, PAUSES[-1]):
            self.state, self.until = "check", None
        return self.state in ("closed", "test")

    @property
    def suspicious(self) -> bool:
        """While it is not closed a failure says more about the modem than about the part."""
        return self.state != "closed"

    def _tripped(self) -> bool:
        recent = list(self._last)
        row = recent[-IN_A_ROW:]
        in_a_row = len(row) == IN_A_ROW and None not in row and len(set(row)) == IN_A_ROW
        return in_a_row or len({recipient for recipient in recent if recipient}) >= FAILED_OF_THEM

    def _pause(self, now: datetime) -> None:
        self.until = now + PAUSES[min(self._pauses, len(PAUSES) - 1)]
        self._pauses += 1
        self.state = "open"

    def _close(self) -> None:
        self.state, self.until, self._pauses = "closed", None, 0
        self._last.clear()
