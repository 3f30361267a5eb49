"""SimModem with the kinds of modem, the faults, and the transcript that it may play."""

import math
from collections.abc import Iterable

from tests.simulator.answering import answer, late, prompts, recorded
from tests.simulator.base import modem
from tests.simulator.base.arrivals import Stored
from tests.simulator.base.commands import Command, Refused, cut
from tests.simulator.base.modem import SUBMIT, Busy, Entry, Line
from tests.simulator.base.tpdu import Submit
from tests.simulator.commands import NeverAnswered, filled_in, final
from tests.simulator.faults import Faults
from tests.simulator.phone import Phone
from tests.simulator.power import Power
from tests.simulator.profile import Boot
from tests.simulator.script import Said, Script
from tests.simulator.speech import Speech
from tests.simulator.submission import Submission, text_submit

# The shortest time that a modem needs to be back after a brown-out.
DEAF_S = 3.0


class SimModem(modem.SimModem):
    """When `power.absence_s` is set, its port is to vanish for so long, and `power_on` follows."""

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
        super().__init__(phone)
        self.phone: Phone = phone
        if faults:
            phone.faults = faults
        self.speech: Speech = Speech(phone)
        self.power = Power(phone, self.speech, reset_s)
        self._script = script
        self._submission = Submission(phone, self.speech, submit_s, link_s)
        self._registered = phone.registered
        self._chatter_at = 0.0
        self._is_unfinished = False  # its question's final result never comes
        self._last_words = b""  # before it hung

    def feed(self, data: bytes, now: float) -> bytes:
        self.phone.now = now
        if not self.power.deaf and not self.power.gone and now >= self.speech.left_alone_until:
            self._typed.add(data, now)
        return self.poll(now)

    def poll(self, now: float) -> bytes:
        self.phone.now = now
        self.power.go_on()
        if self.power.gone or self.power.hung:
            return b""
        self._work(now)
        last_words, self._last_words = self._last_words, b""
        return last_words if self.power.hung else last_words + self.speech.take(now)

    def due(self) -> float | None:
        power = self.power
        if power.gone or power.hung:
            return None if power.gone else power.due
        times = [self._busy.until if self._busy else None, self.speech.due, power.due]
        if not self._typed.half_received:
            times += [self.phone.due, self.speech.later_due, self._chatter_at if self._chatters else None]
        return min((time for time in times if time is not None), default=None)

    def power_on(self, now: float, *, warm: bool = False) -> None:
        super().power_on(now, warm=warm)
        if self.phone.faults.hits("full"):
            for memory, storage in self.phone.storages.items():
                self.phone.fill(storage.places, memory)
        if self.phone.faults.hits("staleprompt"):
            self._entry = Entry(next(cut("+CMGS=20")), 20, now)
            self.speech.prompt()

    def _start(self, *, warm: bool, silent: Boot | None = None) -> None:
        self._typed.forget()
        self._entry = self._busy = None
        self._submission.forget()
        if self._script:
            self._script.restart()
        self.power.boot(warm=warm, silent=silent)
        self._registered = self.phone.registered
        self._chatter_at = self.phone.now

    def restart(self, seconds: float | None = None) -> None:
        """By itself, as after AT+CFUN=1,1; `seconds` is how long the port vanishes (the profile's)."""
        if not self.power.restart(seconds):
            self._start(warm=False)

    def brown_out(self, seconds: float = DEAF_S, *words: str) -> None:
        """By itself, with its port in place: deaf for so long, then with `words` only, all settings lost."""
        self.speech.hush()
        self._start(warm=False, silent=Boot(seconds, (), seconds, words, seconds))

    @property
    def _chatters(self) -> bool:
        return bool(self.phone.profile.chatter) and not self.phone.settings.quiet

    @property
    def _listens(self) -> bool:
        return self._busy is None and not self.power.away

    # -- answers -----------------------------------------------------------------------------------------------

    def _final(self, refused: Refused) -> str:
        return final(refused, self.phone)

    def _answer(self, line: str, began: float, now: float) -> bool:
        try:
            return self._play(line, now) or super()._answer(line, began, now)
        except NeverAnswered:
            return False

    def _play(self, line: str, now: float) -> bool:
        """Answer as it was recorded; False when it was not."""
        said = recorded(self._script, self.phone, line) if self._script else None
        if said is None:
            return False
        self._say_in_time(said, now)
        self._restarting |= any(self._restarts(command) for command in cut(line))
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
                self._busy = Busy(due)

    def _answer_one(self, command: Command) -> list[str]:
        lines = answer(self.phone, command)
        self._is_unfinished = command.kind == "read" and self.phone.faults.names("nofinal", command.name)
        return lines

    def _say_ok(self, line: str) -> None:
        is_unfinished, self._is_unfinished = self._is_unfinished, False
        if not is_unfinished:
            super()._say_ok(line)

    def _prompts(self, command: Command) -> bool:
        return prompts(command)

    def _restarts(self, command: Command) -> bool:
        """Makers have other command lines for it."""
        return super()._restarts(command) or command.written.upper() in self.phone.profile.resets

    # -- what is typed at a prompt -----------------------------------------------------------------------------

    def _open_prompt(self, command: Command, began: float, now: float) -> None:
        phone = self.phone
        if command.name == SUBMIT and not self._submission.begin():
            return
        refusal = phone.submit_refusal()
        if refusal is not None and refusal != phone.profile.no_network:
            raise Refused("CMS", refusal)
        if phone.is_late:
            raise late(phone)
        acknowledges = command.name == "+CNMA"
        if acknowledges and phone.unacknowledged is None:
            raise Refused("CMS", 340)
        if phone.settings.text_mode and not acknowledges:
            self._prompt_for_text(command, began)
        else:
            self._prompt_for(command, command.text(1 if acknowledges else 0), 1 if acknowledges else 7, began)
        if command.name == SUBMIT and self._submission.ends_early:
            self.speech.line("OK")
        self._meet("prompt", now)

    def _prompt_for_text(self, command: Command, began: float) -> None:
        """27.005 § 3.5.1: the argument is a number, whatever it was meant for. Raises Refused."""
        if not command.text(0).removeprefix("+").isdecimal():
            raise Refused("CMS", 305)
        self._entry = Entry(command, 0, began)
        self.speech.prompt()

    def _end_line(self, line: Line, now: float) -> None:
        if self._entry and self.phone.settings.text_mode and line.end == ord("\r"):
            self._typed.continued(line.text + b"\n")
        else:
            super()._end_line(line, now)

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
        elif doom.kind == "brownout":
            self.brown_out(doom.seconds or DEAF_S)
        else:
            self.restart(doom.seconds or None)
        return True

    def _end_entry(self, entry: Entry, line: bytes, now: float) -> None:
        if entry.command.name == SUBMIT and self.phone.settings.text_mode:
            self._submit(text_submit(entry.command.text(0), line.decode("latin-1")), entry.began, now)
            return
        if entry.command.name == SUBMIT:
            super()._end_entry(entry, line, now)
            return
        try:
            pdu = bytes.fromhex(line.decode("latin-1"))
            acknowledges = entry.command.name == "+CNMA"
            # an acknowledgement is a SMS-DELIVER-REPORT without a service centre (TS 27.005 § 4.7)
            if len(pdu) - (0 if acknowledges else 1 + pdu[0]) != entry.octets:
                raise ValueError("length differs from the command's")
        except (ValueError, IndexError):
            self.speech.line("+CMS ERROR: 304")
            return
        if acknowledges:
            well = self.phone.acknowledge(well=entry.command.text(0) != "2")
            self.speech.line("OK" if well else "+CMS ERROR: 340")
        else:
            self._store(entry.command, pdu)

    def _store(self, command: Command, pdu: bytes) -> None:
        status = command.text(1)
        stored = Stored("submit", int(status) if status in ("0", "1", "2", "3") else 2, pdu)
        place = self.phone.storages[self.phone.settings.memories[1]].put(stored)
        if place is None:
            self.speech.line(self._final(Refused("CMS", 322)))
        else:
            self.speech.line(f"+CMGW: {place}")
            self.speech.line("OK")

    def _submit(self, submit: Submit, began: float, now: float) -> None:
        if self._meet("pdu", now):
            return
        duration = self._submission.duration(submit, began)
        if duration > 0 or self.power.hung:
            self._busy = Busy(now + duration, began, submit)
        else:
            self._decide(submit, began, now)

    def _decide(self, submit: Submit, began: float, now: float) -> None:
        reference = self._submission.decide(submit, began, now)
        if reference is None or self._meet("taken", now):
            return
        if "report-early" in self.phone.faults.kinds:
            self._hear_from_the_network()
        self._submission.answer(reference, submit, now)

    # -- what comes by itself ----------------------------------------------------------------------------------

    def _hear_from_the_network(self) -> None:
        for line in self.phone.receive():
            self.speech.line(line)

    def _speak(self, now: float) -> None:
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
