"""libgammu's own record of its dialogue with an AT phone, and its errors as those of `modem.errors`.

Its debug output, kept in memory of this process and nowhere else, has every answer line by line. python-gammu tells no
code of a `+CMS ERROR`, no PDU, no storage of a `+CMTI`, a reference of -1 when an unknown line stands behind `+CMGS:`,
and drops events beyond ten.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import gammu

from modem.at.finals import Final as FinalResult
from modem.at.finals import parse_final
from modem.errors import (
    CommandError,
    ModemError,
    ModemTimeout,
    PinRequired,
    PortBusy,
    PortError,
    PortGone,
    ProtocolError,
    SimMissing,
)

Frame = tuple[str, ...]
_LINE: Final = re.compile(r'([1-9]\d*) "(.*)"')
_HANDED_OVER: Final = "Sending SMS"


@dataclass(frozen=True, slots=True)
class Passage:
    """The lines since the last one. A frame is an answer with the command's echo before it, or a URC."""

    text: str

    @property
    def frames(self) -> Iterator[Frame]:
        frame: list[str] = []
        for line in self.text.splitlines():
            match = _LINE.fullmatch(line)
            if match is None:
                continue
            if match[1] == "1" and frame:
                yield tuple(frame)
                frame = []
            frame.append(match[2])
        if frame:
            yield tuple(frame)

    def answers(self, command: str) -> Iterator[Frame]:
        """The frames that answer `command` and whatever arguments it had; the echo is their first line."""
        return (frame for frame in self.frames if frame[0].startswith(command))

    @property
    def refusal(self) -> FinalResult | None:
        """The last final result, when it is an error."""
        finals = [final for frame in self.frames if (final := parse_final(frame[-1], frame[0]))]
        return finals[-1] if finals and not finals[-1].ok else None

    @property
    def handed_over(self) -> bool:
        """True when the prompt came and libgammu began to write the PDU."""
        return _HANDED_OVER in self.text.splitlines()


class Trail:
    """libgammu's debug output, of all its phones, into memory."""

    def __init__(self) -> None:
        self._fd = os.memfd_create("trail", os.MFD_CLOEXEC)
        # whoever writes writes at the end, also after `take` has emptied it
        fcntl.fcntl(self._fd, fcntl.F_SETFL, os.O_APPEND)
        gammu.SetDebugLevel("text")
        with open(os.dup(self._fd), "ab", buffering=0) as file:
            gammu.SetDebugFile(file)

    def take(self) -> Passage:
        size = os.fstat(self._fd).st_size
        text = os.pread(self._fd, size, 0)
        os.ftruncate(self._fd, 0)
        return Passage(text.decode("latin-1"))


_ERRORS: Final[dict[str, type[ModemError]]] = {
    "ERR_TIMEOUT": ModemTimeout,
    "ERR_DEVICENOTEXIST": PortGone,
    "ERR_DEVICENOTWORK": PortGone,
    "ERR_DEVICEREADERROR": PortGone,
    "ERR_DEVICEWRITEERROR": PortGone,
    "ERR_NOTCONNECTED": PortGone,
    "ERR_DEVICEOPENERROR": PortBusy,
    "ERR_DEVICEBUSY": PortBusy,
    "ERR_DEVICELOCKED": PortBusy,
    "ERR_DEVICENOPERMISSION": PortError,
    "ERR_DEVICENODRIVER": PortError,
    "ERR_NOSIM": SimMissing,
    "ERR_SECURITYERROR": PinRequired,
    "ERR_UNKNOWNRESPONSE": ProtocolError,
    "ERR_UNKNOWNFRAME": ProtocolError,
}


def modem_error(error: gammu.GSMError, passage: Passage) -> ModemError:
    """The modem's own final result, else what gammu made of it."""
    where = str(error.args[0].get("Where", "gammu")) if error.args and isinstance(error.args[0], dict) else "gammu"
    final = passage.refusal
    if final is not None and final.code is not None:
        return final.error(where)
    name = type(error).__name__
    kind = _ERRORS.get(name, CommandError)
    return kind(where if kind in (ModemTimeout, CommandError) else f"{where}: {name}")
