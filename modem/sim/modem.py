"""SimModem, the modem's end of the AT dialogue (V.250, 3GPP TS 27.005 § 3.5.1): bytes and `now` in, bytes out."""

import re
from dataclasses import dataclass

from modem.sim.commands import GENERAL, Command, Refused, cut
from modem.sim.commands_sms import SMS
from modem.sim.faults import Faults
from modem.sim.phone import Phone, Stored
from modem.sim.tpdu import Submit, read_submit, split_smsc

_ANSWERS = GENERAL | SMS
_ESC = 0x1B
_CTRL_Z = 0x1A
_LINE_END = re.compile(rb"[\r\x1b]")
_ENTRY_END = re.compile(rb"[\r\x1a\x1b]")
_HEX = re.compile(rb"[0-9A-Fa-f\s]*")
_LONGEST_LINE = 4096
# AT+CMMS: the link is closed when the next AT+CMGS comes later than this (27.005 § 3.5.6 leaves 1 to 5 s to the maker)
_LINK_KEPT_S = 1.0
_DRIBBLE_S = 0.0002


@dataclass(frozen=True, slots=True)
class _Entry:
    """An open prompt: for `octets` of TPDU, by a command whose first byte came at `began`."""

    command: Command
    octets: int
    began: float


@dataclass(frozen=True, slots=True)
class _Sending:
    """A submit on its way: the network has it at `until`."""

    submit: Submit
    began: float
    until: float


