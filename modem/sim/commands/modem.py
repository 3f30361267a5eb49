"""SimModem, the modem's end of the AT dialogue (V.250, 3GPP TS 27.005 § 3.5.1): bytes and `now` in, bytes out."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from modem.sim.commands.answering import answer, prompts, recorded, restarts
from modem.sim.commands.power import Power
from modem.sim.commands.registry import Command, NeverAnswered, Refused, cut, filled_in
from modem.sim.commands.script import Said, Script
from modem.sim.commands.submission import Submission
from modem.sim.commands.wire import CTRL_Z, ESC, Line, Speech, Typed
from modem.sim.network.arrivals import Stored
from modem.sim.network.faults import Faults
from modem.sim.network.phone import Phone
from modem.sim.network.tpdu import Submit, read_submit, split_smsc

_HEX = re.compile(rb"[0-9A-Fa-f\s]*")


@dataclass(frozen=True, slots=True)
class _Entry:
    """An open prompt: for `octets` of TPDU, by a command whose first byte came at `began`."""

    command: Command
    octets: int
    began: float


@dataclass(frozen=True, slots=True)
class _Busy:
    """Until then nothing is heard: a submit is on its way, or an answer that was recorded with its pauses is said."""

    until: float
    began: float = 0.0
    submit: Submit | None = None


class SimModem:
    """One modem. `now` is in seconds since the epoch, from a clock that never goes back.

    Call `feed` with a client's bytes, and `poll` when `due()` has come or the world around the modem changed; both
    return the client's next bytes, and raise for no input. When `power.absence_s` is set, its port is to vanish for so
    long, and `power_on` follows.
    """

    def __init__(
        self,
        phone: Phone,
        faults: Faults | None = None,
        *,
        submit_s: float | None = None,
        link_s: float | None = None,
        reset_s: float | None = None,
        script: Script | None = None,
    ) -> None:
        """`submit_s`, `link_s` replace the profile's; `reset_s` all its times of a restart. With a `script`, the
        phone's profile is the script's.
        """
        self.phone = phone
        if faults:
            phone.faults = faults
        self.speech = Speech(phone)
        self.power = Power(phone, self.speech, reset_s)
        self._script = script
        self._submission = Submission(phone, self.speech, submit_s, link_s)
        self._typed = Typed()
        self._entry: _Entry | None = None
        self._busy: _Busy | None = None
        self._registered = phone.registered
        self._chatter_at = 0.0
        self._restarting = False
        self._last_words = b""  # before it hung

    def feed(self, data: bytes, now: float) -> bytes:
        """A client's bytes → the bytes that it reads at once."""
        self.phone.now = now
        if not self.power.deaf and not self.power.gone and now >= self.speech.left_alone_until:
            self._typed.add(data, now)
        return self.poll(now)

    def poll(self, now: float) -> bytes:
        """The bytes that the modem says by itself by now."""
        self.phone.now = now
        self.power.go_on()
        if self.power.gone or self.power.hung:
            return b""
        self._work(now)
        last_words, self._last_words = self._last_words, b""
        return last_words if self.power.hung else last_words + self.speech.take(now)

    def due(self) -> float | None:
        """The time of the next `poll` if nothing is fed before; None for never."""
        power = self.power
        if power.gone or power.hung:
            return None if power.gone else power.due
        times = [self._busy.until if self._busy else None, self.speech.due, power.due]
        if not self._typed.half_received:
            times += [self.phone.due, self.speech.later_due, self._chatter_at if self._chatters else None]
        return min((time for time in times if time is not None), default=None)

    def power_on(self, now: float, *, warm: bool = False) -> None:
        """Off and on again: the dialogue, a submit on its way and settings are lost. `warm`: it was on for long,
        nothing is waited for.
        """
        self.phone.now = now
        self.speech.forget()
        self._start(warm=warm)
        if self.phone.faults.hits("full"):
            for memory, storage in self.phone.storages.items():
                self.phone.fill(storage.places, memory)
        if self.phone.faults.hits("staleprompt"):
            self._entry = _Entry(next(cut("+CMGS=20")), 20, now)
            self.speech.prompt()

    def _start(self, *, warm: bool) -> None:
        self._typed.forget()
        self._entry = self._busy = None
        self._submission.forget()
        if self._script:
            self._script.restart()
        self.power.boot(warm=warm)
        self._registered = self.phone.registered
        self._chatter_at = self.phone.now

    def restart(self, seconds: float | None = None) -> None:
        """By itself, as after AT+CFUN=1,1; `seconds` is how long the port vanishes (the profile's)."""
        if not self.power.restart(seconds):
            self._start(warm=False)

    @property
    def _chatters(self) -> bool:
        return bool(self.phone.profile.chatter) and not self.phone.settings.quiet

    def _work(self, now: float) -> None:
        if self._busy and now >= self._busy.until:
            busy, self._busy = self._busy, None
            if busy.submit:
                self._decide(busy.submit, busy.began, now)
        self._consume(now)
        if not self._typed.half_received:
            self._speak(now)

    def _consume(self, now: float) -> None:
        """While the modem is busy, what was typed waits."""
        while self._typed.waiting and self._busy is None and not self.power.away:
            line, echo = self._typed.next_line(entry=self._entry is not None)
            if self.phone.settings.echo:
                self.speech.raw(echo)
            if line:
                self._end_line(line, now)

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
        """A command line: whatever stands before AT is noise on the wire."""
        line = typed.text.decode("latin-1")
        start = line.upper().find("AT")
        if start < 0:
            return
        line = line[start + 2 :]
        try:
            if not self._play(line, now) and not self._answer(line, typed.began, now):
                return
        except Refused as refused:
            self.speech.line(refused.final(self.phone))
        except NeverAnswered:
            return
        if self._restarting:
            self._restarting = False
            self.restart()

    def _answer(self, line: str, began: float, now: float) -> bool:
        """False when a prompt is the answer. Raises Refused, NeverAnswered."""
        ended = True
        for command in cut(line):
            if prompts(command) and command.kind != "test":
                self._open_prompt(command, began, now)
                return False
            told = answer(self.phone, command) if not prompts(command) else []
            for said in told:
                self.speech.line(said)
            ended = not (command.kind == "read" and self.phone.faults.names("nofinal", command.name))
            self._restarting |= restarts(self.phone, command)
        if ended:
            self.speech.line("OK" if line.strip() else self.phone.profile.bare)
        return True

    def _play(self, line: str, now: float) -> bool:
        """Answer as it was recorded; False when it was not."""
        said = recorded(self._script, self.phone, line) if self._script else None
        if said is None:
            return False
        self._say_in_time(said, now)
        self._restarting |= any(restarts(self.phone, command) for command in cut(line))
        return True

    def _say_in_time(self, said: Iterable[Said], now: float) -> None:
        """With the pauses that were recorded; until the final result, nothing else is heard."""
        due = now
        for item in said:
            due += item.after_s
            if due > now:
                self.speech.later(due, item.text)
            else:
                self.speech.line(item.text)
            if item.final and due > now and self._busy is None:
                self._busy = _Busy(due)

    def _open_prompt(self, command: Command, began: float, now: float) -> None:
        phone = self.phone
        if command.name == "+CMGS" and not self._submission.begin():
            return
        refusal = phone.submit_refusal()
        if refusal is not None and refusal != phone.profile.no_network:
            raise Refused("CMS", refusal)
        acknowledges = command.name == "+CNMA"
        if acknowledges and phone.unacknowledged is None:
            raise Refused("CMS", 340)
        octets = command.text(1 if acknowledges else 0)
        if not octets.isdecimal() or not (1 if acknowledges else 7) <= int(octets) <= 175:
            raise Refused("CMS", 304)
        self._entry = _Entry(command, int(octets), began)
        self.speech.prompt()
        self._meet("prompt", now)

    def _meet(self, stage: str, now: float) -> bool:
        """Let the fault strike that is due at this stage of a submit; True when nothing more comes of the submit."""
        doom = self._submission.doom
        if doom is None or doom.stage != stage:
            return False
        self._submission.doom = None
        if doom.kind == "hang":
            self._last_words = self.speech.take(now)
            self.power.hang(now + doom.seconds if doom.seconds else math.inf)
            return False
        if doom.kind == "unplug":
            self.power.vanish(doom.seconds or math.inf)
        else:
            self.restart(doom.seconds or None)
        return True

    def _end_entry(self, entry: _Entry, line: bytes, now: float) -> None:
        try:
            pdu = bytes.fromhex(line.decode("latin-1"))
            if entry.command.name == "+CNMA":
                self._acknowledge(entry, pdu)
                return
            tpdu = split_smsc(pdu)
            if len(tpdu) != entry.octets:
                raise ValueError("length differs from the command's")
            if entry.command.name == "+CMGW":
                self._store(entry.command, pdu)
                return
            submit = read_submit(tpdu)
        except ValueError:
            self.speech.line("+CMS ERROR: 304")
            return
        if self._meet("pdu", now):
            return
        duration = self._submission.duration(submit, entry.began)
        if duration > 0 or self.power.hung:
            self._busy = _Busy(now + duration, entry.began, submit)
        else:
            self._decide(submit, entry.began, now)

    def _acknowledge(self, entry: _Entry, pdu: bytes) -> None:
        """The PDU is a SMS-DELIVER-REPORT without a service centre (TS 27.005 § 4.7)."""
        if len(pdu) != entry.octets:
            raise ValueError("length differs from the command's")
        well = self.phone.acknowledge(well=entry.command.text(0) != "2")
        self.speech.line("OK" if well else "+CMS ERROR: 340")

    def _store(self, command: Command, pdu: bytes) -> None:
        status = command.text(1)
        stored = Stored("submit", int(status) if status in ("0", "1", "2", "3") else 2, pdu)
        place = self.phone.storages[self.phone.settings.memories[1]].put(stored)
        if place is None:
            self.speech.line(Refused("CMS", 322).final(self.phone))
        else:
            self.speech.line(f"+CMGW: {place}")
            self.speech.line("OK")

    def _decide(self, submit: Submit, began: float, now: float) -> None:
        reference = self._submission.decide(submit, began, now)
        if reference is None or self._meet("taken", now):
            return
        if "report-early" in self.phone.faults.kinds:
            self._hear_from_the_network()
        self._submission.answer(reference, submit, now)

    def _hear_from_the_network(self) -> None:
        for line in self.phone.receive():
            self.speech.line(line)

    def _speak(self, now: float) -> None:
        """Unsolicited lines: never into a half-received line, but an open prompt is no obstacle."""
        phone = self.phone
        self.speech.catch_up(now)
        if phone.registered != self._registered:
            self._registered = phone.registered
            for command in phone.profile.registered_as:
                if phone.settings.registration_reports.get(command):
                    self.speech.line(f"{command}: {phone.registration_line(command)}")
        if self._chatters and now >= self._chatter_at:
            self._chatter_at = now + phone.profile.chatter_every_s
            for line in phone.profile.chatter:
                self.speech.line(line)
        for line in phone.unasked():
            self.speech.line(filled_in(line, phone))
        self._hear_from_the_network()
