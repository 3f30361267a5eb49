"""From an open port to a modem that is ready to send: the order of modem-facts ("After opening")."""

from collections.abc import Callable
from dataclasses import dataclass

from modem.at import answers
from modem.driver.dialogue import Dialogue
from modem.driver.protocol import ModemIdentity, PinKeeper
from modem.driver.quirks import Quirks
from modem.driver.steps import Steps
from modem.driver.unlock import SimLock
from modem.errors import CommandError, ProtocolError


@dataclass(frozen=True, slots=True)
class Session:
    """What one set-up found out, until the port is closed.

    `bearer` is the AT+CGSMS that was taken, `storage` the one that is selected (AT+CPMS), None where none was.
    `silent` are the commands that this modem never answered: they are not asked again.
    """

    identity: ModemIdentity
    quirks: Quirks
    bearer: str | None
    storage: str | None
    holds_link: bool
    silent: frozenset[str]


# (manufacturer, model) → what is known of such a modem.
FindQuirks = Callable[[str, str], Quirks]


class SetUp:
    """One set-up of one modem. `before` holds what is known of the modem before it says who it is.

    `smsc` is the service centre to set; None leaves the card's own.
    """

    def __init__(
        self, dialogue: Dialogue, before: Quirks, find_quirks: FindQuirks, pin: PinKeeper | None, smsc: str | None
    ) -> None:
        self._dialogue = dialogue
        self._steps = Steps(dialogue)
        self._quirks = before
        self._find_quirks, self._pin, self._wanted_smsc = find_quirks, pin, smsc

    def run(self) -> Session:
        """Raises ModemTimeout, SimError, CommandError, ProtocolError, PortGone."""
        self._steps.synchronise(self._quirks.settle_s)
        self._dialogue.settle()
        for command in ("ATE0", "AT+CMEE=1"):
            self._steps.optional(command)
        manufacturer, model, revision = (
            answers.text_line(self._steps.optional(command) or ()) for command in ("AT+CGMI", "AT+CGMM", "AT+CGMR")
        )
        self._quirks = self._find_quirks(manufacturer, model)
        for command in self._quirks.init:
            self._steps.optional(command)
        imei = self._imei()
        # EF_ICCID may be read before the PIN, and names the card to its keeper; some firmware wants the PIN first.
        iccid = self._iccid()
        SimLock(self._steps, self._quirks.pin_counters, self._pin, iccid or imei).open()
        imsi = answers.imsi(self._steps.optional("AT+CIMI") or ())
        iccid = iccid or self._iccid()
        for command in (*self._quirks.registration, "AT+COPS=3,2"):
            self._steps.optional(command)
        self._steps.required("AT+CMGF=0")
        self._steps.optional("AT+CSMS=0")
        smsc = self._smsc()
        storage = self._receive()
        return Session(
            identity=ModemIdentity(manufacturer, model, revision, imei, imsi, iccid, smsc),
            quirks=self._quirks,
            bearer=self._steps.first_taken(self._quirks.bearer),
            storage=storage,
            holds_link=self._steps.optional("AT+CMMS=0") is not None,
            silent=frozenset(self._steps.silent),
        )

    def _imei(self) -> str:
        refused: CommandError | None = None
        for command in self._quirks.imei:
            try:
                if imei := answers.imei(self._steps.required(command)):
                    return imei
            except CommandError as error:
                refused = error
        if refused:
            raise refused
        raise ProtocolError("AT+CGSN gave no IMEI")

    def _iccid(self) -> str | None:
        for command in self._quirks.iccid:
            if command not in self._steps.silent and (iccid := answers.iccid(self._steps.optional(command) or ())):
                return iccid
        return None

    def _smsc(self) -> str | None:
        """The service centre's address, after it was set where it is not the wanted one."""
        wanted, told = self._wanted_smsc, answers.smsc(self._steps.optional("AT+CSCA?") or ())
        if wanted and wanted != told and self._steps.optional(set_smsc(wanted)) is not None:
            return wanted
        return told

    def _receive(self) -> str | None:
        """Storage and reports; returns the storage. Both refused: SMS is not ready yet (`SMS Ready` may come)."""
        while True:
            storage = self._steps.first_taken(self._quirks.storage)
            reports = self._steps.first_taken(self._quirks.reports)
            silent = self._steps.silent.intersection((*self._quirks.storage, *self._quirks.reports))
            if storage or reports or silent or not self._steps.wait():
                return storage.split('"')[1] if storage else None


def set_smsc(address: str) -> str:
    """The command that sets the service centre (27.005 § 3.3.1); the type says whether `address` is international."""
    return f'AT+CSCA="{address}",{145 if address.startswith("+") else 129}'
