"""SimModem, the modem's end of the AT dialogue (V.250, 3GPP TS 27.005 § 3.5.1): bytes and `now` in, bytes out. The
modem's wire: a client's bytes into command lines and prompt entries, with the echo; and the modem's lines into bytes,
as its kind ends them.
"""

import re
from dataclasses import dataclass

from tests.simulator.base.answers import ANSWERS, TESTED, tested
from tests.simulator.base.commands import Command, Refused, cut, filled_in
from tests.simulator.base.phone import Phone
from tests.simulator.base.tpdu import Submit, read_submit, split_smsc

ESC = 0x1B
CTRL_Z = 0x1A
_LINE_END = re.compile(rb"[\r\x1b]")
_ENTRY_END = re.compile(rb"[\r\x1a\x1b]")
_UNSEEN = bytes([CTRL_Z, ESC])
_LONGEST_LINE = 4096
_HEX = re.compile(rb"[0-9A-Fa-f\s]*")
SUBMIT = "+CMGS"


@dataclass(frozen=True, slots=True)
class Line:
    """`text` without its `end`, a byte: CR, Ctrl-Z or ESC. `began`: when its first byte came, in seconds."""

    text: bytes
    end: int
    began: float


class Typed:
    """Bytes wait here, as in a UART's buffer, until somebody asks for the next line."""

    def __init__(self) -> None:
        self._waiting = bytearray()  # not looked at yet
        self._waiting_since = 0.0
        self._line = bytearray()  # looked at and echoed, its end has not come
        self._line_began = 0.0

    def add(self, data: bytes, now: float) -> None:
        """They came at `now`, in seconds."""
        if not self._waiting:
            self._waiting_since = now
        self._waiting += data

    def forget(self) -> None:
        """The power went."""
        self._waiting.clear()
        self._line.clear()

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

    @property
    def half_received(self) -> bool:
        """Somebody is typing a line."""
        return bool(self._line) and bool(self._line.strip())

    def continued(self, text: bytes) -> None:
        """The next line continues where `text` ended."""
        self._line += text

    def next_line(self, *, entry: bool) -> tuple[Line | None, bytes]:
        """The next whole line (of an `entry` at a prompt), None where its end has not come; and what is echoed."""
        end = (_ENTRY_END if entry else _LINE_END).search(self._waiting)
        piece = bytes(self._waiting[: end.end() if end else len(self._waiting)])
        del self._waiting[: len(piece)]
        if not self.half_received:
            self._line_began = self._waiting_since
        self._line += piece
        line = None
        if end:
            line = Line(bytes(self._line[:-1]), piece[-1], self._line_began)
            self._line.clear()
        elif len(self._line) > _LONGEST_LINE:
            self._line.clear()
        return line, piece.translate(None, _UNSEEN)


