"""Dialogues as the engine sees them: what is sent in between, and what comes out."""

from collections.abc import Iterator
from dataclasses import dataclass

from modem.at.engine import AtEngine
from modem.at.events import Event, Prompt

PDU = "0031000B913247000000F100002F02C834"
COMMAND = "AT+CMGS=16"


@dataclass(frozen=True)
class Dialogue:
    """The modem's bytes up to and with the prompt, and those after the PDU is written (none for a query)."""

    before: bytes
    after: bytes
    command: str = COMMAND

    @property
    def length(self) -> int:
        return len(self.before) + len(self.after)

    @property
    def gaps(self) -> list[int]:
        """The places between its lines, and at both ends and the prompt."""
        stream = self.before + self.after
        return [at for at in range(self.length + 1) if at in (0, len(self.before), self.length) or stream[at - 1] == 10]

    def with_inserted(self, at: int, data: bytes) -> "Dialogue":
        """The same with `data` before byte `at`."""
        if at <= len(self.before):
            return Dialogue(self.before[:at] + data + self.before[at:], self.after, self.command)
        at -= len(self.before)
        return Dialogue(self.before, self.after[:at] + data + self.after[at:], self.command)

    def run(self, chunks: int | list[int] = 1 << 20) -> list[Event]:
        """Feed it in chunks of these sizes (the last one repeats) and answer the prompt."""
        engine = AtEngine()
        engine.send(self.command, expects_prompt=self.command == COMMAND)
        events = list(_fed(engine, self.before, chunks))
        if engine.in_flight and any(isinstance(event, Prompt) for event in events):  # it may have restarted
            engine.payload(PDU)
        return events + list(_fed(engine, self.after, chunks))


def _fed(engine: AtEngine, data: bytes, chunks: int | list[int]) -> Iterator[Event]:
    if isinstance(chunks, int) and chunks >= len(data):
        yield from engine.feed(data)
        return
    sizes = [chunks] if isinstance(chunks, int) else chunks or [1]
    at = 0
    turn = 0
    while at < len(data):
        size = sizes[min(turn, len(sizes) - 1)]
        yield from engine.feed(data[at : at + size])
        at, turn = at + size, turn + 1


def cmgs(*, echo: bool = False, prompt: bytes = b"> ", result: bytes = b"+CMGS: 123\r\n\r\nOK\r\n") -> Dialogue:
    before = (COMMAND.encode() + b"\r" if echo else b"") + b"\r\n" + prompt
    after = (PDU.encode() + b"\x1a" if echo else b"") + b"\r\n" + result
    return Dialogue(before, after)
