"""The commands of one dialogue: which is in flight, which were given up, and which of them a line answers. Final
result codes (V.250 § 5.7, 3GPP TS 27.007 § 9.2, 27.005 § 3.2.5).
"""

import re
from collections import deque
from dataclasses import dataclass, field
from typing import Final as Constant
from typing import Literal

from modem.at.urcs import LINES, head
from modem.errors import CallEnded, CmeError, CmsError, CommandError

FinalKind = Literal["OK", "ERROR", "CME", "CMS", "CALL"]
_CODED = re.compile(r"\+(CM[ES]) ERROR: ?(\S.*)")
_PLAIN: dict[str, FinalKind] = {
    "OK": "OK",
    "ERROR": "ERROR",
    "COMMAND NOT SUPPORT": "ERROR",  # Huawei
    "TOO MANY PARAMETERS": "ERROR",  # Huawei
}
CALL_ENDS = frozenset({"NO CARRIER", "NO ANSWER", "NO DIALTONE", "BUSY", "CONNECT"})
_CALL = re.compile(r"AT(?:D|A$|O|H|\+CHUP)")
_UNKNOWN_CODE = {"CME": 100, "CMS": 500}
RECEIPT: Constant = "+CMGS"
_SMS_COMMAND: Constant = re.compile(r"AT\+C(?:MG|MM|NM|PMS|SMS|SCA|GSMS)", re.IGNORECASE)
# 24.011 Annex E and 23.040 § 9.2.3.22: only the network says these, and only about a submit.
_NETWORK_CODES: Constant = range(256)
# Execution commands that are answered with OK alone.
_TELL_NOTHING: Constant = ("+CHUP", "+CNMA")
_REMEMBERED: Constant = 8
# Two lines per message of the largest storage known; of a flood only the newest stay.
_LINES_LIMIT: Constant = 2048


@dataclass(frozen=True, slots=True)
class Final:
    """`code` is set for CME and CMS only; `text` is the line as the modem wrote it."""

    kind: FinalKind
    code: int | None = None
    text: str = ""

    @property
    def ok(self) -> bool:
        return self.kind == "OK"

    def error(self, command: str) -> CommandError:
        """The error to raise for a final that is not OK; it names the command without its arguments."""
        name = command_name(command)
        if self.kind == "CALL":
            return CallEnded(name, self.text)
        return {"CME": CmeError, "CMS": CmsError}.get(self.kind, CommandError)(name, self.code)


def command_name(command: str) -> str:
    """`AT+CPIN="…"` → `AT+CPIN`, `ATD…;` → `ATD`: PINs and numbers have no place in an error."""
    return "ATD" if command[:3].upper() == "ATD" else command.partition("=")[0]


def parse_final(line: str, command: str | None) -> Final | None:
    """The final result in a whole line, or None. `NO CARRIER` and its like end only a command about a call."""
    if kind := _PLAIN.get(line):
        return Final(kind, text=line)
    if line in CALL_ENDS:
        return Final("CALL", text=line) if command and _CALL.match(command.upper()) else None
    if line.startswith("+CM") and (coded := _CODED.fullmatch(line)):
        error, value = coded.groups()
        is_number = value.isascii() and value.isdigit()
        code = int(value if is_number else LINES[error.lower()].get(value.strip().lower(), _UNKNOWN_CODE[error]))
        return Final("CME" if error == "CME" else "CMS", code, line)
    return None


def answer_name(command: str) -> str:
    """`+CREG`, which begins the answer's lines, of `AT+CREG?`."""
    return command_name(command)[2:].rstrip("?").upper()


