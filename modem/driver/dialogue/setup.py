"""The set-up of a modem, from an open port to ready to send (docs/reference/modem-facts.md, "After opening"). The
network of a modem (3GPP TS 27.007 § 7.2, § 7.3, § 10.1.20), and what it answers to a code (§ 7.15). The IMEI of the
modem at a port, wanted before one of several ports is set up.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from modem.at import answers
from modem.at.engine import AtEngine
from modem.at.urcs import URCS
from modem.driver.base.interface import ImsState, Lack, ModemIdentity, PinKeeper, Registration
from modem.driver.base.port import Port
from modem.driver.dialogue.dialogue import Clock, Dialogue
from modem.driver.dialogue.kept import Kept
from modem.driver.dialogue.readiness import Messages
from modem.driver.dialogue.routing import Routing
from modem.driver.dialogue.steps import Steps
from modem.driver.dialogue.storage import Storages
from modem.driver.dialogue.unlock import Commands, SimLock, card_state
from modem.driver.models.quirks import DEFAULT_QUIRKS, Quirks
from modem.errors import CommandError, ModemTimeout, PinRequired, ProtocolError, PukRequired, SimError
from modem.sms.ussd import ASKS, FINISHED, packed_code, ussd_answer

USSD_TIMEOUT_S = 15.0
_USSD = "AT+CUSD"
_NAMES = ("CEREG", "CGREG", "CREG")
_OPERATOR = "AT+COPS?"
_SEARCHING, _DENIED = 2, 3
# Until a modem has taken AT+CFUN=1.
RADIO_TIMEOUT_S: Final = 30.0
# What AT+CFUN? tells of a radio that works: other programs leave 5 and 7 behind, and models have more that are not 1.
_RADIO_ON: Final = ("", "1")
# (manufacturer, model) → what is known of such a modem.
FindQuirks = Callable[[str, str], Quirks]


def registration(steps: Steps) -> Registration:
    """The best of CEREG, CGREG and CREG, with the operator as MCC and MNC. Raises ModemTimeout, PortGone."""
    names = [name for name in _NAMES if f"AT+{name}=2" not in steps.silent] or [_NAMES[-1]]
    statuses = [answers.network_status(steps.dialogue.attempt(f"AT+{name}?") or (), f"+{name}") for name in names]
    registered = [status for status in statuses if status and status.registered]
    if not registered:
        given = {status.status for status in statuses if status}
        why: Literal["denied", "searching", ""] = "searching" if _SEARCHING in given else ""
        return Registration(registered=False, unregistered="denied" if _DENIED in given else why)
    operator, access = answers.operator(steps.answer(_OPERATOR)) or (None, None)
    accesses = [status.access for status in registered] + [access]
    return Registration(
        registered=True,
        technology=answers.technology(next((value for value in accesses if value is not None), None)),
        operator=operator,
    )


def ims(steps: Steps) -> ImsState:
    """AT+CIREG?, and AT+CIREP? where it is not registered. Raises ModemTimeout, PortGone."""
    state = answers.ims(steps.answer("AT+CIREG?"))
    if state == "none" and answers.announces_ims(steps.answer("AT+CIREP?")) is False:
        return "unoffered"
    return state


def ussd(dialogue: Dialogue, code: str, packed: bool, heard: deque[str]) -> str:
    """The network's answer to `code`. It comes as a URC, which the reader puts into `heard`, or before the OK.

    It is requested in UCS2: in the GSM alphabet its é and € would be control characters. Raises CommandError if the
    network has no answer, ModemTimeout, PortGone.
    """
    if packed:
        return _answer(dialogue, packed_code(code), heard)
    if dialogue.attempt('AT+CSCS="UCS2"') is not None:
        try:
            return _answer(dialogue, code.encode("utf-16-be").hex().upper(), heard)
        except CommandError:
            pass  # it may know its own alphabet alone
        finally:
            dialogue.attempt('AT+CSCS="GSM"')
    return _answer(dialogue, code, heard)


def _answer(dialogue: Dialogue, code: str, heard: deque[str]) -> str:
    """As `ussd`, for an encoded code; a session that expects a further answer is ended."""
    heard.clear()
    give_up_at = dialogue.clock.monotonic() + USSD_TIMEOUT_S
    lines = dialogue.ask(f'{_USSD}=1,"{code}",15', USSD_TIMEOUT_S)
    answer = ussd_answer("\n".join(lines))
    while answer is None and (left_s := give_up_at - dialogue.clock.monotonic()) > 0:
        dialogue.pause(left_s)
        answer = ussd_answer(heard.popleft()) if heard else None
    if answer is None or answer[0] == ASKS:
        dialogue.attempt(f"{_USSD}=2")
    if answer is None:
        raise ModemTimeout(_USSD)
    kind, text = answer
    if kind not in (FINISHED, ASKS) and not text:
        raise CommandError(f"{_USSD} {kind}")
    return text


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
    kept: Kept


class SetUp:
    """One set-up. `before`: its needs before it says its model; `smsc`: the service centre, None for the card's."""

    def __init__(
        self, dialogue: Dialogue, before: Quirks, find_quirks: FindQuirks, pin: PinKeeper | None, smsc: str | None
    ) -> None:
        self._dialogue = dialogue
        self._steps = Steps(dialogue)
        self._taken = Counter[str]()
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
        imei = self._steps.imei(self._quirks.imei)
        if not imei:
            raise ProtocolError("AT+CGSN gave no IMEI")
        imsi = answers.imsi(self._steps.optional("AT+CIMI") or ())
        iccid = self._iccid()
        card = iccid or imei
        if self._pin and was_locked != (card,):  # else the keeper knows already
            self._pin.accepted(card, *was_locked)
        for command in (*self._quirks.registration, 'AT+CSCS="GSM"', "AT+COPS=3,2"):
            self._steps.optional(command)
        messages = Messages(self._steps, self._quirks)
        messages.start()
        smsc = self._smsc()
        if not messages.reports:
            self._lacks.append("reports")
        bearer = self._steps.first_taken(self._quirks.bearer)
        holds_link = self._steps.optional("AT+CMMS=0") is not None
        return Session(
            dialogue=self._dialogue,
            identity=ModemIdentity(manufacturer, model, revision, imei, imsi, iccid, smsc, tuple(self._lacks)),
            quirks=self._quirks,
            bearer=bearer,
            storages=Storages(self._dialogue, messages.storage),
            holds_link=holds_link,
            routing=Routing(self._dialogue, messages.routing, messages.by_acknowledgement),
            steps=Steps(self._dialogue, self._steps.silent),
            kept=messages.kept(),
        )

    def _quiet(self) -> None:
        """Commands that make the dialogue plain, until they are taken: before its PIN a modem may refuse all."""
        times = Counter[str]()
        for command in ("ATE0", "AT+CMEE=1", *self._quirks.init):
            times[command] += 1  # one that stands twice is given twice
            if times[command] <= self._taken[command] or command in self._steps.silent:
                continue
            if self._steps.optional(command) is not None:
                self._taken[command] += 1

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
        """EF_ICCID may be read before the PIN, and names the card to its keeper."""
        self._names()
        card = self._iccid() or self._steps.imei(self._quirks.imei) or ""
        return card, self._quirks.pin_counters

    def _switch_on(self) -> bool:
        """Switch the radio on where it is off (27.007 § 8.2); True when it was. Raises CommandError, ModemTimeout."""
        functionality = answers.value(self._steps.optional("AT+CFUN?") or (), "+CFUN") or ""
        if functionality.partition(",")[0].strip() in _RADIO_ON:
            return False
        self._steps.required("AT+CFUN=1", RADIO_TIMEOUT_S)
        return True

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


