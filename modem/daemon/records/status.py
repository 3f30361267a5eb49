"""The state of a worker's modem, written to the database when it changes; a modem's error as its state."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from db.engine.connection import UNAVAILABLE
from db.modems import status as modems
from db.modems.sims import TEST_NETWORK
from modem import errors
from modem.daemon.records.pins import ALL_TRIES
from rules.sentences import NOTHING, Sentence, coded

Standing = tuple[str, Sentence]
"""One of the states of docs/reference/contract.md, "JSON of the commands", and why."""

STARTING: Standing = "starting", coded("starting")
# Of errors that say nothing of their own, the narrower first.
_STANDINGS: tuple[tuple[type[errors.ModemError], str, str], ...] = (
    (errors.NotManaged, "absent", "not_managed"),
    (errors.NotAllowed, "faulty", "not_allowed"),
    (errors.PortGone, "absent", "port_gone"),
    (errors.Flooded, "faulty", "flooded"),
    (errors.PortError, "faulty", "port_shut"),
    (errors.SimMissing, "no_sim", "sim_missing"),
    (errors.PukRequired, "pin", "puk_asked"),
    (errors.SimError, "no_sim", "sim_silent"),
)

# Networks by MCC and MNC (ITU-T E.212), as people here know them. Others are shown by their numbers.
_NETWORKS = {
    "00101": "SIMULATION",
    "20601": "Proximus",
    "20605": "Telenet",
    "20610": "Orange",
    "20620": "BASE",
    "20801": "Orange F",
    "27001": "POST Luxembourg",
    "26201": "Telekom.de",
    "20408": "KPN",
}


class NoPort(errors.PortGone):
    """There is no tty that may be opened for this modem; `standing` gives people the reason."""

    def __init__(self, state: str, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.standing: Standing = state, sentence


@dataclass(slots=True)
class Status:
    """The columns of the modem's row; `state` and `sentence` are a Standing."""

    device: str
    state: str = "starting"
    sentence: Sentence = NOTHING
    model: str = ""
    imei: str | None = None
    imsi: str | None = None
    iccid: str | None = None
    operator: str | None = None
    technology: str | None = None
    signal_dbm: int | None = None
    simulated: bool = False
    messages_per_minute: int = 0
    urgent_messages_per_minute: int = 0
    pin_tries: int | None = None
    lacks: str = ""
    unregistered: str = ""

    def columns(self) -> dict[str, object]:
        return asdict(self) | {"sentence": self.sentence.stored}


class StatusBoard:
    """Writes a status only when it differs from what was last written."""

    def __init__(self, host: str, name: str) -> None:
        self._host, self._name = host, name
        self._written: Status | None = None

    def show(self, status: Status, now: datetime) -> None:
        """Store it in the database; if that is unreachable, the next change stores it."""
        if status == self._written:
            return
        try:
            modems.save_modem(self._host, self._name, status.columns(), now)
        except UNAVAILABLE:
            return
        self._written = replace(status)


def trouble(error: errors.ModemError) -> Standing:
    """The standing of a modem that is stopped by this error."""
    match error:
        case errors.PortBusy():
            code = "port_kept" if (error.holder or "").startswith("ModemManager") else "port_held"
            return "faulty", coded(code, holder=error.holder or coded("another_program"))
        case NoPort():
            return error.standing
        case errors.PinRequired():
            return "pin", _pin(error.tries_left)
        case errors.ModemTimeout():
            return "faulty", coded("modem_silent", stage=error.stage)
    fitting = (standing for kind, *standing in _STANDINGS if isinstance(error, kind))
    state, code = next(fitting, ("", ""))
    return (state, coded(code)) if code else ("faulty", coded("modem_broken", error=str(error)))


def _pin(tries_left: int | None) -> Sentence:
    if tries_left is None or tries_left >= ALL_TRIES:
        return coded("pin_asked")
    return coded("pin_refused", tries_left=tries_left)


def operator_name(numeric: str | None) -> str | None:
    """The name of a network given as MCC and MNC."""
    return None if numeric is None else _NETWORKS.get(numeric, numeric)


def is_simulated(imsi: str | None) -> bool:
    """True for a SIM of the test network."""
    return imsi is not None and imsi.startswith(TEST_NETWORK)
