"""A phone, through gammu.StateMachine: the methods that the driver calls.

Answers are read in the trail, and commands for which python-gammu has no call of use (ICCID, LTE, the storages) are
written beside it. python-gammu hides stored messages that libgammu cannot decode, cannot free their place, and knows no
storage but SM and ME; GetNetworkInfo gives up where AT+CGATT is refused; GetSecurityStatus waits up to a second.
"""

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import gammu

from modem.at import answers
from modem.at.events import Urc
from modem.at.finals import Final as FinalResult
from modem.at.finals import command_name, parse_final
from modem.driver.dialogue.dialogue import COMMAND_TIMEOUT_S
from modem.driver.dialogue.events import CALLS, TELLING, event
from modem.driver.dialogue.network import registration
from modem.driver.dialogue.open_port import other_bearer
from modem.driver.dialogue.steps import Steps
from modem.driver.dialogue.storage import Storages
from modem.driver.dialogue.unlock import card_state, check_card, check_ready, tries_told
from modem.driver.gammu_process.child import Heard, Traffic
from modem.driver.gammu_process.trail import Frame, Passage, Trail, modem_error
from modem.driver.interface.protocol import ModemIdentity, Registration
from modem.driver.models.models import for_model
from modem.driver.models.quirks import quirks_for
from modem.errors import CommandError, ModemError, ModemTimeout, PortGone, ProtocolError
from modem.sms.message import OutgoingPart
from modem.sms.submit import libgammu_message

# A serial port with AT behind it, 115200 baud. `at115200` is the same for phones of 2000: until it knows the phone it
# waits 1 ms after every byte and 0.4 s after every command, 4.1 s in all where this takes 0.3 s.
SERIAL_AT: Final = "dku2at"
# Reports directly if it can, else into the storage: as the AT driver has it. Without this line python-gammu leaves
# every setting at 0 and libgammu takes that for "no indications". Cell broadcasts are never wanted.
CNMI: Final = ("2,1,0,1,0", "2,1,0,2,0")
_LINK: Final = "AT+CMMS"
_SUBMIT: Final = "AT+CMGS"
_PIN: Final = re.compile(r"(AT\+CPIN=).*")


