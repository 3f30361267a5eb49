"""The certainty that a modem is still as it was set up, by what is heard of it: pure, given the time."""

import math
from typing import Final

from modem.at.commands import RECEIPT
from modem.at.events import Doubtful, Event, Late, Prompt, Response, Urc
from modem.at.urcs import head

# A restart takes longer; nobody claims one in less than 0.6 s. A modem that answered so lately is asked nothing.
RESTART_TAKES_S: Final = 0.5
# An answer may take so long before a restart is thought of meanwhile: it would have lost the command.
ANSWER_TAKES_S: Final = 2.0
# How a URC ends that says so: `SMS Ready`, `Call Ready`, `+CPIN: READY`, `+QIND: SMS DONE`, `PB DONE`, `APP RDY`; and
# how others begin that come after a start.
_READY: Final = ("READY", "DONE", "RDY")
_STARTED: Final = ("+CFUN", "+PBREADY", "+WIND", "+EIND", "*EMRDY")


def is_ready(heard: Urc | Late) -> bool:
    """A part of the modem has come up."""
    return heard.lines[0].upper().endswith(_READY)


class Footing:
    """Told by the reader of all that it hears, and by the one at work of what it found."""

    def __init__(self) -> None:
        self._sure_at = -math.inf
        # Something odd was heard, or (`is_suspect`) what comes after a restart.
        self.is_doubted = self.is_suspect = False
        self.echoes = 0
        # An echo that comes back is a restart's; not before ATE0 was taken.
        self.minds_echo = False
        self.has_echoed = False

    def is_sure(self, now: float) -> bool:
        """Too short a time for a restart has passed since an answer, and nothing odd was heard."""
        return not self.is_doubted and not self.is_suspect and now - self._sure_at < RESTART_TAKES_S

    def may_have_restarted(self, now: float) -> bool:
        """An answer took long enough for it, or what comes after a restart was heard."""
        return self.is_suspect or now - self._sure_at >= ANSWER_TAKES_S

    def heard(self, event: Event, now: float) -> None:
        """A receipt of the PDU that was handed over may take as long as the network wants; other answers may not."""
        if isinstance(event, Response | Prompt):
            is_receipt = isinstance(event, Response) and any(head(line) == RECEIPT for line in event.lines)
            if is_receipt or now - self._sure_at < ANSWER_TAKES_S:
                self._sure_at = now
        elif isinstance(event, Late | Doubtful):
            self.is_doubted = True
        elif isinstance(event, Urc) and (event.name in _STARTED or is_ready(event)):
            self.is_doubted = self.is_suspect = True

    def echoed(self, echoes: int) -> None:
        """So many commands came back until now."""
        if echoes != self.echoes and self.minds_echo:
            self.is_doubted = self.is_suspect = self.has_echoed = True
        self.echoes = echoes

    def begin(self) -> None:
        """Its settings are asked for: what is odd from here on counts anew."""
        self.is_doubted = self.is_suspect = False
        self._sure_at = -math.inf

    def found(self, now: float) -> None:
        """It has its settings."""
        self._sure_at = now
