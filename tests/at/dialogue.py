"""A CMGS dialogue as the engine sees it: what is sent in between, and what comes out."""

from dataclasses import dataclass

from modem.at import AtEngine, Event, Prompt

PDU = "0031000B913247000000F100002F02C834"
COMMAND = "AT+CMGS=16"


@dataclass(frozen=True)
class Dialogue:
    """The modem's bytes before the PDU is written (up to and with the prompt) and after it."""

    before: bytes
    after: bytes

    @property
    def length(self) -> int:
        return len(self.before) + len(self.after)

    def with_inserted(self, at: int, data: bytes) -> "Dialogue":
        """The same with `data` before byte `at`."""
        if at <= len(self.before):
            return Dialogue(self.before[:at] + data + self.before[at:], self.after)
        at -= len(self.before)
        return Dialogue(self.before, self.after[:at] + data + self.after[at:])

    def run(self, chunks: int | list[int] = 1 << 20) -> list[Event]:
        """Feed it in chunks of these sizes (the last one repeats) and answer the prompt."""
        engine = AtEngine()
        engine.send(COMMAND, expects_prompt=True)
        events = list(_fed(engine, self.before, chunks))
        if engine.in_flight and any(isinstance(event, Prompt) for event in events):  # it may have restarted
            engine.payload(PDU)
        return events + list(_fed(engine, self.after, chunks))


def _fed(engine: AtEngine, data: bytes, chunks: int | list[int]) -> list[Event]:
    sizes = [chunks] if isinstance(chunks, int) else chunks or [1]
    events: list[Event] = []
    at = 0
    turn = 0
    while at < len(data):
        size = sizes[min(turn, len(sizes) - 1)]
        events += engine.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    return events


def cmgs(*, echo: bool = False, prompt: bytes = b"> ", result: bytes = b"+CMGS: 123\r\n\r\nOK\r\n") -> Dialogue:
    before = (COMMAND.encode() + b"\r" if echo else b"") + b"\r\n" + prompt
    after = (PDU.encode() + b"\x1a" if echo else b"") + b"\r\n" + result
    return Dialogue(before, after)
