"""The network with a log of its TPDUs too, whatever became of their messages.

TPDU log (`--tpdu-log`), a line per TPDU:
    {"at", "to", "part", "parts", "reference": concatenation reference or null, "mr", "text", "tpdu",
     "t_cmgs": when the first byte of its AT+CMGS came, seconds since the epoch}
"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from modem.sim import network
from modem.sim.network import Journal, Submit, Taken, whole_characters


class Network(network.Network):
    """`counts`: tpdus, messages, and as repeated the parts that came again before their message was whole."""

    def __init__(self, log: Path | None = None, tpdu_log: Path | None = None) -> None:
        super().__init__(log)
        self.tpdus = Journal(tpdu_log)
        self.counts: Counter[str] = Counter()

    @property
    def incomplete(self) -> int:
        return len(self._open)

    def take(self, submit: Submit, mr: int, now: float, t_cmgs: float = 0.0) -> None:
        chain = submit.concatenation
        self.counts["tpdus"] += 1
        self.tpdus.write({
            "at": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            "to": submit.to,
            "part": chain.number if chain else 1,
            "parts": chain.total if chain else 1,
            "reference": chain.reference if chain else None,
            "mr": mr,
            "text": whole_characters(submit.text),
            "tpdu": submit.tpdu.hex().upper(),
            "t_cmgs": t_cmgs,
        })  # fmt: skip
        super().take(submit, mr, now)

    def _join(self, taken: Taken) -> list[Taken]:
        before = self._parts
        whole = super()._join(taken)
        self.counts["messages"] += bool(whole)
        self.counts["repeated"] += not whole and self._parts == before
        return whole

    @property
    def _parts(self) -> int:
        return sum(map(len, self._open.values()))

    def close(self) -> None:
        super().close()
        self.tpdus.close()
