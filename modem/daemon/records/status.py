"""What a worker knows of its modem, told to the database when it changes."""

from dataclasses import asdict, dataclass
from datetime import datetime

from db.engine.connection import UNAVAILABLE
from db.modems import status as modems
from modem import errors
from modem.daemon.records.pins import ALL_TRIES


@dataclass(slots=True)
class Status:
    """The columns of the modem's row. `sentence` is French.

    `state` is one of those of docs/reference/contract.md, "JSON of the commands".
    """

    device: str
    state: str = "starting"
    sentence: str = ""
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

    def columns(self) -> dict[str, object]:
        """As `db.modems.status.save_modem` takes them."""
        return asdict(self)


class StatusBoard:
    """Writes a status only when it differs from what was last written."""

    def __init__(self, host: str, name: str) -> None:
        self._host, self._name = host, name
        self._written: dict[str, object] = {}

    def show(self, status: Status, now: datetime) -> None:
        """Tell the database; when that is away, the next change tells it."""
        values = status.columns()
        if values == self._written:
            return
        try:
            modems.save_modem(self._host, self._name, values, now)
        except UNAVAILABLE:
            return
        self._written = values


def trouble(error: errors.ModemError) -> tuple[str, str]:
    """The state and the French sentence for an error that stops a modem."""
    match error:
        case errors.PortBusy():
            holder = error.holder or "un autre programme"
            return "faulty", f"Le port est tenu par {holder} : arrêtez-le."
        case errors.NoPort():
            return error.state, error.sentence
        case errors.PortGone():
            return "absent", "Le modem n'est pas là : branchez-le, ou vérifiez « device » dans config.ini."
        case errors.PortError():
            return "faulty", "Le port ne peut pas être ouvert : vérifiez les droits (règles udev) et « device »."
        case errors.SimMissing():
            return "no_sim", "Pas de carte SIM dans le modem : insérez-la."
        case errors.PinRequired():
            return "pin", _pin(error.tries_left)
        case errors.PukRequired():
            return "pin", "La carte SIM est bloquée (PUK) : débloquez-la dans un téléphone."
        case errors.SimError():
            return "no_sim", "La carte SIM ne répond pas : retirez-la et remettez-la."
        case errors.ModemTimeout():
            return "faulty", f"Le modem ne répond pas ({error.stage}) : débranchez-le et rebranchez-le."
        case _:
            return "faulty", f"Le modem ne fonctionne pas ({error})."


def _pin(tries_left: int | None) -> str:
    if tries_left is None or tries_left >= ALL_TRIES:
        return "La carte SIM demande son code PIN : donnez-le par pin_file dans config.ini."
    return (
        f"La carte SIM a refusé un code PIN (essais restants : {tries_left}). Vérifiez le code, entrez-le une fois "
        "dans un téléphone, puis corrigez pin_file."
    )
