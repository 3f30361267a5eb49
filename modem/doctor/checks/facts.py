"""The doctor's facts and findings, as values: facts are gathered elsewhere and judged by `modem.doctor.report`; every
thing that can be wrong is a table of rules/wording/doctor.toml.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, cast

from db.operations.monitoring import LastRefusal, StandingRefusal
from modem.discovery.verdicts import Verdict
from modem.driver.interface.protocol import Lack, StorageUse
from modem.driver.models.models import ModelRow
from modem.errors import ModemError
from rules.readiness import Judgement
from rules.sentences import DOCTOR, NOTHING, TEMPLATES, Sentence, coded, together

# missing     config.ini names none that exists
# unreadable  it exists and this user may not read it
# malformed   it does not hold 4 to 8 digits
# exposed     others may read it
PinFile = Literal["none", "good", "missing", "unreadable", "malformed", "exposed"]

# Why it is on no network: none where nobody tells more.
Unregistered = Literal["denied", "searching", "none", ""]
Database = Literal["current", "missing", "older", "newer", "away"]
# fault    nothing goes out, or not as it should, until somebody does something
# warning  it works, and will not always
# note     good to know
Severity = Literal["fault", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("fault", "warning", "note")


@dataclass(frozen=True, slots=True)
class Standing:
    """The running daemon's word on a modem: its state and why, a locked card's tries. The states are those of
    docs/reference/contract.md, "JSON of the commands".
    """

    state: str
    reason: Sentence = NOTHING
    pin_tries: int | None = None


@dataclass(frozen=True, slots=True)
class Modem:
    """One modem, as far as anybody knows.

    refusal    the network's last refusal of a message, and its time
    refusals   the codes with which it refused messages since it took one last
    standing   None where no daemon has it; the doctor then opened `path`, and `error` came instead of an answer
    usb        its device; None for a pty, a UART, or where the bus tells nothing
    row        its row in the table of models
    simulated  nothing reaches anybody, and that is meant
    ahead      of the box's clock before the service centre's
    """

    name: str
    device: str
    path: str | None = None
    pin_file: PinFile = "none"
    standing: Standing | None = None
    refusal: LastRefusal | None = None
    error: ModemError | None = None
    usb: Verdict | None = None
    imei: str | None = None
    imsi: str | None = None
    model: str = ""
    row: ModelRow | None = None
    technology: str | None = None
    signal_dbm: int | None = None
    unregistered: Unregistered = ""
    ims: str = ""
    lacks: tuple[Lack, ...] = ()
    refusals: tuple[StandingRefusal, ...] = ()
    ahead: timedelta | None = None
    storages: tuple[StorageUse, ...] = ()
    has_number: bool = True
    simulated: bool = False

    @property
    def answered(self) -> bool:
        """A set-up went through, now or for the daemon."""
        if self.standing is not None:
            return self.standing.state in ("ready", "not_registered", "paused", "suspended", "quarantined")
        return self.error is None and self.path is not None


@dataclass(frozen=True, slots=True)
class Box:
    """This machine. `rules` are udev's, `modeswitch` what makes modems of sticks that pretend to be CD-ROMs, `manager`
    says that a section's modem is ModemManager's.
    """

    daemon: bool = True
    database: Database = "current"
    rules: bool = True
    modeswitch: bool = True
    option_driver: bool = True
    manager: bool = False
    duty_phone: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """All facts.

    usb       everything on the bus; `bus_seen` is False where it cannot be looked at
    sleepers  names of the sticks that the kernel may put to sleep (USB autosuspend)
    judgement readiness to send, as all pages say it; None where the database does not tell
    """

    box: Box = field(default_factory=Box)
    usb: tuple[Verdict, ...] = ()
    bus_seen: bool = True
    sleepers: tuple[str, ...] = ()
    modems: tuple[Modem, ...] = ()
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, what it means, what to do. `modem` is "" where it is the box's; `page` is what to
    do for whoever has the modem's page before them, and its buttons.
    """

    severity: Severity
    title: Sentence
    meaning: Sentence
    advice: Sentence
    page: Sentence
    modem: str = ""


def finding(code: str, modem: str = "", *, more: tuple[Sentence, ...] = (), **values: object) -> Finding:
    """The finding of this code with its values, `more` after its meaning, for which `daemons_word` stands where it has
    none.
    """

    def say(part: str) -> Sentence:
        template = f"{code}.{part}"
        wanted = {name: value for name, value in values.items() if f"{{{name}}}" in TEMPLATES[template]}
        return coded(template, **wanted)

    meaning = say("meaning") if "meaning" in DOCTOR[code] else cast(Sentence, values["daemons_word"])
    advice = say("advice")
    page = say("page") if "page" in DOCTOR[code] else advice
    severity = cast(Severity, DOCTOR[code]["severity"])
    return Finding(severity, say("title"), together(meaning, *more), advice, page, modem)
