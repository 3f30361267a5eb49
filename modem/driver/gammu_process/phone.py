"""A phone, through gammu.StateMachine.

Of an AT phone every answer is read in the trail, not in what python-gammu makes of it; and where python-gammu has no
call at all (ICCID, LTE registration, freeing the place of a PDU that libgammu cannot read) the command is written
beside it. Other phones tell what python-gammu tells.
"""

import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import gammu

from modem.at import answers
from modem.at.finals import Final as FinalResult
from modem.at.finals import parse_final
from modem.driver.gammu_process.messages import Arrived, Connect, Message, Pdu, Refused, Report, Text, Traffic
from modem.driver.gammu_process.port import Port
from modem.driver.gammu_process.refusals import Refusal, refusal
from modem.driver.gammu_process.trail import Frame, Passage, Trail

# Reports directly if it can, else into the storage: as the AT driver has it. Without this line python-gammu leaves
# every setting at 0 and libgammu takes that for "no indications". Cell broadcasts are never wanted.
CNMI: Final = ("2,1,0,1,0", "2,1,0,2,0")
SAY_TIMEOUT_S: Final = 5.0
_PIN: Final = re.compile(r"(AT\+CPIN=).*")
_CHUNK: Final = 512
# More than libgammu keeps of them, so that nothing is left behind.
_EVENTS: Final = 12


class Phone:
    """One phone; `tell` is called, in the caller's thread, with what came by itself. Raises Refusal."""

    def __init__(self, question: Connect, port: Port, trail: Trail, tell: Callable[[Message], None]) -> None:
        self.port = port
        self.is_at = question.speaks_at
        self._question = question
        self._trail = trail
        self._tell = tell
        self._came: list[dict[str, Any]] = []
        self._ringing = False
        self.passage = Passage("")
        self._machine = self._connected(CNMI[0])

    def _connected(self, cnmi: str) -> gammu.StateMachine:
        machine = gammu.StateMachine()
        # only a file can say it: nobody else ever opens this one
        file = os.memfd_create("gammurc")
        os.write(file, f"[gammu]\natgen_setcnmi={cnmi}\n".encode())
        machine.ReadConfig(0, 0, f"/proc/self/fd/{file}")
        os.close(file)
        machine.SetConfig(
            0,
            {
                "Device": self._question.device,
                "Connection": self._question.connection,
                "Model": self._question.model,
                "UseGlobalDebugFile": True,
                "LockDevice": False,
                "StartInfo": False,
                "SyncTime": False,
            },
        )
        self._machine = machine
        self.ask("Init")
        # without a callback the next event ends the process
        machine.SetIncomingCallback(self._called)
        return machine

    def ask(self, call: str, *arguments: Any) -> Any:
        """One of gammu.StateMachine's calls; `passage` is the dialogue that it was."""
        error: Exception | None = None
        try:
            result = getattr(self._machine, call)(*arguments)
        except (gammu.GSMError, ValueError, TypeError) as raised:
            error = raised
        self.passage = self._taken()
        if isinstance(error, gammu.GSMError):
            raise refusal(error, self.passage)
        if error is not None:  # python-gammu cannot say in Python what libgammu understood
            raise Refusal(Refused("protocol", call))
        return result

    def say(self, command: str) -> tuple[str, ...] | None:
        """As `spoken`: the lines; None when it is refused or not answered."""
        lines, final = self.spoken(command)
        return lines if final is not None and final.ok else None

    def spoken(self, command: str) -> tuple[tuple[str, ...], FinalResult | None]:
        """A command beside python-gammu's calls: its lines and final result, None when it is not answered."""
        lines: list[str] = []
        if not self.is_at or self.port.fd is None:
            return (), None
        os.write(self.port.fd, f"{command}\r".encode("ascii"))
        give_up_at = time.monotonic() + SAY_TIMEOUT_S
        while time.monotonic() < give_up_at:
            self.wait()
            for frame in self.passage.frames:
                lines += [line for line in frame if line != command]
                if frame[0] == command and (final := parse_final(frame[-1], command)):
                    return tuple(lines), final
        return tuple(lines), None

    def said(self, command: str, otherwise: str) -> str:
        """The line that answered `command` in the last passage, as the modem wrote it."""
        frame = next(self.passage.answers(command), None)
        return answers.text_line(frame[1:-1]) if frame else otherwise

    def wait(self) -> None:
        """For whatever comes next, a second at most; `passage` is what was said."""
        self._machine.ReadDevice(True)
        self.passage = self._taken()

    def announce(self) -> None:
        """Ask to be told what comes. A phone that refuses it is asked from time to time what waits."""
        for cnmi in CNMI:
            if cnmi != CNMI[0]:
                self._again(cnmi)
            try:
                self.ask("SetIncomingSMS", True)
            except Refusal as error:
                if not self.is_at or error.refused.reason in ("timeout", "gone"):
                    return
            else:
                return

    def _again(self, cnmi: str) -> None:
        """libgammu asks for its indications as it was told before the connection, so it connects anew."""
        with suppress(gammu.GSMError):  # it only has to give the port back
            self._machine.Terminate()
        self._connected(cnmi)

    def listen(self) -> None:
        """Take in what came."""
        for _ in range(1 if self.is_at else _EVENTS):
            self._machine.ReadDevice(False)
        self._taken()

    def attend(self) -> None:
        """Refuse a call that rings, and pass on what a phone without a trail had to say."""
        if self._ringing:
            self._ringing = False
            with suppress(Refusal):  # it has stopped ringing
                self.ask("CancelCall", 0, True)
        while self._came:
            self._tell(heard(self._came.pop(0)))

    def _taken(self) -> Passage:
        passage = self._trail.take()
        if self.is_at:
            for frame in passage.frames:
                self._hear(frame)
                if self._question.traffic:
                    self._show(frame)
        return passage

    def _hear(self, frame: Frame) -> None:
        name = frame[0].partition(":")[0]
        if name in ("+CDS", "+CMT") and len(frame) == 2:
            self._tell(Pdu("", 0, name == "+CDS", frame[1]))
        elif name in ("+CDSI", "+CMTI") and (place := answers.stored_at(frame[0])):
            self._tell(Arrived(*place, report=name == "+CDSI"))
        elif name in ("RING", "+CRING"):
            self._ringing = True

    def _show(self, frame: Frame) -> None:
        echo = frame[0].startswith("AT")
        if echo:
            self._tell(Traffic("sent", _PIN.sub(r"\1…", frame[0])[:_CHUNK] + "\r"))
        read = "".join(f"\r\n{line}\r\n" for line in frame[echo:])
        for at in range(0, len(read), _CHUNK):
            self._tell(Traffic("read", read[at : at + _CHUNK]))

    def _called(self, machine: object, kind: str, event: dict[str, Any]) -> None:
        """From libgammu, within a call; an AT phone's events are in the trail, with all that is lost here."""
        if not self.is_at and kind == "SMS":
            self._came.append(event)


