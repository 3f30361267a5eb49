"""The sans-IO engine: `send` says what to write, `feed` turns what was read into events.

One command is in flight at a time. Each whole line is, in this order: an echo, a URC, a line of the answer, a final
result. A line that is also a URC's name (`+CREG:`, `+CPIN:`) belongs to the command in flight when that reads it.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from modem.at.events import Event, Late, Prompt, Response, Restarted, Urc
from modem.at.finals import Final, command_name, parse_final
from modem.at.framing import Framer, Line, PromptSign
from modem.at.mending import Mending
from modem.at.urcs import URCS, UrcRule, UrcTable

CTRL_Z = "\x1a"
ESC = b"\x1b"

_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_SMS_COMMAND = re.compile(r"AT\+C(?:MG|MM|NM|PMS|SMS|SCA|GSMS)", re.IGNORECASE)
_REMEMBERED = 8


def _answer_name(command: str) -> str:
    """`+CREG`, which begins the answer's lines, of `AT+CREG?`."""
    return command_name(command)[2:].rstrip("?").upper()


def _bare(raw: str) -> str:
    """A line without outer blanks and without a stale prompt in front."""
    return raw.strip().lstrip("> ")


@dataclass(slots=True)
class _Command:
    text: str
    waits_for_prompt: bool
    payload: str | None = None
    lines: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return _answer_name(self.text)

    @property
    def asks(self) -> bool:
        """It reads something, so an OK without a line cannot be its answer."""
        return self.text.endswith("?") or ("=" not in self.text and len(self.text) > 4)

    def owns(self, line: str) -> bool:
        return self.asks and line.partition(":")[0] == self.name


class AtEngine:
    """The dialogue with one modem. Misuse (two commands at once) raises RuntimeError; bytes never do."""

    def __init__(self, urcs: Iterable[UrcRule] = URCS) -> None:
        self._urcs = UrcTable(urcs)
        self._framer = Framer()
        self._mending = Mending()
        self._current: _Command | None = None
        # An echo may come when its command is no longer in flight.
        self._sent: deque[str] = deque(maxlen=_REMEMBERED)
        self._given_up: list[str] = []
        self._late_lines: list[str] = []
        self._header: tuple[str, str] | None = None

    @property
    def in_flight(self) -> str | None:
        """The command that waits for its final result."""
        return self._current.text if self._current else None

    def send(self, command: str, expects_prompt: bool = False) -> bytes:
        """What to write to ask `command` (without its CR); CMGS and CMGW expect a prompt."""
        if self._current:
            raise RuntimeError(f"{command_name(self._current.text)} is still in flight")
        self._current = _Command(command, expects_prompt)
        self._sent.append(command)
        self._framer.forget_prompt()
        self._framer.expects_prompt = expects_prompt
        return command.encode("ascii") + b"\r"

    def payload(self, text: str) -> bytes:
        """What to write at the prompt: `text` and Ctrl-Z."""
        if not self._current or self._current.waits_for_prompt:
            raise RuntimeError("no prompt is open")
        self._current.payload = text
        self._sent.append(text)
        return (text + CTRL_Z).encode("ascii")

    def escape(self) -> bytes:
        """What to write to leave the prompt; the command stays in flight, as most modems still answer it."""
        self._framer.expects_prompt = False
        return ESC

    def abandon(self) -> tuple[str, ...]:
        """Give up the command in flight: its answer, should it come, is `Late`. Returns the lines it had so far."""
        command, self._current = self._current, None
        self._framer.expects_prompt = False
        if command is None:
            return ()
        self._given_up.append(command.text)
        del self._given_up[:-_REMEMBERED]
        return tuple(command.lines)

    def feed(self, data: bytes) -> list[Event]:
        """What the bytes mean; the same events for any chunking."""
        events: list[Event] = []
        for token in self._framer.feed(data):
            events.extend(self._prompt() if isinstance(token, PromptSign) else self._line(token))
        return events

    def _prompt(self) -> Iterator[Event]:
        if self._current:
            self._current.waits_for_prompt = False
            self._given_up.clear()
            yield Prompt(self._current.text)

    def _line(self, line: Line) -> Iterator[Event]:
        if self._header:
            (name, header), self._header = self._header, None
            if _HEX.fullmatch(line.raw.strip()):
                yield Urc(name, (header, line.raw.strip()))
                return
            yield Urc(name, (header,))
        text = _bare(line.raw)
        if rule := self._urc_rule(text):
            self._mending.urc(line.lead)
            yield from self._urc(rule, text)
            return
        raw = line.raw if parse_final(text, self.in_flight) else self._mending.mended(line)
        text = _bare(raw)
        self._mending.forget()
        if self._is_echo(text):
            return
        if final := parse_final(text, self.in_flight):
            yield from self._final(final)
        else:
            self._mending.answer(raw, self._keep(text))

    def _is_echo(self, text: str) -> bool:
        return not text or text in self._sent

    def _urc_rule(self, text: str) -> UrcRule | None:
        rule = self._urcs.rule(text)
        if rule and self._current and self._current.owns(text):
            return rule if rule.only_urc and rule.only_urc.fullmatch(text) else None
        if rule and parse_final(text, self.in_flight):
            return None
        return rule

    def _urc(self, rule: UrcRule, text: str) -> Iterator[Event]:
        if rule.lines == 2:
            self._header = (rule.name, text)
            return
        yield Urc(rule.name, (text,))
        if rule.restart:
            command = self.in_flight or ""
            self.abandon()  # its answer may come all the same, when the line was an old one in a buffer
            self._late_lines.clear()
            self._mending.forget()
            yield Restarted(command)

    def _keep(self, text: str) -> list[str] | None:
        """Put a line that is nothing else where it belongs; returns that list."""
        name = text.partition(":")[0]
        current = self._current
        late = name in map(_answer_name, self._given_up)
        receipt = name == "+CMGS"
        if current and current.name == name:
            late = receipt and current.payload is None
        elif receipt:
            late = True
        if late:
            kept = self._late_lines
        elif current:
            kept = current.lines
        else:
            return None
        kept.append(text)
        return kept

    def _final(self, final: Final) -> Iterator[Event]:
        if self._is_late(final):
            if self._late_lines or self._given_up:
                lines = tuple(self._late_lines)
                self._late_lines.clear()
                yield Late(self._late_command(lines, final), lines, final)
            return
        command, self._current = self._current, None
        self._framer.expects_prompt = False
        if command:
            if command.asks and command.lines:  # the modem has come this far: nothing older is still to be answered
                self._given_up.clear()
            yield Response(command.text, tuple(command.lines), final)

    def _is_late(self, final: Final) -> bool:
        """Whether a final result answers what was given up rather than the command in flight."""
        current = self._current
        if current is None or self._late_lines:
            return True
        if not self._given_up:
            return False
        if current.waits_for_prompt:
            return final.ok
        if final.kind == "CMS" and not _SMS_COMMAND.match(current.text):
            return True
        return final.ok and current.asks and not current.lines

    def _late_command(self, lines: tuple[str, ...], final: Final) -> str:
        """The given-up command that the late answer fits, else the oldest."""
        wanted = lines[0].partition(":")[0] if lines else "+CMGS" if final.kind == "CMS" else ""
        fits = [c for c in self._given_up if wanted and _answer_name(c) == wanted]
        command = (fits or self._given_up or [""])[0]
        if command:
            self._given_up.remove(command)
        return command
