"""The recovery ladder: what is tried, in which order, to get a silent modem back without a person.

The rungs are those of docs/reference/modem-facts.md, "Recovery ladder":

AT probe → close and reopen → AT+CFUN=1,1 → USBDEVFS_RESET → out of service with an alarm. The probe is the worker's
first answer to any silence; here is what follows when it fails. Also out of service the port is tried once a minute:
a modem that comes back by itself, or by a power cut, needs nobody.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Step = Literal["reopen", "restart", "usb_reset", "give_up"]

# A modem that was reset may be away for so long; until then it is expected to be absent, not broken.
EXPECTED_ABSENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Rung:
    """Do `step`, then open after `wait`."""

    step: Step
    wait: timedelta

    @property
    def resets(self) -> bool:
        """The modem will be away for a while."""
        return self.step in ("restart", "usb_reset")


def _rung(step: Step, wait_s: int) -> Rung:
    return Rung(step, timedelta(seconds=wait_s))


# What a person may ask for, out of turn.
RESTART = _rung("restart", 5)

_RUNGS = (
    _rung("reopen", 1),
    _rung("reopen", 2),
    _rung("restart", 5),
    _rung("reopen", 15),
    _rung("usb_reset", 5),
    _rung("reopen", 15),
    _rung("give_up", 60),
)


class Ladder:
    """One failure, one rung down; a modem that works again stands at the top."""

    def __init__(self) -> None:
        self._failures = 0

    def down(self) -> Rung:
        """The next thing to do."""
        rung = _RUNGS[min(self._failures, len(_RUNGS) - 1)]
        self._failures += 1
        return rung

    def up(self) -> None:
        """It works: the next trouble starts at the top."""
        self._failures = 0
