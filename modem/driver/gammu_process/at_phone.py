"""A phone that libgammu speaks AT with.

Every answer is read in the trail, not in what python-gammu makes of it, and commands for which it has no call of use
(ICCID, LTE, the storages) are written beside it: libgammu reads their answers and shows them to us. python-gammu
hides stored messages that libgammu cannot decode, cannot free their place, and knows no storage but SM and ME;
GetNetworkInfo gives up where AT+CGATT is refused; GetSecurityStatus waits up to a second for a second answer.
"""

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import gammu

from modem.at import answers
from modem.at.events import Urc
from modem.at.finals import Final as FinalResult
from modem.at.finals import command_name, parse_final
from modem.driver.dialogue.card import check_card
from modem.driver.dialogue.dialogue import COMMAND_TIMEOUT_S
from modem.driver.dialogue.events import CALLS, TELLING, event
from modem.driver.dialogue.network import registration
from modem.driver.dialogue.open_port import other_bearer
from modem.driver.dialogue.steps import Steps
from modem.driver.dialogue.storage import Storages
from modem.driver.dialogue.unlock import card_state, tries_told
from modem.driver.gammu_process.messages import Connect, Heard, Traffic
from modem.driver.gammu_process.phone import CNMI, LOST, Phone, checked, submission
from modem.driver.gammu_process.port import Port
from modem.driver.gammu_process.trail import Frame, Passage
from modem.driver.interface.protocol import ModemIdentity, Registration, StorageUse, StoredContent, StoredEvent
from modem.driver.models.models import for_model
from modem.driver.models.quirks import DEFAULT_QUIRKS, quirks_for
from modem.errors import CommandError, ModemError, ModemTimeout, PortGone
from modem.sms.message import OutgoingPart

_LINK: Final = "AT+CMMS"
_SUBMIT: Final = "AT+CMGS"
_PIN: Final = re.compile(r"(AT\+CPIN=).*")