@dataclass(slots=True)
class Command:
    """One in flight. `doubtful`: a refusal, perhaps an older submit's; `escaped`: any final result may end it."""

    text: str
    waits_for_prompt: bool
    payload: str | None = None
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LINES_LIMIT))
    doubtful: Final | None = None
    escaped: bool = False
    name: str = ""
    # It reads something, so an OK without a line cannot be its answer.
    asks: bool = False

    def __post_init__(self) -> None:
        self.name = answer_name(self.text)
        basic = not self.name or self.name[0].isalnum() or self.name in _TELL_NOTHING
        self.asks = self.text.endswith("?") or ("=" not in self.text and not basic)

    @property
    def is_submit(self) -> bool:
        return self.name == RECEIPT

    @property
    def pdu_is_out(self) -> bool:
        return self.payload is not None and self.is_submit


class Commands:
    """`current` is in flight; `late_lines` answer what was given up."""

    def __init__(self) -> None:
        self.current: Command | None = None
        self.late_lines: deque[str] = deque(maxlen=_LINES_LIMIT)
        # An echo may come when its command is no longer in flight.
        self._sent: deque[str] = deque(maxlen=_REMEMBERED)
        self._given_up: deque[str] = deque(maxlen=_REMEMBERED)
        # How many commands were echoed, which ATE0 ends until a restart.
        self.echoes = 0

    @property
    def text(self) -> str | None:
        return self.current.text if self.current else None

    def sent(self, text: str) -> None:
        """This was written: the modem may echo it."""
        self._sent.append(text)

    def begin_after(self, command: str) -> None:
        """One from before this dialogue, which nobody waits for any longer."""
        self._given_up.append(command)

    def give_up(self) -> Command | None:
        """Wait for the command in flight no longer; returns it."""
        command, self.current = self.current, None
        if command:
            self._given_up.append(command.text)
        return command

    def caught_up(self) -> None:
        """The modem has reached the command in flight: nothing older is still to be answered."""
        self._given_up.clear()

    def is_echo(self, text: str) -> bool:
        """True for a blank line too."""
        return not text or text in self._sent

    def echoed(self, text: str) -> None:
        """An echo was heard: of a command, since a PDU is echoed by some modems in any case."""
        self.echoes += text[:2].upper() == "AT"

    def owns(self, text: str) -> bool:
        current = self.current
        return current is not None and current.asks and head(text) == current.name

    def may_have_asked(self, name: str) -> bool:
        """True when a line of this name, which no table knows, may be an answer rather than a URC: a submit is answered
        under one name, `AT+CCID` on some models under any.
        """
        if self.current and not self.current.is_submit:
            return True
        return name == RECEIPT or name in map(answer_name, self._given_up)

    def keep(self, text: str) -> None:
        """Put an answer's line where it belongs, unless that is nowhere."""
        name = head(text)
        current = self.current
        receipt = name == RECEIPT
        if current and current.name == name:
            late = receipt and current.payload is None
        else:
            late = receipt or (bool(self._given_up) and name in map(answer_name, self._given_up))
        if late:
            self.late_lines.append(text)
        elif current:
            current.lines.append(text)

    def is_late(self, final: Final, submits_are_awaited: bool) -> bool:
        """True when a final result answers a command that was given up rather than the command in flight."""
        current = self.current
        if current is None or self.late_lines:
            return True
        if current.escaped:
            return False
        if final.kind == "CMS" and submits_are_awaited:
            prompt_is_open = current.is_submit and not current.waits_for_prompt and current.payload is None
            if prompt_is_open or (not current.is_submit and final.code in _NETWORK_CODES):
                return True
        if not self._given_up:
            return False
        if current.waits_for_prompt:
            return final.ok
        if final.kind == "CMS" and not _SMS_COMMAND.match(current.text):
            return True
        return final.ok and current.asks and not current.lines

    def late_command(self, lines: tuple[str, ...]) -> str | None:
        """The given-up command that a late answer fits, else the oldest; without any "", and None without lines."""
        wanted = head(lines[0]) if lines else ""
        fits = [command for command in self._given_up if wanted and answer_name(command) == wanted]
        if fits or self._given_up:
            command = (fits or self._given_up)[0]
            self._given_up.remove(command)
            return command
        return "" if lines else None

    def forget_given_up(self, command: str) -> None:
        """It is answered after all."""
        if command in self._given_up:
            self._given_up.remove(command)