class Speech:
    """Bytes written and not read yet."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._said = bytearray()

    def line(self, text: str) -> None:
        """A line with its line ends; `text` may hold CR LF where it is two lines."""
        self._said += framed(text, self._phone.profile.line_end)

    def prompt(self) -> None:
        """The prompt of AT+CMGS; it has no line end."""
        self._said += f"\r\n{self._phone.profile.prompt}".encode()

    def raw(self, data: bytes) -> None:
        """Bytes as they are: the echo."""
        self._said += data

    def take(self, now: float) -> bytes:
        """The bytes that a client reads now."""
        said = bytes(self._said)
        self._said.clear()
        return said

    def forget(self) -> None:
        """The power went."""
        self._said.clear()


def framed(text: str, end: str) -> bytes:
    """The bytes of a line, or of several that CR LF divides, with their ends."""
    return (end + text.replace("\r\n", end) + end).encode()


@dataclass(frozen=True, slots=True)
class Entry:
    """An open prompt: for `octets` of TPDU, by a command whose first byte came at `began`."""

    command: Command
    octets: int
    began: float


@dataclass(frozen=True, slots=True)
class Busy:
    """Until then the modem reads nothing: a submit is being sent, or something is written with its pauses."""

    until: float
    began: float = 0.0
    submit: Submit | None = None


class SimModem:
    """One modem. `now` is in seconds since the epoch, from a clock that never goes back.

    Call `feed` with a client's bytes, and `poll` when `due()` has come or the world around the modem changed; both
    return the client's next bytes, and raise for no input.
    """

    def __init__(self, phone: Phone, *, submit_s: float | None = None) -> None:
        """`submit_s` replaces the profile's."""
        self.phone = phone
        self.speech = Speech(phone)
        self._submit_s = phone.profile.submit_s if submit_s is None else submit_s
        self._typed = Typed()
        self._entry: Entry | None = None
        self._busy: Busy | None = None
        self._restarting = False

    @property
    def number(self) -> str:
        """The SIM's own, as E.164; "" where it does not know it."""
        return self.phone.number

    def bring(self, tpdu: bytes, now: float) -> None:
        """An SMS-DELIVER arrives at `now`."""
        self.phone.arrivals.add_part(now, tpdu)

    def feed(self, data: bytes, now: float) -> bytes:
        """A client's bytes → the bytes that it reads at once."""
        self.phone.now = now
        self._typed.add(data, now)
        return self.poll(now)

    def poll(self, now: float) -> bytes:
        """The bytes that the modem sends unprompted by now."""
        self.phone.now = now
        self._work(now)
        return self.speech.take(now)

    def due(self) -> float | None:
        """The time of the next `poll` if nothing is fed before; None for never."""
        times = [self._busy.until if self._busy else None, None if self._typed.half_received else self.phone.due]
        return min((time for time in times if time is not None), default=None)

    def power_on(self, now: float, *, warm: bool = False) -> None:
        """Off and on again: the dialogue, a submit on its way and settings are lost. `warm`: it was on for long, and
        what a kind of modem needs to boot is not waited for.
        """
        self.phone.now = now
        self.speech.forget()
        self._start(warm=warm)

    def _start(self, *, warm: bool) -> None:
        self._typed.forget()
        self._entry = self._busy = None
        self.phone.restart()

    def restart(self) -> None:
        """By itself, as after AT+CFUN=1,1."""
        self._start(warm=False)

    @property
    def _listens(self) -> bool:
        """False while that which was typed waits."""
        return self._busy is None

    def _work(self, now: float) -> None:
        if self._busy and now >= self._busy.until:
            busy, self._busy = self._busy, None
            if busy.submit:
                self._decide(busy.submit, busy.began, now)
        while self._typed.waiting and self._listens:
            line, echo = self._typed.next_line(entry=self._entry is not None)
            if self.phone.settings.echo:
                self.speech.raw(echo)
            if line:
                self._end_line(line, now)
        if not self._typed.half_received:
            self._speak(now)

    def _end_line(self, line: Line, now: float) -> None:
        if self._entry is None:
            if line.end != ESC:  # which only throws a half-written line away
                self._obey(line, now)
        elif line.end == ESC:
            self._entry = None
            self.speech.line("OK")
        elif line.end == CTRL_Z:
            entry, self._entry = self._entry, None
            self._end_entry(entry, line.text, now)
        elif _HEX.fullmatch(line.text):
            self._typed.continued(line.text)  # a PDU over several lines
        else:  # another client's command, most likely
            self._entry = None
            self.speech.line("+CMS ERROR: 304")

    def _obey(self, typed: Line, now: float) -> None:
        """A command line: anything before AT is noise on the wire."""
        line = typed.text.decode("latin-1")
        start = line.upper().find("AT")
        if start < 0:
            return
        try:
            if not self._answer(line[start + 2 :], typed.began, now):
                return
        except Refused as refused:
            self.speech.line(self._final(refused))
        if self._restarting:
            self._restarting = False
            self.restart()

    def _final(self, refused: Refused) -> str:
        return refused.final(self.phone)

    def _answer(self, line: str, began: float, now: float) -> bool:
        """False when a prompt is the answer. Raises Refused."""
        for command in cut(line):
            if self._prompts(command) and command.kind != "test":
                self._open_prompt(command, began, now)
                return False
            for said in [] if self._prompts(command) else self._answer_one(command):
                self.speech.line(said)
            self._restarting |= self._restarts(command)
        self._say_ok(line)
        return True

    def _say_ok(self, line: str) -> None:
        self.speech.line("OK" if line.strip() else self.phone.profile.bare)

    def _prompts(self, command: Command) -> bool:
        return command.name == SUBMIT

    def _restarts(self, command: Command) -> bool:
        """True when the modem restarts after the OK (TS 27.007 § 8.2: AT+CFUN with <rst> 1)."""
        return command.name == "+CFUN" and command.text(1) == "1"

    def _answer_one(self, command: Command) -> list[str]:
        """The lines before OK. Raises Refused."""
        lines = self.phone.profile.answers.get(command.written.upper())
        if lines is not None:
            return [filled_in(line, self.phone) for line in ([lines] if isinstance(lines, str) else lines)]
        if command.name not in ANSWERS:
            raise Refused
        if command.kind == "test" and command.name in TESTED:
            return tested(command)
        return ANSWERS[command.name](self.phone, command)

    def _open_prompt(self, command: Command, began: float, now: float) -> None:
        self._prompt_for(command, command.text(0), 7, began)

    def _prompt_for(self, command: Command, octets: str, least: int, began: float) -> None:
        """Raises Refused where `octets` are too few or too many."""
        if not octets.isdecimal() or not least <= int(octets) <= 175:
            raise Refused("CMS", 304)
        self._entry = Entry(command, int(octets), began)
        self.speech.prompt()

    def _end_entry(self, entry: Entry, line: bytes, now: float) -> None:
        try:
            tpdu = split_smsc(bytes.fromhex(line.decode("latin-1")))
            if len(tpdu) != entry.octets:
                raise ValueError("length differs from the command's")
            submit = read_submit(tpdu)
        except ValueError:
            self.speech.line("+CMS ERROR: 304")
            return
        self._submit(submit, entry.began, now)

    def _submit(self, submit: Submit, began: float, now: float) -> None:
        if self._submit_s > 0:
            self._busy = Busy(now + self._submit_s, began, submit)
        else:
            self._decide(submit, began, now)

    def _decide(self, submit: Submit, began: float, now: float) -> None:
        """The network takes it."""
        reference = self.phone.take_reference()
        self.phone.hand_over(submit, reference, now, began)
        self.speech.line(f"+CMGS: {reference}")
        self.speech.line("OK")

    def _speak(self, now: float) -> None:
        """Unsolicited lines: never into a half-received line, but an open prompt is no obstacle."""
        news, self.phone.news = self.phone.news, []
        for line in news + self.phone.receive():
            self.speech.line(line)
