"""The way of texts and reports from the modem to us: how it is set up (AT+CNMI, 3GPP TS 27.005 § 3.4.1), and the
acknowledgements (AT+CNMA, § 3.4.4) that some modems require for every one; without it they stop (docs/adr/0067).
"""

from collections.abc import Sequence
from itertools import product
from typing import Final

from modem.driver.dialogue.dialogue import Dialogue

ACKNOWLEDGE_TIMEOUT_S: Final = 5.0
# In PDU mode all three only acknowledge (§ 4.7); Cinterion's manual names the last, Nordic's library gives the second.
_ACKNOWLEDGEMENTS: Final = ("AT+CNMA", "AT+CNMA=1", "AT+CNMA=0")
# <mode>, <mt>, <bm>, <ds>, <bfr>, the better first. Texts wait in the storage if they can; cell broadcasts are for
# nobody here; reports come directly (+CDS), else by way of the storage (+CDSI), else not at all.
_WANTED: Final = ((2, 3, 1), (1, 2), (0,), (1, 2, 0), (0, 1))
_MODE: Final = 0
_REPORTS: Final = 3
# Of a modem that does not tell what it takes.
_USUAL: Final = ((2, 1), (1,), (0,), (1, 2, 0), (0,))


def indications(offered: Sequence[Sequence[int]]) -> list[str]:
    """The AT+CNMI to try, the best first, of what AT+CNMI=? `offered`."""
    listed = offered if len(offered) > _REPORTS else _USUAL
    figures = []
    for at, (wanted, values) in enumerate(zip(_WANTED, listed, strict=False)):
        fitting = [value for value in wanted if value in values] or list(values or wanted)
        # Only modes and reports are refused by models that list them.
        figures.append(fitting if at in (_MODE, _REPORTS) else fitting[:1])
    in_turn = sorted(product(*figures), key=lambda chosen: figures[_REPORTS].index(chosen[_REPORTS]))
    return ["AT+CNMI=" + ",".join(map(str, chosen)) for chosen in in_turn]


class Routing:
    """The routing that `command` set up (None: none was taken). `owes`: how many acknowledgements are due."""

    def __init__(self, dialogue: Dialogue, command: str | None, wants_acknowledgement: bool) -> None:
        self._dialogue, self._command = dialogue, command
        self._wants_acknowledgement = wants_acknowledgement
        self.owes = 0

    def took_over(self, number: int) -> None:
        """This number of texts and reports, delivered directly, are being stored."""
        self.owes += number if self._wants_acknowledgement else 0

    def acknowledge(self) -> None:
        """All that was taken over is stored. Raises ModemTimeout, PortGone."""
        while self.owes:
            self.owes -= 1
            if not any(map(self._takes, _ACKNOWLEDGEMENTS)) and self._command:
                self._takes(self._command)  # it came too late: nothing is routed any more until this is given again

    def _takes(self, command: str) -> bool:
        return self._dialogue.attempt(command, ACKNOWLEDGE_TIMEOUT_S) is not None