def heard(event: dict[str, Any]) -> Message:
    """What the callback of a phone without a trail was given."""
    if "Type" in event:
        return kept("", 0, event)
    return Arrived("ME", int(event["Location"]), report=False)


def kept(storage: str, index: int, message: dict[str, Any]) -> Text | Report:
    """python-gammu's message as one of ours."""
    number = str(message["Number"])
    if message["Type"] == "Status_Report":
        times = (_utc(message["DateTime"]), _utc(message["SMSCDateTime"]))
        return Report(storage, index, int(message["MessageReference"]), number, *times, int(message["DeliveryStatus"]))
    header = message["UDH"]
    reference = next((int(header[key]) for key in ("ID16bit", "ID8bit") if int(header[key]) > 0), 0)
    place: Iterable[int | None] = (None, None, None)
    if int(header["AllParts"]) > 1 and int(header["PartNumber"]) > 0:
        place = (reference, int(header["PartNumber"]), int(header["AllParts"]))
    text = _without_controls(str(message["Text"]), "\n")
    return Text(storage, index, _without_controls(number), text, _utc(message["DateTime"]), *place)


def _without_controls(text: str, but: str = "") -> str:
    return "".join(char for char in text if char in but or unicodedata.category(char) != "Cc")


def _utc(at: datetime | None) -> str:
    """ISO. A phone that tells no zone, or no time, is taken to mean UTC, or now."""
    if at is None:
        return datetime.now(UTC).isoformat()
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()
