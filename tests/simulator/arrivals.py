"""What comes in, unless a fault has it otherwise."""

from tests.simulator.base import arrivals
from tests.simulator.base.tpdu import Submit, make_report
from tests.simulator.faults import Faults

OTHER_SMSC = "+32470888888"
_STILL_TRYING = 0x30


class Arrivals(arrivals.Arrivals):
    """The queue of one SIM; `faults` are its phone's."""

    def __init__(self) -> None:
        super().__init__()
        self.faults = Faults()

    @property
    def waiting(self) -> int:
        """The number that are still to come, or found no place."""
        return len(self._coming)

    @property
    def coming(self) -> list[arrivals.Arrival]:
        return sorted(self._coming)

    def add_report(self, submit: Submit, reference: int, now: float, report_s: float) -> None:
        faults, to, due = self.faults, submit.to, now + report_s
        if faults.hits("noreport", to):
            return
        if late := faults.hits("report-late", to):
            due += late.seconds
        if disorder := faults.hits("report-disorder", to):
            due += disorder.seconds * faults.dice.random()
        if faults.hits("report-early", to):
            due = now
        if shifted := faults.hits("report-reference", to):
            reference = (reference + shifted.code) % 256
        smsc = OTHER_SMSC if faults.hits("report-smsc", to) else ""
        rule = faults.hits("report", to)
        status = rule.code if rule else 0
        if faults.hits("report-trying", to):
            self.add(due, "report", make_report(submit.address, reference, _STILL_TRYING, now, due), smsc)
        for _ in range(2 if faults.hits("report-twice", to) else 1):
            self.add(due, "report", make_report(submit.address, reference, status, now, due), smsc)

    def add_part(self, due: float, tpdu: bytes, sender: str = "") -> None:
        if not self.faults.hits("inbound-lost", sender):
            super().add_part(due, tpdu, sender)

    def add_text(self, sender: str, parts: list[bytes], now: float) -> None:
        """Somebody's text in its parts."""
        faults = self.faults
        if len(parts) > 1 and faults.hits("inbound-missing", sender):
            parts = parts[:]
            del parts[faults.dice.randrange(len(parts))]
        if len(parts) > 1 and faults.hits("inbound-disorder", sender):
            parts = parts[::-1]
        for part in parts * (2 if faults.hits("inbound-twice", sender) else 1):
            self.add_part(now, part, sender)