class SimModem:
    """One modem. `now` is in seconds since the epoch, from a clock that never goes back.

    Call `feed` with what a client wrote, and `poll` when `due()` has come or the world around the modem changed;
    both return what the client then reads. No call raises for any input.
    """

    def __init__(
        self, phone: Phone, faults: Faults | None = None, *, submit_s: float | None = None, link_s: float | None = None
    ) -> None:
        """`submit_s` and `link_s` stand for the profile's, see there."""
        self.phone = phone
        self.faults = faults or Faults()
        self._submit_s = phone.profile.submit_s if submit_s is None else submit_s
        self._link_s = min(self._submit_s, phone.profile.link_s if link_s is None else link_s)
        self._input = bytearray()  # not looked at yet
        self._input_at = 0.0
        self._line = bytearray()  # looked at and echoed, its end has not come
        self._line_at = 0.0
        self._output = bytearray()
        self._slow_output = bytearray()
        self._slow_at = 0.0
        self._entry: _Entry | None = None
        self._sending: _Sending | None = None
        self._link_until = 0.0
        self._registered = phone.registered
        self._chatter_at = 0.0
        self._restarting = False

    def feed(self, data: bytes, now: float) -> bytes:
        """What a client wrote → what it reads at once."""
        if not self._input:
            self._input_at = now
        self._input += data
        self._work(now)
        return self._flush(now)

    def poll(self, now: float) -> bytes:
        """What the modem says by itself by now."""
        self._work(now)
        return self._flush(now)

    def due(self) -> float | None:
        """When to `poll` next if nothing is fed before; None for never."""
        times = [self._sending.until] if self._sending else []
        if self._slow_output:
            times.append(self._slow_at)
        if not self._half_received:
            if self.phone.due is not None:
                times.append(self.phone.due)
            if self._chatters:
                times.append(self._chatter_at)
        return min(times, default=None)

    def power_on(self, now: float) -> None:
        """Off and on again: the dialogue and a submit on its way are lost, and so are settings."""
        self._input.clear()
        self._line.clear()
        self._slow_output.clear()
        self._output.clear()
        self._entry = self._sending = None
        self._link_until = 0.0
        self._restart(now)

    def _restart(self, now: float) -> None:
        self.phone.restart()
        self._registered = self.phone.registered
        self._chatter_at = now
        for line in self.phone.profile.boot:
            self._say(line)

    @property
    def _half_received(self) -> bool:
        return bool(self._line.strip())

    @property
    def _chatters(self) -> bool:
        return bool(self.phone.profile.chatter) and not self.phone.settings.quiet

    def _work(self, now: float) -> None:
        if self._sending and now >= self._sending.until:
            sent, self._sending = self._sending, None
            self._deliver(sent.submit, sent.began, now)
        self._consume(now)
        if not self._half_received:
            self._speak(now)

    def _consume(self, now: float) -> None:
        """Cut the input at line ends; while a submit is on its way the rest waits, as in a UART's buffer."""
        while self._input and self._sending is None:
            end = (_ENTRY_END if self._entry else _LINE_END).search(self._input)
            piece = self._input[: end.end() if end else len(self._input)]
            del self._input[: len(piece)]
            if not self._half_received:
                self._line_at = self._input_at
            if self.phone.settings.echo:
                self._output += piece.translate(None, bytes([_CTRL_Z, _ESC]))
            self._line += piece
            if end:
                line = bytes(self._line[:-1])
                self._line.clear()
                self._end_line(line, piece[-1], now)
            elif len(self._line) > _LONGEST_LINE:
                self._line.clear()

    def _end_line(self, line: bytes, end: int, now: float) -> None:
        if self._entry is None:
            if end != _ESC:  # which only throws a half-written line away
                self._obey(line.decode("latin-1"), now)
        elif end == _ESC:
            self._entry = None
            self._say("OK")
        elif end == _CTRL_Z:
            entry, self._entry = self._entry, None
            self._end_entry(entry, line, now)
        elif _HEX.fullmatch(line):
            self._line += line  # a PDU over several lines
        else:  # another client's command, most likely
            self._entry = None
            self._say("+CMS ERROR: 304")

    def _obey(self, line: str, now: float) -> None:
        """A command line: whatever stands before AT is noise on the wire."""
        start = line.upper().find("AT")
        if start < 0:
            return
        try:
            for command in cut(line[start + 2 :]):
                if command.name in ("+CMGS", "+CMGW") and command.kind == "set":
                    self._open_prompt(command)
                    return
                self._answer(command)
        except Refused as refused:
            self._say(refused.line(self.phone.settings.error_detail))
            return
        self._say("OK")
        if self._restarting:
            self._restarting = False
            self._restart(now)

    def _answer(self, command: Command) -> None:
        profile, written = self.phone.profile, command.written.upper()
        if written in profile.answers:
            if profile.answers[written]:
                self._say(profile.answers[written])
        elif profile.quiet and written == profile.quiet:
            self.phone.settings.quiet = True
        elif command.name in ("+CMGS", "+CMGW") and command.kind == "test":
            return
        elif command.name in _ANSWERS:
            for line in _ANSWERS[command.name](self.phone, command):
                self._say(line)
            self._restarting |= command.name == "+CFUN" and command.text(1) == "1"
        else:
            raise Refused

    def _open_prompt(self, command: Command) -> None:
        phone = self.phone
        if command.name == "+CMGS":
            self.faults.submits += 1
            if self.faults.hits("noprompt"):
                return
        if phone.sim_state != "READY":
            raise Refused("CMS", phone.submit_refusal() or 0)
        if phone.settings.message_format != 0:
            raise Refused("CMS", 303)
        octets = command.text(0)
        if not octets.isdecimal() or not 7 <= int(octets) <= 175:
            raise Refused("CMS", 304)
        self._entry = _Entry(command, int(octets), self._line_at)
        self._say_before_line()
        self._output += b"\r\n" + phone.profile.prompt.encode()

    def _end_entry(self, entry: _Entry, line: bytes, now: float) -> None:
        try:
            pdu = bytes.fromhex(line.decode("latin-1"))
            tpdu = split_smsc(pdu)
            if len(tpdu) != entry.octets:
                raise ValueError("length differs from the command's")
            if entry.command.name == "+CMGW":
                self._store(entry.command, pdu)
                return
            submit = read_submit(tpdu)
        except ValueError:
            self._say("+CMS ERROR: 304")
            return
        duration = self._duration(entry.began)
        if duration > 0:
            self._sending = _Sending(submit, entry.began, now + duration)
        else:
            self._deliver(submit, entry.began, now)

    def _duration(self, began: float) -> float:
        settings = self.phone.settings
        if settings.keep_link and began <= self._link_until:
            return self._submit_s - self._link_s
        if settings.keep_link == 1 and self._link_until:  # 1 ends with the first pause, 2 stays
            settings.keep_link = 0
        return self._submit_s

    def _store(self, command: Command, pdu: bytes) -> None:
        status = command.text(1)
        stored = Stored("submit", int(status) if status in ("0", "1", "2", "3") else 2, pdu)
        place = self.phone.store(self.phone.settings.memories[1], stored)
        if place is None:
            self._say("+CMS ERROR: 322")
        else:
            self._say(f"+CMGW: {place}")
            self._say("OK")

    def _deliver(self, submit: Submit, began: float, now: float) -> None:
        """The network's verdict, and what the client hears of it."""
        phone, faults = self.phone, self.faults
        rule = faults.hits("cms", submit.to)
        code = rule.code if rule else phone.submit_refusal()
        if code is not None:
            self._say(f"+CMS ERROR: {code}")
            return
        reference = phone.take_reference()
        phone.network.take(submit, reference, now, began)
        if submit.wants_report and not faults.hits("noreport", submit.to):
            report = faults.hits("report", submit.to)
            phone.expect_report(submit, reference, report.code if report else 0, now)
        self._link_until = now + _LINK_KEPT_S if phone.settings.keep_link else 0.0
        if not faults.hits("unanswered", submit.to):
            self._say(f"+CMGS: {reference}")
            self._say("OK")

    def _speak(self, now: float) -> None:
        """What nobody asked for: never into a half-received line, but an open prompt is no obstacle."""
        phone = self.phone
        if phone.registered != self._registered:
            self._registered = phone.registered
            for command in phone.profile.registration:
                if phone.settings.registration_reports.get(command):
                    self._say(f"{command}: {phone.registration_line(command)}")
        if self._chatters and now >= self._chatter_at:
            self._chatter_at = now + phone.profile.chatter_every_s
            for line in phone.profile.chatter:
                self._say(line)
        for line in phone.receive(now):
            self._say(line)

    def _say(self, line: str) -> None:
        self._say_before_line()
        self._output += f"\r\n{line}\r\n".encode()

    def _say_before_line(self) -> None:
        stray = self.faults.stray_line()
        if stray:
            self._output += f"\r\n{stray}\r\n".encode()

    def _flush(self, now: float) -> bytes:
        if not self.faults.dribble:
            said = bytes(self._output)
            self._output.clear()
            return said
        self._slow_output += self._output
        self._output.clear()
        if not self._slow_output or now < self._slow_at:
            return b""
        self._slow_at = now + _DRIBBLE_S
        said = bytes(self._slow_output[:1])
        del self._slow_output[:1]
        return said
