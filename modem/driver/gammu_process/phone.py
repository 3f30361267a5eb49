"""A phone, through gammu.StateMachine.

Of an AT phone every answer is read in the trail, not in what python-gammu makes of it, and commands for which it has
no call of use (ICCID, LTE, the storages) are written beside it: libgammu reads their answers and shows them to us.
Other phones tell what python-gammu tells.
"""

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import gammu

from modem.at import answers
from modem.at.finals import command_name, parse_final
from modem.driver.dialogue.dialogue import COMMAND_TIMEOUT_S
from modem.driver.dialogue.storage import Storages
from modem.driver.gammu_process.incoming import heard
from modem.driver.gammu_process.messages import Arrived, Connect, Message, Pdu, Refused, Traffic
from modem.driver.gammu_process.port import Port
from modem.driver.gammu_process.refusals import Refusal, refusal
from modem.driver.gammu_process.trail import Frame, Passage, Trail
from modem.driver.models.quirks import DEFAULT_QUIRKS
from modem.errors import CommandError, ModemTimeout, PortGone

# Reports directly if it can, else into the storage: as the AT driver has it. Without this line python-gammu leaves
# every setting at 0 and libgammu takes that for "no indications". Cell broadcasts are never wanted.
CNMI: Final = ("2,1,0,1,0", "2,1,0,2,0")
_PIN: Final = re.compile(r"(AT\+CPIN=).*")
_CHUNK: Final = 512
_EVENTS: Final = frozenset({"+CDS", "+CMT", "+CDSI", "+CMTI", "RING", "+CRING"})
# More than libgammu keeps of them, so that nothing is left behind.
_READS: Final = 12


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
        # What the AT driver remembers of an open modem.
        self.storages = Storages(self, None)
        self.silent: set[str] = set()
        self.quirks = DEFAULT_QUIRKS
        self.imsi: str | None = None
        self.bearer: str | None = None
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
        self.call("Init")
        # without a callback the next event ends the process
        machine.SetIncomingCallback(self._called)
        return machine

    def call(self, call: str, *arguments: Any) -> Any:
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

    def ask(self, command: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, ...]:
        """An AT command beside python-gammu's calls (`Asking`)."""
        if self.port.fd is None:
            raise PortGone("the phone has no port of its own")
        os.write(self.port.fd, f"{command}\r".encode("ascii"))
        lines: list[str] = []
        give_up_at = time.monotonic() + timeout_s
        while time.monotonic() < give_up_at:
            self.wait()
            for frame in self.passage.frames:
                if _name(frame) not in _EVENTS:
                    lines += frame
                final = parse_final(frame[-1], command) if command in frame else None
                if final is not None and final.ok:
                    return tuple(line for line in lines[:-1] if line != command)
                if final is not None:
                    raise final.error(command)
        raise ModemTimeout(command_name(command))

    def attempt(self, command: str, timeout_s: float = COMMAND_TIMEOUT_S) -> tuple[str, ...] | None:
        """None when the modem refuses (`Asking`)."""
        try:
            return self.ask(command, timeout_s)
        except CommandError:
            return None

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
                self.call("SetIncomingSMS", True)
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
        for _ in range(1 if self.is_at else _READS):
            self._machine.ReadDevice(False)
        self._taken()

    def attend(self) -> None:
        """Refuse a call that rings, and pass on what a phone without a trail had to say."""
        if self._ringing:
            self._ringing = False
            with suppress(Refusal):  # it has stopped ringing
                self.call("CancelCall", 0, True)
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
        name = _name(frame)
        if name in ("+CDS", "+CMT") and len(frame) == 2:
            self._tell(Pdu("", 0, name == "+CDS", frame[1]))
        elif name in ("+CDSI", "+CMTI") and (place := answers.stored_at(frame[0])):
            self._tell(Arrived(*place, report=name == "+CDSI"))
        elif name in ("RING", "+CRING"):
            self._ringing = True

    def _show(self, frame: Frame) -> None:
        frame = tuple(_PIN.sub(r"\1?", line) for line in frame)
        echo = frame[0].startswith("AT")
        if echo:
            self._tell(Traffic("sent", frame[0][:_CHUNK] + "\r"))
        read = "".join(f"\r\n{line}\r\n" for line in frame[echo:])
        for at in range(0, len(read), _CHUNK):
            self._tell(Traffic("read", read[at : at + _CHUNK]))

    def _called(self, machine: object, kind: str, event: dict[str, Any]) -> None:
        """From libgammu, within a call; an AT phone's events are in the trail, with all that is lost here."""
        if not self.is_at and kind == "SMS":
            self._came.append(event)


def _name(frame: Frame) -> str:
    return frame[0].partition(":")[0]
