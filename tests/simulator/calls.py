"""Calls: somebody calls this number, RING and its like, until it is refused or given up; and calls from here."""

from dataclasses import dataclass, field

RING_EVERY_S = 3.0


@dataclass(slots=True)
class Calls:
    """At most one call rings. Times are seconds since the epoch."""

    caller: str = ""
    refused: int = 0
    missed: int = 0
    # The numbers that were called from here, and the one whose telephone rings now.
    dialled: list[str] = field(default_factory=list)
    dialling: str = ""
    _until: float = 0.0
    _next: float = field(default=0.0)

    def ring(self, caller: str, now: float, patience_s: float) -> None:
        self.caller, self._until, self._next = caller, now + patience_s, now

    def dial(self, number: str) -> None:
        self.dialled.append(number)
        self.dialling = number

    def refuse(self) -> None:
        """AT+CHUP; harmless when nobody calls and nobody is called."""
        self.refused += bool(self.caller)
        self.caller = self.dialling = ""

    @property
    def due(self) -> float | None:
        """The time of the next ring, or of the caller's giving up."""
        return min(self._next, self._until) if self.caller else None

    def lines(self, now: float, ring: str, caller_shown: bool, over: str) -> list[str]:
        """The modem's lines by now: `ring` is its word for it (AT+CRC), `over` its last line."""
        if not self.caller:
            return []
        if now >= self._until:
            self.missed += 1
            self.caller = ""
            return [over] if over else []
        if now < self._next:
            return []
        self._next = now + RING_EVERY_S
        # 27.007 § 7.11: type 145 is an international number
        return [ring, f'+CLIP: "{self.caller}",145,,,,0'] if caller_shown else [ring]