def set_smsc(address: str) -> str:
    """The command that sets the service centre (27.005 § 3.3.1); the type shows whether `address` is international."""
    return f'AT+CSCA="{address}",{145 if address.startswith("+") else 129}'


def introduction(device: str, settle_s: float = 0.0, clock: Clock | None = None) -> str:
    """The IMEI of the modem at `device` (27.007 § 5.4), which is opened and closed again. A silent port takes five
    seconds, and `settle_s` more.

    Raises PortError, ModemTimeout (no AT port, or not yet), CommandError, PinRequired (it reports that only once its
    card is open), ProtocolError (no modem: it reports no model, or no IMEI).
    """
    engine = AtEngine((*DEFAULT_QUIRKS.urcs, *URCS))
    dialogue = Dialogue(Port(device), engine, clock or Clock(), lambda heard: None, lambda direction, data: None)
    try:
        steps = Steps(dialogue)
        steps.synchronise(settle_s)
        try:
            steps.optional("ATE0")
            if not answers.text_line(steps.optional("AT+CGMM") or ()):
                raise ProtocolError("AT+CGMM gave no model")
            imei = steps.imei(DEFAULT_QUIRKS.imei)
            if not imei:
                raise ProtocolError("AT+CGSN gave no IMEI")
            return imei
        except ProtocolError as unknown:
            if _wants_pin(steps):
                raise PinRequired("it tells nothing before its PIN") from unknown
            raise
    finally:
        dialogue.close()


def _wants_pin(steps: Steps) -> bool:
    try:
        return card_state(steps) == "SIM PIN"
    except (CommandError, SimError, ModemTimeout, ProtocolError):
        return False