class AtPhone(Phone):
    """An AT phone; also the `Asking` of what the AT driver has for set-up, storages and network."""

    def __init__(self, connect: Connect, port: Port, tell: Callable[[Heard], None]) -> None:
        self._ringing = False
        self._steps = Steps(self)
        self._storages = Storages(self, None)
        self._silent: set[str] = set()
        self._quirks = DEFAULT_QUIRKS
        self._bearer: str | None = None
        super().__init__(connect, port, tell)

    # -- what the driver calls ---------------------------------------------------------------------------------

    def identity(self) -> tuple[ModemIdentity, bool, int | None]:
        """Also of a card that is locked: its ICCID can be read before the PIN."""
        identity, locked, _ = super().identity()
        quirks = self._quirks = quirks_for(for_model(identity.manufacturer, identity.model), identity.manufacturer)
        iccid = self._steps.first_told(quirks.iccid, answers.iccid)
        tries_left = self._steps.first_told(quirks.pin_counters, tries_told) if locked else None
        return replace(identity, iccid=iccid), locked, tries_left

    def card(self) -> tuple[str | None, str | None]:
        self.imsi = answers.imsi(self._steps.optional("AT+CIMI") or ())
        return self.imsi, answers.smsc(self._steps.optional("AT+CSCA?") or ())

    def prepare(self) -> None:
        self._bearer = self._steps.first_taken(self._quirks.bearer)
        self.ask("AT+CMGF=0")  # where it is refused libgammu would hand over texts, to be written as it pleases
        for cnmi in CNMI:
            if cnmi != CNMI[0]:  # libgammu asks as it was told before the connection, so it connects anew
                with suppress(gammu.GSMError):  # it only has to give the port back
                    self._machine.Terminate()
                self._connected(cnmi)
            try:
                self.call("SetIncomingSMS", True)
            except LOST:
                return
            except ModemError:
                continue
            return

    def submit(self, part: OutgoingPart, smsc: str) -> int:
        """libgammu waits for the prompt (30 s), writes the PDU, sleeps 600 ms and ends it with Ctrl-Z.

        Whether that point was reached is in the trail, and so is the result, behind the prompt and nowhere else:
        python-gammu forgets the code of a refusal, takes an old answer for a new one, and stops waiting after a hundred
        reads, however short.
        """
        message = submission(part, smsc)
        try:
            self.call("SendSMS", message)
        except ModemError as error:
            if not self.passage.handed_over:
                raise ModemTimeout(f"{_SUBMIT} (prompt)") if isinstance(error, ModemTimeout) else error from None
        while (told := _result(self.passage)) is None:
            self.wait()
        lines, final = told
        if not final.ok:
            raise final.error(_SUBMIT)
        return checked(answers.reference(lines))

    def registration(self) -> Registration:
        """As `ModemDriver.registration`."""
        self.attempt("AT+COPS=3,2")  # the operator as MCC and MNC
        found = registration(self, self._silent)
        if self.imsi:
            check_card(self, self.imsi, self._silent)
        return found

    def probe(self) -> None:
        self.attempt("AT")

    def hold_link(self, hold: bool) -> None:
        """Not asked for again when it was refused (27.005 § 3.5.6)."""
        if _LINK not in self._silent and self._steps.optional(f"{_LINK}={2 if hold else 0}") is None:
            self._silent.add(_LINK)

    def switch_bearer(self) -> bool:
        other = other_bearer(self, self._quirks.bearer, self._bearer)
        self._bearer = other or self._bearer
        return other is not None

    def storage_use(self) -> list[StorageUse]:
        return self._storages.use()

    def list_stored(self) -> list[tuple[StoredEvent, StoredContent]]:
        return self._storages.waiting()

    def read_stored(self, stored: StoredEvent) -> StoredContent | None:
        return self._storages.read(stored)

    def delete_stored(self, stored: StoredEvent) -> None:
        self._storages.delete(stored)

    # -- commands beside python-gammu's calls (`Asking`) -------------------------------------------------------

    def ask(self, command: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, ...]:
        self.write(f"{command}\r".encode("ascii"))
        lines: list[str] = []
        give_up_at = time.monotonic() + timeout_s
        while time.monotonic() < give_up_at:
            self.wait()
            for frame in self.passage.frames:
                if _name(frame) not in TELLING | CALLS:
                    lines += frame
                final = parse_final(frame[-1], command) if command in frame else None
                if final is not None and final.ok:
                    return tuple(line for line in lines[:-1] if line != command)
                if final is not None:
                    raise final.error(command)
        raise ModemTimeout(command_name(command))

    def attempt(self, command: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, ...] | None:
        try:
            return self.ask(command, timeout_s)
        except CommandError:
            return None

    def write(self, data: bytes) -> None:
        if self.port.fd is None:
            raise PortGone("the phone has no port of its own")
        os.write(self.port.fd, data)

    def pause(self, timeout_s: float) -> None:
        give_up_at = time.monotonic() + timeout_s
        while time.monotonic() < give_up_at:
            self.wait()

    def wait(self) -> None:
        """For whatever comes next, a second at most; `passage` is what was said."""
        self._machine.ReadDevice(True)
        self.passage = self._taken()

    # -- what comes by itself ----------------------------------------------------------------------------------

    def listen(self) -> None:
        self._machine.ReadDevice(False)
        self._taken()

    def attend(self) -> None:
        """Refuse a call that rings."""
        if self._ringing:
            self._ringing = False
            with suppress(ModemError):  # it has stopped ringing
                self.call("CancelCall", 0, True)

    def _called(self, machine: object, kind: str, told: dict[str, Any]) -> None:
        """What comes is in the trail, with all that is lost here."""

    def _card_state(self) -> str:
        return card_state(self._steps)

    def _said(self, command: str, otherwise: str) -> str:
        frame = next(self.passage.answers(command), None)
        return answers.text_line(frame[1:-1]) if frame else otherwise

    def _taken(self) -> Passage:
        passage = super()._taken()
        for frame in passage.frames:
            self._hear(frame)
            if self._connect.traffic:
                self._show(frame)
        return passage

    def _hear(self, frame: Frame) -> None:
        name = _name(frame)
        if name in CALLS:
            self._ringing = True
        elif name in TELLING and (told := event(Urc(name, frame))):
            self._tell(told)

    def _show(self, frame: Frame) -> None:
        lines = [_PIN.sub(r"\1?", line).encode("latin-1", "replace") for line in frame]
        if lines[0].startswith(b"AT"):
            self._tell(Traffic("sent", lines.pop(0) + b"\r"))
        if lines:
            self._tell(Traffic("read", b"".join(b"\r\n%b\r\n" % line for line in lines)))


def _name(frame: Frame) -> str:
    return frame[0].partition(":")[0]


def _result(passage: Passage) -> tuple[tuple[str, ...], FinalResult] | None:
    for frame in passage.frames:
        final = parse_final(frame[-1], _SUBMIT)
        if final is not None and any(line.startswith(">") for line in frame):
            return frame, final
    return None