class Phone:
    """One phone, whose port is open as `fd` too; also the `Asking` of set-up and storages, as in the AT driver.

    `tell` is called, in the caller's thread, with unsolicited events. Raises ModemError.
    """

    def __init__(self, device: str, fd: int, tell: Callable[[Heard], None]) -> None:
        self._device, self._fd, self._tell = device, fd, tell
        self._trail = Trail()
        self.passage = Passage("")
        self._ringing = False
        self._steps = Steps(self)
        self.storages = Storages(self, None)
        self._imsi: str | None = None
        self._bearer: str | None = None
        self._machine = self._connected(CNMI[0])
        manufacturer = self._said("AT+CGMI", self._call("GetManufacturer"))
        model = self._said("AT+CGMM", self._call("GetModel")[1])
        self._names = manufacturer, model, self._said("AT+CGMR", self._call("GetFirmware")[0])
        self._quirks = quirks_for(for_model(manufacturer, model), manufacturer)

    def _connected(self, cnmi: str) -> gammu.StateMachine:
        self._machine = machine = gammu.StateMachine()
        # only a file can say it: nobody else ever opens this one
        file = os.memfd_create("gammurc")
        os.write(file, f"[gammu]\natgen_setcnmi={cnmi}\n".encode())
        machine.ReadConfig(0, 0, f"/proc/self/fd/{file}")
        os.close(file)
        machine.SetConfig(
            0,
            {
                "Device": self._device,
                "Connection": SERIAL_AT,
                "Model": "",
                "UseGlobalDebugFile": True,
                "LockDevice": False,
                "StartInfo": False,
                "SyncTime": False,
            },
        )
        self._call("Init")
        # Without a callback the next event ends the process; what comes is in the trail, with all that is lost here.
        machine.SetIncomingCallback(lambda *_: None)
        return machine

    # -- what the driver calls ---------------------------------------------------------------------------------

    def identity(self) -> tuple[ModemIdentity, bool, int | None]:
        """The identity without IMSI and service centre, also of a locked card; then whether the card asks for its PIN,
        and the tries left where it tells. Raises PukRequired, SimError.
        """
        imei = self._call("GetIMEI")
        state = card_state(self._steps)
        locked = state == "SIM PIN"
        if not locked:
            check_ready(state)
        iccid = self._steps.first_told(self._quirks.iccid, answers.iccid)
        tries_left = self._steps.first_told(self._quirks.pin_counters, tries_told) if locked else None
        return ModemIdentity(*self._names, imei, None, iccid, None), locked, tries_left

    def enter_pin(self, pin: str) -> None:
        self._call("EnterSecurityCode", "PIN", pin)

    def card(self) -> tuple[str | None, str | None]:
        """The IMSI and the service centre of a card that is open."""
        self._imsi = answers.imsi(self._steps.optional("AT+CIMI") or ())
        return self._imsi, answers.smsc(self._steps.optional("AT+CSCA?") or ())

    def prepare(self) -> None:
        """Make it ready to send, and let it say what comes. One that refuses that is looked through for what waits."""
        self._bearer = self._steps.first_taken(self._quirks.bearer)
        self.ask("AT+CMGF=0")  # where it is refused libgammu would hand over texts, to be written as it pleases
        for cnmi in CNMI:
            if cnmi != CNMI[0]:  # libgammu asks as it was set up before the connection, so it connects anew
                with suppress(gammu.GSMError):  # it only has to give the port back
                    self._machine.Terminate()
                self._connected(cnmi)
            try:
                self._call("SetIncomingSMS", True)
            except (ModemTimeout, PortGone):
                return
            except ModemError:
                continue
            return

    def ready(self) -> None:
        """Raises PortGone like every call when the port is gone; the phone itself hears nothing of it."""

    def submit(self, part: OutgoingPart, smsc: str) -> int:
        """TP-MR. Waits for ever where no answer comes: the caller has the deadline.

        libgammu waits for the prompt (30 s), writes the PDU, sleeps 600 ms and ends it with Ctrl-Z. Whether that point
        was reached is in the trail, and so is the result, behind the prompt: python-gammu forgets the code of a
        refusal, takes an old answer for a new one, and stops waiting after a hundred reads, however short.
        """
        message = libgammu_message(part)
        message["SMSC"]["Number"] = smsc
        try:
            self._call("SendSMS", message)
        except ModemError as error:
            if not self.passage.handed_over:
                raise ModemTimeout(f"{_SUBMIT} (prompt)") if isinstance(error, ModemTimeout) else error from None
        while (result := _result(self.passage)) is None:
            self.wait()
        lines, final = result
        if not final.ok:
            raise final.error(_SUBMIT)
        if (reference := answers.reference(lines)) is None or not 0 <= reference <= 255:
            raise ProtocolError("it was taken under no reference, so no report can be matched with it")
        return reference

    def registration(self) -> Registration:
        """As `ModemDriver.registration`."""
        self.attempt("AT+COPS=3,2")  # the operator as MCC and MNC
        network = registration(self._steps)
        if self._imsi:
            check_card(self._steps, self._imsi)
        return network

    def signal_dbm(self) -> int | None:
        return answers.signal_dbm(self._steps.answer("AT+CSQ"))

    def probe(self) -> None:
        self.attempt("AT")  # ERROR is a sign of life too

    def reset(self) -> None:
        self._call("Reset", False)

    def hold_link(self, hold: bool) -> None:
        """Not given again when it was refused (27.005 § 3.5.6)."""
        if _LINK not in self._steps.silent and self._steps.optional(f"{_LINK}={2 if hold else 0}") is None:
            self._steps.silent.add(_LINK)

    def switch_bearer(self) -> bool:
        other = other_bearer(self, self._quirks.bearer, self._bearer)
        self._bearer = other or self._bearer
        return other is not None

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
        os.write(self._fd, data)

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
        """Take in what came."""
        self._machine.ReadDevice(False)
        self._taken()

    def attend(self) -> None:
        """Refuse a call that rings."""
        if self._ringing:
            self._ringing = False
            with suppress(ModemError):  # it has stopped ringing
                self._call("CancelCall", 0, True)

    # -- python-gammu ------------------------------------------------------------------------------------------

    def _call(self, call: str, *arguments: Any) -> Any:
        """One of gammu.StateMachine's calls; `passage` is the dialogue that it was."""
        error: Exception | None = None
        try:
            result = getattr(self._machine, call)(*arguments)
        except (gammu.GSMError, ValueError, TypeError) as raised:
            error = raised
        self.passage = self._taken()
        if isinstance(error, gammu.GSMError):
            raise modem_error(error, self.passage)
        if error is not None:  # python-gammu cannot say in Python what libgammu understood
            raise ProtocolError(f"{call}: an answer that libgammu does not know")
        return result

    def _said(self, command: str, otherwise: str) -> str:
        """The line that answered `command` in the last passage, as the modem wrote it."""
        frame = next(self.passage.answers(command), None)
        return answers.text_line(frame[1:-1]) if frame else otherwise

    def _taken(self) -> Passage:
        passage = self._trail.take()
        for frame in passage.frames:
            self._hear(frame)
            self._show(frame)
        return passage

    def _hear(self, frame: Frame) -> None:
        name = _name(frame)
        if name in CALLS:
            self._ringing = True
        elif name in TELLING and (heard := event(Urc(name, frame))):
            self._tell(heard)

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
