"""Facts of a modem from a masked transcript, of the daemon's flight recorder or of the doctor's own questions. Pure.
Answers are read by their commands, URCs wherever they stand; the newest of each counts.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from modem.at import answers
from modem.at.finals import parse_final
from modem.at.urcs import URCS, UrcTable
from modem.driver.models.quirks import DEFAULT_QUIRKS, VENDORS
from modem.errors import PduError
from modem.sms.incoming import decode_incoming
from modem.sms.message import StatusReport

_NETWORKS: Final = ("+CREG", "+CGREG", "+CEREG")
_CMS: Final = re.compile(r"\+CMS ERROR: *(\d+)")
_DAY: Final = re.compile(r"# (\d{4}-\d\d-\d\d) UTC")
_CLOCK: Final = re.compile(r"# (\d\d:\d\d:\d\d\.\d{3})")
_FIRST_OF_SET_UP: Final = "ATE0"
# What says that it boots within this time of a restart that was asked for (`modem.daemon.policy.recovery`) is that one.
_RESTART_TAKES: Final = timedelta(seconds=60)
_RESETS: Final = frozenset((*DEFAULT_QUIRKS.reset, *(command for maker in VENDORS.values() for command in maker.reset)))
# One report may come hours after the phone had its text; of several, the quickest tells the time.
_ENOUGH_REPORTS: Final = 3


@dataclass(slots=True)
class Heard:
    """None, and empty, where nobody asked or the modem did not tell.

    registration    of CREG, CGREG, CEREG: the <stat> of 27.007 § 7.2
    reports         False: every AT+CNMI that would bring reports was refused
    smsc            "" when the card has none
    bearer          AT+CGSMS
    ims             as `modem.at.answers.ims`
    refusals        +CMS ERROR codes and how often; `refused_at` when each was last told
    taken_at        when the network last took a message
    restarts        how often the modem said that it boots, and nobody had told it to
    clock_ahead     of the box's clock before the service centre's
    """

    registration: dict[str, int] = field(default_factory=dict)
    signal_dbm: int | None = None
    reports: bool | None = None
    smsc: str | None = None
    bearer: int | None = None
    ims: str = ""
    refusals: Counter[int] = field(default_factory=Counter)
    refused_at: dict[int, datetime] = field(default_factory=dict)
    taken_at: datetime | None = None
    restarts: int = 0
    under_voltage: bool = False
    clock_ahead: timedelta | None = None

    def still_refused(self, codes: frozenset[int]) -> list[int]:
        """Those of `codes` that are the last word: the network took nothing since."""
        told = sorted(code for code in self.refusals if code in codes)
        taken = self.taken_at
        return [code for code in told if taken is None or code not in self.refused_at or self.refused_at[code] > taken]


@dataclass(frozen=True, slots=True)
class _Line:
    at: datetime | None
    sent: bool
    text: str


def heard(script: str) -> Heard:
    """From a script of `modem.daemon.records.flight_recorder`; whatever it holds, nothing is raised."""
    return _Listening().listen(_lines(script))


class _Listening:
    """One pass over a dialogue."""

    def __init__(self) -> None:
        self._found = Heard()
        self._urcs = UrcTable(URCS)
        self._command = ""
        self._answer: list[str] = []
        self._report_follows = False
        self._new_set_up = False
        self._ahead: list[timedelta] = []
        self._told_to_restart_at: datetime | None = None

    def listen(self, lines: Iterator[_Line]) -> Heard:
        for line in lines:
            if line.sent:
                self._sent(line)
            else:
                self._read(line)
        if len(self._ahead) >= _ENOUGH_REPORTS or min(self._ahead, default=timedelta()) < timedelta():
            self._found.clock_ahead = min(self._ahead)
        return self._found

    def _sent(self, line: _Line) -> None:
        text = line.text
        if not text.startswith("AT"):
            return
        if text in _RESETS:
            self._told_to_restart_at = line.at
        self._command, self._answer = text, []
        self._new_set_up |= text == _FIRST_OF_SET_UP

    def _read(self, line: _Line) -> None:
        text = line.text
        if self._report_follows:
            self._report_follows = False
            self._compare_with_report(text, line.at)
            return
        if refused := _CMS.match(text):
            self._refused(int(refused[1]), line.at)
        if final := parse_final(text, self._command):
            if final.ok and self._command.startswith("AT+CMGS="):
                self._found.taken_at = line.at
            self._answered(final.ok)
            self._command, self._answer = "", []
        elif self._is_own_answer(text):
            self._answer.append(text)
        else:
            self._urc(text, line.at)

    def _refused(self, code: int, at: datetime | None) -> None:
        self._found.refusals[code] += 1
        if at is not None:
            self._found.refused_at[code] = at

    def _is_own_answer(self, text: str) -> bool:
        name = text.partition(":")[0].strip()
        return bool(self._command) and (name in self._command or not self._urcs.rule(text))

    def _urc(self, text: str, at: datetime | None) -> None:
        rule = self._urcs.rule(text)
        self._report_follows = text.startswith("+CDS:")
        self._found.under_voltage |= "UNDER-VOLTAGE" in text.upper()
        self._found.restarts += rule is not None and rule.restart and not self._was_told_to_restart(at)
        name, _, rest = text.partition(":")
        if name in _NETWORKS and (told := answers.fields(rest.strip())) and told[0].isdecimal():
            self._found.registration[name] = int(told[0])

    def _was_told_to_restart(self, at: datetime | None) -> bool:
        told_at = self._told_to_restart_at
        return told_at is not None and at is not None and timedelta() <= at - told_at <= _RESTART_TAKES

    def _answered(self, ok: bool) -> None:
        """The command in flight is over."""
        found, command, lines = self._found, self._command, self._answer
        if command.startswith("AT+CNMI=") and command != "AT+CNMI=?":
            self._asked_for_reports(ok)
        if not ok:
            return
        for name in _NETWORKS:
            if command == f"AT{name}?" and (status := answers.network_status(lines, name)):
                found.registration[name] = status.status
        match command:
            case "AT+CSQ":
                found.signal_dbm = answers.signal_dbm(lines)
            case "AT+CSCA?":
                found.smsc = answers.smsc(lines) or ""
            case "AT+CIREG?":
                found.ims = answers.ims(lines)
            case "AT+CGSMS?":
                value = answers.value(lines, "+CGSMS") or ""
                found.bearer = int(value) if value.isdecimal() else None

    def _asked_for_reports(self, ok: bool) -> None:
        """Candidates follow each other until one is taken; the last of them may want no reports."""
        if self._new_set_up:
            self._found.reports, self._new_set_up = None, False
        wanted = self._command.removeprefix("AT+CNMI=").split(",")[3:4] not in ([], ["0"])
        self._found.reports = (ok and wanted) or bool(self._found.reports)

    def _compare_with_report(self, pdu: str, at: datetime | None) -> None:
        """TP-DT of a report that has just come."""
        try:
            report = decode_incoming(pdu)
        except PduError:
            return
        if at is not None and isinstance(report, StatusReport):
            self._ahead.append(at - report.discharged_at)


def _lines(script: str) -> Iterator[_Line]:
    day, at = "", None
    for line in script.splitlines():
        if found := _DAY.match(line):
            day = found[1]
        elif (found := _CLOCK.match(line)) and day:
            at = datetime.fromisoformat(f"{day}T{found[1]}+00:00")
        elif line[:2] in ("> ", "< "):
            yield _Line(at, line[0] == ">", line[2:].strip())
