"""The set-up of a modem, from an open port to ready to send (docs/reference/modem-facts.md, "After opening")."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from modem.at import answers
from modem.driver.dialogue.dialogue import Dialogue
from modem.driver.dialogue.network import registration
from modem.driver.dialogue.routing import Routing, indications
from modem.driver.dialogue.steps import Steps
from modem.driver.dialogue.storage import Storages
from modem.driver.dialogue.unlock import Commands, SimLock
from modem.driver.interface.protocol import Lack, ModemIdentity, PinKeeper
from modem.driver.models.quirks import Quirks
from modem.errors import CommandError, PinRequired, ProtocolError, PukRequired, SimError

# Until a modem has taken AT+CFUN=1, and until it is registered after that.
RADIO_TIMEOUT_S: Final = 30.0
NETWORK_S: Final = 20.0
NETWORK_LOOK_S: Final = 1.0
# What AT+CFUN? tells of a radio that works: other programs leave 5 and 7 behind, and models have more that are not 1.
_RADIO_ON: Final = ("", "1")
# (manufacturer, model) → what is known of such a modem.
FindQuirks = Callable[[str, str], Quirks]


@dataclass(slots=True)
class Session:
    """A modem between its set-up and the end of its port, with the findings of the set-up.

    `bearer` is the AT+CGSMS that was accepted, None if none was. `steps` know which commands this modem never answered:
    they are not given again.
    """

    dialogue: Dialogue
    identity: ModemIdentity
    quirks: Quirks
    bearer: str | None
    storages: Storages
    holds_link: bool
    routing: Routing
    steps: Steps


class SetUp:
    """One set-up of one modem. `before` contains its needs as known before it reports its model; `smsc` is the service
    centre to set, None for the card's own.
    """

    def __init__(
        self, dialogue: Dialogue, before: Quirks, find_quirks: FindQuirks, pin: PinKeeper | None, smsc: str | None
    ) -> None:
        self._dialogue = dialogue
        self._clock = dialogue.clock
        self._steps = Steps(dialogue)
        self._taken: set[str] = set()
        self._radio_was_off = False
        self._lacks: list[Lack] = []
        self._quirks = before
        dialogue.gap_s = before.gap_s
        self._find_quirks, self._pin, self._wanted_smsc = find_quirks, pin, smsc

    def run(self) -> Session:
        """Raises ModemTimeout, SimError, CommandError, ProtocolError, PortGone."""
        self._steps.synchronise(self._quirks.settle_s)
        self._dialogue.settle()
        self._quiet()
        was_locked = self._open_card()
        self._quiet()
        manufacturer, model, revision = self._names()
        self._quiet()
        imei = self._imei()
        imsi = answers.imsi(self._steps.optional("AT+CIMI") or ())
        iccid = self._iccid()
        card = iccid or imei
        if self._pin and was_locked != (card,):  # else the keeper knows already
            self._pin.accepted(card, *was_locked)
        for command in (*self._quirks.registration, 'AT+CSCS="GSM"', "AT+COPS=3,2"):
            self._steps.optional(command)
        in_pdu_mode = self._enter_pdu_mode()
        # 1 wants an acknowledgement of every text and report, and so does who knows neither.
        by_acknowledgement = self._steps.first_taken(("AT+CSMS=0", "AT+CSMS=1")) != "AT+CSMS=0"
        smsc = self._smsc()
        storage, routing = self._receive()
        if not in_pdu_mode and not self._enter_pdu_mode() and self._steps.optional("AT+CMGF?") is not None:
            raise CommandError("AT+CMGF")  # who does not even know that has no other mode (Nordic's nRF93M1)
        session = Session(
            dialogue=self._dialogue,
            identity=ModemIdentity(manufacturer, model, revision, imei, imsi, iccid, smsc, tuple(self._lacks)),
            quirks=self._quirks,
            bearer=self._steps.first_taken(self._quirks.bearer),
            storages=Storages(self._dialogue, storage),
            holds_link=self._steps.optional("AT+CMMS=0") is not None,
            routing=Routing(self._dialogue, routing, by_acknowledgement),
            steps=Steps(self._dialogue, self._steps.silent),
        )
        if self._radio_was_off:
            self._await_network(Steps(self._dialogue, self._steps.silent))
        return session

    def _quiet(self) -> None:
        """Commands that make the dialogue plain, until they are taken: before its PIN a modem may refuse all."""
        for command in ("ATE0", "AT+CMEE=1", *self._quirks.init):
            if command not in self._taken | self._steps.silent and self._steps.optional(command) is not None:
                self._taken.add(command)

    def _names(self) -> tuple[str, str, str]:
        """Maker, model and revision; what is known of such a modem is used from here on."""
        manufacturer, model, revision = (
            answers.text_line(self._steps.optional(command) or ()) for command in ("AT+CGMI", "AT+CGMM", "AT+CGMR")
        )
        if manufacturer or model:
            self._quirks = self._find_quirks(manufacturer, model)
            self._dialogue.gap_s = self._quirks.gap_s
        return manufacturer, model, revision

    # -- the card and the radio --------------------------------------------------------------------------------

    def _open_card(self) -> tuple[str, ...]:
        """Open the card and switch the radio on; the name under which the keeper knew the card, if it was locked."""
        lock = SimLock(self._steps, self._pin, self._while_locked)
        try:
            known_as = lock.open()
        except (SimError, CommandError) as error:
            # without the radio some modems give their card no power
            if isinstance(error, PinRequired | PukRequired) or not self._switch_on():
                raise
            known_as = lock.open()
        else:
            if self._switch_on():
                known_as = lock.open() or known_as
        if known_as is None:
            return ()
        self._steps.silent.clear()  # what it kept from us while it was locked, it may tell now
        return (known_as,)

    def _while_locked(self) -> tuple[str, Commands]:
        """EF_ICCID may be read before the PIN, and names the card to its keeper; some firmware requires the PIN
        first."""
        self._names()
        card = self._iccid() or self._steps.imei(self._quirks.imei) or ""
        return card, self._quirks.pin_counters

    def _switch_on(self) -> bool:
        """Switch the radio on where it is off (27.007 § 8.2); True when it was. Raises CommandError, ModemTimeout."""
        functionality = answers.value(self._steps.optional("AT+CFUN?") or (), "+CFUN") or ""
        if functionality.partition(",")[0].strip() in _RADIO_ON:
            return False
        self._steps.required("AT+CFUN=1", RADIO_TIMEOUT_S)
        self._radio_was_off = True
        return True

    def _await_network(self, steps: Steps) -> None:
        """A radio that was just switched on looks for its network: an antenna is not what it lacks."""
        deadline = self._clock.monotonic() + NETWORK_S
        while not registration(steps).registered and self._clock.monotonic() < deadline:
            self._dialogue.pause(NETWORK_LOOK_S)

    def _imei(self) -> str:
        if imei := self._steps.imei(self._quirks.imei):
            return imei
        raise ProtocolError("AT+CGSN gave no IMEI")

    def _iccid(self) -> str | None:
        return self._steps.first_told(self._quirks.iccid, answers.iccid)

    def _smsc(self) -> str | None:
        """The service centre's address, after it was set where it is not the wanted one."""
        lines = self._steps.optional("AT+CSCA?")
        wanted, own = self._wanted_smsc, answers.smsc(lines or ())
        if wanted and wanted != own and self._steps.optional(set_smsc(wanted)) is not None:
            return wanted
        if lines is not None and own is None:
            self._lacks.append("smsc")
        return own

    def _enter_pdu_mode(self) -> bool:
        """False when it refuses, which it may do until SMS is ready. Raises ModemTimeout."""
        try:
            self._steps.required("AT+CMGF=0")
        except CommandError:
            return False
        return True

    def _receive(self) -> tuple[str | None, str | None]:
        """The storage, and the AT+CNMI that was accepted. If both are refused, SMS is not ready yet (`SMS Ready` may
        come)."""
        while True:
            storage = self._steps.first_taken(self._quirks.storage)
            candidates = indications(answers.listed(self._steps.answer("AT+CNMI=?"), "+CNMI"))
            routing = self._steps.first_taken(candidates)
            silent = self._steps.silent.intersection((*self._quirks.storage, *candidates))
            if storage or routing or silent or not self._steps.wait():
                without = routing is None and self._steps.silent.isdisjoint(candidates)
                if without or (routing and routing.split(",")[3:4] == ["0"]):
                    self._lacks.append("reports")
                return storage.split('"')[1] if storage else None, routing


def set_smsc(address: str) -> str:
    """The command that sets the service centre (27.005 § 3.3.1); the type shows whether `address` is international."""
    return f'AT+CSCA="{address}",{145 if address.startswith("+") else 129}'
