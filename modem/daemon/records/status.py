"""The state of a worker's modem, as the database has it; a modem's error as its state.

The PIN of a modem's card: entered once per card and PIN, remembered across restarts (docs/reference/modem-facts.md,
"Error codes and what to do", 311).

Three wrong PINs block a card until somebody finds its PUK: so none is entered by itself unless all tries are known to
be left or this very PIN opened this card before, and a PIN that a card refused is never entered into it again.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from db.modems import sims
from db.modems.sims import TEST_NETWORK
from modem import errors
from modem.driver.base.interface import ModemIdentity, Registration
from modem.driver.dialogue.unlock import PIN
from rules.sentences import NOTHING, Sentence, coded

# scrypt's n, on purpose slow: PINs are few (16 MiB, 50 ms).
_WORK = 2**14
_log = logging.getLogger(__name__)
# With two or fewer left, somebody has failed already: the next one is a person's.
ALL_TRIES: Final = 3
# Where the modem does not tell the tries left, so many PINs that persons type: nobody knows of a third one.
MOST_BLINDLY: Final = 2
Standing = tuple[str, Sentence]
"""One of the states of docs/reference/contract.md, "JSON of the commands", and why."""
STARTING: Standing = "starting", coded("starting")
# Of a port that is in use, by the beginning of its holder's name.
_HOLDERS = {"ModemManager": "port_kept", "plp-modem": "port_own"}
# Of errors that say nothing of their own, the narrower first.
_STANDINGS: tuple[tuple[type[errors.ModemError], str, str], ...] = (
    (errors.NotManaged, "absent", "not_managed"),
    (errors.NotAllowed, "faulty", "not_allowed"),
    (errors.PortGone, "absent", "port_gone"),
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


class CardPin:
    """The `PinKeeper` of one section (modem.driver.base.interface). The file is read again for every try; a PIN
    that a person typed in the console is used first, once. A modem may report no identity before its PIN: then the try
    is recorded for an unknown card of this section, and a PIN that any unknown card refused is not tried blindly on
    another one, which may be the same card on another path. Database errors are raised: a PIN whose try cannot be
    recorded is not entered.
    """

    def __init__(self, pin_file: Callable[[], Path | None], clock: Callable[[], datetime], section: str) -> None:
        self._pin_file, self._clock, self._section = pin_file, clock, section
        sims.take_typed_pin(section, clock())  # of before a restart: nobody waits for it any more
        # Of the PIN that was given out last, until its card is known to have taken it.
        self._tried = ""

    def take(self, card: str, tries_left: int | None) -> str | None:
        """As `PinKeeper.take`. A try whose answer was never noted counts, unless the card reports all its tries."""
        typed = sims.take_typed_pin(self._section, self._clock())
        pin = typed or self._filed()
        if pin is None or (tries_left is not None and tries_left < ALL_TRIES):
            return None
        name, digest = self._name(card), _digest(pin)
        notes = sims.pin_notes(name)
        same = [note for note in notes if note.digest in (digest, _digest(pin, name))]
        if tries_left is None:
            same += sims.notes_of_unknown_cards(digest)
        if any(note.refused or tries_left is None for note in same):
            return None
        if tries_left is None and (len(notes) >= MOST_BLINDLY or not (typed or sims.was_right_pin(card, digest))):
            return None
        sims.mark_pin_tried(name, digest, self._clock())
        self._tried = digest
        return pin

    def accepted(self, card: str, *before: str) -> None:
        sims.mark_pin_accepted(self._name(card), {self._name(name) for name in (*before, "")} - {self._name(card)})
        if self._tried and sims.names_a_card(card):
            digest, self._tried = self._tried, ""
            try:
                sims.keep_right_pin(card, digest)
            except OSError:
                _log.warning("the right PIN cannot be noted: where the card shows no tries, a person has to type it")

    def refused(self, card: str) -> None:
        self._tried = ""
        sims.forget_right_pin(card)
        sims.mark_pin_refused(self._name(card))

    def at_most(self, card: str) -> int | None:
        refusals = sum(note.refused for note in sims.pin_notes(self._name(card)))
        return max(0, ALL_TRIES - refusals) if refusals else None

    def _name(self, card: str) -> str:
        return card or f"?{self._section}"

    def _filed(self) -> str | None:
        path = self._pin_file()
        try:
            return read_pin(path) if path else None
        except OSError:
            _log.warning("the PIN file cannot be read")
        except ValueError:
            _log.warning("the PIN file does not hold 4 to 8 digits")
        return None


def read_pin(path: Path) -> str:
    """Raises OSError, and ValueError (which does not show it) for what is not 4 to 8 digits."""
    pin = path.read_text(encoding="ascii", errors="replace").strip()
    if not PIN.fullmatch(pin):
        raise ValueError("not 4 to 8 digits")
    return pin


def _digest(pin: str, salt: str = "") -> str:
    """Slow on purpose: PINs are few. Older notes were salted with the card; a note that may move is not."""
    return hashlib.scrypt(pin.encode(), salt=salt.encode(), n=_WORK, r=8, p=1).hex()


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
    next_try_at: datetime | None = None

    def identify(self, identity: ModemIdentity) -> None:
        self.model = f"{identity.manufacturer} {identity.model}".strip()
        self.imei, self.imsi, self.iccid = identity.imei, identity.imsi, identity.iccid
        self.pin_tries, self.lacks = None, " ".join(identity.lacks)
        self.simulated = self.device == "sim" or (identity.imsi or "").startswith(TEST_NETWORK)

    def register(self, registration: Registration) -> None:
        self.operator = _NETWORKS.get(registration.operator or "", registration.operator)
        self.technology, self.unregistered = registration.technology, registration.unregistered

    def columns(self) -> dict[str, object]:
        return asdict(self) | {"sentence": self.sentence.stored}


def trouble(error: errors.ModemError) -> Standing:
    """The standing of a modem that is stopped by this error."""
    match error:
        case errors.PortBusy():
            kept = next((code for name, code in _HOLDERS.items() if (error.holder or "").startswith(name)), "port_held")
            return "faulty", coded(kept, holder=error.holder or coded("another_program"))
        case NoPort():
            return error.standing
        case errors.PinRequired():
            if error.tries_left is None or error.tries_left >= ALL_TRIES:
                return "pin", coded("pin_asked")
            return "pin", coded("pin_refused", tries_left=error.tries_left)
        case errors.ModemTimeout():
            return "faulty", coded("modem_silent", stage=error.stage)
    fitting = (standing for kind, *standing in _STANDINGS if isinstance(error, kind))
    state, code = next(fitting, ("", ""))
    return (state, coded(code)) if code else ("faulty", coded("modem_broken", error=str(error)))
